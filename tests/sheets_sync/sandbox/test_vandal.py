"""Ten random things that people do to a Sheet."""

from __future__ import annotations

from random import Random

import gspread

from sheets_sync.sandbox import LocalSheets
from sheets_sync.sandbox.person import ACTIONS
from sheets_sync.sandbox.vandal import DEEDS, vandalise


def _filled(sheets: LocalSheets) -> str:
    key = sheets.create("Marketing")
    for row in range(1, 6):
        for column in "ABC":
            sheets.person.edit(key, f"{column}{row}", f"{column}{row}")
    return key


def test_ten_things_are_done_and_are_the_same_for_the_same_draw(sheets: LocalSheets) -> None:
    """So many as were ordered, each one something that a person can do, told by name and tab."""
    first, second = (vandalise(sheets.person, _filled(sheets), Random(7)) for _ in range(2))
    assert len(first) == 10
    assert first == second
    assert DEEDS.keys() <= set(ACTIONS)


def test_over_time_everything_is_done_and_nothing_breaks(sheets: LocalSheets) -> None:
    """Hundreds of deeds by an owner cover every kind and leave a spreadsheet that can still be read."""
    seen: set[str] = set()
    for seed in range(15):
        key = _filled(sheets)
        seen |= {deed.action for deed in vandalise(sheets.person, key, Random(seed), 25)}
        assert sheets.spreadsheet(key).sheets
    assert seen >= {*DEEDS, "restore"} - {"remove_protection"}


def test_an_editor_does_what_protections_let_them(sheets: LocalSheets, book: gspread.Spreadsheet) -> None:
    """On a protected tab an editor's deeds leave its cells as they were."""
    book.sheet1.update([["a", 1], ["b", 2]], "A1")
    sheets.person.batch(book.id, [{"addProtectedRange": {"protectedRange": {"range": {"sheetId": 0}}}}])
    vandalise(sheets.editor, book.id, Random(3), 5)
    assert sheets.spreadsheet(book.id).sheet(0).cells == {
        (0, 0): {"userEnteredValue": {"stringValue": "a"}},
        (0, 1): {"userEnteredValue": {"numberValue": 1}},
        (1, 0): {"userEnteredValue": {"stringValue": "b"}},
        (1, 1): {"userEnteredValue": {"numberValue": 2}},
    }
