"""A spreadsheet as the API answers it: properties, tabs, objects and, when asked for, cells."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from kpi_core.frozen_dataclass import frozen
from sheets_sync.sandbox.contents.cell_reader import Reader
from sheets_sync.sandbox.document.area import Area
from sheets_sync.sandbox.document.comment_threads import thread_json
from sheets_sync.sandbox.document.lookup import sheet_metadata
from sheets_sync.sandbox.document.masks import Mask, pick, wants
from sheets_sync.sandbox.document.shifts import GRID_RANGE
from sheets_sync.sandbox.document.spreadsheet import Json, Sheet, Spreadsheet
from sheets_sync.sandbox.document.table_columns import with_columns
from sheets_sync.sandbox.drive_files import PERSON, may_edit

ROW_PIXELS = 21
COLUMN_PIXELS = 100
VALUES = ("sheets", "data", "rowData", "values")
COMMENTS_INCLUDED = "COMMENTS_VIEW_MODE_INCLUDED"


@frozen
class Sight:
    """Who looks, and whether comments are among what they asked for."""

    email: str
    comments: bool = False


OWNERS_SIGHT = Sight(PERSON)


def spreadsheet_json(  # noqa: PLR0913 - what a call of the API may ask for
    spreadsheet: Spreadsheet,
    now: datetime,
    *,
    mask: Mask | None = None,
    areas: Sequence[Area] | None = None,
    grid_data: bool = False,
    sight: Sight = OWNERS_SIGHT,
) -> Json:
    """The Spreadsheet resource. A mask decides alone whether cells are sent; `areas` limit tabs and cells."""
    mask = mask or {}
    with_cells = wants(mask, "sheets", "data") if mask else grid_data
    ids = None if areas is None else {area.sheet_id for area in areas}
    reader = Reader(spreadsheet, now)
    sheets = []
    for index, sheet in enumerate(spreadsheet.sheets):
        if ids is not None and sheet.sheet_id not in ids:
            continue
        entry = _sheet_json(spreadsheet, sheet, index, sight)
        if with_cells:
            own = [area for area in areas or [] if area.sheet_id == sheet.sheet_id]
            parts = own or [sheet.area()]
            entry["data"] = [_grid_data(spreadsheet, reader, sheet, area, mask) for area in parts]
        sheets.append(entry)
    whole: Json = {
        "spreadsheetId": spreadsheet.spreadsheet_id,
        "properties": spreadsheet.properties,
        "sheets": sheets,
        "spreadsheetUrl": spreadsheet.url,
    }
    if spreadsheet.named_ranges:
        whole["namedRanges"] = spreadsheet.named_ranges
    own_metadata = [item for item in spreadsheet.metadata if item["location"].get("spreadsheet")]
    if own_metadata:
        whole["developerMetadata"] = own_metadata
    if sight.comments:
        whole["commentsViewMode"] = COMMENTS_INCLUDED
        whole["comments"] = [thread_json(thread, sight.email) for thread in spreadsheet.comments]
    return dict(pick(without_zero_sheet(whole), mask))


def _sheet_json(spreadsheet: Spreadsheet, sheet: Sheet, index: int, sight: Sight) -> Json:
    entry: Json = {"properties": sheet_properties(sheet, index)}
    entry.update({kind: objects for kind, objects in sheet.objects.items() if objects})
    if not sight.comments:
        entry.pop("commentAnchors", None)
    if "protectedRanges" in entry:
        guards = entry["protectedRanges"]
        entry["protectedRanges"] = [{**one, "requestingUserCanEdit": may_edit(one, sight.email)} for one in guards]
    if "tables" in entry:
        entry["tables"] = [with_columns(sheet, table) for table in entry["tables"]]
    if sheet.basic_filter:
        entry["basicFilter"] = sheet.basic_filter
    metadata = sheet_metadata(spreadsheet, sheet)
    if metadata:
        entry["developerMetadata"] = metadata
    return entry


def sheet_properties(sheet: Sheet, index: int) -> Json:
    """SheetProperties with the tab's place."""
    first = {"sheetId": sheet.sheet_id, "title": sheet.title, "index": index}
    return {**first, **sheet.properties}


def without_zero_sheet(value: Any) -> Any:
    """Google leaves a `sheetId` of 0 out of every GridRange it answers."""
    if isinstance(value, list):
        return [without_zero_sheet(item) for item in value]
    if not isinstance(value, dict):
        return value
    if value and value.keys() <= GRID_RANGE and value.get("sheetId") == 0:
        return {key: item for key, item in value.items() if key != "sheetId"}
    # Cells hold no ranges, and there are very many of them.
    return {key: item if key == "rowData" else without_zero_sheet(item) for key, item in value.items()}


def _grid_data(spreadsheet: Spreadsheet, reader: Reader, sheet: Sheet, area: Area, mask: Mask) -> Json:
    data: Json = {}
    if area.top:
        data["startRow"] = area.top
    if area.left:
        data["startColumn"] = area.left
    if wants(mask, *VALUES):
        rows = _row_data(reader, sheet, area, mask)
        if rows:
            data["rowData"] = rows
    for name, dimension in (("rowMetadata", "ROWS"), ("columnMetadata", "COLUMNS")):
        if wants(mask, "sheets", "data", name):
            data[name] = _dimensions(spreadsheet, sheet, dimension, area)
    return data


def _row_data(reader: Reader, sheet: Sheet, area: Area, mask: Mask) -> list[Json]:
    """Rows up to the last cell that holds anything, each up to its own last one."""
    names = ("effectiveValue", "formattedValue", "effectiveFormat", "hyperlink")
    # Formulas are worked out for those only who see what comes of them.
    worked_out = any(wants(mask, *VALUES, name) for name in names)
    by_row: dict[int, dict[int, Json]] = {}
    places = set(sheet.cells) | (reader.calculation.spilled_places(sheet) if worked_out else set())
    for row, column in places:
        if area.holds(row, column):
            cell = reader.cell_data(sheet, (row, column)) if worked_out else sheet.cells[row, column]
            by_row.setdefault(row, {})[column] = cell
    rows: list[Json] = []
    for row in range(area.top, max(by_row, default=area.top - 1) + 1):
        cells = by_row.get(row)
        values = [cells.get(column, {}) for column in range(area.left, max(cells) + 1)] if cells else []
        # An empty row between filled ones still has its place in the list.
        rows.append({"values": values} if values else {})
    return rows


def _dimensions(spreadsheet: Spreadsheet, sheet: Sheet, dimension: str, area: Area) -> list[Json]:
    sizes, usual = (sheet.rows, ROW_PIXELS) if dimension == "ROWS" else (sheet.columns, COLUMN_PIXELS)
    start, end = (area.top, area.bottom) if dimension == "ROWS" else (area.left, area.right)
    tagged: dict[int, list[Json]] = {}
    for item in spreadsheet.metadata:
        run = item["location"].get("dimensionRange")
        if run and run["sheetId"] == sheet.sheet_id and run["dimension"] == dimension:
            tagged.setdefault(run["startIndex"], []).append(item)
    entries = []
    for index in range(start, end):
        entry = {"pixelSize": usual, **sizes.get(index, {})}
        if index in tagged:
            entry["developerMetadata"] = tagged[index]
        entries.append(entry)
    return entries
