"""The values calls: what is stored, typed, skipped, cleared and refused, and how it is read back."""

from __future__ import annotations

from typing import Any

import gspread
import pytest
from gspread.exceptions import APIError


def test_raw_text_is_never_a_formula(book: gspread.Spreadsheet) -> None:
    """RAW keeps "=1+1", "'x", "12%" and dates as the text that was sent."""
    sent = ["=1+1", "'x", "12%", "2026-11-23", "TRUE", "+1"]
    book.sheet1.update([sent], "A1", raw=True)
    assert book.sheet1.get("A1:F1", value_render_option="UNFORMATTED_VALUE") == [sent]
    assert book.sheet1.get("A1:F1", value_render_option="FORMULA") == [sent]


def test_typing_goes_by_the_cells_format(book: gspread.Spreadsheet) -> None:
    """A cell formatted as plain text keeps what is typed; a typed percent keeps the percent format that is there."""
    tab = book.sheet1
    tab.format("A1", {"numberFormat": {"type": "TEXT"}})
    tab.format("B1:C1", {"numberFormat": {"type": "PERCENT", "pattern": "0.0%"}})
    tab.update([["12%", "12%", "2026-11-23"]], "A1", raw=False)
    assert tab.get("A1:C1") == [["12%", "12.0%", "2026-11-23"]]
    assert tab.get("A1:C1", value_render_option="UNFORMATTED_VALUE") == [["12%", 0.12, 46349]]


def test_null_skips_and_empty_text_clears(book: gspread.Spreadsheet) -> None:
    """In the values calls null leaves a cell alone and "" empties it."""
    book.sheet1.update([["a", "b"]], "A1")
    book.sheet1.update([[None, ""]], "A1")
    assert book.sheet1.get("A1:B1") == [["a"]]


def test_render_options(book: gspread.Spreadsheet) -> None:
    """Dates are serial numbers unless asked for as text; errors and empty results come as text."""
    book.sheet1.update([["2026-11-23", "=1/0", True, "=A2"]], "A1", raw=False)
    option = {"valueRenderOption": "UNFORMATTED_VALUE"}
    assert book.values_get("A1:D1", params=option)["values"] == [[46349, "#DIV/0!", True]]
    text = {**option, "dateTimeRenderOption": "FORMATTED_STRING"}
    assert book.values_get("A1", params=text)["values"] == [["2026-11-23"]]
    assert book.values_get("A1:D1", params={"majorDimension": "COLUMNS"})["values"][1] == ["#DIV/0!"]
    assert "values" not in book.values_get("H1:I9")


@pytest.mark.parametrize(
    ("name", "rows", "words"),
    [
        ("Nope!A1", [[1]], "Unable to parse range: Nope!A1"),
        ("A1001", [[1]], "exceeds grid limits. Max rows: 1000, max columns: 26"),
        ("A1000", [[1], [2]], "exceeds grid limits"),
        ("A1:B1", [[1, 2, 3]], "Requested writing within range [Sheet1!A1:B1], but tried writing to column [C]"),
        ("A1:B1", [[1], [2]], "tried writing to row [2]"),
        ("A1", [[{"a": 1}]], "Invalid values[0][0]: struct_value"),
    ],
)
def test_writes_that_do_not_fit_are_refused(book: gspread.Spreadsheet, name: str, rows: Any, words: str) -> None:
    """A range that is not there or too small is a 400 that says so, and nothing is written."""
    with pytest.raises(APIError) as caught:
        book.values_update(name, params={"valueInputOption": "RAW"}, body={"values": rows})
    assert words in caught.value.error["message"]
    assert book.sheet1.get_all_values() == [[]]


def test_the_way_of_input_must_be_said(book: gspread.Spreadsheet) -> None:
    """Without a valueInputOption a write is refused, as Google does."""
    with pytest.raises(APIError, match="'valueInputOption' is required but not specified"):
        book.values_update("A1", params={}, body={"values": [[1]]})
