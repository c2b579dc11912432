"""Runs of weekdays ("mon-fri", 지난주 월~금, 上週一到五), the working days of a week, the last business days."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta

from kpi_core.dates.feasts import is_day_off
from kpi_core.dates.periods import Period
from kpi_core.questions.number_words import number
from kpi_core.questions.period_words.clock import Clock, Reading, Rule, alternatives, at
from kpi_core.questions.period_words.languages.english import ENGLISH
from kpi_core.questions.period_words.unit_rules import UNITS

_ONE_DAY = timedelta(days=1)
_KO, _ZH = "월화수목금토일", "一二三四五六日"
_WEEKS = alternatives(words for words, (grain, _) in UNITS.items() if grain == "week")
_WORKDAYS = r"(?:weekdays|workdays|working days|business days|work week|평일|주중|平日|工作日|上班日)"
_RECENT = r"(?:(?:the )?(?:last|past|previous|prior)|최근|지난|직전|過去|最近|近|前)"
_BUSINESS = r"(?:business|working|work|trading)"
_LAST_ONE = (
    rf"(?:the )?(?:last|previous|prior) {_BUSINESS} day|(?:지난|직전|전|이전|최근)영업일"
    r"|(?:上一?個?|前一個?|最近一個)(?:工作日|營業日|上班日)"
)
_MOST = 400


def working_day_rules() -> Iterator[Rule]:
    yield Rule(
        # After a digit 월 is a month and 일 a day: 10월~금 is no run of weekdays.
        rf"(?:(?P<week>{_WEEKS})(?:의)?|(?<!\d))(?P<a>[{_KO}])(?:요일)?[~-](?P<b>[{_KO}])(?:요일)?(?![가-힣])",
        _run,
    )
    yield Rule(rf"(?<!\d)(?P<a>[{_KO}])(?:요일)?[~-](?P<b>[{_KO}])(?:요일)? ?(?P<week>{_WEEKS})", _run)
    days = alternatives(ENGLISH.weekdays)
    run = rf"(?:from )?(?P<a>{days})(?: ?(?:~|-|to|through|thru) ?| )(?P<b>{days})"
    yield Rule(rf"{run} (?:of |in )?(?P<week>{_WEEKS})", _run)
    yield Rule(rf"(?P<week>{_WEEKS}) {run}", _run)
    zh = r"[一二三四五六日天]"
    yield Rule(rf"(?P<week>{_WEEKS}|[週周]|星期|禮拜)(?P<a>{zh})[到至~-](?P<b>{zh})(?![月季個日號])", _run)
    yield Rule(rf"(?P<week>{_WEEKS})(?: s|s|의|的)? ?{_WORKDAYS}", _workdays)
    yield Rule(rf"{_WORKDAYS}(?: of| in)? (?P<week>{_WEEKS})", _workdays)
    yield Rule(_LAST_ONE, _business_days)
    yield Rule(
        rf"{_RECENT} ?(?P<n>\d{{1,3}}|NUMBER)(?:個)? ?(?:{_BUSINESS} days|영업일|工作日|營業日)(?:간|동안)?",
        _business_days,
    )


def _run(match: re.Match[str], clock: Clock) -> Reading:
    """From a weekday to the next such one; without a week the newest run that has started."""
    first, last = (_weekday(match[group]) for group in "ab")
    unit = UNITS.get(match["week"] or "")
    if unit:
        week = clock.unit(*unit).start
        start = week + timedelta(days=(first - week.weekday()) % 7)
    else:
        start = clock.today - timedelta(days=(clock.today.weekday() - first) % 7)
    return at(match, Period(start, start + timedelta(days=(last - first) % 7 + 1), every=7))


def _weekday(letter: str) -> int:
    if letter in ENGLISH.weekdays:
        return ENGLISH.weekdays[letter]
    return (_KO if letter in _KO else _ZH).index(letter.replace("天", "日"))


def _workdays(match: re.Match[str], clock: Clock) -> Reading:
    week = clock.unit(*UNITS[match["week"]])
    monday = week.start + timedelta(days=-week.start.weekday() % 7)
    return at(match, Period(monday, monday + timedelta(days=5), every=7))


def _business_days(match: re.Match[str], clock: Clock) -> Reading | None:
    """The last `n` days of work before today, from the first to the last, with what lies between."""
    n = number(match.groupdict().get("n") or "1")
    if not 1 <= n <= _MOST:
        return None
    last = first = _day_of_work(clock, clock.today)
    for _ in range(n - 1):
        first = _day_of_work(clock, first)
    if n == 1:
        return at(match, Period(first, last + _ONE_DAY, "day"))
    weeks = (last - first).days // 7 + 1
    return at(match, Period(first, last + _ONE_DAY, every=7 * weeks))


def _day_of_work(clock: Clock, before: date) -> date:
    day = before - _ONE_DAY
    while is_day_off(day, clock.calendar):
        day -= _ONE_DAY
    return day
