"""A table's columns: one for each column of its range, named by the header cells that people may retype."""

from __future__ import annotations

from sheets_sync.sandbox.document.spreadsheet import Json, Sheet


def header(sheet: Sheet, table: Json, index: int) -> str | None:
    """What the header cell of a column holds; None when it is empty."""
    place = (table["range"]["startRowIndex"], table["range"]["startColumnIndex"] + index)
    entered = sheet.cells.get(place, {}).get("userEnteredValue", {})
    return next((str(value) for value in entered.values()), None)


def width(table: Json) -> int:
    return int(table["range"]["endColumnIndex"] - table["range"]["startColumnIndex"])


def with_columns(sheet: Sheet, table: Json) -> Json:
    """The table as readers see it: names follow the header cells, and what is set for a column follows its name.

    A column whose name is new keeps what was set at its place, unless that belongs to a column that has moved.
    """
    names = [header(sheet, table, index) or f"Column {index + 1}" for index in range(width(table))]
    by_name = {one["columnName"]: one for one in table.get("columnProperties", [])}
    by_place = {one["columnIndex"]: one for one in by_name.values() if one["columnName"] not in names}
    columns = [
        {**by_name.get(name, by_place.get(index, {})), "columnIndex": index, "columnName": name}
        for index, name in enumerate(names)
    ]
    return {**table, "columnProperties": columns}
