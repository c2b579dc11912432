"""The ways in which callers name a range."""

from __future__ import annotations

import pytest

from sheets_sync.sandbox.api_errors import ApiError
from sheets_sync.sandbox.batch import apply_batch
from sheets_sync.sandbox.document.lookup import find_area
from sheets_sync.sandbox.document.spreadsheet import Spreadsheet, new_spreadsheet


@pytest.fixture
def state() -> Spreadsheet:
    """Two tabs of 10 rows by 5 columns; a named range `targets` lies on the second."""
    grid = {"gridProperties": {"rowCount": 10, "columnCount": 5}}
    area = {"sheetId": 7, "startRowIndex": 1, "endRowIndex": 3, "startColumnIndex": 0, "endColumnIndex": 2}
    requests = [
        {"updateSheetProperties": {"properties": {"sheetId": 0, **grid}, "fields": "gridProperties"}},
        {"addSheet": {"properties": {"sheetId": 7, "title": "Goals", **grid}}},
        {"addNamedRange": {"namedRange": {"name": "targets", "range": area}}},
    ]
    return apply_batch(new_spreadsheet("s", "", {}), requests)[0]


@pytest.mark.parametrize(
    ("text", "tab", "sides"),
    [
        ("B2", 0, (1, 1, 2, 2)),
        ("A1:1", 0, (0, 0, 1, 5)),
        ("B2:3", 0, (1, 1, 3, 5)),
        ("A2:B", 0, (1, 0, 10, 2)),
        ("2:2", 0, (1, 0, 2, 5)),
        ("B:C", 0, (0, 1, 10, 3)),
        ("R2C1", 0, (1, 0, 2, 1)),
        ("Goals!R1C2:R3C4", 7, (0, 1, 3, 4)),
        ("Goals!A1:Z99", 7, (0, 0, 10, 5)),
        ("'Goals'", 7, (0, 0, 10, 5)),
        ("targets", 7, (1, 0, 3, 2)),
        ("Goals!targets", 7, (1, 0, 3, 2)),
        ("'Goals'!TARGETS", 7, (1, 0, 3, 2)),
    ],
)
def test_a_range_is_found_by_each_of_its_names(
    state: Spreadsheet, text: str, tab: int, sides: tuple[int, int, int, int]
) -> None:
    """Cells, open sides, R1C1, titles and named ranges with or without their tab; sides are half-open, from 0."""
    area = find_area(state, text)
    assert (area.sheet_id, area.top, area.left, area.bottom, area.right) == (tab, *sides)


@pytest.mark.parametrize("text", ["Sheet1!targets", "Goals!nothing", "R[1]C[1]", "A0", "Nowhere!A1"])
def test_what_names_nothing_is_refused(state: Spreadsheet, text: str) -> None:
    """A name on another tab, an unknown one and a relative reference are a 400 in Google's words."""
    with pytest.raises(ApiError, match="Unable to parse range"):
        find_area(state, text)
