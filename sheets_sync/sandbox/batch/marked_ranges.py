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
    given = need(request, "namedRange")
    _check_name(spreadsheet, need(given, "name"), None)
    wanted = given.get("namedRangeId") or str(spreadsheet.new_id())
    if any(item["namedRangeId"] == wanted for item in spreadsheet.named_ranges):
        raise invalid(f"Cannot add named range with ID {wanted}, a named range with that ID already exists.")
    named = {"namedRangeId": wanted, "name": given["name"], "range": grid_range(spreadsheet, need(given, "range"))}
    spreadsheet.named_ranges.append(named)
    return {"namedRange": named}


def _check_name(spreadsheet: Spreadsheet, name: str, own: Json | None) -> None:
    if not re.fullmatch(r"[^\W\d]\w{0,249}", name) or parse_reference(name) or name.upper() in ("TRUE", "FALSE"):
        raise invalid(f"Invalid named range name: {name}")
    taken = spreadsheet.named_range(name)
    if taken is not None and taken is not own:
        raise invalid(f"Cannot add named range with name {name}, a named range with that name already exists.")


def _named(spreadsheet: Spreadsheet, wanted: str) -> Json:
    for item in spreadsheet.named_ranges:
        if item["namedRangeId"] == wanted:
            return item
    raise invalid(f"No named range with id: {wanted}")


def update_named_range(spreadsheet: Spreadsheet, request: Json) -> None:
    mask, given = write_mask(request), need(request, "namedRange")
    old = _named(spreadsheet, need(given, "namedRangeId"))
    new = {**merged(old, given, mask), "namedRangeId": old["namedRangeId"]}
    _check_name(spreadsheet, need(new, "name"), old)
    new["range"] = grid_range(spreadsheet, need(new, "range"))
    spreadsheet.named_ranges[spreadsheet.named_ranges.index(old)] = new


def delete_named_range(spreadsheet: Spreadsheet, request: Json) -> None:
    spreadsheet.named_ranges.remove(_named(spreadsheet, need(request, "namedRangeId")))


def add_protected_range(spreadsheet: Spreadsheet, request: Json) -> Json:
    given = need(request, "protectedRange")
    wanted = given["protectedRangeId"] if "protectedRangeId" in given else spreadsheet.new_id()
    if find_object(spreadsheet, "protectedRanges", "protectedRangeId", wanted):
        raise invalid(f"Cannot add protected range with ID {wanted}, a protected range with that ID already exists.")
    item, sheet = _protection(spreadsheet, {**given, "protectedRangeId": wanted})
    sheet.objects["protectedRanges"].append(item)
    return {"protectedRange": item}


def _protection(spreadsheet: Spreadsheet, given: Json) -> tuple[Json, Sheet]:
    """A ProtectedRange made whole: its range comes from its named range or table when it names one."""
    item = {name: part for name, part in given.items() if name != "requestingUserCanEdit"}
    if "namedRangeId" in item:
        item["range"] = _named(spreadsheet, item["namedRangeId"])["range"]
    elif "tableId" in item:
        item["range"] = must_find(spreadsheet, "tables", "tableId", item["tableId"], "table")[1]["range"]
    item["range"] = grid_range(spreadsheet, need(item, "range"))
    if item.get("unprotectedRanges"):
        item["unprotectedRanges"] = [grid_range(spreadsheet, hole) for hole in item["unprotectedRanges"]]
    return item, spreadsheet.sheet(item["range"]["sheetId"])


def update_protected_range(spreadsheet: Spreadsheet, request: Json) -> None:
    mask, given = write_mask(request), need(request, "protectedRange")
    wanted = need(given, "protectedRangeId")
    sheet, old = must_find(spreadsheet, "protectedRanges", "protectedRangeId", wanted, "protected range")
    new, target = _protection(spreadsheet, {**merged(old, given, mask), "protectedRangeId": wanted})
    if target is sheet:
        replace_object(sheet, "protectedRanges", old, new)
    else:
        remove_object(sheet, "protectedRanges", old)
        target.objects["protectedRanges"].append(new)


def delete_protected_range(spreadsheet: Spreadsheet, request: Json) -> None:
    wanted = need(request, "protectedRangeId")
    found = must_find(spreadsheet, "protectedRanges", "protectedRangeId", wanted, "protected range")
    remove_object(found[0], "protectedRanges", found[1])


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
                kept = {name: item for name, item in sheet.cells[place].items() if name != "userEnteredValue"}
                sheet.put(place, kept)


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
