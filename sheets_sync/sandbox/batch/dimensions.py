"""Requests about rows and columns: insert, delete, append, move, sizes, groups."""

from __future__ import annotations

from collections.abc import Callable

from sheets_sync.sandbox.api_errors import invalid
from sheets_sync.sandbox.batch.fields import need, write_mask
from sheets_sync.sandbox.document.area import Dimension, deletion, insertion, movement
from sheets_sync.sandbox.document.masks import merged
from sheets_sync.sandbox.document.shifts import apply_shift
from sheets_sync.sandbox.document.spreadsheet import Json, Sheet, Spreadsheet

Run = tuple[Sheet, Dimension, int, int]


def _run(spreadsheet: Spreadsheet, value: Json, *, past_end: bool = False) -> Run:
    """The tab and the half-open run of a DimensionRange."""
    sheet = spreadsheet.sheet(value.get("sheetId", 0))
    dimension: Dimension = "COLUMNS" if value.get("dimension") == "COLUMNS" else "ROWS"
    count = sheet.row_count if dimension == "ROWS" else sheet.column_count
    start, end = value.get("startIndex", 0), value.get("endIndex", count)
    word = "row" if dimension == "ROWS" else "column"
    if start < 0 or start >= end:
        raise invalid(f"range.startIndex[{start}] must be less than range.endIndex[{end}]")
    # An insertion may come right behind the last line; everything else lies inside the grid.
    if start > count or (not past_end and end > count):
        raise invalid(f"range.endIndex[{end}] is after last {word} in grid[{count}]")
    return sheet, dimension, start, end


def _grow(sheet: Sheet, dimension: Dimension, count: int) -> None:
    if dimension == "ROWS":
        sheet.resize(rows=count)
    else:
        sheet.resize(columns=count)


def insert_dimension(spreadsheet: Spreadsheet, request: Json) -> None:
    run = _run(spreadsheet, need(request, "range"), past_end=True)
    inherit = bool(request.get("inheritFromBefore"))
    if inherit and run[2] == 0:
        raise invalid("inheritFromBefore cannot be true if inserting at index 0.")
    _insert(spreadsheet, run, inherit_before=inherit)


def _insert(spreadsheet: Spreadsheet, run: Run, *, inherit_before: bool) -> None:
    """Inserts rows or columns; new cells take the formats of the line before or after."""
    sheet, dimension, at, end = run
    count = end - at
    _grow(sheet, dimension, count)
    apply_shift(spreadsheet, insertion(sheet.sheet_id, dimension, at, count))
    # Everything has moved already: what stood at `at` now stands `count` further on.
    model = at - 1 if inherit_before else at + count
    for (row, column), cell in list(sheet.cells.items()):
        if (row if dimension == "ROWS" else column) != model:
            continue
        new_cell = {name: part for name, part in cell.items() if name in ("userEnteredFormat", "dataValidation")}
        for index in range(at, at + count) if new_cell else ():
            sheet.put((index, column) if dimension == "ROWS" else (row, index), new_cell)


def delete_dimension(spreadsheet: Spreadsheet, request: Json) -> None:
    sheet, dimension, start, end = _run(spreadsheet, need(request, "range"))
    count = sheet.row_count if dimension == "ROWS" else sheet.column_count
    if end - start >= count:
        word = "rows" if dimension == "ROWS" else "columns"
        raise invalid(f"You can't delete all the {word} on the sheet.")
    grid = sheet.properties["gridProperties"]
    frozen = "frozenRowCount" if dimension == "ROWS" else "frozenColumnCount"
    lost = max(0, min(end, grid.get(frozen, 0)) - start)
    if lost:
        grid[frozen] -= lost
    apply_shift(spreadsheet, deletion(sheet.sheet_id, dimension, start, end))
    _grow(sheet, dimension, start - end)


def append_dimension(spreadsheet: Spreadsheet, request: Json) -> None:
    sheet = spreadsheet.sheet(request.get("sheetId", 0))
    length = request.get("length", 0)
    if length < 1:
        raise invalid("Length must be greater than 0.")
    _grow(sheet, "COLUMNS" if request.get("dimension") == "COLUMNS" else "ROWS", length)


