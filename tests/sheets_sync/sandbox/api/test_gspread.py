"""The real gspread and google-auth work with the local Sheets unchanged."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
import urllib.request
from pathlib import Path

import gspread
import pytest
from gspread.exceptions import APIError, SpreadsheetNotFound, WorksheetNotFound
from local_client import opened

from sheets_sync.sandbox import LocalSheets


def test_a_shared_spreadsheet_opens_by_key_and_by_address(sheets: LocalSheets, client: gspread.Client) -> None:
    """A spreadsheet that a person made and shared opens with its title and its one tab."""
    key = sheets.create("Marketing 2026")
    assert client.open_by_key(key).title == "Marketing 2026"
    assert [(tab.title, tab.id) for tab in client.open_by_key(key).worksheets()] == [("Sheet1", 0)]
    assert client.open_by_url(f"https://docs.google.com/spreadsheets/d/{key}/edit#gid=0").id == key


def test_an_unshared_spreadsheet_is_refused_with_googles_words(sheets: LocalSheets, client: gspread.Client) -> None:
    """Without a share the answer is Google's 403, which gspread hides behind a PermissionError."""
    key = sheets.create("Private", shared=False)
    with pytest.raises(PermissionError) as caught:
        client.open_by_key(key)
    cause = caught.value.__cause__
    assert isinstance(cause, APIError)
    assert cause.response.json()["error"] == {
        "code": 403,
        "message": "The caller does not have permission",
        "status": "PERMISSION_DENIED",
    }


def test_a_spreadsheet_that_is_gone_is_404(sheets: LocalSheets, client: gspread.Client) -> None:
    """An unknown id is Google's 404 NOT_FOUND."""
    with pytest.raises(SpreadsheetNotFound):
        client.open_by_key("1Nobody")
    assert sheets.requests[-1].answer["error"]["status"] == "NOT_FOUND"


def test_a_share_taken_away_stops_writes(sheets: LocalSheets, book: gspread.Spreadsheet) -> None:
    """Unsharing takes effect at the next call; a reader may read and not write."""
    sheets.backend.files.share(book.id, sheets.client_email, "reader")
    assert book.sheet1.get_all_values() == [[]]
    with pytest.raises(APIError, match="does not have permission"):
        book.sheet1.update([["x"]], "A1")
    sheets.unshare(book.id)
    with pytest.raises(APIError, match="does not have permission"):
        book.fetch_sheet_metadata()


def test_the_credential_file_is_private_and_its_signature_is_checked(sheets: LocalSheets) -> None:
    """The key file is readable by its owner alone, and an assertion signed by another key gets no token."""
    from google.auth.exceptions import RefreshError

    assert stat.S_IMODE(sheets.credentials_file.stat().st_mode) == 0o600
    content = json.loads(sheets.credentials_file.read_text())
    assert (content["type"], content["client_email"]) == ("service_account", sheets.client_email)
    other = _other_key(content)
    from google.auth.transport.requests import Request
    from google.oauth2.service_account import Credentials

    credentials = Credentials.from_service_account_info(other, scopes=["https://www.googleapis.com/auth/spreadsheets"])
    with pytest.raises(RefreshError, match="Invalid JWT Signature"):
        credentials.refresh(Request())


def _other_key(content: dict[str, str]) -> dict[str, str]:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return {**content, "private_key": pem.decode()}


def test_a_token_without_the_scope_is_refused(sheets: LocalSheets) -> None:
    """A token for the Sheets scope alone opens spreadsheets and no Drive call, a foreign scope opens nothing."""
    key = sheets.create("Scoped")
    narrow = opened(sheets, ["https://www.googleapis.com/auth/spreadsheets"])
    assert narrow.open_by_key(key).title == "Scoped"
    with pytest.raises(APIError) as caught:
        narrow.list_spreadsheet_files()
    assert caught.value.code == 403
    narrow.http_client.session.close()
    foreign = opened(sheets, ["https://www.googleapis.com/auth/calendar"])
    with pytest.raises(PermissionError):
        foreign.open_by_key(key)
    assert "ACCESS_TOKEN_SCOPE_INSUFFICIENT" in str(sheets.requests[-1].answer)
    foreign.http_client.session.close()


def test_tabs_come_and_go(book: gspread.Spreadsheet) -> None:
    """Gspread adds, renames, reorders, duplicates and deletes tabs."""
    kpi = book.add_worksheet("KPI", rows=20, cols=5)
    kpi.update_title("KPIs")
    book.duplicate_sheet(kpi.id, insert_sheet_index=0, new_sheet_name="Copy")
    book.reorder_worksheets([kpi, book.worksheet("Sheet1"), book.worksheet("Copy")])
    assert [tab.title for tab in book.worksheets()] == ["KPIs", "Sheet1", "Copy"]
    book.del_worksheet(book.worksheet("Copy"))
    with pytest.raises(WorksheetNotFound):
        book.worksheet("Copy")


def test_rows_are_appended_below_the_table(book: gspread.Spreadsheet) -> None:
    """append_row goes below the last row of the table, whose place the answer names, and grows the grid."""
    tab = book.add_worksheet("Log", rows=2, cols=2)
    tab.update([["day", "spend"], ["Mon", 3]], "A1")
    answer = tab.append_row(["Tue", 4], table_range="A1")
    assert (answer["tableRange"], answer["updates"]["updatedRange"]) == ("Log!A1:B2", "Log!A3:B3")
    assert tab.get_all_records() == [{"day": "Mon", "spend": 3}, {"day": "Tue", "spend": 4}]


