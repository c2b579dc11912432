"""Goals and alerts whose KPI is gone: whoever answers for one is told once; it works again once the KPI is back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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
LOST = "lost:"
"""How these troubles begin."""


def tell_of_lost_kpis(workspace: Workspace, now: datetime, _fire: Fire) -> Sequence[Message]:
    """Tell of each goal and alert on a KPI that there is not."""
    settings, store = workspace.settings, workspace.store
    lost = {name: words for name, kpi, words in _all(workspace, now) if kpi not in workspace.catalog.metrics}
    with store.reading() as transaction:
        before = [row["name"] for row in open_troubles(transaction) if row["name"].startswith(LOST)]
    for name in before:
        if name not in lost:
            trouble_over(store, name)
    for name, (owner, text) in lost.items():
        tell_owner(store, owner if is_user_id(owner) else settings.owner, Trouble(name, text), now)
    return ()


def _all(workspace: Workspace, now: datetime) -> Iterator[tuple[str, str, tuple[str, str]]]:
    """Of each goal and alert: the name of its trouble, its KPI, its owner and what to tell them."""
    language = workspace.settings.locale
    for goal in _running(workspace, now):
        text = say(language, "trouble.goal", kpi=goal.kpi, day=goal.by.isoformat())
        yield LOST + goal.key, goal.kpi, (goal.owner, text)
    for rule in workspace.settings.alerts:
        if rule.kpi:
            text = say(language, "trouble.alert", kpi=rule.kpi, channel=f"<#{rule.channel}>")
            yield f"{LOST}{rule.kpi} {rule.when} {rule.channel}", rule.kpi, (rule.owner, text)


def _running(workspace: Workspace, now: datetime) -> list[Goal]:
    """Goals of kpi.yaml and of spreadsheets that are neither over nor archived."""
    today, archived = workspace.settings.calendar.today(now), archived_goals(workspace.store)
    goals = (*workspace.settings.goals, *typed_goals(workspace.store))
    return [goal for goal in goals if goal.by >= today and goal.key not in archived]
