"""Rows and columns are deleted only while a copy of their tab stands by.

Google deletes by place, and a place read a second ago may be another row's by now. So the batch that deletes copies the
whole tab first, into a hidden one. Its answer shows in the copy what was deleted: if that is what was read, the copy
goes; else what was deleted is put back from it, with all its cells, formats and notes, and the sync begins anew. A copy
that is there when a sync begins is one of a sync that died in between.
"""

from __future__ import annotations

import json
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, product
from typing import Any

from kpi_core.sources.a1_notation import column_letters, tab_in_a1
from sheets_sync.spreadsheet.arrangement import Layout
from sheets_sync.spreadsheet.batches import Json
from sheets_sync.spreadsheet.metadata import chosen_id, create_column_mark, create_metadata
from sheets_sync.spreadsheet.state import Block, State

ASIDE_KEY = "kpibot.aside"
"""On a copy: its own id, the tab that it is a copy of, and what was inserted and deleted there since."""

Edit = tuple[str, str, int, int]
"""ROWS or COLUMNS, insert or delete, start, end: in the order in which they were sent."""


@dataclass(frozen=True, slots=True)
class Aside:
    """The copy that stands by while lines of a tab are deleted."""

    sheet_id: int
    title: str
    block: Block
    edits: tuple[Edit, ...]

    @property
    def deleted(self) -> tuple[tuple[str, int, int], ...]:
        return tuple((dimension, start, end) for dimension, kind, start, end in self.edits if kind == "delete")

    def requests(self, mark: int) -> Iterator[Json]:
        """The copy, made in the batch that deletes, and hidden at once."""
        copy = {"sourceSheetId": self.block.sheet_id, "newSheetId": self.sheet_id, "newSheetName": self.title}
        yield {"duplicateSheet": copy}
        hidden = {"sheetId": self.sheet_id, "hidden": True}
        yield {"updateSheetProperties": {"properties": hidden, "fields": "hidden"}}
        gone = _deleted(self.edits, "COLUMNS")
        # The marks of columns go with them, and no copy is known to have them.
        marks = {place: text for place, text in self.block.columns.items() if place in gone}
        value = {"sheet": self.sheet_id, "home": self.block.sheet_id, "edits": self.edits, "marks": marks}
        yield create_metadata(mark, ASIDE_KEY, json.dumps(value, separators=(",", ":")), self.sheet_id)

    def ranges(self) -> list[str]:
        """What was deleted, as Google wants to be asked for it."""
        title = tab_in_a1(self.title)
        return [
            f"{title}!{column_letters(start)}:{column_letters(end - 1)}"
            if dimension == "COLUMNS"
            else f"{title}!{start + 1}:{end}"
            for dimension, start, end in self.deleted
        ]

    def is_as_read(self, sheet: Mapping[str, Any]) -> bool:
        """Whether what was deleted is what was read; `sheet` is the copy in the answer to the write."""
        there: dict[tuple[int, int], object] = {}
        for data in sheet.get("data", []):
            top, left = data.get("startRow", 0), data.get("startColumn", 0)
            for row, line in enumerate(data.get("rowData", []), top):
                for column, cell in enumerate(line.get("values", []), left):
                    there[row, column] = cell.get("userEnteredValue", {})
        return {place: cell for place, cell in there.items() if cell and self._covers(*place)} == {
            (row, column): cell
            for row, cells in enumerate(self.block.cells)
            for column, cell in enumerate(cells)
            if cell and self._covers(row, column)
        }

    def _covers(self, row: int, column: int) -> bool:
        places = {"ROWS": row, "COLUMNS": column}
        return any(start <= places[dimension] < end for dimension, start, end in self.deleted)


def aside_of(state: State, block: Block, layout: Layout) -> Aside | None:
    """The copy that the edits of a tab need; None where nothing is deleted."""
    edits = edits_of(layout)
    if not any(kind == "delete" for _dimension, kind, _start, _end in edits):
        return None
    number = chosen_id(f"aside/{block.sheet_id}/{block.grown}", state.sheet_ids)
    return Aside(number, f"KPI Bot {number}", block, edits)


def edits_of(layout: Layout) -> tuple[Edit, ...]:
    """What is inserted and deleted, columns first; each dimension from its end on."""
    columns = tuple(("COLUMNS", *edit) for edit in layout.columns.edits)
    return (*columns, *(("ROWS", *edit) for edit in layout.rows.edits))


def delete_aside(number: int) -> Json:
    return {"deleteSheet": {"sheetId": number}}


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy that is there: a sync did not end, or not yet. `home` is the tab that it is a copy of."""

    sheet_id: int
    home: int
    edits: tuple[Edit, ...]
    marks: Mapping[str, str]
    grid: Mapping[str, int]


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
                there.append(Copy(number, mark["home"], edits, mark["marks"], grid))
    return there


def put_back(copies: Sequence[Copy], document: Mapping[str, Any]) -> list[Json]:
    """What was deleted, put back from its copies; they go with it, so that the batch sent twice is refused."""
    tabs = {sheet["properties"].get("sheetId", 0) for sheet in document.get("sheets", [])}
    taken = {
        entry["metadataId"]
        for holder in (document, *document.get("sheets", []))
        for entry in holder.get("developerMetadata", [])
    }
    requests: list[Json] = []
    for copy in copies:
        if copy.home in tabs:
            requests += [*_restored(copy), *_marked(copy, taken)]
        requests.append(delete_aside(copy.sheet_id))
    return requests


def _mark(entry: Mapping[str, Any]) -> Mapping[str, Any]:
    try:
        value = json.loads(entry.get("metadataValue", ""))
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _restored(copy: Copy) -> Iterator[Json]:
    """Deleted lines inserted where they were, between whatever was inserted beside them, and filled from the copy."""
    aside, home, edits = copy.sheet_id, copy.home, copy.edits
    sizes = {"ROWS": copy.grid.get("rowCount", 0), "COLUMNS": copy.grid.get("columnCount", 0)}
    all_of = {dimension: _runs(_lines(edits, dimension, size), range(size)) for dimension, size in sizes.items()}
    gone = {
        dimension: _runs(_lines(edits, dimension, size), _deleted(edits, dimension))
        for dimension, size in sizes.items()
    }
    for dimension, runs in gone.items():
        for place, _was, count in runs:
            where = {"sheetId": home, "dimension": dimension, "startIndex": place, "endIndex": place + count}
            yield {"insertDimension": {"range": where, "inheritFromBefore": False}}
    yield from (_copied(aside, home, rows, columns) for rows, columns in product(gone["ROWS"], all_of["COLUMNS"]))
    yield from (_copied(aside, home, rows, columns) for rows, columns in product(all_of["ROWS"], gone["COLUMNS"]))


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


def _copied(aside: int, home: int, rows: Run, columns: Run) -> Json:
    (row, row_was, height), (column, column_was, width) = rows, columns
    source, destination = (
        {
            "sheetId": sheet,
            "startRowIndex": top,
            "endRowIndex": top + height,
            "startColumnIndex": left,
            "endColumnIndex": left + width,
        }
        for sheet, top, left in ((aside, row_was, column_was), (home, row, column))
    )
    return {"copyPaste": {"source": source, "destination": destination, "pasteType": "PASTE_NORMAL"}}
