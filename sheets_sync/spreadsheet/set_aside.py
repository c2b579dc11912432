"""Rows and columns are inserted and deleted only while a copy of their tab stands by.

Google inserts and deletes by place, and a place read a second ago may be another row's by now. So the batch that does
it copies the whole tab first, into a hidden one. Its answer shows that copy: if the tab was as it was read, the copy
goes; else the batch is undone from it, with all cells, formats and notes, and the sync begins anew. A copy that is
there when a sync begins is one of a sync that died in between; it says itself how the tab had been read.
"""

from __future__ import annotations

import json
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import field
from itertools import groupby, product
from typing import Any

from kpi_core.frozen_dataclass import frozen
from kpi_core.sources.a1_notation import column_letters, tab_in_a1
from sheets_sync.spreadsheet.arrangement import Layout, stretches
from sheets_sync.spreadsheet.batches import Json
from sheets_sync.spreadsheet.looks import digest
from sheets_sync.spreadsheet.metadata import chosen_id, create_column_mark, create_metadata, delete_metadata
from sheets_sync.spreadsheet.state import Block, State
from sheets_sync.tabs.cells import EnteredValue

ASIDE_KEY = "kpibot.aside"
"""On a copy: its own id, the tab that it is a copy of, and what was inserted and deleted there since."""

Cells = Mapping[tuple[int, int], EnteredValue]
"""What was entered, by row and column."""
Edit = tuple[str, str, int, int]
"""ROWS or COLUMNS, insert or delete, start, end: in the order in which they were sent."""


@frozen
class Aside:
    """The copy that stands by while lines of a tab are inserted and deleted. Places are those as read."""

    sheet_id: int
    title: str
    index: int
    """How many tabs there are."""
    block: Block
    edits: tuple[Edit, ...]
    rows: frozenset[int]
    """Those that show whether the tab is as it was read: the header, and what is deleted."""
    columns: frozenset[int]
    """The names and keys of the rows, and what is deleted."""
    made: tuple[int, ...]
    """The marks of columns that the batch makes."""

    def requests(self, mark: int) -> Iterator[Json]:
        """The copy, made in the batch that it is for, and hidden at once."""
        copy: Json = {"sourceSheetId": self.block.sheet_id, "newSheetId": self.sheet_id, "newSheetName": self.title}
        # Behind all others: people's tabs do not jump.
        copy["insertSheetIndex"] = self.index
        yield {"duplicateSheet": copy}
        hidden = {"sheetId": self.sheet_id, "hidden": True}
        yield {"updateSheetProperties": {"properties": hidden, "fields": "hidden"}}
        gone = _deleted(self.edits, "COLUMNS")
        # The marks of columns go with them, and no copy is sure to have them.
        marks = {place: text for place, text in self.block.columns.items() if place in gone}
        looked = {"rows": sorted(self.rows), "columns": sorted(self.columns), "read": self._looks_as(self._read())}
        about = {"edits": self.edits, "marks": marks, "all": self.block.columns, "made": self.made, **looked}
        value = {"sheet": self.sheet_id, "home": self.block.sheet_id, **about}
        yield create_metadata(mark, ASIDE_KEY, json.dumps(value, separators=(",", ":")), self.sheet_id)

    def ranges(self) -> list[str]:
        """What shows whether the tab is as it was read, as Google wants to be asked for it."""
        title = tab_in_a1(self.title)
        down = (f"{title}!{column_letters(start)}:{column_letters(end - 1)}" for start, end in stretches(self.columns))
        return [*down, *(f"{title}!{start + 1}:{end}" for start, end in stretches(self.rows))]

    def is_as_read(self, sheet: Mapping[str, Any]) -> bool:
        """Whether the batch met the tab as it was read; `sheet` is the copy in the answer to the write."""
        return self._looks_as(entered_cells(sheet)) == self._looks_as(self._read())

    def _read(self) -> Cells:
        return {(row, column): cell for row, cells in enumerate(self.block.cells) for column, cell in enumerate(cells)}

    def _looks_as(self, cells: Cells) -> str:
        return _looks_as(cells, self.rows, self.columns)


