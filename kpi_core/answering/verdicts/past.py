"""Which past steps a change is held against: the same two periods again and again, further back. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from kpi_core.answering.verdicts.swing import FEWEST
from kpi_core.dates.calendars import Calendar
from kpi_core.dates.periods import Pairing, Period, shift, unit_of

MOST = 12
"""Past steps that are looked at: a quarter of weeks, a year of months."""
_WEEK = 7
_MONTH = 31
_EVEN_FROM = 28
"""Days of a span in which the weekdays even out."""
Back = Callable[[Period, int], Period]


@dataclass(frozen=True, slots=True)
class Past:
    """`steps` are pairs of periods as far apart as the two of a change.

    Where the data holds too few of them, `course` are single periods in a row, the oldest first. `aligned` says that
    the two are different weekdays, so that the usual step from one to the other is not 0.
    """

    steps: tuple[Pairing, ...] = ()
    course: tuple[Period, ...] = ()
    aligned: bool = False

    def periods(self) -> Iterator[Period]:
        for step in self.steps:
            yield step.current
            yield step.other
        yield from self.course


NO_PAST = Past()


def past_of(pairing: Pairing | None, since: date | None, calendar: Calendar) -> Past:
    """The past of a change, from the day on that the data holds; nothing where that is too little for a verdict."""
    if pairing is None or since is None:
        return NO_PAST
    current, other = pairing.current, pairing.other
    if min(current.start, other.start) < since:
        return NO_PAST
    back = _back(current, calendar)
    aligned = _by_weekday(current) and (current.start - other.start).days % _WEEK != 0
    steps = tuple(_steps(pairing, since, back)) if current.grain == other.grain else ()
    if len(steps) >= FEWEST:
        return Past(steps, aligned=aligned)
    return NO_PAST if aligned else Past(course=_course(current, since, calendar, back))


def _steps(pairing: Pairing, since: date, back: Back) -> Iterator[Pairing]:
    for count in range(1, MOST + 1):
        step = Pairing(back(pairing.current, count), back(pairing.other, count))
        if min(step.current.start, step.other.start) < since:
            return
        yield step


def _course(current: Period, since: date, calendar: Calendar, back: Back) -> tuple[Period, ...]:
    own = _since(since, (back(current, count) for count in range(1, MOST + 1)))
    if len(own) > FEWEST or current.days <= _MONTH:
        return own
    # Of quarters and years there are never enough; a month swings at least as far as the longer period does.
    for day in (current.start, current.end):
        month = unit_of(day, "month", calendar)
        own = _since(since, (shift(month, -count, calendar) for count in range(1, MOST + 1)))
        if len(own) > FEWEST:
            break
    return own


def _since(since: date, newest_first: Iterator[Period]) -> tuple[Period, ...]:
    return tuple(reversed([period for period in newest_first if period.start >= since]))


def _by_weekday(period: Period) -> bool:
    return period.grain == "day" or (period.grain == "span" and period.days < _EVEN_FROM)


def _back(period: Period, calendar: Calendar) -> Back:
    """How the same period is reached further back: days and short spans keep their weekdays, all others go by units."""
    if not _by_weekday(period):
        return lambda one, count: shift(one, -count, calendar)
    weeks = timedelta(days=-(-(period.every or period.days) // _WEEK) * _WEEK)
    return lambda one, count: Period(one.start - weeks * count, one.end - weeks * count)
