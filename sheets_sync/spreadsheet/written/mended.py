"""What a sync puts right in the bot's own cells, rows and columns, told in words.

A cell that holds something else than the last sync left there was changed by people, and gives way to the bot's value.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from zlib import crc32

from kpi_core.phrases import Notice
from kpi_core.settings.sheet_record import Left
from kpi_core.sources.a1_notation import column_letters
from sheets_sync.spreadsheet.arrangement import KEY_COLUMN
from sheets_sync.spreadsheet.identity import Line, line_of, name_of
from sheets_sync.spreadsheet.mending import Footprint
from sheets_sync.tabs.cells import AsRead, Cell, Day, EnteredValue, Formula, Keep, Number, entered, text_of
from sheets_sync.tabs.tab import HEADER_KEY, WAITING, Tab

MOST_CELLS = 5
"""Cells of a tab that are told one by one."""
_LONGEST = 60


def left_by(tab: Tab) -> Left:
    """What a tab holds once it is written: of the bot's cells a digest each."""
    keys = [column.key for column in tab.columns]
    return {
        key: {
            name: digest_of(entered(cell)) for name, cell in zip(keys, row, strict=True) if not isinstance(cell, Keep)
        }
        for key, row in zip(tab.row_keys, tab.rows, strict=True)
    }


def mended(print_of: Footprint, left: Left) -> Iterator[Notice]:
    """What is put right by the write of a tab that was there before; `left` is empty where nothing is remembered."""
    if not print_of.block.written:
        return
    yield from _lines_back(print_of, left)
    if torn := sum(1 for _row in _torn(print_of)):
        yield Notice("sheet.mended.torn", {"tab": print_of.block.title, "count": torn})
    typed = list(_typed_over(print_of, left))
    yield from islice(typed, MOST_CELLS)
    if len(typed) > MOST_CELLS:
        yield Notice("sheet.mended.more", {"tab": print_of.block.title, "count": len(typed) - MOST_CELLS})
    if strays := sum(isinstance(cell, AsRead) for cell in print_of.written.values()):
        yield Notice("sheet.mended.put_back", {"tab": print_of.block.title, "count": strays})


def _lines_back(print_of: Footprint, left: Left) -> Iterator[Notice]:
    rows, columns = print_of.layout.rows, print_of.layout.columns
    lain = {key for cells in left.values() for key in cells}
    for kind, axis, lines, before in (
        ("rows", rows, list(print_of.rows.values()), set(left)),
        ("columns", columns, list(print_of.columns.values()), lain),
    ):
        back = [lines[index].name or lines[index].key for index in sorted(axis.fresh) if lines[index].key in before]
        if back:
            names = ", ".join(back[:MOST_CELLS])
            yield Notice(f"sheet.mended.{kind}", {"tab": print_of.block.title, "names": names, "count": len(back)})


def _torn(print_of: Footprint) -> Iterator[int]:
    """Rows of ours that were parted from their hidden keys, as when people sort what they see."""
    for row, line in print_of.rows.items():
        there = name_of(print_of.before(row, print_of.key_column))
        if there and line_of(there).key != line.key and not there.startswith(WAITING):
            yield row


def _typed_over(print_of: Footprint, left: Left) -> Iterator[Notice]:
    title = print_of.block.title
    for (row, column), cell in print_of.written.items():
        lines = print_of.rows.get(row), print_of.columns.get(column)
        if lines[0] is None or lines[1] is None or lines[1].key == KEY_COLUMN:
            continue
        there = print_of.before(row, column)
        if not _is_peoples(there, cell, left.get(lines[0].key, {}).get(lines[1].key)):
            continue
        place = f"{column_letters(column)}{row + 1}"
        params = {"tab": title, "cell": place, "row": _named(lines[0]), "column": _named(lines[1])}
        typed = text_of(there)
        if typed:
            yield Notice("sheet.mended.typed", {**params, "typed": typed[:_LONGEST]})
        else:
            yield Notice("sheet.mended.emptied", params)


def _is_peoples(there: EnteredValue, cell: Cell, left: str | None) -> bool:
    """Whether people changed a cell since the last sync; where nobody remembers, words in place of a number tell."""
    if left is None:
        return isinstance(cell, Number | Day | Formula) and "stringValue" in there
    return digest_of(there) != left


def _named(line: Line) -> str:
    return "" if line.key == HEADER_KEY else line.name


def digest_of(value: EnteredValue) -> str:
    """What a cell's content is known by."""
    content = next(iter(value.items()), ("", ""))
    text = f"{content[1]:.12g}" if isinstance(content[1], float | int) else str(content[1])
    return format(crc32(f"{content[0]} {text}".encode()) & 0xFFFFFF, "x")
