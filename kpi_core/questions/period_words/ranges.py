# ruff: noqa: E501 - a letter of Korean or Chinese counts as two columns
"""Periods made of other periods: from one to another, since one, the partner a year ago of one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta

from kpi_core.dates.periods import Grain, Period, previous, unit_of
from kpi_core.questions.patterns import possible
from kpi_core.questions.period_words.around import around, is_from_today
from kpi_core.questions.period_words.clock import Clock, Reading, matches
from kpi_core.questions.period_words.edges import edges
from kpi_core.questions.period_words.languages.english import ENGLISH
from kpi_core.questions.period_words.unit_rules import LANGUAGES, UNITS

# A lone space is what the plain form leaves of a hyphen between words: "jan-mar", "mon-fri".
_TO = re.compile(r" ?(?:~|-|to|through|thru|until|till|and|부터|에서|到|至|起至|截至) ?|(?= )(?: )")
_FROM = re.compile(r"(?:from|since|between|從|从|自|由) ?$")
_FROM_SINCE = re.compile(r"(?:(?:since|from)(?: the (?:start|beginning) of)?(?: the)?|自從|自从|自|從|从) ?$")
_UP_TO = re.compile(r" ?(?:까지(?:의)?|사이(?:의)?|為止|为止|止|之間|期間|동안)")
_SINCE = re.compile(
    r" ?(?:초?부터(?:(?:현재|지금|오늘)까지)?|이후로?(?:(?:현재|지금|오늘)까지)?|이래로?|以來|以来|以後"
    r"|起?(?:至今|(?:到|至)(?:現在|目前|今[天日]?)(?:為止)?)|起|onwards?|~$|(?:to|until|till|through|~) ?(?:now|(?:the )?present|date)(?![a-z]))"
)
_OF = re.compile(r" ?(?:of|for|,|의|的)? ?(?:the )?")
# 自 and 從 alone are "from"; since then needs 起, 以來 or 至今 behind the period.
_FROM_CHINESE = ("自", "從", "从")
PARTNER = "|".join(f"(?:{pattern})" for tables in LANGUAGES for pattern in tables.period_last_year)
_UNIT_BEFORE = r"(?:the )?(?:last|previous|prior) (?:week|month|quarter)"
_LAST_YEAR = r"(?:the )?(?:last|prior|previous) year|ly|py|a year ago|작년|전년|지난해|去年"
_ENGLISH_WEEKDAYS = tuple(ENGLISH.weekdays)
_WEEK = timedelta(days=7)
_HALF_A_YEAR = timedelta(days=183)
_NAMED_UNITS: tuple[Grain, ...] = ("day", "month", "year")


def combined(text: str, simple: Sequence[Reading], clock: Clock) -> list[Reading]:
    """What can be made of neighbouring readings."""
    by_start: dict[int, list[Reading]] = {}
    for reading in simple:
        by_start.setdefault(reading.start, []).append(reading)
    readings = []
    for first in simple:
        readings.extend(_since(text, first, clock))
        connector = _TO.match(text, first.end)
        if connector:
            for last in by_start.get(connector.end(), ()):
                readings.extend(_ranges(text, first, last, connector[0], clock))
    return [*readings, *around(text, simple, clock), *edges(text, simple, clock), *_partners(text, simple, clock)]


def _ranges(text: str, first: Reading, last: Reading, connector: str, clock: Clock) -> list[Reading]:
    period = _between(first, last, clock)
    if period is None:
        return []
    before = _FROM.search(text, 0, first.start)
    if connector.strip() == "" and not _named_months(text, first, last):
        return []
    # Without it 2026-10-15 would be from the year 2026 to the 15th of October.
    if connector == "-" and first.period.grain != last.period.grain:
        return []
    if connector.strip() == "and" and not before:
        return []
    after = _UP_TO.match(text, last.end)
    start, end = before.start() if before else first.start, after.end() if after else last.end
    return [Reading(start, end, period)]


def _named_months(text: str, first: Reading, last: Reading) -> bool:
    """As in "jan-mar" and "mon-fri", whose hyphen the plain form does not keep."""
    if first.period.grain == "day" and last.floats == "week":
        return text[first.start : first.end].endswith(_ENGLISH_WEEKDAYS)
    months = first.period.grain == last.period.grain == "month"
    return months and first.floats == "year" and text[last.start : last.end] not in UNITS


def _between(first: Reading, last: Reading, clock: Clock) -> Period | None:
    """From the start of one to the end of the other; what one leaves open (year, month) the other says."""
    # "The 1st to the 15th": neither says which month.
    if first.period.to_date or last.floats == "month" == first.floats:
        return None
    weekdays = "week" in (first.floats, last.floats)
    if weekdays:
        first, last = _weekdays(first, last)
    if last.floats == "month":
        last = _in_month_of(first, last)
    if first.floats == "year":
        first = _before(first, last) if not last.floats else first
    if last.floats == "year":
        last = _after(first, last)
        # "Compare last month to september" names no eleven months to come.
        if last.period.start - clock.today > _HALF_A_YEAR:
            return None
    if last.period.start < first.period.start or last.period.end <= first.period.start:
        return None
    period = _as_unit(Period(first.period.start, last.period.end), clock)
    # Weekdays within a week repeat weekly; a longer run is compared with as many days before it.
    return replace(period, every=7) if weekdays and period.days <= _WEEK.days and period.grain == "span" else period


def _weekdays(first: Reading, last: Reading) -> tuple[Reading, Reading]:
    """A bare weekday at the end is the first one from the start on, at the start the newest one before the end."""
    apart = (last.period.start - first.period.start) % _WEEK
    if last.floats == "week":
        return first, replace(last, period=_one_day(first.period.start + apart))
    return replace(first, period=_one_day(last.period.start - apart)), last


def _one_day(day: date) -> Period:
    return Period(day, day + timedelta(days=1), "day")


def _in_month_of(first: Reading, last: Reading) -> Reading:
    day = first.period.last_day.replace(day=1)
    day_number = last.period.start.day
    try:
        start = day.replace(day=day_number)
    except ValueError:
        return last
    return replace(last, period=Period(start, start + timedelta(days=1), "day"), floats="")


def _before(first: Reading, last: Reading) -> Reading:
    """The newest `first` that does not begin after `last`."""
    moved = first.moved(last.period.start.year - first.period.start.year)
    return moved if moved.period.start <= last.period.start else moved.moved(-1)


def _after(first: Reading, last: Reading) -> Reading:
    """The first `last` that does not begin before `first`."""
    moved = last.moved(first.period.start.year - last.period.start.year)
    return moved if moved.period.start >= first.period.start else moved.moved(1)


def _as_unit(period: Period, clock: Clock) -> Period:
    """A run that is exactly one day, month or year is that unit."""
    units = (unit_of(period.start, grain, clock.calendar) for grain in _NAMED_UNITS)
    return next((unit for unit in units if (unit.start, unit.end) == (period.start, period.end)), period)


def _since(text: str, first: Reading, clock: Clock) -> list[Reading]:
    """From the start of a period until today."""
    before, after = _FROM_SINCE.search(text, 0, first.start), _SINCE.match(text, first.end)
    if not (before or after) or first.period.start > clock.today:
        return []
    if first.period.to_date:
        return [replace(first, start=before.start())] if before and before[0].strip() in _FROM_CHINESE else []
    if before and not after and (before[0].strip() in _FROM_CHINESE or is_from_today(text, before[0], first.start)):
        return []
    period = replace(clock.to_date(first.period), grain="span", to_date=False)
    return [Reading(before.start() if before else first.start, after.end() if after else first.end, period)]


def _partners(text: str, simple: Sequence[Reading], clock: Clock) -> list[Reading]:
    """The partners named by "same period last year (of MTD)"; of the month to date where no period stands beside it."""
    readings = []
    may = possible("partners", (PARTNER, _LAST_YEAR, _UNIT_BEFORE), text)
    for match in matches(PARTNER, text) if PARTNER in may else ():
        alone = clock.year_ago(clock.to_date(clock.unit("month")))
        readings.append(Reading(match.start(), match.end(), alone))
        connector = _OF.match(text, match.end())
        after = connector.end() if connector else match.end()
        for reading in simple:
            if reading.start == after:
                readings.append(Reading(match.start(), reading.end, clock.year_ago(reading.period)))
            if reading.end in (match.start(), match.start() - 1) and reading.start < match.start():
                readings.append(Reading(reading.start, match.end(), clock.year_ago(reading.period)))
    parts = [reading for reading in simple if reading.period.to_date and reading.period.end > clock.today]
    for match in matches(_LAST_YEAR, text) if _LAST_YEAR in may else ():
        readings += [replace(joined, period=clock.year_ago(joined.period)) for joined in _joined(match, parts)]
    for match in matches(_UNIT_BEFORE, text) if _UNIT_BEFORE in may else ():
        same = [part for part in parts if match[0].endswith(part.period.grain)]
        readings += [replace(joined, period=previous(joined.period, clock.calendar)) for joined in _joined(match, same)]
    return readings


def _joined(match: re.Match[str], parts: Sequence[Reading]) -> Iterator[Reading]:
    """Those that stand before or after the match, with it."""
    for part in parts:
        if part.end in (match.start(), match.start() - 1) or part.start in (match.end(), match.end() + 1):
            yield replace(part, start=min(part.start, match.start()), end=max(part.end, match.end()))
