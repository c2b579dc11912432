"""How many goals were reached: the goals of a workspace held against the periods that a question asks about. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from kpi_core.answering.layout import asks_for_goals
from kpi_core.answers import Answer
from kpi_core.dates.periods import Period
from kpi_core.goals.standing import status_in
from kpi_core.goals.succession import Kind, kind_of
from kpi_core.metrics import Catalog
from kpi_core.query import Filter, MetricQuery
from kpi_core.settings.values import Goal

Held = tuple[Goal, MetricQuery]
"""A goal, and what to ask so that it can be held against a period."""


def held_goals(goals: Sequence[Goal], periods: Iterable[Period], catalog: Catalog) -> list[Held]:
    """Each goal with each period it runs in. Of several for the same KPI, filters and grain the one due next counts."""
    held = [goal for goal in goals if goal.kpi in catalog.metrics and not asks_for_goals(catalog.metrics[goal.kpi])]
    wanted = sorted(set(periods), key=lambda period: (period.start, period.end))
    return [(goal, _question(goal, period)) for period in wanted for goal in _running(held, period)]


def _running(goals: Sequence[Goal], period: Period) -> Iterable[Goal]:
    """Of each kind of goal the one that is due next after a period has begun."""
    running: dict[Kind, Goal] = {}
    for goal in goals:
        other = running.get(kind_of(goal))
        if goal.by >= period.start and (other is None or goal.by < other.by):
            running[kind_of(goal)] = goal
    return running.values()


def _question(goal: Goal, period: Period) -> MetricQuery:
    filters = tuple(Filter(dimension, (value,)) for dimension, value in sorted(goal.where.items()))
    return MetricQuery(goal.kpi, period, comparisons=(), filters=filters, trended=False)


def counted(held: Sequence[Held], answers: Sequence[Answer], today: date) -> Mapping[Period, Mapping[str, float]]:
    """Per period, how many goals are decided (`held`) and reached (`met`); one still open counts for neither."""
    found: dict[Period, dict[str, float]] = {}
    for (goal, query), answer in zip(held, answers, strict=True):
        counts = found.setdefault(query.period, {"met": 0.0, "held": 0.0})
        status = status_in(goal, answer, today)
        if status in {"met", "off_track"}:
            counts["held"] += 1
            counts["met"] += status == "met"
    return found
