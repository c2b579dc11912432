"""Where a number will stand when some days are over: of a sum, of a rate, of a level; and how sure that is."""

from __future__ import annotations

import math
from datetime import date
from typing import Literal

from kpi_core.frozen_dataclass import frozen

EIGHTY = 1.2815515655446004
"""The normal deviation that one case in ten exceeds."""

Kind = Literal["sum", "rate", "level"]
Unforeseen = Literal["short_history", "not_additive", "immature", "incomplete", "irregular"]
"""Why nothing is said of the end: too few days, days that do not add up, outcomes or data to come, no steady course."""


@frozen
class Outlook:
    """A landing: `certain` no longer moves, `rest` is the median of what is added to it.

    `spread` is the deviation of the rest's logarithm, or of the rest itself where it may be negative (`linear`).
    `weight` is how much of a rate's denominator should be in already.
    """

    kind: Kind
    through: date
    """The last day that is in."""
    until: date
    """The last day of the stretch."""
    so_far: float
    """The sum or the rate of the days that are in; the last level."""
    certain: float
    rest: float
    spread: float
    linear: bool = False
    weight: float | None = None

    @property
    def point(self) -> float:
        """The landing figure: as likely too low as too high."""
        return self.certain + self.rest

    @property
    def low(self) -> float:
        """One landing in ten lies lower."""
        return self._quantile(-EIGHTY)

    @property
    def high(self) -> float:
        """One landing in ten lies higher."""
        return self._quantile(EIGHTY)

    @property
    def days_left(self) -> int:
        return (self.until - self.through).days

    def chance(self, target: float) -> float:
        """The probability that the landing is `target` or more, between 0 and 1."""
        needed = target - self.certain
        if not self.spread:
            return float(needed <= self.rest or math.isclose(needed, self.rest))
        if self.linear:
            return _beyond((needed - self.rest) / self.spread)
        if needed <= 0 or not self.rest:
            return float(needed <= 0)
        return _beyond(math.log(needed / self.rest) / self.spread)

    def required(self, target: float) -> float | None:
        """What takes it to `target`: a sum or a level that much a day, a rate that rate in the days left.

        None when no day is left, or where a rate is no quotient.
        """
        if self.days_left <= 0:
            return None
        if self.kind != "rate":
            return (target - self.so_far) / self.days_left
        if self.weight is None or self.weight >= 1:
            return None
        return (target - self.weight * self.so_far) / (1 - self.weight)

    def _quantile(self, deviations: float) -> float:
        if self.linear:
            return self.certain + self.rest + deviations * self.spread
        return self.certain + self.rest * math.exp(deviations * self.spread)


@frozen
class Course:
    """How a level moves, from its weekly steps: by `drift` a week, give or take `step`, over `weeks` weeks."""

    through: date
    last: float
    drift: float
    step: float
    weeks: int

    def until(self, day: date) -> Outlook:
        """The level on a day: the last one, the drift, and a random walk about it.

        The variance of h weeks is step² (h + h² / weeks): that of the steps, and that of their mean.
        """
        ahead = max((day - self.through).days, 0) / 7
        spread = self.step * math.sqrt(ahead + ahead**2 / self.weeks)
        return Outlook(
            "level", self.through, max(day, self.through), self.last, self.last, self.drift * ahead, spread, linear=True
        )


def _beyond(deviations: float) -> float:
    """The probability that a normal value lies higher."""
    return math.erfc(deviations / math.sqrt(2)) / 2
