# ruff: noqa: E501 - a letter of Korean or Chinese counts as two columns
"""Periods named from today: this, last and next units, parts to date, the last N units, N units ago, a year ago."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from functools import partial

from kpi_core.period_words.chinese import CHINESE
from kpi_core.period_words.clock import Clock, Reading, Rule, alternatives, at, first_group
from kpi_core.period_words.english import ENGLISH
from kpi_core.period_words.korean import KOREAN
from kpi_core.period_words.numbers import number
from kpi_core.period_words.tables import Tables, UnitWords
from kpi_core.periods import Grain, Period, add_months, previous

LANGUAGES = (ENGLISH, KOREAN, CHINESE)
UNITS: UnitWords = ENGLISH.units | KOREAN.units | CHINESE.units
_TO_DATE: UnitWords = ENGLISH.to_date | KOREAN.to_date | CHINESE.to_date
_SAME_DAY_LAST_YEAR = r"(?:today|this day) last year|(?:작년|전년|지난해)(?:의)?오늘|(?:去年|前一年)(?:的)?今[天日]|(?:today )?(?:a|one) year ago today"
_GRAINS: dict[str, Grain] = {
    "weekday": "day",
    "날": "day",
    "요일": "day",
    "월": "month",
    "月份": "month",
    "half": "half",
    "반기": "half",
}


def unit_rules() -> Iterator[Rule]:
    yield Rule(alternatives(UNITS), _unit)
    yield Rule(alternatives(_TO_DATE), _to_date)
    yield Rule(_SAME_DAY_LAST_YEAR, _this_day_last_year)
    for tables in LANGUAGES:
        yield from _counted_rules(tables)
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


def _unit(match: re.Match[str], clock: Clock) -> Reading:
    grain, offset = UNITS[match[0]]
    return at(match, clock.unit(grain, offset))


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


def _this_day_last_year(match: re.Match[str], clock: Clock) -> Reading:
    day = add_months(clock.today, -12)
    return at(match, Period(day, day + timedelta(days=1), "day"))


def _count_grain(word: str, tables: Tables) -> Grain:
    return tables.count_units.get(word) or tables.count_units[word.rstrip("s")]


def _grain(word: str, tables: Tables) -> Grain:
    return _GRAINS.get(word) or _count_grain(word, tables)
