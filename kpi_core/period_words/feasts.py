"""Holidays and the trade's own days by name, with or without a year, and the weeks that hold them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kpi_core.feasts import FEAST_WORDS, feast_days, feast_week_of
from kpi_core.period_words.clock import Clock, Reading, Rule, alternatives, at
from kpi_core.period_words.month_rules import OF, YEAR, year_of
from kpi_core.periods import Period

_TAIL = r"(?: ?(?:holidays?|weekend|day)|연휴기간|연휴|명절|당일|연휴동안|連假期間|連續假期|連假|假期|期間|春節)?"
_WEEK = r"(?P<week> ?(?:week|wk)|주간|주|那?一?[週周]|當[週周])?"


def feast_rules() -> Iterator[Rule]:
    named = rf"(?:the )?(?P<feast>{alternatives(FEAST_WORDS)}){_TAIL}{_WEEK}"
    yield Rule(rf"(?:(?P<y>{YEAR}){OF})?{named}", _read)
    yield Rule(rf"{named}{OF}(?P<y>{YEAR})", _read)
    week_of = rf"(?:the )?week of (?:the )?(?P<feast>{alternatives(FEAST_WORDS)})(?P<week>)"
    yield Rule(rf"{week_of}(?:{OF}(?P<y>{YEAR}))?", _read)


def _read(match: re.Match[str], clock: Clock) -> Reading:
    year = year_of(match["y"], clock)
    period = clock.in_year(year, lambda each: _period(match["feast"], each, clock, week=match["week"] is not None))
    return at(match, period, "" if year is not None else "year")


def _period(word: str, year: int, clock: Clock, *, week: bool) -> Period:
    days = feast_days(word, year, clock.calendar)
    if days is None:
        raise ValueError("no such holiday")
    if week:
        return Period(*feast_week_of(days[0], clock.calendar), "week", feast=word)
    return Period(*days, "day" if (days[1] - days[0]).days == 1 else "span", feast=word)
