"""A running local Sheets, and a team with a spreadsheet on it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sheet_team import Team, env, patient

from sheets_sync.client import open_client
from sheets_sync.sandbox import LocalSheets, start_sheets
from sheets_sync.sandbox.api.discovery import problems_of


@pytest.fixture(scope="session")
def server() -> Iterator[LocalSheets]:
    with start_sheets() as sheets:
        yield sheets


@pytest.fixture
def sheets(server: LocalSheets) -> Iterator[LocalSheets]:
    """The server without troubles; afterwards every good call must be one that Google's API describes."""
    server.backend.log.clear()
    yield server
    server.faults.quota = server.faults.unavailable = 0
    server.faults.moment, server.faults.only = "before", ""
    for call in server.requests:
        if call.status < 300:
            assert problems_of(call) == [], f"{call.method} {call.path}"


@pytest.fixture
def team(sheets: LocalSheets, tmp_path: Path) -> Iterator[Team]:
    client = open_client(env(sheets), patient())
    made = Team(sheets, sheets.create("Marketing"), client, None, tmp_path)  # type: ignore[arg-type]  # data comes next
    made.data(200.0)
    yield made
    client.close()
