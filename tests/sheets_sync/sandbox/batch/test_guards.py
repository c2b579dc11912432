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
