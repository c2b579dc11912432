"""How far days have settled: the share of its final value that a day shows by its age, and what is still to come. Pure.

A service restates a day for a while: conversions come in late, invalid clicks go out. What it said of past days, each
time that it was asked, tells how much a day of some age lacks (`curve_of`), and how far off that guess has been
(`settled`): the interval holds the final sum in eight of ten cases.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta

from kpi_core.frozen_dataclass import frozen

MATERIAL = 0.005
"""A change by less of a day's sum does not count as one."""
FEWEST_DAYS = 28
"""So many days that have been followed until they settled tell a curve; with fewer nothing is said."""
FEWEST_TRIALS = 14
"""So many earlier moments on which the guess could be tried tell how far off it is."""
LATEST_START = 3
"""A day counts as followed if it was first read before it was older."""
EIGHTY = 1.2815515655446004
"""The normal deviation that one case in ten exceeds."""
_ONE_DAY = timedelta(days=1)


@frozen
class Followed:
    """What was said of one day: its sum from each age on, in days, the youngest first; an age is never said twice."""

    on: date
    ages: tuple[int, ...]
    sums: tuple[float, ...]

    def at(self, age: int) -> float:
        """The sum that was known at an age; the first one of a day that was not read yet."""
        return self.sums[max(0, bisect_right(self.ages, age) - 1)]

    @property
    def final(self) -> float:
        return self.sums[-1]

    def moved_last(self, scale: float) -> int:
        """The age at which it changed for the last time by more than a little of `scale`."""
        pairs = zip(self.sums, self.sums[1:], strict=False)
        moved = [age for age, (one, other) in zip(self.ages[1:], pairs, strict=True) if _moved(one, other, scale)]
        return max(moved, default=self.ages[0])


def _moved(one: float, other: float, scale: float) -> bool:
    return abs(other - one) > MATERIAL * scale


@frozen
class Curve:
    """`shares[age]` of its final value is what a day shows at an age below `horizon`; from there on it is settled.

    `days` are those it was learned from.
    """

    shares: tuple[float, ...]
    days: tuple[Followed, ...]

    @property
    def horizon(self) -> int:
        return len(self.shares)


@frozen
class Settled:
    """What a sum will have become: eight times in ten between `low` and `high`. `so_far` is what it is now."""

    so_far: float
    point: float
    low: float
    high: float

    @property
    def share(self) -> float:
        """The part of it that is in."""
        return self.so_far / self.point if self.point else 1.0


def curve_of(days: Sequence[Followed], today: date) -> Curve | None:
    """The settling curve of a source's measure; None where too few days have been followed to their end.

    How long days move is learned from the days themselves: the age after which all but one in twenty have changed for
    the last time. Of days that are younger nobody knows the end, so they teach nothing.
    """
    own = [day for day in days if day.ages[0] <= LATEST_START]
    scale = sum(abs(day.final) for day in own) / len(own) if own else 0.0
    if not scale:
        return None
    horizon, settled_days = 0, own
    while True:
        last_moves = sorted(day.moved_last(scale) for day in settled_days)
        needed = last_moves[math.ceil(0.95 * len(last_moves)) - 1] if last_moves else 0
        if needed <= horizon:
            break
        horizon = needed
        settled_days = [day for day in own if (today - day.on).days > horizon]
    if len(settled_days) < FEWEST_DAYS:
        return None
    final = sum(day.final for day in settled_days)
    shares = tuple(sum(day.at(age) for day in settled_days) / final for age in range(horizon)) if final else ()
    usable = all(share > 0 for share in shares)
    return Curve(shares, tuple(sorted(settled_days, key=lambda day: day.on))) if usable else None


def settled(curve: Curve, sums: Mapping[date, float], today: date) -> Settled | None:
    """What the sum of some days will have become, from what each shows today.

    None where nothing can be said of how sure that is. The guess is tried on all earlier moments at which as many days
    of the same ages stood open, and its errors there, as logarithms, are taken for those of today.
    """
    so_far = sum(sums.values())
    ages = {(today - on).days: value for on, value in sums.items() if (today - on).days < curve.horizon}
    if not ages:
        return Settled(so_far, so_far, so_far, so_far)
    young = sum(ages.values())
    rest = sum(value / curve.shares[max(age, 0)] for age, value in ages.items())
    certain = so_far - young
    errors = list(_errors(curve, sorted(max(age, 0) for age in ages)))
    if len(errors) < FEWEST_TRIALS or rest <= 0:
        return None
    middle, spread = _centre_and_spread(errors, len(ages))
    point = certain + rest * math.exp(middle)
    return Settled(
        so_far, point, certain + rest * math.exp(middle - spread), certain + rest * math.exp(middle + spread)
    )


def _errors(curve: Curve, ages: Sequence[int]) -> Iterator[float]:
    """How far off the guess was, as a logarithm, at each moment at which days of these ages were all followed."""
    by_date = {day.on: day for day in curve.days}
    first, last = curve.days[0].on + ages[-1] * _ONE_DAY, curve.days[-1].on + ages[0] * _ONE_DAY
    moment = first
    while moment <= last:
        pairs = [(age, by_date.get(moment - age * _ONE_DAY)) for age in ages]
        there = [(age, day) for age, day in pairs if day is not None]
        if len(there) == len(pairs):
            guess = sum(day.at(age) / curve.shares[age] for age, day in there)
            final = sum(day.final for _age, day in there)
            if guess > 0 and final > 0:
                yield math.log(final / guess)
        moment += _ONE_DAY


def _centre_and_spread(errors: Sequence[float], together: int) -> tuple[float, float]:
    """The middle of past errors, and how far from it eight in ten of new ones lie.

    Neighbouring moments share all but one of their days, so they count as fewer; the middle and the spread are
    themselves only known from them (Student's prediction interval).
    """
    count = len(errors)
    middle = sum(errors) / count
    independent = max(3.0, count / min(together, 4))
    deviation = math.sqrt(sum((error - middle) ** 2 for error in errors) / (count - 1))
    return middle, _student(independent - 1) * deviation * math.sqrt(1 + 1 / independent)


def _student(degrees: float) -> float:
    """What one case in ten of Student's t exceeds: Abramowitz and Stegun, 26.7.5."""
    z = EIGHTY
    first = (z**3 + z) / 4
    second = (5 * z**5 + 16 * z**3 + 3 * z) / 96
    return z + first / degrees + second / degrees**2
