"""What a workspace does by itself, from its kpi.yaml."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.running.jobs import wheel_of
from bot.running.watching import Watch
from bot.slack.app import SlackAccess
from bot.workspace import Workspace, settings_of
from kpi_core.dates.schedule import Fire

NOWHERE = SlackAccess("xoxb-1", api_url="http://127.0.0.1:9/api/")
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
    """Due at the same time, loads come first, posts go out last; files without `every:` are watched."""
    workspace = workspace_in(tmp_path)
    names = [job.name for job in wheel_of(workspace, NOWHERE).jobs]
    assert names == ["load:books", "load:gone", "files:by_hand", "summary:weekly", "sheet:1AbC", "deliveries"]


def test_a_source_is_loaded_at_its_time(tmp_path: Path) -> None:
    """At its time the source's rows are there, though another source failed; before it nothing is."""
    workspace = workspace_in(tmp_path)
    now = SIX - timedelta(hours=1)
    wheel = wheel_of(workspace, NOWHERE, lambda: now)
    wheel.jobs = [job for job in wheel.jobs if job.name.startswith("load:")]
    wheel.round()
    assert not workspace.warehouse.version()
    now = SIX
    wheel.round()
    assert workspace.warehouse.rows("SELECT amount FROM costs", {}) == [(12,)]
    assert [line[0] for line in workspace.warehouse.rows("SELECT source FROM kpi_loads", {})] == ["books"]
    workspace.close()


def test_files_are_loaded_when_they_change(tmp_path: Path) -> None:
    """New and changed files of a folder are loaded in the round after they have come to rest."""
    (tmp_path / "kpi.yaml").write_text(
        "company: x\ntimezone: UTC\ncurrency: USD\n"
        "sources: [{name: books, type: csv, path: 'downloads/*.csv', table: costs}]\n",
        "utf-8",
    )
    folder = tmp_path / "downloads"
    folder.mkdir()
    workspace = Workspace(settings_of(tmp_path / "kpi.yaml"), {})
    watch = Watch(workspace, workspace.settings.sources[0])

    def rounds(count: int) -> list[int]:
        for _ in range(count):
            watch(SIX, Fire(SIX))
        return [row[0] for row in workspace.warehouse.rows("SELECT amount FROM costs ORDER BY 1", {})]

    watch(SIX, Fire(SIX))
    assert not workspace.warehouse.version(), "an empty folder is no reason to load"
    (folder / "a.csv").write_text("date,category,amount\n2026-11-20,tools,12\n", "utf-8")
    watch(SIX, Fire(SIX))
    assert not workspace.warehouse.version(), "it may still be growing"
    assert rounds(1) == [12]
    version = workspace.warehouse.version()
    assert rounds(2) == [12]
    assert workspace.warehouse.version() == version, "what has not changed is not loaded again"
    (folder / "b.csv").write_text("date,category,amount\n2026-11-21,tools,13\n", "utf-8")
    assert rounds(2) == [12, 13]
    (folder / "a.csv").write_text("date,category,amount\n2026-11-20,tools,14\n", "utf-8")
    assert rounds(2) == [13, 14]
    again = Watch(workspace, workspace.settings.sources[0])
    os.utime(folder / "a.csv", (1, 1))
    os.utime(folder / "b.csv", (1, 1))
    version = workspace.warehouse.version()
    for _ in range(3):
        again(SIX, Fire(SIX))
    assert workspace.warehouse.version() == version, "after a restart only what is newer than the last load counts"
    workspace.close()
