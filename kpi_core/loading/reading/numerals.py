"""Numbers as people write them: 1,488.69 and 1.488,69, ₩1,000, (12), 5-, 12 %, 3억 2,000만.

The point and the comma say opposite things in different countries, so a column is read by what it proves: 12,50 can
only have a decimal comma, 1,000.50 only a point. 4.750 alone may be either: it is asked for, never guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from typing import Any, Literal

from kpi_core.frozen_dataclass import frozen
from kpi_core.loading.reading.layers import Reading, WrittenBy, beside
from kpi_core.loading.reading.quick_forms import QuickForm, first_texts, is_quick_sql, quick_amounts, quick_sql
from kpi_core.loading.reading.texts import matches, plain_sql, something_sql
from kpi_core.metrics import ColumnType
from kpi_core.sql.quoting import literal
from kpi_core.sql.types import WIDE_DECIMAL

Decimal = Literal["", ".", ","]
"""The decimal sign of a column; empty where nothing proves one."""

_POINTED = r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?"
_is_pointed = re.compile(_POINTED, re.ASCII).fullmatch
_OPEN_POINT = r"[+-]?[1-9]\d{0,2}\.\d{3}"

_EXPONENT = r"[eE][+-]?\d+"
_SPACED = r"[1-9]\d{0,2}(?:[ ']\d{3})+"
_NEUTRAL = rf"\d+|{_SPACED}|\d+{_EXPONENT}"
_OPEN = r"[1-9]\d{0,2}[.,]\d{3}"
_POINT = (
    rf"\d+\.\d*|\.\d+|[1-9]\d{{0,2}}(?:,\d{{3}})+(?:\.\d*)?|[1-9]\d?(?:,\d{{2}})+,\d{{3}}(?:\.\d*)?"
    rf"|{_SPACED}\.\d+|(?:\d+\.\d*|\.\d+){_EXPONENT}"
)
_COMMA = rf"(?:0|[1-9]\d*),\d+|,\d+|[1-9]\d{{0,2}}(?:\.\d{{3}})+(?:,\d+)?|{_SPACED},\d+|(?:\d+,\d+|,\d+){_EXPONENT}"

_FACTORS = {"조": 12, "兆": 12, "억": 8, "億": 8, "亿": 8, "만": 4, "萬": 4, "万": 4}
_SMALL_FACTORS = {"천": 3, "千": 3, "백": 2, "百": 2}
_LARGE, _SMALL = "".join(_FACTORS), "".join(_SMALL_FACTORS)
_FIGURE = r"[0-9.,](?:[0-9.,' ]*[0-9.,])?"
_PART = rf"{_FIGURE} ?[{_SMALL}]?"
_COUNTED = rf"(?:{_PART}[조兆])? ?(?:{_PART}[억億亿])? ?(?:{_PART}[만萬万])? ?(?:{_PART})?"
_PARTS = rf"{_PART}[{_LARGE}]?"

_SIGNS = "$€£¥₩₫₹฿₽₺₴₱₪₦₭₮₡₲₵₸₼₾"
_DOLLARS = ("US", "NT", "HK", "AU", "CA", "NZ", "SG", "MX", "A", "C", "S", "R", "CN", "JP")
_MEANT = {"원": "KRW", "₩": "KRW", "€": "EUR", "£": "GBP", "円": "JPY", "US$": "USD", "NT$": "TWD", "HK$": "HKD"}
_UNITS = _MEANT | {"NTD": "TWD", "RMB": "CNY"}
_DOLLAR_MARKS = "USD TWD HKD AUD CAD NZD SGD MXN A$ C$ S$ R$ AU$ CA$ NZ$ SG$ MX$"
_SHARED_SIGNS = {
    "$": frozenset(_DOLLAR_MARKS.split()),
    "¥": frozenset({"JPY", "CNY", "CN¥", "JP¥"}),
    "元": frozenset({"TWD", "CNY", "HKD", "CN¥", "$"}),
    "圓": frozenset({"TWD", "HKD", "JPY", "$"}),
    "圆": frozenset({"CNY", "CN¥", "¥"}),
}
"""Signs of several currencies, with the codes and signs that may mean the same one."""
WHOLE_UNITS = ("원", "₩", "KRW", "円", "¥", "JPY", "JP¥", "NT$", "TWD", "NTD", "元", "圓", "₫", "Đ", "VND", "VNĐ")
"""Of these currencies nobody writes three digits after a decimal sign: 22,000원 is twenty-two thousand. Upper case."""
WHOLE_CURRENCIES = frozenset({"KRW", "JPY", "TWD", "VND", "IDR", "HUF", "CLP"})
"""The same, and those whose signs do not say it, by their ISO codes."""
_IN_BRACKETS = re.compile(r"[(（\[]([^()（）\[\]]{1,6})[)）\]]")
_WORDS = ("원", "元", "圓", "圆", "円", "đ", "VNĐ", "kr", "zł", "Kč", "Ft", "Rp", "RM", "Fr")
_CODES = (
    "AED ARS AUD BGN BRL CAD CHF CLP CNY COP CZK DKK EGP EUR GBP HKD HUF IDR ILS INR JPY KES KRW KWD KZT MAD MXN MYR "
    "NGN NOK NTD NZD PEN PHP PLN QAR RMB RON RUB SAR SEK SGD THB TRY TWD UAH USD UYU VND ZAR"
)
"""In capitals only, and no code of old: BAD 0 is no amount."""
_CURRENCY = f"(?:{'|'.join([*(f'{letters}[$¥]' for letters in _DOLLARS), *_WORDS, *_CODES.split()])}|[{_SIGNS}])"


def _shape() -> str:
    """sign, currency, sign, figures, percent, currency, sign; each in its group, brackets around."""
    figures = rf"[0-9.,](?:[0-9.,' {_LARGE}{_SMALL}]*[0-9.,{_LARGE}{_SMALL}])?(?:{_EXPONENT})?"
    return rf"^'?(\()? ?([-+])? ?({_CURRENCY})? ?([-+])? ?({figures}) ?(%)? ?({_CURRENCY})? ?([-+])? ?(\))?$"


_GROUPS = ("opens", "sign", "before", "inner", "figures", "percent", "after", "behind", "closes")


def is_in_whole_units(header: str) -> bool:
    """Whether a header says that its amounts are in a currency without three places: 금액(원)."""
    units = (unit.strip().upper() for unit in _IN_BRACKETS.findall(header))
    return any(unit in WHOLE_UNITS for unit in units)


@frozen
class NumberColumn:
    """A text column that fills a number of the model: its SQL name, and a name of its own for what is worked out."""

    name: str
    column: str
    to: ColumnType
    whole_money: bool = False
    """Whether they are amounts in a currency that has no three places."""


@frozen
class NumberStyle:
    """How the numbers of a column are written.

    `plain`: all as a database writes them. `percent` says whether values with a percent sign, and whether bare ones are
    read: where a column has both, the rarer ones are not. `counted`: some have 만 or 億. `one_currency`: their signs
    do not contradict one another.
    """

    decimal: Decimal = "."
    plain: bool = True
    percent: bool = True
    bare: bool = True
    counted: bool = False
    one_currency: bool = True
    is_presumed: bool = True
    """Whether 1.000 won is a thousand: not where another value of the column has the point for its decimals."""
    proven: Decimal = ""
    """The decimal sign that its values prove, or presume."""
    says_nothing: bool = False
    """Whether no value says what the decimal sign is, so that another column of the same writer may."""
    quick: tuple[QuickForm, ...] = ()
    """Usual forms that need no taking apart."""


def number_styles(
    columns: Sequence[NumberColumn], rows: str, run: Any, declared: Decimal, written_by: WrittenBy
) -> dict[str, NumberStyle]:
    """The style of each column by its name. `rows` is a query, `run` gives the rows of SQL."""
    if not columns:
        return {}
    first = {column.name: first_texts(column.column, rows, run) for column in columns}
    maybe = [column for column in columns if all(map(_is_pointed, first[column.name]))]
    styles: dict[str, NumberStyle] = {}
    if maybe:
        texts = [tuple(f"{something_sql(column.column)} AS {column.name}_text" for column in maybe)]
        looks = ", ".join(map(_first_look, maybe))
        counts = run(f"SELECT {looks} FROM ({beside(rows, texts)})")[0]  # noqa: S608
        styles = {
            column.name: NumberStyle(proven="." if look["point"] else "")
            for column, look in zip(maybe, counts, strict=True)
            if _is_plain(column, look, declared, written_by)
        }
    others = [column for column in columns if column.name not in styles]
    return styles | {
        column.name: _surveyed(column, rows, run, declared, written_by, first[column.name]) for column in others
    }


def of_one_writer(styles: Mapping[str, NumberStyle]) -> dict[str, NumberStyle]:
    """The styles of a file that one tool wrote: the sign that its columns agree on holds for those that say nothing."""
    signs: set[Decimal] = {style.proven for style in styles.values() if style.proven}
    if len(signs) != 1 or any(not (style.decimal or style.proven or style.says_nothing) for style in styles.values()):
        return dict(styles)
    sign = signs.pop()
    return {name: replace(style, decimal=sign) if style.says_nothing else style for name, style in styles.items()}


def _first_look(column: NumberColumn) -> str:
    """Of the values: how many are not plain, how many 4.750, how many prove the point."""
    value = f"{column.name}_text"
    plain, open_ = matches(value, _POINTED), matches(value, _OPEN_POINT)
    return f"""{{
        'others': count(*) FILTER ({value} IS NOT NULL AND NOT {plain}), 'open': count(*) FILTER ({open_}),
        'point': count(*) FILTER ({plain} AND contains({value}, '.') AND NOT {open_})}}"""


def _is_plain(column: NumberColumn, look: Mapping[str, int], declared: Decimal, written_by: WrittenBy) -> bool:
    if look["others"]:
        return False
    if not look["open"] and declared != ",":
        return True
    if column.whole_money and written_by == "people":
        return False
    if written_by == "database" or declared == ".":
        return True
    return bool(look["point"]) and declared != "," and column.to != "integer" and written_by == "people"


def _surveyed(  # noqa: PLR0913, PLR0917  (a column, where it stands, and what is known of it)
    column: NumberColumn, rows: str, run: Any, declared: Decimal, written_by: WrittenBy, texts: Sequence[str]
) -> NumberStyle:
    quick, sign, mark = quick_amounts(
        texts if written_by == "people" else [],
        re.compile(_CURRENCY),
        declared,
        lambda unit: column.whole_money or unit.upper() in WHOLE_UNITS,
    )
    text = something_sql(column.column)
    is_quick = is_quick_sql(text, quick)
    others = f"SELECT * FROM ({rows}) WHERE NOT ({is_quick})"  # noqa: S608
    proofs, percent, plain, counted, marks, all_others = _look_at(column, others, run, written_by)
    if quick and all_others:
        figures = f"regexp_extract({text}, '[0-9][0-9.,]*')"
        signed, bare = (f"{is_quick} AND regexp_matches({figures}, {literal(sign_)})" for sign_ in ("[.,]", "[1-9]"))
        presumed = f"{is_quick} AND {matches(figures, _OPEN)}"
        sql = f"SELECT count(*) FILTER ({signed}), count(*) FILTER ({presumed}), count(*) FILTER ({bare}) FROM ({rows})"  # noqa: S608
        all_signed, all_presumed, bares = run(sql)[0]
        proofs = proofs.more(sign, all_signed - all_presumed, all_presumed)
        plain += bares
    one_currency = _is_one_currency([*(marks or ()), *([mark.upper()] if quick else [])])
    proven: Decimal = proofs.decimal if proofs != _Proofs() else _proven_by(quick, sign, texts)
    return NumberStyle(
        decimal=declared or proofs.decimal,
        plain=False,
        percent=not plain or percent > plain,
        bare=not percent or plain > percent,
        counted=bool(counted),
        one_currency=one_currency,
        is_presumed=proofs.is_presumed,
        proven=proven,
        says_nothing=not (declared or proven) and proofs == _Proofs(),
        quick=quick if one_currency and proofs.is_presumed and not percent else (),
    )


def _proven_by(quick: Sequence[QuickForm], sign: str, texts: Sequence[str]) -> Decimal:
    """The decimal sign of usual forms, where one of the first texts has a point or a comma."""
    is_said = any(re.fullmatch(form.pattern, text) and re.search("[.,]", text) for form in quick for text in texts)
    return "" if not is_said else "," if sign == "," else "."


@frozen
class _Proofs:
    """How many values of a column prove the point or the comma, and of how many it is only presumed."""

    point: int = 0
    comma: int = 0
    presumed_point: int = 0
    presumed_comma: int = 0

    @property
    def is_presumed(self) -> bool:
        against_comma, against_point = self.point + self.presumed_point, self.comma + self.presumed_comma
        return not (self.presumed_comma and against_comma) and not (self.presumed_point and against_point)

    @property
    def decimal(self) -> Decimal:
        point, comma = self.point + self.presumed_point, self.comma + self.presumed_comma
        return "." if point and not comma else "," if comma and not point else ""

    def more(self, sign: str, proven: int, presumed: int) -> _Proofs:
        """With further values of one decimal sign."""
        if sign == ".":
            return replace(self, point=self.point + proven, presumed_point=self.presumed_point + presumed)
        return replace(self, comma=self.comma + proven, presumed_comma=self.presumed_comma + presumed)


def _look_at(
    column: NumberColumn, rows: str, run: Any, written_by: WrittenBy
) -> tuple[_Proofs, int, int, int, list[str] | None, int]:
    """What values prove; how many have a percent sign, none, words; their currencies; all of them."""
    alias = column.name
    # Worked out once: DuckDB would take the texts apart anew for each of these.
    sql = f"""
        WITH taken AS MATERIALIZED (
            SELECT {alias}_kind AS kind, {alias}.percent AS percent, {alias}.figures AS figures,
                {alias}.before AS before, {alias}.after AS after
            FROM ({beside(rows, _taken_apart(column, written_by, ()))}) WHERE {alias}.figures <> '')
        SELECT [count(*) FILTER (kind = 'p'), count(*) FILTER (kind = 'c'), count(*) FILTER (kind = 'q'),
                count(*) FILTER (kind = 'd')],
            count(*) FILTER (percent <> ''),
            count(*) FILTER (percent = '' AND regexp_matches(figures, '[1-9]')),
            count(*) FILTER (regexp_matches(figures, '[{_LARGE}{_SMALL}]')),
            list(DISTINCT upper(before)) || list(DISTINCT upper(after)), count(*)
        FROM taken"""  # noqa: S608
    proofs, *counts = run(sql)[0]
    return (_Proofs(*proofs), *counts)


def _is_one_currency(marks: Iterable[str]) -> bool:
    """Whether signs and codes may all mean one currency."""
    named = sorted({_UNITS.get(mark, mark) for mark in marks if mark})
    return all(
        right in _SHARED_SIGNS.get(left, ()) or left in _SHARED_SIGNS.get(right, ())
        for left, right in combinations(named, 2)
    )


def number_reading(column: NumberColumn, style: NumberStyle, declared: Decimal, written_by: WrittenBy) -> Reading:
    """How a text column is read as decimals or integers."""
    if style.plain:
        value = f"{column.name}_text"
        cast = f"CASE WHEN {matches(value, _POINTED)} THEN {_as_type(value, column.to)} END"
        return Reading(cast, f"{value} IS NOT NULL", layers=((f"{something_sql(column.column)} AS {value}",),))
    alias = column.name
    amount = (
        _counted_amount(alias, style, declared)
        if style.counted
        else _amount(f"{alias}.figures", f"{alias}_kind", style, declared)
    )
    shifted = (
        f"CASE WHEN {alias}.percent <> '' THEN TRY_CAST({alias}_amount AS DECIMAL(28,8)) * CAST(0.01 AS DECIMAL(3,2)) "
        f"ELSE {alias}_amount END"
    )
    negative = f"(concat({alias}.sign, {alias}.inner, {alias}.behind) = '-' OR {alias}.opens <> '')"
    signed = f"CASE WHEN {negative} THEN -({shifted}) ELSE {shifted} END"
    value = f"""CASE WHEN {alias}_quick IS NOT NULL THEN {_as_type(f"{alias}_quick", column.to)}
        WHEN {_is_well_formed(alias, style)} THEN {_as_type(signed, column.to)} END"""
    layers = (*_taken_apart(column, written_by, style.quick), (f"{amount} AS {alias}_amount",))
    doubtful = "'o'" if style.is_presumed else "'o', 'q', 'd'"
    undecided = f"coalesce({alias}_kind IN ({doubtful}), false)" if not style.decimal else "false"
    return Reading(value, f"{alias}_text IS NOT NULL", undecided, layers)


def _is_well_formed(alias: str, style: NumberStyle) -> str:
    rules = [
        f"{alias}.figures <> ''",
        f"length(concat({alias}.sign, {alias}.inner, {alias}.behind)) <= 1",
        f"({alias}.opens <> '') = ({alias}.closes <> '')",
        f"({alias}.opens = '' OR concat({alias}.sign, {alias}.inner, {alias}.behind) = '')",
    ]
    if not style.percent:
        rules.append(f"{alias}.percent = ''")
    if not style.bare:
        rules.append(f"({alias}.percent <> '' OR NOT regexp_matches({alias}.figures, '[1-9]'))")
    if not style.one_currency:
        rules.append(f"concat({alias}.before, {alias}.after) = ''")
    return " AND ".join(rules)


def _taken_apart(
    column: NumberColumn, written_by: WrittenBy, quick: Sequence[QuickForm]
) -> tuple[tuple[str, ...], ...]:
    """The text, its parts, and what it proves: columns named after the column's own name."""
    alias, groups = column.name, ", ".join(map(literal, _GROUPS))
    whole = f"regexp_extract({plain_sql(f'{alias}_text')}, {literal(_shape())}, [{groups}])"
    sign = f"CASE WHEN {alias}_text[1] = '-' THEN '-' ELSE '' END"
    parts = dict.fromkeys(_GROUPS, "''") | {"sign": sign, "figures": f"ltrim({alias}_text, '-')"}
    simple = ", ".join(f"{group} := {part}" for group, part in parts.items())
    # Groups of a pattern cost fifty times as much as a look.
    apart = f"CASE WHEN {matches(f'{alias}_text', '-?[0-9][0-9.,]*')} THEN struct_pack({simple}) ELSE {whole} END"
    return (
        (f"{something_sql(column.column)} AS {alias}_text",),
        (f"{quick_sql(f'{alias}_text', quick, 'DECIMAL(38,10)')} AS {alias}_quick",),
        (f"CASE WHEN {alias}_quick IS NULL THEN {apart} END AS {alias}",),
        (f"{_kind_of_all(column, written_by)} AS {alias}_kind",),
    )


