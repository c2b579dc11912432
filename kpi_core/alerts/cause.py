"""The likely cause of an episode, in arithmetic: a source, a segment by rate or weight, or a step of the funnel."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from kpi_core.alerts.episode import Episode, Scope, Segment, filters_of, segment_of
from kpi_core.answering.layout import leaves, models_of
from kpi_core.answers import Answer
from kpi_core.dates.periods import Period, previous, year_ago
from kpi_core.errors import QuestionError
from kpi_core.formula import parse_formula, quotient_of
from kpi_core.health.facts import OF_MISSING_ROWS, Finding
from kpi_core.metrics import Metric
from kpi_core.query import MetricQuery
from kpi_core.reasons.usual_days import days_before, explained_beside, mean_answer
from kpi_core.reasons.why import Reason, Split, Why
from kpi_core.signals.kpi_tree import Joined, Leaf, Part, tree_effects

STANDS_OUT = 0.25
"""A segment is named that did more than its size by this share of the change; where none did, all moved alike."""
TELLING = 0.3
"""A change tells why a target is missed if it makes up this share of the gap."""
MOVED = 0.4
"""A side of a ratio has moved if its logarithm moved by this share of what the farthest one did."""
UPSTREAM: Mapping[str, str] = {
    "ad_performance.clicks": "impressions",
    "ad_performance.spend": "clicks",
    "web_sessions.converted": "website_traffic",
    "orders.orders": "website_traffic",
    "orders.new_customers": "website_traffic",
    "orders.revenue": "orders",
    "leads.leads": "website_traffic",
}
"""A measure and the KPI that counts the step of the funnel before it: what moved is then that step, or its yield."""


@dataclass(frozen=True, slots=True)
class FunnelStep:
    """A count of the funnel, or with `per` what comes of each of them; `effect` in the unit of the KPI."""

    part: str
    """The name of a part of the formula, or the id of a KPI that counts a step."""
    per: str
    before: float
    after: float
    effect: float


@dataclass(frozen=True, slots=True)
class Cause:
    """`everywhere`: no segment stands out. `share` is the part of the change that it makes up, 1 for all of it."""

    kind: Literal["source", "segment", "everywhere", "unknown"]
    why: Why | None = None
    split: Split | None = None
    reason: Reason | None = None
    by_weight: bool = False
    """Whether the segment's weight moved rather than its own rate."""
    steps: tuple[FunnelStep, ...] = ()
    """Along the formula and the funnel, the largest effect in the direction of the change first."""
    findings: tuple[Finding, ...] = ()
    moved: frozenset[str] = frozenset()
    """The measures behind the KPI that moved, as `model.measure`."""

    @property
    def share(self) -> float | None:
        change = self.why.change.change if self.why else None
        if not change:
            return None
        if self.reason is not None:
            return self.reason.effect / change
        return self.steps[0].effect / change if self.steps else None

    @property
    def segment(self) -> Segment:
        if self.split is None or self.reason is None:
            return ()
        return segment_of([(self.split.dimension, self.reason.name)])


def cause_of(episode: Episode, scope: Scope, dimensions: Callable[[str], Sequence[str]]) -> Cause:
    """Why, from the answers of the day; `dimensions` are those that a KPI may be split by."""
    if episode.source:
        return Cause("source", findings=episode.findings)
    metric = scope.catalog.metrics[episode.kpi]

    def ask(queries: Sequence[MetricQuery]) -> Sequence[Answer]:
        return scope.ask(queries, scope.today)

    query = MetricQuery(episode.kpi, episode.days, filters=filters_of(episode.segment))
    bases = _bases(episode, scope)
    why = explained_beside(ask, query, bases, dimensions(episode.kpi))
    every = frozenset(f"{leaf.model}.{leaf.measure}" for leaf in leaves(metric, scope.catalog))
    findings = tuple(_missing_rows(episode, metric, scope))
    if why is None or not why.change.change:
        return Cause("source" if findings else "unknown", why, findings=findings, moved=every)
    if not _tells(episode, why.change.change):
        return Cause("unknown", why, moved=every)
    moved = _moved(why, metric) or every
    steps = tuple(_steps(ask, query, bases, why))
    if findings:
        return Cause("source", why, steps=steps, findings=findings, moved=moved)
    split = next(iter(why.splits), None)
    if split is None or split.surprise < STANDS_OUT:
        return Cause("everywhere", why, steps=steps, moved=moved)
    reason, by_weight = _leading(split, why.change.change)
    return Cause("segment", why, split, reason, by_weight, steps, moved=moved)


def _tells(episode: Episode, change: float) -> bool:
    """Whether the change says why: a target that is missed as it was before is not missed by what moved since."""
    if episode.goal is None or episode.value is None:
        return True
    return change * (episode.value - episode.goal.target) > 0 and abs(change) >= TELLING * abs(
        episode.value - episode.goal.target
    )


def _bases(episode: Episode, scope: Scope) -> tuple[Period, ...]:
    """What the days are held against: as the rule does, else the same weekdays of the weeks before."""
    days, rule = episode.days, episode.rule
    if days.grain in {"week", "month", "quarter", "half", "year"}:
        if rule.when == "change" and rule.against == "year_ago":
            return (year_ago(days, scope.calendar),)
        return (previous(days, scope.calendar),)
    return days_before(days)


