"""The local Sheets, and the real gspread pointed at it the way production points it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import gspread
import pytest

sys.path.insert(0, str(Path(__file__).parent))

from local_client import SCOPES, opened

from sheets_sync.sandbox import LocalSheets, start_sheets
from sheets_sync.sandbox.api.discovery import problems_of


@pytest.fixture(scope="session")
def server() -> Iterator[LocalSheets]:
    with start_sheets() as sheets:
        yield sheets


@pytest.fixture(scope="session")
def client(server: LocalSheets) -> Iterator[gspread.Client]:
    client = opened(server, SCOPES)
    yield client
    client.http_client.session.close()


@pytest.fixture
def sheets(server: LocalSheets) -> Iterator[LocalSheets]:
    """The server without troubles; after the test, every good call must be one that Google's API describes."""
    server.backend.log.clear()
    yield server
    server.faults.quota = server.faults.unavailable = 0
    server.backend.strict = False
    server.faults.limits = {}
    server.faults.latency, server.faults.moment, server.faults.only = 0.0, "before", ""
    server.faults.refusal = ""
    server.backend.files.refuses_new_files = False
    for call in server.requests:
        if call.status < 300:
            assert problems_of(call) == [], f"{call.method} {call.path}"


@pytest.fixture
def book(sheets: LocalSheets, client: gspread.Client) -> gspread.Spreadsheet:
    """A fresh spreadsheet with one tab, Sheet1 (id 0)."""
    return client.open_by_key(sheets.create("Marketing"))
