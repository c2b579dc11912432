# ruff: noqa: E501 - a letter of Korean or Chinese counts as two columns
"""Runs of quarters and weeks, the last complete unit, and short ways to write dates."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial

from kpi_core.dates.periods import Grain, Period, add_months, shift, unit_of
from kpi_core.questions.number_words import HAN
from kpi_core.questions.period_words.clock import Clock, Reading, Rule, at, first_group
from kpi_core.questions.period_words.month_rules import OF, YEAR_NUMBER, year_of
from kpi_core.questions.wording import is_cjk

_ONE_DAY = timedelta(days=1)
_FULL_DAY = r"(?P<d>3[01]|[12]\d|0?[1-9])"
_ONE_WAY = re.compile(r"(?<![\d.])(?:1[0-2]|0?[1-9])[-. ](?:3[01]|2\d|1[3-9])(?![.\d])")
_TO = r" ?(?:~|-|to|through|and|\+|&|到|至|와|과|에서|부터)? ?"
_NUMBER = r"[1-4一二三四]"
_COMPLETE = r"(?:the )?last (?:full|complete|completed|whole) (?P<unit>day|week|month|quarter|half|year)"


def part_rules() -> Iterator[Rule]:
    yield Rule(_COMPLETE, _complete)
    quarters = rf"q(?P<a>[1-4]){_TO}q?(?P<b>[1-4])|(?P<c>[1-4])(?:분기)?{_TO}(?P<d>[1-4])분기|第(?P<e>{_NUMBER})季?{_TO}第?(?P<f>{_NUMBER})季"
    yield Rule(rf"(?:(?P<y>{YEAR_NUMBER}){OF})?(?:{quarters})(?:{OF}(?P<y2>{YEAR_NUMBER}))?", _quarters)
    week = r"[0-5]?\d"
    weeks = rf"(?:w|weeks? ?|wk ?)(?P<a>{week}){_TO}w?(?P<b>{week})|(?P<c>{week})[~-](?P<d>{week})주차?|第(?P<e>{week})[週周]?{_TO}第?(?P<f>{week})[週周]"
    yield Rule(rf"(?:(?P<y>{YEAR_NUMBER}){OF})?(?:{weeks})(?:{OF}(?P<y2>{YEAR_NUMBER}))?", _weeks)
    yield from _short_rules()


def _short_rules() -> Iterator[Rule]:
    yield Rule(r"(?P<y>(?:19|20|21)\d\d)m?(?P<n>0[1-9]|1[0-2])", partial(_short, grain="month"))
    # Two digits before or after q and h are a year from 2010 to 2049; others are no years of a business.
    shapes: tuple[tuple[str, Grain, int], ...] = (("q", "quarter", 4), ("h", "half", 2))
    for letter, grain, most in shapes:
        before, after = rf"{letter}(?P<n>[1-{most}]) ", rf"(?P<m>[1-{most}]){letter} ?"
        yield Rule(rf"(?:{before}|{after})(?P<y>[1-4]\d)", partial(_short, grain=grain))
        yield Rule(rf"(?P<y>[1-4]\d){letter}(?P<n>[1-{most}])", partial(_short, grain=grain))
    day, month = r"(?P<d>3[01]|[12]\d|0?[1-9])", r"(?P<m>1[0-2]|0?[1-9])"
    yield Rule(rf"{day}\.{month}\.(?P<y>(?:19|20|21)\d\d)", _day)
    # 15/10/2026 and 10/15 have one reading; 3/4 has two, and is none where nothing says that months come first.
    yield Rule(rf"(?P<d>3[01]|2\d|1[3-9])-{month}-(?P<y>(?:19|20|21)\d\d)", _day)
    yield Rule(rf"{month}-(?P<d>3[01]|2\d|1[3-9])(?:-(?P<y>(?:19|20|21)\d\d))?", _day)
    # 10.1 and 10 1 are numbers to most eyes, hence the guards on both sides and the doubts of `_month_first`.
    yield Rule(rf"(?<![\d.]){month}[-.](?P<d>1[0-2]|0?[1-9])(?:-(?P<y>(?:19|20|21)\d\d))?(?![.\d])", _month_first)
    yield Rule(rf"(?<![\d.]){month}[. ]{_FULL_DAY}(?![.\d])", _month_first)
    yield Rule(rf"(?<![\d.-])(?P<y>[1-4]\d)[-.]{month}[-.]{_FULL_DAY}(?![-.\d])", _short_date)


def _complete(match: re.Match[str], clock: Clock) -> Reading:
    grains: dict[str, Grain] = {
        "day": "day",
        "week": "week",
        "month": "month",
        "quarter": "quarter",
        "half": "half",
        "year": "year",
    }
    return at(match, clock.unit(grains[match["unit"]], -1))


def _ends(match: re.Match[str]) -> tuple[int, int]:
    first, last = first_group(match, "a", "c", "e") or "", first_group(match, "b", "d", "f") or ""
    return HAN.get(first) or int(first), HAN.get(last) or int(last)


def _quarters(match: re.Match[str], clock: Clock) -> Reading | None:
    first, last = _ends(match)
    year = year_of(first_group(match, "y", "y2"), clock)
    if first >= last:
        return None

    def make(candidate: int) -> Period:
        start = date(candidate, first * 3 - 2, 1)
        return Period(start, add_months(start, (last - first + 1) * 3))

    return at(match, clock.in_year(year, make), "" if year is not None else "year")


def _weeks(match: re.Match[str], clock: Clock) -> Reading | None:
    first, last = _ends(match)
    year = year_of(first_group(match, "y", "y2"), clock)
    if first >= last:
        return None

    def make(candidate: int) -> Period:
        return Period(
            clock.calendar.numbered_week(candidate, first),
            clock.calendar.numbered_week(candidate, last) + timedelta(days=7),
        )

    return at(match, clock.in_year(year, make), "" if year is not None else "year")


def _short(match: re.Match[str], clock: Clock, grain: Grain) -> Reading:
    year = int(match["y"]) if len(match["y"]) == 4 else 2000 + int(match["y"])
    unit = unit_of(date(year, 1, 1), grain, clock.calendar)
    return at(match, shift(unit, int(first_group(match, "n", "m") or "") - 1, clock.calendar))


def _month_first(match: re.Match[str], clock: Clock) -> Reading | None:
    """10/1 where months come first: among Korean or Chinese words, or beside 10/15; 11/11 is the same both ways.

    With a dot or a space only as the end of a range, else it is a number, or two.
    """
    text, (start, end) = match.string, match.span()
    alike = int(match["m"]) == int(match["d"])
    in_range = text[end : end + 1] == "~" or text[start - 1 : start] == "~"
    if "-" not in match[0] and not in_range and not (alike and "." in match[0]):
        return None
    says_so = alike or any(map(is_cjk, text)) or _ONE_WAY.search(text) is not None
    return _day(match, clock) if says_so else None


def _short_date(match: re.Match[str], clock: Clock) -> Reading | None:
    """26.11.20 among Korean or Chinese words, where the year comes first."""
    if not any(map(is_cjk, match.string)):
        return None
    start = date(2000 + int(match["y"]), int(match["m"]), int(match["d"]))
    return at(match, unit_of(start, "day", clock.calendar))


def _day(match: re.Match[str], clock: Clock) -> Reading:
    month, day = int(match["m"]), int(match["d"])

    def make(year: int) -> Period:
        start = date(year, month, day)
        return Period(start, start + _ONE_DAY, "day")

    year = match.groupdict().get("y")
    return at(match, clock.in_year(int(year) if year else None, make), "" if year else "year")
