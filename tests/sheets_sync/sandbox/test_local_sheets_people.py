"""The person beside the bot, the troubles that can be switched on, the control API and the page."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any

import gspread
import pytest
from gspread.exceptions import APIError
from hypothesis import given
from hypothesis import strategies as st

from sheets_sync.sandbox import LocalSheets
from sheets_sync.sandbox.api_errors import ApiError
from sheets_sync.sandbox.batch import apply_batch
from sheets_sync.sandbox.contents.spreadsheet_json import spreadsheet_json
from sheets_sync.sandbox.document.spreadsheet import Spreadsheet
from sheets_sync.sandbox.drive_files import File, Files, utc_now
from sheets_sync.sandbox.person import Person

Json = dict[str, Any]


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


def test_the_quota_runs_out_with_googles_words(sheets: LocalSheets, book: gspread.Spreadsheet) -> None:
    """While the quota is out, calls are 429 RESOURCE_EXHAUSTED naming reads or writes, and change nothing."""
    tab = book.sheet1
    sheets.faults.quota = 2
    for kind, call in (("Write", lambda: tab.update([["x"]], "A1")), ("Read", book.fetch_sheet_metadata)):
        with pytest.raises(APIError) as caught:
            call()
        assert (caught.value.code, caught.value.error["status"]) == (429, "RESOURCE_EXHAUSTED")
        assert f"'{kind} requests per minute per user'" in caught.value.error["message"]
    assert book.sheet1.get_all_values() == [[]]


def test_calls_a_minute_can_be_limited(sheets: LocalSheets, book: gspread.Spreadsheet) -> None:
    """With a limit per minute, reads and writes are counted apart, as Google does."""
    tab = book.sheet1
    sheets.faults.limits = {"Write": 2}
    tab.update([["x"]], "A1")
    tab.update([["y"]], "A1")
    with pytest.raises(APIError, match="Write requests per minute"):
        tab.update([["z"]], "A1")
    assert tab.get_all_values() == [["y"]]


@pytest.mark.parametrize(("moment", "values"), [("before", [[]]), ("after", [["x"]])])
def test_an_answer_can_be_lost_before_or_after(
    sheets: LocalSheets, book: gspread.Spreadsheet, moment: Any, values: list[list[str]]
) -> None:
    """A 503 comes before the write was carried out, or after it: then the caller cannot know that it was."""
    sheets.faults.unavailable, sheets.faults.moment, sheets.faults.only = 1, moment, "/values/"
    assert book.fetch_sheet_metadata()["spreadsheetId"] == book.id
    with pytest.raises(APIError) as caught:
        book.sheet1.update([["x"]], "A1")
    assert caught.value.error["status"] == "UNAVAILABLE"
    assert book.sheet1.get_all_values() == values


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


@pytest.mark.parametrize(
    ("refusal", "code", "status", "words"),
    [
        ("service_disabled", 403, "PERMISSION_DENIED", "Enable it by visiting"),
        ("not_a_spreadsheet", 400, "FAILED_PRECONDITION", "not supported for this document"),
        ("internal", 500, "INTERNAL", "Internal error"),
    ],
)
def test_other_refusals_can_be_switched_on(
    sheets: LocalSheets, book: gspread.Spreadsheet, refusal: str, code: int, status: str, words: str
) -> None:
    """A disabled API, an .xlsx file and an inner fault are answered as Google does, until switched off."""
    sheets.faults.refusal = refusal
    with pytest.raises(APIError, match=words) as caught:
        book.batch_update({"requests": [{"deleteSheet": {"sheetId": 0}}]})
    assert (caught.value.code, caught.value.error["status"]) == (code, status)


def test_other_host_names_are_not_answered(sheets: LocalSheets) -> None:
    """A web page elsewhere cannot reach in by a name that points at loopback."""
    request = urllib.request.Request(f"{sheets.url}/sandbox/state", headers={"Host": "evil.example"})
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(request, timeout=5)
    assert caught.value.code == 421
    caught.value.close()


def test_slowness_runs_into_a_callers_timeout(sheets: LocalSheets, book: gspread.Spreadsheet) -> None:
    """With latency on, an answer comes too late for a caller with a short timeout."""
    import requests

    sheets.faults.latency = 0.2
    book.client.set_timeout(0.05)
    with pytest.raises(requests.exceptions.Timeout):
        book.fetch_sheet_metadata()
    book.client.set_timeout(10)


def test_calls_are_counted_with_their_bytes(sheets: LocalSheets, book: gspread.Spreadsheet) -> None:
    """The log says of each call whether it was a read or a write and how many bytes went each way."""
    tab = book.sheet1
    sheets.backend.log.clear()
    tab.update([["x"]], "A1")
    book.client.request(
        "post", f"https://sheets.googleapis.com/v4/spreadsheets/{book.id}:getByDataFilter", json={"dataFilters": []}
    )
    found = [(call.kind, call.method, call.status, call.received > 10, call.sent > 10) for call in sheets.requests]
    assert found == [("Write", "PUT", 200, True, True), ("Read", "POST", 200, True, True)]


def control(sheets: LocalSheets, method: str, path: str, body: Json | None = None) -> Json:
    request = urllib.request.Request(f"{sheets.url}/sandbox/{path}", method=method)
    if body is not None:
        request.data = json.dumps(body).encode()
        request.add_header("Content-Type", "application/json")
    with urllib.request.urlopen(request, timeout=5) as answer:
        return dict(json.loads(answer.read()))


def test_the_control_api_does_what_the_methods_do(sheets: LocalSheets, client: gspread.Client) -> None:
    """Over HTTP one can create, share, interfere, break things, and look at state and calls."""
    key = control(sheets, "POST", "create", {"title": "By hand", "locale": "de_DE"})["spreadsheet"]
    control(sheets, "POST", "person/edit", {"spreadsheet": key, "cell": "A1", "text": "1,5"})
    assert client.open_by_key(key).sheet1.acell("A1").value == "1,5"
    control(sheets, "POST", "faults", {"quota": 1})
    with pytest.raises(APIError):
        client.open_by_key(key)
    control(sheets, "POST", "unshare", {"spreadsheet": key})
    with pytest.raises(PermissionError):
        client.open_by_key(key)
    control(sheets, "POST", "share", {"spreadsheet": key})
    state = {one["spreadsheetId"]: one for one in control(sheets, "GET", "state")["spreadsheets"]}[key]
    assert state["sheets"][0]["data"][0]["rowData"][0]["values"][0]["effectiveValue"] == {"numberValue": 1.5}
    assert control(sheets, "GET", "requests")["requests"][0]["status"] == 200
    control(sheets, "DELETE", "requests")
    assert sheets.requests == []


@pytest.mark.parametrize(
    ("path", "body"), [("person/fly", {}), ("person/edit", {"wings": 2}), ("faults", {"unknown": 1}), ("create", None)]
)
def test_the_control_api_refuses_what_it_does_not_know(sheets: LocalSheets, path: str, body: Json | None) -> None:
    """Unknown actions, arguments and bodies that are no JSON are 400."""
    with pytest.raises(urllib.error.HTTPError) as caught:
        control(sheets, "POST", path, body)
    assert caught.value.code == 400
    caught.value.close()


def page(sheets: LocalSheets, address: str) -> str:
    with urllib.request.urlopen(address, timeout=5) as answer:
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        return str(answer.read().decode())


def test_printed_addresses_open(sheets: LocalSheets, book: gspread.Spreadsheet) -> None:
    """The address of a spreadsheet shows its tabs and cells as people see them, and escapes what they hold."""
    book.sheet1.update([["<b>x</b>", "12.5%", "=1/0"]], "A1", raw=False)
    book.sheet1.format("A1", {"textFormat": {"bold": True}, "backgroundColor": {"red": 1}})
    text = page(sheets, sheets.address(book.id))
    assert "&lt;b&gt;x&lt;/b&gt;" in text
    assert "<b>x" not in text
    assert "<td class=number>12.50%</td>" in text
    assert "<td class=error>#DIV/0!</td>" in text
    assert "font-weight:600;background:rgb(255,0,0)" in text
    assert f"/spreadsheets/d/{book.id}/edit" in page(sheets, f"{sheets.url}/")


def small(files: Files) -> File:
    """A spreadsheet of 30 by 30 cells, so that whole states are quickly compared."""
    file = files.create({})
    file.spreadsheet.sheets[0].resize(rows=-970, columns=4)
    return file


def everything(state: Spreadsheet) -> Json:
    return spreadsheet_json(state, utc_now(), grid_data=True)


rows = st.integers(0, 11)
texts = st.sampled_from(["", "1", "12%", "=A1", "=SUM(A1:B3)", "={block}", "x", "'=1", "2026-11-23", "=Sheet1!B2*2"])
runs = st.tuples(rows, rows, st.sampled_from(["ROWS", "COLUMNS"])).map(
    lambda run: {"sheetId": 0, "dimension": run[2], "startIndex": min(run[:2]), "endIndex": max(run[:2]) + 1}
)
ranges = st.tuples(rows, rows, rows, rows).map(
    lambda side: {
        "sheetId": 0,
        "startRowIndex": min(side[:2]),
        "endRowIndex": max(side[:2]) + 1,
        "startColumnIndex": min(side[2:]),
        "endColumnIndex": max(side[2:]) + 1,
    }
)
requests_ = st.one_of(
    st.builds(lambda run: {"insertDimension": {"range": run}}, runs),
    st.builds(lambda run: {"deleteDimension": {"range": run}}, runs),
    st.builds(lambda run, to: {"moveDimension": {"source": run, "destinationIndex": to}}, runs, rows),
    st.builds(lambda area: {"addNamedRange": {"namedRange": {"name": "block", "range": area}}}, ranges),
    st.builds(lambda area: {"addProtectedRange": {"protectedRange": {"range": area}}}, ranges),
    st.builds(lambda area: {"mergeCells": {"range": area, "mergeType": "MERGE_ALL"}}, ranges),
    st.builds(lambda area: {"sortRange": {"range": area, "sortSpecs": [{"dimensionIndex": 0}]}}, ranges),
    st.builds(lambda area: {"deleteRange": {"range": area, "shiftDimension": "ROWS"}}, ranges),
    st.builds(lambda area: {"insertRange": {"range": area, "shiftDimension": "COLUMNS"}}, ranges),
    st.builds(lambda source, to: {"copyPaste": {"source": source, "destination": to}}, ranges, ranges),
    st.builds(lambda title: {"addSheet": {"properties": {"title": title}}}, st.sampled_from(["A", "B", "Sheet1"])),
    st.builds(lambda sheet_id: {"deleteSheet": {"sheetId": sheet_id}}, st.integers(0, 1)),
    st.just({"duplicateSheet": {"sourceSheetId": 0}}),
)
edits = st.one_of(st.tuples(st.just("edit"), st.sampled_from(["A1", "B2", "C3", "A5"]), texts), requests_)


@given(st.lists(edits, max_size=12))
def test_undo_brings_everything_back(steps: list[Any]) -> None:
    """After any series of a person's edits, undoing each in turn passes through the same states backwards."""
    files = Files()
    file = small(files)
    person, states = Person(files), []
    for step in steps:
        before = everything(file.spreadsheet)
        try:
            if isinstance(step, tuple):
                person.edit(file.file_id, f"{file.spreadsheet.sheets[0].title}!{step[1]}", step[2])
            else:
                person.batch(file.file_id, [step])
            states.append(before)
        except ApiError:
            assert everything(file.spreadsheet) == before
    for before in reversed(states):
        person.undo(file.file_id)
        assert everything(file.spreadsheet) == before


