"""A summary of a workspace at work: what moved a number, what was agreed, what the channel was alarmed of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from bot.cards.summary import summary_card
from bot.running.loading import load_sources
from bot.running.telling.summarising import composed, summary_setting
from bot.sandbox.slack.block_rules.problems import problems
from bot.workspace import Workspace, settings_of
from kpi_core.access.audiences import Channel
from kpi_core.alerts.incident import Trace
from kpi_core.alerts.record import Record, record_json
from kpi_core.dates.periods import Period
from kpi_core.deliveries.incident_course import OPEN, Event, Known, open_incident, person_did
from kpi_core.deliveries.summaries import Summary
from kpi_core.query import Filter, MetricQuery
from kpi_core.settings.values import Goal

KPI_YAML = """company: Hanok Goods
timezone: UTC
currency: USD
sources:
  - {name: meta, type: csv, path: ads.csv, table: ad_performance}
  - {name: crm, type: csv, path: leads.csv, table: leads}
audiences: {exec: [cpc], manager: [cpc, ad_spend]}
goals: [{kpi: cpc, target: 0.5, by: 2026-12-31, owner: Mina, action: cap the bids}]
alerts: [{kpi: cpc, when: anomaly, channel: C0MARKET}]
summaries:
  - {name: weekly, channel: C0MARKET, audience: manager, every: monday 09:00}
  - {name: board, channel: C0BOARD, audience: exec, every: monday 09:00}