def entered_cells(sheet: Mapping[str, Any]) -> Cells:
    """The values of a tab in an answer, by their places."""
    there: dict[tuple[int, int], EnteredValue] = {}
    for data in sheet.get("data", []):
        top, left = data.get("startRow", 0), data.get("startColumn", 0)
        for row, line in enumerate(data.get("rowData", []), top):
            for column, cell in enumerate(line.get("values", []), left):
                there[row, column] = cell.get("userEnteredValue", {})
    return there


def _looks_as(cells: Cells, rows: Container[int], columns: Container[int]) -> str:
    """A digest of what stands in these rows and columns."""
    looked = ([*place, cell] for place, cell in cells.items() if cell and (place[0] in rows or place[1] in columns))
    return digest(sorted(looked, key=lambda each: each[:2]))


def aside_of(state: State, block: Block, layout: Layout, marks: Sequence[Json]) -> Aside | None:
    """The copy that the edits of a tab need; None where there are none. `marks` are the requests that make them."""
    edits = edits_of(layout)
    if not edits:
        return None
    number = chosen_id(f"aside/{block.sheet_id}/{block.grown}", state.sheet_ids)
    lines = layout.columns.lines
    looked = {layout.columns.was(lines[0]), layout.columns.was(lines[-1])} - {None}
    head = layout.rows.was(layout.header)
    made = tuple(mark["createDeveloperMetadata"]["developerMetadata"]["metadataId"] for mark in marks)
    return Aside(
        number,
        f"KPI Bot {number}",
        len(state.sheet_ids),
        block,
        edits,
        frozenset(_deleted(edits, "ROWS") | ({head} if head is not None else set())),
        frozenset(_deleted(edits, "COLUMNS") | {place for place in looked if place is not None}),
        made,
    )


def edits_of(layout: Layout) -> tuple[Edit, ...]:
    """What is inserted and deleted, columns first; each dimension from its end on."""
    columns = tuple(("COLUMNS", *edit) for edit in layout.columns.edits)
    return (*columns, *(("ROWS", *edit) for edit in layout.rows.edits))


def delete_aside(number: int) -> Json:
    return {"deleteSheet": {"sheetId": number}}


@frozen
class Copy:
    """A copy that is there: a sync did not end, or not yet. `home` is the tab that it is a copy of."""

    sheet_id: int
    home: int
    edits: tuple[Edit, ...]
    marks: Mapping[str, str]
    """Those of deleted columns, by their places."""
    made: tuple[int, ...]
    grid: Mapping[str, int]
    rows: frozenset[int] = frozenset()
    columns: frozenset[int] = frozenset()
    read: str = ""
    """A digest of what stood in these rows and columns when the tab was read; "" where nobody wrote that down."""
    all_marks: Mapping[int, str] = field(default_factory=dict)
    """Those of all columns when the tab was read: undone, some may be elsewhere."""

    def sizes(self) -> Iterator[tuple[str, int]]:
        """How many lines the copy has in each dimension."""
        yield "ROWS", self.grid.get("rowCount", 0)
        yield "COLUMNS", self.grid.get("columnCount", 0)

    def is_as_read(self, cells: Cells) -> bool:
        """Whether the batch met the tab as it was read; `cells` are those of the copy."""
        return bool(self.read) and _looks_as(cells, self.rows, self.columns) == self.read


def copies_in(document: Mapping[str, Any]) -> list[Copy]:
    """The copies in an answer with STATE_FIELDS."""
    there = []
    for sheet in document.get("sheets", []):
        number = sheet["properties"].get("sheetId", 0)
        for entry in sheet.get("developerMetadata", []):
            mark = _mark(entry) if entry.get("metadataKey") == ASIDE_KEY else {}
            if mark.get("sheet") == number:
                edits = tuple((dimension, kind, start, end) for dimension, kind, start, end in mark["edits"])
                grid = sheet["properties"].get("gridProperties", {})
                looked = (frozenset(mark.get("rows", ())), frozenset(mark.get("columns", ())), mark.get("read", ""))
                marks = {int(place): text for place, text in mark.get("all", {}).items()}
                there.append(
                    Copy(number, mark["home"], edits, mark["marks"], tuple(mark["made"]), grid, *looked, marks)
                )
    return there


