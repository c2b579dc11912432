"""The person in the spreadsheet: what is typed, inserted, sorted and renamed, and how it is taken back."""

from __future__ import annotations

import gspread
import pytest

from sheets_sync.sandbox import LocalSheets
from sheets_sync.sandbox.api_errors import ApiError


def test_a_person_types_inserts_sorts_renames_and_takes_back(sheets: LocalSheets, book: gspread.Spreadsheet) -> None:
    """Edits of a person show up at the bot's next read, and undo takes them back one by one."""
    book.sheet1.update([["b", 2], ["a", 1]], "A1")
    book.sheet1.define_named_range("A1:B2", "block")
    person, key = sheets.person, book.id
    person.edit(key, "Sheet1!C1", "12%")
    assert book.sheet1.get("C1", value_render_option="UNFORMATTED_VALUE") == [[0.12]]
    person.insert_rows(key, "Sheet1", 1)
    assert book.list_named_ranges()[0]["range"]["startRowIndex"] == 1
    person.sort(key, "A2:B3", "A")
    assert book.sheet1.get("A2:B3") == [["a", "1"], ["b", "2"]]
    person.rename_tab(key, "Sheet1", "Meine Ziele")
    assert book.worksheet("Meine Ziele").id == 0
    person.add_tab(key, "Notes")
    person.delete_tab(key, "Meine Ziele")
    assert [tab.title for tab in book.worksheets()] == ["Notes"]
    for _ in range(6):
        person.undo(key)
    assert book.sheet1.get_all_values() == [["b", "2"], ["a", "1"]]
    with pytest.raises(ApiError, match="nothing to undo"):
        person.undo(key)
