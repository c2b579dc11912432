"""Daily numbers of a KPI, by segment, for what is judged day by day."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta

from kpi_core.alerts.episode import Scope, Segment, filters_of, segment_of
from kpi_core.answers import Answer
from kpi_core.dates.moving_feasts import named_days
from kpi_core.dates.periods import Period, add_months
from kpi_core.formula import Quotient, parse_formula, quotient_of
from kpi_core.goals.standing import is_flow
from kpi_core.metrics import Metric
from kpi_core.query import MetricQuery
from kpi_core.settings.values import Alert
from kpi_core.signals.series import Calendar as Special
from kpi_core.signals.series import Day, Series, Unit

ONE_DAY = timedelta(days=1)
HISTORY_MONTHS = 5
"""So many months before the first day of interest, at a month's first: a later look begins where an earlier one did."""


def daily_series(rule: Alert, scope: Scope) -> Mapping[Segment, Series]:
    """The days of a rule's KPI, a series for each segment; none where a day says nothing of it (bills by month)."""
    metric = scope.catalog.metrics[rule.kpi]
    quotient = quotient_of(parse_formula(metric.formula))
    if quotient is None and not is_flow(metric):
        return {}
    where = segment_of(dict(rule.where))
    questions = list(_day_questions(rule, scope, where))
    if _is_lumpy(scope.ask(questions[-1:], scope.today)):
        return {}
    answers = scope.ask(questions, scope.today)
    days: dict[Segment, list[Day]] = {}
    open_from = scope.open_from(rule.kpi)
    for answer in answers:
        if answer.complete and answer.maturity is None and _begins(answer) <= answer.query.period.start < open_from:
            for segment, day in _days_of(answer, rule.by, where, quotient):
                days.setdefault(segment, []).append(day)
    unit: Unit = "ratio" if quotient else "count" if metric.unit == "count" else "amount"
    special = Special(holidays(scope))
    return {segment: Series(tuple(_without_gaps(own, days, metric)), unit, special) for segment, own in days.items()}


def _begins(answer: Answer) -> date:
    """The first day that is measured as the days of today are."""
    return max((each.since for each in answer.breaks), default=date.min)


def _is_lumpy(answers: Sequence[Answer]) -> bool:
    """Whether amounts are booked on a day that belong to a month."""
    return any(notice.key == "warning.lumpy_costs" for answer in answers for notice in answer.warnings)


def holidays(scope: Scope) -> dict[date, str]:
    """The public holidays of the workspace's country, by date, as far back as the days of a series go."""
    country = scope.calendar.holidays
    if country is None:
        return {}
    years = range(_first_day(scope).year, scope.today.year + 1)
    return {day: name for year in years for day, name in named_days(country, year)}


def _first_day(scope: Scope) -> date:
    first = add_months(scope.since.replace(day=1), -HISTORY_MONTHS)
    # Days before the first table begins are asked for in vain.
    return max(first, min((reach.first for reach in scope.coverage.values() if reach.first), default=first))


def _day_questions(rule: Alert, scope: Scope, where: Segment) -> Iterator[MetricQuery]:
    day = _first_day(scope)
    dimensions = (rule.by,) if rule.by else ()
    while day < scope.today:
        period = Period(day, day + ONE_DAY, "day")
        yield MetricQuery(rule.kpi, period, (), dimensions, filters_of(where), whole=True, trended=False, judged=False)
        day += ONE_DAY


def _days_of(answer: Answer, by: str, where: Segment, quotient: Quotient | None) -> Iterator[tuple[Segment, Day]]:
    on = answer.query.period.start
    rows = (
        [(segment_of([*where, (by, row.keys[0])]), row.value, row.parts) for row in answer.breakdown or ()]
        if by
        else [(where, answer.value, answer.parts)]
    )
    for segment, value, parts in rows:
        if quotient is None:
            yield segment, Day(on, value)
            continue
        over, under = quotient.over.evaluate(parts.get), quotient.under.evaluate(parts.get)
        yield segment, Day(on, value, None if over is None else over * quotient.factor, under)


def _without_gaps(own: list[Day], every: Mapping[Segment, list[Day]], metric: Metric) -> Iterator[Day]:
    """Of what adds up, a day on which others have rows and this segment has none is a day of 0."""
    if not is_flow(metric) or len(every) < 2:
        yield from own
        return
    by_date = {day.on: day for day in own}
    with_rows = sorted({day.on for days in every.values() for day in days if day.value is not None})
    yield from (by_date.get(on, Day(on, 0.0)) for on in with_rows if on >= own[0].on)
