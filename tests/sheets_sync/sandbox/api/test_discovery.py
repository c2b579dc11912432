"""Calls are held against Google's own description of its API: what is wrong is told with its place, however deep."""

from __future__ import annotations

from typing import Any

import pytest

from sheets_sync.sandbox.api.discovery import wrong_in


def told(cell: object) -> list[str]:
    """What is told of an answer with a good row and one with this cell."""
    good: dict[str, Any] = {"userEnteredValue": {"numberValue": 1.5}, "note": "fine"}
    data = [{"rowData": [{"values": [good, good]}, {"values": [good, cell]}], "startRow": 0}]
    return wrong_in({"sheets": [{"data": data}]}, {"$ref": "Spreadsheet"}, "sheets.v4.json", "response")


@pytest.mark.parametrize(
    ("cell", "place", "words"),
    [
        ({"note": 7}, ".note", ": 7 is no string"),
        ({"nota": "x"}, ".nota", " does not exist"),
        ({"userEnteredValue": {"boolValue": 1}}, ".userEnteredValue.boolValue", ": 1 is no boolean"),
        ({"userEnteredValue": {"numberValue": True}}, ".userEnteredValue.numberValue", ": True is no number"),
        (
            {"userEnteredFormat": {"wrapStrategy": "SOMEHOW"}},
            ".userEnteredFormat.wrapStrategy",
            ": 'SOMEHOW' is no string",
        ),
        ("A1", "", ": 'A1' is no object"),
    ],
)
def test_what_is_wrong_in_one_cell_of_many(cell: object, place: str, words: str) -> None:
    """An unknown field, a value of another type, a word that is none of the list."""
    assert told(cell) == [f"response.sheets[].data[].rowData[].values[]{place}{words}"]


@pytest.mark.parametrize("cell", [{}, {"userEnteredValue": {"numberValue": "-1.5e3"}}, {"note": ""}])
def test_what_is_right(cell: object) -> None:
    """Nothing is told of cells as Google takes them: a number may be a text."""
    assert told(cell) == []
