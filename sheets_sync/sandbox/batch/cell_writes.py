"""Requests that write cells: updateCells, repeatCell, appendCells, updateBorders, setDataValidation, findReplace."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from sheets_sync.sandbox.api_errors import invalid
from sheets_sync.sandbox.batch.fields import must_find, need, write_mask
from sheets_sync.sandbox.contents.value_ranges import check_length, typed_cell
from sheets_sync.sandbox.document.area import Area
from sheets_sync.sandbox.document.colors import paired
from sheets_sync.sandbox.document.formula_text import translated
from sheets_sync.sandbox.document.masks import Mask, merged
from sheets_sync.sandbox.document.spreadsheet import Json, Place, Sheet, Spreadsheet

WRITABLE = frozenset(
    ["userEnteredValue", "userEnteredFormat", "note", "textFormatRuns", "dataValidation", "pivotTable", "chipRuns"]
)


def write_cell(sheet: Sheet, place: Place, data: Json, mask: Mask) -> None:
    """Writes the masked fields of a CellData; what only readers see (effectiveValue, …) is passed over."""
    fields = {name: value for name, value in data.items() if name in WRITABLE}
    if "userEnteredValue" in fields:
        fields["userEnteredValue"] = _checked_value(fields["userEnteredValue"])
    old = sheet.cells.get(place, {})
    below = {name: tree for name, tree in mask.items() if name in WRITABLE}
    # A value is of one kind: written field by field, a number would stay behind beside the new text.
    if "userEnteredValue" in below:
        below["userEnteredValue"] = {}
    changed = fields if "*" in mask else merged(old, fields, below)
    if "userEnteredFormat" in changed:
        formats = paired(old.get("userEnteredFormat", {}), changed["userEnteredFormat"])
        changed = {**changed, "userEnteredFormat": formats}
    # What is empty counts as not there, so that a cell cleared part by part is gone in the end.
    sheet.put(place, {name: value for name, value in changed.items() if value not in ({}, "")})


def _checked_value(value: Json) -> Json:
    if "errorValue" in value:
        raise invalid("userEnteredValue.error_value is not writable")
    if isinstance(value.get("numberValue"), str):
        value = {**value, "numberValue": _number(value["numberValue"])}
    check_length(value)
    formula = value.get("formulaValue")
    if formula is not None and not formula.startswith("="):
        raise invalid("Formula values must start with an equals sign.")
    return value


def _number(text: str) -> float:
    """Google's JSON reads numbers from texts, too, and pygsheets sends them."""
    try:
        return float(text)
    except ValueError:
        raise invalid(f"Invalid value at 'user_entered_value.number_value' (TYPE_DOUBLE), \"{text}\"") from None


def update_cells(spreadsheet: Spreadsheet, request: Json) -> None:
    """With `range`, cells that the rows do not cover are cleared in the masked fields; with `start` they are not."""
    mask = write_mask(request)
    rows = request.get("rows", [])
    if "range" in request:
        area = spreadsheet.area(request["range"])
        limits = (area.bottom, area.right)
    else:
        start = need(request, "start")
        sheet = spreadsheet.sheet(start.get("sheetId", 0))
        top, left = start.get("rowIndex", 0), start.get("columnIndex", 0)
        _check_start(sheet, top, left)
        width = max((len(row.get("values", [])) for row in rows), default=0)
        area = Area(sheet.sheet_id, top, left, top + len(rows), left + width)
        limits = (sheet.row_count, sheet.column_count)
    target = spreadsheet.sheet(area.sheet_id)
    _write_rows(target, area, rows, mask, limits)
    if "range" in request:
        _clear_rest(target, area, rows, mask)


def _check_start(sheet: Sheet, top: int, left: int) -> None:
    if top >= sheet.row_count:
        raise invalid(f"GridCoordinate.rowIndex[{top}] is after last row in grid[{sheet.row_count}]")
    if left >= sheet.column_count:
        raise invalid(f"GridCoordinate.columnIndex[{left}] is after last column in grid[{sheet.column_count}]")


def _write_rows(sheet: Sheet, area: Area, rows: list[Json], mask: Mask, limits: Place) -> None:
    if area.top + len(rows) > limits[0]:
        raise invalid(f"Attempting to write row: {limits[0]}, beyond the last requested row of: {limits[0] - 1}")
    for row, data in enumerate(rows, area.top):
        values = data.get("values", [])
        if area.left + len(values) > limits[1]:
            raise invalid(
                f"Attempting to write column: {limits[1]}, beyond the last requested column of: {limits[1] - 1}"
            )
        for column, cell in enumerate(values, area.left):
            write_cell(sheet, (row, column), cell, mask)


def _clear_rest(sheet: Sheet, area: Area, rows: list[Json], mask: Mask) -> None:
    """Empties the masked fields of the cells that the rows do not reach."""
    covered = {row: len(data.get("values", [])) for row, data in enumerate(rows, area.top)}
    for row, column in list(sheet.cells):
        if area.holds(row, column) and column - area.left >= covered.get(row, 0):
            write_cell(sheet, (row, column), {}, mask)


def repeat_cell(spreadsheet: Spreadsheet, request: Json) -> None:
    """One CellData for a whole rectangle; a formula's references move with each cell, as when filling."""
    mask = write_mask(request)
    area = spreadsheet.area(need(request, "range"))
    sheet = spreadsheet.sheet(area.sheet_id)
    cell = request.get("cell", {})
    formula = cell.get("userEnteredValue", {}).get("formulaValue")
    for row, column in area.cells():
        data = cell
        if formula is not None:
            moved = translated(formula, row - area.top, column - area.left)
            data = {**cell, "userEnteredValue": {"formulaValue": moved}}
        write_cell(sheet, (row, column), data, mask)


