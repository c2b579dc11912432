"""A person who works in the same spreadsheet, as its owner or as an editor whom protections hold up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sheets_sync.sandbox.api_errors import invalid
from sheets_sync.sandbox.batch import apply_batch
from sheets_sync.sandbox.batch.guards import check_area
from sheets_sync.sandbox.contents.cell_reader import Reader
from sheets_sync.sandbox.contents.value_ranges import typed_cell
from sheets_sync.sandbox.document.a1 import column_number
from sheets_sync.sandbox.document.area import Area
from sheets_sync.sandbox.document.lookup import find_area
from sheets_sync.sandbox.document.spreadsheet import Json, Spreadsheet
from sheets_sync.sandbox.drive_files import HISTORY, PERSON, Files


class Person:
    """Tabs go by title, rows and columns by what the screen shows. What a protection forbids is refused with a 400."""

    def __init__(self, files: Files, email: str = PERSON) -> None:
        """Works on the newest state of each file, which is shared with `email` as Editor if it is not yet."""
        self.files = files
        self.email = email

    def edit(self, spreadsheet: str, cell: str, text: str) -> None:
        """Type into one cell, such as `Goals!C4`."""

        def change(state: Spreadsheet) -> Spreadsheet:
            draft = state.copy()
            area = find_area(draft, cell)
            area = Area(area.sheet_id, area.top, area.left, area.top + 1, area.left + 1)
            check_area(draft, area, self.email)
            sheet, place = draft.sheet(area.sheet_id), (area.top, area.left)
            sheet.put(place, typed_cell(sheet.cells.get(place, {}), text, draft.locale))
            return draft

        self._change(spreadsheet, change)

    def shown(self, spreadsheet: str, cell: str) -> str:
        """What the person sees in one cell."""
        with self.files.lock:
            state = self.files.file(spreadsheet).spreadsheet
            area = find_area(state, cell)
            return Reader(state, self.files.clock()).text(state.sheet(area.sheet_id), (area.top, area.left))

    def insert_rows(self, spreadsheet: str, tab: str, row: int, count: int = 1) -> None:
        """Insert rows above the row with that number, counted from 1."""
        self._lines(spreadsheet, "insertDimension", tab, _run("ROWS", row - 1, count))

    def delete_rows(self, spreadsheet: str, tab: str, row: int, count: int = 1) -> None:
        self._lines(spreadsheet, "deleteDimension", tab, _run("ROWS", row - 1, count))

    def insert_columns(self, spreadsheet: str, tab: str, column: str, count: int = 1) -> None:
        """Insert columns to the left of the one with that letter."""
        self._lines(spreadsheet, "insertDimension", tab, _run("COLUMNS", column_number(column), count))

    def delete_columns(self, spreadsheet: str, tab: str, column: str, count: int = 1) -> None:
        self._lines(spreadsheet, "deleteDimension", tab, _run("COLUMNS", column_number(column), count))

    def _lines(self, spreadsheet: str, kind: str, tab: str, run: Json) -> None:
        self._requests(spreadsheet, lambda state: [{kind: {"range": {"sheetId": _tab(state, tab), **run}}}])

    def move_rows(self, spreadsheet: str, tab: str, row: int, before: int, count: int = 1) -> None:
        """Drag rows to stand above the row that has the number `before` now."""
        self._move(spreadsheet, tab, _run("ROWS", row - 1, count), before - 1)

    def move_columns(self, spreadsheet: str, tab: str, column: str, before: str, count: int = 1) -> None:
        self._move(spreadsheet, tab, _run("COLUMNS", column_number(column), count), column_number(before))

    def _move(self, spreadsheet: str, tab: str, run: Json, before: int) -> None:
        def requests(state: Spreadsheet) -> list[Json]:
            source = {"sheetId": _tab(state, tab), **run}
            return [{"moveDimension": {"source": source, "destinationIndex": before}}]

        self._requests(spreadsheet, requests)

    def sort(self, spreadsheet: str, cells: str, column: str, *, descending: bool = False) -> None:
        """Sort the rows of a range such as `Goals!A2:F9` by the column with that letter."""
        order = "DESCENDING" if descending else "ASCENDING"
        spec = {"dimensionIndex": column_number(column), "sortOrder": order}

        def requests(state: Spreadsheet) -> list[Json]:
            return [{"sortRange": {"range": find_area(state, cells).to_json(), "sortSpecs": [spec]}}]

        self._requests(spreadsheet, requests)

    def filter(self, spreadsheet: str, cells: str, column: str, hidden: list[str]) -> None:
        """Put the tab's filter on a range with a header row, such as `Goals!A1:F9`, and hide rows by what they say."""

        def requests(state: Spreadsheet) -> list[Json]:
            spec = {"columnIndex": column_number(column), "filterCriteria": {"hiddenValues": hidden}}
            return [{"setBasicFilter": {"filter": {"range": _range(state, cells), "filterSpecs": [spec]}}}]

        self._requests(spreadsheet, requests)

    def clear_filter(self, spreadsheet: str, tab: str) -> None:
        self._requests(spreadsheet, lambda state: [{"clearBasicFilter": {"sheetId": _tab(state, tab)}}])

    def restyle(self, spreadsheet: str, cells: str, look: Json) -> None:
        """Give cells a CellFormat, such as `{"textFormat": {"bold": true}}`; what it does not name stays."""
        fields = ",".join(f"userEnteredFormat.{name}" for name in look)

        def requests(state: Spreadsheet) -> list[Json]:
            cell = {"userEnteredFormat": look}
            return [{"repeatCell": {"range": _range(state, cells), "cell": cell, "fields": fields}}]

        self._requests(spreadsheet, requests)

    def note(self, spreadsheet: str, cells: str, text: str) -> None:
        def requests(state: Spreadsheet) -> list[Json]:
            return [{"repeatCell": {"range": _range(state, cells), "cell": {"note": text}, "fields": "note"}}]

        self._requests(spreadsheet, requests)

    def clear(self, spreadsheet: str, cells: str) -> None:
        """Select cells and press Delete."""

        def requests(state: Spreadsheet) -> list[Json]:
            return [{"repeatCell": {"range": _range(state, cells), "cell": {}, "fields": "userEnteredValue"}}]

        self._requests(spreadsheet, requests)

    def merge(self, spreadsheet: str, cells: str) -> None:
        self._requests(spreadsheet, lambda state: [{"mergeCells": {"range": _range(state, cells)}}])

    def unmerge(self, spreadsheet: str, cells: str) -> None:
        self._requests(spreadsheet, lambda state: [{"unmergeCells": {"range": _range(state, cells)}}])

    def remove_protection(self, spreadsheet: str, tab: str) -> None:
        """Remove all protections of a tab."""

        def requests(state: Spreadsheet) -> list[Json]:
            guards = state.sheet(_tab(state, tab)).objects["protectedRanges"]
            if not guards:
                raise invalid(f"There is no protection on {tab}.")
            return [{"deleteProtectedRange": {"protectedRangeId": guard["protectedRangeId"]}} for guard in guards]

        self._requests(spreadsheet, requests)

    def rename_tab(self, spreadsheet: str, tab: str, title: str) -> None:
        self._properties(spreadsheet, tab, title=title)

    def hide_tab(self, spreadsheet: str, tab: str) -> None:
        self._properties(spreadsheet, tab, hidden=True)

    def show_tab(self, spreadsheet: str, tab: str) -> None:
        self._properties(spreadsheet, tab, hidden=False)

    def move_tab(self, spreadsheet: str, tab: str, index: int) -> None:
        """Move a tab to stand before the one that is at `index` now."""
        self._properties(spreadsheet, tab, index=index)

    def _properties(self, spreadsheet: str, tab: str, **changed: Any) -> None:
        def requests(state: Spreadsheet) -> list[Json]:
            properties = {"sheetId": _tab(state, tab), **changed}
            return [{"updateSheetProperties": {"properties": properties, "fields": ",".join(changed)}}]

        self._requests(spreadsheet, requests)

    def add_tab(self, spreadsheet: str, title: str) -> None:
        self._requests(spreadsheet, lambda _: [{"addSheet": {"properties": {"title": title}}}])

    def duplicate_tab(self, spreadsheet: str, tab: str) -> None:
        self._requests(spreadsheet, lambda state: [{"duplicateSheet": {"sourceSheetId": _tab(state, tab)}}])

    def delete_tab(self, spreadsheet: str, tab: str) -> None:
        self._requests(spreadsheet, lambda state: [{"deleteSheet": {"sheetId": _tab(state, tab)}}])

    def batch(self, spreadsheet: str, requests: list[Json]) -> None:
        """Anything else a person can do, as API requests."""
        self._requests(spreadsheet, lambda _: requests)

    def undo(self, spreadsheet: str) -> None:
        """Take the person's last edit back, and with it whatever was written since."""
        with self.files.lock:
            file = self.files.file(spreadsheet)
            if not file.history:
                raise invalid("There is nothing to undo.")
            self.files.replace(file, file.history.pop())

    def restore(self, spreadsheet: str, back: int = 1) -> None:
        """Restore the version from before the last `back` changes, whoever made them; this can be undone."""
        with self.files.lock:
            versions = self.files.file(spreadsheet).versions
            if not 1 <= back <= len(versions):
                raise invalid(f"There are {len(versions)} earlier versions.")
            # An id that was given out since is not given out again.
            self._change(spreadsheet, lambda state: replace(versions[-back].copy(), issued=state.issued))

    def _requests(self, spreadsheet: str, requests: Callable[[Spreadsheet], list[Json]]) -> None:
        now = self.files.clock()
        self._change(spreadsheet, lambda state: apply_batch(state, requests(state), self.email, now)[0])

    def _change(self, spreadsheet: str, change: Callable[[Spreadsheet], Spreadsheet]) -> None:
        with self.files.lock:
            file = self.files.file(spreadsheet)
            if file.role(self.email) is None:
                self.files.share(spreadsheet, self.email)
            before = file.spreadsheet
            # An edit that is refused raises here, and leaves nothing to undo.
            self.files.replace(file, change(before))
            file.history = [*file.history, before][-HISTORY:]


