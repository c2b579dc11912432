# ruff: noqa: E501 - a letter of Korean or Chinese counts as two columns
"""Periods named from today: this, last and next units, parts to date, the last N units, N units ago, a year ago."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from functools import partial

from kpi_core.dates.periods import MONTHS, Grain, Period, add_months, fiscal_unit_of, previous, shift
from kpi_core.questions.number_words import number
from kpi_core.questions.period_words.clock import Clock, Reading, Rule, alternatives, at, first_group
from kpi_core.questions.period_words.languages.chinese import CHINESE
from kpi_core.questions.period_words.languages.english import ENGLISH
from kpi_core.questions.period_words.languages.korean import KOREAN
from kpi_core.questions.period_words.languages.language_words import Tables, UnitWords

LANGUAGES = (ENGLISH, KOREAN, CHINESE)
UNITS: UnitWords = ENGLISH.units | KOREAN.units | CHINESE.units
_TO_DATE: UnitWords = ENGLISH.to_date | KOREAN.to_date | CHINESE.to_date
_SAME_DAY_LAST_YEAR = r"(?:today|this day) last year|(?:작년|전년|지난해)(?:의)?오늘|(?:去年|前一年)(?:的)?今[天日]|(?:today )?(?:a|one) year ago today"
# 동일기간 is the same period, which has rules of its own; 동일 alone the same day.
_SAME_DAY_BEFORE = (
    r"(?:the )?same (?:week)?day (?:of |in )?(?:the )?(?:last|previous|prior) (?P<a>week|month|quarter)"
    r"|(?:지난|전|저번|직전)(?P<b>주|달|월|분기)(?:의)?(?:(?:같은|동일한?)(?:날|요일|일자?)|동일(?!한?기간)|동요일)"
    r"|(?:上一?個?|前一個?)(?P<c>[週周月季]|星期)(?:的)?(?:同一?[日天]|同星期幾?)"
)
_TO_YESTERDAY = r"(?P<a>week|month|quarter|year) (?:to|until|through) yesterday|(?P<b>[週周月季年])初[到至]昨[天日]|(?P<c>주|월|분기|연)초부터어제까지"
_YEAR_TO_DATE = r"(?P<a>(?:19|20|21)\d\d) ?(?:년|年)?ytd|ytd ?(?P<b>(?:19|20|21)\d\d)"
_TO_DAY = r"(?P<fiscal>fiscal )?(?P<unit>week|month|quarter|half|year) to date ?(?P<day>(?:19|20|21)\d\d-\d\d-\d\d)"
_TODAY = r" ?(?:today|오늘|的?今[天日])"
_GRAINS: dict[str, Grain] = {
    "weekday": "day",
    "날": "day",
    "요일": "day",
    "월": "month",
    "月份": "month",
    "half": "half",
    "반기": "half",
    "연": "year",
}


def unit_rules() -> Iterator[Rule]:
    yield Rule(alternatives(UNITS), _unit)
    yield Rule(alternatives(_TO_DATE), _to_date)
    yield Rule(_SAME_DAY_LAST_YEAR, _this_day_last_year)
    yield Rule(_SAME_DAY_BEFORE, _same_day_before)
    yield Rule(_TO_YESTERDAY, _to_yesterday)
    yield Rule(_YEAR_TO_DATE, _year_to_date)
    yield Rule(_TO_DAY, _to_day)
    for tables in LANGUAGES:
        yield from _counted_rules(tables)
        # A day has no part to date: "today so far" is today.
        current = [words for words, (grain, offset) in tables.units.items() if offset == 0 and grain != "day"]
        yield Rule(rf"(?P<unit>{alternatives(current)})(?:{tables.to_date_suffix})", _unit_to_date)
        for pattern in tables.same_last_year:
            yield Rule(pattern, partial(_same_unit_last_year, tables=tables))
        for pattern in tables.same_before:
            yield Rule(pattern, partial(_as_far_into_unit_before, tables=tables))


def _counted_rules(tables: Tables) -> Iterator[Rule]:
    yield Rule(alternatives(tables.fixed_counts), partial(_fixed_count, tables=tables))
    for pattern in tables.counts:
        yield Rule(pattern, partial(_last_units, tables=tables))
    yield Rule(tables.ago, partial(_units_ago, tables=tables))
    yield Rule(rf"(?:{tables.ago}){_TODAY}", partial(_day_units_ago, tables=tables))


def _unit(match: re.Match[str], clock: Clock) -> Reading:
    grain, offset = UNITS[match[0]]
    unit = clock.unit(grain, offset)
    # "This week, not counting today" ends yesterday.
    return at(match, clock.to_date(unit) if clock.with_today is False and not offset and grain != "day" else unit)


def _to_date(match: re.Match[str], clock: Clock) -> Reading:
    grain, offset = _TO_DATE[match[0]]
    return at(match, clock.to_date(clock.unit(grain, offset)))


def _unit_to_date(match: re.Match[str], clock: Clock) -> Reading:
    grain, _offset = UNITS[match["unit"]]
    return at(match, clock.to_date(clock.unit(grain)))


def _last_units(match: re.Match[str], clock: Clock, tables: Tables) -> Reading | None:
    n = number(first_group(match, "n") or "")
    return at(match, clock.last(n, _count_grain(match["unit"], tables))) if n > 0 else None


def _fixed_count(match: re.Match[str], clock: Clock, tables: Tables) -> Reading:
    n, grain = tables.fixed_counts[match[0]]
    return at(match, clock.last(n, grain))


def _units_ago(match: re.Match[str], clock: Clock, tables: Tables) -> Reading:
    return at(match, clock.unit(_count_grain(match["unit"], tables), -number(match["n"])))


def _same_unit_last_year(match: re.Match[str], clock: Clock, tables: Tables) -> Reading:
    return at(match, clock.year_ago(clock.unit(_grain(match["unit"], tables))))


def _as_far_into_unit_before(match: re.Match[str], clock: Clock, tables: Tables) -> Reading:
    part = clock.to_date(clock.unit(_grain(match["unit"], tables)))
    return at(match, previous(part, clock.calendar))


def _same_day_before(match: re.Match[str], clock: Clock) -> Reading:
    return at(match, _day_before(clock, _any_grain(match), 1))


def _day_units_ago(match: re.Match[str], clock: Clock, tables: Tables) -> Reading:
    return at(match, _day_before(clock, _count_grain(match["unit"], tables), number(match["n"])))


def _day_before(clock: Clock, grain: Grain, n: int) -> Period:
    """Today's weekday, or day of the month, so many units before."""
    days = {"day": 1, "week": 7}.get(grain)
    day = clock.today - timedelta(days=days * n) if days else add_months(clock.today, -MONTHS[grain] * n)
    return Period(day, day + timedelta(days=1), "day")


