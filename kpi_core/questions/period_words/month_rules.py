# ruff: noqa: E501 - a letter of Korean or Chinese counts as two columns
"""Named months, quarters, halves and years, with or without a year."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from functools import cache, partial

from kpi_core.dates.periods import Grain, Period, add_months, shift, unit_of
from kpi_core.questions.number_words import HAN, number
from kpi_core.questions.period_words.clock import Clock, Reading, Rule, alternatives, at, first_group
from kpi_core.questions.period_words.unit_rules import LANGUAGES, UNITS

OF = r" ?(?:,|-|of|in|s|의|的|度)? ?(?:the )?"
YEAR_WORDS = {words: offset for words, (grain, offset) in UNITS.items() if grain == "year"}
YEAR_NUMBER = r"(?:(?:19|20|21)\d\d(?:년도?|年度?)?|\d\d년|1[0-4]\d年度?|(?:民國|民国)\d{2,3}年度?|[一二][〇零一二三四五六七八九]{3}年)"
YEAR = rf"(?:{YEAR_NUMBER}|{alternatives(YEAR_WORDS)})"
RELATIVE = {
    "last": -1, "previous": -1, "past": -1, "this": 0, "current": 0, "next": 1,
    "지난": -1, "저번": -1, "직전": -1, "이번": 0, "다음": 1,
    "上": -1, "上個": -1, "上个": -1, "本": 0, "這": 0, "這個": 0, "这": 0, "这个": 0, "下": 1, "下個": 1, "下个": 1, "上上": -2, "上上個": -2,
}  # fmt: skip
MONTH_NAMES = {name: month for tables in LANGUAGES for name, month in tables.months.items()}
MONTH = (
    rf"(?:{alternatives(MONTH_NAMES)}|(?:1[0-2]|0?[1-9])(?:월달?|月份?)"
    rf"|(?:十[一二]?|[一二三四五六七八九])月份?)"
)
HALVES = {
    "first": 1,
    "1st": 1,
    "上": 1,
    "前": 1,
    "상": 1,
    "전": 1,
    "second": 2,
    "2nd": 2,
    "下": 2,
    "後": 2,
    "하": 2,
    "후": 2,
}


def month_rules() -> Iterator[Rule]:
    relative = rf"(?:(?P<rel>{alternatives(RELATIVE)}) ?)?"
    yield Rule(rf"(?:(?P<y>{YEAR}){OF})?{relative}(?P<month>{MONTH})", _month)
    yield Rule(rf"(?P<month>{MONTH}){OF}(?P<y>{YEAR})", _month)
    # Not the head of a whole date: 2026-10 within 2026-10-15 or 2026.10.15.
    yield Rule(r"(?P<y>(?:19|20|21)\d\d)[-. ](?P<month>0?[1-9]|1[0-2])(?!\.\d)(?![- ]\d\d?(?!\d))", _month)
    yield Rule(r"(?P<month>0?[1-9]|1[0-2])-(?P<y>(?:19|20|21)\d\d)(?![-.]\d)", _month)
    yield Rule(rf"(?:(?P<y>{YEAR}){OF})?(?P<from>0?[1-9]|1[0-2])[~-](?P<month>0?[1-9]|1[0-2])(?:월|月)", _months)
    yield Rule(r"(?:calendar year|the year|year|cy) ?(?P<y>(?:19|20|21)\d\d)|(?P<roc>1[0-4]\d年度?)", _year)
    yield Rule(
        r"(?P<y>(?:19|20|21)\d\d(?:년도?|年度?)?|[一二][〇零一二三四五六七八九]{3}年|(?:民國|民国)\d{2,3}年度?)", _year
    )
    yield Rule(
        rf"(?:(?P<y>{YEAR}){OF})?(?:前(?P<n>[23二兩三])季度?|(?P<m>[1-4])분기(?:까지)?누[적계])", _first_quarters
    )
    for tables in LANGUAGES:
        for pattern, read in ((tables.quarter, _quarter), (tables.half, _half)):
            yield Rule(rf"(?:(?P<y>{YEAR}){OF})?{relative}{pattern}", read)
            yield Rule(rf"{pattern}{OF}(?P<y>{YEAR})", read)


def year_of(text: str | None, clock: Clock) -> int | None:
    """The year that words or digits name; None for no words."""
    if text is None:
        return None
    if text in YEAR_WORDS:
        return clock.today.year + YEAR_WORDS[text]
    digits = "".join(str(HAN[char]) if char in HAN else char for char in text if char.isdecimal() or char in HAN)
    # Years of the Republic count from 1912: 民國115 and 115年度 are 2026.
    if text.startswith("民") or len(digits) == 3:
        return 1911 + int(digits)
    return int(digits) if len(digits) == 4 else 2000 + int(digits)


def month_of(text: str) -> int:
    """1 to 12."""
    name = text.strip()
    if name in MONTH_NAMES:
        return MONTH_NAMES[name]
    return number(name.removesuffix("份").removesuffix("달").rstrip("월月"))


def month_reading(text: str, clock: Clock) -> Reading | None:
    """The month that a whole text names, by name or from today."""
    if text in UNITS:
        return Reading(0, len(text), clock.unit(*UNITS[text]))
    return next((reading for rule in _month_rules() if (reading := rule.reading_of(text, clock))), None)


@cache
def _month_rules() -> tuple[Rule, ...]:
    return tuple(rule for rule in month_rules() if rule.read is _month)


def _named(match: re.Match[str], clock: Clock, grain: Grain, first_month: int) -> Reading:
    """A unit by its first month; "last October" is the newest that is over, "next October" the first to come."""
    year = year_of(first_group(match, "y"), clock)
    make = partial(_unit_from, month=first_month, grain=grain, clock=clock)
    period = clock.in_year(year, make)
    relative = RELATIVE.get(first_group(match, "rel") or "")
    if relative is None:
        return at(match, period, "" if year is not None else "year")
    if year is None:
        year = {0: clock.today.year, 1: period.start.year + 1}.get(relative, period.start.year)
        # On 10 October "last October" is a year back: this year's is not over.
        if relative < 0 and period.end > clock.today:
            year -= 1
    return at(match, make(year))


def _unit_from(year: int, month: int, grain: Grain, clock: Clock) -> Period:
    return unit_of(date(year, month, 1), grain, clock.calendar)


def _month(match: re.Match[str], clock: Clock) -> Reading:
    return _named(match, clock, "month", month_of(match["month"]))


def _months(match: re.Match[str], clock: Clock) -> Reading | None:
    first, last = int(match["from"]), month_of(match["month"])
    if first >= last:
        return None
    reading = _named(match, clock, "month", first)
    start = reading.period.start
    return Reading(reading.start, reading.end, Period(start, add_months(start, last - first + 1)), reading.floats)


def _year(match: re.Match[str], clock: Clock) -> Reading:
    year = year_of(first_group(match, "y", "roc"), clock)
    assert year is not None
    return at(match, _unit_from(year, 1, "year", clock))


def _quarter(match: re.Match[str], clock: Clock) -> Reading:
    return _named(match, clock, "quarter", number(first_group(match, "n", "m", "w") or "") * 3 - 2)


def _first_quarters(match: re.Match[str], clock: Clock) -> Reading:
    """前三季, 3분기 누적: the first quarters of a year together."""
    first = _named(match, clock, "quarter", 1)
    last = shift(first.period, number(first_group(match, "n", "m") or "") - 1, clock.calendar)
    return Reading(first.start, first.end, Period(first.period.start, last.end), first.floats)


def _half(match: re.Match[str], clock: Clock) -> Reading:
    half = first_group(match, "n", "m", "w") or ""
    n = HALVES.get(half) or HALVES.get(half[:1]) or int(half)
    return _named(match, clock, "half", n * 6 - 5)
