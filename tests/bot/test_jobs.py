"""What a workspace does by itself, from its kpi.yaml."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.cli import main
from bot.running.jobs import timed_jobs, wheel_of
from bot.running.loading import load_sources
from bot.running.watching import Watch
from bot.slack.app import SlackAccess
from bot.workspace import Workspace, settings_of
from kpi_core.dates.schedule import Fire, next_fires
from kpi_core.deliveries.ledger import unsettled
from kpi_core.deliveries.messages import Posting
from kpi_core.deliveries.planning import due_now, newest

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
    timed = ["load:books", "load:gone", "files:by_hand", "summary:weekly", "sheet:1AbC"]
    by_itself = ["alerts", "restatements", "retirement", "lost", "silent", "lapse", "homes", "welcome", "deliveries"]
    assert names == ["names", "clock", *timed, *by_itself]


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
    watch = Watch(workspace, "books")

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
    again = Watch(workspace, "books")
    os.utime(folder / "a.csv", (1, 1))
    os.utime(folder / "b.csv", (1, 1))
    version = workspace.warehouse.version()
    for _ in range(3):
        again(SIX, Fire(SIX))
    assert workspace.warehouse.version() == version, "after a restart only what is newer than the last load counts"
    workspace.close()


def test_sources_that_come_later_are_watched_at_once(tmp_path: Path) -> None:
    """A source that comes into kpi.yaml meanwhile is loaded when its files change, and no other load drops its rows."""
    config = tmp_path / "kpi.yaml"
    config.write_text("company: x\ntimezone: UTC\ncurrency: USD\nsources: [{name: books, type: csv, path: a.csv, "
                      "table: costs}]\n", "utf-8")  # fmt: skip
    workspace = Workspace(settings_of(config), {}, config=config)
    jobs = [job for job in wheel_of(workspace, NOWHERE).jobs if job.name.startswith("files:")]

    def amounts() -> list[int]:
        for _round, job in product(range(2), jobs):
            job.run(SIX, Fire(SIX))
        return [int(row[0]) for row in workspace.warehouse.rows("SELECT amount FROM costs ORDER BY 1", {})]

    (tmp_path / "a.csv").write_text("date,category,amount\n2026-11-20,tools,12\n", "utf-8")
    assert amounts() == [12]
    added = "{name: more, type: csv, path: 'uploads/*', table: costs}"
    config.write_text(config.read_text("utf-8").replace("costs}]", f"costs}}, {added}]"), "utf-8")
    (tmp_path / "uploads").mkdir()
    (tmp_path / "uploads" / "b.csv").write_text("date,category,amount\n2026-11-21,tools,13\n", "utf-8")
    assert amounts() == [12, 13]
    (tmp_path / "uploads" / "c.csv").write_text("date,category,amount\n2026-11-22,tools,14\n", "utf-8")
    (tmp_path / "a.csv").write_text("date,category,amount\n2026-11-20,tools,11\n", "utf-8")
    assert amounts() == [11, 13, 14]
    config.write_text(config.read_text("utf-8").replace("a.csv", "[a.csv, d.csv]"), "utf-8")
    (tmp_path / "d.csv").write_text("date,category,amount\n2026-11-23,tools,15\n", "utf-8")
    assert amounts() == [11, 13, 14, 15], "a source that gained a path is watched there, too"
    workspace.close()


LATE = KPI_YAML.replace(
    "every: monday 06:00}", "every: monday 06:00, audience: exec, wait_for_data: 3h, if_late: IF_LATE}"
).replace("company: Hanok Goods", "company: Hanok Goods\naudiences: {exec: [ad_spend]}")
ADS = "date,platform,campaign,impressions,clicks,spend\n"


@pytest.mark.parametrize("if_late", ["post", "skip"])
@pytest.mark.parametrize("comes", [True, False])
def test_a_summary_waits_for_its_data(tmp_path: Path, if_late: str, comes: bool) -> None:
    """While the week's last day is not in it waits; it posts once that has come, or at the deadline if it is to.

    Its owner reads once that it waits and until when, and once where it is left out.
    """
    source = "  - {name: ads, type: csv, path: ads.csv, table: ad_performance}\n"
    text = "owner: U0MINA\n" + LATE.replace("IF_LATE", if_late).replace("sources:\n", f"sources:\n{source}")
    (tmp_path / "kpi.yaml").write_text(text, "utf-8")
    (tmp_path / "costs.csv").write_text("date,category,amount\n", "utf-8")
    rows = "".join(f"2026-11-{day},google,brand,100,9,50\n" for day in range(10, 21))
    (tmp_path / "ads.csv").write_text(ADS + rows, "utf-8")
    workspace = Workspace(settings_of(tmp_path / "kpi.yaml"), {})
    now = SIX - timedelta(hours=1)
    wheel = wheel_of(workspace, NOWHERE, lambda: now)
    wheel.jobs = [job for job in wheel.jobs if job.name.startswith("summary:")]
    load_sources(workspace, now, only="ads")
    wheel.round()
    for minutes in (0, 60, 90, 200):
        now = SIX + timedelta(minutes=minutes)
        if comes and minutes == 90:
            whole = rows + "".join(f"2026-11-{day},google,brand,100,9,50\n" for day in (21, 22))
            (tmp_path / "ads.csv").write_text(ADS + whole, "utf-8")
            load_sources(workspace, now, only="ads")
        wheel.round()
        is_there = comes and minutes >= 90
        waiting = [delivery.message for delivery in unsettled(workspace.store)]
        posts = [message for message in waiting if message.channel == "C0123"]
        assert len(posts) == int(is_there or (minutes == 200 and if_late == "post"))
    # Nobody has sent it: where the data has come meanwhile it is given up.
    planned = [delivery.message for delivery in newest(workspace.store, 9)]
    heard = [message.text for message in planned if isinstance(message, Posting) and message.channel == "U0MINA"]
    told = "Summary weekly waits until 09:00 for late data (through: 20 November 2026)."
    assert sorted(text.startswith(told) for text in heard) == [False] * (not comes and if_late == "skip") + [True]
    assert due_now(workspace.store, "summary:weekly", wheel.jobs[0].schedule, now, ZoneInfo("UTC")) is None  # type: ignore[arg-type]
    workspace.close()


def test_times_of_its_own(tmp_path: Path) -> None:
    """A summary in another zone, moved from holidays, fires by that zone's clock on the next working day."""
    (tmp_path / "kpi.yaml").write_text(
        "company: x\ntimezone: UTC\ncurrency: USD\nholidays: KR\n"
        "summaries: [{name: weekly, channel: C0123, every: thursday 09:00, timezone: Asia/Seoul, on_holidays: move}]\n",
        "utf-8",
    )
    workspace = Workspace(settings_of(tmp_path / "kpi.yaml"), {})
    (job,) = timed_jobs(workspace)
    assert job.schedule is not None
    assert job.zone is not None
    (fire,) = next_fires(job.schedule, datetime(2026, 9, 23, tzinfo=UTC), job.zone, 1)
    assert fire == datetime(2026, 9, 28, 9, tzinfo=ZoneInfo("Asia/Seoul"))
    workspace.close()


def test_schedules_are_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What comes by itself is named with its next five times."""
    workspace_in(tmp_path).close()
    monkeypatch.chdir(tmp_path)
    assert main(["schedule", "--json", "--now", "2026-11-22T09:00"]) == 0
    schedules = {each["name"]: each for each in json.loads(capsys.readouterr().out)["schedules"]}
    assert list(schedules) == ["load:books", "load:gone", "summary:weekly", "sheet:1AbC"]
    assert schedules["summary:weekly"]["next"][:2] == ["2026-11-23T06:00:00+00:00", "2026-11-30T06:00:00+00:00"]
    assert len(schedules["load:books"]["next"]) == 5
    assert main(["schedule", "--now", "2026-11-22T09:00"]) == 0
    assert "06:00  Monday, 23 November 2026" in capsys.readouterr().out
