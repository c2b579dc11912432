# ruff: noqa: E501 - a letter of Korean or Chinese counts as two columns
"""Named months, quarters, halves and years, of the calendar and of the fiscal year, with or without a year."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from functools import cache, partial

from kpi_core.period_words.clock import Clock, Reading, Rule, alternatives, at, first_group
from kpi_core.period_words.numbers import HAN, number
from kpi_core.period_words.unit_rules import LANGUAGES, UNITS
from kpi_core.periods import MONTHS, Grain, Period, add_months, shift, unit_of

OF = r" ?(?:,|-|of|in|의|的|度)? ?(?:the )?"
_YEAR_WORDS = {words: offset for words, (grain, offset) in UNITS.items() if grain == "year"}
YEAR_NUMBER = (
    r"(?:(?:19|20|21)\d\d(?:년도?|年度?)?|\d\d년|(?:民國|民国)\d{2,3}年度?|[一二][〇零一二三四五六七八九]{3}年)"
)
YEAR = rf"(?:{YEAR_NUMBER}|{alternatives(_YEAR_WORDS)})"
RELATIVE = {
    "last": -1, "previous": -1, "past": -1, "this": 0, "current": 0, "next": 1,
    "지난": -1, "저번": -1, "직전": -1, "이번": 0, "다음": 1,
    "上": -1, "上個": -1, "上个": -1, "本": 0, "這": 0, "這個": 0, "这": 0, "这个": 0, "下": 1, "下個": 1, "下个": 1, "上上": -2, "上上個": -2,
}  # fmt: skip
MONTH_NAMES = {name: month for tables in LANGUAGES for name, month in tables.months.items()}
MONTH = (
    rf"(?:{alternatives(MONTH_NAMES)}|(?:1[0-2]|0?[1-9])(?:월|月份?)"
    rf"|(?:十[一二]?|[一二三四五六七八九])月份?)"
)
_HALVES = {
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
_FISCAL_YEAR = r"(?:fiscal year|fiscal|fy|회계연도|회계년도|會計年度|会计年度|財政年度|財年|财年)"


def month_rules() -> Iterator[Rule]:
    relative = rf"(?:(?P<rel>{alternatives(RELATIVE)}) ?)?"
    yield Rule(rf"(?:(?P<y>{YEAR}){OF})?{relative}(?P<month>{MONTH})", _month)
    yield Rule(rf"(?P<month>{MONTH}){OF}(?P<y>{YEAR})", _month)
    yield Rule(r"(?P<y>(?:19|20|21)\d\d)[-.](?P<month>0?[1-9]|1[0-2])(?![-.]\d)", _month)
    yield Rule(r"(?P<month>0?[1-9]|1[0-2])-(?P<y>(?:19|20|21)\d\d)(?![-.]\d)", _month)
    yield Rule(rf"(?:(?P<y>{YEAR}){OF})?(?P<from>0?[1-9]|1[0-2])[~-](?P<month>0?[1-9]|1[0-2])(?:월|月)", _months)
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
    yield from fiscal_rules()


def fiscal_rules() -> Iterator[Rule]:
    relative = alternatives([*RELATIVE, *_YEAR_WORDS, "당", "금", "전", "今", "當", "the current"])
    to_date = r"(?P<td> ?to date| so far|누계|누적|至今|迄今|以來|累計)?"
    yield Rule(r"(?:fy|fiscal year|fiscal) ?(?P<y>\d{4}|\d\d)(?:년|年)?", _fiscal_year)
    yield Rule(rf"(?P<y>(?:19|20|21)\d\d)(?:년도?|年)?(?:의|的)?{_FISCAL_YEAR}", _fiscal_year)
    yield Rule(rf"(?:(?P<rel>{relative}) ?)?{_FISCAL_YEAR}{to_date}|(?P<fytd>fytd)", _fiscal_year)
    yield Rule(rf"(?:(?P<rel>{relative}) ?)?(?:fiscal quarter|fiscal qtr|회계분기|會計季度?|財季)", _fiscal_quarter)
    for tables in LANGUAGES:
        fiscal = rf"(?:(?:fy|fiscal year|fiscal) ?(?P<y>\d{{4}}|\d\d)?|(?P<y2>(?:19|20|21)\d\d)?(?:년|年)?{_FISCAL_YEAR}|회계|會計)"
        yield Rule(rf"{fiscal}{OF}{tables.quarter}", _fiscal_quarter)
        yield Rule(rf"(?:fiscal )?{tables.quarter}{OF}(?:fy|fiscal year|fiscal) ?(?P<y>\d{{4}}|\d\d)", _fiscal_quarter)


def year_of(text: str | None, clock: Clock) -> int | None:
    """The year that words or digits name; None for no words."""
    if text is None:
        return None
    if text in _YEAR_WORDS:
        return clock.today.year + _YEAR_WORDS[text]
    digits = "".join(str(HAN[char]) if char in HAN else char for char in text if char.isdecimal() or char in HAN)
    if text.startswith("民"):
        return 1911 + int(digits)
    return int(digits) if len(digits) == 4 else 2000 + int(digits)


def month_of(text: str) -> int:
    """1 to 12."""
    name = text.strip()
    if name in MONTH_NAMES:
        return MONTH_NAMES[name]
    return number(name.removesuffix("份").rstrip("월月"))


def month_reading(text: str, clock: Clock) -> Reading | None:
    """The month that a whole text names, by name or from today."""
    if text in UNITS:
        return Reading(0, len(text), clock.unit(*UNITS[text]))
    return next((found for rule in _month_rules() if (found := rule.reading_of(text, clock))), None)


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
    year = year_of(match["y"], clock)
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
    n = _HALVES.get(half) or _HALVES.get(half[:1]) or int(half)
    return _named(match, clock, "half", n * 6 - 5)


def _fiscal_year(match: re.Match[str], clock: Clock) -> Reading:
    name = first_group(match, "y")
    relative = first_group(match, "rel")
    year = _full_year(name) if name else clock.calendar.fiscal_year_of(clock.today) + _fiscal_offset(relative)
    period = _fiscal_year_period(year, clock)
    return at(match, clock.to_date(period) if first_group(match, "td", "fytd") else period)


def _fiscal_quarter(match: re.Match[str], clock: Clock) -> Reading:
    """Quarters counted from the first month of the fiscal year."""
    n = first_group(match, "n", "m", "w")
    name = first_group(match, "y", "y2")
    if n is None:
        months_in = (clock.today.month - clock.calendar.fiscal_starts) % 12
        start = add_months(clock.today.replace(day=1), -(months_in % 3))
        current = Period(start, add_months(start, 3), "quarter")
        return at(match, shift(current, _fiscal_offset(first_group(match, "rel")), clock.calendar))
    make = partial(_fiscal_quarter_period, n=number(n), clock=clock)
    return at(match, clock.in_year(_full_year(name) if name else None, make), "" if name else "year")


def _fiscal_year_period(year: int, clock: Clock) -> Period:
    start = clock.calendar.fiscal_year_start(year)
    return Period(start, add_months(start, MONTHS["year"]), "year")


def _fiscal_quarter_period(year: int, n: int, clock: Clock) -> Period:
    start = add_months(clock.calendar.fiscal_year_start(year), 3 * n - 3)
    return Period(start, add_months(start, MONTHS["quarter"]), "quarter")


def _fiscal_offset(relative: str | None) -> int:
    words = relative or ""
    return RELATIVE.get(words, _YEAR_WORDS.get(words, -1 if words == "전" else 0))


def _full_year(name: str) -> int:
    return int(name) if len(name) == 4 else 2000 + int(name)