def append_cells(spreadsheet: Spreadsheet, request: Json) -> None:
    """Below the last row that holds anything; with a tableId, below that table, which grows."""
    mask, rows = write_mask(request), request.get("rows", [])
    if "tableId" in request:
        sheet, table = must_find(spreadsheet, "tables", "tableId", request["tableId"], "table")
        top, left = table["range"]["endRowIndex"], table["range"]["startColumnIndex"]
        table["range"] = {**table["range"], "endRowIndex": top + len(rows)}
    else:
        sheet = spreadsheet.sheet(request.get("sheetId", 0))
        top, left = sheet.edge()[0], 0
    width = max((len(row.get("values", [])) for row in rows), default=0)
    sheet.resize(rows=max(0, top + len(rows) - sheet.row_count), columns=max(0, left + width - sheet.column_count))
    area = Area(sheet.sheet_id, top, left, top + len(rows), left + width)
    _write_rows(sheet, area, rows, mask, (sheet.row_count, sheet.column_count))


def update_borders(spreadsheet: Spreadsheet, request: Json) -> None:
    area = spreadsheet.area(need(request, "range"))
    sheet = spreadsheet.sheet(area.sheet_id)
    for row, column in area.cells():
        # An inner line belongs to both of its neighbours: to one as its bottom, to the other as its top.
        names = {
            "top": "top" if row == area.top else "innerHorizontal",
            "bottom": "bottom" if row == area.bottom - 1 else "innerHorizontal",
            "left": "left" if column == area.left else "innerVertical",
            "right": "right" if column == area.right - 1 else "innerVertical",
        }
        borders = {side: request[name] for side, name in names.items() if name in request}
        old = sheet.cells.get((row, column), {})
        own = old.get("userEnteredFormat", {})
        joined = {**own.get("borders", {}), **borders}
        # A border of style NONE is the way to take one away.
        visible = {side: border for side, border in joined.items() if border.get("style") != "NONE"}
        changed = {
            **{name: part for name, part in own.items() if name != "borders"},
            **({"borders": visible} if visible else {}),
        }
        rest = {name: part for name, part in old.items() if name != "userEnteredFormat"}
        sheet.put((row, column), {**rest, **({"userEnteredFormat": changed} if changed else {})})


def set_data_validation(spreadsheet: Spreadsheet, request: Json) -> None:
    """Sets the rule on every cell of the range; without a rule, clears it."""
    area = spreadsheet.area(need(request, "range"))
    sheet = spreadsheet.sheet(area.sheet_id)
    data = {"dataValidation": request["rule"]} if request.get("rule") else {}
    for place in area.cells():
        write_cell(sheet, place, data, {"dataValidation": {}})


def find_replace(spreadsheet: Spreadsheet, request: Json) -> Json:
    """Replaces text in cells (formulas only when asked); the result is read as if typed."""
    pattern = request["find"] if request.get("searchByRegex") else re.escape(request["find"])
    flags = 0 if request.get("matchCase") else re.IGNORECASE
    # In brackets, or the end would count for the last of several alternatives only.
    find = re.compile(f"(?:{pattern})\\Z" if request.get("matchEntireCell") else pattern, flags)
    search = find.match if request.get("matchEntireCell") else find.search
    counts = {"values": 0, "formulas": 0, "occurrences": 0}
    rows: set[tuple[int, int]] = set()
    # All of them first, for writing changes the cells that are being walked.
    for sheet, place, kind, text in list(_searched(spreadsheet, request)):
        if not search(text):
            continue
        replaced, times = find.subn(request.get("replacement", ""), text)
        sheet.put(place, typed_cell(sheet.cells[place], replaced, spreadsheet.locale))
        counts["formulas" if kind == "formulaValue" else "values"] += 1
        counts["occurrences"] += times
        rows.add((sheet.sheet_id, place[0]))
    return {
        "valuesChanged": counts["values"],
        "formulasChanged": counts["formulas"],
        "rowsChanged": len(rows),
        "sheetsChanged": len({sheet_id for sheet_id, _ in rows}),
        "occurrencesChanged": counts["occurrences"],
    }


def _searched(spreadsheet: Spreadsheet, request: Json) -> Iterator[tuple[Sheet, Place, str, str]]:
    kinds = ("stringValue", "formulaValue") if request.get("includeFormulas") else ("stringValue",)
    area = spreadsheet.area(request["range"]) if "range" in request else None
    sheet_id = area.sheet_id if area else request.get("sheetId")
    for sheet in spreadsheet.sheets:
        if not request.get("allSheets") and sheet.sheet_id != sheet_id:
            continue
        for place, cell in sheet.cells.items():
            for kind, text in cell.get("userEnteredValue", {}).items():
                if kind in kinds and (area is None or area.holds(*place)):
                    yield sheet, place, kind, text


HANDLERS: dict[str, Callable[[Spreadsheet, Json], Json | None]] = {
    "updateCells": update_cells,
    "repeatCell": repeat_cell,
    "appendCells": append_cells,
    "updateBorders": update_borders,
    "setDataValidation": set_data_validation,
    "findReplace": find_replace,
}
