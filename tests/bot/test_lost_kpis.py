"""What rests on a KPI that is gone is told once, and is no trouble when the KPI is back."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from bot.running.owners.lost_kpis import tell_of_lost_kpis
from bot.workspace import Workspace, settings_of
from kpi_core.dates.schedule import Fire
from kpi_core.deliveries.messages import Posting
from kpi_core.deliveries.planning import newest
from kpi_core.settings.values import Goal
from kpi_core.state.goals import set_goal

MORNING = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
KPI_YAML = """
company: Hanok Goods
timezone: UTC
currency: USD
owner: U0ALEX
goals:
  - {kpi: own, target: 3, by: 2026-12-31, owner: U0MINA}
  - {kpi: own, target: 3, by: 2026-10-31, owner: U0MINA}
  - {kpi: cac, target: 40, by: 2026-12-31, owner: U0MINA}
alerts: [{kpi: own, when: anomaly, channel: C0MARKET}, {kpi: cac, when: anomaly, channel: C0MARKET}]
"""


def mornings(folder: Path, first: int, count: int, kpi: str = "own") -> list[tuple[str, str]]:
    """To whom what was told after some mornings, the newest first."""
    (folder / "kpi.yaml").write_text(KPI_YAML.replace("own,", f"{kpi},"), "utf-8")
    workspace = Workspace(settings_of(folder / "kpi.yaml"), {})
    for day in range(first, first + count):
        now = MORNING + timedelta(days=day)
        tell_of_lost_kpis(workspace, now, Fire(now))
    told = [each.message for each in newest(workspace.store, 20)]
    workspace.close()
    return [(message.channel, message.text) for message in told if isinstance(message, Posting)]


def test_goals_and_alerts_on_a_kpi_that_is_gone(tmp_path: Path) -> None:
    """Each to its own owner, or to the workspace's; what is over or rests on another KPI is no worry."""
    told = dict(mornings(tmp_path, 0, 3))
    assert told.keys() == {"U0MINA", "U0ALEX"}
    assert "no KPI own any more: its goal by 2026-12-31" in told["U0MINA"]
    assert "no KPI own any more: its alert in <#C0MARKET>" in told["U0ALEX"]
    assert len(mornings(tmp_path, 3, 2, kpi="cpc")) == 2
    assert len(mornings(tmp_path, 5, 2)) == 4


def test_a_goal_on_a_segment_that_is_gone(tmp_path: Path) -> None:
    """A KPI that has no such column any more: the goal's owner reads once that it counts for nothing."""
    mornings(tmp_path, 0, 1, kpi="cpc")
    workspace = Workspace(settings_of(tmp_path / "kpi.yaml"), {})
    set_goal(workspace.store, Goal("cac", 40.0, date(2026, 12, 31), "U0WEI", {"landing_page": "a"}))
    workspace.close()
    ((reader, text),) = mornings(tmp_path, 1, 2, kpi="cpc")
    assert reader == "U0WEI"
    assert "cannot be split by landing page any more" in text
