# ruff: noqa: S608  (SQL is put together from quoted names and a layout's own expressions)
"""Lines of a file to rows of the model: those of one order become one, and what does not fit is marked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from kpi_core.frozen_dataclass import frozen
from kpi_core.layouts.export_layout import MadeColumn
from kpi_core.loading.laid_out.file_fields import OWN_CURRENCY, FileFields, files_of, part_of, present_columns
from kpi_core.loading.laid_out.typed_lines import LINES, declared_for, make_lines
from kpi_core.loading.laid_out.whole_periods import is_one_day_alone
from kpi_core.loading.money.amounts import CONVERTED, ROW_CURRENCY, Part
from kpi_core.loading.money.signs import currency_sql, names_currencies
from kpi_core.loading.own_rules import constant_sql
from kpi_core.loading.reading.columns import Declared
from kpi_core.loading.reading.meanings import translated, words_of
from kpi_core.metrics import CURRENCY, Column, Model
from kpi_core.settings.values import Source
from kpi_core.sources import EMPTY, EXAMPLES, LeftOut, Raw, SourceFile
from kpi_core.sql.quoting import literal, quoted
from kpi_core.sql.spelling import folded
from kpi_core.sql.types import SQL_TYPES, WIDE_DECIMAL

if TYPE_CHECKING:
    import duckdb

MISREAD = "kpi_misread"
"""The cells that do not fit: `name` of the model's column, `row` of `typed`, the `line` and the `field` of the cell.

Whether it `differs` from what the other lines of its order say."""


@frozen
class LaidOut:
    """What became of the files of a source with a layout; their rows lie in the table `typed`."""

    files: tuple[FileFields, ...]
    left_out: tuple[LeftOut, ...]
    parts: tuple[Part, ...]
    """The files, by what their amounts are in."""
    is_one_day: bool = False
    """Whether a file has a single day, which may stand for a longer time."""

    @property
    def present(self) -> frozenset[str]:
        return present_columns(self.files)


def make_laid_out(
    source: Source, model: Model, raw: Raw, declared: Declared, into: duckdb.DuckDBPyConnection
) -> LaidOut:
    """The table `typed`, as `loading/intake.py` makes it, with `left_out`: whether a row is rightly none.

    Rows that are left out stay in it, so that they can take the place of what an older file has of their order.
    `kpi_currency` names what a row's amounts are in, NULL where the file does not; `kpi_converted` lists the columns
    whose amounts the tool has converted to the firm's currency.
    """
    types = {str(row[0]): str(row[1]) for row in into.execute("DESCRIBE source").fetchall()}
    rows = int(into.execute("SELECT count(*) FROM source").fetchall()[0][0])
    files = files_of(source, model, raw, rows, lambda column: names_currencies(column, "source", into))
    _create(model, into)
    left_out: list[LeftOut] = []
    is_one_day = False
    listed = raw.files or (SourceFile(source.name, 0),)
    for file, its in zip(files, listed, strict=True):
        zone = source.timezone or file.layout.timezone or declared.clock.zone
        beforehand = declared_for(file, replace(declared, clock=replace(declared.clock, zone=zone)), into, its.above)
        make_lines(file, types, beforehand, into)
        is_one_day = is_one_day_alone(file, its.label, its.above, into) or is_one_day
        left_out += _left_out(file, raw, into)
        _add_rows(file, declared.own_currency, into)
    into.execute(f"DROP TABLE IF EXISTS {LINES}")
    return LaidOut(files, tuple(left_out), tuple(part_of(file, types) for file in files), is_one_day)


def _create(model: Model, into: duckdb.DuckDBPyConnection) -> None:
    columns = ", ".join(f"{quoted(name)} {_kind(column)}" for name, column in model.columns.items())
    marks = "bad VARCHAR[], emptied VARCHAR[], open VARCHAR[], left_out BOOLEAN"
    of_money = f"{ROW_CURRENCY} VARCHAR, {CONVERTED} VARCHAR[]"
    into.execute(f'CREATE TABLE typed ("row" BIGINT, {marks}, {of_money}, {columns})')
    into.execute(f'CREATE TABLE {MISREAD} (name VARCHAR, "row" BIGINT, line BIGINT, field VARCHAR, differs BOOLEAN)')


def _left_out(file: FileFields, raw: Raw, into: duckdb.DuckDBPyConnection) -> Iterator[LeftOut]:
    """The lines that are rightly no rows, by reason."""
    counted = into.execute(f"""
        SELECT kpi_reason, count(*), list([kpi_row::VARCHAR, kpi_reason_field] ORDER BY kpi_row)[1:{EXAMPLES}]
        FROM {LINES} WHERE kpi_reason IS NOT NULL GROUP BY 1 ORDER BY min(kpi_row)""").fetchall()
    for reason, count, places in counted:
        examples = tuple((raw.place(int(row)), cell_text(file, name, int(row), into)) for row, name in places)
        yield LeftOut(reason, count, examples)


def cell_text(file: FileFields, field: str, row: int, into: duckdb.DuckDBPyConnection) -> str:
    """What stands in the cell of a field, cut short."""
    cell = file.cells.get(field)
    if cell is None:
        return EMPTY
    sql = f"SELECT CAST({quoted(cell.column)} AS VARCHAR) FROM source WHERE rowid = ?"
    text = into.execute(sql, [row - 1]).fetchall()[0][0]
    if text is None or not text.strip():
        return EMPTY
    return str(text) if len(text) <= 60 else f"{text[:57]}…"


def _add_rows(file: FileFields, own: str, into: duckdb.DuckDBPyConnection) -> None:
    """Add the file's rows to `typed`, and the cells that do not fit to MISREAD."""
    # Of an order of which some lines are left out, the others count; of one without others, all say what it was.
    lines = f"""
        SELECT *, min(kpi_row) OVER (PARTITION BY kpi_order) AS kpi_first FROM (
            FROM {LINES} QUALIFY kpi_reason IS NULL
                OR count(*) FILTER (kpi_reason IS NULL) OVER (PARTITION BY kpi_order) = 0)"""
    into.execute(f"CREATE OR REPLACE TEMP VIEW kpi_counted AS {lines}")
    waiting = _waiting(file, into)
    values = {name: _value(file, name, own) for name in file.model.columns if name in file.made}
    values |= {name: constant_sql(text, file.model.columns[name]) for name, text in _constants(file).items()}
    grouped = "GROUP BY kpi_order, kpi_first" if file.layout.folds else ""
    mark = "list_distinct(flatten(list({0})))" if grouped else "{0}"
    head = [
        'kpi_first AS "row"',
        f"{'bool_and(kpi_reason IS NOT NULL)' if grouped else 'kpi_reason IS NOT NULL'} AS left_out",
        *(f"{mark.format(name)} AS {name}" for name in ("kpi_misfit", "kpi_open")),
        f"{_currency(file)} AS {ROW_CURRENCY}",
        f"{_converted(file, own)} AS {CONVERTED}",
    ]
    made = [f"{value} AS {quoted(f'kpi_value {name}')}" for name, value in values.items()]
    rows = f"SELECT {', '.join([*head, *made])} FROM kpi_counted {grouped}"
    into.execute(f"CREATE OR REPLACE TABLE kpi_made AS {rows}")
    selected = ", ".join(_selected(file, waiting, name, name in values, into) for name in file.model.columns)
    marks = ", ".join(_mark(file, waiting, mark, frozenset(values)) for mark in ("bad", "emptied", "open"))
    into.execute(f"""
        INSERT INTO typed SELECT "row", {marks}, left_out, {ROW_CURRENCY}, {CONVERTED}, {selected}
        FROM kpi_made ORDER BY "row" """)
    into.execute("DROP TABLE kpi_made")
    _add_misread(file, into)


