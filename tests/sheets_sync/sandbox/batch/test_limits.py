"""What a spreadsheet takes at most, and slicers."""

from __future__ import annotations

from typing import Any

import gspread
import pytest
from gspread.exceptions import APIError


def metadata(length: int, key: str = "key", **location: Any) -> dict[str, Any]:
    entry = {"metadataKey": key, "metadataValue": "v" * length, "visibility": "DOCUMENT"}
    return {"createDeveloperMetadata": {"developerMetadata": {**entry, "location": location or {"sheetId": 0}}}}


def test_a_place_holds_thirty_thousand_characters_of_metadata(book: gspread.Spreadsheet) -> None:
    """Keys and values of one tab together; the spreadsheet, each row and each column have room of their own."""
    book.batch_update({"requests": [metadata(29_000), metadata(990, "other")]})
    row = {"dimensionRange": {"sheetId": 0, "dimension": "ROWS", "startIndex": 3, "endIndex": 4}}
    book.batch_update({"requests": [metadata(29_990, spreadsheet=True), metadata(29_990, **row)]})
    with pytest.raises(APIError, match="at most 30000 characters"):
        book.batch_update({"requests": [metadata(10)]})
    longer = {
        "dataFilters": [{"developerMetadataLookup": {"metadataKey": "other"}}],
        "developerMetadata": {"metadataValue": "v" * 1001},
        "fields": "metadataValue",
    }
    with pytest.raises(APIError, match="at most 30000 characters"):
        book.batch_update({"requests": [{"updateDeveloperMetadata": longer}]})


def test_a_cell_holds_fifty_thousand_characters(book: gspread.Spreadsheet) -> None:
    """One more is refused however it comes, and nothing is cut."""
    tab = book.sheet1
    tab.update([["x" * 50_000]], "A1", raw=True)
    row = {"values": [{"userEnteredValue": {"stringValue": "x" * 50_001}}]}
    start = {"sheetId": 0, "rowIndex": 1, "columnIndex": 0}
    for write in (
        lambda: tab.update([["x" * 50_001]], "A2", raw=True),
        lambda: tab.update([["x" * 50_001]], "A2", raw=False),
        lambda: book.batch_update({"requests": [{"updateCells": {"start": start, "rows": [row], "fields": "*"}}]}),
    ):
        with pytest.raises(APIError, match="maximum of 50000 characters in a single cell"):
            write()
    assert [len(line[0]) for line in tab.get("A1:A2")] == [50_000]


def test_slicers_come_change_move_and_go(book: gspread.Spreadsheet) -> None:
    """A slicer under an id of its own filters a range, moves with rows inserted above it, and is deleted."""
    area = {"sheetId": 0, "startRowIndex": 0, "endRowIndex": 5, "startColumnIndex": 0, "endColumnIndex": 3}
    anchor = {"overlayPosition": {"anchorCell": {"sheetId": 0, "rowIndex": 1, "columnIndex": 4}}}
    slicer = {"slicerId": 9, "spec": {"dataRange": area, "columnIndex": 1, "title": "Channel"}, "position": anchor}
    book.batch_update({"requests": [{"addSlicer": {"slicer": slicer}}]})
    with pytest.raises(APIError, match="already exists"):
        book.batch_update({"requests": [{"addSlicer": {"slicer": slicer}}]})
    rows = {"sheetId": 0, "dimension": "ROWS", "startIndex": 0, "endIndex": 1}
    change = {"slicerId": 9, "spec": {"title": "Region"}, "fields": "title"}
    book.batch_update({"requests": [{"insertDimension": {"range": rows}}, {"updateSlicerSpec": change}]})
    (there,) = book.fetch_sheet_metadata()["sheets"][0]["slicers"]
    assert (there["spec"]["title"], there["spec"]["columnIndex"]) == ("Region", 1)
    assert there["spec"]["dataRange"]["startRowIndex"] == 1
    assert there["position"]["overlayPosition"]["anchorCell"]["rowIndex"] == 2
    book.batch_update({"requests": [{"deleteEmbeddedObject": {"objectId": 9}}]})
    assert "slicers" not in book.fetch_sheet_metadata()["sheets"][0]