def _kind_of_all(column: NumberColumn, written_by: WrittenBy) -> str:
    """What the figures prove: n nothing (1000), p the point, c the comma, o one of both, m a machine's point; q the
    point and d the comma where no other value says otherwise (1,000 won, 1.000 won).
    """
    alias, to = column.name, column.to
    figures = f"{alias}.figures"
    parts = f"list_transform(regexp_extract_all({figures}, {literal(_PARTS)}), lambda part: {_kind('part', to, '')})"
    counted = f"regexp_matches({figures}, '[{_LARGE}{_SMALL}]')"
    units = ", ".join(map(literal, WHOLE_UNITS))
    is_money = f"(upper({alias}.before) IN ({units}) OR upper({alias}.after) IN ({units}))"
    if column.whole_money and written_by != "database":
        # A number of a cell never comes with a comma: whoever wrote one wrote text.
        is_text = "true" if written_by == "people" else f"contains({figures}, ',')"
        is_money = f"({is_money} OR (concat({alias}.before, {alias}.after) = '' AND {is_text}))"
    thousands = f"CASE WHEN contains({figures}, ',') THEN 'q' ELSE 'd' END"
    # Of 2,478만 5,950원 the last part is no fraction of a won.
    rest = f"regexp_extract({figures}, '[0-9.,]+$')"
    rest_proves = f"{counted} AND {matches(rest, _OPEN)} AND {matches(figures, _COUNTED)} AND {_strictest(parts)} = 'o'"
    return f"""CASE WHEN {is_money} AND ({matches(figures, _OPEN)} OR ({rest_proves})) THEN {thousands}
        WHEN NOT {counted} THEN {_kind(figures, to, written_by)}
        WHEN {matches(figures, _COUNTED)} THEN {_strictest(parts)} END"""


