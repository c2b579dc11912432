"""Numbers of the past that moved past their tolerance since the last sync, each told in a note at its cell."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from kpi_core.deliveries.restatements import moved_too_far
from kpi_core.settings.sheet_record import Left
from sheets_sync.spreadsheet.arrangement import laid_out, with_keys
from sheets_sync.spreadsheet.cells import OURS
from sheets_sync.spreadsheet.state import Block
from sheets_sync.spreadsheet.written.mended import digest_of, left_by
from sheets_sync.tabs.cells import Number, entered
from sheets_sync.tabs.tab import Tab

OLDER = 2
"""Notes of earlier moves that stay below a new one."""
NoteOf = Callable[[str, str, float, float | None], str]
"""(row, column, before, after): what the note says."""
Place = tuple[str, str]


def with_restatements(tab: Tab, block: Block | None, left: Left, note_of: NoteOf) -> Tab:
    """The tab with such notes; `left` are digests of what the last sync left in the cells."""
    moved = list(_moved(tab, left)) if tab.past and block and left else []
    if not moved or block is None:
        return tab
    layout = laid_out(block, with_keys(tab))[0]
    rows = dict(zip(tab.row_keys, layout.rows.lines, strict=True))
    columns = {column.key: place for column, place in zip(tab.columns, layout.columns.lines, strict=False)}
    notes: dict[tuple[str, str | int], str] = {}
    for row, column, after in moved:
        before = layout.read(block, rows[row], columns[column])
        number = before.get("numberValue")
        # What people typed over the number is no number of the past.
        if not isinstance(number, int | float) or digest_of(before) != left[row][column]:
            continue
        if moved_too_far(float(number), after):
            was = layout.rows.was(rows[row]), layout.columns.was(columns[column])
            older = block.notes.get((was[0] or 0, was[1] or 0), "").removeprefix(OURS).splitlines()[:OLDER]
            notes[row, column] = "\n".join([note_of(row, column, float(number), after), *older])
    return replace(tab, remarks={**tab.remarks, **notes})


def _moved(tab: Tab, left: Left) -> Iterator[tuple[str, str, float | None]]:
    """The numbers of the past that are others than the last sync left, and what they are now."""
    keys = [column.key for column in tab.columns]
    now = left_by(tab)
    for row, cells in zip(tab.row_keys, tab.rows, strict=True):
        for column, cell in zip(keys, cells, strict=True):
            before = left.get(row, {}).get(column)
            if column in tab.past and isinstance(cell, Number) and before and before != now[row][column]:
                value = entered(cell).get("numberValue")
                yield row, column, float(value) if isinstance(value, int | float) else None