def move_dimension(spreadsheet: Spreadsheet, request: Json) -> None:
    sheet, dimension, start, end = _run(spreadsheet, need(request, "source"))
    destination = request.get("destinationIndex", 0)
    count = sheet.row_count if dimension == "ROWS" else sheet.column_count
    if not 0 <= destination <= count:
        word = "row" if dimension == "ROWS" else "column"
        raise invalid(f"destinationIndex[{destination}] is after last {word} in grid[{count}]")
    if start < destination < end:
        raise invalid("Cannot move a dimension into itself.")
    apply_shift(spreadsheet, movement(sheet.sheet_id, dimension, start, end, destination))


def update_dimension_properties(spreadsheet: Spreadsheet, request: Json) -> None:
    mask = write_mask(request)
    sheet, dimension, start, end = _run(spreadsheet, need(request, "range"))
    sizes = sheet.rows if dimension == "ROWS" else sheet.columns
    for index in range(start, end):
        sizes[index] = merged(sizes.get(index, {}), request.get("properties", {}), mask)


def auto_resize(spreadsheet: Spreadsheet, request: Json) -> None:
    """Columns become as wide as their longest text; rows take the usual height."""
    sheet, dimension, start, end = _run(spreadsheet, need(request, "dimensions"))
    for index in range(start, end):
        if dimension == "ROWS":
            sheet.rows.pop(index, None)
            continue
        values = [cell.get("userEnteredValue", {}) for place, cell in sheet.cells.items() if place[1] == index]
        widest = max((len(str(part)) for value in values for part in value.values()), default=0)
        sheet.columns[index] = {**sheet.columns.get(index, {}), "pixelSize": max(21, 7 * widest + 7)}


def add_dimension_group(spreadsheet: Spreadsheet, request: Json) -> Json:
    sheet, dimension, start, end = _run(spreadsheet, need(request, "range"))
    groups = _groups(sheet, dimension)
    within = [group for group in groups if _spans(group, start, end)]
    run = {"sheetId": sheet.sheet_id, "dimension": dimension, "startIndex": start, "endIndex": end}
    groups.append({"range": run, "depth": len(within) + 1})
    return {"dimensionGroups": groups}


def _spans(group: Json, start: int, end: int) -> bool:
    return bool(group["range"]["startIndex"] <= start and end <= group["range"]["endIndex"])


def _groups(sheet: Sheet, dimension: Dimension) -> list[Json]:
    return sheet.objects["rowGroups" if dimension == "ROWS" else "columnGroups"]


def delete_dimension_group(spreadsheet: Spreadsheet, request: Json) -> Json:
    """Takes the deepest group of exactly this run away."""
    sheet, dimension, start, end = _run(spreadsheet, need(request, "range"))
    groups = _groups(sheet, dimension)
    same = [group for group in groups if (group["range"]["startIndex"], group["range"]["endIndex"]) == (start, end)]
    if not same:
        raise invalid("There is no group at the specified range.")
    groups.remove(max(same, key=lambda group: int(group["depth"])))
    return {"dimensionGroups": groups}


def update_dimension_group(spreadsheet: Spreadsheet, request: Json) -> None:
    mask, dimension_group = write_mask(request), need(request, "dimensionGroup")
    sheet, dimension, start, end = _run(spreadsheet, need(dimension_group, "range"))
    for group in _groups(sheet, dimension):
        same_run = (group["range"]["startIndex"], group["range"]["endIndex"]) == (start, end)
        if same_run and group["depth"] == dimension_group.get("depth", 1):
            if "*" in mask or "collapsed" in mask:
                group["collapsed"] = bool(dimension_group.get("collapsed"))
            return
    raise invalid("There is no group at the specified range and depth.")


HANDLERS: dict[str, Callable[[Spreadsheet, Json], Json | None]] = {
    "insertDimension": insert_dimension,
    "deleteDimension": delete_dimension,
    "appendDimension": append_dimension,
    "moveDimension": move_dimension,
    "updateDimensionProperties": update_dimension_properties,
    "autoResizeDimensions": auto_resize,
    "addDimensionGroup": add_dimension_group,
    "deleteDimensionGroup": delete_dimension_group,
    "updateDimensionGroup": update_dimension_group,
}
