"""Episodes of whole days, weeks, months or quarters past a limit, or too far from those before."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from kpi_core.alerts.episode import Episode, Scope, Segment, filters_of, segment_of, sides
from kpi_core.answers import Answer, Change
from kpi_core.dates.periods import GRAIN_OF_CADENCE, Grain, Period, shift, unit_of
from kpi_core.formula import parse_formula, quotient_of
from kpi_core.metrics import Metric
from kpi_core.query import Comparison, MetricQuery
from kpi_core.settings.values import Alert

PERIODS_BEFORE = 3
"""So many periods before the first of interest: what began then may still be under way."""
Judged = tuple[Period, float | None, float | None, bool | None]
"""A period, its value, what that is held against, and whether it is past its limit: None between limit and margin."""


def thresholds(rule: Alert, scope: Scope) -> Iterator[Episode]:
    """Values past `above` or `below`; over once a value is back by the margin."""
    metric = scope.catalog.metrics[rule.kpi]

    def judged(answer: Answer, value: float | None, volume: float | None, _change: Change | None) -> Judged:
        limit = _limit(rule, value)
        past = None if value is None else _past(rule, value)
        if past and rule.least is not None and (volume or 0.0) < rule.least:
            past = None
        return answer.query.period, value, limit, past

    yield from _episodes(rule, scope, metric, (), judged)


def changes(rule: Alert, scope: Scope) -> Iterator[Episode]:
    """Moves beyond the usual swing, of at least the `change` of the rule; over once a period shows none."""
    metric = scope.catalog.metrics[rule.kpi]
    signs = sides(rule, metric)

    def judged(answer: Answer, value: float | None, volume: float | None, change: Change | None) -> Judged:
        if change is None or change.change is None or value is None:
            return answer.query.period, value, None, None
        far = _is_far(rule, change) and (1 if change.change > 0 else -1) in signs
        if far and rule.least is not None and (volume or 0.0) < rule.least:
            return answer.query.period, value, change.value, None
        return answer.query.period, value, change.value, far

    yield from _episodes(rule, scope, metric, (Comparison(rule.against),), judged)


def _is_far(rule: Alert, change: Change) -> bool:
    if rule.change is None:
        return change.verdict in {"better", "worse"} or (change.verdict == "neutral" and change.usual is not None)
    return change.verdict != "same" and change.change_ratio is not None and abs(change.change_ratio) >= rule.change


def _past(rule: Alert, value: float) -> bool | None:
    """Whether a value is past a limit of the rule; None where it is back, and not yet by the margin."""
    if (rule.above is not None and value > rule.above) or (rule.below is not None and value < rule.below):
        return True
    near = (rule.above is not None and value > rule.above - rule.margin * abs(rule.above)) or (
        rule.below is not None and value < rule.below + rule.margin * abs(rule.below)
    )
    return None if near else False


def _limit(rule: Alert, value: float | None) -> float | None:
    if rule.above is not None and (rule.below is None or (value is not None and value > rule.above)):
        return rule.above
    return rule.below


def _episodes(
    rule: Alert,
    scope: Scope,
    metric: Metric,
    comparisons: tuple[Comparison, ...],
    judged: Callable[[Answer, float | None, float | None, Change | None], Judged],
) -> Iterator[Episode]:
    where = segment_of(dict(rule.where))
    dimensions = (rule.by,) if rule.by else ()
    questions = [
        MetricQuery(
            rule.kpi, period, comparisons, dimensions, filters_of(where), whole=True, trended=False, judged=False
        )
        for period in _periods(rule, scope, metric)
    ]
    courses: dict[Segment, list[Judged]] = {}
    open_from = scope.open_from(rule.kpi)
    for answer in scope.ask(questions, scope.today):
        if not answer.is_settled or answer.query.period.end > open_from:
            continue
        for segment, value, volume, change in _rows(answer, rule.by, where, metric):
            courses.setdefault(segment, []).append(judged(answer, value, volume, change))
    for segment, course in courses.items():
        yield from (
            episode for episode in _runs(rule, segment, course) if episode.over is None or episode.over >= scope.since
        )


def _periods(rule: Alert, scope: Scope, metric: Metric) -> list[Period]:
    """The whole periods that are over, oldest first."""
    grain: Grain = rule.per or GRAIN_OF_CADENCE[metric.cadence]
    first = shift(unit_of(scope.since, grain, scope.calendar), -PERIODS_BEFORE - rule.in_a_row, scope.calendar)
    periods = []
    while first.end <= scope.today:
        periods.append(first)
        first = shift(first, 1, scope.calendar)
    return periods


def _rows(
    answer: Answer, by: str, where: Segment, metric: Metric
) -> Iterator[tuple[Segment, float | None, float | None, Change | None]]:
    quotient = quotient_of(parse_formula(metric.formula))
    rows = (
        [
            (segment_of([*where, (by, row.keys[0])]), row.value, row.parts, row.comparisons)
            for row in answer.breakdown or ()
        ]
        if by
        else [(where, answer.value, answer.parts, answer.comparisons)]
    )
    for segment, value, parts, changes_of in rows:
        volume = quotient.under.evaluate(parts.get) if quotient else value
        yield segment, value, volume, next(iter(changes_of), None)


def _runs(rule: Alert, segment: Segment, course: Sequence[Judged]) -> Iterator[Episode]:
    """Goes along the periods: past a limit so often in a row it begins, back once it ends."""
    current: Episode | None = None
    row: list[Judged] = []
    for step in course:
        period, value, usual, past = step
        if current is not None:
            if past is False:
                yield replace(current, over=period.last_day)
                current, row = None, []
            continue
        row = [*row, step] if past else []
        if len(row) >= rule.in_a_row:
            days = Period(row[0][0].start, period.end, period.grain if len(row) == 1 else "span")
            current = Episode(rule, rule.kpi, segment, period.last_day, days, value=value, usual=usual)
    if current is not None:
        yield current
