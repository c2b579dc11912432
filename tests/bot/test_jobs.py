"""What a workspace does by itself, from its kpi.yaml."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.running.jobs import wheel_of
from bot.slack.app import SlackAccess
from bot.workspace import Workspace, settings_of

SIX = datetime(2026, 11, 23, 6, tzinfo=UTC)
KPI_YAML = """
company: Hanok Goods
timezone: UTC
currency: USD
sources:
  - {name: books, type: csv, path: costs.csv, table: costs, every: day 06:00}
  - {name: gone, type: csv, path: gone.csv, table: production, every: day 06:00}
  - {name: by_hand, type: csv, path: costs.csv, table: costs}
summaries: [{name: weekly, channel: C0123, every: monday 06:00}]
sheets: [{spreadsheet: "https://docs.google.com/spreadsheets/d/1AbC", every: day 06:00}]
"""


def workspace_in(folder: Path) -> Workspace:
    (folder / "kpi.yaml").write_text(KPI_YAML, "utf-8")
    (folder / "costs.csv").write_text("date,category,amount\n2026-11-20,tools,12\n", "utf-8")
    return Workspace(settings_of(folder / "kpi.yaml"), {})


def test_loads_come_before_what_reads_them(tmp_path: Path) -> None:
    """Due at the same time, sources with `every:` are loaded first, posts go out last; others are left to kpi load."""
    workspace = workspace_in(tmp_path)
    names = [job.name for job in wheel_of(workspace, SlackAccess("xoxb-1")).jobs]
    assert names == ["load:books", "load:gone", "summary:weekly", "sheet:1AbC", "deliveries"]


def test_a_source_is_loaded_at_its_time(tmp_path: Path) -> None:
    """At its time the source's rows are there, though another source failed; before it nothing is."""
    workspace = workspace_in(tmp_path)
    now = SIX - timedelta(hours=1)
    wheel = wheel_of(workspace, SlackAccess("xoxb-1"), lambda: now)
    wheel.jobs = [job for job in wheel.jobs if job.name.startswith("load:")]
    wheel.round()
    assert not workspace.warehouse.version()
    now = SIX
    wheel.round()
    assert workspace.warehouse.rows("SELECT amount FROM costs", {}) == [(12,)]
    assert [line[0] for line in workspace.warehouse.rows("SELECT source FROM kpi_loads", {})] == ["books"]
    workspace.close()
