"""Dated days, weekdays, weekends, numbered weeks and the weeks of a month."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta

from kpi_core.dates.periods import Period, add_months, unit_of
from kpi_core.questions.number_words import ORDINALS, number
from kpi_core.questions.period_words.clock import Clock, Reading, Rule, alternatives, at, first_group
from kpi_core.questions.period_words.month_rules import (
    MONTH,
    MONTH_NAMES,
    OF,
    RELATIVE,
    YEAR,
    month_of,
    month_reading,
    year_of,
)
from kpi_core.questions.period_words.unit_rules import LANGUAGES, UNITS

_ONE_DAY = timedelta(days=1)
_NTH = r"(?:st|nd|rd|th)?"
_DAY = r"(?P<d>3[01]|[12]\d|0?[1-9])"
_HAN_DAY = r"(?P<d>3[01]|[12]\d|0?[1-9]|[一二三四五六七八九十廿]{1,3})"
_NAMED = rf"(?P<month>{alternatives(MONTH_NAMES)})"
_UNIT_MONTHS = alternatives(words for words, (grain, _) in UNITS.items() if grain == "month")
_UNIT_WEEKS = alternatives(words for words, (grain, _) in UNITS.items() if grain == "week")
_WEEKDAYS = {name: day for tables in LANGUAGES for name, day in tables.weekdays.items()}
_WEEKDAY = rf"(?P<wd>{alternatives(_WEEKDAYS)})"
_WEEKEND = alternatives(word for tables in LANGUAGES for word in tables.weekend)
_RELATIVE = alternatives(RELATIVE)
_A_MONTH = rf"(?P<mx>(?:{YEAR}{OF})?{MONTH}(?:{OF}{YEAR})?|{_UNIT_MONTHS}|(?:(?:last|this|next|지난|이번) ?)?{MONTH})"
_ORDINAL = alternatives(ORDINALS)
_WEEK_NAME = r"(?:iso )?(?:w|wk|week|cw|kw|calendar week)"


def day_rules() -> Iterator[Rule]:
    yield Rule(rf"(?P<y>(?:19|20|21)\d\d)[-. ](?P<month>1[0-2]|0?[1-9])[-. ]{_DAY}", _date)
    yield Rule(r"(?P<y>(?:19|20|21)\d\d)(?P<month>1[0-2]|0[1-9])(?P<d>3[01]|[12]\d|0[1-9])", _date)
    # 15일 is a day, 15일간, 15일동안 and 15일치 are fifteen of them.
    yield Rule(rf"(?:(?P<y>{YEAR}){OF})?(?P<month>{MONTH}),?{_HAN_DAY}(?:일|日|號|号)(?!간|동안|치)", _date)
    yield Rule(rf"{_NAMED}(?: the)? ?{_DAY}(?:st|nd|rd|th)?(?:{OF}(?P<y>{YEAR}))?", _date)
    yield Rule(rf"(?:the )?{_DAY}(?:st|nd|rd|th)? ?(?:of )?{_NAMED}(?:{OF}(?P<y>{YEAR}))?", _date)
    yield Rule(rf"(?P<mx>{_UNIT_MONTHS})(?:의|的)?{_HAN_DAY}(?:일|日|號|号)(?!간|동안|치)", _day_of_month)
    yield Rule(
        rf"(?P<mx>{_UNIT_MONTHS})(?:의|的)?(?P<from>[12]\d|3[01]|0?[1-9])[~-]{_DAY}(?:일|日|號|号)(?!간|동안)",
        _day_of_month,
    )
    # 15일전 is fifteen days ago, but 15일 전월 대비 is the 15th against the month before.
    yield Rule(rf"{_HAN_DAY}(?:일|日|號|号)(?!간|동안|치|전(?![년월주]))", _bare_day)
    yield Rule(rf"(?:on )?the ?{_DAY}(?:st|nd|rd|th)", _bare_day)
    yield Rule(
        rf"{_NAMED} ?(?P<from>[12]\d|3[01]|[1-9]){_NTH}(?: ?(?:~|-|to|through) ?){_DAY}{_NTH}(?:{OF}(?P<y>{YEAR}))?",
        _days,
    )
    yield Rule(
        # `y` never matches here: `_date` asks for the group.
        rf"(?P<month>{MONTH}),?(?P<from>[12]\d|3[01]|0?[1-9])(?:[~-]|부터|에서|到|至){_DAY}(?:일|日|號|号)(?!간|동안)"
        rf"(?:까지|為止)?(?P<y>(?!))?",
        _days,
    )
    yield Rule(rf"between ?(?P<from>[12]\d|3[01]|[1-9]) ?and ?{_DAY}(?:of )?{_NAMED}(?:{OF}(?P<y>{YEAR}))?", _days)
    yield Rule(
        r"(?:from ?)?(?P<from>[12]\d|3[01]|[1-9])(?:st|nd|rd|th)?(?: ?(?:~|-|to|through|until) ?(?:the )?)"
        rf"{_DAY}{_NTH} ?(?:of )?{_NAMED}(?:{OF}(?P<y>{YEAR}))?",
        _days,
    )
    yield from _weekday_rules()
    yield from _week_rules()


def _weekday_rules() -> Iterator[Rule]:
    yield Rule(rf"(?:(?P<rel>{_RELATIVE}) ?)?{_WEEKDAY}", _weekday)
    yield Rule(rf"(?P<week>{_UNIT_WEEKS})(?:의|的)? ?(?:on )?{_WEEKDAY}", _weekday_of_week)
    yield Rule(rf"{_WEEKDAY}(?: of)? (?P<week>{_UNIT_WEEKS})", _weekday_of_week)
    yield Rule(rf"(?:(?P<rel>{_RELATIVE}|지난주|이번주|다음주) ?)?(?:{_WEEKEND})", _weekend)


def _week_rules() -> Iterator[Rule]:
    yield Rule(rf"(?:(?P<y>{YEAR}){OF})?{_WEEK_NAME} ?(?P<n>\d{{1,2}})", _numbered_week)
    yield Rule(rf"{_WEEK_NAME} ?(?P<n>\d{{1,2}})(?:{OF}(?P<y>{YEAR}))", _numbered_week)
    yield Rule(rf"(?:(?P<y>{YEAR}){OF})?(?:제)?(?P<n>\d{{1,2}})주차", _numbered_week)
    yield Rule(rf"(?:(?P<y>{YEAR}){OF}제?|제)(?P<n>\d{{1,2}})주(?![간전])", _numbered_week)
    yield Rule(rf"(?:(?P<y>{YEAR}){OF})?第(?P<n>\d{{1,2}}|[一二三四五六七八九十]{{1,3}})(?:週|周)", _numbered_week)
    yield Rule(rf"(?:the )?(?P<o>{_ORDINAL}) (?:week|wk) (?:of|in) (?:the )?{_A_MONTH}", _week_of_month)
    yield Rule(rf"(?:week|wk) ?(?P<n>[1-5]) ?(?:of|in) (?:the )?{_A_MONTH}", _week_of_month)
    yield Rule(rf"(?:week|wk) ?(?P<n>[1-5]) ?{_A_MONTH}|(?P<my>{MONTH}) ?(?:week|wk) ?(?P<ny>[1-5])", _week_of_month)
    yield from _weeks_of_a_year()
    ordinal = rf"(?P<o>{_ORDINAL})|(?:제|第)?(?P<n>[1-5]|[一二三四五])"
    yield Rule(rf"{_A_MONTH}(?:의|的)?(?:{ordinal})(?:번째|個|个)?(?:주차?|週|周|星期|禮拜)", _week_of_month)


def _weeks_of_a_year() -> Iterator[Rule]:
    """Its first and its last week; "last week last year" is none of them."""
    first = r"first|1st|첫째?|第一|首"
    yield Rule(
        rf"(?:the )?(?P<o>first|1st|last|final) (?:week|wk) (?:of|in) ?(?:the )?(?:year )?(?P<y>{YEAR}|year)",
        _week_of_year,
    )
    yield Rule(
        rf"(?P<y>{YEAR}){OF}(?P<o>{first}|마지막|最後一|最后一)(?:번째|個|个)?(?:주|週|周|星期|禮拜)", _week_of_year
    )


def _week_of_year(match: re.Match[str], clock: Clock) -> Reading:
    year = clock.today.year if match["y"] == "year" else year_of(match["y"], clock)
    assert year is not None
    # 28 December always lies in the last week of its ISO year.
    number_of_last = clock.calendar.week_number(date(year, 12, 28))[1]
    n = 1 if match["o"] in ("first", "1st", "첫", "첫째", "第一", "首") else number_of_last
    return at(match, unit_of(clock.calendar.numbered_week(year, n), "week", clock.calendar))


def _one_day(day: date) -> Period:
    return Period(day, day + _ONE_DAY, "day")


def _weekday_on(day: date) -> Period:
    """A day by the name of its weekday: the one before of its kind is a week earlier."""
    return Period(day, day + _ONE_DAY, "day", every=7)


def _date(match: re.Match[str], clock: Clock) -> Reading:
    year = year_of(match["y"], clock)
    month, day = month_of(match["month"]), number(match["d"])
    return at(match, clock.in_year(year, lambda y: _one_day(date(y, month, day))), "" if year is not None else "year")


def _day_of_month(match: re.Match[str], clock: Clock) -> Reading | None:
    month = month_reading(match["mx"], clock)
    if not month:
        return None
    last = _one_day(month.period.start.replace(day=number(match["d"])))
    start = last.start.replace(day=int(first_group(match, "from") or last.start.day))
    if start == last.start:
        return at(match, last)
    return at(match, Period(start, last.end)) if start < last.start else None


def _bare_day(match: re.Match[str], clock: Clock) -> Reading:
    """The newest such day of any month."""
    day_number = number(match["d"])
    first = clock.today.replace(day=1)
    # Never two months in a row lack a 29th to 31st, so with the current one three are enough.
    for months_back in range(3):
        month = add_months(first, -months_back)
        day = add_months(month.replace(day=1), 0).replace(day=min(day_number, (add_months(month, 1) - _ONE_DAY).day))
        if day.day == day_number and day <= clock.today:
            return at(match, _one_day(day), "month")
    raise ValueError("no such day")


def _days(match: re.Match[str], clock: Clock) -> Reading | None:
    """1-15 October."""
    last = _date(match, clock)
    start = last.period.start.replace(day=int(match["from"]))
    if start >= last.period.start:
        return None
    reading = Reading(last.start, last.end, Period(start, last.period.end), last.floats)
    # The year was chosen by the last day; a run that has begun counts from its first.
    return reading.moved(1) if last.floats and reading.moved(1).period.start <= clock.today else reading


def _weekday(match: re.Match[str], clock: Clock) -> Reading:
    """Chinese names the week (上週一 is Monday of last week), English and Korean the nearest such day."""
    word, relative = match["wd"], RELATIVE.get(first_group(match, "rel") or "")
    weekday = _WEEKDAYS[word]
    if relative is not None and word[0] in "週周星禮礼":
        return at(match, _weekday_on(_in_week(clock.unit("week", relative), weekday)))
    if relative == 0:
        return at(match, _weekday_on(_in_week(clock.unit("week"), weekday)))
    if relative == 1:
        # Next Friday is never today: one to seven days ahead.
        ahead = (weekday - clock.today.weekday() - 1) % 7 + 1
        return at(match, _weekday_on(clock.today + timedelta(days=ahead)))
    back = (clock.today.weekday() - weekday) % 7
    day = clock.today - timedelta(days=back or (7 if relative == -1 else 0))
    return at(match, _weekday_on(day), "" if relative else "week")


def _weekday_of_week(match: re.Match[str], clock: Clock) -> Reading:
    week = clock.unit(*UNITS[match["week"]])
    return at(match, _weekday_on(_in_week(week, _WEEKDAYS[match["wd"]])))


def _in_week(week: Period, weekday: int) -> date:
    return week.start + timedelta(days=(weekday - week.start.weekday()) % 7)


def _weekend(match: re.Match[str], clock: Clock) -> Reading:
    """Saturday and Sunday; without a word before it the newest that has started."""
    words = first_group(match, "rel") or ""
    # From the Monday week, also where weeks start on Sunday: Saturday and Sunday stay together.
    saturday = clock.today - timedelta(days=clock.today.weekday() - 5)
    relative = UNITS[words][1] if words in UNITS else RELATIVE.get(words)
    if relative is None:
        relative = 0 if saturday <= clock.today else -1
    start = saturday + timedelta(days=7 * relative)
    return at(match, Period(start, start + timedelta(days=2), every=7))


def _numbered_week(match: re.Match[str], clock: Clock) -> Reading:
    year, n = year_of(match["y"], clock), number(match["n"])
    period = clock.in_year(year, lambda y: unit_of(clock.calendar.numbered_week(y, n), "week", clock.calendar))
    return at(match, period, "" if year is not None else "year")


def _week_of_month(match: re.Match[str], clock: Clock) -> Reading | None:
    """A week belongs to the month that holds its Thursday."""
    month = month_reading(first_group(match, "mx", "my") or "", clock)
    if not month:
        return None
    n = number(first_group(match, "o", "n", "ny") or "")
    thursdays = [
        day
        for offset in range(month.period.days)
        if (day := month.period.start + timedelta(days=offset)).weekday() == 3
    ]
    if n > len(thursdays):
        return None
    thursday = thursdays[n - 1] if n > 0 else thursdays[-1]
    return at(match, unit_of(thursday, "week", clock.calendar), month.floats)
