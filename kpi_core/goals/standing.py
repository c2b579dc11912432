"""Goals held against numbers: which goal a question meets, and how it stands now. Pure.

A goal has one status at one moment: `standing`, from the answer to `goal_query`. Every face reads it from there.
While its period runs, the status goes by where the number lands and how likely that meets the target.

Two kinds of KPI, two meanings of a target. A *flow* (revenue, leads) grows with the days it is counted over, so its
target belongs to a period of one grain and is held only against such a period. A *level* (CAC, conversion rate,
followers) reads the same for any period, and so does its target.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import lru_cache

from kpi_core.answers import Against, Answer, GoalState, GoalStatus
from kpi_core.dates.calendars import Calendar
from kpi_core.dates.periods import GRAIN_OF_CADENCE, Grain, Period, unit_of
from kpi_core.goals.prospects import CLOSE_ENOUGH, is_reached, with_prospect
from kpi_core.metrics import Metric
from kpi_core.query import Filter, MetricQuery
from kpi_core.settings.values import Goal
from kpi_core.signals.outlook import Course, Outlook, Unforeseen
from kpi_core.sql.spelling import folded

LENGTHS: dict[Grain, int] = {"day": 1, "week": 2, "month": 3, "quarter": 4, "half": 5, "year": 6}
_FEWEST_DAYS: dict[Grain, int] = {"day": 1, "week": 7, "month": 28, "quarter": 90, "half": 181, "year": 365}


def is_flow(metric: Metric) -> bool:
    """Whether the value adds up over days, so that a target needs a period: sums and counts, no rates, no levels."""
    if metric.unit not in ("count", "currency") or metric.type not in ("simple", "derived"):
        return False
    if any(given.taken is not None and given.taken.cumulative for given in metric.inputs.values()):
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
    clauses = _segment(query)
    fitting = [goal for goal in goals if goal.kpi == metric.id and _is_segment(goal, clauses)]
    running = [goal for goal in fitting if goal.by >= query.period.start]
    return min(running, key=lambda goal: (not _fits_grain(goal, metric, query.period), goal.by), default=None)


Segment = tuple[str, frozenset[tuple[str, str | None]]]
"""A KPI, and the values of dimensions as all their spellings have them in common."""


def by_segment(goals: Iterable[Goal]) -> Mapping[Segment, Sequence[Goal]]:
    """The goals by what they are set for, for many questions: of thousands `goal_for` is to look at few."""
    alike: dict[Segment, list[Goal]] = {}
    for goal in goals:
        where = frozenset((dimension, _spelling(value)) for dimension, value in goal.where.items())
        alike.setdefault((goal.kpi, where), []).append(goal)
    return alike


def goals_near(metric: Metric, query: MetricQuery, segments: Mapping[Segment, Sequence[Goal]]) -> Sequence[Goal]:
    """The goals that a question may meet, out of `by_segment`."""
    clauses = _segment(query)
    return () if clauses is None else segments.get((metric.id, frozenset(clauses.items())), ())


def goal_query(goal: Goal, metric: Metric, calendar: Calendar, today: date) -> MetricQuery:
    """What tells how a goal stands on the local date `today`: its segment in the unit that holds the day before.

    Until today is over nothing of it is known; so on the first of a month its goals are those of the month before. A
    goal that is over stands as it ended, one that is to come by its first period.
    """
    newest = max(min(today - timedelta(days=1), goal.by), goal.since or date.min)
    filters = tuple(Filter(dimension, (value,)) for dimension, value in sorted(goal.where.items()))
    return MetricQuery(
        metric.id, unit_of(newest, judging_grain(goal, metric), calendar), (), (), filters, trended=False, foreseen=True
    )


def standing(goal: Goal, answer: Answer, today: date) -> GoalState:
    """How a goal stands, the same on every face: from the answer to its `goal_query` of the local date `today`.

    Value and target are in the KPI's stored scale (rates are fractions); `gap` is value - target.
    """
    status = status_in(goal, answer, today) or "no_data"
    state = GoalState(
        target=goal.target,
        by=goal.by,
        status=status,
        gap=_gap(goal, answer),
        owner=goal.owner,
        where=dict(goal.where),
        per=goal_grain(goal, answer.metric) or "",
        period=answer.query.period,
        value=answer.value,
        complete=answer.complete,
        action=goal.action,
    )
    outlook = _outlook(goal, answer)
    if status == "no_data" or outlook is None:
        return state
    if _is_decided(goal, answer, status):
        return replace(state, probability=float(status == "met"))
    return with_prospect(state, answer.metric, outlook)


def _outlook(goal: Goal, answer: Answer) -> Outlook | Unforeseen | None:
    """What is foreseen; of a level on the day by which the target is meant."""
    outlook = answer.outlook
    return outlook.until(max(goal.by, answer.query.period.last_day)) if isinstance(outlook, Course) else outlook


def _is_decided(goal: Goal, answer: Answer, status: GoalStatus) -> bool:
    """Whether the period is over and its goal with it; a level that is not there yet has until its day."""
    over = answer.is_settled and not answer.query.period.to_date
    still = isinstance(answer.outlook, Course) and goal.by > answer.query.period.last_day and status == "off_track"
    return over and not still


def with_goal(answer: Answer, goal: Goal, measured: Answer, today: date) -> Answer:
    """An answer with its goal: how that stands by `measured`, the answer to its `goal_query`."""
    return replace(answer, goal=replace(standing(goal, measured, today), asked=against(goal, answer)))


def against(goal: Goal, answer: Answer) -> Against | None:
    """The value of any answer beside the target; None where that is not meant for such a period (never prorated).

    `reached` is None until the period is settled (`Answer.is_settled`).
    """
    metric, period = answer.metric, answer.query.period
    if not _fits_grain(goal, metric, period) or not is_judged_by(goal, metric, period):
        return None
    settled = answer.value is not None and answer.is_settled and not period.to_date
    return Against(is_reached(goal.target, metric, answer.value or 0.0) if settled else None, _gap(goal, answer))


def status_in(goal: Goal, answer: Answer, today: date) -> GoalStatus | None:
    """What one period makes of a goal; None where the target is not meant for such a period (never prorated).

    Met and off track are final, on track and at risk are how a rate stands so far.
    """
    metric, value, period = answer.metric, answer.value, answer.query.period
    if not _fits_grain(goal, metric, period):
        return None
    if value is None:
        return "open" if _has_just_begun(answer, today) else "no_data"
    reached = is_reached(goal.target, metric, _landed(answer, value))
    if answer.is_settled and not period.to_date:
        return "met" if reached else "off_track"
    if is_flow(metric):
        return _sum_so_far(goal.target, metric, value)
    if any(notice.key in _TOO_EARLY for notice in answer.warnings) or not answer.is_sound:
        return "open"
    return "on_track" if reached else "at_risk"


def _landed(answer: Answer, value: float) -> float:
    """The value as it will have settled: a rate that still moves is judged by what it should become."""
    maturity = answer.maturity
    is_rate = maturity is not None and maturity.value is not None and not is_flow(answer.metric)
    return maturity.value if is_rate and maturity is not None and maturity.value is not None else value


_TOO_EARLY = frozenset({"warning.lumpy_costs", "warning.immature", "warning.still_open", "warning.too_young"})
"""What keeps a rate's value so far from saying anything of the whole: bills and outcomes that are still to come."""


