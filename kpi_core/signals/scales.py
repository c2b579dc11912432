"""Numbers on a scale on which a usual day strays alike at every level: logarithms, tempered where little is counted."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import timedelta
from typing import Literal

from kpi_core.frozen_dataclass import frozen
from kpi_core.signals.series import Day, Unit

STRAY = 0.12
"""A count strays by at least this much beside chance; below 1 / STRAY² chance rules, above the logarithm does."""
ZERO_AT = 0.02
"""An amount of 0 lies as low as this share of a typical day."""
WEEK = timedelta(days=7)
FEW = 0.2
"""Amounts that stray by more than this are made up of few cases, whose chance rules as it does of counts."""
PSEUDO = 3.0
"""As many cases are added to what was counted and to what was expected, so that none is a number too."""


FARTHER = 2.0
"""Many more cases than expected lie at most so much further than their logarithm does."""


@frozen
class Point:
    """A day's number on the scale, and the variance that counting alone gives it."""

    at: float
    chance: float
    cases: float = math.inf
    """How many were expected to be counted, where that is what its chance rests on."""


@frozen
class Scale:
    """How a series is read: `rate` counts its numerator among the denominator, `per` counts its denominator alone."""

    kind: Literal["count", "amount", "rate", "per", "plain"]
    typical: float = 1.0
    case: float = 0.0
    """What one case brings, of an amount that is made up of few."""

    def point(self, day: Day, expected: float | None) -> Point | None:
        """None without data. `expected` is a place on the scale: what few cases say depends on how many it means."""
        if self.kind in {"rate", "per"}:
            return self._quotient(day, expected)
        if day.value is None:
            return None
        if self.kind == "count":
            # Variance-stabilising for counts whose variance is mean + (STRAY x mean)², Anscombe 1948.
            return Point(2 * math.asinh(STRAY * math.sqrt(max(day.value, 0.0) + 0.2)), 0.0)
        if self.kind == "amount":
            if self.case:
                return Scale("count").point(Day(day.on, day.value / self.case), None)
            return Point(math.log(max(day.value, 0.0) + ZERO_AT * self.typical), 0.0)
        return Point(math.log(day.value), 0.0) if day.value > 0 else None

    def value(self, at: float) -> float:
        """Back from the scale to the KPI's unit."""
        if self.kind == "count":
            return max(0.0, (math.sinh(at / 2) / STRAY) ** 2 - 0.2)
        if self.case:
            return Scale("count").value(at) * self.case
        return max(0.0, math.exp(at) - ZERO_AT * self.typical) if self.kind == "amount" else math.exp(at)

    def bounds(self, day: Day, expected: float, reach: float) -> tuple[float, float]:
        """The values of a day that lie so far below and above what was expected."""
        above, below = day.numerator, day.denominator
        if self.kind not in {"rate", "per"} or above is None or below is None:
            return self.value(expected - reach), self.value(expected + reach)
        level = math.exp(expected)
        if self.kind == "rate":
            low, high = (_cases_at(below * min(level, 0.999), away) for away in (-reach, reach))
            return low / below, min(1.0, high / below)
        few, many = (_cases_at(above / level, away) for away in (-reach, reach))
        return above / many, above / few if few else level * math.exp(reach)

    def _quotient(self, day: Day, expected: float | None) -> Point | None:
        above, below = day.numerator, day.denominator
        if above is None or below is None:
            return Scale("plain").point(day, None)
        if self.kind == "rate":
            if below <= 0:
                return None
            rate = min(math.exp(expected), 0.999) if expected is not None else (above + 0.5) / (below + 1)
            return _counted(above, below * rate, 1 - rate, math.log(rate), 1)
        if above <= 0:
            return None
        price = math.exp(expected) if expected is not None else above / (below + 0.5)
        return _counted(below, above / price, 1.0, math.log(price), -1)


def _counted(cases: float, mean: float, left: float, at: float, sign: int) -> Point:
    """`cases` where `mean` were expected; `left` is the share of variance that sampling without certainty leaves."""
    bent, log_ratio = _bent(mean), math.log((cases + PSEUDO) / (mean + PSEUDO))
    away = min(math.expm1(min(bent * log_ratio, 50.0)) / bent, log_ratio + FARTHER)
    return Point(at + sign * away, mean * left / (mean + PSEUDO) ** 2, mean)


def _bent(mean: float) -> float:
    """Few cases stray alike up and down as a power of 2/3 (Anscombe 1953), many as a logarithm, a power of 0."""
    return 2 / 3 / (1 + STRAY**2 * mean)


def _cases_at(mean: float, away: float) -> float:
    """As many cases as lie so far from their mean; `_counted` backwards."""
    bent = _bent(mean)
    ratio = math.pow(max(0.0, 1 + bent * away), 1 / bent)
    return max(0.0, (mean + PSEUDO) * max(ratio, math.exp(away - FARTHER)) - PSEUDO)


def _share_of_a_case(days: Sequence[Day]) -> float:
    """What one case is of a typical day, if chance makes the days stray as they do: 0 where it does not rule.

    So many cases as have that chance, each counting alike: a day strays from the one a week before by the root of 2
    over their number.
    """
    roots = {day.on: math.sqrt(max(day.value, 0.0)) for day in days if day.value is not None}
    strays = []
    for on, root in roots.items():
        both = root + roots.get(on - WEEK, 0.0)
        if on - WEEK in roots and both > 0:
            strays.append(abs(2 * root - both) / both * 4)
    if not strays:
        return 0.0
    # The median of what strays normally is .6745 of its deviation.
    spread = sorted(strays)[len(strays) // 2] / 0.6745 / math.sqrt(2)
    return max(0.0, spread**2 - FEW**2)


def scale_of(unit: Unit, days: Sequence[Day]) -> Scale:
    """The scale for a series, by its unit and its first days."""
    if unit == "count":
        return Scale("count")
    if unit == "amount":
        values = sorted(day.value for day in days if day.value)
        typical = values[len(values) // 2] if values else 1.0
        return Scale("amount", typical, typical * _share_of_a_case(days))
    pairs = [(day.numerator, day.denominator) for day in days]
    whole = [(above, below) for above, below in pairs if above is not None and below is not None]
    if not whole:
        return Scale("plain")
    counted = all(above <= below and float(above).is_integer() for above, below in whole)
    return Scale("rate" if counted else "per")
