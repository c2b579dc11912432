# ruff: noqa: E501 - a letter of Korean or Chinese counts as two columns
"""Months, quarters, halves and years of the fiscal year, by name, from today, to date and counted."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial

from kpi_core.dates.periods import MONTHS, Grain, Period, fiscal_unit, fiscal_unit_of, shift
from kpi_core.questions.number_words import number
from kpi_core.questions.period_words.clock import Clock, Reading, Rule, alternatives, at, first_group
from kpi_core.questions.period_words.month_rules import HALVES, OF, RELATIVE, YEAR_WORDS
from kpi_core.questions.period_words.unit_rules import LANGUAGES

_FISCAL_YEAR = r"(?:fiscal year|fiscal|fy|회계연도|회계년도|會計年度|会计年度|財政年度|財年|财年)"
_UNITS: dict[Grain, str] = {
    "month": r"fiscal month|fiscal period|회계월|會計月份?|会计月",
    "quarter": r"fiscal quarter|fiscal qtr|회계분기|會計季度?|会计季度?|財季",
    "half": r"fiscal half|회계반기|會計半年",
    "year": _FISCAL_YEAR,
}
_TO_DATE = r"(?P<td> ?to date| so far| ytd|누계|누적|至今|迄今|以來|累計)?"
_AS_FAR = {"to date", "ytd"}
_ADDED_UP = {"누계", "누적", "累計"}
_SHORT_TO_DATE: dict[str, Grain] = {"fytd": "year", "fqtd": "quarter", "fmtd": "month"}
_OFFSETS = RELATIVE | YEAR_WORDS | {
    "전": -1, "당": 0, "금": 0, "今": 0, "當": 0, "the current": 0, "the last": -1, "the next": 1,
    "上一": -1, "上一個": -1, "前一": -1, "下一": 1, "下一個": 1,
}  # fmt: skip
_MONTH_NUMBER = r"1[0-2]|0?[1-9]"
_NAME = (
    r"(?:(?:fy|fiscal year|fiscal) ?(?P<y>\d{4}|\d\d)|(?P<y2>(?:19|20|21)\d\d)(?:년도?|年)?(?:의|的)?"
    + _FISCAL_YEAR
    + ")"
)
_NAME_AFTER = r"(?:fy|fiscal year|fiscal) ?(?P<y>\d{4}|\d\d)"
_YEAR = r"(?:19|20|21)\d\d"
_ORDINAL = "first|second|third|fourth|1st|2nd|3rd|4th"
_MONTHS = (
    rf"(?:fiscal month|fiscal period|period|p) ?(?P<n>{_MONTH_NUMBER})",
    rf"(?:제)?(?P<n>{_MONTH_NUMBER})(?:번째)?회계월|회계월(?P<m>{_MONTH_NUMBER})|회계(?P<w>{_MONTH_NUMBER})기",
    rf"(?:第)?(?P<n>{_MONTH_NUMBER}|NUMBER)(?:個)?會計月份?|會計月(?P<m>{_MONTH_NUMBER})|會計第(?P<w>{_MONTH_NUMBER}|NUMBER)期",
)
_COUNTED: dict[str, Grain] = {
    "months": "month", "periods": "month", "quarters": "quarter", "halves": "half", "years": "year",
    "회계월": "month", "회계분기": "quarter", "회계연도": "year", "會計月": "month", "會計季度": "quarter", "會計季": "quarter", "會計年度": "year",
}  # fmt: skip


def fiscal_rules() -> Iterator[Rule]:
    yield Rule(r"(?:fy|fiscal year|fiscal) ?(?P<y>\d{4}|\d\d)(?:년|年)?", _year)
    yield Rule(rf"(?P<y>(?:19|20|21)\d\d)(?:년도?|年)?(?:의|的)?{_FISCAL_YEAR}", _year)
    yield Rule(r"(?:fy|fiscal year|fiscal) ?(?P<from>(?:20)?\d\d)-(?P<to>(?:20)?\d\d)", _year_of_two)
    yield Rule(rf"(?P<from>(?:20)?\d\d)-(?P<to>(?:20)?\d\d)(?:년도?|年)? ?{_FISCAL_YEAR}", _year_of_two)
    yield Rule(r"fy ?(?P<from>(?:20)?\d\d) ?(?:~|to|through)? ?fy ?(?P<to>(?:20)?\d\d)", _years)
    yield Rule(alternatives(_SHORT_TO_DATE), _short_to_date)
    relative = rf"(?:(?P<rel>{alternatives(_OFFSETS)})(?: |의|的)?)?"
    for grain, words in _UNITS.items():
        yield Rule(rf"{relative}(?:{words}){_TO_DATE}", partial(_from_today, grain=grain))
    yield from _numbered_rules()
    recent = r"(?:last|past|previous|최근|지난|過去|最近|近)"
    yield Rule(rf"{recent} ?(?P<n>\d{{1,3}}|NUMBER)(?:개|個)? ?(?:fiscal )?(?P<unit>{alternatives(_COUNTED)})", _last)


def _numbered_rules() -> Iterator[Rule]:
    for pattern in _MONTHS:
        yield Rule(pattern, partial(_numbered, grain="month"))
        yield Rule(rf"(?:{pattern}){OF}{_NAME_AFTER}", partial(_numbered, grain="month"))
        yield Rule(rf"{_NAME}{OF}(?:{pattern})", partial(_numbered, grain="month"))
    yield Rule(rf"{_NAME}{OF}(?:제|第)?(?P<n>{_MONTH_NUMBER})(?:기|期)", partial(_numbered, grain="month"))
    yield Rule(
        rf"(?P<n>{_ORDINAL}) (?:fiscal|fy) (?:quarter|qtr)(?:{OF}{_NAME_AFTER})?", partial(_numbered, grain="quarter")
    )
    for tables in LANGUAGES:
        parts: tuple[tuple[Grain, str], ...] = (("quarter", tables.quarter), ("half", tables.half))
        for grain, pattern in parts:
            read = partial(_numbered, grain=grain)
            # "F" alone says fiscal only right before its part: fq3, fh1.
            yield Rule(rf"(?:{_NAME}|{_FISCAL_YEAR}|회계|會計|f(?=[qh])){OF}{pattern}", read)
            yield Rule(rf"(?:fiscal )?{pattern}{OF}{_NAME_AFTER}", read)
            yield Rule(rf"(?:{_FISCAL_YEAR}|회계|會計|f(?=[qh])){OF}{pattern}{OF}(?P<y>{_YEAR})(?:년도?|年度?)?", read)
            yield Rule(rf"(?:{_FISCAL_YEAR}|회계|會計) ?(?P<y>{_YEAR})(?:년도?|年度?)?{OF}{pattern}", read)
            yield Rule(rf"(?P<y>{_YEAR})(?:년도?|年度?)?{OF}(?:fiscal|회계|會計){OF}{pattern}", read)


def _year(match: re.Match[str], clock: Clock) -> Reading:
    return at(match, fiscal_unit(_full_year(match["y"]), "year", 1, clock.calendar))


def _years(match: re.Match[str], clock: Clock) -> Reading | None:
    """FY2024-FY2026: from the first day of the one to the last of the other."""
    first, last = (fiscal_unit(_full_year(match[name]), "year", 1, clock.calendar) for name in ("from", "to"))
    return at(match, Period(first.start, last.end)) if first < last else None


def _year_of_two(match: re.Match[str], clock: Clock) -> Reading | None:
    """FY2025-26: the fiscal year that begins in the one and ends in the other."""
    first, last = _full_year(match["from"]), _full_year(match["to"])
    calendar = clock.calendar
    # One year after the other, else it is no name: fy25-30 stays unread.
    if last != first + 1:
        return None
    by_end = calendar.fiscal_named_by == "end" and calendar.fiscal_starts > 1
    return at(match, fiscal_unit(last if by_end else first, "year", 1, calendar))


def _from_today(match: re.Match[str], clock: Clock, grain: Grain) -> Reading | None:
    current = fiscal_unit_of(clock.today, grain, clock.calendar)
    offset = _OFFSETS.get(match["rel"] or "", 0)
    period, words = shift(current, offset, clock.calendar), (match["td"] or "").strip()
    if not words:
        return at(match, period)
    if offset == 0:
        return at(match, clock.to_date(current))
    if offset > 0:
        return None
    # Of a unit that is over, as the words are used for months: as far into it as today is, all of it, or since then.
    if words in _AS_FAR:
        return at(match, shift(clock.to_date(current), offset, clock.calendar))
    return at(match, period if words in _ADDED_UP else Period(period.start, clock.to_date(current).end))


def _short_to_date(match: re.Match[str], clock: Clock) -> Reading:
    return at(match, clock.to_date(fiscal_unit_of(clock.today, _SHORT_TO_DATE[match[0]], clock.calendar)))


def _numbered(match: re.Match[str], clock: Clock, grain: Grain) -> Reading | None:
    """A part of a fiscal year; without the year the newest that has started."""
    words = first_group(match, "n", "m", "w") or ""
    part = HALVES.get(words) or HALVES.get(words[:1]) or number(words) if grain == "half" else number(words)
    if not 1 <= part <= 12 // MONTHS[grain]:
        return None
    name = first_group(match, "y", "y2")

    def make(year: int) -> Period:
        return fiscal_unit(year, grain, part, clock.calendar)

    return at(match, clock.in_year(_full_year(name) if name else None, make))


def _last(match: re.Match[str], clock: Clock) -> Reading | None:
    """The last complete units; "last 2 quarters" without "fiscal" are those of the calendar year."""
    n, grain = number(match["n"]), _COUNTED[match["unit"]]
    if n < 1 or (match["unit"].isascii() and "fiscal " not in match[0]):
        return None
    newest = shift(fiscal_unit_of(clock.today, grain, clock.calendar), -1, clock.calendar)
    oldest = shift(newest, 1 - n, clock.calendar)
    return at(match, newest if n == 1 else Period(oldest.start, newest.end))


def _full_year(name: str) -> int:
    return int(name) if len(name) == 4 else 2000 + int(name)
