# ruff: noqa: S608  (SQL is put together from quoted names and numbers of our own)
"""The amounts of `typed` become the firm's: converted at the day's rate, or their rows are left out and counted.

Whatever has no rate is left out with its row, so that no total mixes two currencies. Sums are exact: an amount is a
whole number of millionths, a rate a fraction of two whole numbers, and the result is rounded once, half away from 0.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import field
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

from kpi_core.errors import DataError
from kpi_core.frozen_dataclass import frozen
from kpi_core.layouts.currencies import currency_of, is_code
from kpi_core.layouts.declared_breaks import DeclaredBreak
from kpi_core.layouts.export_layout import Basis
from kpi_core.loading.money.books import Books
from kpi_core.loading.money.signs import currency_of_cells
from kpi_core.metrics import Model
from kpi_core.phrases import Notice, Param
from kpi_core.sources import EXAMPLES, LeftOut, Place
from kpi_core.sql.quoting import literal, quoted
from kpi_core.sql.types import WIDE_DECIMAL

if TYPE_CHECKING:
    import duckdb

ROW_CURRENCY = "kpi_currency"
"""Of `typed`: what names the currency of a row's amounts, as written; NULL where nothing does."""
CONVERTED = "kpi_converted"
"""Of `typed`: the columns whose amounts the tool has converted to the firm's currency itself."""
ENDLESS = 2**62
"""The end of the last rows, whatever their number."""
REASON = "foreign_currency"
KnownBasis = Literal["with", "without", "mixed"]
_FACTORS = "kpi_factors"
_WITHOUT_RATE = "kpi_without_rate"


@frozen
class VatStep:
    """A day from which on VAT is in amounts, or not, other than before; a row without a day counts as later."""

    since: date
    was: Basis
    now: Basis


Change = tuple[str, Fraction]
"""Which rows, as SQL, and what their amounts are multiplied by."""


@frozen
class Part:
    """Rows of `typed` that come from one file: from `first` up to, and without, `end`, counted from 1."""

    first: int
    end: int
    vat: Mapping[str, Basis] = field(default_factory=dict)
    """Each column with money that it has -> whether VAT is in its amounts."""
    vat_rate: Fraction | None = None
    """Where the source says another than the firm's."""
    cells: tuple[str, ...] = ()
    """The columns, as texts, that the amounts were read from."""
    cells_in: str = "source"
    """The table that they are in."""
    breaks: tuple[DeclaredBreak, ...] = ()
    """From which days on its columns mean something else."""
    constants: Mapping[str, str] = field(default_factory=dict)
    """Columns of the model that are the same in all of its rows."""
    steps: Mapping[str, VatStep] = field(default_factory=dict)
    """Of columns whose basis has changed: from which day on, and how."""

    @property
    def is_here(self) -> str:
        return f'"row" >= {self.first} AND "row" < {self.end}'


@frozen
class ForeignAmounts:
    """Rows that are left out because of their currency, by local day. `rated`: kpi.yaml names rates, but none fits."""

    currency: str
    """Its ISO code, or what the file writes in its place."""
    rated: bool
    days: Mapping[date | None, int]

    @property
    def rows(self) -> int:
        return sum(self.days.values())

    @property
    def notice(self) -> Notice:
        """What is said of them, and what to do."""
        key = "load.foreign_sign" if not is_code(self.currency) else "load.foreign"
        params: dict[str, Param] = {"count": self.rows, "currency": self.currency}
        return Notice("load.foreign_without_rate" if self.rated and is_code(self.currency) else key, params)


