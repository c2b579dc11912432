"""Where a month, or any stretch of days, will land: what is in, and what the rest of its days should bring."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from statistics import NormalDist

from kpi_core.frozen_dataclass import frozen
from kpi_core.signals.day_model import DayModel, Habits, Words, fitted
from kpi_core.signals.series import Day

ONE_DAY = timedelta(days=1)
EIGHTY = NormalDist().inv_cdf(0.9)
PAST_STRETCHES = 6
"""Earlier stretches on which the method is tried, to learn how far off it is here."""
LEAST_BEFORE = 42
"""Days of history before an earlier stretch, for the method to be tried on it."""
OWN_WORD, CAUTION = 3.0, 1.25
"""The model's own word weighs as three past errors, each taken for a quarter worse than it thinks."""
NEIGHBOURS = 0.35
"""How strongly the errors of neighbouring days go together, beside the level's."""


@frozen
class Occasion:
    """A day that is known ahead to be special, and why: payday, promotion, holiday, or any other word."""

    on: date
    name: str


@frozen
class Landing:
    """A forecast of a sum over days, as of `through`, the last day that is in."""

    through: date
    so_far: float
    rest: float
    """What the remaining days should bring: as likely more as less."""
    spread: float
    """The deviation of the logarithm of the rest."""
    days: Mapping[date, float]
    """The remaining days, and what each should bring."""

    @property
    def point(self) -> float:
        """The landing figure."""
        return self.so_far + self.rest

    @property
    def low(self) -> float:
        """One landing in ten lies lower."""
        return self.so_far + self.rest * math.exp(-EIGHTY * self.spread)

    @property
    def high(self) -> float:
        """One landing in ten lies higher."""
        return self.so_far + self.rest * math.exp(EIGHTY * self.spread)

    def chance(self, target: float) -> float:
        """The probability that the landing is `target` or more, between 0 and 1."""
        needed = target - self.so_far
        if needed <= 0:
            return 1.0
        if not self.rest or not self.spread:
            return float(needed <= self.rest)
        return 1 - NormalDist().cdf(math.log(needed / self.rest) / self.spread)

    def needed_a_day(self, target: float) -> float | None:
        """What each remaining day must bring to land on `target`; None when no day remains."""
        return (target - self.so_far) / len(self.days) if self.days else None

    def reached(self, cap: float) -> date | None:
        """The day on which the sum should come to `cap`; `through` if it is there, None if not within these days."""
        total = self.so_far
        if total >= cap:
            return self.through
        for day, expected in self.days.items():
            total += expected
            if total >= cap:
                return day
        return None


def landing(
    days: Sequence[Day], start: date, end: date, through: date, occasions: Sequence[Occasion] = ()
) -> Landing | None:
    """Where the sum over [start, end) lands, from the days up to `through` and what the calendar announces.

    A day without a row brought nothing. Days after the last row are still to come. The point is the median; the
    interval holds in eight of ten cases: it is as wide as the model thinks, times how far off the same method was at
    the same day of up to six earlier stretches. None where there is nothing to go by.
    """
    past = [day for day in days if day.on <= through and day.value is not None and math.isfinite(day.value)]
    if not past:
        return None
    reach = max(min(through, past[-1].on), start - ONE_DAY)
    model = fitted(past, reach, _words(occasions))
    if model is None:
        return None
    stretch = _Stretch(past, start, end, _words(occasions))
    ahead = _forecast(model, past, stretch, reach)
    return replace(ahead, spread=ahead.spread * _honesty(stretch, ahead, model.habits))


@frozen
class _Stretch:
    past: Sequence[Day]
    start: date
    end: date
    words: Words


def _forecast(model: DayModel, past: Sequence[Day], stretch: _Stretch, reach: date) -> Landing:
    so_far = math.fsum(day.value or 0.0 for day in past if stretch.start <= day.on <= reach)
    ahead = [reach + step * ONE_DAY for step in range(1, (stretch.end - reach).days)]
    if not ahead:
        return Landing(reach, so_far, 0.0, 0.0, {})
    bring, spread = model.ahead(ahead, NEIGHBOURS)
    return Landing(reach, so_far, math.fsum(bring), spread, dict(zip(ahead, bring, strict=True)))


def _honesty(stretch: _Stretch, now: Landing, habits: Habits) -> float:
    """The factor by which the method's own past errors were larger than it thought."""
    squares, count = OWN_WORD * CAUTION, OWN_WORD
    for number in range(1, PAST_STRETCHES + 1):
        start, end = _earlier(stretch.start, stretch.end, number)
        if (start - stretch.past[0].on).days < LEAST_BEFORE:
            break
        earlier = replace(stretch, start=start, end=end)
        stray = _stray(earlier, min(start + (now.through - stretch.start), end - ONE_DAY), habits)
        if stray is not None:
            squares, count = squares + min(9.0, stray**2), count + 1
    return math.sqrt(squares / count)


def _stray(stretch: _Stretch, reach: date, habits: Habits) -> float | None:
    """How far off the rest of an earlier stretch was, in deviations of its logarithm."""
    known = [day for day in stretch.past if day.on <= reach]
    model = fitted(known, reach, stretch.words, habits) if known else None
    truth = math.fsum(day.value or 0.0 for day in stretch.past if reach < day.on < stretch.end)
    if model is None or truth <= 0:
        return None
    then = _forecast(model, known, stretch, reach)
    return math.log(truth / then.rest) / then.spread if then.rest > 0 and then.spread > 0 else None


def _earlier(start: date, end: date, number: int) -> tuple[date, date]:
    """The stretch as long, `number` before: months before a month, else the same length of days."""
    if start.day == 1 and end.day == 1 and (end - start).days <= 31:
        return _months_before(start, number), _months_before(end, number)
    length = (end - start) * number
    return start - length, end - length


def _months_before(first: date, number: int) -> date:
    months = first.year * 12 + first.month - 1 - number
    return date(months // 12, months % 12 + 1, 1)


def _words(occasions: Sequence[Occasion]) -> dict[date, frozenset[str]]:
    words: dict[date, frozenset[str]] = {}
    for occasion in occasions:
        words[occasion.on] = words.get(occasion.on, frozenset()) | {occasion.name.strip().lower()}
    return words
