"""Moves everything that lies on a tab when its rows or columns are inserted, deleted or moved."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sheets_sync.sandbox.document.a1 import Reference
from sheets_sync.sandbox.document.area import Shift
from sheets_sync.sandbox.document.formula_text import rewritten, shifted_reference
from sheets_sync.sandbox.document.spreadsheet import Json, Place, Sheet, Spreadsheet

GRID_RANGE = frozenset(["sheetId", "startRowIndex", "endRowIndex", "startColumnIndex", "endColumnIndex"])
DIMENSION_RANGE = frozenset(["sheetId", "dimension", "startIndex", "endIndex"])
COORDINATE = frozenset(["sheetId", "rowIndex", "columnIndex"])
# What an object lies on: when that goes, the object goes with it.
HOLDERS = frozenset(["range", "dimensionRange", "location"])
GONE = object()


def apply_shift(spreadsheet: Spreadsheet, shift: Shift) -> None:
    """Carry out the edit on cells, sizes, objects, names, metadata and formulas; the grid's size stays."""
    sheet = spreadsheet.sheet(shift.sheet_id)
    shift = replace(shift, last=_last(shift, sheet.row_count if shift.dimension == "ROWS" else sheet.column_count))
    _shift_formulas(spreadsheet, shift)
    _shift_cells(sheet, shift)
    for tab in spreadsheet.sheets:
        for kind, objects in tab.objects.items():
            tab.objects[kind] = _kept(objects, shift)
        if tab.basic_filter:
            moved = _shifted(tab.basic_filter, shift)
            tab.basic_filter = None if moved is GONE else moved
    spreadsheet.named_ranges = _kept(spreadsheet.named_ranges, shift)
    spreadsheet.metadata = _kept(spreadsheet.metadata, shift)


def _last(shift: Shift, count: int) -> int:
    places = (shift.index(index) for index in range(count - 1, -1, -1))
    return next((place for place in places if place is not None), 0)


def _kept(objects: list[Json], shift: Shift) -> list[Json]:
    moved = [_shifted(item, shift) for item in objects]
    return [item for item in moved if item is not GONE]


def _shift_cells(sheet: Sheet, shift: Shift) -> None:
    by_rows = shift.dimension == "ROWS"

    def moved(place: Place) -> Place | None:
        across = place[1] if by_rows else place[0]
        if not shift.takes(across, across + 1):
            return place
        index = shift.index(place[0] if by_rows else place[1])
        if index is None:
            return None
        return (index, place[1]) if by_rows else (place[0], index)

    cells = ((moved(place), cell) for place, cell in sheet.cells.items())
    sheet.cells = {place: cell for place, cell in cells if place is not None}
    # In a band no line moves as a whole, so its size stays.
    if shift.band is not None:
        return
    sizes = sheet.rows if by_rows else sheet.columns
    moved_sizes = {new: size for old, size in sizes.items() if (new := shift.index(old)) is not None}
    if by_rows:
        sheet.rows = moved_sizes
    else:
        sheet.columns = moved_sizes


def _shift_formulas(spreadsheet: Spreadsheet, shift: Shift) -> None:
    target = spreadsheet.sheet(shift.sheet_id)
    for sheet, place, formula in spreadsheet.formulas():
        own = sheet is target

        # Bound here and now: a function made in a loop else sees what the loop comes to later.
        def change(reference: Reference, own: bool = own) -> Reference | None:
            meant = own if reference.sheet is None else reference.sheet.casefold() == target.title.casefold()
            return shifted_reference(reference, shift) if meant else reference

        set_formula(sheet, place, rewritten(formula, change))


def set_formula(sheet: Sheet, place: Place, formula: str) -> None:
    cell = sheet.cells[place]
    if cell["userEnteredValue"]["formulaValue"] != formula:
        sheet.cells[place] = {**cell, "userEnteredValue": {"formulaValue": formula}}


def _shifted(value: Any, shift: Shift) -> Any:
    """The JSON value with its ranges moved, or GONE when the range it hangs on is gone."""
    if isinstance(value, list):
        items = [_shifted(item, shift) for item in value]
        return [item for item in items if item is not GONE]
    if not isinstance(value, dict) or not value:
        return value
    for shape, move in SHAPES:
        # JSON does not say what a range is; it is known by having no other keys.
        if value.keys() <= shape:
            return move(value, shift)
    return _shifted_parts(value, shift)


def _shifted_parts(value: Json, shift: Shift) -> Any:
    moved = {key: _shifted(item, shift) for key, item in value.items()}
    if any(moved[key] is GONE for key in HOLDERS & value.keys()) or (value.get("ranges") and not moved["ranges"]):
        return GONE
    return {key: item for key, item in moved.items() if item is not GONE}


def _shifted_range(grid_range: Json, shift: Shift) -> Any:
    if grid_range.get("sheetId", 0) != shift.sheet_id:
        return grid_range
    word = "Row" if shift.dimension == "ROWS" else "Column"
    other = "Column" if word == "Row" else "Row"
    if not shift.takes(grid_range.get(f"start{other}Index"), grid_range.get(f"end{other}Index")):
        return grid_range
    names = (f"start{word}Index", f"end{word}Index")
    start, end = grid_range.get(names[0]), grid_range.get(names[1])
    moved = shift.span(start, end)
    if moved is None:
        return GONE
    sides = {name: side for name, side in zip(names, moved, strict=True) if side is not None}
    return {**grid_range, **sides}


def _shifted_run(run: Json, shift: Shift) -> Any:
    if shift.band or run.get("sheetId", 0) != shift.sheet_id or run.get("dimension") != shift.dimension:
        return run
    moved = shift.span(run.get("startIndex"), run.get("endIndex"))
    if moved is None:
        return GONE
    ends = zip(("startIndex", "endIndex"), moved, strict=True)
    return {**run, **{name: end for name, end in ends if end is not None}}


def _shifted_coordinate(coordinate: Json, shift: Shift) -> Json:
    """A chart outlives the row it hung on: it moves to the next one that is left, or to the last."""
    if coordinate.get("sheetId", 0) != shift.sheet_id:
        return coordinate
    if shift.band:
        return coordinate
    name = "rowIndex" if shift.dimension == "ROWS" else "columnIndex"
    index = coordinate.get(name, 0)
    moved = shift.index(index)
    if moved is not None:
        return {**coordinate, name: moved}
    while (moved := shift.index(index)) is None:
        index += 1
    return {**coordinate, name: min(moved, shift.last)}


SHAPES: tuple[tuple[frozenset[str], Callable[[Json, Shift], Any]], ...] = (
    (GRID_RANGE, _shifted_range),
    (DIMENSION_RANGE, _shifted_run),
    (COORDINATE, _shifted_coordinate),
)
