"""What people typed into a tab after a write that slipped, and before it is undone from the copy.

The undoing fills the tab from the copy. What differs by then from what the copy copied and the write wrote, people
typed: it goes back in with the same batch.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from sheets_sync.spreadsheet.batches import Json
from sheets_sync.spreadsheet.set_aside import Cells, Copy, Edit
from sheets_sync.tabs.cells import Cell, EnteredValue, entered


def typed_again(copy: Copy, copied: Cells, there: Cells, written: Mapping[tuple[int, int], Cell]) -> Iterator[Json]:
    """Requests that come behind the undoing. `copied` is the copy, `there` the tab, `written` what the write wrote."""
    after, final = (
        [_lines(copy.edits, dimension, size, deleted=deleted) for dimension, size in copy.sizes()]
        for deleted in (True, False)
    )
    now = [{line: place for place, line in enumerate(lines)} for lines in after]
    expected = {(now[0][row], now[1][column]): cell for (row, column), cell in copied.items()
                if row in now[0] and column in now[1]}  # fmt: skip
    expected |= {place: entered(cell) for place, cell in written.items()}
    typed = [
        (after[0][row], after[1][column], there.get((row, column), {}))
        for row, column in sorted({*expected, *there})
        if row < len(after[0]) and column < len(after[1])
        if _differs(there.get((row, column), {}), expected.get((row, column), {}))
    ]
    # Where names or keys differ rows were moved once more, and places say nothing.
    if any(row in copy.rows or column in copy.columns for row, column, _value in typed):
        return
    for row, column, value in typed:
        start = {"sheetId": copy.home, "rowIndex": final[0].index(row), "columnIndex": final[1].index(column)}
        cell = {"userEnteredValue": value} if value else {}
        yield {"updateCells": {"start": start, "rows": [{"values": [cell]}], "fields": "userEnteredValue"}}


def _differs(value: EnteredValue, expected: EnteredValue) -> bool:
    """A formula follows the rows that it names: another text of one is no typing."""
    return value != expected and not value.keys() == expected.keys() == {"formulaValue"}


def _lines(edits: Sequence[Edit], dimension: str, size: int, *, deleted: bool) -> list[int]:
    """The lines of the copy, and those inserted between them below 0; with or without what was deleted."""
    lines, new = list(range(size)), 0
    for one, kind, start, end in edits:
        if one == dimension and kind == "insert":
            lines[start:start] = range(new - 1, new - 1 - (end - start), -1)
            new -= end - start
        elif one == dimension and deleted:
            del lines[start:end]
    return lines
