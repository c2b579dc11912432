"""Requests about tabs and the file: add, delete, duplicate, properties."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sheets_sync.sandbox.api_errors import invalid
from sheets_sync.sandbox.batch.fields import need, write_mask
from sheets_sync.sandbox.contents.spreadsheet_json import sheet_properties
from sheets_sync.sandbox.document.a1 import Reference
from sheets_sync.sandbox.document.area import deletion
from sheets_sync.sandbox.document.formula_text import rewritten
from sheets_sync.sandbox.document.lookup import sheet_of_metadata
from sheets_sync.sandbox.document.masks import merged
from sheets_sync.sandbox.document.shifts import apply_shift, set_formula
from sheets_sync.sandbox.document.spreadsheet import Json, Sheet, Spreadsheet, new_sheet

ID_NAMES = {
    "protectedRanges": "protectedRangeId",
    "charts": "chartId",
    "slicers": "slicerId",
    "bandedRanges": "bandedRangeId",
    "filterViews": "filterViewId",
    "tables": "tableId",
}


def add_sheet(spreadsheet: Spreadsheet, request: Json) -> Json:
    """With the id and title of the request if they are free, else a 400; without them Google's choice."""
    properties = request.get("properties", {})
    sheet_id = properties["sheetId"] if "sheetId" in properties else spreadsheet.new_id()
    check_new_id(spreadsheet, sheet_id)
    title = properties.get("title") or _free_title(spreadsheet)
    _check_title(spreadsheet, title, None)
    sheet = new_sheet(sheet_id, title, properties)
    index = properties.get("index", len(spreadsheet.sheets))
    if not 0 <= index <= len(spreadsheet.sheets):
        raise invalid(f"Sheet index {index} is out of range.")
    spreadsheet.sheets.insert(index, sheet)
    return {"properties": sheet_properties(sheet, index)}


def check_new_id(spreadsheet: Spreadsheet, sheet_id: int) -> None:
    if sheet_id < 0:
        raise invalid(f"Invalid sheetId: {sheet_id}. It must be non-negative.")
    if any(sheet.sheet_id == sheet_id for sheet in spreadsheet.sheets):
        raise invalid(f"Sheet with ID {sheet_id} already exists. Please enter another ID.")


def _free_title(spreadsheet: Spreadsheet) -> str:
    number = len(spreadsheet.sheets) + 1
    while spreadsheet.titled(f"Sheet{number}"):
        number += 1
    return f"Sheet{number}"


def _check_title(spreadsheet: Spreadsheet, title: str, own: Sheet | None) -> None:
    if not title:
        raise invalid("You can't leave a sheet name blank.")
    if len(title) > 100:
        raise invalid("The sheet name cannot be greater than 100 characters.")
    taken = spreadsheet.titled(title)
    if taken is not None and taken is not own:
        raise invalid(f'A sheet with the name "{title}" already exists. Please enter another name.')


def delete_sheet(spreadsheet: Spreadsheet, request: Json) -> None:
    sheet = spreadsheet.sheet(request.get("sheetId", 0))
    visible = [other for other in spreadsheet.sheets if other is not sheet and not other.properties.get("hidden")]
    if not visible:
        raise invalid("You can't remove all the visible sheets in a document.")
    _break_references(spreadsheet, sheet)
    spreadsheet.sheets.remove(sheet)
    named = spreadsheet.named_ranges
    spreadsheet.named_ranges = [item for item in named if item["range"].get("sheetId", 0) != sheet.sheet_id]
    spreadsheet.metadata = [item for item in spreadsheet.metadata if sheet_of_metadata(item) != sheet.sheet_id]


def _break_references(spreadsheet: Spreadsheet, gone: Sheet) -> None:
    for sheet, place, formula in spreadsheet.formulas():

        def change(reference: Reference) -> Reference | None:
            meant = reference.sheet is not None and reference.sheet.casefold() == gone.title.casefold()
            return None if meant else reference

        set_formula(sheet, place, rewritten(formula, change))


def duplicate_sheet(spreadsheet: Spreadsheet, request: Json) -> Json:
    """A copy with cells, formats and objects; objects get new ids, named ranges stay with the original."""
    source = spreadsheet.sheet(request.get("sourceSheetId", 0))
    sheet_id = request["newSheetId"] if "newSheetId" in request else spreadsheet.new_id()
    check_new_id(spreadsheet, sheet_id)
    title = request.get("newSheetName") or _copy_title(spreadsheet, source.title)
    _check_title(spreadsheet, title, None)
    sheet = copied_sheet(spreadsheet, source, sheet_id, title)
    index = request.get("insertSheetIndex", 0)
    spreadsheet.sheets.insert(index, sheet)
    copy_metadata(spreadsheet, source, sheet_id, spreadsheet)
    return {"properties": sheet_properties(sheet, spreadsheet.sheets.index(sheet))}


def copy_metadata(origin: Spreadsheet, source: Sheet, sheet_id: int, spreadsheet: Spreadsheet) -> None:
    """Gives the tab `sheet_id` copies of the metadata of `source` and of its rows and columns, if copies take it along.

    They say what they said, under new ids: each id is unique in its spreadsheet.
    """
    if not spreadsheet.copies_metadata:
        return
    items = [item for item in origin.metadata if sheet_of_metadata(item) == source.sheet_id]
    copies = _readdressed(items, source.sheet_id, sheet_id)
    spreadsheet.metadata += [{**item, "metadataId": spreadsheet.new_id()} for item in copies]


