"""A sync through production's own client against the second Sheets, which shares no code with the shipped one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest
from second_grid import Refused
from second_person import SecondPerson
from second_sheets import SecondSheets, second_sheets

from kpi_core.access.audiences import Spreadsheet
from kpi_core.access.doorway import Door
from kpi_core.settings.values import SheetSync
from sheets_sync.client import Patience, SheetsClient, open_client
from sheets_sync.sandbox import LocalSheets, start_sheets
from sheets_sync.sandbox.api_errors import ApiError
from sheets_sync.sandbox.person import act
from sheets_sync.sandbox.vandal import Deed, any_deed
from sheets_sync.sync import SyncReport, sync

import long
from tables import Row, engine_on

TABS = ("overview", "goals", "trends", "channels", "dictionary")
NOW = datetime(2026, 11, 23, tzinfo=UTC)


@pytest.fixture
def second() -> Iterator[SecondSheets]:
    with second_sheets() as server:
        yield server
        assert server.unknown == []


@pytest.fixture
def client(second: SecondSheets) -> Iterator[SheetsClient]:
    at = [1000.0]
    patience = Patience(sleep=lambda seconds: at.append(at[-1] + seconds), clock=lambda: at[-1], jitter=lambda: 0.5)
    opened = open_client(second.environment, patience)
    yield opened
    opened.close()


def synced(client: SheetsClient, key: str, path: Path, spend: float = 30.0) -> SyncReport:
    """One sync of five tabs over two channels of ad spend."""
    rows: list[Row] = [
        {"date": date(2026, month, 5), "channel": channel, "spend": spend}
        for month in (9, 10)
        for channel in ("a", "=b")
    ]
    audiences = {"exec": ("cac", "ad_spend"), "manager": ("ad_spend",)}
    engine = engine_on(path / f"{len(list(path.iterdir()))}.duckdb", {"ad_performance": rows}, audiences=audiences)
    return sync(client, Door(engine, Spreadsheet(key)), SheetSync(key, TABS), NOW)


def texts(second: SecondSheets, key: str) -> list[Any]:
    return [(tab.title, list(tab.cells.values())) for tab in second.books[key].tabs]


def test_a_sync_writes_all_and_then_nothing(second: SecondSheets, client: SheetsClient, tmp_path: Path) -> None:
    """The first writes every tab, the second finds nothing to do, other numbers change cells and no more."""
    key = second.create("Marketing")
    assert synced(client, key, tmp_path).writes >= 1
    titles = [tab.title for tab in second.books[key].tabs]
    assert len(titles) == 1 + len(TABS)
    assert synced(client, key, tmp_path).writes == 0
    assert synced(client, key, tmp_path, 60.0).cells_changed > 0
    assert [tab.title for tab in second.books[key].tabs] == titles


@pytest.mark.parametrize("trouble", ["lost", "refused"])
def test_a_write_that_seems_to_fail_is_made_once(
    second: SecondSheets, client: SheetsClient, tmp_path: Path, trouble: str
) -> None:
    """Whether the answer was lost or the call refused: afterwards each tab is there once, and all is written."""
    key, other = second.create("Troubled"), second.create("Calm")
    second.troubles.append(trouble)
    synced(client, key, tmp_path)
    synced(client, other, tmp_path)
    assert [title for title, _ in texts(second, key)] == [title for title, _ in texts(second, other)]
    assert synced(client, key, tmp_path).writes == 0


@pytest.fixture
def shipped() -> Iterator[LocalSheets]:
    with start_sheets() as server:
        yield server


class Twins:
    """One spreadsheet on both Sheets, to which the same is done in the same order."""

    def __init__(self, shipped: LocalSheets, second: SecondSheets) -> None:
        self.shipped, self.second = shipped, second
        self.key, self.other = shipped.create("Twin"), second.create("Twin")
        self.person = SecondPerson(second)

    def act(self, deed: Deed) -> bool:
        """Whether it was done on both; what one refuses, or the second does not have, is done on neither."""
        before = self.second.books[self.other], self.second.versions[self.other]
        try:
            self.person.act(deed.action, self.other, **deed.arguments)
        except Refused as refusal:
            if refusal.code == 501:
                return False
            with pytest.raises(ApiError):
                act(self.shipped.person, deed.action, {"spreadsheet": self.key, **deed.arguments})
            return False
        try:
            act(self.shipped.person, deed.action, {"spreadsheet": self.key, **deed.arguments})
        except ApiError:
            # What the two still see differently: a last tab hidden, a merge over a table.
            self.second.books[self.other], self.second.versions[self.other] = before
            return False
        return True

    def cells(self) -> tuple[list[Any], list[Any]]:
        """Titles, and what is entered where, of both."""
        ours = [
            (
                sheet.title,
                {place: cell["userEnteredValue"] for place, cell in sheet.cells.items() if "userEnteredValue" in cell},
            )
            for sheet in self.shipped.spreadsheet(self.key).sheets
        ]
        theirs = [
            (tab.title, {
                (tab.rows.index(row), tab.columns.index(column)): cell["userEnteredValue"]
                for (row, column), cell in tab.cells.items() if "userEnteredValue" in cell
            })
            for tab in self.second.books[self.other].tabs
        ]  # fmt: skip
        return ours, theirs


@pytest.mark.long
def test_a_history_ends_alike_on_both(shipped: LocalSheets, second: SecondSheets, tmp_path: Path) -> None:
    """Ten random edits with a sync after every few: the same tabs and the same cells on both, whatever was done."""
    environment = {"KPI_SHEETS_API_URL": shipped.url, "GOOGLE_APPLICATION_CREDENTIALS": str(shipped.credentials_file)}
    clients = open_client(environment), open_client(second.environment)
    count = long.times(2, 100)
    for seed in range(count):
        draw, twins = Random(seed), Twins(shipped, second)
        for part in (0, 3, 3, 4):
            for _ in range(part):
                while not twins.act(any_deed(shipped.file(twins.key), draw)):
                    pass
            for client, key in zip(clients, (twins.key, twins.other), strict=True):
                synced(client, key, tmp_path, 30.0 + part)
        ours, theirs = twins.cells()
        assert ours == theirs, seed
    long.ran("histories of edits and syncs on two Sheets", count)
    for client in clients:
        client.close()
