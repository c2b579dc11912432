"""Why some days were other than usual: held against the mean of several like them, each as long and as fair."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from kpi_core.answers import Answer, BreakdownRow, Change
from kpi_core.dates.periods import Period
from kpi_core.errors import QuestionError
from kpi_core.formula import parse_formula
from kpi_core.metrics import Metric
from kpi_core.query import MetricQuery
from kpi_core.reasons.why import Ask, Split, Why, split_of, split_query, steps_of

BASES = 4
"""So many runs of days before are what is usual, where the data reaches as far."""
Parts = Mapping[str, float | None]


def days_before(days: Period) -> tuple[Period, ...]:
    """Runs of the same weekdays before some days, the newest first."""
    weeks = timedelta(weeks=-(-days.days // 7))
    return tuple(
        Period(days.start - count * weeks, days.end - count * weeks, days.grain if days.days == 1 else "span")
        for count in range(1, BASES + 1)
    )


def explained_beside(ask: Ask, query: MetricQuery, bases: Sequence[Period], dimensions: Sequence[str]) -> Why | None:
    """The question's days against the mean of `bases`, taken apart as `explained` does; None without a number.

    A sum is held against the mean sum, a ratio against the ratio of the sums.
    """
    filtered = {one.dimension for one in query.filters}
    splits_by = [dimension for dimension in dimensions if dimension not in filtered]
    plain = replace(query, dimensions=(), comparisons=(), top=None, order=None, trended=False)
    (after,) = ask([plain])
    # What is made of ratios has no mean part: one run of days stands for what is usual.
    bases = bases if _is_of_measures(after.metric) else bases[:1]
    befores = ask([replace(plain, period=base) for base in bases])
    before = mean_answer([answer for answer in befores if answer.value is not None])
    if before is None or before.value is None or after.value is None:
        return None
    changed = after.value - before.value
    ratio = changed / abs(before.value) if before.value else None
    span = bases[0] if len(bases) == 1 else Period(min(base.start for base in bases), max(base.end for base in bases))
    change = Change("usual", span, before.value, changed, ratio, None, query.period, after.value)
    splits = [split for dimension in splits_by if (split := _split(ask, plain, bases, dimension, change))]
    splits.sort(key=lambda split: -split.surprise)
    return Why(after, change, tuple(splits), steps_of(after.metric, before.parts, after.parts))


def _split(ask: Ask, query: MetricQuery, bases: Sequence[Period], dimension: str, change: Change) -> Split | None:
    try:
        after, *befores = ask([split_query(query, dimension, period) for period in (query.period, *bases)])
    except QuestionError as error:
        if error.code == "dimension_unavailable":
            return None
        raise
    before = mean_answer([answer for answer in befores if answer.value is not None])
    return None if before is None else split_of(dimension, after.metric, change, after, before)


def mean_answer(answers: Sequence[Answer]) -> Answer | None:
    """One answer that is the mean of several to the same question: amounts are, ratios are made of them again."""
    if not answers:
        return None
    metric, count = answers[0].metric, len(answers)
    parts = _mean_parts([answer.parts for answer in answers], count)
    rows: dict[tuple[str | None, ...], list[BreakdownRow]] = {}
    for answer in answers:
        for row in answer.breakdown or ():
            rows.setdefault(row.keys, []).append(row)
    breakdown = tuple(
        replace(own[0], parts=(of_row := _mean_parts([row.parts for row in own], count)), value=_value(metric, of_row))
        for own in rows.values()
    )
    return replace(answers[0], parts=parts, value=_value(metric, parts), breakdown=breakdown or None)


def _mean_parts(every: Sequence[Parts], count: int) -> dict[str, float | None]:
    """The mean over `count` runs of days; of a segment without rows on some of them, these count as nothing."""
    names = dict.fromkeys(name for parts in every for name in parts)
    return {name: _mean([parts.get(name) for parts in every], count) for name in names}


def _mean(amounts: Sequence[float | None], count: int) -> float | None:
    there = [amount for amount in amounts if amount is not None]
    return math.fsum(there) / count if there else None


def _is_of_measures(metric: Metric) -> bool:
    return all("." in name for part in metric.inputs.values() for name in parse_formula(part.expression).names)


def _value(metric: Metric, parts: Parts) -> float | None:
    return parse_formula(metric.formula).evaluate(parts.get)
