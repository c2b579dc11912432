"""What a rule of the grammar gets and gives: the day it is, and the period read at a place of the text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from typing import Literal

from kpi_core.dates.calendars import Calendar
from kpi_core.dates.periods import MONTHS, Grain, Period, same_weekdays, shift, unit_of, year_ago
from kpi_core.frozen_dataclass import frozen
from kpi_core.questions.number_words import NUMBER

Floats = Literal["", "year", "month", "week"]
EARLIEST, LATEST = 1950, 2150
"""Years outside are no periods of a business."""


@frozen
class Clock:
    """The workspace's calendar and its local date; `with_today` is set where the words say so."""

    calendar: Calendar
    today: date
    with_today: bool | None = None
    by_weekday: bool = False
    """Whether the words ask for the same weekdays a year ago."""

    def unit(self, grain: Grain, offset: int = 0) -> Period:
        return shift(unit_of(self.today, grain, self.calendar), offset, self.calendar)

    def to_date(self, period: Period) -> Period:
        """The part of a unit until today, or until yesterday where the words leave today out."""
        # On a unit's first day its part until yesterday would be empty, so that day stays in.
        end = self.today if self.with_today is False and period.start < self.today else self.today + timedelta(days=1)
        return replace(period, end=end, to_date=True)

    def last(self, n: int, grain: Grain) -> Period:
        """The last `n` complete units; days end yesterday unless the words include today."""
        if grain == "day" and self.with_today:
            return self._run(n, self.unit("day"))
        return self._run(n, self.unit(grain, -1))

    def _run(self, n: int, newest: Period) -> Period:
        oldest = shift(newest, 1 - n, self.calendar)
        return newest if n == 1 else Period(oldest.start, newest.end)

    def in_year(self, year: int | None, make: Callable[[int], Period]) -> Period:
        """`make(year)`; without a year the newest that has started. ValueError where no near year has such a day."""
        if year is not None:
            return make(year)
        # From next year, for a fiscal year may begin in the one before its name; eight back, for 29 February
        # (2096 to 2104).
        for candidate in range(self.today.year + 1, self.today.year - 9, -1):
            try:
                period = make(candidate)
            except ValueError:
                continue
            if period.start <= self.today:
                return period
        raise ValueError("no such day")

    def year_ago(self, period: Period) -> Period:
        return same_weekdays(period) if self.by_weekday else year_ago(period, self.calendar)


@frozen
class Reading:
    """A period read at `text[start:end]`.

    `floats` says what the words left open: the year ("October"), the month too ("the 15th", 15일), or the week
    ("Friday").
    """

    start: int
    end: int
    period: Period
    floats: Floats = ""

    def moved(self, years: int) -> Reading:
        """The same words in another year."""
        grain = self.period.grain
        if grain in MONTHS:
            start, end = (_years_later(day, years) for day in (self.period.start, self.period.end))
            return replace(self, period=replace(self.period, start=start, end=end))
        # Days and weeks keep their length; moved by both dates a week over 29 February would change it.
        start = _years_later(self.period.start, years)
        return replace(self, period=replace(self.period, start=start, end=start + timedelta(days=self.period.days)))


Read = Callable[[re.Match[str], Clock], "Reading | None"]
"""Makes the reading of a match; None or ValueError where the words name no period after all."""


@frozen
class Rule:
    pattern: str
    read: Read

    def readings(self, text: str, clock: Clock) -> list[Reading]:
        """What this rule reads anywhere in a text."""
        readings = []
        for match in matches(self.pattern, text):
            try:
                reading = self.read(match, clock)
            except (ValueError, OverflowError, KeyError):
                continue
            if reading and _in_business(reading.period):
                readings.append(reading)
        return readings

    def reading_of(self, text: str, clock: Clock) -> Reading | None:
        """What this rule reads in the whole of a text."""
        return next(
            (reading for reading in self.readings(text, clock) if (reading.start, reading.end) == (0, len(text))), None
        )


def _in_business(period: Period) -> bool:
    return EARLIEST <= period.start.year <= LATEST and period.end.year <= LATEST


def matches(pattern: str, text: str) -> Iterator[re.Match[str]]:
    """The match of a pattern at every place, overlapping ones too: 유지 지난달 holds 지난달 beside 지지난달."""
    expression = compiled(pattern)
    match = expression.search(text)
    while match:
        yield match
        match = expression.search(text, match.start() + 1)


def at(match: re.Match[str], period: Period, floats: Floats = "") -> Reading:
    """The reading that a rule makes of its match."""
    return Reading(match.start(), match.end(), period, floats)


@cache
def compiled(pattern: str) -> re.Pattern[str]:
    """A pattern that begins and ends where words do; NUMBER in it becomes every number word."""
    body = pattern.replace("NUMBER", NUMBER)
    # Letters and digits bound each other (q3, 3m); of CJK nothing is asked, as it has no gaps between words.
    begins = r"(?:(?<![a-z])(?=[a-z])|(?<![0-9])(?=[0-9])|(?=[^a-z0-9]))"
    ends = r"(?:(?<![a-z])|(?![a-z]))(?:(?<![0-9])|(?![0-9]))"
    return re.compile(f"{begins}(?:{body}){ends}")


def alternatives(words: Iterable[str]) -> str:
    """A pattern of literal words, longest first."""
    return "|".join(re.escape(word).replace("\\ ", " ") for word in sorted(words, key=lambda word: (-len(word), word)))


def first_group(match: re.Match[str], *names: str) -> str | None:
    """The first of these groups that took part."""
    groups = match.groupdict()
    return next((groups[name] for name in names if groups.get(name)), None)


def _years_later(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 2, 28)
