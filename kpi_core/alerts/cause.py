"""The likely cause of an episode, in arithmetic: a source, a segment by rate or weight, or a step of the funnel."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Literal

from kpi_core.alerts.episode import Episode, Scope, Segment, filters_of, segment_of
from kpi_core.answering.layout import leaves
from kpi_core.answers import Answer
from kpi_core.dates.periods import Period, previous, unit_of, year_ago
from kpi_core.errors import QuestionError
from kpi_core.formula import Formula, parse_formula, quotient_of
from kpi_core.frozen_dataclass import frozen
from kpi_core.goals.standing import judging_grain
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
MUCH = 0.4
"""A step that made up this share of the change is part of its cause."""
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
COUNTS: Mapping[str, str] = {
    "impressions": "ad_performance.impressions",
    "clicks": "ad_performance.clicks",
    "website_traffic": "web_sessions.sessions",
    "orders": "orders.orders",
}
"""What each of these KPIs counts."""


@frozen
class FunnelStep:
    """A count of the funnel, or with `per` what comes of each of them; `effect` in the unit of the KPI."""

    part: str
    """The name of a part of the formula, or the id of a KPI that counts a step."""
    per: str
    before: float
    after: float
    effect: float


@frozen
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
    findings = tuple(_missing_rows(episode, scope))
    if why is None or not why.change.change:
        return Cause("source" if findings else "unknown", why, findings=findings, moved=every)
    if not _tells(episode, why.change.change):
        return Cause("unknown", why, moved=every)
    steps = tuple(_steps(ask, query, bases, why))
    moved = _moved(steps, why.change.change, metric, scope) or every
    if findings:
        return Cause("source", why, steps=steps, findings=findings, moved=moved)
    candidates = [one for split in why.splits for one in _candidates(split, why.change.change)]
    first = max(candidates, key=lambda candidate: candidate.score, default=None)
    if first is None or first.score < STANDS_OUT:
        return Cause("everywhere", why, steps=steps, moved=moved)
    return Cause("segment", why, first.split, first.reason, first.by_weight, steps, moved=moved)


def _tells(episode: Episode, change: float) -> bool:
    """Whether the change says why: a target that is missed as it was before is not missed by what moved since."""
    if episode.goal is None or episode.value is None:
        return True
    lands = episode.landing.value if episode.landing else episode.value
    gap = lands - episode.goal.target
    return change * gap > 0 and abs(change) >= TELLING * abs(gap)


def _bases(episode: Episode, scope: Scope) -> tuple[Period, ...]:
    """What the days are held against: as the rule does, else the same weekdays of the weeks before."""
    days, rule = episode.days, episode.rule
    if days.grain in {"week", "month", "quarter", "half", "year"}:
        if rule.when == "change" and rule.against == "year_ago":
            return (year_ago(days, scope.calendar),)
        return (previous(days, scope.calendar),)
    if episode.goal is not None:
        # The same part of the period before: bills of a month come on their days of it.
        metric = scope.catalog.metrics[episode.kpi]
        before = previous(unit_of(days.start, judging_grain(episode.goal, metric), scope.calendar), scope.calendar)
        return (Period(before.start, min(before.start + (days.end - days.start), before.end)),)
    return days_before(days)


def _missing_rows(episode: Episode, scope: Scope) -> Iterator[Finding]:
    """What is missing from the tables of the KPI on the days of the episode."""
    tables = scope.tables(episode.kpi)
    days = episode.days.start, episode.days.end
    for finding in scope.health.findings:
        if finding.code in OF_MISSING_ROWS and finding.table in tables and finding.days and finding.touches(days):
            yield finding


@frozen
class _Candidate:
    """A segment that may be the cause; `score` is how far what it did exceeds its size, as a share of the change."""

    split: Split
    reason: Reason
    by_weight: bool
    score: float


def _candidates(split: Split, change: float) -> Iterator[_Candidate]:
    """Who did most by its own rate, and whose own amount grew or shrank most where weights made the change.

    Weights move together: the one that moved by itself is whose own amount is another, not whose share is.
    """
    named = [reason for reason in split.reasons if not reason.folded]
    if not split.has_mix:
        first = max(named, key=lambda reason: reason.effect / change)
        yield _Candidate(split, first, False, split.surprise)
        return
    sizes = {reason.name: (reason.weights or (0.0, 0.0))[0] for reason in named}
    whole = math.fsum(sizes.values()) or 1.0
    by_rate = max(named, key=lambda reason: reason.rate / change)
    yield _Candidate(split, by_rate, False, min(by_rate.rate / change, 1.0) - sizes[by_rate.name] / whole)
    grown = math.fsum(abs(_grown(reason)) for reason in named)
    by_mix = math.fsum(reason.mix for reason in named) / change
    movers = [reason for reason in named if reason.mix / change > 0]
    if movers and grown:
        mover = max(movers, key=lambda reason: abs(_grown(reason)))
        share = abs(_grown(mover)) / grown - sizes[mover.name] / whole
        yield _Candidate(split, mover, True, min(by_mix, 1.0) * share)


def _grown(reason: Reason) -> float:
    before, after = reason.weights or (0.0, 0.0)
    return after - before


def _moved(steps: Sequence[FunnelStep], change: float, metric: Metric, scope: Scope) -> frozenset[str]:
    """The measures of the steps that made up much of the change, and of what step of the funnel they are the yield."""
    tokens: set[str] = set()
    for step in steps:
        if step.effect / change < MUCH:
            continue
        if step.part not in metric.inputs:
            tokens |= _measures(scope.catalog.metrics[step.part])
            continue
        own = set(parse_formula(metric.inputs[step.part].expression).names)
        tokens |= own | {f"yield of {UPSTREAM[name]}" for name in own if name in UPSTREAM}
    return frozenset(tokens)


def _measures(metric: Metric) -> set[str]:
    return {name for part in metric.inputs.values() for name in parse_formula(part.expression).names}


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
        upstream = _upstream(ask, query, bases, metric, name) if _is_first(name, metric, sides) else None
        branches.append(Part(_branch(name, before, after, upstream), power))
    # Named otherwise than any leaf: a KPI and the one part of its formula may be called alike.
    effects = tree_effects(Joined(f"{metric.id} =", "product", tuple(branches)))
    leaf_names = {leaf.name for part in branches for leaf in _leaves(part.node)}
    own = [one for one in effects if one.name in leaf_names]
    whole = math.fsum(one.effect for one in own)
    # The formula may hold a constant, such as the thousand of a CPM: the effects are brought to the KPI's own unit.
    unit = (change.change or 0.0) / whole if whole else 0.0
    steps = [_step(one.name, one.before, one.after, one.effect * unit) for one in own]
    way = 1 if (change.change or 0) > 0 else -1
    yield from sorted(steps, key=lambda step: -step.effect * way)


def _is_first(name: str, metric: Metric, sides: Sequence[tuple[Formula, float]]) -> bool:
    """Whether the step before a part does not stand in the formula already, as its other side."""
    step = UPSTREAM.get(metric.inputs[name].expression) if name in metric.inputs else None
    others = {
        metric.inputs[other].expression for side, _power in sides for other in side.names if other in metric.inputs
    }
    return step is not None and COUNTS.get(step) not in others


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