"""
MONDAY = date(2026, 11, 16)
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    """Half a year in which display costs as much a click as search, and a week in which it costs six times as much."""
    rows = [
        f"{day},meta,{channel},brand,1000,{100 + number % 7},{spend}"
        for number in range(180)
        for day in [MONDAY + timedelta(days=6 - number)]
        for channel, spend in (("search", 50), ("display", 300 if day >= MONDAY else 50))
    ]
    head = "date,platform,channel,campaign,impressions,clicks,spend"
    (tmp_path / "ads.csv").write_text("\n".join([head, *rows]), "utf-8")
    steps = {"created_at": 1, "mql_at": 2, "sql_at": 10, "opportunity_at": 20}
    leads = []
    for number in range(200):
        day = f"2026-10-{1 + number % 28:02}"
        times = (f"{day}T1{place}:00:00Z" if number % every == 0 else "" for place, every in enumerate(steps.values()))
        leads.append(",".join([str(number), *times]))
    names = ",".join(steps)
    (tmp_path / "leads.csv").write_text("\n".join([f"lead_id,{names}", *leads]), "utf-8")
    (tmp_path / "kpi.yaml").write_text(KPI_YAML, "utf-8")
    opened = Workspace(settings_of(tmp_path / "kpi.yaml"), {})
    load_sources(opened, NOW)
    yield opened
    opened.close()


def summary_of(workspace: Workspace, name: str) -> Summary:
    return composed(workspace, summary_setting(workspace.settings, name), NOW)


def alarm(workspace: Workspace, name: str, channel: str, kpi: str = "cpc") -> None:
    trace = Trace("anomaly", kpi, (), "", MONDAY, MONDAY, None, frozenset(), (), frozenset(), missing=False)
    record = Record((trace,), f"{kpi} is out of the ordinary since 16 November", 1.0, urgent=False)
    open_incident(workspace.store, Known(name, channel, OPEN, NOW, "", None, record_json(record)), {})


def test_the_worst_move_comes_with_its_driver(workspace: Workspace) -> None:
    """Who did it and how much of it, in the words of `kpi why`; what is agreed is called so, once."""
    summary = summary_of(workspace, "weekly")
    text = summary_card(summary, "en").text
    assert summary.why is not None
    assert "channel display +$1" in text
    assert "Agreed: cap the bids" in text
    assert "Suggested" not in text


def test_a_number_alone_comes_without_its_goal(workspace: Workspace) -> None:
    """Where nobody wants to know how the goal stands, the value is the same and nothing is said of it."""
    door = workspace.door(Channel("C0MARKET"))
    asked = MetricQuery("cpc", Period(date(2026, 11, 1), date(2026, 12, 1), "month"), ())
    judged, alone = door.answers([asked, replace(asked, judged=False)], NOW)
    assert judged.goal is not None
    assert (alone.goal, alone.value) == (None, judged.value)


def test_a_summary_without_alerts_makes_no_state(workspace: Workspace) -> None:
    """Where nothing could be open, reading what a summary says writes nothing."""
    file = workspace.settings.folder / "state.db"
    quiet = Workspace(replace(workspace.settings, alerts=(), goals=()), {})
    file.unlink(missing_ok=True)
    assert summary_of(quiet, "weekly").incidents == ()
    quiet.close()
    assert not file.exists()


def test_executives_read_no_channels(workspace: Workspace) -> None:
    """The same week for the board names no channel."""
    card = summary_card(summary_of(workspace, "board"), "en")
    assert "display" not in card.text
    assert "display" not in str(card.blocks)


def test_what_the_channel_was_alarmed_of_is_named_until_it_is_over(workspace: Workspace) -> None:
    """Its own open incidents, the newest first; none of another channel, none that rests, none that it may not see."""
    alarm(workspace, "a1", "C0BOARD")
    assert summary_of(workspace, "weekly").incidents == ()
    alarm(workspace, "b1", "C0MARKET")
    card = summary_card(summary_of(workspace, "weekly"), "en")
    assert "Open: cpc is out of the ordinary since 16 November" in card.text
    person_did(workspace.store, "b1", Event("b1", "snoozed", NOW), NOW + timedelta(days=1))
    assert summary_of(workspace, "weekly").incidents == ()


def test_an_alert_that_somebody_set_is_named_too(workspace: Workspace) -> None:
    """Without any alert in kpi.yaml: what an alert set in Slack told the channel stands in its summary."""
    alarm(workspace, "b1", "C0MARKET")
    quiet = Workspace(replace(workspace.settings, alerts=()), {})
    assert summary_of(quiet, "weekly").incidents == ("cpc is out of the ordinary since 16 November",)
    quiet.close()


def test_goals_in_danger_are_told_wherever_their_kpi_stands(workspace: Workspace) -> None:
    """A goal on a KPI of no line is told once it is off track; one that is met is not, executives read no segments."""
    goals = (
        *workspace.settings.goals,
        Goal("ctr", 0.2, date(2026, 12, 31)),
        Goal("cpm", 900.0, date(2026, 12, 31)),
        Goal("cpm", 1.0, date(2026, 12, 31), where={"channel": "display"}),
        Goal("ctr", 0.3, date(2026, 10, 31)),
        # Such a column was there once: the rest of the summary comes all the same.
        Goal("ctr", 0.3, date(2026, 12, 31), where={"landing_page": "a"}),
        Goal("cpc", 0.3, date(2026, 12, 31), where={"landing_page": "a"}),
    )
    other = Workspace(replace(workspace.settings, goals=goals), {})
    weekly, board = summary_of(other, "weekly"), summary_of(other, "board")
    assert [(line.metric.id, line.filters, line.status) for line in weekly.endangered] == [
        ("ctr", (), "off_track"),
        ("cpm", (Filter("channel", ("display",)),), "off_track"),
    ]
    assert [line.metric.id for line in board.endangered] == ["ctr"]
    text = summary_card(board, "en").text
    assert "Other goals: Click-through rate · goal 20%: 22 November 2026 10%, off track" in text
    other.close()


@pytest.mark.parametrize("language", ["en", "ko", "zh-TW"])
def test_a_summary_is_a_table_within_slacks_limits(workspace: Workspace, language: str) -> None:
    """KPI, value, change, goal and status, a row each; the text alone says the same."""
    card = summary_card(summary_of(workspace, "weekly"), language)
    assert problems(card.blocks) == []
    (table,) = (block for block in card.blocks if block["type"] == "data_table")
    assert len(table["rows"]) == 3
    assert all(cell["text"] in card.text for row in table["rows"][1:] for cell in row[:2])


def test_managers_read_where_the_funnel_is_narrow(workspace: Workspace) -> None:
    """Of the last whole month, as in the Sheet: of 200 leads 100 qualify, 20 of these for sales, 10 become a chance."""
    summary = summary_of(workspace, "weekly")
    assert summary.bottleneck is not None
    assert (summary.bottleneck.above.id, summary.bottleneck.step.id, summary.bottleneck.rate) == ("mql", "sql", 0.2)
    assert "October 2026 · bottleneck: 20" in summary_card(summary, "en").text
    assert summary_of(workspace, "board").bottleneck is None
