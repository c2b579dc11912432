# ruff: noqa: E501 - a letter of Korean or Chinese counts as two columns
"""Periods made of one other: all or a part of it, the week that holds it, the days that end with it, a date beside its weekday."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta

from kpi_core.dates.periods import Period, unit_of
from kpi_core.questions.period_words.clock import Clock, Reading, alternatives
from kpi_core.questions.period_words.unit_rules import LANGUAGES

_WEEK = timedelta(days=7)
_ONE_DAY = timedelta(days=1)
# Patterns for what stands before a reading end in $: they search the text as if it ended where the reading begins.
_ALL_BEFORE = re.compile(
    r"(?:(?:the )?(?:whole|entire|full)(?: of)?(?: the)?(?: (?:year|month|quarter|week))?(?: of)?|all(?: of)?(?: the)?|calendar(?: year)?|(?:the )?month of|整個?|全部?的?) ?$"
)
_FROM_BEFORE = re.compile(r"(?<![a-z])from ?$")
_FROM_TODAY = ("last ", "the last ", "previous ", "this ", "yesterday", "today")
_ALL_AFTER = re.compile(
    r" ?(?:full year|in full|전체|전부|내내|全[年月季週周]|一?整[年月季週周天日]|一整個[月週周季]|整個?[月年])"
)
_ALL_OF_ITS_KIND = re.compile(
    r" ?(?:(?P<day>하루(?:동안|종일)?)|(?P<month>한달(?:간|동안)?)|(?P<year>(?:한해|1년|일년)(?:간|동안)?))"
)
"""All of a day is no day of a week: 지난주 하루 주문수 asks for those of one day."""
_BESIDE_BEFORE = re.compile(
    r"(?<![a-z])(?:(?:the )?(?P<unit>day|week)|the ?(?P<n>[1-9]\d?) ?days) (?P<side>before|after)(?: the)? ?$"
)
# Of each: how many days, and whether they lie before.
_BESIDE_AFTER = tuple(
    (re.compile(rf"(?:의|的)?(?:{words})(?!대비|보다|比|相比)"), days, earlier)
    for words, days, earlier in (
        ("전날|前一[天日]", 1, True), ("다음날|이튿날|隔[天日]|後一[天日]|次日", 1, False), ("전일주일|前一[週周](?!末)", 7, True), ("다음일주일|후일주일|後一[週周](?!末)", 7, False),
    )
)  # fmt: skip
_SO_FAR_AFTER = re.compile(r"(?:의)?(?:누계|누적|累計|累计|累積)| ?(?P<since>(?:to date|so far)(?![a-z])|들어서?)")
_WEEK_BEFORE = re.compile(
    r"(?:the )?(?:week|wk) (?P<how>of|containing|starting|commencing|beginning|from|ending)(?: on)?(?: (?:mon|tues|wednes|thurs|fri|satur|sun)day,?)?(?: the)? ?$|(?P<wc>w ?c|wc) ?$"
)
# 주말, 주차, 주일, 주년 are words of their own, and no week that holds a day.
_WEEK_AFTER = re.compile(
    r"(?:(?:이|가)?(?:있는|속한|포함된|포함한)|의)?주(?:간)?(?![차말일년])|(?:那|當|这|這|所在的?)一?(?:個)?[週周](?!末)"
)
_DAYS_BEFORE = re.compile(
    r"(?:the )?(?:last ?)?(?P<n>\d{1,4}) ?(?P<unit>days?|weeks?) (?:ending|up to|until|through)(?: on)? ?$"
)
_DAYS_AFTER = re.compile(
    r"까지(?:의)?(?:최근)?(?P<n>\d{1,4})(?P<unit>일|주)간?|(?:為止)?的?(?:最近|過去|前)?(?P<n2>\d{1,4})(?P<unit2>天|週)"
)
_DAYS_AFTER_BEGIN = re.compile(r"(?:截至|到|至) ?$")
_UNTIL_YESTERDAY = re.compile(r" ?(?:(?:until|through|till|up to|to) yesterday|어제까지|(?:截至|到|至)昨[天日])")
# From the first of these days to the second, both inside; 31 stands for the month's last.
_PARTS_AFTER: dict[tuple[int, int], str] = {
    (1, 10): "초순|상순|초|上旬|初(?![至以])",
    (11, 20): "중순|中旬",
    (21, 31): "하순|下旬",
    (1, 15): "전반(?!기)|상반월|上半(?:月|個月)?(?!年)|前半(?:月)?(?!年)",
    (16, 31): "후반(?!기)|하반월|下半(?:月|個月)?(?!年)|後半(?:月)?(?!年)",
    (1, 1): "첫날|첫째날|초하루|第一[天日]|首日",
    (31, 31): "말일|마지막날|最後一[天日]",
}
_PARTS_BEFORE: dict[tuple[int, int], str] = {
    (1, 10): "early|(?:the )?first (?:ten days|third) of",
    (11, 20): "mid|middle of|the middle of|(?:the )?(?:second|middle) third of",
    (21, 31): "late|(?:the )?(?:last|final) third of",
    (1, 15): "(?:the )?(?:first|1st) half of",
    (16, 31): "(?:the )?(?:second|2nd|last) half of",
    (1, 1): "(?:the )?first day of",
    (31, 31): "(?:the )?last day of",
}
_AFTER_MONTH = [(days, re.compile(rf"(?:의|的)?(?:{words})")) for days, words in _PARTS_AFTER.items()]
_BEFORE_MONTH = [(days, re.compile(rf"(?<![a-z])(?:{words})(?: the)? $")) for days, words in _PARTS_BEFORE.items()]
_THE_MONTH = re.compile(r"(?<=of )(?:the )?month(?![a-z])")
_WEEKDAYS = {name: day for tables in LANGUAGES for name, day in tables.weekdays.items()}
_WEEKDAY_BEFORE = re.compile(rf"(?:^|(?<=[^a-z]))(?P<wd>{alternatives(_WEEKDAYS)}),?(?: the)? ?$")
_LETTERS = {letter: day for letters in ("월화수목금토일", "一二三四五六日") for day, letter in enumerate(letters)}
# The letter alone, as in 11/20(금), where it does not begin another word.
_WEEKDAY_AFTER = re.compile(
    rf",? ?(?P<wd>{alternatives(_WEEKDAYS)})(?![a-z])|(?P<letter>[월화수목금토일])(?![가-힣])|(?P<letter_zh>[一二三四五六日])(?![月季個天日號週周])"
)


def around(text: str, simple: Sequence[Reading], clock: Clock) -> Iterator[Reading]:
    """What can be made of each reading and the words beside it."""
    yield from _until_yesterday(text, simple, clock)
    the_month = (Reading(*match.span(), clock.unit("month")) for match in _THE_MONTH.finditer(text))
    for month in (*simple, *the_month):
        if month.period.grain == "month" and not month.period.to_date:
            yield from _parts_of(text, month)
    for reading in simple:
        if reading.period.grain != "span" and not reading.period.to_date:
            yield from _all_of(text, reading, clock)
        if reading.period.feast or (reading.period.grain == "day" and reading.floats != "week"):
            yield from _beside_it(text, reading)
        if reading.period.grain == "day":
            yield from _week_with(text, reading, clock)
            yield from _days_until(text, reading)
            yield from _with_weekday(text, reading)


def _beside_it(text: str, reading: Reading) -> Iterator[Reading]:
    """The day or the week before or after a holiday or a day: "the week before christmas", 블프 다음날, 黑五隔天."""
    if before := _BESIDE_BEFORE.search(text, 0, reading.start):
        days = {"day": 1, "week": 7}.get(before["unit"]) or int(before["n"])
        period = _next_to(reading.period, days, earlier=before["side"] == "before")
        yield replace(reading, start=before.start(), period=period)
    for pattern, days, earlier in _BESIDE_AFTER:
        if after := pattern.match(text, reading.end):
            yield replace(reading, end=after.end(), period=_next_to(reading.period, days, earlier=earlier))


def _next_to(period: Period, days: int, *, earlier: bool) -> Period:
    start = period.start - timedelta(days=days) if earlier else period.end
    return Period(start, start + timedelta(days=days), "day" if days == 1 else "span")


def _parts_of(text: str, month: Reading) -> Iterator[Reading]:
    """The thirds, halves, first and last day of a month."""
    for days, pattern in _AFTER_MONTH:
        if after := pattern.match(text, month.end):
            yield replace(month, end=after.end(), period=_part(month.period, *days))
    for days, pattern in _BEFORE_MONTH:
        if before := pattern.search(text, 0, month.start):
            yield replace(month, start=before.start(), period=_part(month.period, *days))


def _part(month: Period, first: int, last: int) -> Period:
    start = min(month.start + timedelta(days=first - 1), month.last_day)
    end = min(month.start + timedelta(days=last), month.end)
    return Period(start, end, "day" if (end - start).days == 1 else "span")


def _all_of(text: str, reading: Reading, clock: Clock) -> Iterator[Reading]:
    before, after = _ALL_BEFORE.search(text, 0, reading.start), _ALL_AFTER.match(text, reading.end)
    if before:
        yield replace(reading, start=before.start())
    if after:
        yield replace(reading, end=after.end())
    if (kind := _ALL_OF_ITS_KIND.match(text, reading.end)) and kind.lastgroup == reading.period.grain:
        yield replace(reading, end=kind.end())
    if (origin := _FROM_BEFORE.search(text, 0, reading.start)) and is_from_today(text, origin[0], reading.start):
        yield replace(reading, start=origin.start())
    period, so_far = reading.period, _SO_FAR_AFTER.match(text, reading.end)
    # "3분기 누적" is the first three quarters of a year, a rule of its own.
    if so_far and (period.grain in ("week", "month", "half", "year") or so_far["since"]):
        yield from _so_far(replace(reading, end=so_far.end()), clock, until_today=so_far["since"] is not None)


def is_from_today(text: str, before: str, start: int) -> bool:
    """Whether "from" says nothing: "revenue from last month" is that of last month, "from october" since then."""
    return before.startswith("from") and text.startswith(_FROM_TODAY, start)


def _so_far(reading: Reading, clock: Clock, *, until_today: bool) -> Iterator[Reading]:
    """The part to date of a running unit; of one that is over all of it, or all since."""
    period = reading.period
    if period.start <= clock.today < period.end:
        yield replace(reading, period=clock.to_date(period))
    elif period.end <= clock.today:
        yield replace(reading, period=Period(period.start, clock.today + _ONE_DAY) if until_today else period)


def _week_with(text: str, reading: Reading, clock: Clock) -> Iterator[Reading]:
    day = reading.period.start
    before, after = _WEEK_BEFORE.search(text, 0, reading.start), _WEEK_AFTER.match(text, reading.end)
    if before:
        yield replace(reading, start=before.start(), period=_week(day, before["how"] or "from", clock))
    if after:
        yield replace(reading, end=after.end(), period=_week(day, "of", clock))


def _week(day: date, how: str, clock: Clock) -> Period:
    """The week that holds a day, or the seven days that it begins or ends."""
    if how == "ending":
        day -= timedelta(days=6)
    unit = unit_of(day, "week", clock.calendar)
    return unit if how in ("of", "containing") or unit.start == day else Period(day, day + _WEEK)


def _days_until(text: str, reading: Reading) -> Iterator[Reading]:
    before, after = _DAYS_BEFORE.search(text, 0, reading.start), _DAYS_AFTER.match(text, reading.end)
    if before:
        yield replace(reading, start=before.start(), period=_ending(reading, before["n"], before["unit"]))
    if after and after["n"]:
        yield replace(reading, end=after.end(), period=_ending(reading, after["n"], after["unit"]))
    begin = _DAYS_AFTER_BEGIN.search(text, 0, reading.start)
    if after and after["n2"] and begin:
        period = _ending(reading, after["n2"], after["unit2"])
        yield replace(reading, start=begin.start(), end=after.end(), period=period)


def _ending(reading: Reading, n: str, unit: str) -> Period:
    days = max(1, int(n)) * (7 if unit[0] in "w주週" else 1)
    end = reading.period.end
    return Period(end - timedelta(days=days), end) if days > 1 else reading.period


def _with_weekday(text: str, reading: Reading) -> Iterator[Reading]:
    """Thursday 15 October, where that day is a Thursday."""
    before, after = _WEEKDAY_BEFORE.search(text, 0, reading.start), _WEEKDAY_AFTER.match(text, reading.end)
    if before and _WEEKDAYS[before["wd"]] == reading.period.start.weekday():
        yield replace(reading, start=before.start())
    letter = after and (after["letter"] or after["letter_zh"])
    if after and (_LETTERS[letter] if letter else _WEEKDAYS[after["wd"]]) == reading.period.start.weekday():
        yield replace(reading, end=after.end())


def _until_yesterday(text: str, simple: Sequence[Reading], clock: Clock) -> Iterator[Reading]:
    """The part of a running unit until yesterday; of this month where no unit is named."""
    for match in _UNTIL_YESTERDAY.finditer(text):
        if match[0][0] != " ":
            month = replace(clock, with_today=False).to_date(clock.unit("month"))
            yield Reading(match.start(), match.end(), month)
        for reading in simple:
            period = reading.period
            if reading.end == match.start() and period.start < clock.today < period.end:
                part = replace(period, end=clock.today)
                period = part if period.to_date else Period(period.start, clock.today)
                yield Reading(reading.start, match.end(), period)
