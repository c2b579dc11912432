"""Which past steps a change is held against: the same two periods again and again, further back. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from functools import lru_cache

from kpi_core.answering.verdicts.swing import FEWEST
from kpi_core.dates.calendars import Calendar
from kpi_core.dates.periods import Pairing, Period, shift, unit_of
from kpi_core.frozen_dataclass import frozen

MOST = 11
"""Past steps that are looked at: as many as lie between the units of a trend, which are fetched anyway."""
_WEEK = 7
_MONTH = 31
_NEAR = 2
_EVEN_FROM = 28
"""Days of a span in which the weekdays even out."""


@frozen
class Past:
    """`steps` are pairs of periods as far apart as the two of a change, where those are neighbours.

    Where they are not, or the data holds too few, `course` are single periods in a row, the oldest first. `aligned`:
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
    # Steps over a year would need the year before it, too; single values tell as much, and are fetched anyway.
    near = current.grain == other.grain and abs((current.start - other.start).days) <= _NEAR * max(_WEEK, current.days)
    aligned = near and _by_weekday(current) and (current.start - other.start).days % _WEEK != 0
    steps = _steps(pairing, since, calendar) if near else ()
    if len(steps) >= FEWEST:
        return Past(steps, aligned=aligned)
    return NO_PAST if aligned else Past(course=_course(current, since, calendar))


def _steps(pairing: Pairing, since: date, calendar: Calendar) -> tuple[Pairing, ...]:
    later, earlier = _before(pairing.current, calendar), _before(pairing.other, calendar)
    steps = (Pairing(one, other) for one, other in zip(later[:MOST], earlier[:MOST], strict=True))
    return tuple(step for step in steps if min(step.current.start, step.other.start) >= since)


def _course(current: Period, since: date, calendar: Calendar) -> tuple[Period, ...]:
    own = _since(since, _before(current, calendar))
    if len(own) > FEWEST or current.days <= _MONTH:
        return own
    # Of quarters and years there are never enough; a month swings at least as far as the longer period does.
    for day in (current.start, current.end):
        own = _since(since, _before(unit_of(day, "month", calendar), calendar))
        if len(own) > FEWEST:
            break
    return own


@lru_cache(maxsize=1024)
def _before(period: Period, calendar: Calendar) -> tuple[Period, ...]:
    """The same period again and again, newest first: days and short spans keep their weekdays, others go by units."""
    counts = range(1, MOST + 2)
    if not _by_weekday(period):
        return tuple(shift(period, -count, calendar) for count in counts)
    weeks = timedelta(days=-(-(period.every or period.days) // _WEEK) * _WEEK)
    return tuple(Period(period.start - weeks * count, period.end - weeks * count) for count in counts)


def _since(since: date, newest_first: Iterable[Period]) -> tuple[Period, ...]:
    return tuple(reversed([period for period in newest_first if period.start >= since]))


def _by_weekday(period: Period) -> bool:
    return period.grain == "day" or (period.grain == "span" and period.days < _EVEN_FROM)
