"""The demo's days and how busy each is: weekdays, holidays, the year, and slow growth."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from kpi_core.demo.company import TIMEZONE
from kpi_core.frozen_dataclass import frozen

if TYPE_CHECKING:
    from kpi_core.demo.draws import Floats, Ints

OPENED = date(2025, 5, 1)
"""The first day of the shop and of its data, for ever: a month that left would take its customers from the others."""
_YOUNGEST = timedelta(days=200)

_EPOCH = date(1970, 1, 1).toordinal()
SHOP_WEEK = (1.03, 1.01, 0.98, 0.97, 0.91, 0.99, 1.11)
_OFFICE_WEEK = (1.25, 1.30, 1.25, 1.20, 1.00, 0.45, 0.40)
_AROUND_THANKSGIVING = {-3: 1.10, -2: 1.15, -1: 1.25, 0: 1.35, 1: 1.95, 2: 1.50, 3: 1.45, 4: 1.75, 5: 1.20}
_BUYING_AROUND_THANKSGIVING = {0: 1.10, 1: 1.28, 2: 1.15, 3: 1.15, 4: 1.28}


@frozen
class Days:
    """One item a day, oldest first. `growth`, `demand`, `buying` and `office` are factors around 1."""

    ordinals: Ints
    """Days since 1970."""
    midnight: Ints
    """UTC seconds."""
    length: Ints
    """Seconds; clock changes make days of 23 and 25 hours."""
    weekday: Ints
    """0 is Monday."""
    month: Ints
    """Months since year 0: year * 12 + month - 1."""
    growth: Floats
    demand: Floats
    buying: Floats
    office: Floats
    end: int
    """The first second after the last day."""

    @property
    def count(self) -> int:
        return len(self.ordinals)

    def dates(self) -> list[date]:
        return [date.fromordinal(int(ordinal) + _EPOCH) for ordinal in self.ordinals]


def first_day(today: date) -> date:
    """The day the shop opened; for a clock set before that or soon after, so many whole years earlier as it takes."""
    first = OPENED
    while today - first < _YOUNGEST:
        first = first.replace(year=first.year - 1)
    return first


def days_until(today: date, more: int = 0) -> Days:
    """All days from `first_day` to yesterday, in the company's time zone, and so many more."""
    import numpy as np

    first, today = first_day(today), today + timedelta(days=more)
    dates = [first + timedelta(days=shift) for shift in range((today - first).days)]
    midnights = np.array([midnight(day) for day in [*dates, today]], dtype=np.int64)
    weekday = np.array([day.weekday() for day in dates], dtype=np.int64)
    season, buying = _seasons(dates)
    growth = np.array([_growth(day) for day in dates])
    return Days(
        ordinals=np.array([day_number(day) for day in dates], dtype=np.int64),
        midnight=midnights[:-1],
        length=np.diff(midnights),
        weekday=weekday,
        month=np.array([day.year * 12 + day.month - 1 for day in dates], dtype=np.int64),
        growth=growth,
        demand=growth * season * np.array(SHOP_WEEK)[weekday],
        buying=buying,
        office=growth * np.array(_OFFICE_WEEK)[weekday],
        end=int(midnights[-1]),
    )


def day_number(day: date) -> int:
    """Days since 1970."""
    return day.toordinal() - _EPOCH


def midnight(day: date) -> int:
    """UTC seconds of a day's beginning in the company's zone."""
    # New York changes its clocks at two in the morning, so every midnight is there, once.
    local = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(TIMEZONE))
    return int(local.astimezone(UTC).timestamp())


def _growth(day: date) -> float:
    """About 12 % a year around 2026, levelling off far from it, so that any clock gives a company of this size."""
    years = (day.toordinal() - date(2026, 1, 1).toordinal()) / 365.25
    return 1.0 + 0.25 * years / (2.0 + abs(years))


def _seasons(dates: list[date]) -> tuple[Floats, Floats]:
    """How many come and how readily they buy, without the weekday."""
    import numpy as np

    demand = np.array([_time_of_year(day) for day in dates])
    buying = np.array([1.10 if day.month == 12 and day.day <= 20 else 1.0 for day in dates])
    thanksgivings, lunar = _holidays(dates[0].year, dates[-1].year + 1)
    for position, day in enumerate(dates):
        for feast in thanksgivings:
            demand[position] *= _AROUND_THANKSGIVING.get((day - feast).days, 1.0)
            buying[position] *= _BUYING_AROUND_THANKSGIVING.get((day - feast).days, 1.0)
        for feast in lunar:
            demand[position] *= _around_lunar((day - feast).days)
    return demand, buying


def _time_of_year(day: date) -> float:
    if day.month == 12:
        steps = ((18, 1.25), (23, 1.10), (24, 0.75), (25, 0.60), (31, 0.85))
        return next(factor for last, factor in steps if day.day <= last)
    return {1: 0.93, 7: 0.95, 8: 0.96}.get(day.month, 1.0)


def _around_lunar(days: int) -> float:
    """Gifts are bought before the feast, then the family meets."""
    if -14 <= days <= -3:
        return 1.12
    return 0.88 if -2 <= days <= 2 else 1.0


@cache
def _holidays(first_year: int, last_year: int) -> tuple[list[date], list[date]]:
    """Thanksgiving; and Lunar New Year with Chuseok."""
    from holidays import country_holidays

    years = range(first_year, last_year + 1)
    # The feast itself, not the day off in its stead: people buy by the former.
    korean = country_holidays("KR", years=years, language="en_US", observed=False)
    american = country_holidays("US", years=years, language="en_US", observed=False)
    lunar = [day for day, name in korean.items() if {"Korean New Year", "Chuseok"} & set(name.split("; "))]
    return american.get_named("Thanksgiving"), sorted(lunar)
