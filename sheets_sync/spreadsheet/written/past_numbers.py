"""Numbers of the past that moved past their tolerance since the last sync, each told in a note at its cell."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from kpi_core.deliveries.restatements import moved_too_far
from kpi_core.frozen_dataclass import frozen
from kpi_core.settings.sheet_record import Left
from sheets_sync.spreadsheet.arrangement import Layout, laid_out, with_keys
from sheets_sync.spreadsheet.cells import OURS
from sheets_sync.spreadsheet.state import Block
from sheets_sync.spreadsheet.written.mended import digest_of, left_by
from sheets_sync.tabs.cells import EnteredValue, Number, entered
from sheets_sync.tabs.tab import Tab

OLDER = 2
"""Notes of earlier moves that stay below a new one."""
NoteOf = Callable[[str, str, float, float | None], str]
"""(row, column, before, after): what the note says."""


def periods_of(tab: Tab) -> dict[str, str]:
    """The first days of the periods of columns, where a column has one period; where rows are periods, none."""
    starts: dict[str, set[str]] = {}
    for (_row, column), past in tab.past.items():
        starts.setdefault(column, set()).add(past.period.start.isoformat())
    return {column: days.pop() for column, days in starts.items() if len(days) == 1}


def with_restatements(tab: Tab, block: Block | None, left: Left, periods: Mapping[str, str], note_of: NoteOf) -> Tab:
    """The tab with such notes; `left` are digests of what the last sync left in the cells, `periods` those of then.

    A column that has gone on to another month loses the notes that spoke of the last.
    """
    if not (tab.past and block and left):
        return tab
    gone = {column for column, start in periods_of(tab).items() if periods.get(column) != start}
    moved = [each for each in _moved(tab, left) if each[1] not in gone]
    if not moved and not (gone and block.notes):
        return tab
    places = _Places.of(tab, block)
    notes: dict[tuple[str, str | int], str] = {}
    for row, column in tab.past:
        if column in gone and places.note(row, column).startswith(OURS):
            notes[row, column] = ""
    for row, column, after in moved:
        before = places.read(row, column)
        number = before.get("numberValue")
        # What people typed over the number is no number of the past.
        if not isinstance(number, int | float) or digest_of(before) != left[row][column]:
            continue
        if moved_too_far(float(number), after):
            older = places.note(row, column).removeprefix(OURS).splitlines()[:OLDER]
            notes[row, column] = "\n".join([note_of(row, column, float(number), after), *older])
    return replace(tab, remarks={**tab.remarks, **notes})


@frozen
class _Places:
    """Where the cells of a tab lie, and what was read of them."""

    block: Block
    layout: Layout
    rows: Mapping[str, int]
    columns: Mapping[str, int]

    @classmethod
    def of(cls, tab: Tab, block: Block) -> _Places:
        layout = laid_out(block, with_keys(tab))[0]
        rows = dict(zip(tab.row_keys, layout.rows.lines, strict=True))
        columns = {column.key: place for column, place in zip(tab.columns, layout.columns.lines, strict=False)}
        return cls(block, layout, rows, columns)

    def read(self, row: str, column: str) -> EnteredValue:
        return self.layout.read(self.block, self.rows[row], self.columns[column])

    def note(self, row: str, column: str) -> str:
        was = self.layout.rows.was(self.rows[row]), self.layout.columns.was(self.columns[column])
        return "" if was[0] is None or was[1] is None else self.block.notes.get((was[0], was[1]), "")


def _moved(tab: Tab, left: Left) -> Iterator[tuple[str, str, float | None]]:
    """The numbers of the past that are others than the last sync left, and what they are now."""
    keys = [column.key for column in tab.columns]
    now = left_by(tab)
    for row, cells in zip(tab.row_keys, tab.rows, strict=True):
        for column, cell in zip(keys, cells, strict=True):
            before = left.get(row, {}).get(column)
            if (row, column) in tab.past and isinstance(cell, Number) and before and before != now[row][column]:
                value = entered(cell).get("numberValue")
                yield row, column, float(value) if isinstance(value, int | float) else None