def _strictest(kinds: str) -> str:
    point, comma = (f"list_has_any({kinds}, ['{first}', '{second}'])" for first, second in ("pq", "cd"))
    cases = " ".join(f"WHEN list_contains({kinds}, '{sign}') THEN '{sign}'" for sign in "pcqdo")
    return f"CASE WHEN list_contains({kinds}, '') OR ({point} AND {comma}) THEN '' {cases} ELSE 'n' END"


def _kind(figures: str, to: ColumnType, written_by: str) -> str:
    bare = f"trim(regexp_replace({figures}, '[ {_LARGE}{_SMALL}]+$', ''))"
    cases = [f"WHEN {matches(bare, _NEUTRAL)} THEN 'n'"]
    if written_by == "database":
        cases.append(f"WHEN {matches(bare, _OPEN_POINT)} THEN 'm'")
    if written_by in {"database", "cells"}:
        # A cell's number never looks like 4.750 (`sources/cell_texts.py`): what does is a text that somebody typed.
        cases.append(f"WHEN {matches(bare, _POINTED)} AND NOT {matches(bare, _OPEN_POINT)} THEN 'm'")
    if to == "integer" and written_by != "database":
        # No count is 1.234: with a fraction it can only be a thousand and more. 1.234만 may be one.
        cases.append(
            f"WHEN {matches(figures, _OPEN)} AND NOT ends_with({bare}, '000') "
            f"THEN CASE WHEN contains({bare}, '.') THEN 'd' ELSE 'q' END"
        )
    cases += [
        f"WHEN {matches(bare, form)} THEN '{kind}'" for form, kind in ((_OPEN, "o"), (_POINT, "p"), (_COMMA, "c"))
    ]
    return f"CASE {' '.join(cases)} ELSE '' END"


