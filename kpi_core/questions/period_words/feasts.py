"""Holidays and the trade's own days by name, with or without a year, and the weeks that hold them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kpi_core.dates.feasts import FEAST_WORDS, feast_days, feast_week_of
from kpi_core.dates.periods import Period
from kpi_core.questions.period_words.clock import Clock, Reading, Rule, alternatives, at
from kpi_core.questions.period_words.month_rules import OF, YEAR, year_of

_TAIL = r"(?P<tail> ?(?:holidays?|weekend|day)|연휴기간|연휴|명절|당일|연휴동안|連假期間|連續假期|連假|假期|期間|春節)?"
_WEEK = r"(?P<week> ?(?:week|wk)|주간|주(?!문)|那?一?[週周]|當[週周])?"
_RELATIVE = {
    **dict.fromkeys(("last", "previous", "지난", "저번", "지난번", "上次", "上個", "上一個"), -1),
    **dict.fromkeys(("this", "이번", "這次", "這個", "本次"), 0),
    **dict.fromkeys(("next", "다음", "下次", "下個", "下一個"), 1),
}
_DAYS_OFF = ("holidays", "weekend", "연휴", "連", "假期")
_SPELLINGS = {word.replace("s ", f"{mark}s "): word for word in FEAST_WORDS for mark in ("", " ")}
"""Also as "valentine s day": the plain form of a word with an apostrophe."""


def feast_rules() -> Iterator[Rule]:
    feast = rf"(?:the )?(?P<feast>{alternatives(_SPELLINGS)})"
    yield Rule(rf"(?:(?P<y>{YEAR}){OF})?{feast}{_TAIL}{_WEEK}", _read)
    yield Rule(rf"(?P<rel>{alternatives(_RELATIVE)}) ?{feast}{_TAIL}{_WEEK}", _read_relative)
    yield Rule(rf"{feast}{_TAIL}{_WEEK}{OF}(?P<y>{YEAR})", _read)
    yield Rule(rf"(?:the )?week of {feast}(?P<tail>)(?P<week>)(?:{OF}(?P<y>{YEAR}))?", _read)


def _read_relative(match: re.Match[str], clock: Clock) -> Reading:
    """The newest that is over, this year's, the first to come."""
    word, offset = _word(match), _RELATIVE[match["rel"]]
    # Two years back something is over, two ahead something is to come, whatever day of a year it is.
    years = range(clock.today.year - 2, clock.today.year + 3)
    occurrences = [_period(word, year, clock, week=match["week"] is not None) for year in years]
    if offset < 0:
        return at(match, [occurrence for occurrence in occurrences if occurrence.end <= clock.today][-1])
    return at(
        match,
        occurrences[2]
        if not offset
        else next(occurrence for occurrence in occurrences if occurrence.start > clock.today),
    )


def _word(match: re.Match[str]) -> str:
    days_off = match["tail"] and match["tail"].strip().startswith(_DAYS_OFF)
    return _SPELLINGS[match["feast"]] + ("+" if days_off else "")


def _read(match: re.Match[str], clock: Clock) -> Reading:
    year = year_of(match["y"], clock)
    word = _word(match)
    period = clock.in_year(year, lambda candidate: _period(word, candidate, clock, week=match["week"] is not None))
    return at(match, period, "" if year is not None else "year")


def _period(word: str, year: int, clock: Clock, *, week: bool) -> Period:
    days = feast_days(word, year, clock.calendar)
    if days is None:
        raise ValueError("no such holiday")
    if week:
        return Period(*feast_week_of(days[0], clock.calendar), "week", feast=word)
    return Period(*days, "day" if (days[1] - days[0]).days == 1 else "span", feast=word)
