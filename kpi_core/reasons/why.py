"""Why a KPI moved: the change taken apart by segment, and along its formula. The parts always sum to the change.

A sum is the sum of what its segments changed by; a ratio moves because its segments' rates moved, or because segments
with other rates grew (`signals/drivers.py`). A split counts only where the segments make up the whole in both periods,
which distinct counts and durations do not.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from kpi_core.answers import Answer, BreakdownRow, Change
from kpi_core.dates.periods import Period
from kpi_core.errors import QuestionError
from kpi_core.formula import Formula, Quotient, parse_formula, quotient_of
from kpi_core.frozen_dataclass import frozen
from kpi_core.metrics import Metric
from kpi_core.query import MetricQuery
from kpi_core.signals.drivers import Segment, drivers
from kpi_core.signals.kpi_tree import Joined, Leaf, Part, tree_effects

MOST_REASONS = 6
"""Segments that stand by themselves; what the others did is summed."""
CLOSE = 1e-6
"""By how much of the whole its segments may miss it: what sums of floats lose, and no missing row."""
Ask = Callable[[Sequence[MetricQuery]], Sequence[Answer]]


@frozen
class Reason:
    """What one segment did, in the KPI's unit: by its own `rate`, and by its weight among the others, `mix`.

    A sum has no mix. `before` and `after` are the segment's own values, None where it had none, and where `folded`
    segments are summed.
    """

    name: str | None
    rate: float
    mix: float
    before: float | None = None
    after: float | None = None
    folded: int = 0
    weights: tuple[float, float] | None = None
    """Of a ratio: its amounts of what the ratio divides by, before and after."""

    @property
    def effect(self) -> float:
        return self.rate + self.mix


@frozen
class Split:
    """The change by one dimension, the largest effects first; `surprise` is how far the first exceeds its size."""

    dimension: str
    has_mix: bool
    reasons: tuple[Reason, ...]
    surprise: float


@frozen
class FormulaStep:
    """A side of a ratio: its amounts, and what its change did to the KPI."""

    name: str
    before: float
    after: float
    effect: float


@frozen
class Why:
    """A change and what it is made of. `splits`: the one that tells most first; `steps`: along the formula."""

    answer: Answer
    change: Change
    splits: tuple[Split, ...]
    steps: tuple[FormulaStep, ...]


def explained(ask: Ask, query: MetricQuery, dimensions: Sequence[str]) -> Why:
    """Take the change of a question apart by each of `dimensions`. QuestionError where there is no change."""
    (answer,) = ask([replace(query, dimensions=(), top=None, order=None)])
    change = next((one for one in answer.comparisons if one.change is not None), None)
    if change is None:
        raise QuestionError(
            "There is no change to explain: one of the two periods has no number.",
            code="no_change",
            hint="Ask for another period, such as last month.",
        )
    metric, days, base = answer.metric, change.compared, change.period
    filtered = {one.dimension for one in query.filters}
    splits = []
    for dimension in dimensions:
        sides = _both(ask, query, dimension, days, base) if dimension not in filtered else None
        if sides and (split := split_of(dimension, metric, change, *sides)):
            splits.append(split)
    splits.sort(key=lambda split: -split.surprise)
    (before,) = ask([replace(query, period=change.period, dimensions=(), comparisons=(), trended=False)])
    (after,) = ask([replace(query, period=change.compared, dimensions=(), comparisons=(), trended=False)])
    return Why(answer, change, tuple(splits), steps_of(metric, before.parts, after.parts))


def split_query(query: MetricQuery, dimension: str, period: Period) -> MetricQuery:
    """The KPI of a question by one dimension in one period, every group of it."""
    return MetricQuery(
        query.metric, period, comparisons=(), dimensions=(dimension,), filters=query.filters, whole=True, trended=False
    )


def _both(ask: Ask, query: MetricQuery, dimension: str, days: Period, base: Period) -> tuple[Answer, Answer] | None:
    """The later and the earlier period by a dimension; None where its tables have no such column."""
    try:
        after, before = ask([split_query(query, dimension, period) for period in (days, base)])
    except QuestionError as error:
        if error.code == "dimension_unavailable":
            return None
        raise
    return after, before


def split_of(dimension: str, metric: Metric, change: Change, after: Answer, before: Answer) -> Split | None:
    """The change by one dimension, of the answers to the later and to the earlier days.

    None where the segments do not make up the whole, or there is but one.
    """
    old, new = _rows(before), _rows(after)
    names = sorted({*old, *new}, key=lambda name: (name is None, str(name)))
    if len(names) < 2:
        return None
    quotient = quotient_of(parse_formula(metric.formula))
    if quotient is not None:
        reasons_and_sizes = _ratio_reasons(quotient, names, (before, old), (after, new))
    else:
        reasons_and_sizes = _sum_reasons(names, (before, old), (after, new))
    if reasons_and_sizes is None or not change.change:
        return None
    reasons, sizes = reasons_and_sizes
    ordered = sorted(reasons, key=lambda reason: -abs(reason.effect))
    # Who did more than the whole change has others against it: that tells no more than the whole.
    surprise = max(min(one.effect / change.change, 1.0) - sizes[one.name] for one in reasons)
    return Split(dimension, quotient is not None, _folded(ordered), surprise)


Side = tuple[Answer, Mapping[str | None, BreakdownRow]]
Found = tuple[list[Reason], Mapping[str | None, float]]


def _rows(answer: Answer) -> dict[str | None, BreakdownRow]:
    return {row.keys[0]: row for row in answer.breakdown or ()}


def _sum_reasons(names: Sequence[str | None], before: Side, after: Side) -> Found | None:
    amounts = {name: (_value(before[1].get(name)), _value(after[1].get(name))) for name in names}
    olds, news = zip(*amounts.values(), strict=True)
    if not (_is_whole(olds, before[0].value) and _is_whole(news, after[0].value)):
        return None
    reasons = [
        Reason(name, new - old, 0.0, _own(before[1].get(name)), _own(after[1].get(name)))
        for name, (old, new) in amounts.items()
    ]
    return reasons, _shares(dict(zip(names, olds, strict=True)))


def _ratio_reasons(quotient: Quotient, names: Sequence[str | None], before: Side, after: Side) -> Found | None:
    sides = []
    for formula in (quotient.over, quotient.under):
        for answer, rows in (before, after):
            amounts = [_amount(formula, rows[name].parts) if name in rows else 0.0 for name in names]
            if not _is_whole(amounts, _amount(formula, answer.parts)):
                return None
            sides.append(amounts)
    segments = [
        Segment(str(place), *amounts)
        for place, amounts in enumerate(zip(sides[0], sides[2], sides[1], sides[3], strict=True))
    ]
    effects = drivers(segments)
    if not effects:
        return None
    reasons = [
        Reason(
            name,
            effect.rate * quotient.factor,
            effect.mix * quotient.factor,
            _own(before[1].get(name)),
            _own(after[1].get(name)),
            weights=(segment.den_a, segment.den_b),
        )
        for name, effect, segment in zip(names, effects, segments, strict=True)
    ]
    return reasons, _shares(dict(zip(names, sides[2], strict=True)))


def _amount(formula: Formula, parts: Mapping[str, float | None]) -> float:
    """A side of the ratio; 0 where a segment has no row for it, which the check of the whole sees if it is not so."""
    return formula.evaluate(lambda name: parts.get(name) or 0.0) or 0.0


def _value(row: BreakdownRow | None) -> float:
    return row.value or 0.0 if row is not None else 0.0


def _own(row: BreakdownRow | None) -> float | None:
    return row.value if row is not None else None


def _is_whole(amounts: Sequence[float], whole: float | None) -> bool:
    if whole is None:
        return False
    return abs(math.fsum(amounts) - whole) <= CLOSE * max(abs(whole), math.fsum(map(abs, amounts)), 1e-300)


def _shares(sizes: Mapping[str | None, float]) -> dict[str | None, float]:
    whole = math.fsum(map(abs, sizes.values()))
    return {name: abs(size) / whole if whole else 0.0 for name, size in sizes.items()}


def _folded(reasons: Sequence[Reason]) -> tuple[Reason, ...]:
    """The first few, and what all others did."""
    if len(reasons) <= MOST_REASONS + 1:
        return tuple(reasons)
    rest = reasons[MOST_REASONS:]
    rate, mix = (math.fsum(getattr(one, kind) for one in rest) for kind in ("rate", "mix"))
    return (*reasons[:MOST_REASONS], Reason(None, rate, mix, folded=len(rest)))


def steps_of(
    metric: Metric, before: Mapping[str, float | None], after: Mapping[str, float | None]
) -> tuple[FormulaStep, ...]:
    """What each side of a plain ratio did; nothing where it is none, or a side is not positive."""
    quotient = quotient_of(parse_formula(metric.formula))
    if quotient is None or len(quotient.over.names) != 1 or len(quotient.under.names) != 1:
        return ()
    leaves = []
    for formula in (quotient.over, quotient.under):
        old, new = _amount(formula, before), _amount(formula, after)
        leaves.append(Leaf(formula.names[0], old, new))
    steps = tree_effects(Joined(metric.id, "product", (Part(leaves[0]), Part(leaves[1], -1.0))))
    # A side may be a multiple of its amount, as in "1000 * ad_spend / impressions": what people read is the amount.
    return tuple(
        FormulaStep(step.name, before.get(step.name) or 0.0, after.get(step.name) or 0.0, step.effect * quotient.factor)
        for step in steps[1:]
    )