def _run(dimension: str, start: int, count: int) -> Json:
    return {"dimension": dimension, "startIndex": start, "endIndex": start + count}


def _range(state: Spreadsheet, cells: str) -> Json:
    return find_area(state, cells).to_json()


def _tab(state: Spreadsheet, title: str) -> int:
    sheet = state.titled(title)
    if sheet is None:
        raise invalid(f"There is no tab named {title}.")
    return sheet.sheet_id


def act(person: Person, action: str, arguments: dict[str, Any]) -> None:
    """Carry out an action by name, for the control API. Raises a 400 for an unknown one or wrong arguments."""
    if action not in ACTIONS:
        raise invalid(f"A person cannot {action}; known: {', '.join(ACTIONS)}.")
    try:
        getattr(person, action)(**arguments)
    except TypeError as error:
        raise invalid(f"{action}: {error}") from error


ACTIONS = (
    *("edit", "clear", "note", "restyle", "merge", "unmerge", "sort", "filter", "clear_filter", "remove_protection"),
    *("insert_rows", "delete_rows", "move_rows", "insert_columns", "delete_columns", "move_columns"),
    *("rename_tab", "hide_tab", "show_tab", "move_tab", "add_tab", "duplicate_tab", "delete_tab"),
    *("batch", "undo", "restore"),
)
