"""How far a number has settled: which of its sums still move, and what it will have become. Pure.

A sum of one column is corrected by what its source's youngest days usually still gain or lose; the formula comes after.
Sums that are narrowed, counted or taken of other days are not: of those it is only said that they still move.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta

from kpi_core.answering.layout import Leaf, leaves
from kpi_core.answering.resolved import Resolved
from kpi_core.answering.values import Values
from kpi_core.answers import Maturity
from kpi_core.dates.periods import Days, Period
from kpi_core.formula import Value
from kpi_core.frozen_dataclass import frozen
from kpi_core.health.open_measures import OpenMeasure
from kpi_core.metrics import Measure
from kpi_core.phrases import Notice
from kpi_core.signals.restated_days import Settled

MATERIAL = 0.02
"""A number that will move by less, as a share of itself, is as good as settled; posted numbers are amended past it."""
SETTLING, CORRECTED = "notice.settling", "notice.corrected"


@frozen
class _OpenSum:
    """A leaf of the metric, by its place, whose days of one source still move."""

    place: int
    source: OpenMeasure
    settled: Settled | None


def maturity_of(resolved: Resolved, values: Values, period: Period) -> Maturity | None:
    """How far the value of a period has settled; None where it has, or where too little is known to tell."""
    days = period.start, period.end
    open_sums = list(_open_sums(resolved, days)) if resolved.open_measures and resolved.readable else []
    if not open_sums:
        return None
    own = [open_sum.settled for open_sum in open_sums if open_sum.settled is not None]
    value = values.value(resolved.of(period))[0]
    if value is None or not own:
        return None
    share = min(min(open_sum.share, 1 / open_sum.share) if open_sum.share > 0 else 0.0 for open_sum in own)
    through = max(day for open_sum in open_sums for day in open_sum.source.sums if days[0] <= day < days[1])
    until = through + timedelta(days=max(open_sum.source.curve.horizon for open_sum in open_sums))
    sources = tuple(dict.fromkeys(open_sum.source.source for open_sum in open_sums))
    if resolved.query.filters:
        # The trail knows no campaigns: how far the whole has settled says nothing sure of a part.
        return Maturity(share, until, sources) if share < 1 - MATERIAL else None
    point, low, high = _foreseen(
        resolved, values, period, [open_sum for open_sum in open_sums if open_sum.settled is not None]
    )
    if point is None or low is None or high is None:
        return None
    moves = max(abs(point - value), high - low) > MATERIAL * abs(value)
    return Maturity(share, until, sources, point, low, high) if moves else None


def corrected(resolved: Resolved, values: Values, period: Period) -> tuple[Value, dict[str, Value]]:
    """The value and the parts of a period with what is still to come in, as far as that is known."""
    days = period.start, period.end
    there = resolved.open_measures and not resolved.query.filters
    open_sums = [open_sum for open_sum in _open_sums(resolved, days) if open_sum.settled] if there else []
    return (
        values.corrected(resolved.of(period), _added(open_sums, resolved, {}))
        if open_sums
        else values.value(resolved.of(period))
    )


def settling_notice(maturity: Maturity) -> Notice:
    """That no verdict is given yet."""
    return Notice(SETTLING, {"share": math.floor(100 * maturity.share), "until": maturity.until.isoformat()})


def _open_sums(resolved: Resolved, days: Days) -> Iterator[_OpenSum]:
    catalog = resolved.context.catalog
    for place, leaf in enumerate(leaves(resolved.metric, catalog)):
        measure = catalog.models[leaf.model].measures[leaf.measure]
        for source in resolved.open_measures:
            is_its = source.table == leaf.model and _is_plain(leaf, measure) and measure.expr == source.column
            if is_its and source.is_open_on(days):
                yield _OpenSum(place, source, source.settled(days))


def _is_plain(leaf: Leaf, measure: Measure) -> bool:
    moved = leaf.where or leaf.offset or leaf.beside or leaf.trailing_months or leaf.taken
    return not moved and measure.agg == "sum" and measure.filter is None and measure.additive


def _added(open_sums: Sequence[_OpenSum], resolved: Resolved, ends: Mapping[int, float]) -> list[float]:
    """What is added to each leaf; `ends` has another landing than the likeliest for some of `found`."""
    added = [0.0] * len(leaves(resolved.metric, resolved.context.catalog))
    for number, open_sum in enumerate(open_sums):
        if open_sum.settled is not None:
            added[open_sum.place] += ends.get(number, open_sum.settled.point) - open_sum.settled.so_far
    return added


def _foreseen(
    resolved: Resolved, values: Values, period: Period, open_sums: Sequence[_OpenSum]
) -> tuple[Value, Value, Value]:
    """The likeliest value, and between which ones it will lie in eight of ten cases.

    Each sum is moved to its own ends alone; how far the value follows adds up as independent errors do.
    """
    cut = resolved.of(period)
    point = values.corrected(cut, _added(open_sums, resolved, {}))[0]
    if point is None:
        return None, None, None
    up = down = 0.0
    for number, open_sum in enumerate(open_sums):
        assert open_sum.settled is not None
        ends = [
            values.corrected(cut, _added(open_sums, resolved, {number: end}))[0]
            for end in (open_sum.settled.low, open_sum.settled.high)
        ]
        steps = [end - point for end in ends if end is not None]
        up += max([0.0, *steps]) ** 2
        down += min([0.0, *steps]) ** 2
    return point, point - math.sqrt(down), point + math.sqrt(up)