def _has_just_begun(answer: Answer, today: date) -> bool:
    """Whether a period has no value only because no data of it is there yet."""
    period, through = answer.query.period, answer.freshness.data_through
    waits = through is not None and through < period.start and not answer.freshness.stale
    return period.start > today or (waits and not answer.complete)


def _gap(goal: Goal, answer: Answer) -> float | None:
    return None if answer.value is None else answer.value - goal.target


def _segment(query: MetricQuery) -> Mapping[str, str | None] | None:
    """The value of each dimension that a question filters by; None where no goal is set for such a segment.

    Filters of several values, or of all but one, are no goal's: nobody set a target for that mix.
    """
    if any(clause.excludes or len(clause.values) != 1 for clause in query.filters):
        return None
    values = {(clause.dimension, _spelling(clause.values[0])) for clause in query.filters}
    return dict(values) if len(values) == len(dict(values)) else None


def _is_segment(goal: Goal, clauses: Mapping[str, str | None] | None) -> bool:
    # Of thousands of goals most differ in their number of dimensions, or in the first of them.
    if clauses is None or len(goal.where) != len(clauses):
        return False
    return all(
        dimension in clauses and clauses[dimension] == _spelling(value) for dimension, value in goal.where.items()
    )


@lru_cache(maxsize=20_000)
def _spelling(value: str | None) -> str | None:
    return value if value is None else folded(value)


def _fits_grain(goal: Goal, metric: Metric, period: Period) -> bool:
    grain = goal_grain(goal, metric)
    return grain is None or grain == period.grain


def _sum_so_far(target: float, metric: Metric, value: float) -> GoalStatus:
    """What a running period already settles: a sum that has arrived, or one that is past its limit."""
    if metric.direction == "higher":
        return "met" if is_reached(target, metric, value) else "open"
    limit = target if metric.direction == "lower" else target + CLOSE_ENOUGH * abs(target)
    return "off_track" if value > limit and not math.isclose(value, limit) else "open"
