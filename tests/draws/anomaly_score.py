"""Alarms held against what was planted: F1 over events, false alarms a series-month."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from draws.anomaly_draw import OPEN, Drawn

WARM_UP, HIT, SETTLING = 60, 14, 28


@dataclass(frozen=True, slots=True)
class Score:
    """Counts over a draw; `months` are those in which an alarm would be false."""

    events: int
    hits: int
    false: int
    months: float

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall: 2 hits / (2 hits + false + missed)."""
        return 2 * self.hits / max(1, self.hits + self.false + self.events)

    @property
    def false_a_month(self) -> float:
        """False alarms in a month of one series."""
        return self.false / max(self.months, 1e-9)

    def __add__(self, other: Score) -> Score:
        return Score(
            self.events + other.events, self.hits + other.hits, self.false + other.false, self.months + other.months
        )


def scored(drawn: Drawn, alarms: Iterable[date]) -> Score:
    """One series. Alarms of the first days, of holidays, of a campaign's start and of an event's wake count nothing.

    False days that lie close together are one false alarm.
    """
    ordinary = _ordinary(drawn)
    hits, false = set(), []
    for day in sorted(alarms):
        event = next((each for each in drawn.events if _hit(each.start, each.end, day)), None)
        if event is not None and event.what != "drift":
            hits |= {event} if event.wanted else set()
        elif day in ordinary:
            false.append(day)
    gap = 8 if drawn.series.sends else 3
    episodes = sum(1 for before, day in zip([date.min, *false], false, strict=False) if (day - before).days > gap)
    wanted = sum(event.wanted for event in drawn.events)
    share = len(drawn.series.days) / ((drawn.series.days[-1].on - drawn.series.days[0].on).days + 1)
    return Score(wanted, len(hits), episodes, len(ordinary) / share / 30.44)


def _hit(start: date, end: date, day: date) -> bool:
    return start <= day <= min(end, start + timedelta(days=HIT - 1))


def _ordinary(drawn: Drawn) -> set[date]:
    """Days with data on which nothing excuses an alarm."""
    first, last = drawn.series.days[0].on, drawn.series.days[-1].on
    calendar = drawn.series.calendar
    days = {
        day.on
        for day in drawn.series.days
        if first + timedelta(days=WARM_UP) <= day.on <= last - timedelta(days=OPEN) and day.on not in calendar.holidays
    }
    for campaign in calendar.announced:
        days -= {campaign.start + timedelta(days=step) for step in range(3)} | {campaign.end + timedelta(days=1)}
    for event in drawn.events:
        until = event.start + timedelta(days=HIT + SETTLING) if event.lasts else event.end + timedelta(days=8)
        if event.what == "drift":
            until = event.end + timedelta(days=HIT)
        begin = event.start + timedelta(days=14 if event.what == "drift" else 0)
        days -= {day for day in days if begin <= day <= until}
    return days
