# ruff: noqa: S608  (SQL is put together from quoted names and a layout's own expressions)
"""The lines of one file with typed fields: each column of the file is read by the style that it proves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from kpi_core.layouts.export_layout import LeftOutRule
from kpi_core.loading.laid_out.file_fields import OWN_CURRENCY, FieldCell, FileFields
from kpi_core.loading.own_rules import OWN_REASON, own_rules_sql
from kpi_core.loading.reading.columns import Declared, readings
from kpi_core.loading.reading.eras import says_republic
from kpi_core.loading.reading.layers import Reading, beside, together
from kpi_core.loading.reading.numerals import WHOLE_CURRENCIES
from kpi_core.loading.reading.texts import trimmed_sql
from kpi_core.metrics import Column
from kpi_core.sql.quoting import literal, quoted
from kpi_core.sql.spelling import folded, folded_sql
from kpi_core.sql.types import SQL_TYPES, WIDE_DECIMAL

if TYPE_CHECKING:
    import duckdb

LINES = "kpi_lines"
_AMOUNTS = frozenset({"amount", "conversion_value", "cost_of_goods", "mrr", "refunded_amount", "revenue", "spend"})


def make_lines(file: FileFields, types: Mapping[str, str], declared: Declared, into: duckdb.DuckDBPyConnection) -> None:
    """The table LINES: a line of the file each, its fields by name, those it has not NULL.

    `kpi_row` is its place; `kpi_misfit` lists the fields with something that is no value of their type, `kpi_open`
    those of them that may mean two things, `kpi_differs` those with another amount than the order has;
    `kpi_order` says which row of the model it belongs to. `kpi_reason` is why it is rightly none, NULL for most,
    `kpi_reason_field` the field that says so.
    """
    used = list(dict.fromkeys(cell.column for cell in file.cells.values()))
    place = {column: f"kpi_cell_{number}" for number, column in enumerate(used)}
    cells = [f"{quoted(column)} AS {name}" for column, name in place.items()]
    blank = " AND ".join(f"{quoted(column)} IS NULL" for column in file.columns.values()) or "false"
    rows = f"""
        SELECT rowid + 1 AS kpi_row, {", ".join([*cells, f"{own_rules_sql(file.source, file.columns)} AS kpi_own"])}
        FROM source WHERE rowid + 1 >= {file.first} AND rowid + 1 < {file.end} AND NOT ({blank})"""
    there = {name: (cell.reads_as, *_written(file, cell, place, types)) for name, cell in file.cells.items()}
    read = dict(zip(there, readings(there, rows, lambda sql: into.execute(sql).fetchall(), declared), strict=True))
    values = tuple(f"{reading.value} AS {quoted(name)}" for name, reading in read.items())
    typed = beside(rows, [*together(read.values()), values])
    fields = [f"CAST({quoted(name)} AS {_kind(cell.reads_as)}) AS {quoted(name)}" for name, cell in file.cells.items()]
    fields += [f"CAST(NULL AS {_kind(column)}) AS {quoted(name)}" for name, column in file.absent.items()]
    marks = [
        f"{_marks(read, is_open=is_open)} AS {mark}" for mark, is_open in (("kpi_misfit", False), ("kpi_open", True))
    ]
    lines = f"SELECT kpi_row, kpi_own, {', '.join([*fields, *marks])}, {_order(file)} AS kpi_order FROM ({typed})"
    reasons = list(_reasons(file))
    into.execute(f"""
        CREATE OR REPLACE TABLE {LINES} AS
        SELECT *, {_first_true(reasons)} AS kpi_reason, {_first_true([(when, name) for when, _reason, name in reasons])}
            AS kpi_reason_field
        FROM ({_emptied(file, _filled(file, lines))})""")


def _written(file: FileFields, cell: FieldCell, place: Mapping[str, str], types: Mapping[str, str]) -> tuple[str, str]:
    """SQL for what stands in a cell, or the part of it that is meant, with what follows in other columns; its type."""
    own = place[cell.column]
    if cell.written.part:
        return f"nullif(regexp_extract(trim(CAST({own} AS VARCHAR)), {literal(cell.written.part)}), '')", "VARCHAR"
    others = [place[file.cells[name].column] for name in cell.written.joined if name in file.cells]
    if not others:
        return own, types[cell.column]
    # A day of a workbook comes with the midnight that its time takes the place of.
    day = f"regexp_replace(CAST({own} AS VARCHAR), '[ T]0?0:00(:00)?$', '')"
    text = f"trim(concat_ws(' ', {day}, {', '.join(f'CAST({each} AS VARCHAR)' for each in others)}))"
    return f"(CASE WHEN {own} IS NOT NULL THEN {text} END)", "VARCHAR"


def declared_for(
    file: FileFields, declared: Declared, into: duckdb.DuckDBPyConnection, above: Sequence[str]
) -> Declared:
    """What is known beforehand of this file's texts: from kpi.yaml, from the layout, and from the lines `above` it."""
    zones = {name: cell.written.zone for name, cell in file.cells.items() if cell.written.zone}
    values: dict[str, Mapping[str, str]] = {
        name: {text: word for word, texts in cell.written.words.items() for text in texts}
        for name, cell in file.cells.items()
    }
    for column, meanings in declared.values.items():
        made = file.made.get(column)
        for name in made.fields if made else ():
            values[name] = {**values.get(name, {}), **meanings}
    clock = replace(declared.clock, one_writer=True)
    whole = _money_fields(file) if _currencies(file, declared.own_currency, into) <= WHOLE_CURRENCIES else frozenset()
    republic = frozenset(name for name, cell in file.cells.items() if says_republic([cell.header, *above]))
    return replace(declared, values=values, zones=zones, clock=clock, whole_money=whole, republic=republic)


