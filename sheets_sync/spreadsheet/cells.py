"""The cells that changed, as few requests; cells of people are in none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sheets_sync.spreadsheet.batches import Json
from sheets_sync.spreadsheet.state import Block
from sheets_sync.tabs.cells import Cell, EnteredValue, Keep, entered, format_of, same_value
from sheets_sync.tabs.tab import Tab

# A request is never cut: a table in one piece could be more than a batch may hold.
_MOST_ROWS_A_REQUEST = 500


def changed_cells(block: Block, tab: Tab) -> Iterator[tuple[int, int, Cell]]:
    """Row, column and our cell wherever the tab holds something else; what lies beyond our last extent is empty."""
    memory = block.memory
    for row in range(max(len(tab.rows), memory.rows)):
        for column in range(max(tab.width, memory.columns)):
            cell = tab.rows[row][column] if row < len(tab.rows) and column < tab.width else None
            if isinstance(cell, Keep) or _is_peoples_below(tab, row, column):
                continue
            if not same_value(cell, _read(block, tab, row, column)):
                yield row, column, cell


def _is_peoples_below(tab: Tab, row: int, column: int) -> bool:
    return row >= len(tab.rows) and column < tab.width and tab.columns[column].people


def _read(block: Block, tab: Tab, row: int, column: int) -> EnteredValue:
    """What the cell holds once room has been made: beyond the last extent it is empty, but in a tab people type in."""
    beyond = row >= block.memory.rows or column >= block.memory.columns
    if beyond and not tab.typed_in:
        return {}
    cells = block.cells[row] if row < len(block.cells) else ()
    return cells[column] if column < len(cells) else {}


def cell_requests(block: Block, tab: Tab, changed: Sequence[tuple[int, int, Cell]]) -> Iterator[Json]:
    """One request for each rectangle of changed cells; cells of people's columns bring their format along."""
    for top, left, rows in _rectangles(tab, changed):
        people = left < tab.width and tab.columns[left].people
        values = [{"values": [_cell_data(cell, with_format=people) for cell in row]} for row in rows]
        fields = "userEnteredValue,userEnteredFormat.numberFormat" if people else "userEnteredValue"
        start = {"sheetId": block.sheet_id, "rowIndex": top, "columnIndex": left}
        yield {"updateCells": {"start": start, "rows": values, "fields": fields}}


def _cell_data(cell: Cell, *, with_format: bool) -> Json:
    value, number_format = entered(cell), format_of(cell)
    data: Json = {"userEnteredValue": value} if value else {}
    if with_format and number_format:
        data["userEnteredFormat"] = {"numberFormat": {"type": number_format.type, "pattern": number_format.pattern}}
    return data


def _rectangles(tab: Tab, changed: Sequence[tuple[int, int, Cell]]) -> Iterator[tuple[int, int, list[list[Cell]]]]:
    """Runs of neighbours in a row, joined with the runs below that span the same columns."""
    top = left = 0
    rows: list[list[Cell]] = []
    for row, column, cells in _runs(tab, changed):
        follows = row == top + len(rows) and column == left and len(rows) < _MOST_ROWS_A_REQUEST
        if rows and follows and len(cells) == len(rows[0]):
            rows.append(cells)
            continue
        if rows:
            yield top, left, rows
        top, left, rows = row, column, [cells]
    if rows:
        yield top, left, rows


def _runs(tab: Tab, changed: Sequence[tuple[int, int, Cell]]) -> Iterator[tuple[int, int, list[Cell]]]:
    place, run = (-1, -1), list[Cell]()
    for row, column, cell in changed:
        # Cells in people's columns bring their format along and the bot's do not, so no request has both.
        joins = (row, column) == (place[0], place[1] + len(run)) and _owner(tab, column) == _owner(tab, place[1])
        if run and joins:
            run.append(cell)
            continue
        if run:
            yield *place, run
        place, run = (row, column), [cell]
    if run:
        yield *place, run


def _owner(tab: Tab, column: int) -> bool:
    return column < tab.width and tab.columns[column].people