def _missing_rows(episode: Episode, metric: Metric, scope: Scope) -> Iterator[Finding]:
    """What is missing from the tables of the KPI on the days of the episode."""
    models = (scope.catalog.models[name] for name in models_of(metric, scope.catalog))
    tables = {table for model in models for table in (model.name, *model.reads)}
    days = episode.days.start, episode.days.end
    for finding in scope.health.findings:
        if finding.code in OF_MISSING_ROWS and finding.table in tables and finding.days and finding.touches(days):
            yield finding


def _leading(split: Split, change: float) -> tuple[Reason, bool]:
    """Who did most of the change, and whether by its weight.

    Weights move together: the one that moved by itself is whose own amount is another, not whose share is.
    """
    way = 1 if change > 0 else -1
    named = [reason for reason in split.reasons if not reason.folded]
    first = max(named, key=lambda reason: reason.effect * way)
    mix, rate = (math.fsum(getattr(reason, kind) for reason in named) * way for kind in ("mix", "rate"))
    if not split.has_mix or rate >= mix:
        return max(named, key=lambda reason: reason.rate * way) if split.has_mix else first, False
    weighed = [reason for reason in named if reason.weights is not None and reason.mix * way > 0]
    return max(weighed, key=lambda reason: abs(_grown(reason)), default=first), True


def _grown(reason: Reason) -> float:
    before, after = reason.weights or (0.0, 0.0)
    return after - before


def _moved(why: Why, metric: Metric) -> frozenset[str]:
    """The measures of the sides of a ratio that moved; nothing where it is no plain ratio."""
    far = {step.name: abs(math.log(step.after / step.before)) for step in why.steps if step.before > 0 < step.after}
    most = max(far.values(), default=0.0)
    names = [name for name, distance in far.items() if distance >= MOVED * most]
    return frozenset(
        measure
        for name in names
        if name in metric.inputs
        for measure in parse_formula(metric.inputs[name].expression).names
    )


def _steps(
    ask: Callable[[Sequence[MetricQuery]], Sequence[Answer]], query: MetricQuery, bases: Sequence[Period], why: Why
) -> Iterator[FunnelStep]:
    """The sides of the formula, each as the step of the funnel before it and what came of that."""
    metric, change = why.answer.metric, why.change
    if not change.value or not change.current:
        return
    quotient = quotient_of(parse_formula(metric.formula))
    sides = ((quotient.over, 1.0), (quotient.under, -1.0)) if quotient else ((parse_formula(metric.formula), 1.0),)
    if any(len(side.names) != 1 for side, _power in sides):
        return
    amounts = {step.name: (step.before, step.after) for step in why.steps}
    branches = []
    for side, power in sides:
        name = side.names[0]
        before, after = amounts.get(name, (change.value, change.current))
        upstream = _upstream(ask, query, bases, metric, name)
        branches.append(Part(_branch(name, before, after, upstream), power))
    effects = tree_effects(Joined(metric.id, "product", tuple(branches)))
    leaf_names = {leaf.name for part in branches for leaf in _leaves(part.node)}
    own = [one for one in effects if one.name in leaf_names]
    whole = math.fsum(one.effect for one in own)
    # The formula may hold a constant, such as the thousand of a CPM: the effects are brought to the KPI's own unit.
    unit = (change.change or 0.0) / whole if whole else 0.0
    steps = [_step(one.name, one.before, one.after, one.effect * unit) for one in own]
    way = 1 if (change.change or 0) > 0 else -1
    yield from sorted(steps, key=lambda step: -step.effect * way)


def _step(name: str, before: float, after: float, effect: float) -> FunnelStep:
    part, _per, per = name.partition(" / ")
    return FunnelStep(part, per, before, after, effect)


def _branch(name: str, before: float, after: float, upstream: tuple[str, float, float] | None) -> Leaf | Joined:
    if upstream is None or min(before, after, upstream[1], upstream[2]) <= 0:
        return Leaf(name, before, after)
    step, earlier, later = upstream
    yields = Leaf(f"{name} / {step}", before / earlier, after / later)
    return Joined(f"{name} =", "product", (Part(Leaf(step, earlier, later)), Part(yields)))


def _leaves(node: Leaf | Joined) -> Iterator[Leaf]:
    if isinstance(node, Leaf):
        yield node
    else:
        for part in node.parts:
            yield from _leaves(part.node)


def _upstream(
    ask: Callable[[Sequence[MetricQuery]], Sequence[Answer]],
    query: MetricQuery,
    bases: Sequence[Period],
    metric: Metric,
    name: str,
) -> tuple[str, float, float] | None:
    """The KPI that counts the step before a part of the formula, with what it was and is; None where there is none."""
    step = UPSTREAM.get(metric.inputs[name].expression) if name in metric.inputs else None
    if step is None or step == metric.id:
        return None
    plain = replace(query, metric=step, comparisons=(), dimensions=(), trended=False)
    try:
        after, *befores = ask([replace(plain, period=period) for period in (query.period, *bases)])
    except QuestionError:
        return None
    before = mean_answer([one for one in befores if one.value is not None])
    if before is None or before.value is None or after.value is None:
        return None
    return step, before.value, after.value
