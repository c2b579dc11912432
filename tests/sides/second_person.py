"""A person at work in the second Sheets, by the same names and arguments as in the shipped one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

from second_grid import Book, Json, Refused, Tab, area_of, column_of
from second_sheets import SecondSheets

DAY_ZERO = date(1899, 12, 30)


@dataclass(frozen=True)
class SecondPerson:
    """The owner of every file there."""

    sheets: SecondSheets

    def act(self, action: str, spreadsheet: str, **arguments: Any) -> None:
        """Refused where it cannot be done, or is not there."""
        if action == "restore":
            self.sheets.restore(spreadsheet, arguments["back"])
            return
        book = self.sheets.books[spreadsheet]
        self.sheets.act(spreadsheet, getattr(self, f"_{action}")(book, **arguments))

    def _edit(self, book: Book, cell: str, text: str) -> list[Json]:
        area = area_of(book, cell)
        area |= {"endRowIndex": area["startRowIndex"] + 1, "endColumnIndex": area["startColumnIndex"] + 1}
        value = {"userEnteredValue": typed(text)} if text else {}
        return [{"repeatCell": {"range": area, "cell": value, "fields": "userEnteredValue"}}]

    def _clear(self, book: Book, cells: str) -> list[Json]:
        return [{"repeatCell": {"range": area_of(book, cells), "cell": {}, "fields": "userEnteredValue"}}]

    def _note(self, book: Book, cells: str, text: str) -> list[Json]:
        return [{"repeatCell": {"range": area_of(book, cells), "cell": {"note": text}, "fields": "note"}}]

    def _restyle(self, book: Book, cells: str, look: Json) -> list[Json]:
        fields = ",".join(f"userEnteredFormat.{name}" for name in look)
        return [{"repeatCell": {"range": area_of(book, cells), "cell": {"userEnteredFormat": look}, "fields": fields}}]

    def _merge(self, book: Book, cells: str) -> list[Json]:
        return [{"mergeCells": {"range": area_of(book, cells)}}]

    def _filter(self, book: Book, cells: str, column: str, hidden: list[str]) -> list[Json]:
        spec = {"columnIndex": column_of(column), "filterCriteria": {"hiddenValues": hidden}}
        return [{"setBasicFilter": {"filter": {"range": area_of(book, cells), "filterSpecs": [spec]}}}]

    def _sort(self, book: Book, cells: str, column: str, *, descending: bool = False) -> list[Json]:
        order = "DESCENDING" if descending else "ASCENDING"
        spec = {"dimensionIndex": column_of(column), "sortOrder": order}
        return [{"sortRange": {"range": area_of(book, cells), "sortSpecs": [spec]}}]

    def _insert_rows(self, book: Book, tab: str, row: int, count: int = 1) -> list[Json]:
        return [{"insertDimension": {"range": _run(book, tab, "ROWS", row - 1, count)}}]

    def _delete_rows(self, book: Book, tab: str, row: int, count: int = 1) -> list[Json]:
        return [{"deleteDimension": {"range": _run(book, tab, "ROWS", row - 1, count)}}]

    def _move_rows(self, book: Book, tab: str, row: int, before: int, count: int = 1) -> list[Json]:
        run = _run(book, tab, "ROWS", row - 1, count)
        return [{"moveDimension": {"source": run, "destinationIndex": before - 1}}]

    def _insert_columns(self, book: Book, tab: str, column: str, count: int = 1) -> list[Json]:
        return [{"insertDimension": {"range": _run(book, tab, "COLUMNS", column_of(column), count)}}]

    def _delete_columns(self, book: Book, tab: str, column: str, count: int = 1) -> list[Json]:
        return [{"deleteDimension": {"range": _run(book, tab, "COLUMNS", column_of(column), count)}}]

    def _move_columns(self, book: Book, tab: str, column: str, before: str, count: int = 1) -> list[Json]:
        run = _run(book, tab, "COLUMNS", column_of(column), count)
        return [{"moveDimension": {"source": run, "destinationIndex": column_of(before)}}]

    def _rename_tab(self, book: Book, tab: str, title: str) -> list[Json]:
        return [_properties(book, tab, title=title)]

    def _hide_tab(self, book: Book, tab: str) -> list[Json]:
        if all(other.properties.get("hidden") for other in book.tabs if other.title != tab):
            raise Refused("You can't hide all the visible sheets in a document.")
        return [_properties(book, tab, hidden=True)]

    def _move_tab(self, book: Book, tab: str, index: int) -> list[Json]:
        return [_properties(book, tab, index=index)]

    def _duplicate_tab(self, book: Book, tab: str) -> list[Json]:
        return [{"duplicateSheet": {"sourceSheetId": _tab(book, tab).number}}]

    def _delete_tab(self, book: Book, tab: str) -> list[Json]:
        return [{"deleteSheet": {"sheetId": _tab(book, tab).number}}]

    def _remove_protection(self, book: Book, tab: str) -> list[Json]:
        guards = _tab(book, tab).objects["protectedRanges"]
        if not guards:
            raise Refused(f"There is no protection on {tab}.")
        return [{"deleteProtectedRange": {"protectedRangeId": guard["protectedRangeId"]}} for guard in guards]


def typed(text: str) -> Json:
    """What a person's text becomes, as far as tests type: a number, a percent, a day, a truth, a formula or a text."""
    if re.fullmatch(r"=.+", text):
        return {"formulaValue": text}
    if re.fullmatch(r"-?\d+(\.\d+)?%?", text):
        number = float(text.rstrip("%")) / (100 if text.endswith("%") else 1)
        return {"numberValue": int(number) if number.is_integer() else number}
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        return {"numberValue": (date.fromisoformat(text) - DAY_ZERO).days}
    if text.upper() in {"TRUE", "FALSE"}:
        return {"boolValue": text.upper() == "TRUE"}
    return {"stringValue": text}


def _tab(book: Book, title: str) -> Tab:
    tab = book.titled(title)
    if tab is None:
        raise Refused(f"There is no tab named {title}.")
    return tab


def _run(book: Book, tab: str, dimension: str, start: int, count: int) -> Json:
    return {"sheetId": _tab(book, tab).number, "dimension": dimension, "startIndex": start, "endIndex": start + count}


def _properties(book: Book, tab: str, **changed: Any) -> Json:
    properties = {"sheetId": _tab(book, tab).number, **changed}
    return {"updateSheetProperties": {"properties": properties, "fields": ",".join(changed)}}