@given(st.lists(requests_, min_size=1, max_size=8), st.integers(0, 8))
def test_a_batch_with_a_bad_request_anywhere_changes_nothing(batch: list[Json], place: int) -> None:
    """Wherever the bad request stands, the state after the refusal is the state before."""
    files = Files()
    file = small(files)
    Person(files).edit(file.file_id, "Sheet1!B2", "=SUM(A1:A9)")
    before = everything(file.spreadsheet)
    batch.insert(min(place, len(batch)), {"deleteNamedRange": {"namedRangeId": "nobody"}})
    with pytest.raises(ApiError):
        apply_batch(file.spreadsheet, batch)
    assert everything(file.spreadsheet) == before


@given(st.lists(requests_, min_size=1, max_size=10))
def test_everything_stays_inside_the_grid(batch: list[Json]) -> None:
    """Whatever is inserted, moved, sorted or deleted, all cells and ranges lie inside their tab's grid."""
    files = Files()
    file = small(files)
    for cell, text in (("A1", "1"), ("B2", "=A1+1"), ("D9", "x"), ("L12", "=SUM(A:A)")):
        Person(files).edit(file.file_id, cell, text)
    state = file.spreadsheet
    for request in batch:
        try:
            state = apply_batch(state, [request])[0]
        except ApiError:
            continue
        for sheet in state.sheets:
            assert all(row < sheet.row_count and column < sheet.column_count for row, column in sheet.cells)
            for guard in sheet.objects["protectedRanges"]:
                area = state.area(guard["range"])
                assert area.top < area.bottom
        for named in state.named_ranges:
            assert state.area(named["range"]).top < state.area(named["range"]).bottom
        everything(state)
