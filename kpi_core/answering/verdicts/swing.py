"""How far a series moves by itself, from its own past steps. Pure: arrays in, a band out.

A new step lies in the band in 95 of 100 cases while nothing has changed. Its half-width is the larger of two:

- Student's prediction interval, t times a robust spread of the past steps about their median (Huber's proposal: 1.4826
  times the median deviation, then the root mean square of the deviations cut at 2.5 of those). Steps that share an
  end are not independent: the square of their spread has 1.5 times the variance of independent ones (autocorrelation
  -1/2 at lag 1), so the degrees of freedom are divided by that.
- The k-th smallest deviation, k = ceil(0.95 (n + 1)): the prediction interval that needs no distribution (Wilks 1941;
  "conformal" in Vovk et al. 2005), for tails that are heavier than normal. With few steps it is the largest of them,
  so it counts up to 1.25 times the first: one day of an outage must not hide a year's news.

Steps of rates and scores are differences, those of everything else are differences of logarithms, or of asinh where a
series has zeros or negative values: nearly the same as logarithms far from 0, and proportional near it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations, pairwise

from kpi_core.frozen_dataclass import frozen

FEWEST = 8
"""Past steps that are needed: from fewer nobody can tell what is usual."""
LEVEL = 0.95
NORMAL = 1.959964
"""How many standard deviations to either side hold `LEVEL` of a normal distribution."""

_TO_DEVIATION = 1.4826
_CUT = 2.5
_WIDEST = 1.25
_OVERLAP = 1.5
_FEWEST_DEGREES = 3.0
_HIGHEST = 700.0
"""Beyond it an exponential has no float."""
_STEP = 1
_LINE = 2

Limits = tuple[float, float]
Step = tuple[float, float]
"""A later value and the earlier one that it was held against."""


@frozen
class Scale:
    """How values become numbers whose differences are steps: `size` is that of asinh, 0 for logarithms."""

    linear: bool = False
    size: float = 0.0

    def at(self, value: float) -> float:
        if self.linear:
            return value
        return math.asinh(value / self.size) if self.size else math.log(value)

    def back(self, place: float) -> float:
        """The value at a place of the scale."""
        if self.linear:
            return place
        place = max(-_HIGHEST, min(_HIGHEST, place))
        return self.size * math.sinh(place) if self.size else math.exp(place)


@frozen
class Swing:
    """The steps that are usual: `course` in the middle of them, `band` to either side, on the scale."""

    scale: Scale
    band: float
    course: float = 0.0

    def expected(self, base: float) -> float:
        """The value that would follow on `base` if it took its usual course."""
        return self.scale.back(self.scale.at(base) + self.course)

    def limits(self, base: float) -> Limits:
        """The lowest and the highest value that would be usual after `base`."""
        middle = self.scale.at(base) + self.course
        return self.scale.back(middle - self.band), self.scale.back(middle + self.band)

    def covers(self, base: float) -> bool:
        """Whether the value has a place on the scale: 0 has none on that of a series that never knew it."""
        return self.scale.linear or self.scale.size > 0 or base > 0

    def of_part(self, share: float) -> Swing:
        """The band of a part of the whole: independent parts swing the more the smaller they are, by the root."""
        scale = replace(self.scale, size=self.scale.size * share)
        return replace(self, scale=scale, band=self.band / math.sqrt(share))


def scale_of(values: Sequence[float], *, linear: bool) -> Scale:
    """The scale on which a series' steps compare."""
    if linear or all(value > 0 for value in values):
        return Scale(linear)
    sizes = [abs(value) for value in values if value]
    return Scale(size=_median(sizes) / 2 if sizes else 1.0)


def swing_of_steps(steps: Sequence[Step], scale: Scale, *, aligned: bool = False) -> Swing | None:
    """From steps of the same kind as the one to be judged, in any order; None with fewer than `FEWEST`.

    `aligned`: the usual step is not 0 but their median, as from a Saturday to a Sunday.
    """
    if len(steps) < FEWEST:
        return None
    moves = [scale.at(later) - scale.at(earlier) for later, earlier in steps]
    course = _median(moves)
    deviations = [abs(move - course) for move in moves]
    unsure = math.sqrt(1 + math.pi / 2 / len(moves)) if aligned else 1.0
    student = student_quantile((len(moves) - _STEP) / _OVERLAP) * spread_of(deviations, _STEP) * unsure
    return Swing(scale, max(student, min(_ranked(deviations), _WIDEST * student)), course if aligned else 0.0)


def swing_of_course(values: Sequence[float], scale: Scale) -> Swing | None:
    """From single values in a row, for a step over a longer time than there are steps of: a year's, of one year's data.

    How far they lie from a straight line of theirs (Theil and Sen's), twice over as two values differ, and at least
    as far as one is from the next. None with too few of them.
    """
    if len(values) <= FEWEST:
        return None
    places = [scale.at(value) for value in values]
    slope = _median([(there - here) / (after - before) for (before, here), (after, there) in _pairs(places)])
    rests = [place - slope * number for number, place in enumerate(places)]
    middle = _median(rests)
    spread = spread_of([abs(rest - middle) for rest in rests], _LINE) * math.sqrt(2)
    band = student_quantile((len(places) - _LINE) / _OVERLAP) * spread
    steps = swing_of_steps([(later, earlier) for earlier, later in pairwise(values)], scale)
    return Swing(scale, max(band, steps.band if steps else 0.0))


def spread_of(deviations: Sequence[float], lost: int) -> float:
    """A standard deviation that a single wild value cannot blow up; `lost` degrees of freedom went into the middle."""
    robust = _TO_DEVIATION * _median(deviations)
    most = _CUT * robust if robust else math.inf
    squares = sum(min(deviation, most) ** 2 for deviation in deviations)
    return max(robust, math.sqrt(squares / max(1, len(deviations) - lost)))


def student_quantile(degrees: float) -> float:
    """What holds `LEVEL` of Student's t, by the expansion of Abramowitz and Stegun, 26.7.5; within 1 % from 3 on."""
    z, degrees = NORMAL, max(_FEWEST_DEGREES, degrees)
    first = (z**3 + z) / 4
    second = (5 * z**5 + 16 * z**3 + 3 * z) / 96
    third = (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384
    return z + first / degrees + second / degrees**2 + third / degrees**3


def _ranked(deviations: Sequence[float]) -> float:
    rank = math.ceil(LEVEL * (len(deviations) + 1))
    return sorted(deviations)[min(rank, len(deviations)) - 1]


def _pairs(places: Sequence[float]) -> combinations[tuple[tuple[int, float], tuple[int, float]]]:
    return combinations(enumerate(places), 2)


def _median(values: Sequence[float]) -> float:
    """That of at least one value. `statistics` brings fractions and random numbers along: 3 ms of each start."""
    ordered, middle = sorted(values), len(values) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2
