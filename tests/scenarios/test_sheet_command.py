"""kpi sync and kpi load with a Google Sheet, over the real gspread against the local Sheets."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.cli import main
from bot.running.syncing import LEASE_SECONDS, sole_writer
from kpi_core.state.leases import release_lease, take_lease
from kpi_core.state.schema import leases
from kpi_core.state.sheets.sheet_log import SheetLog
from kpi_core.state.store import open_store
from sheets_sync.client import Patience
from sheets_sync.sandbox import start_sheets
from sheets_sync.sandbox.running import LocalSheets

SETTINGS = """\
company: Small shop
timezone: Asia/Seoul
currency: KRW
warehouse: duckdb:///kpi.duckdb
state: sqlite:///state.db
sources:
  - {{name: shop, type: sheet, spreadsheet: {data}, range: "Orders!A1:E", table: orders}}
audiences: {{exec: [sales_revenue, aov]}}
sheets: [{{spreadsheet: {report}, tabs: [overview, goals]}}]
"""
ORDERS = (
    "order_id,customer_id,ordered_at,channel,revenue",
    "a,kim,2026-09-05,search,300",
    "b,lin,2026-10-05,search,150.5",
    "c,kim,2026-11-21,search,80",
)


@pytest.fixture
def sheets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalSheets]:
    """A folder whose orders lie in one spreadsheet and whose report goes into another."""
    with start_sheets() as running:
        data, report = running.create("Data"), running.create("Report")
        running.person.add_tab(data, "Orders")
        for row, line in enumerate(ORDERS, 1):
            for column, text in zip("ABCDE", line.split(","), strict=True):
                running.person.edit(data, f"Orders!{column}{row}", text)
        (tmp_path / "kpi.yaml").write_text(SETTINGS.format(data=data, report=report), "utf-8")
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("KPI_SHEETS_API_URL", running.url)
        monkeypatch.setenv("KPI_DRIVE_API_URL", running.drive_url)
        monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(running.credentials_file))
        yield running


def printed(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> str:
    capsys.readouterr()
    assert main([*words, "--now", "2026-11-22T09:00"]) == code
    return capsys.readouterr().out


def test_orders_typed_in_a_sheet_are_loaded_asked_and_reported(
    sheets: LocalSheets, capsys: pytest.CaptureFixture[str]
) -> None:
    """From a range of one spreadsheet into an answer and into the tabs of another; the second sync writes nothing."""
    assert "3 rows" in printed(capsys, "load")
    assert json.loads(printed(capsys, "ask", "revenue last-month", "--json"))["value"] == 150.5
    first = json.loads(printed(capsys, "sync", "--json"))
    assert first.keys() == {"spreadsheet", "requests", "bytes_sent", "cells_changed", "conflicts", "warnings", "mended"}
    assert first["requests"]["write"] == 1
    assert first["cells_changed"] > 0
    second = json.loads(printed(capsys, "sync", "--json"))
    assert (second["requests"], second["bytes_sent"], second["cells_changed"]) == ({"read": 2, "write": 0}, 0, 0)


def test_a_goal_set_by_command_counts_at_once_and_stands_in_the_sheet(
    sheets: LocalSheets, capsys: pytest.CaptureFixture[str]
) -> None:
    """Judged by the next answer, typed into the Sheet by the next sync; changed there, it counts here."""
    printed(capsys, "load")
    report = json.loads(printed(capsys, "sync", "--json"))["spreadsheet"]
    printed(capsys, "goals", "set", "aov", "200", "--by", "2026-12-31", "--owner", "mina")
    assert json.loads(printed(capsys, "ask", "aov last-month", "--json"))["goal"]["target"] == 200
    printed(capsys, "sync")
    shown = [sheets.person.shown(report, f"Goals!{column}4") for column in "ACF"]
    assert shown == ["Average order value", "₩200", "mina"]
    sheets.person.edit(report, "Goals!C4", "150")
    printed(capsys, "sync")
    (goal,) = json.loads(printed(capsys, "goals", "--json"))["goals"]
    assert (goal["kpi"], goal["target"], goal["by"]) == ("aov", 150, "2026-12-31")
    printed(capsys, "goals", "set", "aovv", "200", "--by", "2026-12-31", code=2)


def test_a_dry_run_shows_every_cell_and_writes_none(sheets: LocalSheets, capsys: pytest.CaptureFixture[str]) -> None:
    """Before the first sync all cells of the new tabs, afterwards none; then the one that a person overtyped."""
    printed(capsys, "load")
    first = json.loads(printed(capsys, "sync", "--dry-run", "--json"))
    assert {"tab": "Overview", "cell": "A1", "before": "", "after": "Small shop"} in first["changes"]
    report = first["spreadsheet"]
    assert len(sheets.spreadsheet(report).sheets) == 1
    printed(capsys, "sync")
    assert json.loads(printed(capsys, "sync", "--dry-run", "--json"))["changes"] == []
    sheets.person.edit(report, "Overview!A1", "Our shop")
    assert printed(capsys, "sync", "--dry-run").splitlines() == [
        "Overview!A1: Our shop -> Small shop",
        "1 cell would change; nothing was written.",
    ]
    assert sheets.person.shown(report, "Overview!A1") == "Our shop"


def test_a_lease_is_prolonged_while_its_holder_works(tmp_path: Path) -> None:
    """Nobody else gets the sheet, however long that takes; it is free again at once afterwards."""
    with closing(open_store("sqlite:///state.db", tmp_path)) as store:
        began = datetime.now(UTC)
        with sole_writer(store, "sheet:x", began, seconds=0.3):
            refused = 0
            while datetime.now(UTC) < began + timedelta(seconds=1):
                refused += not take_lease(store, "sheet:x", "another", datetime.now(UTC), 0.3)
            assert refused
            assert not take_lease(store, "sheet:x", "another", datetime.now(UTC), 0.3)
        assert take_lease(store, "sheet:x", "another", datetime.now(UTC), 0.3)


@pytest.mark.parametrize("now", ["2024-01-01T09:00", "2099-01-01T09:00"])
def test_a_sheet_that_another_process_writes_is_left_alone(
    sheets: LocalSheets, capsys: pytest.CaptureFixture[str], tmp_path: Path, now: str
) -> None:
    """Whatever day is asked about: the other holds it by the real clock, and gets it back after a crash."""
    report = json.loads(printed(capsys, "sync", "--json"))["spreadsheet"]
    with closing(open_store("sqlite:///state.db", tmp_path)) as store:
        assert take_lease(store, f"sheet:{report}", "another", datetime.now(UTC), LEASE_SECONDS)
        assert main(["sync", "--now", now]) == 3
        assert "Another process is writing this sheet" in capsys.readouterr().err
        release_lease(store, f"sheet:{report}", "another")
        assert main(["sync", "--now", now]) == 0


@pytest.mark.parametrize("now", ["2024-01-01T09:00", "2099-01-01T09:00"])
def test_while_a_sync_is_at_work_its_sheet_is_nobody_elses(
    sheets: LocalSheets, capsys: pytest.CaptureFixture[str], tmp_path: Path, now: str
) -> None:
    """Whatever day is asked about: at each call of Google another would be refused, and after a crash is so no longer
    than some minutes of the real clock; afterwards anybody may have it.
    """
    name = f"sheet:{json.loads(printed(capsys, 'sync', '--json'))['spreadsheet']}"
    clock, refused = sheets.backend.files.clock, []

    def looked() -> datetime:
        real = datetime.now(UTC)
        with closing(open_store("sqlite:///state.db", tmp_path)) as store:
            with store.reading() as transaction:
                held = transaction.rows(select(leases.c.until).where(leases.c.name == name))
            for row in held:
                refused.append(not take_lease(store, name, "another", real, LEASE_SECONDS))
                assert real < row["until"] < real + timedelta(minutes=10)
        return clock()

    sheets.backend.files.clock = looked
    assert main(["sync", "--now", now]) == 0
    assert len(refused) >= 2
    assert all(refused)
    with closing(open_store("sqlite:///state.db", tmp_path)) as store:
        assert take_lease(store, name, "another", datetime.now(UTC), LEASE_SECONDS)


def test_a_target_typed_in_the_sheet_is_the_goal_of_the_next_answer(
    sheets: LocalSheets, capsys: pytest.CaptureFixture[str]
) -> None:
    """A person types KPI, target and date into the goals tab; after a sync the answer holds its value against it.

    A copied row that contradicts it ends the sync with exit code 1, which says where; the next has told them apart.
    """
    printed(capsys, "load")
    report = json.loads(printed(capsys, "sync", "--json"))["spreadsheet"]
    titles = [sheet.properties["title"] for sheet in sheets.spreadsheet(report).sheets]
    tab = next(title for title in titles if title.startswith("Goals"))
    header = next(row for row in range(1, 30) if sheets.person.shown(report, f"{tab}!A{row}") == "KPI")
    heads = {sheets.person.shown(report, f"{tab}!{column}{header}"): column for column in "ABCDEFGH"}
    target = next(column for head, column in heads.items() if head.startswith("Target"))
    due = next(column for head, column in heads.items() if head.startswith("By"))
    row = header + 1
    sheets.person.edit(report, f"{tab}!A{row}", "Average order value")
    sheets.person.edit(report, f"{tab}!{target}{row}", "200")
    sheets.person.edit(report, f"{tab}!{due}{row}", "2026-12-31")
    printed(capsys, "sync")
    goal = json.loads(printed(capsys, "ask", "aov last-month", "--json"))["goal"]
    assert (goal["target"], goal["status"], goal["asked"]) == (200, "off_track", {"reached": False, "gap": -49.5})
    # The row copied with its hidden key, and made another goal: two rows now claim to be the same one.
    cells = {column: sheets.person.shown(report, f"{tab}!{column}{row}") for column in "HIJKLMNOPQR"}
    key, copied = next((column, text) for column, text in cells.items() if re.match("g[0-9a-f]{9}", text))
    below = {"A": "Sales revenue", target: "900", due: "2026-12-31", key: copied}
    for column, text in below.items():
        sheets.person.edit(report, f"{tab}!{column}{row + 1}", text)
    (conflict,) = json.loads(printed(capsys, "sync", "--json", code=1))["conflicts"]
    assert str(row + 1) in conflict
    assert json.loads(printed(capsys, "sync", "--json"))["conflicts"] == []


def test_a_sheet_that_is_not_shared_names_the_account_to_share_it_with(
    sheets: LocalSheets, capsys: pytest.CaptureFixture[str]
) -> None:
    """The sentence carries the service account's e-mail address, exit 1: the user can mend it."""
    printed(capsys, "load")
    report = json.loads(printed(capsys, "sync", "--json"))["spreadsheet"]
    sheets.unshare(report)
    assert main(["sync", "--now", "2026-11-22T09:00"]) == 1
    assert sheets.client_email in capsys.readouterr().err


