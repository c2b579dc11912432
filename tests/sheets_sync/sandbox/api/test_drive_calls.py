"""Drive's side of the local Sheets beyond what gspread asks: comments, workbooks, searches, and what is not there."""

from __future__ import annotations

import io
from typing import Any

import gspread
import openpyxl
import pytest
from gspread.exceptions import APIError

from sheets_sync.sandbox import LocalSheets

DRIVE = "https://www.googleapis.com/drive/v3/files"
SHEETS = "https://sheets.googleapis.com/v4/spreadsheets"


def ask(book: gspread.Spreadsheet, method: str, path: str, body: Any = None, **params: str) -> Any:
    answer = book.client.request(method, path, params=params, json=body)
    return answer.json() if answer.content else None


def test_comments_are_written_answered_and_resolved(book: gspread.Spreadsheet) -> None:
    """A thread with its replies through Drive: made, edited, resolved by a reply, listed by what changed, deleted."""
    path = f"{DRIVE}/{book.id}/comments"
    made = ask(book, "post", path, {"content": "Off track"}, fields="id,content,resolved")
    assert made == {"id": made["id"], "content": "Off track", "resolved": False}
    one = f"{path}/{made['id']}"
    reply = ask(book, "post", f"{one}/replies", {"content": "On it"}, fields="id,content,author/me")
    assert (reply["content"], reply["author"]) == ("On it", {"me": True})
    ask(book, "patch", f"{one}/replies/{reply['id']}", {"content": "Done"}, fields="content")
    ask(book, "post", f"{one}/replies", {"action": "resolve"}, fields="action")
    whole = ask(book, "get", one, fields="*")
    assert (whole["resolved"], [part["content"] for part in whole["replies"]]) == (True, ["Done", ""])
    assert ask(book, "get", path, fields="comments(id)", startModifiedTime="2999-01-01T00:00:00Z")["comments"] == []
    ask(book, "delete", f"{one}/replies/{reply['id']}")
    assert len(ask(book, "get", f"{one}/replies", fields="replies(id)")["replies"]) == 1
    ask(book, "delete", one)
    with pytest.raises(APIError) as caught:
        ask(book, "get", one, fields="*")
    assert caught.value.code == 404
    with pytest.raises(APIError, match="'fields' parameter is required"):
        ask(book, "get", path)


def test_a_comment_on_a_cell_is_assigned_and_moves_with_it(book: gspread.Spreadsheet) -> None:
    """The Sheets API's own comments: one on a cell, for somebody, answered; Drive shows the same thread."""
    place = {"sheetId": 0, "rowIndex": 3, "columnIndex": 1}
    insert = {"coordinate": place, "content": "Why?", "assigneeEmailAddress": "mina@example.com"}
    thread = book.batch_update({"requests": [{"insertComment": insert}]})["replies"][0]["insertComment"][
        "commentThread"
    ]
    rows = {"sheetId": 0, "dimension": "ROWS", "startIndex": 0, "endIndex": 2}
    book.batch_update({"requests": [{"insertDimension": {"range": rows}}]})
    reply = {"commentId": thread["commentId"], "post": {"content": "Season", "commentAction": "RESOLVE"}}
    book.batch_update({"requests": [{"addCommentReply": reply}]})
    seen = ask(book, "get", f"{SHEETS}/{book.id}", commentsViewMode="COMMENTS_VIEW_MODE_INCLUDED")
    assert seen["sheets"][0]["commentAnchors"][0]["range"]["startRowIndex"] == 5
    assert seen["comments"][0]["headPost"]["assigneeEmail"] == "mina@example.com"
    assert (seen["comments"][0]["status"], seen["comments"][0]["replies"][0]["content"]) == ("RESOLVED", "Season")
    assert "comments" not in ask(book, "get", f"{SHEETS}/{book.id}")
    listed = ask(book, "get", f"{DRIVE}/{book.id}/comments", fields="comments(content,resolved,assigneeEmailAddress)")
    assert listed["comments"] == [{"content": "Why?", "resolved": True, "assigneeEmailAddress": "mina@example.com"}]
    with pytest.raises(APIError, match="must not be empty"):
        book.batch_update({"requests": [{"insertComment": {"coordinate": place}}]})


