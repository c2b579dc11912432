"""Goals whose KPI is gone: whoever answers for one is told once, and it counts again once the KPI is back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.cards.blocks import is_user_id
from bot.workspace import Workspace
from kpi_core.dates.schedule import Fire
from kpi_core.deliveries.messages import Message
from kpi_core.deliveries.to_owner import Trouble, tell_owner, trouble_over
from kpi_core.phrases import say
from kpi_core.settings.values import Goal
from kpi_core.state.goals import archived_goals, typed_goals
from kpi_core.state.trouble_rows import open_troubles

EVERY = "day 08:30"
GOAL = "goal:"
"""How the troubles of goals begin."""


def tell_of_lost_goals(workspace: Workspace, now: datetime, _fire: Fire) -> Sequence[Message]:
    """Tell of each goal on a KPI that there is not."""
    settings, store = workspace.settings, workspace.store
    lost = {GOAL + goal.key: goal for goal in _running(workspace, now) if goal.kpi not in workspace.catalog.metrics}
    with store.reading() as transaction:
        before = [row["name"] for row in open_troubles(transaction) if row["name"].startswith(GOAL)]
    for name in before:
        if name not in lost:
            trouble_over(store, name)
    for name, goal in lost.items():
        member = goal.owner if is_user_id(goal.owner) else settings.owner
        text = say(settings.locale, "trouble.goal", kpi=goal.kpi, day=goal.by.isoformat())
        tell_owner(store, member, Trouble(name, text), now)
    return ()


def _running(workspace: Workspace, now: datetime) -> list[Goal]:
    """Goals of kpi.yaml and of spreadsheets that are neither over nor archived."""
    today, archived = workspace.settings.calendar.today(now), archived_goals(workspace.store)
    goals = (*workspace.settings.goals, *typed_goals(workspace.store))
    return [goal for goal in goals if goal.by >= today and goal.key not in archived]