def _to_yesterday(match: re.Match[str], clock: Clock) -> Reading:
    return at(match, replace(clock, with_today=False).to_date(clock.unit(_any_grain(match))))


def _year_to_date(match: re.Match[str], clock: Clock) -> Reading:
    """As far into that year as today is into its own."""
    year = int(first_group(match, "a", "b") or "")
    return at(match, shift(clock.to_date(clock.unit("year")), year - clock.today.year, clock.calendar))


def _to_day(match: re.Match[str], clock: Clock) -> Reading:
    """As it was on that day: the words of a button, which may be pressed on another."""
    then = replace(clock, today=date.fromisoformat(match["day"]), with_today=True)
    grain = _grain(match["unit"], ENGLISH)
    unit = fiscal_unit_of(then.today, grain, clock.calendar) if match["fiscal"] else then.unit(grain)
    return at(match, then.to_date(unit))


def _any_grain(match: re.Match[str]) -> Grain:
    word = first_group(match, "a", "b", "c") or ""
    return next(_grain(word, tables) for tables in LANGUAGES if word in _GRAINS or word in tables.count_units)


def _this_day_last_year(match: re.Match[str], clock: Clock) -> Reading:
    day = add_months(clock.today, -12)
    return at(match, Period(day, day + timedelta(days=1), "day"))


def _count_grain(word: str, tables: Tables) -> Grain:
    return tables.count_units.get(word) or tables.count_units[word.rstrip("s")]


def _grain(word: str, tables: Tables) -> Grain:
    return _GRAINS.get(word) or _count_grain(word, tables)
