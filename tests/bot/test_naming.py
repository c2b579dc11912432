"""Names of goals' owners, looked up for the spreadsheets, and owners who hear what was overruled."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from bot.running.owners.naming import Naming
from bot.running.owners.owner import hear_once
from bot.workspace import Workspace, settings_of
from kpi_core.dates.schedule import Fire
from kpi_core.deliveries.ledger import unsettled
from kpi_core.settings.values import Goal
from kpi_core.state.goals import set_goal
from kpi_core.state.owner_names import names_of_people

NOW = datetime(2026, 11, 23, 6, tzinfo=UTC)
KPI_YAML = """
company: Hanok Goods
timezone: UTC
currency: USD
owner: U0BOSS1
goals: [{kpi: cac, target: 4, by: 2026-12-31, owner: U0MINA1}, {kpi: roas, target: 3, by: 2026-12-31, owner: jun}]
"""


def workspace_in(folder: Path) -> Workspace:
    (folder / "kpi.yaml").write_text(KPI_YAML, "utf-8")
    return Workspace(settings_of(folder / "kpi.yaml"), {})


def test_owners_are_looked_up_once_a_day(tmp_path: Path) -> None:
    """Only ids are; whom Slack does not name is asked about again after an hour, the others the day after."""
    workspace, asked = workspace_in(tmp_path), list[list[str]]()

    def look_up(ids: Iterable[str]) -> dict[str, str]:
        asked.append(list(ids))
        return {"U0MINA1": "Mina Kim"} if "U0MINA1" in asked[-1] else {}

    set_goal(workspace.store, Goal("ctr", 0.03, date(2026, 12, 31), "U0GONE1"))
    job = Naming(workspace, look_up)
    for minutes in (0, 1, 61, 25 * 60):
        assert job(NOW + timedelta(minutes=minutes), Fire(NOW)) == ()
    assert asked == [["U0GONE1", "U0MINA1"], ["U0GONE1"], ["U0GONE1", "U0MINA1"]]
    assert names_of_people(workspace.store) == {"U0MINA1": "Mina Kim"}


def test_the_owner_of_a_goal_hears_what_does_not_count(tmp_path: Path) -> None:
    """By a direct message, each time that it happens; an owner who is no member of Slack is the workspace's."""
    workspace = workspace_in(tmp_path)
    for day, owner in enumerate(("U0MINA1", "jun", "U0MINA1")):
        hear_once(
            workspace, owner, "goal:g1", "cac: Target 9, set elsewhere, does not count.", NOW + timedelta(days=day)
        )
    told = [(each.message.channel, each.message.text) for each in unsettled(workspace.store)]
    text = "cac: Target 9, set elsewhere, does not count."
    assert sorted(told) == sorted((channel, text) for channel in ("U0MINA1", "U0BOSS1", "U0MINA1"))
