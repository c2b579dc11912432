"""Requests about names and guards on rectangles: named ranges, protected ranges, merges."""

from __future__ import annotations

import re
from collections.abc import Callable

from sheets_sync.sandbox.api_errors import invalid
from sheets_sync.sandbox.batch.fields import (
    find_object,
    grid_range,
    must_find,
    need,
    remove_object,
    replace_object,
    write_mask,
)
from sheets_sync.sandbox.document.a1 import parse_reference
from sheets_sync.sandbox.document.area import Area
from sheets_sync.sandbox.document.masks import merged
from sheets_sync.sandbox.document.spreadsheet import Json, Sheet, Spreadsheet


def add_named_range(spreadsheet: Spreadsheet, request: Json) -> Json:
    named_range = need(request, "namedRange")
    _check_name(spreadsheet, need(named_range, "name"), None)
    range_id = named_range.get("namedRangeId") or str(spreadsheet.new_id())
    if any(item["namedRangeId"] == range_id for item in spreadsheet.named_ranges):
        raise invalid(f"Cannot add named range with ID {range_id}, a named range with that ID already exists.")
    named = {
        "namedRangeId": range_id,
        "name": named_range["name"],
        "range": grid_range(spreadsheet, need(named_range, "range")),
    }
    spreadsheet.named_ranges.append(named)
    return {"namedRange": named}


def _check_name(spreadsheet: Spreadsheet, name: str, own: Json | None) -> None:
    # A name that reads as a cell or as a truth value could never be used in a formula.
    if not re.fullmatch(r"[^\W\d]\w{0,249}", name) or parse_reference(name) or name.upper() in ("TRUE", "FALSE"):
        raise invalid(f"Invalid named range name: {name}")
    taken = spreadsheet.named_range(name)
    if taken is not None and taken is not own:
        raise invalid(f"Cannot add named range with name {name}, a named range with that name already exists.")


def _named(spreadsheet: Spreadsheet, range_id: str) -> Json:
    for item in spreadsheet.named_ranges:
        if item["namedRangeId"] == range_id:
            return item
    raise invalid(f"No named range with id: {range_id}")


def update_named_range(spreadsheet: Spreadsheet, request: Json) -> None:
    mask, named_range = write_mask(request), need(request, "namedRange")
    old = _named(spreadsheet, need(named_range, "namedRangeId"))
    new = {**merged(old, named_range, mask), "namedRangeId": old["namedRangeId"]}
    _check_name(spreadsheet, need(new, "name"), old)
    new["range"] = grid_range(spreadsheet, need(new, "range"))
    spreadsheet.named_ranges[spreadsheet.named_ranges.index(old)] = new


def delete_named_range(spreadsheet: Spreadsheet, request: Json) -> None:
    spreadsheet.named_ranges.remove(_named(spreadsheet, need(request, "namedRangeId")))


def add_protected_range(spreadsheet: Spreadsheet, request: Json) -> Json:
    protected_range = need(request, "protectedRange")
    range_id = protected_range["protectedRangeId"] if "protectedRangeId" in protected_range else spreadsheet.new_id()
    if find_object(spreadsheet, "protectedRanges", "protectedRangeId", range_id):
        raise invalid(f"Cannot add protected range with ID {range_id}, a protected range with that ID already exists.")
    item, sheet = _protection(spreadsheet, {**protected_range, "protectedRangeId": range_id})
    sheet.objects["protectedRanges"].append(item)
    return {"protectedRange": item}


def _protection(spreadsheet: Spreadsheet, protected_range: Json) -> tuple[Json, Sheet]:
    """A ProtectedRange made whole: its range comes from its named range or table when it names one."""
    # What the asking user may do is worked out for each reader, and not stored.
    item = {name: part for name, part in protected_range.items() if name != "requestingUserCanEdit"}
    if "namedRangeId" in item:
        item["range"] = _named(spreadsheet, item["namedRangeId"])["range"]
    elif "tableId" in item:
        item["range"] = must_find(spreadsheet, "tables", "tableId", item["tableId"], "table")[1]["range"]
    item["range"] = grid_range(spreadsheet, need(item, "range"))
    if item.get("unprotectedRanges"):
        item["unprotectedRanges"] = [grid_range(spreadsheet, hole) for hole in item["unprotectedRanges"]]
    return item, spreadsheet.sheet(item["range"]["sheetId"])


def update_protected_range(spreadsheet: Spreadsheet, request: Json) -> None:
    mask, protected_range = write_mask(request), need(request, "protectedRange")
    range_id = need(protected_range, "protectedRangeId")
    sheet, old = must_find(spreadsheet, "protectedRanges", "protectedRangeId", range_id, "protected range")
    new, target = _protection(spreadsheet, {**merged(old, protected_range, mask), "protectedRangeId": range_id})
    # The new range may lie on another tab, and the guard goes along.
    if target is sheet:
        replace_object(sheet, "protectedRanges", old, new)
    else:
        remove_object(sheet, "protectedRanges", old)
        target.objects["protectedRanges"].append(new)


def delete_protected_range(spreadsheet: Spreadsheet, request: Json) -> None:
    range_id = need(request, "protectedRangeId")
    match = must_find(spreadsheet, "protectedRanges", "protectedRangeId", range_id, "protected range")
    remove_object(match[0], "protectedRanges", match[1])


def merge_cells(spreadsheet: Spreadsheet, request: Json) -> None:
    """Merges the rectangle whole, by its columns or by its rows; only the first cell of each keeps its value."""
    area = spreadsheet.area(need(request, "range"))
    sheet = spreadsheet.sheet(area.sheet_id)
    kind = request.get("mergeType", "MERGE_ALL")
    parts = [area]
    if kind == "MERGE_COLUMNS":
        parts = [Area(area.sheet_id, area.top, at, area.bottom, at + 1) for at in range(area.left, area.right)]
    elif kind == "MERGE_ROWS":
        parts = [Area(area.sheet_id, at, area.left, at + 1, area.right) for at in range(area.top, area.bottom)]
    for part in parts:
        olds = [spreadsheet.area(old) for old in sheet.objects["merges"]]
        if any(old.meets(part) and not old.within(part) for old in olds):
            raise invalid("You must select all cells in a merged range to merge or unmerge them.")
        outside = [old for old in sheet.objects["merges"] if not spreadsheet.area(old).within(part)]
        sheet.objects["merges"] = [*outside, part.to_json()]
        for place in part.cells():
            if place != (part.top, part.left) and place in sheet.cells:
                bare_cell = {name: item for name, item in sheet.cells[place].items() if name != "userEnteredValue"}
                sheet.put(place, bare_cell)


def unmerge_cells(spreadsheet: Spreadsheet, request: Json) -> None:
    area = spreadsheet.area(need(request, "range"))
    sheet = spreadsheet.sheet(area.sheet_id)
    olds = [(merge, spreadsheet.area(merge)) for merge in sheet.objects["merges"]]
    if any(old.meets(area) and not old.within(area) for _, old in olds):
        raise invalid("You must select all cells in a merged range to merge or unmerge them.")
    sheet.objects["merges"] = [merge for merge, old in olds if not old.meets(area)]


HANDLERS: dict[str, Callable[[Spreadsheet, Json], Json | None]] = {
    "addNamedRange": add_named_range,
    "updateNamedRange": update_named_range,
    "deleteNamedRange": delete_named_range,
    "addProtectedRange": add_protected_range,
    "updateProtectedRange": update_protected_range,
    "deleteProtectedRange": delete_protected_range,
    "mergeCells": merge_cells,
    "unmergeCells": unmerge_cells,
}
