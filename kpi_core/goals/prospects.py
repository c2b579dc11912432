"""How likely a goal is met, and what that makes of its status. Pure."""

from __future__ import annotations

import math
from dataclasses import replace

from kpi_core.answers import GoalState, GoalStatus, Landing
from kpi_core.metrics import Direction, Metric
from kpi_core.signals.outlook import Outlook, Unforeseen

CLOSE_ENOUGH = 0.05
"""How far a neutral KPI may lie from its target, as a share of the target, and still count as met."""
LIKELY = 0.5
"""The probability from which on a goal is on track: then its landing figure meets the target."""
SUREST = 0.99
"""The most that is said of what may still turn: models do not know what they do not know."""


def is_reached(target: float, metric: Metric, value: float) -> bool:
    """Whether a value meets the target: at least, at most, or within 5 % for a KPI without a good direction."""
    if math.isclose(value, target):
        return True
    if metric.direction == "neutral":
        return abs(value - target) <= CLOSE_ENOUGH * abs(target) * (1 + 1e-9)
    return value > target if metric.direction == "higher" else value < target


def wanted_range(target: float, direction: Direction) -> tuple[float, float]:
    """The values that meet a target, both ends included."""
    near = CLOSE_ENOUGH * abs(target)
    if direction == "neutral":
        return target - near, target + near
    return (target, math.inf) if direction == "higher" else (-math.inf, target)


def chance(target: float, metric: Metric, outlook: Outlook) -> float:
    """The probability of meeting a target, between 0 and 1."""
    if not outlook.spread:
        return float(is_reached(target, metric, outlook.point))
    low, high = wanted_range(target, metric.direction)
    below = 0.0 if low == -math.inf else 1 - outlook.chance(low)
    above = 0.0 if high == math.inf else outlook.chance(high)
    return min(SUREST, max(1 - SUREST, 1 - below - above))


def foreseen_status(target: float, metric: Metric, outlook: Outlook) -> GoalStatus:
    """On track if more likely than not; off track only where the 80 % interval leaves out the target; else at risk."""
    if chance(target, metric, outlook) >= LIKELY:
        return "on_track"
    low, high = wanted_range(target, metric.direction)
    return "off_track" if outlook.high < low or outlook.low > high else "at_risk"


def with_prospect(state: GoalState, metric: Metric, outlook: Outlook | Unforeseen) -> GoalState:
    """A running goal with where it lands, how likely that meets the target, and what that makes of its status.

    What has arrived stays met. Where nothing is foreseen, the status stays what it is, with the reason beside it.
    """
    if not isinstance(outlook, Outlook):
        return replace(state, unforeseen=outlook)
    status = state.status if state.status == "met" else foreseen_status(state.target, metric, outlook)
    return replace(
        state,
        status=status,
        landing=Landing(outlook.point, outlook.low, outlook.high, outlook.until),
        probability=_probability(state, metric, outlook),
        required_rate=outlook.required(state.target),
        kind=outlook.kind,
    )


def _probability(state: GoalState, metric: Metric, outlook: Outlook) -> float:
    """Certain is only what can no longer turn: a sum that has arrived, or one that is past its limit."""
    if outlook.kind == "sum":
        low, high = wanted_range(state.target, metric.direction)
        if outlook.certain > high or (high == math.inf and outlook.certain >= low):
            return float(outlook.certain <= high)
    return 1.0 if state.status == "met" else chance(state.target, metric, outlook)
