"""Where most people are lost on their way: the counts of the steps of one period, held against each other.

They are not the same people: who became a lead in October may be won in December.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kpi_core.answers import Answer
from kpi_core.dates.periods import Period
from kpi_core.frozen_dataclass import frozen
from kpi_core.metrics import Catalog, Metric
from kpi_core.query import MetricQuery

FUNNEL = ("leads", "mql", "sql", "opportunities")
"""The steps of the funnel, as KPIs; those that the catalogue lacks are left out."""


@frozen
class Bottleneck:
    """The step that the smallest share of the one above gets to, in a period."""

    period: Period
    above: Metric
    step: Metric
    rate: float


def funnel_kpis(catalog: Catalog) -> tuple[Metric, ...]:
    return tuple(catalog.metrics[kpi] for kpi in FUNNEL if kpi in catalog.metrics)


def step_rates(counts: Sequence[float | None]) -> list[float | None]:
    """Each count over the one above; the first has none above."""
    return [
        None if count is None or not above else count / above
        for count, above in zip(counts, (None, *counts), strict=False)
    ]


def narrowest(rates: Sequence[float | None]) -> int | None:
    """The step that the smallest share gets to; None where two rates cannot be held against each other."""
    measured = [(rate, number) for number, rate in enumerate(rates) if rate is not None]
    # Of two that are equally narrow the earlier: more people are lost there.
    return min(measured)[1] if len(measured) > 1 else None


def bottleneck(
    ask: Callable[[Sequence[MetricQuery]], Sequence[Answer]], catalog: Catalog, period: Period
) -> Bottleneck | None:
    """The bottleneck of the funnel in a period, of steps whose counts are known to be whole; None without one."""
    steps = funnel_kpis(catalog)
    answers = ask([MetricQuery(step.id, period, comparisons=(), trended=False) for step in steps])
    rates = step_rates([answer.value if answer.is_sound else None for answer in answers])
    place = narrowest(rates)
    if place is None:
        return None
    return Bottleneck(period, steps[place - 1], steps[place], rates[place] or 0.0)
