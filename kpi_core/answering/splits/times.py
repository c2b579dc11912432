"""A split by hours, weekdays or a calendar of one's own: every hour has its row, in the order of time."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from kpi_core.answering.layout import ONE_DAY
from kpi_core.answering.resolved import Resolved
from kpi_core.answers import BreakdownRow
from kpi_core.dates.calendars import Calendar
from kpi_core.dates.periods import Period
from kpi_core.metrics import CLOCK, HOUR, WEEKDAY, WEEKDAYS
from kpi_core.sql.added.clock_columns import AGAIN
from kpi_core.sql.plan import Group

_STEP = timedelta(minutes=15)
"""No zone's clock is set between two of these."""


def of_calendar(resolved: Resolved) -> bool:
    """Whether a calendar of one's own splits: the days that a period is compared with have other names there."""
    return resolved.of_time not in {"", *CLOCK}


def groups_with_times(resolved: Resolved, seen: Collection[Group]) -> set[Group]:
    """The groups, with hours and weekdays in which nothing was; while a day goes on, up to the last with something."""
    name, period = resolved.of_time, resolved.query.period
    if name not in CLOCK or resolved.query.dimensions != (name,) or resolved.query.filters_by(name):
        return set(seen)
    end = min(period.end, resolved.complete_through + ONE_DAY)
    if period.start < end:
        return {*seen, *((text,) for text in _every(name, Period(period.start, end), resolved.context.calendar))}
    every = [(hour,) for hour in hours_of(period.start, resolved.context.calendar)] if name == HOUR else []
    last = max((place for place, group in enumerate(every) if group in seen), default=-1)
    return {*seen, *every[: last + 1]}


def _every(name: str, period: Period, calendar: Calendar) -> list[str]:
    if name == WEEKDAY:
        days = (period.start + timedelta(days=n) for n in range(min(period.days, len(WEEKDAYS))))
        return [WEEKDAYS[day.weekday()] for day in days]
    if period.days == 1:
        return hours_of(period.start, calendar)
    return [f"{hour:02}:00" for hour in range(24)]


def hours_of(day: date, calendar: Calendar) -> list[str]:
    """The hours of a local day in their order: 24, or 23 and 25 where the clock is set."""
    return list(dict.fromkeys(_hours(day, calendar)))


def _hours(day: date, calendar: Calendar) -> Iterator[str]:
    moment, end, zone = calendar.midnight(day), calendar.midnight(day + ONE_DAY), ZoneInfo(calendar.timezone)
    while moment < end:
        local = moment.astimezone(zone)
        yield f"{local:%H}:00{AGAIN if local.fold else ''}"
        moment += _STEP


def in_order_of_time(resolved: Resolved, rows: Sequence[BreakdownRow]) -> list[BreakdownRow]:
    """The rows by the time that they are split by; others stay as they are."""
    name = resolved.of_time
    if not name:
        return list(rows)
    place = resolved.query.dimensions.index(name)
    week = resolved.context.calendar.week_of(resolved.query.period.start).weekday()

    def order(row: BreakdownRow) -> tuple[bool, int, str]:
        key = row.keys[place]
        weekday = (WEEKDAYS.index(key) - week) % 7 if name == WEEKDAY and key in WEEKDAYS else 0
        return key is None, weekday, key or ""

    return sorted(rows, key=order)