def _constants(file: FileFields) -> Mapping[str, str]:
    return {**file.layout.set, **file.source.set}


def _kind(column: Column) -> str:
    return WIDE_DECIMAL if column.type == "decimal" else SQL_TYPES[column.type]


def _value(file: FileFields, name: str, own: str) -> str:
    """SQL for the value of a column of the model: of a line, or of all lines of an order."""
    made, column = file.made[name], file.model.columns[name]
    if made.made_of:
        return _made_id(file, made)
    value = _written_value(made)
    if (condition := _is_converted(file, name, own)) is not None:
        value = f"CASE WHEN {condition} THEN {quoted(file.layout.converted[name][0])} ELSE {value} END"
    if not file.layout.folds:
        return _cast(value, column)
    if made.sum:
        # A line without its amount would make the order cheaper than it was.
        return _cast(f"CASE WHEN count({value}) = count(*) THEN sum({value}) END", column)
    return _cast(f"first({value} ORDER BY kpi_row) FILTER (({value}) IS NOT NULL)", column)


def _written_value(made: MadeColumn) -> str:
    return made.sum or made.sql or quoted(made.fields[0])


def _cast(value: str, column: Column) -> str:
    if column.type == "integer":
        number = f"TRY_CAST({value} AS DECIMAL(38,10))"
        return f"CASE WHEN {number} = trunc({number}) THEN TRY_CAST({number} AS BIGINT) END"
    return f"TRY_CAST({value} AS {_kind(column)})"


def _made_id(file: FileFields, made: MadeColumn) -> str:
    """An id made of what a row says, the same at each load: equal rows get a running number."""
    told = ", ".join(f"coalesce(CAST({quoted(name)} AS VARCHAR), '')" for name in made.made_of if name in file.cells)
    digest = f"md5(concat_ws(chr(31), {told}))[1:16]"
    return f"{digest} || '-' || row_number() OVER (PARTITION BY {digest} ORDER BY kpi_row)"


