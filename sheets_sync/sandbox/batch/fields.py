"""What every write needs: its field mask, its required parts, and objects found by their id."""

from __future__ import annotations

from typing import Any

from sheets_sync.sandbox.api_errors import invalid
from sheets_sync.sandbox.document.masks import Mask, parse_mask
from sheets_sync.sandbox.document.spreadsheet import Json, Sheet, Spreadsheet


def write_mask(request: Json) -> Mask:
    """The mask of a write, which must name something."""
    text = request.get("fields", "")
    if not text:
        raise invalid("At least one field must be listed in 'fields'. (Use '*' to indicate all fields.)")
    return parse_mask(text)


def need(request: Json, name: str) -> Any:
    if name not in request:
        raise invalid(f"Must specify {name}.")
    return request[name]


def find_object(spreadsheet: Spreadsheet, kind: str, id_name: str, object_id: Any) -> tuple[Sheet, Json] | None:
    """The tab and the object of that kind (`protectedRanges`, `charts`, …) with that id."""
    for sheet in spreadsheet.sheets:
        for item in sheet.objects[kind]:
            if item.get(id_name) == object_id:
                return sheet, item
    return None


def must_find(spreadsheet: Spreadsheet, kind: str, id_name: str, object_id: Any, words: str) -> tuple[Sheet, Json]:
    """As find_object; raises a 400 "No <words> with id: …"."""
    match = find_object(spreadsheet, kind, id_name, object_id)
    if match is None:
        raise invalid(f"No {words} with id: {object_id}")
    return match


def replace_object(sheet: Sheet, kind: str, old: Json, new: Json) -> None:
    objects = sheet.objects[kind]
    objects[next(index for index, item in enumerate(objects) if item is old)] = new


def remove_object(sheet: Sheet, kind: str, old: Json) -> None:
    sheet.objects[kind] = [item for item in sheet.objects[kind] if item is not old]


def grid_range(spreadsheet: Spreadsheet, value: Json) -> Json:
    """A GridRange checked against its tab, with its sheetId written out."""
    spreadsheet.area(value)
    return {**value, "sheetId": value.get("sheetId", 0)}
