# ruff: noqa: E501 - a letter of Korean or Chinese counts as two columns
"""Words that only say how to read a period: with or without today, the week's first day, the fiscal year's first month."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from kpi_core.dates.calendars import Calendar, Pattern
from kpi_core.questions.patterns import possible
from kpi_core.questions.period_words.clock import Clock, compiled
from kpi_core.questions.period_words.month_rules import MONTH, month_of
from kpi_core.questions.period_words.ranges import PARTNER
from kpi_core.questions.period_words.unit_rules import LANGUAGES

Span = tuple[int, int]
_WITH_TODAY = "|".join(tables.with_today for tables in LANGUAGES)
_WITHOUT_TODAY = "|".join(tables.without_today for tables in LANGUAGES)
_FISCAL_START = (
    rf",?(?: ?(?:and|with) )?(?:a |the )?(?:fiscal year|fy)? ?(?:starting|starts|beginning|begins) (?:(?:in|with|from) )?(?P<en>{MONTH})"
    rf"|(?P<en2>{MONTH}) start|,?(?P<ko>{MONTH})(?:에|부터)?시작(?:하는)?|,?(?P<zh>{MONTH})(?:起算|起始|起|開始)"
)
_FISCAL_NAME = (
    r",?(?: and)? ?named (?:by|after|for) (?:(?:its|the) )?(?P<named>start|end)(?:ing)?(?: year)?"
    r"|,?(?P<ko>시작|종료)(?:하는)?(?:연도|년도|해)(?:기준|표기|명명|로명명|이름)?"
    r"|,?(?:以|按|依)?(?P<zh>起始|開始|結束|終止)(?:年度|年份|年)(?:命名|為名|計)?"
)
_STARTS = frozenset({"start", "시작", "起始", "開始"})
_PATTERN = r",?(?: ?(?:in|with|on) )?(?:a|the)? ?(?P<pattern>4-4-5|4-5-4|5-4-4)(?: ?(?:calendar|weeks?|pattern|year)|달력|주|曆|週制|制)?"
_WEEK_START = (
    r",?(?: ?with )?(?:the )?weeks (?:that )?(?:start|starting|begin|beginning|starts)(?: on| with)?(?: a)? (?P<en>sunday|monday)s?"
    r"|,?(?: ?with )?(?: ?a )?(?P<en2>sunday|monday) (?:start|weeks|based)"
    r"|,?(?P<ko>일|월)요일(?:에|부터)?시작(?:하는)?(?:주|기준)?"
    r"|(?<=[週周期拜度,])(?:每?[週周]?從|以)?(?:[週周]|星期|禮拜)(?P<zh>[日天一])(?:起算|起|開始|為首|為第一天)"
)
_SUNDAY = frozenset({"sunday", "일", "日", "天"})
_BY_WEEKDAY = (
    r",? ?(?:weekday aligned|aligned by weekdays?|by weekdays?|matching weekdays)|,?요일(?:을)?(?:기준|맞춤|맞춰서?)(?:으로)?"
    r"|,?[按以依]?星期對齊"
)
_FISCAL_WORDS = re.compile(r"fiscal|fy|회계|會計|会计|財年|财年|財政")

_PATTERNS: dict[str, Pattern] = {"4-4-5": "4-4-5", "4-5-4": "4-5-4", "5-4-4": "5-4-4"}


def clock_of(text: str, calendar: Calendar, today: date) -> tuple[Clock, list[Span]]:
    """The clock as the words set it: with or without today, a fiscal year that starts elsewhere."""
    asides: list[Span] = []
    with_today: bool | None = None
    # "Without today" goes first: what it takes is no longer there for the other pattern.
    for pattern in possible("today", (_WITHOUT_TODAY, _WITH_TODAY), text):
        for match in _matches(pattern, text, asides):
            with_today = pattern == _WITH_TODAY
            asides.append(match.span())
    # Only beside fiscal words: elsewhere "starting in march" is about the period itself.
    if _FISCAL_WORDS.search(text):
        calendar = _fiscal_calendar(text, calendar, asides)
    for pattern in possible("week start", (_WEEK_START,), text):
        for match in _matches(pattern, text, asides):
            calendar = replace(calendar, week_start="sunday" if _matched_group(match) in _SUNDAY else "monday")
            asides.append(match.span())
    by_weekday = False
    # Beside a partner only: by itself "by weekday" asks for a comparison of its own kind.
    if possible("partner", (PARTNER,), text) and compiled(PARTNER).search(text):
        for match in _matches(_BY_WEEKDAY, text, asides):
            by_weekday = True
            asides.append(match.span())
    return Clock(calendar, today, with_today, by_weekday=by_weekday), asides


def _matched_group(match: re.Match[str]) -> str:
    """The group that took part."""
    return next(value for value in match.groupdict().values() if value)


def _fiscal_calendar(text: str, calendar: Calendar, asides: list[Span]) -> Calendar:
    for match in _matches(_FISCAL_START, text, asides):
        calendar = replace(calendar, fiscal_starts=month_of(_matched_group(match)))
        asides.append(match.span())
    for match in _matches(_FISCAL_NAME, text, asides):
        calendar = replace(calendar, fiscal_named_by="start" if _matched_group(match) in _STARTS else "end")
        asides.append(match.span())
    for match in _matches(_PATTERN, text, asides):
        calendar = replace(calendar, fiscal_pattern=_PATTERNS[match["pattern"]])
        asides.append(match.span())
    return calendar


def _matches(pattern: str, text: str, taken: list[Span]) -> Iterator[re.Match[str]]:
    for match in compiled(pattern).finditer(text):
        if not any(start < match.end() and match.start() < end for start, end in taken):
            yield match
