"""Goals and alerts whose KPI is gone: whoever answers for one is told once; it works again once the KPI is back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from bot.cards.blocks import is_user_id
from bot.running.telling.rules_at_work import rules_at_work
from bot.workspace import Workspace
from kpi_core.answering.layout import dimensions_of
from kpi_core.dates.schedule import Fire
from kpi_core.deliveries.messages import Message
from kpi_core.deliveries.to_owner import Trouble, tell_owner, trouble_over
from kpi_core.formats.notices import dimension_name
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
    lost = dict(_all(workspace, now))
    with store.reading() as transaction:
        before = [row["name"] for row in open_troubles(transaction) if row["name"].startswith(LOST)]
    for name in before:
        if name not in lost:
            trouble_over(store, name)
    for name, (owner, text) in lost.items():
        tell_owner(store, owner if is_user_id(owner) else settings.owner, Trouble(name, text), now)
    return ()


def _all(workspace: Workspace, now: datetime) -> Iterator[tuple[str, tuple[str, str]]]:
    """Of each goal and alert that counts for nothing: the name of its trouble, its owner and what to tell them."""
    language, metrics = workspace.settings.locale, workspace.catalog.metrics
    for goal in _running(workspace, now):
        if goal.kpi not in metrics:
            text = say(language, "trouble.goal", kpi=goal.kpi, day=goal.by.isoformat())
            yield LOST + goal.key, (goal.owner, text)
        elif lacking := sorted(goal.where.keys() - set(dimensions_of(metrics[goal.kpi], workspace.catalog))):
            names = {"kpi": metrics[goal.kpi].name(language), "dimension": dimension_name(lacking[0], language)}
            yield LOST + goal.key, (goal.owner, say(language, "trouble.segment", **names, day=goal.by.isoformat()))
    for rule in rules_at_work(workspace):
        if rule.kpi and rule.kpi not in metrics:
            # What somebody set for themselves comes in a conversation, which has no name.
            channel = f"<@{rule.channel}>" if is_user_id(rule.channel) else f"<#{rule.channel}>"
            text = say(language, "trouble.alert", kpi=rule.kpi, channel=channel)
            yield f"{LOST}{rule.kpi} {rule.when} {rule.channel}", (rule.owner, text)


def _running(workspace: Workspace, now: datetime) -> list[Goal]:
    """Goals of kpi.yaml and of spreadsheets that are neither over nor archived."""
    today, archived = workspace.settings.calendar.today(now), archived_goals(workspace.store)
    goals = (*workspace.settings.goals, *typed_goals(workspace.store))
    return [goal for goal in goals if goal.by >= today and goal.key not in archived]