def _money_fields(file: FileFields) -> frozenset[str]:
    """The fields with numbers that fill an amount of the model, also by SQL."""
    amounts = [each for name, each in file.made.items() if name in _AMOUNTS]
    cells = {name: file.cells[name] for each in amounts for name in each.reads if name in file.cells}
    return frozenset(name for name, cell in cells.items() if cell.reads_as.type == "decimal")


def _currencies(file: FileFields, own: str, into: duckdb.DuckDBPyConnection) -> frozenset[str]:
    """The ISO codes of a file's amounts; the firm's `own` where nothing says them."""
    if file.source.currency:
        return frozenset({file.source.currency})
    cell = file.cells.get(file.layout.currency) or file.cells.get(OWN_CURRENCY)
    if cell is None:
        return frozenset({file.match.currency or file.layout.currency_is or own})
    sql = f"SELECT DISTINCT upper({trimmed_sql(f'CAST({quoted(cell.column)} AS VARCHAR)')}) AS code FROM source"
    rows = into.execute(f"{sql} WHERE rowid + 1 >= {file.first} AND rowid + 1 < {file.end} AND code IS NOT NULL")
    return frozenset(code for (code,) in rows.fetchall()) or frozenset({own})


def _kind(column: Column) -> str:
    return WIDE_DECIMAL if column.type == "decimal" else SQL_TYPES[column.type]


def _marks(read: Mapping[str, Reading], *, is_open: bool) -> str:
    marks = [
        f"CASE WHEN {quoted(name)} IS NULL AND {reading.present}{f' AND {reading.open}' if is_open else ''} "
        f"THEN {literal(name)} END"
        for name, reading in read.items()
        if not is_open or reading.open != "false"
    ]
    return f"list_filter([{', '.join(marks)}]::VARCHAR[], lambda name: name IS NOT NULL)"


def _order(file: FileFields) -> str:
    """What a line is a row by: its order, or itself."""
    return _same_order(file) if file.layout.folds else _ALONE


_ALONE = "concat('row ', kpi_row)"


def _same_order(file: FileFields) -> str:
    """Lines of one key are of one order; one without its key is one of its own."""
    return f"coalesce('key ' || {quoted(file.layout.lines.key)}, {_ALONE})" if file.layout.lines else _ALONE


def _filled(file: FileFields, lines: str) -> str:
    """What stands once for a whole order, in all of its lines; an amount that differs from the order's is a misfit.

    A tool that writes the amount once may write 0 on the other lines.
    """
    whole = [name for name in (file.layout.lines.whole if file.layout.lines else ()) if name in file.cells]
    if not whole:
        return f"SELECT *, []::VARCHAR[] AS kpi_differs FROM ({lines})"
    rows = "ORDER BY kpi_row ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING"
    first = f"OVER (PARTITION BY {_same_order(file)} {rows})"
    amounts = [name for name in whole if file.cells[name].reads_as.type == "decimal"]
    own = {name: f"nullif({quoted(name)}, 0)" if name in amounts else quoted(name) for name in whole}
    orders = {name: f"first_value({value} IGNORE NULLS) {first}" for name, value in own.items()}
    replaced = (f"coalesce({own[name]}, {orders[name]}, {quoted(name)}) AS {quoted(name)}" for name in whole)
    cases = ", ".join(f"CASE WHEN {own[name]} <> {orders[name]} THEN {literal(name)} END" for name in amounts)
    differs = f"list_filter([{cases}]::VARCHAR[], lambda name: name IS NOT NULL)"
    compared = f"SELECT * REPLACE ({', '.join(replaced)}), {differs} AS kpi_differs FROM ({lines})"
    return f"SELECT * REPLACE (list_concat(kpi_misfit, kpi_differs) AS kpi_misfit) FROM ({compared})"


def _emptied(file: FileFields, lines: str) -> str:
    """What an empty cell means, in its place."""
    meant = {name: cell for name, cell in file.cells.items() if cell.written.empty is not None}
    if not meant:
        return lines
    replaced = (
        f"CASE WHEN {quoted(name)} IS NULL AND NOT list_contains(kpi_misfit, {literal(name)}) "
        f"THEN CAST({literal(str(cell.written.empty))} AS {_kind(cell.reads_as)}) ELSE {quoted(name)} END "
        f"AS {quoted(name)}"
        for name, cell in meant.items()
    )
    return f"SELECT * REPLACE ({', '.join(replaced)}) FROM ({lines})"


def _reasons(file: FileFields) -> Iterator[tuple[str, str, str]]:
    """Condition, reason and field of each rule that this file can meet."""
    yield "kpi_own", OWN_REASON, ""
    for rule in file.layout.leave_out:
        if all(name in file.cells for name in rule.reads):
            yield _condition(rule), rule.reason, rule.reads[0] if rule.reads else ""


def _condition(rule: LeftOutRule) -> str:
    conditions = [
        f"{folded_sql(f'CAST({quoted(name)} AS VARCHAR)')} IN ({', '.join(literal(folded(text)) for text in texts)})"
        for name, texts in rule.where.items()
    ]
    if rule.when:
        conditions.append(f"coalesce({rule.when}, false)")
    if rule.present:
        conditions.append(f"{quoted(rule.present)} IS NOT NULL")
    if rule.absent:
        conditions.append(f"{quoted(rule.absent)} IS NULL AND NOT list_contains(kpi_misfit, {literal(rule.absent)})")
    return " AND ".join(f"({condition})" for condition in conditions) or "false"


def _first_true(cases: Iterable[tuple[str, ...]]) -> str:
    whens = " ".join(f"WHEN {case[0]} THEN {literal(case[1])}" for case in cases)
    return f"CASE {whens} END"
