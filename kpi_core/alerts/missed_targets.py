"""Episodes of goals that are missed, or about to be."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta

from kpi_core.alerts.episode import Episode, Scope, filters_of, segment_of
from kpi_core.answers import Answer, GoalState, GoalStatus, Landing
from kpi_core.dates.periods import Period, shift, unit_of
from kpi_core.errors import QuestionError
from kpi_core.frozen_dataclass import frozen
from kpi_core.goals.standing import goal_query, judging_grain, standing, status_in
from kpi_core.query import MetricQuery
from kpi_core.settings.values import Alert, Goal
from kpi_core.signals.outlook import Course

ONE_DAY = timedelta(days=1)
LOOKED_AT = timedelta(days=7)
"""How often it is looked back at how a running period stood."""
GOOD: frozenset[GoalStatus] = frozenset({"met", "on_track"})


@frozen
class _Look:
    """How a goal stood on the morning of a day, by which period, and at what value."""

    day: date
    period: Period
    status: GoalStatus | None
    value: float | None
    landing: Landing | None = None
    chance: float | None = None


def missed_targets(rule: Alert, scope: Scope) -> Iterator[Episode]:
    """From the day on which a goal was off track; over when it is met or on track again, or its day has passed."""
    bad: frozenset[GoalStatus] = frozenset({"off_track"} if rule.when == "target_missed" else {"off_track", "at_risk"})
    for goal in scope.goals:
        if goal.kpi == rule.kpi and (not rule.where or dict(goal.where) == dict(rule.where)):
            # A goal on a segment that is not there any more keeps no other goal of the rule silent.
            with suppress(QuestionError):
                yield from _missed(rule, goal, scope, bad)


def _missed(rule: Alert, goal: Goal, scope: Scope, bad: frozenset[GoalStatus]) -> Iterator[Episode]:
    answer, state = _as_of(goal, scope, scope.today)
    # A level has until its day: how a month ended is no verdict on it.
    ended = () if isinstance(answer.outlook, Course) else _at_ends(goal, scope)
    looks = sorted({*ended, *_on_the_way(rule, goal, scope, state)}, key=lambda look: look.day)
    for episode in _runs(rule, goal, looks, bad):
        if episode.over is None or episode.over >= scope.since:
            yield episode


def _as_of(goal: Goal, scope: Scope, day: date) -> tuple[Answer, GoalState]:
    """How a goal stood on the morning of a day."""
    query = goal_query(goal, scope.catalog.metrics[goal.kpi], scope.calendar, day)
    (answer,) = scope.ask([query], day)
    return answer, standing(goal, answer, day)


def _at_ends(goal: Goal, scope: Scope) -> Iterator[_Look]:
    """What became of each period that is over, on the morning after it."""
    metric = scope.catalog.metrics[goal.kpi]
    grain = judging_grain(goal, metric)
    period = shift(unit_of(scope.since, grain, scope.calendar), -1, scope.calendar)
    periods = []
    while period.end <= scope.today and period.start <= goal.by:
        periods.append(period)
        period = shift(period, 1, scope.calendar)
    filters = filters_of(segment_of(dict(goal.where)))
    queries = [MetricQuery(goal.kpi, one, (), (), filters, trended=False) for one in periods]
    for answer in scope.ask(queries, scope.today):
        status = status_in(goal, answer, scope.today)
        yield _Look(answer.query.period.end, answer.query.period, status, answer.value)


def _on_the_way(rule: Alert, goal: Goal, scope: Scope, today: GoalState) -> Iterator[_Look]:
    """How the running period stands today; for what warns before the end, also how it stood each week."""
    yield from _running(rule, today, scope.today)
    day = scope.today - LOOKED_AT
    while rule.when == "target_at_risk" and day > scope.since:
        yield from _running(rule, _as_of(goal, scope, day)[1], day)
        day -= LOOKED_AT


def _running(rule: Alert, state: GoalState, day: date) -> Iterator[_Look]:
    if state.complete:
        return
    status: GoalStatus = state.status
    # Missed is what can no longer be met; what is merely foreseen is at risk.
    if rule.when == "target_missed" and status == "off_track" and state.landing is not None and state.probability:
        status = "open"
    yield _Look(day, state.period, status, state.value, state.landing, state.probability)


def _runs(rule: Alert, goal: Goal, looks: list[_Look], bad: frozenset[GoalStatus]) -> Iterator[Episode]:
    current: Episode | None = None
    row: list[_Look] = []
    for look in looks:
        if current is not None:
            if look.status in GOOD:
                yield replace(current, over=look.day - ONE_DAY)
                current, row = None, []
            elif look.status in bad:
                # Missed again: the newest number is the one to tell, the first day stays.
                current = replace(_begun(rule, goal, look), on=current.on)
            continue
        row = [*row, look] if look.status in bad else []
        if len(row) >= rule.in_a_row:
            current = _begun(rule, goal, look)
    if current is not None:
        yield current


def _begun(rule: Alert, goal: Goal, look: _Look) -> Episode:
    days = look.period
    if look.day < days.end:
        days = replace(days, end=look.day, grain="span")
    return Episode(
        rule, goal.kpi, segment_of(dict(goal.where)), look.day - ONE_DAY, days,
        value=look.value, usual=goal.target, goal=goal, status=look.status, landing=look.landing, chance=look.chance,
    )  # fmt: skip
