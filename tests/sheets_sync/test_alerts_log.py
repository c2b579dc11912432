"""The alerts log in the Sheet: a row an incident, known by its id, with people's cells beside."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sheet_side import TODAY, material
from sheet_team import NOW, Team

from kpi_core.access.audiences import Spreadsheet
from kpi_core.access.doorway import Door
from kpi_core.answering.engine import Engine
from kpi_core.deliveries.incident_course import Event, Known, go_on, open_incident, person_did
from kpi_core.metrics import LANGUAGES
from kpi_core.settings.sheet_record import AlertAct, LoggedAlert
from kpi_core.settings.values import ALERTS, Access, SheetSync
from kpi_core.state.sheets.sheet_log import SheetLog
from kpi_core.state.store import Store, open_store
from sheets_sync.sync import SyncReport, sync
from sheets_sync.tabs.cells import Text
from sheets_sync.tabs.logs.alert_log import alerts_tab

AT = NOW - timedelta(days=3)


@pytest.fixture
def store(team: Team) -> Iterator[Store]:
    opened = open_store("sqlite:///state.db", team.folder)
    yield opened
    opened.close()


def body(kpi: str, *others: str) -> dict[str, object]:
    traces = [{"kpi": each, "segment": [["channel", "search"]], "source": ""} for each in (kpi, *others)]
    return {
        "traces": traces, "line": f"{kpi} rose", "kind": "anomaly", "size": "$12, where about $10 was expected.",
        "reason": "Likely cause: channel search.",
    }  # fmt: skip


def opened(store: Store, name: str, at: datetime, *kpis: str) -> None:
    known = Known(name, "C01", "open", at, "U0MINA", None, body(*kpis))
    assert open_incident(store, known, {"text": "", "blocks": [], "line": "", "rank": 1, "urgent": False})


def synced(team: Team, store: Store, now: datetime = NOW, closed: str = "") -> SyncReport:
    access = {closed: Access(channels=("C9",))} if closed else {}
    engine = Engine(replace(team.engine.settings, access=access), team.engine.catalog, team.engine.warehouse)
    door, log = Door(engine, Spreadsheet(team.spreadsheet)), SheetLog(store, team.spreadsheet)
    return sync(team.client, door, SheetSync(team.spreadsheet, ("alerts",)), now, team.store, log)


def line(team: Team, row: int) -> list[str]:
    return [team.shown(f"Alerts!{column}{row}") for column in "ABCDEFGHI"]


def test_an_incident_has_a_row_that_goes_where_it_goes(team: Team, store: Store) -> None:
    """It opens, somebody acts, it is over: one row, the newest on top; ticks and notes beside it stay beside it."""
    team.store.people["U0MINA"] = "Mina Kim"
    opened(store, "i1", AT, "cac")
    synced(team, store)
    assert line(team, 4) == [
        "2026-11-20 09:00", "Customer acquisition cost · channel=search", "unusual",
        "$12, where about $10 was expected.", "Likely cause: channel search.", "open", "Mina Kim", "", "",
    ]  # fmt: skip
    team.person.edit(team.spreadsheet, "Alerts!J4", "TRUE")
    team.person.edit(team.spreadsheet, "Alerts!M4", "bids were doubled by mistake")
    assert synced(team, store).writes == 0
    person_did(store, "i1", Event("", "acted", AT + timedelta(days=1), "U0MINA", "capped the bids"))
    go_on(store, "i1", body("cac"), "resolved", [Event("i1", "resolved", AT + timedelta(days=2))])
    opened(store, "i2", AT + timedelta(days=2), "sales_revenue")
    synced(team, store)
    assert line(team, 4)[:2] == ["2026-11-22 09:00", "Sales revenue · channel=search"]
    assert line(team, 5)[5:] == ["over", "Mina Kim", "2026-11-21 · Mina Kim · capped the bids", "2026-11-22 09:00"]
    assert [team.shown(f"Alerts!{cell}") for cell in ("J5", "M5", "J4")] == ["TRUE", "bids were doubled by mistake", ""]
    assert synced(team, store).writes == 0


def test_alerts_of_limited_kpis_are_left_out(team: Team, store: Store) -> None:
    """Also where such a KPI is only one of those that an incident touches."""
    opened(store, "i1", AT, "unique_visitors")
    opened(store, "i2", AT + timedelta(hours=1), "unique_visitors", "sales_revenue")
    opened(store, "i3", AT + timedelta(hours=2), "sales_revenue")
    synced(team, store, closed="sales_revenue")
    assert [line(team, row)[0] for row in (4, 5)] == ["2026-11-20 09:00", ""]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_and_state_of_an_alert_has_words(language: str) -> None:
    """Also one of a source, of a KPI that is gone, and one that an earlier release wrote down without its reason."""
    plain = LoggedAlert("i", NOW, frozenset(), "", {}, "meta", "open", "Data of meta")
    alerts = [
        *(replace(plain, id=kind, kind=kind, size=kind) for kind in ALERTS),
        *(replace(plain, id=state, state=state) for state in ("open", "acknowledged", "snoozed", "resolved")),
        replace(plain, id="gone", kpi="gone", where={"channel": ""}, acts=(AlertAct(NOW, "", "called Google"),)),
    ]
    tab = alerts_tab(replace(material(language, tabs=()), alerts=tuple(alerts), today=TODAY))
    rows = tab.rows[tab.header + 1 :]
    assert len({row[2] for row in rows[: len(ALERTS)]}) == len(ALERTS)
    assert rows[len(ALERTS)][3] == Text("Data of meta")
    assert rows[-1][1] != Text("gone · channel=")
    assert all(str(getattr(row[5], "text", "")) for row in rows)
