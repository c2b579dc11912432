"""Reminders: owners are asked about their goals, and for numbers that are kept by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.running.jobs import wheel_of
from bot.running.loading import load_sources
from bot.slack.app import SlackAccess
from bot.workspace import Workspace, settings_of
from kpi_core.deliveries.ledger import unsettled
from kpi_core.deliveries.messages import Posting
from kpi_core.errors import SettingsError
from kpi_core.goals.check_ins import CheckIn
from kpi_core.state.check_in_rows import add_check_in

NOWHERE = SlackAccess("xoxb-1", api_url="http://127.0.0.1:9/api/")
FRIDAY = datetime(2026, 11, 20, 10, tzinfo=UTC)
KPI_YAML = """
company: Hanok Goods
timezone: UTC
currency: USD
owner: U0BOSS
sources: [{name: shop floor, type: csv, path: made.csv, table: production}]
goals:
  - {kpi: defect_rate, target: 0.05, by: 2026-12-31, owner: U0MINA}
  - {kpi: defect_rate, target: 0.02, by: 2025-12-31, owner: U0MINA}
  - {kpi: cac, target: 40, by: 2026-12-31, owner: U0JUN}
  - {kpi: roas, target: 3, by: 2026-12-31, owner: somebody}
access: {cac: {users: [U0BOSS]}}
reminders:
  - {name: sure, about: goals, every: friday 10:00}
  - {name: floor, about: numbers, every: friday 10:00, source: shop floor}
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    (tmp_path / "kpi.yaml").write_text(KPI_YAML, "utf-8")
    lines = ["date,line,inspected_units,defective_units"]
    lines += [f"{(FRIDAY - timedelta(days=step)).date()},a,100,3" for step in range(2, 120)]
    (tmp_path / "made.csv").write_text("\n".join(lines), "utf-8")
    return Workspace(settings_of(tmp_path / "kpi.yaml"), {})


def test_each_owner_is_asked_once_a_period(workspace: Workspace) -> None:
    """About what runs and they may see, with what they said last; the source's own owner for numbers; then silence."""
    load_sources(workspace, FRIDAY)
    goal = workspace.settings.goals[0]
    add_check_in(workspace.store, CheckIn(goal.key, goal.kpi, FRIDAY - timedelta(days=7), "U0MINA", 7, "new moulds"))
    now = FRIDAY - timedelta(minutes=1)
    wheel = wheel_of(workspace, NOWHERE, lambda: now)
    wheel.jobs = [job for job in wheel.jobs if job.name.startswith("reminder:")]
    wheel.round()
    assert unsettled(workspace.store) == ()
    now = FRIDAY
    wheel.round()
    now += timedelta(hours=1)
    wheel.round()
    posts = {each.message.channel: each.message for each in unsettled(workspace.store)}
    assert sorted(posts) == ["U0BOSS", "U0MINA"]
    asked, numbers = posts["U0MINA"], posts["U0BOSS"]
    assert isinstance(asked, Posting)
    assert isinstance(numbers, Posting)
    assert "3%" in asked.text
    assert "on track" in asked.text
    assert "confidence 7/10 on 13 Nov: new moulds" in asked.text
    assert "2%" not in asked.text
    assert numbers.text == "Please bring shop floor up to date: its last day is 18 November 2026."
    workspace.close()


def test_a_reminder_of_no_source_is_a_problem(tmp_path: Path) -> None:
    """The file is refused with the reminder's place."""
    (tmp_path / "kpi.yaml").write_text(KPI_YAML.replace("source: shop floor", "source: gone"), "utf-8")
    with pytest.raises(SettingsError, match="there is no source gone"):
        settings_of(tmp_path / "kpi.yaml")
