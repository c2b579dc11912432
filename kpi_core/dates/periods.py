"""Periods are half-open: `start` is inside, `end` is not. Local dates of the workspace; the clock is always passed in.

The arithmetic of periods: the unit of a day, the period before, the one a year ago, the fair pair of two, the trend.
`docs/decisions/periods.md` gives the reasons.
"""

from __future__ import annotations

import calendar as gregorian
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Literal

from kpi_core.dates.feasts import feast_days, feast_week_of, moved_feast_of
from kpi_core.frozen_dataclass import frozen
from kpi_core.metrics import Cadence

if TYPE_CHECKING:
    from kpi_core.dates.calendars import Calendar

Grain = Literal["day", "week", "month", "quarter", "half", "year", "span"]
"""What a period is one of; `span` is any other run of days, such as the last 7."""

MONTHS: dict[Grain, int] = {"month": 1, "quarter": 3, "half": 6, "year": 12}
"""Months in the units that are made of months."""

GRAIN_OF_CADENCE: dict[Cadence, Grain] = {"daily": "day", "weekly": "week", "monthly": "month", "quarterly": "quarter"}

Days = tuple[date, date]
"""A run of days `[start, end)`, without a name or a unit."""

SAME_WEEKDAYS = timedelta(days=364)
"""A year by weekdays: 52 whole weeks."""

# A quarter: in longer spans the weekdays even out, and people think of dates.
_LONGEST_BY_WEEKDAY = 91
_DAYS: dict[Grain, int] = {"day": 1, "week": 7, "month": 30, "quarter": 91, "half": 182, "year": 365}
GRAINS: tuple[Grain, ...] = ("day", "week", "month", "quarter", "half", "year")
"""The units, the shortest first."""
_TREND_UNITS: dict[Grain, int] = {"day": 14, "week": 13, "month": 13, "quarter": 9, "half": 5, "year": 5}


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """A run of local dates `[start, end)`."""

    start: date
    end: date
    grain: Grain = "span"
    to_date: bool = False
    """Month to date and its like: `end` is the day after today, and the partner ends as far into its own unit."""
    fiscal: tuple[int, ...] = ()
    """Year and number of a month, quarter, half or year in a fiscal year of whole weeks: (2026, 7); else empty."""
    fiscal_year: tuple[()] | tuple[int, str] = ()
    """Of a part of a fiscal year of calendar months, or a whole one: the month that year begins with, and whether its
    `start` or its `end` names it; else empty."""
    feast: str = ""
    """A word for the holiday that the period was named by, known to `feasts.py`; else empty."""
    every: int = 0
    """Days from this span to the next of its kind, where that is not its length: 7 of a weekend, or of weekdays."""

    # Numbers are looked up by their periods, of which hardly any two of a question have the same days.
    def __hash__(self) -> int:
        return hash((self.start, self.end))

    @property
    def days(self) -> int:
        return (self.end - self.start).days

    @property
    def last_day(self) -> date:
        return self.end - timedelta(days=1)


def period_values(period: Period) -> dict[str, Any]:
    """All of a period as JSON values, from which `period_from` makes it again."""
    return asdict(period) | {
        "start": period.start.isoformat(),
        "end": period.end.isoformat(),
        "fiscal": list(period.fiscal),
        "fiscal_year": list(period.fiscal_year),
    }


def period_from(values: Mapping[str, Any]) -> Period:
    """The period of `period_values`; what an older version did not write down yet is as it was then."""
    start, end = (date.fromisoformat(values[name]) for name in ("start", "end"))
    names = {name: tuple(values.get(name, ())) for name in ("fiscal", "fiscal_year")}
    return Period(**{**values, "start": start, "end": end, **names})


@frozen
class Pairing:
    """Two runs of days that may be compared fairly."""

    current: Period
    other: Period


def add_months(day: date, months: int) -> date:
    """The same day of the month `months` later, or that month's last day where it has no such day."""
    index = day.year * 12 + day.month - 1 + months
    year, month = index // 12, index % 12 + 1
    return date(year, month, min(day.day, gregorian.monthrange(year, month)[1]))


