"""An unknown header mapped by meaning: what people and tools call our columns, in the languages of our users."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files

from kpi_core.documents.yaml_file import read_text
from kpi_core.frozen_dataclass import frozen
from kpi_core.metrics import Model

_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|（[^（）]*）")
_REPUBLIC = re.compile("^(?:中華)?民國年?(?=.)")
"""Before the name of a column of days: how its years are counted."""
_MANY = re.compile(
    r"[(\[](?:(?:단위|單位|単位|unit) ?:? ?)?(?:[십백천千百萬万만億亿억兆조]+ ?(?:[원元円圓엔]|달러|美元)?"
    r"|(?:in )?(?:(?:[a-z]{0,2}[$€£₩]|[a-z]{3} ) ?)?(?:thousands?|millions?|tausend|tsd|mio|mn|[km]|1?,?000)\.?"
    r"(?: ?(?:[a-z]{0,2}[$€£₩]|[a-z]{3,4}))?|t ?(?:€|eur))[)\]]"
)
"""Brackets with a unit of thousands and more."""
_NUMBERS = frozenset({"integer", "decimal"})
_FEW = 2
_ONE_OF = {
    "ad_performance": frozenset({"impressions", "clicks", "spend"}),
    "traffic": frozenset({"sessions", "users", "new_users", "engaged_sessions"}),
}
"""A table without any of these is another's: sales by day have results and their value, but no ads and no visits."""
_OF_BANKS = frozenset([
    "balance", "runningbalance", "accountbalance", "iban", "partneriban", "saldo", "kontostand", "잔액", "거래후잔액",
    "餘額", "帳戶餘額", "余额", "残高", "差引残高", "cardmember", "accountnumber",
])  # fmt: skip
"""What a bank writes beside its amounts, which come in and go out: no costs before somebody says so."""
_STOCKS = frozenset({"social_accounts"})
"""Tables of what there is: a day and Followers alone may as well be those of the day."""
_TOLD_BY = {"ad_performance": "spend", "email_campaigns": "unique_opens"}
"""Without this column somebody has to confirm the table: impressions alone are those of a search engine, too, and what
was sent and arrived are text messages and those of a messenger as well."""


@frozen
class Meaning:
    """A table that a header fills.

    `columns`: model column -> header as written. `doubts`: of those the ones that only somebody can confirm, because
    the name is a vague one or several headers have it.
    """

    table: str
    columns: Mapping[str, str]
    doubts: tuple[str, ...] = ()


def meaning_of(header: Sequence[str], models: Mapping[str, Model]) -> Meaning | None:
    """The table that a header fills best; None where it has the needed columns of none, or of two equally well."""
    fits = sorted(
        (fit for table, names in _names().items() if table in models and (fit := _fit(header, models[table], names))),
        key=_weight,
        reverse=True,
    )
    if not fits or (len(fits) > 1 and _weight(fits[0]) == _weight(fits[1])):
        return None
    return fits[0]


def plain_name(header: str) -> str:
    """A header as names are compared: letters and digits alone, without units in brackets.

    A unit of many stays in it: 금액(천원) is no amount in won.
    """
    text = unicodedata.normalize("NFKC", header).casefold()
    if _MANY.search(text):
        return "".join(sign for sign in text if sign.isalnum())
    text = _REPUBLIC.sub("", text.strip())
    return "".join(sign for sign in (_BRACKETS.sub("", text).strip() or text) if sign.isalnum())


def is_name(header: str) -> bool:
    """Whether some table has a column of this name."""
    return plain_name(header) in _all_names()


def strong_names(table: str, column: str) -> frozenset[str]:
    """The plain names that mean a column of a table and nothing else; none for a column that has none."""
    return _names().get(table, {}).get(column, (frozenset(), frozenset()))[0]


def is_name_of(table: str, header: str) -> bool:
    """Whether people call a column of a table so, brackets and all."""
    text = "".join(sign for sign in unicodedata.normalize("NFKC", header).casefold() if sign.isalnum())
    return any(text in strong for strong, _weak in _names().get(table, {}).values())