def _copy_title(spreadsheet: Spreadsheet, title: str) -> str:
    name, number = f"Copy of {title}", 1
    while spreadsheet.titled(name):
        number += 1
        name = f"Copy of {title} {number}"
    return name


def copied_sheet(spreadsheet: Spreadsheet, source: Sheet, sheet_id: int, title: str) -> Sheet:
    """A copy of a tab for this spreadsheet, not yet in it."""
    sheet = source.copy()
    sheet.properties.update(sheetId=sheet_id, title=title)
    sheet.objects = _readdressed(sheet.objects, source.sheet_id, sheet_id)
    # Comments stay with the cells that they were made on.
    sheet.objects["commentAnchors"] = []
    sheet.basic_filter = _readdressed(sheet.basic_filter, source.sheet_id, sheet_id)
    for kind, id_name in ID_NAMES.items():
        for item in sheet.objects[kind]:
            number = spreadsheet.new_id()
            # A table's id is a text, all others are numbers.
            item[id_name] = str(number) if kind == "tables" else number
    return sheet


def _readdressed(value: Any, old: int, new: int) -> Any:
    """The JSON value with each range that pointed at tab `old` pointing at `new`."""
    if isinstance(value, list):
        return [_readdressed(item, old, new) for item in value]
    if not isinstance(value, dict):
        return value
    moved = {name: _readdressed(item, old, new) for name, item in value.items()}
    return {**moved, "sheetId": new} if moved.get("sheetId") == old else moved


def update_sheet_properties(spreadsheet: Spreadsheet, request: Json) -> None:
    mask = write_mask(request)
    properties = need(request, "properties")
    sheet = spreadsheet.sheet(properties.get("sheetId", 0))
    if "*" in mask or "title" in mask:
        _rename(spreadsheet, sheet, properties.get("title", ""))
    old_grid = sheet.properties["gridProperties"]
    changed = merged(sheet.properties, properties, mask)
    grid = {**changed.get("gridProperties", {})}
    for name in ("rowCount", "columnCount"):
        # A mask that covers the grid without naming its size must not leave the tab without one.
        grid[name] = grid.get(name) or old_grid[name]
    fixed = {"sheetId": sheet.sheet_id, "title": sheet.title, "sheetType": "GRID", "gridProperties": grid}
    # While the tab still has its old size, by which it is known what lies beyond the new one.
    _resize(spreadsheet, sheet, grid["rowCount"], grid["columnCount"])
    if changed.get("hidden") and all(
        other.properties.get("hidden") for other in spreadsheet.sheets if other is not sheet
    ):
        raise invalid("You can't hide all the visible sheets in a document.")
    sheet.properties = {**changed, **fixed}
    # A tab's index is its place in the list, and stands nowhere else.
    sheet.properties.pop("index", None)
    _check_frozen(sheet)
    if ("*" in mask or "index" in mask) and "index" in properties:
        _reorder(spreadsheet, sheet, properties["index"])


def _check_frozen(sheet: Sheet) -> None:
    grid = sheet.properties["gridProperties"]
    if grid.get("frozenRowCount", 0) >= sheet.row_count:
        raise invalid("You can't freeze all visible rows on the sheet.")
    if grid.get("frozenColumnCount", 0) >= sheet.column_count:
        raise invalid("You can't freeze all visible columns on the sheet.")


def _rename(spreadsheet: Spreadsheet, sheet: Sheet, title: str) -> None:
    """Renames the tab, also in every formula that names it."""
    _check_title(spreadsheet, title, sheet)
    old = sheet.title.casefold()
    for formula_sheet, place, formula in spreadsheet.formulas():

        def change(reference: Reference) -> Reference:
            named = reference.sheet is not None and reference.sheet.casefold() == old
            return Reference(title, reference.first, reference.last) if named else reference

        set_formula(formula_sheet, place, rewritten(formula, change))
    sheet.properties["title"] = title


def _resize(spreadsheet: Spreadsheet, sheet: Sheet, rows: int, columns: int) -> None:
    """Cuts off what lies beyond the new size."""
    if rows < 1 or columns < 1:
        raise invalid("The number of rows and columns must be greater than 0.")
    if rows < sheet.row_count:
        apply_shift(spreadsheet, deletion(sheet.sheet_id, "ROWS", rows, sheet.row_count))
    if columns < sheet.column_count:
        apply_shift(spreadsheet, deletion(sheet.sheet_id, "COLUMNS", columns, sheet.column_count))


def _reorder(spreadsheet: Spreadsheet, sheet: Sheet, index: int) -> None:
    """Counted before the move, as the API does: moving right by one means index + 2."""
    if not 0 <= index <= len(spreadsheet.sheets):
        raise invalid(f"Sheet index {index} is out of range.")
    here = spreadsheet.sheets.index(sheet)
    spreadsheet.sheets.remove(sheet)
    spreadsheet.sheets.insert(index - (index > here), sheet)


def update_spreadsheet_properties(spreadsheet: Spreadsheet, request: Json) -> None:
    spreadsheet.properties = merged(spreadsheet.properties, need(request, "properties"), write_mask(request))


HANDLERS: dict[str, Callable[[Spreadsheet, Json], Json | None]] = {
    "addSheet": add_sheet,
    "deleteSheet": delete_sheet,
    "duplicateSheet": duplicate_sheet,
    "updateSheetProperties": update_sheet_properties,
    "updateSpreadsheetProperties": update_spreadsheet_properties,
}
