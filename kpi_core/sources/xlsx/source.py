"""Excel files: one sheet each, with a header; numbers, dates and long ids as the cells hold them."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING

from kpi_core.sources import EXAMPLES, LeftOut, Raw, ReadRequest
from kpi_core.sources.files import (
    HeaderRule,
    TextFile,
    columns_of,
    header_rule,
    label_of,
    load_text_files,
    matching_files,
    write_text_file,
)
from kpi_core.sources.files.headers import header_line
from kpi_core.sources.files.tables_below import is_other_table
from kpi_core.sources.files.text_file import opening
from kpi_core.sources.layout_files import header_test_of, opened_files, own_files
from kpi_core.sources.xlsx.workbook import Row, Workbook, chosen_sheet, workbook

if TYPE_CHECKING:
    import duckdb


_AHEAD = 6
"""Rows below an empty one that say whether another table begins there."""
_HEAD = 200


def read(request: ReadRequest, into: duckdb.DuckDBPyConnection) -> Raw:
    """All files that `path:` matches, one below the other."""
    rule = header_rule(request, header_test_of(request.source))
    paths = matching_files(request)
    copies = {path: request.workspace / f"{number}.csv" for number, path in enumerate(paths)}
    files = opened_files(request, paths, lambda path: sheet_file(request, path, rule, copies[path]))
    own = own_files(request, [(path, columns_of(file)) for path, file in files.items()])
    return replace(
        load_text_files([file for path, file in files.items() if path in own], into, with_totals=True),
        written_by="cells",
    )


def sheet_file(request: ReadRequest, path: Path, rule: HeaderRule, copy: Path) -> TextFile:
    """The table of a workbook, as a text file. Where a layout's header is on no sheet, it has no rows."""
    book = workbook(label_of(path, request.folder), path)
    sheet, modified = sheet_of_table(book, request.option("sheet"), rule), path.stat().st_mtime_ns
    first = [] if sheet is None else opening(filled(book.rows(sheet, exactly=False)))
    line = header_line(first, rule, book.label)
    empty = TextFile(book.label, copy, ",", modified, line or 1, "row")
    if sheet is None or line is None:
        copy.touch()
        return empty
    above = [(number, cells) for number, cells in first if number < line]
    table: list[Row] = []
    rows = _table(((number, cells) for number, cells in book.rows(sheet) if number >= line), table)
    write_text_file(copy, (cells for _number, cells in rows))
    left_out = tuple(chain(_left_out(empty, "preamble", above), _left_out(empty, "other_table", table)))
    return replace(empty, left_out=left_out, above=tuple(" ".join(filter(None, cells)) for _number, cells in above))


def sheet_of_table(book: Workbook, declared: str | None, rule: HeaderRule) -> str | None:
    """The sheet with the table; where a layout says what its header is, the one that has it."""
    if declared is not None:
        return chosen_sheet(book, declared, {})
    is_header = None if rule.is_declared else rule.is_header
    fitting = {
        name: is_header is None
        or any(is_header(cells) for _number, cells in opening(filled(book.rows(name, exactly=False))))
        for name in book.sheets()
    }
    return chosen_sheet(book, None, fitting)


def filled(rows: Iterable[Row]) -> Iterator[Row]:
    """The rows that are not empty."""
    return (row for row in rows if any(map(str.strip, row[1])))


def _table(rows: Iterable[Row], below: list[Row]) -> Iterator[Row]:
    """The rows up to the last of the table; what stands below it, another table, goes into `below`."""
    coming = iter(rows)
    ahead: deque[Row] = deque()
    head: list[list[str]] = []
    is_below_empty = False
    while True:
        if is_below_empty or not ahead:
            ahead.extend(islice(coming, max(0, _AHEAD - len(ahead))))
        if not ahead:
            return
        if is_below_empty and is_other_table(head, [cells for _number, cells in filled(ahead)][:3]):
            below += filled(chain(ahead, coming))
            return
        row = ahead.popleft()
        is_filled = any(map(str.strip, row[1]))
        if is_filled and len(head) < _HEAD:
            head.append(row[1])
        is_below_empty = not is_filled and bool(head)
        yield row


def _left_out(file: TextFile, reason: str, rows: list[Row]) -> Iterator[LeftOut]:
    if rows:
        examples = tuple((file.place(number), " ".join(filter(None, cells))[:60]) for number, cells in rows[:EXAMPLES])
        yield LeftOut(reason, len(rows), examples)
