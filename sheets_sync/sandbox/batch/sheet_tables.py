"""Requests about tables: a rectangle with a header row whose cells are the column names."""

from __future__ import annotations

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
from sheets_sync.sandbox.document.masks import merged
from sheets_sync.sandbox.document.spreadsheet import Json, Spreadsheet
from sheets_sync.sandbox.document.table_columns import header, width, with_columns


def add_table(spreadsheet: Spreadsheet, request: Json) -> Json:
    table = need(request, "table")
    table_id = table.get("tableId") or str(spreadsheet.new_id())
    if find_object(spreadsheet, "tables", "tableId", table_id):
        raise invalid(f"Cannot add table with ID {table_id}, a table with that ID already exists.")
    item = {"name": _free_name(spreadsheet), **table, "tableId": table_id}
    item["range"] = spreadsheet.area(grid_range(spreadsheet, need(table, "range"))).to_json()
    _check(spreadsheet, item, None)
    item["columnProperties"] = _columns(spreadsheet, item)
    spreadsheet.sheet(item["range"]["sheetId"]).objects["tables"].append(item)
    return {"table": item}


def _free_name(spreadsheet: Spreadsheet) -> str:
    number = 1
    while find_object(spreadsheet, "tables", "name", f"Table{number}"):
        number += 1
    return f"Table{number}"


def _check(spreadsheet: Spreadsheet, item: Json, own: Json | None) -> None:
    """A table's name is its own, and it overlaps no other table."""
    area = spreadsheet.area(item["range"])
    for sheet in spreadsheet.sheets:
        for other in sheet.objects["tables"]:
            if other is own:
                continue
            if other["name"].casefold() == item["name"].casefold():
                raise invalid(f"Cannot add table with name {item['name']}, a table with that name already exists.")
            if spreadsheet.area(other["range"]).meets(area):
                raise invalid("Tables cannot overlap with other tables.")


def _columns(spreadsheet: Spreadsheet, item: Json) -> list[Json]:
    """Each column's properties; its name is the request's, the header cell's or its number, and is written there."""
    sheet = spreadsheet.sheet(item["range"]["sheetId"])
    top, left = item["range"]["startRowIndex"], item["range"]["startColumnIndex"]
    properties = {one.get("columnIndex", 0): one for one in item.get("columnProperties", [])}
    columns = []
    for index in range(width(item)):
        own, typed = properties.get(index, {}), header(sheet, item, index)
        name = own.get("columnName") or typed or f"Column {index + 1}"
        if typed != name:
            place = (top, left + index)
            sheet.put(place, {**sheet.cells.get(place, {}), "userEnteredValue": {"stringValue": name}})
        columns.append({**own, "columnIndex": index, "columnName": name})
    return columns


def update_table(spreadsheet: Spreadsheet, request: Json) -> None:
    mask, table = write_mask(request), need(request, "table")
    table_id = need(table, "tableId")
    sheet, old = must_find(spreadsheet, "tables", "tableId", table_id, "table")
    # Onto the table as readers see it, with the names that people have typed into its header since.
    new = {**merged(with_columns(sheet, old), table, mask), "tableId": table_id}
    new["range"] = spreadsheet.area(grid_range(spreadsheet, need(new, "range"))).to_json()
    _check(spreadsheet, new, old)
    new["columnProperties"] = _columns(spreadsheet, new)
    replace_object(sheet, "tables", old, new)


def delete_table(spreadsheet: Spreadsheet, request: Json) -> None:
    """The table goes with its cells' values, as in Sheets."""
    sheet, table = must_find(spreadsheet, "tables", "tableId", need(request, "tableId"), "table")
    area = spreadsheet.area(table["range"])
    for place in [place for place in sheet.cells if area.holds(*place)]:
        sheet.put(place, {name: part for name, part in sheet.cells[place].items() if name != "userEnteredValue"})
    remove_object(sheet, "tables", table)


HANDLERS: dict[str, Callable[[Spreadsheet, Json], Json | None]] = {
    "addTable": add_table,
    "updateTable": update_table,
    "deleteTable": delete_table,
}
