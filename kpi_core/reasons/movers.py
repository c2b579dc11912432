"""What changed in a period: the KPIs that moved beyond their usual swing, the furthest first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from kpi_core.answers import Answer, Change
from kpi_core.dates.periods import Period
from kpi_core.frozen_dataclass import frozen
from kpi_core.metrics import Catalog
from kpi_core.query import Comparison, MetricQuery

Ask = Callable[[Sequence[MetricQuery]], Sequence[Answer]]


@frozen
class Mover:
    """A KPI that moved. `swings` is how many times its usual swing it went."""

    answer: Answer
    change: Change
    swings: float


@frozen
class Changes:
    """The period against the one before. `compared` counts the KPIs of which anybody can tell whether they moved."""

    period: Period
    movers: tuple[Mover, ...]
    compared: int


def what_changed(ask: Ask, catalog: Catalog, unavailable: Iterable[str], period: Period) -> Changes:
    """Every plain KPI with data, held against the period before; whether that is better goes by its direction."""
    left_out = frozenset(unavailable)
    kpis = [metric.id for metric in catalog.kpis() if metric.id not in left_out and not metric.split]
    basis = (Comparison("previous_period"),)
    answers = ask([MetricQuery(kpi, period, comparisons=basis, trended=False) for kpi in kpis])
    pairs = [(answer, change) for answer in answers for change in answer.comparisons if change.usual is not None]
    movers = [Mover(answer, change, swings) for answer, change in pairs if (swings := _swings(change)) > 1]
    # Of equal ones the catalogue's order holds: sorting is stable.
    return Changes(period, tuple(sorted(movers, key=lambda mover: -mover.swings)), len(pairs))


def _swings(change: Change) -> float:
    """How far a value lies from the middle of what is usual, in half its width; 0 where a verdict is withheld."""
    current, usual = change.current, change.usual
    if current is None or usual is None or change.verdict in {None, "same"}:
        return 0.0
    low, high = usual
    middle, half = (low + high) / 2, (high - low) / 2
    if low <= current <= high:
        return 0.0
    return abs(current - middle) / half if half else float("inf")
