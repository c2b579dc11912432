"""How far a number moves by chance alone because it is counted: 2 after 7 leads is no news. Pure.

Counts are as Poisson's: the square root of one (3/8 added, Anscombe 1948) has a variance of 1/4 whatever its size. A
rate of counts is binomial, p (1 - p) / n, with a success and a failure added (Agresti and Caffo 2000). Any other
quotient, such as CAC, has the relative variance of the counts it is made of, 1 / n each. The past of a KPI may have
been of another size, and a lucky past may have been too calm.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from kpi_core.answering.verdicts.swing import NORMAL, Limits
from kpi_core.formula import Value, divisor_of, formula_of
from kpi_core.metrics import Metric

_ANSCOMBE = 3 / 8
Parts = Mapping[str, Value]


def chance_limits(metric: Metric, expected: float, now: Parts, then: Parts) -> Limits:
    """The values that chance alone would give where `expected` is right; of two ends, each with its parts.

    The same value twice where nothing of the KPI is counted.
    """
    counted = [name for name, part in metric.inputs.items() if part.unit == "count"]
    divisor = divisor_of(formula_of(metric.formula))
    if divisor is None:
        return _of_count(expected) if metric.unit == "count" and len(counted) == len(metric.inputs) else _none(expected)
    sizes = [(now.get(name) or 0.0, then.get(name) or 0.0) for name in counted]
    if any(size <= 0 for pair in sizes for size in pair):
        return _none(expected)
    if metric.unit == "percent":
        return _of_rate(expected, now[divisor], then[divisor]) if divisor in counted else _none(expected)
    if metric.unit in {"currency", "ratio"} and sizes:
        half = NORMAL * math.sqrt(sum(1 / size for pair in sizes for size in pair))
        return expected * math.exp(-half), expected * math.exp(half)
    return _none(expected)


def _of_count(expected: float) -> Limits:
    root = math.sqrt(max(0.0, expected) + _ANSCOMBE)
    half = NORMAL / math.sqrt(2)
    return max(0.0, max(0.0, root - half) ** 2 - _ANSCOMBE), (root + half) ** 2 - _ANSCOMBE


def _of_rate(expected: float, now: Value, then: Value) -> Limits:
    if not 0 <= expected <= 1 or not now or not then:
        return _none(expected)
    likely = (expected * then + 1) / (then + 2)
    half = NORMAL * math.sqrt(likely * (1 - likely) * (1 / now + 1 / then))
    return expected - half, expected + half


def _none(expected: float) -> Limits:
    return expected, expected
