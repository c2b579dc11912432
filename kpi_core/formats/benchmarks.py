"""Figures from outside to hold a KPI against: which one is shown, and how far it carries. Pure."""

from __future__ import annotations

from typing import Any

from kpi_core.metrics import Benchmark, Metric, localized


def benchmark_of(metric: Metric) -> Benchmark | None:
    """The first that gives a figure, else the first in words alone; all of them stand in the definition."""
    with_figure = (benchmark for benchmark in metric.benchmarks if benchmark.value is not None)
    return next(with_figure, next(iter(metric.benchmarks), None))


def benchmark_json(metric: Metric) -> dict[str, Any] | None:
    """In English; `value` is in the KPI's stored scale (rates are fractions), None where there are only words."""
    benchmark = benchmark_of(metric)
    if benchmark is None:
        return None
    return {
        "text": localized(benchmark.text, "en"),
        "source": benchmark.source,
        "trust": benchmark.trust,
        "value": benchmark.value,
    }