def _currency(file: FileFields) -> str:
    """SQL for what names the currency of a row's amounts, NULL where nothing does."""
    if file.source.currency:
        return literal(file.source.currency)
    named = file.match.currency or file.layout.currency_is
    field = file.layout.currency if file.layout.currency in file.cells else "" if named else OWN_CURRENCY
    if field in file.cells:
        text = currency_sql(quoted(field), file.source.values.get(CURRENCY, {}))
        # Lines in several currencies are in none that anybody knows.
        return f"string_agg(DISTINCT {text}, ' / ' ORDER BY {text})" if file.layout.folds else text
    return literal(named) if named else "CAST(NULL AS VARCHAR)"


def _is_converted(file: FileFields, name: str, own: str) -> str | None:
    """SQL for whether the tool has written an amount in the firm's currency, too; None where it never does."""
    fields = file.layout.converted.get(name)
    if (
        fields is None
        or name not in file.made
        or not own
        or not set(fields) <= file.cells.keys()
        or file.source.currency
    ):
        return None
    amount, currency = map(quoted, fields)
    return f"({amount} IS NOT NULL AND coalesce(upper({currency}) = {literal(own)}, false))"


def _converted(file: FileFields, own: str) -> str:
    """SQL for the columns whose amounts are in the firm's currency already: for lines, where all of theirs are."""
    names = []
    for name in file.model.money:
        condition = _is_converted(file, name, own)
        if condition is not None:
            is_whole = f"bool_and({condition} OR ({_written_value(file.made[name])}) IS NULL)"
            names.append(f"CASE WHEN {is_whole if file.layout.folds else condition} THEN {literal(name)} END")
    return (
        f"list_filter([{', '.join(names)}]::VARCHAR[], lambda name: name IS NOT NULL)" if names else "NULL::VARCHAR[]"
    )


def _waiting(file: FileFields, into: duckdb.DuckDBPyConnection) -> frozenset[str]:
    """Columns of the model with a value that may mean two things: until somebody says which, the file waits."""
    rows = into.execute("""
        SELECT DISTINCT unnest(kpi_open) FROM kpi_counted WHERE kpi_reason IS NULL AND len(kpi_open) > 0""").fetchall()
    fields = {name for (name,) in rows}
    return frozenset(name for name in file.made if fields & set(file.rests_on(name)))


def _misfit(file: FileFields, name: str, mark: str) -> str:
    fields = ", ".join(map(literal, file.rests_on(name)))
    return f"list_has_any({mark}, [{fields}]::VARCHAR[])" if fields else "false"


def _selected(
    file: FileFields, waiting: frozenset[str], name: str, is_made: bool, into: duckdb.DuckDBPyConnection
) -> str:
    column = file.model.columns[name]
    if not is_made or name in waiting:
        return f"CAST(NULL AS {_kind(column)})"
    value = quoted(f"kpi_value {name}")
    made = file.made.get(name)
    if column.type == "text" and made is not None and made.sql:
        meanings = words_of(column) | {folded(text): word for text, word in file.source.values.get(name, {}).items()}
        value = f"({translated(value, meanings, 'FROM kpi_made', lambda sql: into.execute(sql).fetchall())})"
    return f"CASE WHEN {_misfit(file, name, 'kpi_misfit')} THEN NULL ELSE {value} END"


def _mark(file: FileFields, waiting: frozenset[str], mark: str, made: frozenset[str]) -> str:
    cases = []
    for name, column in file.model.columns.items():
        is_needed = column.required or name in file.model.key
        misfit = _misfit(file, name, "kpi_misfit")
        unread = f"({quoted(f'kpi_value {name}')} IS NULL OR {misfit})" if name in made else "true"
        condition = {
            "bad": "true" if name in waiting else unread if is_needed else "false",
            "emptied": "false" if name in waiting or is_needed else misfit,
            "open": "true" if name in waiting else "false",
        }[mark]
        if condition != "false":
            cases.append(f"CASE WHEN NOT left_out AND {condition} THEN {literal(name)} END")
    return f"list_filter([{', '.join(cases)}]::VARCHAR[], lambda name: name IS NOT NULL)"


def _add_misread(file: FileFields, into: duckdb.DuckDBPyConnection) -> None:
    cells = into.execute("""
        SELECT kpi_first, kpi_row, field, list_contains(kpi_differs, field)
        FROM (SELECT *, unnest(kpi_misfit) AS field FROM kpi_counted WHERE kpi_reason IS NULL)""").fetchall()
    misread = [
        (name, first, line, field, differs)
        for first, line, field, differs in cells
        for name in file.made
        if field in file.rests_on(name)
    ]
    if misread:
        columns = [list(column) for column in zip(*misread, strict=True)]
        into.execute(f"INSERT INTO {MISREAD} SELECT {', '.join(['unnest(?)'] * len(columns))}", columns)
