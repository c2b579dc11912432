"""Goals held against numbers: which goal a question meets, and how it stands. Pure.

Two kinds of KPI, two meanings of a target. A *flow* (revenue, leads) grows with the days it is counted over, so its
target belongs to a period of one grain and is held only against such a period. A *level* (CAC, conversion rate,
followers) reads the same for any period, and so does its target.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from kpi_core.answers import GoalState, GoalStatus
from kpi_core.dates.periods import GRAIN_OF_CADENCE, Grain, Period
from kpi_core.metrics import Metric
from kpi_core.query import Filter, MetricQuery
from kpi_core.settings.values import Goal
from kpi_core.sql.spelling import folded

LENGTHS: dict[Grain, int] = {"day": 1, "week": 2, "month": 3, "quarter": 4, "half": 5, "year": 6}
_FEWEST_DAYS: dict[Grain, int] = {"day": 1, "week": 7, "month": 28, "quarter": 90, "half": 181, "year": 365}
CLOSE_ENOUGH = 0.05
"""How far a neutral KPI may lie from its target, as a share of the target, and still count as met."""


def is_flow(metric: Metric) -> bool:
    """Whether the value adds up over days, so that a target needs a period: sums and counts, no rates, no levels."""
    if metric.unit not in ("count", "currency") or metric.type not in ("simple", "derived"):
        return False
    texts = [metric.formula, *(given.expression for given in metric.inputs.values())]
    return not any(sign in text for text in texts for sign in "/*(")


def goal_grain(goal: Goal, metric: Metric) -> Grain | None:
    """The kind of period the target is meant for; None for a level, which any period may be held against."""
    if not is_flow(metric):
        return None
    return goal.per or GRAIN_OF_CADENCE[metric.cadence]


def judging_grain(goal: Goal, metric: Metric) -> Grain:
    """The shortest kind of period by which a goal is judged: a sum's own one, for a level that of its KPI's cadence.

    A week of a monthly KPI says nothing of its goal: one bill would miss it.
    """
    return goal_grain(goal, metric) or GRAIN_OF_CADENCE[metric.cadence]


def is_judged_by(goal: Goal, metric: Metric, period: Period) -> bool:
    """Whether a period is long enough for the goal to be held against it."""
    grain = judging_grain(goal, metric)
    length = LENGTHS.get(period.grain)
    return period.days >= _FEWEST_DAYS[grain] if length is None else length >= LENGTHS[grain]


def goal_for(metric: Metric, query: MetricQuery, goals: Sequence[Goal]) -> Goal | None:
    """The goal that the question meets: same KPI, same filters, not over before the period began.

    Among several, one for the asked grain comes first, then the one that is due next.
    """
    fitting = [goal for goal in goals if goal.kpi == metric.id and _same_filters(goal, query)]
    running = [goal for goal in fitting if goal.by >= query.period.start]
    return min(running, key=lambda goal: (not _fits_grain(goal, metric, query.period), goal.by), default=None)


def goal_state(  # noqa: PLR0913, PLR0917 - a goal, a number, and all that says what the number is of
    goal: Goal, metric: Metric, value: float | None, settled: bool, period: Period, today: date
) -> GoalState | None:
    """How the goal stands; None where the target is not meant for such a period (never prorated).

    `value` and target are in the KPI's stored scale (rates are fractions); `gap` is value - target.
    `settled`: no more rows of the period are due (`Answer.is_settled`).
    """
    if not _fits_grain(goal, metric, period):
        return None
    running = not settled or period.to_date
    if value is None:
        status: GoalStatus = "open" if period.start > today else "no_data"
    elif running:
        status = _status_so_far(goal.target, metric, value)
    else:
        status = "met" if _reached(goal.target, metric, value) else "off_track"
    gap = None if value is None else value - goal.target
    per = goal_grain(goal, metric) or ""
    return GoalState(goal.target, goal.by, status, gap, goal.owner, dict(goal.where), per)


def _same_filters(goal: Goal, query: MetricQuery) -> bool:
    """Filters of several values, or of all but one, are no goal's: nobody set a target for that mix."""
    clauses = {replace(clause, values=tuple(map(_spelling, clause.values))) for clause in query.filters}
    return clauses == {Filter(dimension, (_spelling(value),)) for dimension, value in goal.where.items()}


def _spelling(value: str | None) -> str | None:
    return value if value is None else folded(value)


def _fits_grain(goal: Goal, metric: Metric, period: Period) -> bool:
    grain = goal_grain(goal, metric)
    return grain is None or grain == period.grain


def _status_so_far(target: float, metric: Metric, value: float) -> GoalStatus:
    """What a running period already settles: a sum that has arrived, or one that is past its limit."""
    if not is_flow(metric):
        return "open"
    if metric.direction == "higher":
        return "met" if _reached(target, metric, value) else "open"
    limit = target if metric.direction == "lower" else target + CLOSE_ENOUGH * abs(target)
    return "off_track" if value > limit and not math.isclose(value, limit) else "open"


def _reached(target: float, metric: Metric, value: float) -> bool:
    if math.isclose(value, target):
        return True
    if metric.direction == "neutral":
        return abs(value - target) <= CLOSE_ENOUGH * abs(target) * (1 + 1e-9)
    return value > target if metric.direction == "higher" else value < target