def test_cells_are_formatted_noted_merged_and_frozen(book: gspread.Spreadsheet) -> None:
    """Gspread's own calls for formats, notes, merges, frozen rows, filters and sorting all work."""
    tab = book.sheet1
    tab.update([["n", "v"], ["b", 2], ["a", 1]], "A1")
    tab.format("A1:B1", {"textFormat": {"bold": True}, "numberFormat": {"type": "PERCENT", "pattern": "0%"}})
    tab.freeze(rows=1)
    tab.merge_cells("D1:E2")
    tab.insert_note("A1", "the name")
    tab.sort((1, "asc"), range="A2:B3")
    tab.set_basic_filter("A1:B3")
    tab.add_protected_range("A1:B1", description="bot")
    assert tab.get_note("A1") == "the name"
    assert tab.get("A1:B3") == [["n", "v"], ["a", "1"], ["b", "2"]]
    sheet = book.fetch_sheet_metadata()["sheets"][0]
    assert sheet["properties"]["gridProperties"]["frozenRowCount"] == 1
    assert sheet["merges"] == [{"startRowIndex": 0, "endRowIndex": 2, "startColumnIndex": 3, "endColumnIndex": 5}]
    assert sheet["protectedRanges"][0]["description"] == "bot"
    assert sheet["basicFilter"]["range"]["endRowIndex"] == 3


def test_values_come_in_batches_by_name_and_by_filter(book: gspread.Spreadsheet) -> None:
    """Batch reads and writes, named ranges and data filters reach the same cells."""
    tab = book.sheet1
    book.values_batch_update(
        {
            "valueInputOption": "RAW",
            "data": [{"range": "A1:B2", "values": [[1, 2], [3, 4]]}, {"range": "D1", "values": [["x"]]}],
        }
    )
    tab.define_named_range("A1:B1", "first_row")
    found = book.values_batch_get(["first_row", "Sheet1!A:A"])
    assert [part["range"] for part in found["valueRanges"]] == ["Sheet1!A1:B1", "Sheet1!A1:A1000"]
    assert [part["values"] for part in found["valueRanges"]] == [[["1", "2"]], [["1"], ["3"]]]
    path = f"https://sheets.googleapis.com/v4/spreadsheets/{book.id}/values:batchUpdateByDataFilter"
    filters = {"dataFilter": {"gridRange": {"sheetId": 0, "startRowIndex": 0, "endRowIndex": 1, "endColumnIndex": 2}}}
    body = {"valueInputOption": "RAW", "data": [{**filters, "majorDimension": "ROWS", "values": [[9, None]]}]}
    answer = book.client.request("post", path, json=body).json()
    assert answer["totalUpdatedCells"] == 1
    assert tab.get("A1:B1") == [["9", "2"]]
    tab.batch_clear(["A1:B1"])
    assert tab.get("A1:B2") == [[], ["3", "4"]]


def test_drive_calls_of_gspread(sheets: LocalSheets, client: gspread.Client) -> None:
    """Create, find by title, copy, share, comment, export and delete go through the Drive calls."""
    made = client.create("Plan")
    made.sheet1.update([["a", "b,c"], [0.5, ""]], "A1", raw=True)
    assert client.open("Plan").id == made.id
    assert made.export(gspread.utils.ExportFormat.CSV).decode() == 'a,"b,c"\r\n0.5,'
    copy = client.copy(made.id, "Plan B")
    assert copy.sheet1.get_all_values() == [["a", "b,c"], ["0.5", ""]]
    made.share("boss@example.com", perm_type="user", role="reader")
    assert {one.get("emailAddress"): one["role"] for one in made.list_permissions()} == {
        sheets.client_email: "owner",
        "boss@example.com": "reader",
    }
    assert made.get_lastUpdateTime()
    client.import_csv(copy.id, "x,y\n1,2\n")
    assert copy.sheet1.get_all_values() == [["x", "y"], ["1", "2"]]
    client.del_spreadsheet(copy.id)
    with pytest.raises(SpreadsheetNotFound):
        client.open_by_key(copy.id)


def test_service_accounts_may_be_kept_from_making_files(sheets: LocalSheets, client: gspread.Client) -> None:
    """As with Google today, a service account can be refused files of its own."""
    sheets.backend.files.refuses_new_files = True
    with pytest.raises(APIError) as caught:
        client.create("Mine")
    assert caught.value.code == 403


def test_a_tab_is_copied_to_another_spreadsheet(sheets: LocalSheets, book: gspread.Spreadsheet) -> None:
    """CopyTo takes cells and formats along and names the tab after its origin."""
    book.sheet1.update([["x"]], "A1")
    other = sheets.create("Other")
    assert book.sheet1.copy_to(other)["title"] == "Copy of Sheet1"
    assert sheets.person.shown(other, "'Copy of Sheet1'!A1") == "x"


def test_it_starts_alone() -> None:
    """`python -m sheets_sync.sandbox` says where it and its credential file are; stopped, it leaves no key behind."""
    command = [sys.executable, "-m", "sheets_sync.sandbox", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        lines = [process.stdout.readline().strip() for _ in range(5)]
        url = lines[0].removeprefix("Local Sheets: ")
        try:
            with urllib.request.urlopen(url, timeout=60) as page:
                assert b"KPI" in page.read()
            assert lines[4].startswith("export GOOGLE_APPLICATION_CREDENTIALS=")
        finally:
            process.terminate()
        assert process.wait(60) == 0
        assert not Path(lines[4].partition("=")[2]).exists()
