"""A sync through production's own client against the second Sheets, which shares no code with the shipped one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from second_sheets import SecondSheets, second_sheets

from kpi_core.access.audiences import Spreadsheet
from kpi_core.access.doorway import Door
from kpi_core.settings.values import SheetSync
from sheets_sync.client import Patience, SheetsClient, open_client
from sheets_sync.sync import SyncReport, sync

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
    return sync(client, Door(engine, Spreadsheet(key)), SheetSync(key, TABS), NOW, lambda *_: None)


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