def _amount(figures: str, kind: str, style: NumberStyle, declared: Decimal) -> str:
    """Figures as DECIMAL(38,10), read by what they prove, else by the style of the column."""
    point = f"TRY_CAST(regexp_replace({figures}, '[ '',]', '', 'g') AS DECIMAL(38,10))"
    comma = f"TRY_CAST(replace(regexp_replace({figures}, '[ ''.]', '', 'g'), ',', '.') AS DECIMAL(38,10))"
    open_ = {".": point, ",": comma}.get(style.decimal, "NULL")
    presumed = {"q": point, "d": comma} if style.is_presumed else {"q": open_, "d": open_}
    readings = {"n": point, "m": point, "o": open_, "p": point, "c": comma} | presumed
    if declared:
        against = ("c", "d") if declared == "." else ("p", "q")
        readings |= dict.fromkeys(against if style.is_presumed else against[:1], "NULL")
    cases = " ".join(f"WHEN '{sign}' THEN {sql}" for sign, sql in readings.items())
    return f"CASE {kind} {cases} END"


def _counted_amount(alias: str, style: NumberStyle, declared: Decimal) -> str:
    """Figures with 만, 億 and their like: each part times its factor, added up."""
    figures = f"{alias}.figures"
    bare = f"trim(regexp_replace(part, '[ {_LARGE}{_SMALL}]+$', ''))"
    kind = f"CASE WHEN {matches(bare, _NEUTRAL)} THEN 'n' ELSE {alias}_kind END"
    amount = f"TRY_CAST({_amount(bare, kind, style, declared)} AS DECIMAL(20,6))"
    tens = " + ".join(f"CASE {_tens(factors)} ELSE 0 END" for factors in (_FACTORS, _SMALL_FACTORS))
    factor = f"CAST('1' || repeat('0', {tens}) AS DECIMAL(16,0))"
    parts = (
        f"list_transform(regexp_extract_all({figures}, {literal(_PARTS)}), "
        f"lambda part: CAST({amount} * {factor} AS DECIMAL(36,6)))"
    )
    whole = f"CASE WHEN list_count({parts}) = len({parts}) THEN list_sum({parts}) END"
    counted = f"regexp_matches({figures}, '[{_LARGE}{_SMALL}]')"
    return f"""CASE WHEN {alias}_kind = '' THEN NULL WHEN {counted} THEN TRY_CAST({whole} AS DECIMAL(38,10))
        ELSE {_amount(figures, f"{alias}_kind", style, declared)} END"""


def _tens(factors: Mapping[str, int]) -> str:
    return " ".join(f"WHEN contains(part, '{sign}') THEN {tens}" for sign, tens in factors.items())


def _as_type(value: str, to: ColumnType) -> str:
    if to == "integer":
        number = f"TRY_CAST({value} AS DECIMAL(38,10))"
        return f"CASE WHEN {number} = trunc({number}) THEN TRY_CAST({number} AS BIGINT) END"
    return f"TRY_CAST({value} AS {WIDE_DECIMAL})"
