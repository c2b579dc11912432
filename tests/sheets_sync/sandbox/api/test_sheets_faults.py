"""Troubles on demand: quotas, outages, slowness, and refusals in the words of Google."""

from __future__ import annotations

from typing import Any

import gspread
import pytest
from gspread.exceptions import APIError

from sheets_sync.sandbox import LocalSheets


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


def test_slowness_runs_into_a_callers_timeout(sheets: LocalSheets, book: gspread.Spreadsheet) -> None:
    """With latency on, an answer comes too late for a caller with a short timeout."""
    import requests

    sheets.faults.latency = 0.2
    book.client.set_timeout(0.05)
    with pytest.raises(requests.exceptions.Timeout):
        book.fetch_sheet_metadata()
    book.client.set_timeout(60)