def unit_of(day: date, grain: Grain, calendar: Calendar) -> Period:
    """The day, week, month, quarter, half or year that holds `day`. ValueError for `span`, which is no unit."""
    if grain == "day":
        return Period(day, day + timedelta(days=1), grain)
    if grain == "week":
        start = calendar.week_of(day)
        return Period(start, start + timedelta(days=7), grain)
    if grain not in MONTHS:
        raise ValueError(f"{grain} is no unit")
    months = MONTHS[grain]
    start = date(day.year, (day.month - 1) // months * months + 1, 1)
    return Period(start, add_months(start, months), grain)


def fiscal_unit(year: int, grain: Grain, part: int, calendar: Calendar) -> Period:
    """The `part`-th month, quarter or half (from 1) of a fiscal year, or the year itself."""
    months = MONTHS[grain]
    start = calendar.fiscal_month_start(year, (part - 1) * months + 1)
    end = calendar.fiscal_month_start(year, part * months + 1)
    if calendar.fiscal_pattern:
        return Period(start, end, grain, fiscal=(year, part))
    by_calendar = calendar.fiscal_starts == 1 or grain == "month"
    return Period(
        start, end, grain, fiscal_year=() if by_calendar else (calendar.fiscal_starts, calendar.fiscal_named_by)
    )


def fiscal_unit_of(day: date, grain: Grain, calendar: Calendar) -> Period:
    """The fiscal month, quarter, half or year that holds `day`."""
    year = calendar.fiscal_year_of(day)
    units = (fiscal_unit(year, grain, part, calendar) for part in range(12 // MONTHS[grain], 0, -1))
    return next(unit for unit in units if unit.start <= day)


def shift(period: Period, n: int, calendar: Calendar) -> Period:
    """The period of the same kind `n` places later (earlier when negative).

    Units move by units and keep the part to date; spans of several whole months move by months, others by days.
    """
    if period.fiscal:
        return _fiscal_shift(period, n, calendar)
    if n and period.feast:
        period = replace(period, feast="")
    months = MONTHS.get(period.grain) or _whole_months(period)
    # One month without a grain is "last 30 days" on the first of a month: it must move as on any other day.
    if months > 1 or period.grain == "month":
        start = add_months(period.start, months * n)
        if period.to_date:
            return replace(period, start=start, end=add_months(period.last_day, months * n) + timedelta(days=1))
        return replace(period, start=start, end=add_months(period.end, months * n))
    days = timedelta(days=_DAYS.get(period.grain, period.every or period.days) * n)
    return replace(period, start=period.start + days, end=period.end + days)


def _fiscal_shift(period: Period, n: int, calendar: Calendar) -> Period:
    units = 12 // MONTHS[period.grain]
    year, part = period.fiscal
    year, part = divmod(year * units + part - 1 + n, units)
    unit = fiscal_unit(year, period.grain, part + 1, calendar)
    if not period.to_date:
        return unit
    # A year of 52 weeks is over before the running part of one with 53 may be.
    return replace(unit, end=min(unit.end, unit.start + timedelta(days=period.days)), to_date=True)


def previous(period: Period, calendar: Calendar) -> Period:
    """The period just before: the unit before, the run of as many days before, or as much of the unit before."""
    return shift(period, -1, calendar)


def year_ago(period: Period, calendar: Calendar) -> Period:
    """The period a year before: 364 days where weekdays matter (days, weeks, spans up to a quarter), else by date.

    A holiday goes back to the same holiday, a unit of a fiscal year of whole weeks to its namesake.
    """
    if period.fiscal:
        return _fiscal_shift(period, -12 // MONTHS[period.grain], calendar)
    if period.feast and (same := _same_feast(period, calendar)):
        return same
    period = replace(period, feast="")
    if _goes_by_weekday(period):
        return same_weekdays(period)
    start = add_months(period.start, -12)
    if period.grain in MONTHS and not period.to_date:
        return replace(period, start=start, end=add_months(start, MONTHS[period.grain]))
    return replace(period, start=start, end=add_months(period.last_day, -12) + timedelta(days=1))


def same_weekdays(period: Period) -> Period:
    """The run of as many days 364 days before: the same weekdays. A month that has moved is no month any more."""
    start, end = period.start - SAME_WEEKDAYS, period.end - SAME_WEEKDAYS
    return Period(start, end, period.grain if period.grain in ("day", "week") else "span", every=period.every)


def same_holiday(period: Period, calendar: Calendar) -> Period | None:
    """The same holiday a year before, or as many days around the moving holiday that a period holds.

    None where it holds none that the workspace's country has.
    """
    if period.feast:
        return _same_feast(period, calendar)
    # Over New Year a period may hold the feast of either year.
    word = moved_feast_of((period.start, period.end), calendar)
    if word is None:
        return None
    for year in (period.start.year, period.last_day.year):
        here, before = (feast_days(word, feast_year, calendar) for feast_year in (year, year - 1))
        if here and before and period.start <= here[0] < period.end:
            back = here[0] - before[0]
            return Period(period.start - back, period.end - back)
    return None


def _same_feast(period: Period, calendar: Calendar) -> Period | None:
    """The same holiday a year before, or the week that holds it."""
    for year in (period.start.year, period.last_day.year):
        here, before = (feast_days(period.feast, feast_year, calendar) for feast_year in (year, year - 1))
        if here and before and period.start <= here[0] < period.end:
            start, end = feast_week_of(before[0], calendar) if period.grain == "week" else before
            grain: Grain = period.grain if period.grain == "week" else "day" if (end - start).days == 1 else "span"
            return Period(start, end, grain, feast=period.feast)
    return None


def pair(period: Period, other: Period, complete_through: date) -> Pairing | None:
    """The fair comparison of two periods, data being complete through a day; None when no day of one is complete.

    Whole against whole, or else the complete days of the unfinished one against as far into the other: by day of
    the month where both are made of months (1-21 November, 1-21 October), else by number of days.
    """
    if max(period.last_day, other.last_day) <= complete_through:
        return _as_long(period, other)
    after = complete_through + timedelta(days=1)
    current_end = min(period.end, after)
    other_end = min(other.end, after)
    if current_end <= period.start or other_end <= other.start:
        return None
    # Each is cut to what the other has; where one of them is whole, only the second cut does anything.
    if current_end < period.end:
        other_end = min(other_end, _as_far_into(other, period, current_end))
    if other_end < other.end:
        current_end = min(current_end, _as_far_into(period, other, other_end))
    return Pairing(_until(period, current_end), _until(other, other_end))


def _as_long(period: Period, other: Period) -> Pairing:
    """Months of whole weeks and holidays are not all as long: the longer one is cut to the days that both have."""
    alike = period.fiscal and other.fiscal and period.grain == other.grain
    if alike or (period.feast and period.feast == other.feast):
        days = timedelta(days=min(period.days, other.days))
        return Pairing(_until(period, period.start + days), _until(other, other.start + days))
    return Pairing(period, other)


def trend_periods(period: Period, calendar: Calendar, grain: Grain | None = None) -> tuple[Period, ...]:
    """The buckets of a period's trend, oldest first.

    Without a grain: 13 units ending with the period (14 days, 9 quarters, 5 halves or years), and a span's own days,
    weeks (from 32 days) or months (from 27 weeks). With one: the period cut into it, or units ending with its last day.
    """
    if grain is None:
        if period.grain != "span":
            return _units_until(period, calendar)
        grain = "day" if period.days <= 31 else "week" if period.days <= 26 * 7 else "month"
        return _cut(period, grain, calendar)
    if grain != "span" and _is_finer(grain, period):
        return _cut(period, grain, calendar)
    return _units_until(_unit_like(period, period.last_day, grain, calendar), calendar)


def cut_by(periods: Iterable[Period], grain: Grain, calendar: Calendar) -> tuple[Period, ...]:
    """The periods, each cut where a unit of `grain` begins: weeks and months together are weeks within a month."""
    return tuple(part for period in periods for part in _cut_whole(period, grain, calendar))


def _cut_whole(period: Period, grain: Grain, calendar: Calendar) -> tuple[Period, ...]:
    parts = _cut(period, grain, calendar)
    return parts if len(parts) > 1 else (period,)


def _unit_like(period: Period, day: date, grain: Grain, calendar: Calendar) -> Period:
    """The unit that holds `day`, of the fiscal year where `period` is of it."""
    if period.fiscal and grain in MONTHS:
        return fiscal_unit_of(day, grain, calendar)
    return unit_of(day, grain, calendar)


def _is_finer(grain: Grain, period: Period) -> bool:
    if period.grain == "span":
        return _DAYS[grain] <= period.days and not _is_unit(period, grain)
    return _DAYS[grain] < _DAYS[period.grain]


def _is_unit(period: Period, grain: Grain) -> bool:
    months = MONTHS.get(grain)
    return _whole_months(period) == months if months else period.days == _DAYS[grain]


def _units_until(period: Period, calendar: Calendar) -> tuple[Period, ...]:
    """Whole units, the last one being the period itself."""
    unit = replace(period, to_date=False)
    if period.to_date:
        unit = _whole_unit(period, calendar)
    earlier = (shift(unit, -n, calendar) for n in range(_TREND_UNITS[period.grain] - 1, 0, -1))
    return (*earlier, period)


def _whole_unit(period: Period, calendar: Calendar) -> Period:
    if period.fiscal:
        return fiscal_unit(period.fiscal[0], period.grain, period.fiscal[1], calendar)
    months = MONTHS.get(period.grain)
    end = add_months(period.start, months) if months else period.start + timedelta(days=_DAYS[period.grain])
    return Period(period.start, end, period.grain, fiscal_year=period.fiscal_year)


def _cut(period: Period, grain: Grain, calendar: Calendar) -> tuple[Period, ...]:
    """Units of `grain` that cover the period, the outer ones cut to it."""
    buckets = []
    unit = _unit_like(period, period.start, grain, calendar)
    while unit.start < period.end:
        start, end = max(unit.start, period.start), min(unit.end, period.end)
        buckets.append(unit if (start, end) == (unit.start, unit.end) else Period(start, end))
        unit = _unit_like(period, unit.end, grain, calendar)
    return tuple(buckets)


def _goes_by_weekday(period: Period) -> bool:
    if period.grain != "span":
        return period.grain in ("day", "week")
    return not _whole_months(period) and (period.days % 7 == 0 or period.days <= _LONGEST_BY_WEEKDAY)


def _whole_months(period: Period) -> int:
    """How many months a run covers from a first to a last day of a month; 0 when it does not."""
    if period.start.day != 1 or period.end.day != 1:
        return 0
    return (period.end.year - period.start.year) * 12 + period.end.month - period.start.month


def _as_far_into(other: Period, period: Period, end: date) -> date:
    """The end of the part of `other` that is as long as `period` until `end`, never beyond `other`'s own end."""
    if _counts_by_month(period) and _counts_by_month(other):
        # By the last day, not the end, so that the clamping to a shorter month neither adds nor loses a day.
        last = end - timedelta(days=1)
        months = (last.year - period.start.year) * 12 + last.month - period.start.month
        same_day = add_months(other.start, months)
        month_end = gregorian.monthrange(same_day.year, same_day.month)[1]
        return min(other.end, same_day.replace(day=min(last.day, month_end)) + timedelta(days=1))
    return min(other.end, other.start + (end - period.start))


def _counts_by_month(period: Period) -> bool:
    return not period.fiscal and period.start.day == 1 and (period.grain in MONTHS or _whole_months(period) > 0)


def _until(period: Period, end: date) -> Period:
    """The part of a period until `end`; a unit's part stays one of its kind, so that the one before it is known."""
    if end == period.end:
        return period
    return replace(period, end=end, to_date=True) if period.grain != "span" else Period(period.start, end)
