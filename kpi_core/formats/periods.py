"""What periods and days are called."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from kpi_core.formats.numbers import BABEL_LOCALES
from kpi_core.phrases import say

if TYPE_CHECKING:
    from kpi_core.dates.calendars import Calendar
    from kpi_core.dates.periods import Period


def period_label(period: Period, language: str, calendar: Calendar | None = None) -> str:
    """What a period is called: "October 2026", "Week 47 · 16-22 November 2026", "Q3 2026", "1-21 November 2026".

    `calendar` is needed only where the fiscal year is not the calendar year.
    """
    start, last = period.start, period.last_day
    # First, for a year of whole weeks begins and ends on no month's first, and its quarters only look like days.
    if period.fiscal and not period.to_date:
        year, part = period.fiscal
        days = range_text(start, last, language)
        return say(language, f"date.fiscal_{period.grain}", year=year, part=part, months=days)
    # Weeks from Sunday on have no number that everybody counts alike.
    if period.grain == "week" and period.days == 7 and start.weekday() == 0:
        return say(language, "date.week", week=start.isocalendar().week, days=range_text(start, last, language))
    year_of = period.fiscal_year
    if calendar is not None and calendar.fiscal_starts != 1 and period.grain in {"quarter", "half", "year"}:
        year_of = (calendar.fiscal_starts, calendar.fiscal_named_by)
    if year_of and not period.to_date:
        name, number = _fiscal_part(period, year_of)
        whole = _months_text(start, last, language)
        return say(language, f"date.fiscal_{period.grain}", year=name, part=number, months=whole)
    months = (period.end.year - start.year) * 12 + period.end.month - start.month if period.end.day == 1 else 0
    if period.grain == "quarter" and months == 3 and start.month % 3 == 1:
        return say(language, "date.quarter", quarter=start.month // 3 + 1, year=start.year)
    if period.grain == "half" and months == 6 and start.month in {1, 7}:
        return say(language, f"date.half_{1 if start.month == 1 else 2}", year=start.year)
    return days_label(start, last, language)


def days_label(first: date, last: date, language: str) -> str:
    """Whole months by their names, a calendar year by its number, any other days one by one."""
    if first.day != 1 or (last + timedelta(days=1)).day != 1:
        return range_text(first, last, language)
    if (first.year, first.month) == (last.year, last.month):
        return _month_text(first, language)
    if first.year == last.year and (first.month, last.month) == (1, 12):
        return say(language, "date.year", year=first.year)
    return _months_text(first, last, language)


def range_text(first: date, last: date, language: str, *, year: bool = True) -> str:
    """The days from `first` to `last`, both inside: "1-21 November 2026"; without the year where it is understood."""
    if first == last:
        return date_text(first, language, year=year)
    ending = "" if year else "_short"
    if (first.year, first.month) == (last.year, last.month):
        month = month_name(first.month, language)
        key = f"date.days{ending}"
        return say(language, key, first=first.day, last=last.day, month=month, year=first.year)
    if first.year == last.year:
        days = {name: date_text(day, language, year=False) for name, day in (("first", first), ("last", last))}
        return say(language, f"date.between{ending}", year=first.year, **days)
    return say(language, "date.join", first=date_text(first, language), last=date_text(last, language))


def date_text(day: date, language: str, *, year: bool = True, short: bool = False) -> str:
    """Such as "21 November 2026"; `short` shortens the month's name where the language does."""
    month = month_name(day.month, language, short=short)
    return say(language, "date.day" if year else "date.day_short", day=day.day, month=month, year=day.year)


def axis_label(period: Period, language: str) -> str:
    """A period under a chart, at most 20 characters: "Oct 2026", "16 Nov", "Q3 2026", "P7 FY2026"."""
    if period.fiscal:
        year, part = period.fiscal
        return say(language, f"date.axis_fiscal_{period.grain}", year=year, part=part)
    if period.fiscal_year:
        year, part = _fiscal_part(period, period.fiscal_year)
        return say(language, f"date.axis_fiscal_{period.grain}", year=year, part=part)
    if period.grain == "quarter" and period.start.month % 3 == 1:
        return say(language, "date.quarter", quarter=period.start.month // 3 + 1, year=period.start.year)
    if period.grain == "year":
        return say(language, "date.year", year=period.start.year)
    month = month_name(period.start.month, language, short=True)
    if period.grain in {"month", "quarter", "half"}:
        return say(language, "date.month", month=month, year=period.start.year)
    return say(language, "date.day_short", day=period.start.day, month=month, year=period.start.year)


@cache
def month_name(month: int, language: str, *, short: bool = False) -> str:
    from babel import Locale

    names: Any = Locale.parse(BABEL_LOCALES.get(language, "en")).months["format"]["abbreviated" if short else "wide"]
    return str(names[month])


def weekday_text(day: date, language: str) -> str:
    from babel import Locale

    names: Any = Locale.parse(BABEL_LOCALES.get(language, "en")).days["format"]["wide"]
    return str(names[day.weekday()])


def _month_text(day: date, language: str) -> str:
    return say(language, "date.month", month=month_name(day.month, language), year=day.year)


def _months_text(first: date, last: date, language: str) -> str:
    if first.year != last.year:
        return say(language, "date.join", first=_month_text(first, language), last=_month_text(last, language))
    months = {name: month_name(day.month, language) for name, day in (("first", first), ("last", last))}
    return say(language, "date.months", year=first.year, **months)


def _fiscal_part(period: Period, year_of: tuple[int, str]) -> tuple[int, int]:
    """The name of the fiscal year that a period lies in, and which of its quarters or halves it is."""
    first_month, named_by = year_of
    offset = (period.start.month - first_month) % 12
    begins = period.start.year if period.start.month >= first_month else period.start.year - 1
    part = {"quarter": offset // 3 + 1, "half": offset // 6 + 1}.get(period.grain, 0)
    return begins + 1 if named_by == "end" else begins, part


def pair_labels(compared: Period, other: Period, language: str) -> tuple[str, str]:
    """The days of two periods, without their year where it is the same: it stands in the headline."""
    years = {compared.start.year, compared.last_day.year, other.start.year, other.last_day.year}
    year = len(years) > 1
    first = range_text(compared.start, compared.last_day, language, year=year)
    return first, range_text(other.start, other.last_day, language, year=year)
