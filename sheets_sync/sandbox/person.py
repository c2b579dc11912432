"""The person who works in the same spreadsheet: types, inserts, sorts, renames, deletes and takes back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sheets_sync.sandbox.api_errors import invalid
from sheets_sync.sandbox.batch import apply_batch
from sheets_sync.sandbox.contents.cell_reader import Reader
from sheets_sync.sandbox.contents.value_ranges import typed_cell
from sheets_sync.sandbox.document.a1 import column_number
from sheets_sync.sandbox.document.lookup import find_area
from sheets_sync.sandbox.document.spreadsheet import Json, Spreadsheet
from sheets_sync.sandbox.drive_files import HISTORY, Files


class Person:
    """Edits of the file's owner, who may edit anything; tabs go by title, rows and columns by what the screen shows."""

    def __init__(self, files: Files) -> None:
        """Works on the newest state of each file."""
        self.files = files

    def edit(self, spreadsheet: str, cell: str, text: str) -> None:
        """Type into one cell, such as `Goals!C4`."""

        def change(state: Spreadsheet) -> Spreadsheet:
            draft = state.copy()
            area = find_area(draft, cell)
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

    def sort(self, spreadsheet: str, cells: str, column: str, *, descending: bool = False) -> None:
        """Sort the rows of a range such as `Goals!A2:F9` by the column with that letter."""
        order = "DESCENDING" if descending else "ASCENDING"
        spec = {"dimensionIndex": column_number(column), "sortOrder": order}

        def requests(state: Spreadsheet) -> list[Json]:
            return [{"sortRange": {"range": find_area(state, cells).to_json(), "sortSpecs": [spec]}}]

        self._requests(spreadsheet, requests)

    def rename_tab(self, spreadsheet: str, tab: str, title: str) -> None:
        self._requests(
            spreadsheet,
            lambda state: [
                {
                    "updateSheetProperties": {
                        "properties": {"sheetId": _tab(state, tab), "title": title},
                        "fields": "title",
                    }
                }
            ],
        )

    def move_tab(self, spreadsheet: str, tab: str, index: int) -> None:
        """Move a tab to stand before the one that is at `index` now."""
        self._requests(
            spreadsheet,
            lambda state: [
                {
                    "updateSheetProperties": {
                        "properties": {"sheetId": _tab(state, tab), "index": index},
                        "fields": "index",
                    }
                }
            ],
        )

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

    def _requests(self, spreadsheet: str, requests: Callable[[Spreadsheet], list[Json]]) -> None:
        self._change(spreadsheet, lambda state: apply_batch(state, requests(state))[0])

    def _change(self, spreadsheet: str, change: Callable[[Spreadsheet], Spreadsheet]) -> None:
        with self.files.lock:
            file = self.files.file(spreadsheet)
            before = file.spreadsheet
            # An edit that is refused raises here, and leaves nothing to undo.
            self.files.replace(file, change(before))
            file.history = [*file.history, before][-HISTORY:]


def _run(dimension: str, start: int, count: int) -> Json:
    return {"dimension": dimension, "startIndex": start, "endIndex": start + count}


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
    "edit",
    "insert_rows",
    "delete_rows",
    "insert_columns",
    "delete_columns",
    "sort",
    "rename_tab",
    "move_tab",
    "add_tab",
    "duplicate_tab",
    "delete_tab",
    "batch",
    "undo",
)
