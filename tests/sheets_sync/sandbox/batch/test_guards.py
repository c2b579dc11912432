"""Protected ranges keep out those who are not named."""

from __future__ import annotations

import gspread
import pytest
from gspread.exceptions import APIError

from sheets_sync.sandbox import LocalSheets


def test_a_persons_guard_keeps_the_bot_out(sheets: LocalSheets, book: gspread.Spreadsheet) -> None:
    """What a person protects the bot cannot write, by batch or by values; its own guard does not stop it."""
    area = {"sheetId": 0, "startRowIndex": 0, "endRowIndex": 2}
    sheets.person.batch(book.id, [{"addProtectedRange": {"protectedRange": {"protectedRangeId": 1, "range": area}}}])
    tab = book.sheet1
    for write in (
        lambda: tab.update([["x"]], "A1"),
        lambda: tab.format("A1", {"textFormat": {"bold": True}}),
        lambda: tab.delete_rows(2),
        lambda: tab.delete_protected_range(1),
    ):
        with pytest.raises(APIError, match="You are trying to edit a protected cell or object"):
            write()
    tab.update([["x"]], "A3")
    tab.add_protected_range("A3:B3")
    tab.update([["y"]], "A3")
    assert tab.get("A3") == [["y"]]
    guards = book.fetch_sheet_metadata()["sheets"][0]["protectedRanges"]
    assert [sheets.client_email in guard["editors"]["users"] for guard in guards] == [False, True]


def test_no_way_leads_into_a_persons_guard(sheets: LocalSheets, book: gspread.Spreadsheet) -> None:
    """Neither by cutting into it, nor by appending, replacing or inserting; beside it all that works."""
    tab = book.sheet1
    tab.update([["a"], ["b"], ["c"], ["b"], [""], ["x"]], "A1")
    area = {"sheetId": 0, "startRowIndex": 1, "endRowIndex": 3}
    last = {"sheetId": 0, "startRowIndex": 6, "endRowIndex": 8}
    guards = [{"protectedRangeId": number, "range": part} for number, part in ((1, area), (2, last))]
    sheets.person.batch(book.id, [{"addProtectedRange": {"protectedRange": guard}} for guard in guards])

    def cut(row: int, onto: int) -> dict[str, object]:
        source = {"sheetId": 0, "startRowIndex": row, "endRowIndex": row + 1, "endColumnIndex": 1}
        return {
            "cutPaste": {"source": source, "destination": {"sheetId": 0, "rowIndex": onto}, "pasteType": "PASTE_NORMAL"}
        }

    def insert(at: int) -> dict[str, object]:
        lines = {"sheetId": 0, "dimension": "ROWS", "startIndex": at, "endIndex": at + 1}
        return {"insertDimension": {"range": lines, "inheritFromBefore": False}}

    row = {"values": [{"userEnteredValue": {"stringValue": "new"}}]}
    replace = {"findReplace": {"find": "b", "replacement": "B", "allSheets": True}}
    append = {"appendCells": {"sheetId": 0, "rows": [row], "fields": "userEnteredValue"}}
    before = tab.get_all_values()
    for refused in (cut(5, 2), cut(5, 1), insert(2), replace, append):
        with pytest.raises(APIError, match="You are trying to edit a protected cell or object"):
            book.batch_update({"requests": [refused]})
    with pytest.raises(APIError, match="You are trying to edit a protected cell or object"):
        tab.append_row(["new"], table_range="A6")
    assert tab.get_all_values() == before
    sheets.person.batch(book.id, [replace])
    assert tab.get("A1:A4") == [["a"], ["B"], ["c"], ["B"]]
    for allowed in (cut(3, 4), insert(1)):
        book.batch_update({"requests": [allowed]})
    assert tab.get("A1:A6") == [["a"], [], ["B"], ["c"], [], ["B"]]