@frozen
class SettledMoney:
    """What became of the amounts: rows that are left out, and whether VAT is in those of each column."""

    foreign: tuple[ForeignAmounts, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    vat: Mapping[str, KnownBasis] = field(default_factory=dict)

    @property
    def days(self) -> frozenset[date]:
        """The days of rows that are left out."""
        return frozenset(day for each in self.foreign for day in each.days if day is not None)


def settle_money(  # noqa: PLR0913, PLR0917  (six separate facts, each with a name)
    model: Model,
    parts: Sequence[Part],
    books: Books,
    place: Callable[[int], Place],
    into: duckdb.DuckDBPyConnection,
    day: str,
) -> SettledMoney:
    """Bring the amounts of `typed` into the firm's currency and basis of VAT. `day` is the SQL of a row's local day.

    DataError where VAT has a rate that nobody knows, or where the rates cannot be read.
    """
    for part in parts:
        _name_by_cells(part, books, into)
    foreign = _foreign_texts(books, into)
    changes = [(part, _vat_changes(part, books, day)) for part in parts]
    vat = dict(_bases(model, parts, books))
    if not foreign and not any(change for _part, change in changes):
        return SettledMoney(vat=vat)
    _make_factors(foreign, books, into, day)
    _refuse_foreign_vat(changes, foreign, into)
    amounts = _without_rate(model, foreign, books, into, day)
    left_out = _left_out(place, into)
    into.execute(f'DELETE FROM typed WHERE "row" IN (SELECT "row" FROM {_WITHOUT_RATE})')
    _convert(model, changes, into, day)
    return SettledMoney(amounts, left_out, vat)


def _name_by_cells(part: Part, books: Books, into: duckdb.DuckDBPyConnection) -> None:
    """Of rows whose currency nothing names, what the signs in their amounts say."""
    if not part.cells:
        return
    unnamed = f"{part.is_here} AND {ROW_CURRENCY} IS NULL"
    if into.execute(f"SELECT count(*) FROM (SELECT 1 FROM typed WHERE {unnamed} LIMIT 1)").fetchall()[0][0]:
        sign = currency_of_cells(part.cells, part.cells_in, (part.first, part.end), books.currency, into)
        if sign is not None:
            into.execute(f"UPDATE typed SET {ROW_CURRENCY} = ? WHERE {unnamed}", [sign])


def _foreign_texts(books: Books, into: duckdb.DuckDBPyConnection) -> dict[str, str | None]:
    """What rows name as their currency where that is not the firm's, with its code; None where nobody can tell."""
    texts = into.execute(f"SELECT DISTINCT {ROW_CURRENCY} FROM typed WHERE {ROW_CURRENCY} IS NOT NULL").fetchall()
    codes = {text: currency_of(text, books.currency) for (text,) in texts}
    return {text: code for text, code in sorted(codes.items()) if code != books.currency}


def _vat_changes(part: Part, books: Books, day: str) -> dict[str, list[Change]]:
    """By column: what its amounts are multiplied by to have the firm's basis of VAT, or one basis for all days."""
    rate = part.vat_rate if part.vat_rate is not None else books.vat_rate
    changes: dict[str, list[Change]] = {}
    for name, basis in part.vat.items():
        step, wanted = part.steps.get(name), books.vat or ""
        spans = [(part.is_here, basis)] if step is None else _spans(part, step, day)
        if step is not None:
            wanted = wanted or step.now
        others = [(rows, each) for rows, each in spans if wanted and each and each != wanted]
        if others and rate is None:
            raise _unknown_vat_rate()
        whole = 1 + (rate or Fraction(0))
        if others:
            changes[name] = [(rows, 1 / whole if each == "with" else whole) for rows, each in others]
    return changes


def _spans(part: Part, step: VatStep, day: str) -> list[tuple[str, Basis]]:
    """The rows before and after a step, each with whether VAT is in."""
    before = f"coalesce({day} < DATE '{step.since}', false)"
    return [(f"{part.is_here} AND {before}", step.was), (f"{part.is_here} AND NOT {before}", step.now)]


def _bases(model: Model, parts: Sequence[Part], books: Books) -> Iterator[tuple[str, KnownBasis]]:
    """Whether VAT is in each column as it is stored, where all of its files say so."""
    for name in model.money:
        said = {(books.vat or part.vat[name]) if part.vat[name] else "" for part in parts if name in part.vat}
        if said and "" not in said:
            yield name, "mixed" if len(said) > 1 else "with" if "with" in said else "without"


def _make_factors(foreign: Mapping[str, str | None], books: Books, into: duckdb.DuckDBPyConnection, day: str) -> None:
    """The table of what foreign amounts are multiplied by: text, day, and a fraction of two whole numbers."""
    into.execute(f"""
        CREATE OR REPLACE TEMP TABLE {_FACTORS} (kpi_text VARCHAR, kpi_on DATE, kpi_num HUGEINT, kpi_den HUGEINT)""")
    codes = {text: code for text, code in foreign.items() if code is not None}
    if books.rates is None or not codes:
        return
    rates = books.rates({books.currency, *codes.values()})
    pairs = into.execute(f"""
        SELECT DISTINCT {ROW_CURRENCY}, {day} FROM typed WHERE {ROW_CURRENCY} IN ({_listed(codes)})""").fetchall()
    factors = [(text, on, rates.factor(codes[text], books.currency, on)) for text, on in pairs]
    fitting = [
        (text, on, str(factor.numerator), str(factor.denominator)) for text, on, factor in factors if factor is not None
    ]
    if fitting:
        columns = [list(column) for column in zip(*fitting, strict=True)]
        into.execute(
            f"INSERT INTO {_FACTORS} SELECT unnest(?), unnest(?), unnest(?)::HUGEINT, unnest(?)::HUGEINT", columns
        )


def _listed(texts: Collection[str]) -> str:
    return ", ".join(map(literal, texts))


def _is_foreign(column: str, foreign: Collection[str]) -> str:
    """Whether the amount of a column is one in another currency."""
    return (
        f"{quoted(column)} IS NOT NULL AND coalesce({ROW_CURRENCY} IN ({_listed(foreign)}), false) "
        f"AND NOT coalesce(list_contains({CONVERTED}, {literal(column)}), false)"
    )


def _refuse_foreign_vat(
    changes: Sequence[tuple[Part, Mapping[str, Sequence[Change]]]],
    foreign: Collection[str],
    into: duckdb.DuckDBPyConnection,
) -> None:
    """The firm's rate of VAT is its own country's, so it says nothing of amounts in other currencies."""
    for part, columns in changes:
        if foreign and columns and part.vat_rate is None:
            amounts = " OR ".join(_is_foreign(name, foreign) for name in columns)
            # What has no rate is left out in any case.
            sql = f"""
                SELECT count(*) FROM typed WHERE {part.is_here} AND ({amounts}) AND len(bad) = 0
                  AND {ROW_CURRENCY} IN (SELECT kpi_text FROM {_FACTORS})"""
            if into.execute(sql).fetchall()[0][0]:
                raise _unknown_vat_rate()


def _unknown_vat_rate() -> DataError:
    message = "Its amounts have another basis of VAT than vat: says, and their rate of VAT is not known."
    return DataError(message, code="vat_rate", hint="Add vat_rate: to the source, such as 0.19 for 19 %.")


def _without_rate(
    model: Model,
    foreign: Mapping[str, str | None],
    books: Books,
    into: duckdb.DuckDBPyConnection,
    day: str,
) -> tuple[ForeignAmounts, ...]:
    """Put the rows that are left out aside; how many there are."""
    is_foreign = " OR ".join(f"({_is_foreign(name, foreign)})" for name in model.money) if foreign else "false"
    into.execute(f"""
        CREATE OR REPLACE TEMP TABLE {_WITHOUT_RATE} AS
        SELECT "row", {ROW_CURRENCY} AS kpi_text, {day} AS kpi_on FROM typed
        WHERE len(bad) = 0 AND ({is_foreign}) AND NOT EXISTS (
            SELECT 1 FROM {_FACTORS} AS factors
            WHERE factors.kpi_text = {ROW_CURRENCY} AND factors.kpi_on = {day})""")
    by_currency: dict[str, dict[date | None, int]] = {}
    counted = f"SELECT kpi_text, kpi_on, count(*) FROM {_WITHOUT_RATE} GROUP BY ALL ORDER BY ALL"
    for text, on, rows in into.execute(counted).fetchall():
        days = by_currency.setdefault(foreign[text] or text, {})
        days[on] = days.get(on, 0) + rows
    return tuple(ForeignAmounts(name, books.rates is not None, days) for name, days in by_currency.items())


def _left_out(place: Callable[[int], Place], into: duckdb.DuckDBPyConnection) -> tuple[LeftOut, ...]:
    ((rows, first),) = into.execute(f"""
        SELECT count(*), list({{'row': "row", 'text': kpi_text}} ORDER BY "row")[1:{EXAMPLES}]
        FROM {_WITHOUT_RATE}""").fetchall()
    examples = tuple((place(each["row"]), each["text"]) for each in first or ())
    return (LeftOut(REASON, rows, examples),) if rows else ()


def _convert(
    model: Model,
    changes: Sequence[tuple[Part, Mapping[str, Sequence[Change]]]],
    into: duckdb.DuckDBPyConnection,
    day: str,
) -> None:
    """Multiply each amount by what its currency and its VAT ask for, and round it once."""
    vat = {name: [change for _part, columns in changes for change in columns.get(name, ())] for name in model.money}
    converted = ", ".join(f"{_amount(name, vat[name])} AS {quoted(name)}" for name in model.money)
    into.execute(f"""
        CREATE TABLE kpi_settled AS SELECT typed.* REPLACE ({converted})
        FROM typed LEFT JOIN {_FACTORS} AS factors ON factors.kpi_text = {ROW_CURRENCY} AND factors.kpi_on = {day}""")
    into.execute("DROP TABLE typed")
    into.execute("ALTER TABLE kpi_settled RENAME TO typed")


def _amount(name: str, vat: Sequence[Change]) -> str:
    """SQL for an amount as the firm's: whole millionths times a fraction, rounded half away from 0."""
    column = quoted(name)
    own = f"kpi_num IS NULL OR coalesce(list_contains({CONVERTED}, {literal(name)}), false)"
    above = f"CASE WHEN {own} THEN 1::HUGEINT ELSE kpi_num END * {_by_part(vat, 'numerator')}"
    below = f"CASE WHEN {own} THEN 1::HUGEINT ELSE kpi_den END * {_by_part(vat, 'denominator')}"
    millionths = f"CAST(CAST({column} AS {WIDE_DECIMAL}) * CAST(1000000 AS DECIMAL(7,0)) AS HUGEINT)"
    rounded = f"((2 * abs({millionths}) * ({above}) + ({below})) // (2 * ({below})))"
    amount = f"CAST(sign({column}) * {rounded} AS DECIMAL(32,0)) * CAST(0.000001 AS DECIMAL(6,6))"
    return f"CASE WHEN {column} IS NOT NULL THEN CAST({amount} AS {WIDE_DECIMAL}) END"


def _by_part(parts: Sequence[Change], half: Literal["numerator", "denominator"]) -> str:
    """The upper or the lower half of what the VAT of each file asks for."""
    cases = " ".join(f"WHEN {is_here} THEN {getattr(change, half)}" for is_here, change in parts)
    return f"CAST(CASE {cases} ELSE 1 END AS HUGEINT)" if cases else "1::HUGEINT"