@cache
def wide_words() -> frozenset[str]:
    """The words of two letters and more, none of them in ASCII, of which the names of columns are made."""
    names = (str(name) for columns in _written().values() for each in columns.values() for kind in each.values()
             for name in kind)  # fmt: skip
    words = (word for name in names for word in re.split(r"[\x00-\x3f]+", name))
    return frozenset(word for word in words if len(word) > 1 and min(word) > "\x7f")


def _weight(fit: Meaning) -> tuple[int, int]:
    return len(fit.columns) - len(fit.doubts), len(fit.columns)


def _fit(
    header: Sequence[str], model: Model, names: Mapping[str, tuple[frozenset[str], frozenset[str]]]
) -> Meaning | None:
    """How the table's columns are called in a header; None where a needed one, or every amount, is missing."""
    columns = dict(_candidates(header, model, names))
    needed = {name for name, column in model.columns.items() if column.required or name in model.key}
    if not needed <= columns.keys():
        return None
    amounts = {name for name, column in model.columns.items() if column.type in _NUMBERS}
    if amounts and not amounts & columns.keys() and not model.key:
        return None
    if not _ONE_OF.get(model.name, columns.keys()) & columns.keys():
        return None
    is_told = _TOLD_BY.get(model.name, next(iter(columns))) in columns and not _is_anybodys(columns, model)
    is_told &= model.name != "costs" or _OF_BANKS.isdisjoint(map(plain_name, header))
    doubts = tuple(
        name
        for name, headers in columns.items()
        if not is_told or len(headers) > 1 or not _is_strong(headers[0], names[name])
    )
    return Meaning(model.name, {name: headers[0] for name, headers in columns.items()}, doubts)


def _is_anybodys(columns: Mapping[str, Sequence[str]], model: Model) -> bool:
    """Whether a day and an amount are all there is, by names that several tables have: a bank's list has them, too."""
    others = [headers[0] for name, headers in columns.items() if name != model.time]
    of_many = model.name in _STOCKS or all(_tables_with()[plain_name(header)] > 1 for header in others)
    return len(columns) <= _FEW and of_many


@cache
def _tables_with() -> Counter[str]:
    """By strong name, how many tables have it."""
    return Counter(
        name for columns in _names().values() for name in {each for strong, _ in columns.values() for each in strong}
    )


@cache
def _all_names() -> frozenset[str]:
    return frozenset(
        name for columns in _names().values() for pair in columns.values() for names in pair for name in names
    )


def _candidates(
    header: Sequence[str], model: Model, names: Mapping[str, tuple[frozenset[str], frozenset[str]]]
) -> Iterator[tuple[str, list[str]]]:
    """Each column of the table with the headers that may be it: those of strong names, else those of weak ones."""
    taken: set[str] = set()
    for strength in (0, 1):
        for column in model.columns:
            if column not in names or column in taken:
                continue
            headers = list(dict.fromkeys(text for text in header if plain_name(text) in names[column][strength]))
            if headers:
                taken.add(column)
                yield column, headers


def _is_strong(header: str, names: tuple[frozenset[str], frozenset[str]]) -> bool:
    return plain_name(header) in names[0]


@cache
def _names() -> Mapping[str, Mapping[str, tuple[frozenset[str], frozenset[str]]]]:
    """By table and column: the strong names, the column's own among them, and the weak ones."""
    return {
        table: {
            column: (
                frozenset(map(plain_name, [column, *map(str, names["strong"])])),
                frozenset(plain_name(str(name)) for name in names.get("weak", ())),
            )
            for column, names in columns.items()
        }
        for table, columns in _written().items()
    }


@cache
def _written() -> Mapping[str, Mapping[str, Mapping[str, list[object]]]]:
    """By table and column: the names as they are written, strong and weak."""
    text = (files("kpi_core") / "layouts" / "column_names.yaml").read_text("utf-8")
    tables = read_text(text, "column_names.yaml").value
    assert isinstance(tables, dict)
    return tables