def undone(copies: Sequence[Copy], document: Mapping[str, Any]) -> list[Json]:
    """Batches undone by their copies, which go with it: so this one, sent twice, is refused.

    Lines that were inserted stay, empty: nothing is deleted without a copy.
    """
    tabs = {sheet["properties"].get("sheetId", 0) for sheet in document.get("sheets", [])}
    taken = {
        entry["metadataId"]
        for holder in (document, *document.get("sheets", []))
        for entry in holder.get("developerMetadata", [])
    }
    requests: list[Json] = []
    for copy in copies:
        if copy.home in tabs:
            requests += [*_restored(copy), *map(delete_metadata, copy.made), *_marked(copy, taken)]
        requests.append(delete_aside(copy.sheet_id))
    return requests


def _mark(entry: Mapping[str, Any]) -> Mapping[str, Any]:
    try:
        value = json.loads(entry.get("metadataValue", ""))
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _restored(copy: Copy) -> Iterator[Json]:
    """Deleted lines back where they were, inserted ones emptied, all cells filled from the copy."""
    rows, columns = (_lines(copy.edits, *size) for size in copy.sizes())
    for dimension, lines in (("ROWS", rows), ("COLUMNS", columns)):
        for place, _was, count in _runs(lines, _deleted(copy.edits, dimension)):
            where = {"sheetId": copy.home, "dimension": dimension, "startIndex": place, "endIndex": place + count}
            yield {"insertDimension": {"range": where, "inheritFromBefore": False}}
    for dimension, lines in (("Row", rows), ("Column", columns)):
        for start, end in stretches({place for place, was in enumerate(lines) if was is None}):
            where = {"sheetId": copy.home, f"start{dimension}Index": start, f"end{dimension}Index": end}
            yield {"updateCells": {"range": where, "fields": "*"}}
    for across, down in product(_runs(rows, range(len(rows))), _runs(columns, range(len(columns)))):
        yield _copied(copy, across, down)


def _marked(copy: Copy, taken: set[int]) -> Iterator[Json]:
    """The marks of the columns that are put back."""
    lines = _lines(copy.edits, "COLUMNS", max((end for *_edit, end in copy.edits), default=0))
    for was, text in copy.marks.items():
        number = chosen_id(f"back/{copy.sheet_id}/{was}", taken)
        taken.add(number)
        yield create_column_mark(number, text, copy.home, lines.index(int(was)))


def _deleted(edits: Sequence[Edit], dimension: str) -> set[int]:
    deleted = [range(start, end) for one, kind, start, end in edits if (one, kind) == (dimension, "delete")]
    return {place for places in deleted for place in places}


Run = tuple[int, int, int]
"""Where lines lie once all is put back, where they lie in the copy, how many."""


def _lines(edits: Sequence[Edit], dimension: str, size: int) -> list[int | None]:
    """The lines of the copy with those that were inserted between them, as None."""
    lines: list[int | None] = list(range(size))
    for one, kind, start, end in edits:
        if (one, kind) == (dimension, "insert"):
            # From the end on: what is inserted moves no place that is still to come.
            lines[start:start] = [None] * (end - start)
    return lines


def _runs(lines: Sequence[int | None], wanted: Container[int]) -> list[Run]:
    chosen = [(place, was) for place, was in enumerate(lines) if was is not None and was in wanted]
    runs = []
    for _step, group in groupby(enumerate(chosen), key=lambda each: (each[1][0] - each[0], each[1][1] - each[0])):
        members = [pair for _number, pair in group]
        runs.append((*members[0], len(members)))
    return runs


def _copied(copy: Copy, rows: Run, columns: Run) -> Json:
    (row, row_was, height), (column, column_was, width) = rows, columns
    source, destination = (
        {
            "sheetId": sheet,
            "startRowIndex": top,
            "endRowIndex": top + height,
            "startColumnIndex": left,
            "endColumnIndex": left + width,
        }
        for sheet, top, left in ((copy.sheet_id, row_was, column_was), (copy.home, row, column))
    )
    return {"copyPaste": {"source": source, "destination": destination, "pasteType": "PASTE_NORMAL"}}