def test_the_doctor_says_when_a_sheet_was_synced_last(
    sheets: LocalSheets, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Never, then when; and of one that failed why, by the workspace's clock."""

    def line() -> str:
        checks = json.loads(printed(capsys, "doctor", "--json", code=1))["checks"]
        (sheet,) = (check for check in checks if check["check"].startswith("sheet "))
        assert sheet["ok"]
        return str(sheet["message"])

    printed(capsys, "load")
    assert line() == "Report; not synced yet"
    report = json.loads(printed(capsys, "sync", "--json"))["spreadsheet"]
    assert line() == "Report; last synced at 2026-11-22 09:00"
    with closing(open_store("sqlite:///state.db", tmp_path)) as store:
        at, error = datetime(2026, 11, 22, 1, 30, tzinfo=UTC), "Google's quota is used up until 10:31."
        SheetLog(store, report).fail(at, error)
    assert line() == f"Report; the last sync at 2026-11-22 10:30 failed: {error}"


def test_a_sheet_that_fails_holds_no_other_up(sheets: LocalSheets, capsys: pytest.CaptureFixture[str]) -> None:
    """The one that is not shared stands in its place with what to do; the other is synced, and the exit code tells."""
    printed(capsys, "load")
    settings = Path("kpi.yaml").read_text("utf-8")
    closed = sheets.create("Closed")
    sheets.unshare(closed)
    Path("kpi.yaml").write_text(settings.replace("sheets: [", f"sheets: [{{spreadsheet: {closed}}}, "), "utf-8")
    first, second = json.loads(printed(capsys, "sync", "--json", code=1))
    assert (first["spreadsheet"], first["error"]["code"]) == (closed, "sheet_not_shared")
    assert second["cells_changed"] > 0
    lines = printed(capsys, "sync", code=1).splitlines()
    assert lines[0] == closed
    assert sheets.client_email in lines[1]
    assert "0 cells changed" in lines[3]


def test_an_unreachable_sheet_service_is_exit_3(
    sheets: LocalSheets, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody listens: one sentence on stderr, no traceback."""
    printed(capsys, "load")
    monkeypatch.setenv("KPI_SHEETS_API_URL", "http://127.0.0.1:9")
    monkeypatch.setattr("sheets_sync.client.Patience", partial(Patience, retries=0))
    assert main(["sync", "--now", "2026-11-22T09:00"]) == 3
    assert "Traceback" not in capsys.readouterr().err
