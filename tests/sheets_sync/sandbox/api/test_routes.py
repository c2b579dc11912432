"""The local Sheets as a server: who it answers, and what it writes down."""

from __future__ import annotations

import urllib.request

import gspread
import pytest

from sheets_sync.sandbox import LocalSheets


def test_other_host_names_are_not_answered(sheets: LocalSheets) -> None:
    """A web page elsewhere cannot reach in by a name that points at loopback."""
    request = urllib.request.Request(f"{sheets.url}/sandbox/state", headers={"Host": "evil.example"})
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(request, timeout=60)
    assert caught.value.code == 421
    caught.value.close()


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
