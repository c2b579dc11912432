"""Whether a goal is well set, by its KPI's own past: measurable, achievable, owned, in time; and no vanity. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import pairwise
from typing import Literal

from kpi_core.dates.calendars import Calendar
from kpi_core.dates.periods import Grain, Period, shift, unit_of
from kpi_core.frozen_dataclass import frozen
from kpi_core.goals.prospects import is_reached
from kpi_core.goals.standing import goal_grain, judging_grain
from kpi_core.metrics import Metric
from kpi_core.query import Filter, MetricQuery
from kpi_core.settings.values import Goal

MOST_GOALS = 7
"""More goals than that are followed by nobody."""
FEWEST_STEPS = 3
"""Changes between whole periods before the best of them says anything."""
Flaw = Literal["impossible", "not_measurable", "beyond_best", "no_owner", "over", "vanity"]
History = Sequence[tuple[Period, float | None]]
"""Whole periods of the grain that a goal is judged by, the oldest first."""


@frozen
class Remark:
    """What is wrong with how a goal was set.

    Of `beyond_best`: the change that it `needs` and the `best` one so far, as fractions of where each began; `steps`
    periods of `grain` each.
    """

    flaw: Flaw
    needs: float = 0.0
    best: float = 0.0
    grain: Grain = "month"
    steps: int = 1


def history_query(goal: Goal, metric: Metric, calendar: Calendar, today: date) -> MetricQuery:
    """What tells the past of a goal's number: the last whole period by which it is judged, with its trend."""
    period = shift(unit_of(today, judging_grain(goal, metric), calendar), -1, calendar)
    filters = tuple(Filter(dimension, (value,)) for dimension, value in sorted(goal.where.items()))
    return MetricQuery(metric.id, period, (), (), filters)


def remarks_on(goal: Goal, metric: Metric, history: History, calendar: Calendar, today: date) -> tuple[Remark, ...]:
    """All that is wrong with one goal, the gravest first."""
    remarks = []
    if goal.by < today:
        remarks.append(Remark("over"))
    if _is_impossible(goal, metric, history):
        remarks.append(Remark("impossible"))
    elif all(value is None for _period, value in history):
        remarks.append(Remark("not_measurable"))
    elif (beyond := _beyond_best(goal, metric, history, calendar)) is not None:
        remarks.append(beyond)
    if metric.vanity:
        remarks.append(Remark("vanity"))
    if not goal.owner:
        remarks.append(Remark("no_owner"))
    return tuple(remarks)


def running_goals(goals: Sequence[Goal], today: date) -> int:
    """How many things are followed at once: goals of one KPI and segment in several months are one."""
    return len({(goal.kpi, tuple(sorted(goal.where.items()))) for goal in goals if goal.by >= today})


def _is_impossible(goal: Goal, metric: Metric, history: History) -> bool:
    """A cost, a count or a time below 0, where none ever was; of what one customer costs, 0 too."""
    if goal.target > 0 or (goal.target == 0 and not metric.is_cost_of_one):
        return False
    is_amount_in = metric.unit == "currency" and metric.direction == "higher"
    if metric.unit not in {"count", "duration", "currency"} or is_amount_in:
        return False
    return all(value is None or value >= 0 for _period, value in history)


def _beyond_best(goal: Goal, metric: Metric, history: History, calendar: Calendar) -> Remark | None:
    """That a target needs more than the best change there has been over as many periods.

    "Needs +38 %, your best quarter was +12 %". A recurring target is due in the next period, a level by its day.
    """
    values = _in_a_row(history)
    if not values or metric.direction == "neutral" or is_reached(goal.target, metric, values[-1][1]):
        return None
    steps = _steps_until(goal, metric, values[-1][0], calendar)
    changes = [after / before - 1 for (_, before), (_, after) in _pairs(values, steps)]
    if len(changes) < FEWEST_STEPS:
        steps, changes = 1, [after / before - 1 for (_, before), (_, after) in pairwise(values)]
    if len(changes) < FEWEST_STEPS:
        return None
    best = max(changes) if metric.direction == "higher" else min(changes)
    needs = goal.target / values[-1][1] - 1
    beyond = needs > best if metric.direction == "higher" else needs < best
    return Remark("beyond_best", needs, best, values[-1][0].grain, steps) if beyond else None


def _in_a_row(history: History) -> list[tuple[Period, float]]:
    """The newest periods in a row of which a change is a share: none without data, none at 0 or below."""
    values: list[tuple[Period, float]] = []
    for period, value in reversed(history):
        if value is not None and value > 0:
            values.insert(0, (period, value))
        elif values or value is not None:
            break
    return values


def _steps_until(goal: Goal, metric: Metric, last: Period, calendar: Calendar) -> int:
    if goal_grain(goal, metric) is not None:
        return 1
    steps, period = 0, last
    while period.end <= goal.by and steps < 12:
        period, steps = shift(period, 1, calendar), steps + 1
    return max(1, steps)


def _pairs(
    values: Sequence[tuple[Period, float]], steps: int
) -> list[tuple[tuple[Period, float], tuple[Period, float]]]:
    return list(zip(values, values[steps:], strict=False))
