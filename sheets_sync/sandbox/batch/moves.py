"""Requests that move cells about: insertRange, deleteRange, copyPaste, cutPaste, sortRange and a few like them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sheets_sync.sandbox.api_errors import invalid
from sheets_sync.sandbox.batch.fields import need
from sheets_sync.sandbox.contents.value_ranges import typed_cell
from sheets_sync.sandbox.document.area import Area, Dimension, deletion, insertion
from sheets_sync.sandbox.document.formula_text import translated
from sheets_sync.sandbox.document.shifts import apply_shift
from sheets_sync.sandbox.document.spreadsheet import Json, Place, Sheet, Spreadsheet
from sheets_sync.sandbox.formulas.calculation import Calculation
from sheets_sync.sandbox.formulas.operands import FormulaError

# No clock gets as far as a request: a formula with TODAY() is sorted and pasted as of this day.
ANY_DAY = datetime(2000, 1, 1, tzinfo=UTC)
VALUE_FIELDS = frozenset(["userEnteredValue", "textFormatRuns", "chipRuns"])
FORMAT_FIELDS = frozenset(["userEnteredFormat"])
PASTED_FIELDS = {
    "PASTE_NORMAL": VALUE_FIELDS | FORMAT_FIELDS | {"note", "dataValidation", "pivotTable"},
    # Simpler than Google's: borders are a part of the format, and come along.
    "PASTE_NO_BORDERS": VALUE_FIELDS | FORMAT_FIELDS | {"note", "dataValidation", "pivotTable"},
    "PASTE_VALUES": VALUE_FIELDS,
    "PASTE_FORMULA": VALUE_FIELDS,
    "PASTE_FORMAT": FORMAT_FIELDS,
    "PASTE_DATA_VALIDATION": frozenset(["dataValidation"]),
    "PASTE_CONDITIONAL_FORMATTING": frozenset[str](),
}


def _band(area: Area, dimension: Dimension) -> tuple[int, int]:
    return (area.left, area.right) if dimension == "ROWS" else (area.top, area.bottom)


def _dimension(request: Json) -> Dimension:
    return "COLUMNS" if request.get("shiftDimension") == "COLUMNS" else "ROWS"


def insert_range(spreadsheet: Spreadsheet, request: Json) -> None:
    """Pushes cells down or right; the grid grows when filled cells would fall off its end."""
    area, dimension = spreadsheet.area(need(request, "range")), _dimension(request)
    sheet = spreadsheet.sheet(area.sheet_id)
    start, end = (area.top, area.bottom) if dimension == "ROWS" else (area.left, area.right)
    low, high = _band(area, dimension)
    shift = insertion(area.sheet_id, dimension, start, end - start)
    apply_shift(spreadsheet, replace(shift, band=(low, high)))
    rows, columns = sheet.edge()
    sheet.resize(rows=max(0, rows - sheet.row_count), columns=max(0, columns - sheet.column_count))


def delete_range(spreadsheet: Spreadsheet, request: Json) -> None:
    """Takes the cells out and pulls those below (or to the right) in."""
    area, dimension = spreadsheet.area(need(request, "range")), _dimension(request)
    start, end = (area.top, area.bottom) if dimension == "ROWS" else (area.left, area.right)
    apply_shift(spreadsheet, replace(deletion(area.sheet_id, dimension, start, end), band=_band(area, dimension)))


def copy_paste(spreadsheet: Spreadsheet, request: Json) -> None:
    """The source is repeated over a destination that is a multiple of it; formulas move with their cell."""
    source, target = spreadsheet.area(need(request, "source")), spreadsheet.area(need(request, "destination"))
    turned = request.get("pasteOrientation") == "TRANSPOSE"
    height, width = source.bottom - source.top, source.right - source.left
    if turned:
        height, width = width, height
    # A destination that is no multiple of the source takes as many whole copies as fit, and at least one.
    rows = max(height, (target.bottom - target.top) // height * height)
    columns = max(width, (target.right - target.left) // width * width)
    origin, sheet = spreadsheet.sheet(source.sheet_id), spreadsheet.sheet(target.sheet_id)
    _check_fits(sheet, target.top + rows, target.left + columns)
    fields, plain = _pasted(request)
    values = Calculation(spreadsheet, ANY_DAY) if plain else None
    # Everything is read before anything is written: source and destination may overlap.
    cells: dict[Place, tuple[Place, Json]] = {}
    for down in range(rows):
        for right in range(columns):
            # Turned, one step down in the destination is one step right in the source.
            offset = (down % height, right % width)[:: -1 if turned else 1]
            place = (source.top + offset[0], source.left + offset[1])
            cells[target.top + down, target.left + right] = place, _source_cell(origin, place, values)
    for place, (old, cell) in cells.items():
        rest = {name: part for name, part in sheet.cells.get(place, {}).items() if name not in fields}
        pasted = {name: part for name, part in cell.items() if name in fields}
        sheet.put(place, {**rest, **_moved_formula(pasted, place[0] - old[0], place[1] - old[1])})


def _pasted(request: Json) -> tuple[frozenset[str], bool]:
    kind = request.get("pasteType", "PASTE_NORMAL")
    if kind not in PASTED_FIELDS:
        raise invalid(f"Invalid pasteType: {kind}")
    return PASTED_FIELDS[kind], kind == "PASTE_VALUES"


def _check_fits(sheet: Sheet, bottom: int, right: int) -> None:
    if bottom > sheet.row_count or right > sheet.column_count:
        raise invalid("The pasted range does not fit into the sheet.")


def _source_cell(sheet: Sheet, place: Place, values: Calculation | None) -> Json:
    cell = sheet.cells.get(place, {})
    if values is None or "formulaValue" not in cell.get("userEnteredValue", {}):
        return cell
    value = values.value(sheet, place)
    text = value.text if isinstance(value, FormulaError) else value
    rest = {name: part for name, part in cell.items() if name != "userEnteredValue"}
    return rest if text is None else {**rest, "userEnteredValue": _extended(text)}


def _extended(value: Any) -> Json:
    kind = "boolValue" if isinstance(value, bool) else "stringValue" if isinstance(value, str) else "numberValue"
    return {kind: value}


def _moved_formula(cell: Json, rows: int, columns: int) -> Json:
    formula = cell.get("userEnteredValue", {}).get("formulaValue")
    if formula is None or (rows, columns) == (0, 0):
        return cell
    return {**cell, "userEnteredValue": {"formulaValue": translated(formula, rows, columns)}}


def cut_paste(spreadsheet: Spreadsheet, request: Json) -> None:
    """Moves a rectangle; its formulas stay as they are."""
    source, start = spreadsheet.area(need(request, "source")), need(request, "destination")
    origin, sheet = spreadsheet.sheet(source.sheet_id), spreadsheet.sheet(start.get("sheetId", 0))
    top, left = start.get("rowIndex", 0), start.get("columnIndex", 0)
    _check_fits(sheet, top + source.bottom - source.top, left + source.right - source.left)
    fields, _ = _pasted(request)
    taken = {place: origin.cells.get(place, {}) for place in source.cells()}
    # Emptied before the destination is written, which may overlap the source.
    for place, cell in taken.items():
        origin.put(place, {name: part for name, part in cell.items() if name not in fields})
    for (row, column), cell in taken.items():
        place = (row - source.top + top, column - source.left + left)
        rest = {name: part for name, part in sheet.cells.get(place, {}).items() if name not in fields}
        sheet.put(place, {**rest, **{name: part for name, part in cell.items() if name in fields}})


def sort_range(spreadsheet: Spreadsheet, request: Json) -> None:
    """Sorts the rows of a range: numbers before text before booleans, empty cells last in either order."""
    area = spreadsheet.area(need(request, "range"))
    sort_rows(spreadsheet, area, request.get("sortSpecs", []))


def sort_rows(spreadsheet: Spreadsheet, area: Area, specs: list[Json]) -> None:
    """`specs` are SortSpecs by absolute column; the first counts most."""
    sheet = spreadsheet.sheet(area.sheet_id)
    values = Calculation(spreadsheet, ANY_DAY)
    order = list(range(area.top, area.bottom))
    # Sorting keeps the order of equals, so the key that counts most comes last.
    for spec in reversed(specs):
        column = spec.get("dimensionIndex", 0)
        keys = {row: _sort_key(values.value(sheet, (row, column))) for row in order}
        filled = [row for row in order if keys[row] is not None]
        empty = [row for row in order if keys[row] is None]
        filled.sort(key=lambda row: keys[row], reverse=spec.get("sortOrder") == "DESCENDING")
        order = filled + empty
    moved: dict[Place, Json] = {}
    for target, row in enumerate(order, area.top):
        for column in range(area.left, area.right):
            moved[target, column] = _moved_formula(sheet.cells.get((row, column), {}), target - row, 0)
    for place, cell in moved.items():
        sheet.put(place, cell)


def _sort_key(value: Any) -> Any:
    if value is None or value == "":
        return None
    if isinstance(value, FormulaError):
        return 3, value.text
    if isinstance(value, bool):
        return 2, value
    return (1, value.casefold()) if isinstance(value, str) else (0, value)


def delete_duplicates(spreadsheet: Spreadsheet, request: Json) -> Json:
    """Keeps the first row of each kind and closes the gaps."""
    area = spreadsheet.area(need(request, "range"))
    sheet = spreadsheet.sheet(area.sheet_id)
    compared = [
        index for run in request.get("comparisonColumns", []) for index in range(run["startIndex"], run["endIndex"])
    ]
    columns = compared or list(range(area.left, area.right))
    seen: set[str] = set()
    lines: list[dict[int, Json]] = []
    for row in range(area.top, area.bottom):
        line = {column: sheet.cells.get((row, column), {}) for column in range(area.left, area.right)}
        key = repr([line[column].get("userEnteredValue") for column in columns])
        if key not in seen:
            seen.add(key)
            lines.append(line)
    for row, column in area.cells():
        index = row - area.top
        sheet.put((row, column), lines[index][column] if index < len(lines) else {})
    return {"duplicatesRemovedCount": area.bottom - area.top - len(lines)}


def trim_whitespace(spreadsheet: Spreadsheet, request: Json) -> Json:
    area = spreadsheet.area(need(request, "range"))
    sheet = spreadsheet.sheet(area.sheet_id)
    changed = 0
    for place in [place for place in sheet.cells if area.holds(*place)]:
        cell = sheet.cells[place]
        text = cell.get("userEnteredValue", {}).get("stringValue")
        trimmed = " ".join(text.split()) if text is not None else None
        if trimmed != text and trimmed is not None:
            sheet.put(place, typed_cell(cell, trimmed, spreadsheet.locale))
            changed += 1
    return {"cellsChangedCount": changed}


HANDLERS: dict[str, Callable[[Spreadsheet, Json], Json | None]] = {
    "insertRange": insert_range,
    "deleteRange": delete_range,
    "copyPaste": copy_paste,
    "cutPaste": cut_paste,
    "sortRange": sort_range,
    "deleteDuplicates": delete_duplicates,
    "trimWhitespace": trim_whitespace,
}
