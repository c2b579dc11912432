"""Goals of one KPI, segment and period that follow each other: each counts from the day after the one before. Pure."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from kpi_core.settings.values import Goal

Kind = tuple[str, tuple[tuple[str, str], ...], str | None]


def kind_of(goal: Goal) -> Kind:
    """What goals of a series share: KPI, segment and the period that their targets are meant for."""
    return goal.kpi, tuple(sorted(goal.where.items())), goal.per


def in_series(goals: Sequence[Goal]) -> tuple[Goal, ...]:
    """The goals in their order, each with the day from which on it counts.

    The plan's target of December says nothing of November; where one goal is due, the next begins.
    """
    days: dict[Kind, set[date]] = defaultdict(set)
    for goal in goals:
        days[kind_of(goal)].add(goal.by)
    due = {kind: sorted(of_kind) for kind, of_kind in days.items()}
    return tuple(_begun_after(goal, due[kind_of(goal)]) for goal in goals)


def _begun_after(goal: Goal, due: Sequence[date]) -> Goal:
    """`due` are days of its kind, the earliest first, its own among them."""
    before = bisect_left(due, goal.by) - 1
    return goal if goal.since or before < 0 else replace(goal, since=due[before] + timedelta(days=1))
