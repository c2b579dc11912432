"""Changed values alone, in the form that takes the fewest bytes: a grid a tab in which `null` leaves a cell as it is.

A cell in a request of its own takes about 150 bytes, most of which say where it lies; here one takes its value and five
bytes for each of those before it in its row. Only values travel so: no formula, no format, no row or column.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sheets_sync.spreadsheet.batches import Json
from sheets_sync.spreadsheet.cells import Changed
from sheets_sync.spreadsheet.state import Block
from sheets_sync.tabs.cells import Cell, EnteredValue, entered

_LARGEST_WHOLE = 2**53
"""Up to here every whole number is a float of its own."""


def value_range(block: Block, changed: Sequence[Changed], people: Collection[int]) -> Json | None:
    """The DataFilterValueRange that changes these cells and no others; None where one of them is no plain value."""
    rows: list[list[str | float | bool | None]] = []
    for row, column, cell in changed:
        value = _plain(cell)
        if value is None or column in people:
            return None
        rows += ([] for _ in range(row + 1 - len(rows)))
        rows[row] += [None] * (column - len(rows[row]))
        rows[row].append(value)
    return {"dataFilter": {"gridRange": {"sheetId": block.sheet_id}}, "values": rows}


def written_cells(answer: Mapping[str, Any]) -> Json:
    """The cells in an answer to such a write, as an answer with WRITTEN_FIELDS would show them."""
    sheets = []
    for response in answer.get("responses", []):
        rows = [
            {"values": [{"userEnteredValue": _entered(value)} for value in row]}
            for row in response.get("updatedData", {}).get("values", [])
        ]
        number = response["dataFilter"]["gridRange"].get("sheetId", 0)
        sheets.append({"properties": {"sheetId": number}, "data": [{"rowData": rows}]})
    return {"sheets": sheets}


def _plain(cell: Cell) -> str | float | bool | None:
    """The value as the call takes it, "" to empty the cell; None for one that it cannot write."""
    value = entered(cell)
    match value:
        case {"numberValue": int() | float() as number}:
            return int(number) if abs(number) < _LARGEST_WHOLE and number == int(number) else number
        case {"stringValue": text} | {"boolValue": text}:
            return text
        case _:
            return None if value else ""


def _entered(value: str | float | bool) -> EnteredValue:
    """A value of an answer. A formula comes as text, and is only looked at for what it is as a name."""
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, int | float):
        return {"numberValue": value}
    return {"stringValue": value} if value else {}