def test_a_workbook_that_openpyxl_reads(book: gspread.Spreadsheet, sheets: LocalSheets) -> None:
    """The .xlsx export has every tab with values, formulas, formats, merges, frozen panes and signs as they are."""
    tab = book.sheet1
    tab.update([["day", "rate", "sum"], ["2026-11-01", "12.5%", "=1+2"], ["<&>", "'=1", "한글 😀"]], "A1", raw=False)
    tab.format("A1:C1", {"textFormat": {"bold": True}})
    tab.merge_cells("E1:F2")
    tab.freeze(rows=1)
    sheets.person.add_tab(book.id, "Q4/2026")
    sheets.person.hide_tab(book.id, "Q4/2026")
    data = book.export(gspread.utils.ExportFormat.EXCEL)
    read = openpyxl.load_workbook(io.BytesIO(data))
    assert read.sheetnames == ["Sheet1", "Q4_2026"]
    assert read["Q4_2026"].sheet_state == "hidden"
    page = read["Sheet1"]
    assert [cell.value for cell in page[3]][:3] == ["<&>", "=1", "한글 😀"]
    assert (page["A2"].is_date, page["B2"].value, page["B2"].number_format) == (True, 0.125, "0.00%")
    assert (page["C2"].value, page["A1"].font.b, page.freeze_panes) == ("=1+2", True, "A2")
    assert [str(merge) for merge in page.merged_cells.ranges] == ["E1:F2"]
    assert openpyxl.load_workbook(io.BytesIO(data), data_only=True)["Sheet1"]["C2"].value == 3


def test_files_are_searched_by_what_clients_ask(book: gspread.Spreadsheet, sheets: LocalSheets) -> None:
    """By name, type, trash and owner, joined by `and`; another condition is not passed over."""
    book.update_title("It's a plan")
    query = "name = 'It\\'s a plan' and mimeType='application/vnd.google-apps.spreadsheet' and trashed = false"
    assert [one["id"] for one in ask(book, "get", DRIVE, q=query)["files"]] == [book.id]
    assert ask(book, "get", DRIVE, q=f"{query} and 'me' in owners")["files"] == []
    with pytest.raises(APIError, match="modifiedTime > '2026'\" is not in the local Sheets"):
        ask(book, "get", DRIVE, q="modifiedTime > '2026'")


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("get", f"{DRIVE}/KEY/revisions", None),
        ("patch", f"{DRIVE}/KEY", {"description": "x"}),
        ("post", DRIVE, {"mimeType": "application/vnd.google-apps.folder"}),
        ("get", f"{DRIVE}/KEY/export?mimeType=application/pdf", None),
        ("post", f"{SHEETS}/KEY/dataSources", {}),
        ("post", f"{SHEETS}/KEY:batchUpdate", {"requests": [{"autoFill": {"useAlternateSeries": True}}]}),
        (
            "post",
            f"{SHEETS}/KEY:batchUpdate",
            {"requests": [{"addChart": {"chart": {"position": {"newSheet": True}}}}]},
        ),
    ],
)
def test_what_is_not_there_is_said(book: gspread.Spreadsheet, method: str, path: str, body: Any) -> None:
    """A call that Google may have and the local Sheets has not is a 501 that says so, never silence."""
    if "addChart" in str(body):
        body["requests"][0]["addChart"]["chart"]["spec"] = {"basicChart": {"chartType": "LINE"}}
    with pytest.raises(APIError, match="is not in the local Sheets") as caught:
        ask(book, method, path.replace("KEY", book.id), body)
    assert caught.value.code == 501


def test_a_trailing_slash_means_nothing(book: gspread.Spreadsheet) -> None:
    """Some clients end paths with a slash."""
    assert ask(book, "get", f"{SHEETS}/{book.id}/")["spreadsheetId"] == book.id
    assert ask(book, "get", f"{SHEETS}/{book.id}/values/A1:B2/")["range"] == "Sheet1!A1:B2"
    assert ask(book, "get", f"{DRIVE}/{book.id}/")["id"] == book.id
