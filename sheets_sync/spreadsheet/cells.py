"""The cells that changed, as few requests; cells of people are in none."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from sheets_sync.spreadsheet.arrangement import Layout, is_bare
from sheets_sync.spreadsheet.batches import Json
from sheets_sync.spreadsheet.identity import Line, line_of, name_of
from sheets_sync.spreadsheet.state import Block
from sheets_sync.tabs.cells import Cell, Day, EnteredValue, Keep, Number, Text, entered, format_of, same_value
from sheets_sync.tabs.tab import Tab

# A request is never cut: a table in one piece could be more than a batch may hold.
_MOST_ROWS_A_REQUEST = 500

OURS = "KPI Bot: "
"""How the notes begin that are the bot's."""

Changed = tuple[int, int, Cell]
"""Row, column, and what is to stand there."""


def changed_cells(block: Block, tab: Tab, layout: Layout) -> list[Changed]:
    """Every cell of ours that holds something else, at the place it will have, from the first row on."""
    different = []
    for row, column, cell in (*_wanted(tab, layout), *_beside(tab, layout), *_left_behind(block, tab, layout)):
        there = layout.read(block, row, column)
        if not same_value(cell, there) and not _is_a_remark(cell, there):
            different.append((row, column, cell))
    return sorted(different, key=lambda change: change[:2])


def _is_a_remark(cell: Cell, there: EnteredValue) -> bool:
    """Words where a number would stand if there were one: none of ours, and in nobody's way."""
    return isinstance(cell, Number | Day) and not entered(cell) and "stringValue" in there


def _wanted(tab: Tab, layout: Layout) -> Iterator[Changed]:
    for key, line, cells in zip(tab.row_keys, layout.rows.lines, tab.rows, strict=True):
        # Beside a heading, and in a row that is room for charts, nothing was ever ours.
        bare = is_bare(key)
        for place, cell in zip(layout.columns.lines, cells, strict=True):
            if not isinstance(cell, Keep) and not (bare and cell is None):
                yield line, place, cell


def _beside(tab: Tab, layout: Layout) -> Iterator[Changed]:
    rows = dict(zip(tab.row_keys, layout.rows.lines, strict=True))
    for (key, was), cell in tab.beside.items():
        column = layout.columns.now(was)
        if column is not None:
            yield rows[key], column, cell


def _left_behind(block: Block, tab: Tab, layout: Layout) -> Iterator[Changed]:
    """What is wanted no more where people wrote beside it: it keeps its name, and loses its numbers."""
    rows, columns = layout.rows, layout.columns
    first, mark = columns.lines[0], columns.lines[-1]
    for row, key in rows.left.items():
        if tab.typed_in:
            mine = [place for place, column in zip(columns.lines, tab.columns, strict=True) if not column.people]
            yield from ((row, place, None) for place in mine)
            continue
        marked = line_of(name_of(layout.read(block, row, mark)))
        name = name_of(layout.read(block, row, first)) or (marked.name if marked.key == key else "")
        yield row, mark, Text(Line(key, name).to_text())
        if not layout.read(block, row, first):
            # The column of the names was deleted.
            yield row, first, Text(name)
        if not is_bare(key):
            yield from ((row, place, None) for place in (*columns.lines[1:-1], *columns.left))
    yield from ((row, mark, None) for row in rows.unmarked)
    ours = [row for key, row in zip(tab.row_keys, rows.lines, strict=True) if not key.startswith("#")]
    for column in columns.left:
        yield from ((row, column, None) for row in ours)


def cell_requests(block: Block, changed: Sequence[Changed], people: Collection[int]) -> Iterator[Json]:
    """One request for each rectangle of changed cells; those in the columns of `people` bring their format along."""
    for top, left, rows in _rectangles(people, changed):
        formatted = left in people
        values = [{"values": [_cell_data(cell, with_format=formatted) for cell in row]} for row in rows]
        fields = "userEnteredValue,userEnteredFormat.numberFormat" if formatted else "userEnteredValue"
        start = {"sheetId": block.sheet_id, "rowIndex": top, "columnIndex": left}
        yield {"updateCells": {"start": start, "rows": values, "fields": fields}}


def _cell_data(cell: Cell, *, with_format: bool) -> Json:
    value, number_format = entered(cell), format_of(cell)
    data: Json = {"userEnteredValue": value} if value else {}
    if with_format and number_format:
        data["userEnteredFormat"] = {"numberFormat": {"type": number_format.type, "pattern": number_format.pattern}}
    return data


def _rectangles(people: Collection[int], changed: Sequence[Changed]) -> Iterator[tuple[int, int, list[list[Cell]]]]:
    """Runs of neighbours in a row, joined with the runs below that span the same columns."""
    top = left = 0
    rows: list[list[Cell]] = []
    for row, column, cells in _runs(people, changed):
        follows = row == top + len(rows) and column == left and len(rows) < _MOST_ROWS_A_REQUEST
        if rows and follows and len(cells) == len(rows[0]):
            rows.append(cells)
            continue
        if rows:
            yield top, left, rows
        top, left, rows = row, column, [cells]
    if rows:
        yield top, left, rows


def _runs(people: Collection[int], changed: Sequence[Changed]) -> Iterator[tuple[int, int, list[Cell]]]:
    place, run = (-1, -1), list[Cell]()
    for row, column, cell in changed:
        # Cells in people's columns bring their format along and the bot's do not, so no request has both.
        joins = (row, column) == (place[0], place[1] + len(run)) and (column in people) == (place[1] in people)
        if run and joins:
            run.append(cell)
            continue
        if run:
            yield *place, run
        place, run = (row, column), [cell]
    if run:
        yield *place, run


def remark_requests(block: Block, tab: Tab, layout: Layout) -> Iterator[Json]:
    """Notes that are missing, and those of ours that say what is no longer so."""
    wanted = dict(_wanted_notes(tab, layout))
    there = {place: text for was, text in block.notes.items() if (place := _now(layout, was))}
    header = {(layout.header, column) for column in layout.columns.lines}
    for place, text in wanted.items():
        note = there.get(place, OURS)
        if note.startswith(OURS) and note != text:
            yield _note(block, place, text)
    for place, note in there.items():
        # Where nobody types, a note tells what was, and stays.
        if tab.typed_in and note.startswith(OURS) and place not in wanted and place not in header:
            yield _note(block, place, "")


def _wanted_notes(tab: Tab, layout: Layout) -> Iterator[tuple[tuple[int, int], str]]:
    rows = dict(zip(tab.row_keys, layout.rows.lines, strict=True))
    columns = dict(zip((column.key for column in tab.columns), layout.columns.lines, strict=True))
    for (key, where), text in tab.remarks.items():
        column = columns[where] if isinstance(where, str) else layout.columns.now(where)
        if column is not None:
            yield (rows[key], column), f"{OURS}{text}" if text else ""
    for was, text in tab.noted.items():
        if place := _now(layout, was):
            yield place, f"{OURS}{text}"


def _now(layout: Layout, was: tuple[int, int]) -> tuple[int, int] | None:
    row, column = layout.rows.now(was[0]), layout.columns.now(was[1])
    return None if row is None or column is None else (row, column)


def _note(block: Block, place: tuple[int, int], text: str) -> Json:
    start = {"sheetId": block.sheet_id, "rowIndex": place[0], "columnIndex": place[1]}
    values = [{"note": text} if text else {}]
    return {"updateCells": {"start": start, "rows": [{"values": values}], "fields": "note"}}
