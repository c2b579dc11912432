"""An editor who does not own the file, as protections treat one; and what people do, by owner and by editor alike."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gspread
import pytest

from sheets_sync.sandbox import LocalSheets
from sheets_sync.sandbox.api_errors import ApiError
from sheets_sync.sandbox.drive_files import EDITOR
from sheets_sync.sandbox.person import ACTIONS, Person

TABLE = [["kpi", "value", "note"], ["cac", 40, ""], ["roas", 3, ""]]
Move = Callable[[Person, str], None]
STRUCTURE: dict[str, Move] = {
    "insert_rows": lambda who, key: who.insert_rows(key, "KPI", 2),
    "insert_columns": lambda who, key: who.insert_columns(key, "KPI", "B"),
    "delete_rows": lambda who, key: who.delete_rows(key, "KPI", 2),
    "delete_columns": lambda who, key: who.delete_columns(key, "KPI", "A"),
    "move_rows": lambda who, key: who.move_rows(key, "KPI", 2, 4),
    "move_columns": lambda who, key: who.move_columns(key, "KPI", "A", "C"),
    "rename_tab": lambda who, key: who.rename_tab(key, "KPI", "Mine"),
    "hide_tab": lambda who, key: who.hide_tab(key, "KPI"),
    "delete_tab": lambda who, key: who.delete_tab(key, "KPI"),
    "remove_protection": lambda who, key: who.remove_protection(key, "KPI"),
}
CELLS: dict[str, Move] = {
    "edit": lambda who, key: who.edit(key, "KPI!A2", "x"),
    "clear": lambda who, key: who.clear(key, "KPI!A2:B3"),
    "note": lambda who, key: who.note(key, "KPI!A2", "x"),
    "sort": lambda who, key: who.sort(key, "KPI!A2:C3", "A", descending=True),
    "filter": lambda who, key: who.filter(key, "KPI!A1:C3", "A", ["cac"]),
    "restyle": lambda who, key: who.restyle(key, "KPI!A1:B1", {"textFormat": {"bold": True}}),
    "merge": lambda who, key: who.merge(key, "KPI!A2:B3"),
}
FREE: dict[str, Move] = {
    "edit beside": lambda who, key: who.edit(key, "KPI!C2", "mine"),
    "sort beside": lambda who, key: who.sort(key, "KPI!C2:C3", "C"),
    "duplicate_tab": lambda who, key: who.duplicate_tab(key, "KPI"),
    "move_tab": lambda who, key: who.move_tab(key, "KPI", 0),
    "add_tab": lambda who, key: who.add_tab(key, "Mine"),
    "filter view": lambda who, key: who.batch(key, [{"addFilterView": {"filter": {"range": {"sheetId": 5}}}}]),
}


@pytest.fixture
def protect(book: gspread.Spreadsheet) -> Callable[..., str]:
    """Makes a tab of the bot's with a hole in column C, guarded as the test says; answers the spreadsheet's key."""

    def made(**guard: Any) -> str:
        hole = {"sheetId": 5, "startColumnIndex": 2}
        guarded = {"range": {"sheetId": 5}, "unprotectedRanges": [hole], **guard}
        book.batch_update({"requests": [{"addSheet": {"properties": {"sheetId": 5, "title": "KPI"}}}]})
        book.worksheet("KPI").update(TABLE, "A1")
        book.batch_update({"requests": [{"addProtectedRange": {"protectedRange": guarded}}]})
        return book.id

    return made


@pytest.mark.parametrize("name", [*STRUCTURE, *CELLS])
def test_an_editor_does_not_get_past_a_protection(
    sheets: LocalSheets, protect: Callable[..., str], book: gspread.Spreadsheet, name: str
) -> None:
    """What a protected tab shows, its rows, columns, name and guard stay; the owner may do the same all the same."""
    key, move = protect(), (STRUCTURE | CELLS)[name]
    before = book.worksheet("KPI").get_all_values()
    with pytest.raises(ApiError, match="You are trying to edit a protected cell or object"):
        move(sheets.editor, key)
    assert book.worksheet("KPI").get_all_values() == before
    move(sheets.person, key)


@pytest.mark.parametrize("name", FREE)
def test_what_an_editor_does_beside_a_protection(sheets: LocalSheets, protect: Callable[..., str], name: str) -> None:
    """Holes, copies, the order of tabs, own tabs and filter views are free to every editor."""
    FREE[name](sheets.editor, protect())


@pytest.mark.parametrize("name", [*STRUCTURE, *CELLS])
def test_a_protection_that_only_warns_lets_an_editor_through(
    sheets: LocalSheets, protect: Callable[..., str], name: str
) -> None:
    """Google asks them whether they mean it, and they do."""
    (STRUCTURE | CELLS)[name](sheets.editor, protect(warningOnly=True))


def test_an_editor_whom_the_protection_names_is_let_in(
    sheets: LocalSheets, protect: Callable[..., str], book: gspread.Spreadsheet
) -> None:
    """The editors of a protection edit what it covers, and readers are told who can."""
    key = protect(editors={"users": [EDITOR]})
    sheets.editor.edit(key, "KPI!A2", "renamed")
    assert book.worksheet("KPI").acell("A2").value == "renamed"
    guards = book.fetch_sheet_metadata()["sheets"][1]["protectedRanges"]
    assert [guard["requestingUserCanEdit"] for guard in guards] == [True]
    area = {"sheetId": 0, "startRowIndex": 0, "endRowIndex": 2}
    sheets.person.batch(key, [{"addProtectedRange": {"protectedRange": {"range": area}}}])
    guards = book.fetch_sheet_metadata()["sheets"][0]["protectedRanges"]
    assert [guard["requestingUserCanEdit"] for guard in guards] == [False]


def test_rows_beside_a_protected_range_move_and_those_in_it_do_not(
    sheets: LocalSheets, book: gspread.Spreadsheet
) -> None:
    """Where only some rows are protected, an editor inserts above them, and neither between nor by moving cells."""
    key, tab = book.id, book.sheet1
    tab.update([["a"], ["b"], ["c"], ["d"]], "A1")
    area = {"sheetId": 0, "startRowIndex": 1, "endRowIndex": 3}
    sheets.person.batch(key, [{"addProtectedRange": {"protectedRange": {"range": area}}}])
    sheets.editor.insert_rows(key, "Sheet1", 1)
    pushed = {"range": {"sheetId": 0, "startRowIndex": 0, "endRowIndex": 1}, "shiftDimension": "ROWS"}
    for refused in (
        lambda: sheets.editor.insert_rows(key, "Sheet1", 4),
        lambda: sheets.editor.move_rows(key, "Sheet1", 3, 1),
        lambda: sheets.editor.move_rows(key, "Sheet1", 1, 4),
        lambda: sheets.editor.batch(key, [{"insertRange": pushed}]),
        lambda: sheets.editor.sort(key, "A1:A5", "A"),
    ):
        with pytest.raises(ApiError, match="protected cell"):
            refused()
    assert tab.get("A1:A5") == [[], ["a"], ["b"], ["c"], ["d"]]


def test_versions_come_back_whoever_made_them(sheets: LocalSheets, book: gspread.Spreadsheet) -> None:
    """A restored version is the whole file as it was, other people's writes since included, and can be undone."""
    key, tab = book.id, book.sheet1
    tab.update([["first"]], "A1")
    sheets.editor.edit(key, "A1", "second")
    tab.update([["third"]], "A1")
    sheets.editor.restore(key, 2)
    assert tab.acell("A1").value == "first"
    sheets.editor.undo(key)
    assert tab.acell("A1").value == "third"
    with pytest.raises(ApiError, match="earlier versions"):
        sheets.person.restore(key, 1000)


def test_every_action_is_a_move_and_every_move_an_action() -> None:
    """What the control API offers is what a person can do."""
    moves = {name for name in vars(Person) if not name.startswith("_")} - {"shown"}
    assert set(ACTIONS) == moves
