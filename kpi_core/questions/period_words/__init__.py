"""Periods as people write them in English, Korean and Chinese, also mixed: "last month", 최근 4주, 去年第三季.

`parse_period` reads a text that is a period and no more; `find_readings` every period within a text, from which
`kpi_core/question.py` picks those that belong to a question.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from functools import cache

from kpi_core.dates.calendars import Calendar
from kpi_core.dates.periods import Period
from kpi_core.errors import QuestionError, did_you_mean
from kpi_core.questions.errors import either, question_error
from kpi_core.questions.patterns import possible
from kpi_core.questions.period_words.asides import Span, clock_of
from kpi_core.questions.period_words.clock import Reading, Rule
from kpi_core.questions.period_words.day_rules import day_rules
from kpi_core.questions.period_words.feasts import feast_rules
from kpi_core.questions.period_words.fiscal_rules import fiscal_rules
from kpi_core.questions.period_words.month_rules import month_rules
from kpi_core.questions.period_words.part_rules import part_rules
from kpi_core.questions.period_words.ranges import combined
from kpi_core.questions.period_words.unit_rules import LANGUAGES, UNITS, unit_rules
from kpi_core.questions.period_words.working_days import working_day_rules
from kpi_core.questions.segments import Segment, best_cut, unread
from kpi_core.questions.wording import ends_word, wording

_FILLERS = re.compile(r"(?:in|for|during|over|the|of|on|as of|동안|기간|的|의|에|,)")
LONGEST = 500
"""Characters that a question may have."""
EXAMPLES = {
    "en": ("last month", "this quarter", "last 7 days", "2026-03", "year to date"),
    "ko": ("지난달", "이번 분기", "최근 7일", "2026-03", "올해 누적"),
    "zh-TW": ("上個月", "這一季", "過去7天", "2026-03", "今年至今"),
}
"""Well-known periods in the words of each language."""


def parse_period(text: str, calendar: Calendar, today: date) -> Period:
    """The one period that a text names. QuestionError `unknown_period`, with periods that were perhaps meant."""
    if len(text) > LONGEST:
        raise too_long(len(text))
    words = wording(text)
    readings, asides = find_readings(words.text, calendar, today)
    period_segments: list[Segment[Period | None]] = [
        Segment(reading.start, reading.end, (reading.period,)) for reading in readings
    ]
    fillers: list[Segment[Period | None]] = [Segment(start, end, (None,)) for start, end in asides]
    fillers += [Segment(*match.span(), (None,)) for match in _FILLERS.finditer(words.text) if _stands_alone(match)]
    cut = best_cut(words.text, [*period_segments, *fillers])
    periods = {segment.meanings[0] for segment in cut if segment.meanings} - {None}
    if unread(cut) or len(periods) != 1:
        near = similar_periods(words.text)
        raise unknown_period(text.strip(), near, near)
    period = periods.pop()
    assert period is not None
    return period


def unknown_period(typed: str, near: Sequence[str], suggestions: Sequence[str]) -> QuestionError:
    """`near` are periods that were perhaps meant, `suggestions` the whole texts with one of them instead."""
    return question_error(
        "unknown_period",
        word=typed,
        hint="" if near else "unknown_period_far_hint",
        choices=either(near) if near else lambda language: ", ".join(EXAMPLES[language]),
        suggestions=suggestions,
    )


def too_long(length: int) -> QuestionError:
    return question_error("too_long", length=str(length), limit=str(LONGEST))


def similar_periods(plain_text: str) -> tuple[str, ...]:
    """Well-known periods that look like a text, best first."""
    if len(plain_text) > 60:
        return ()
    by_meaning: dict[object, str] = {}
    for word in did_you_mean(plain_text, _known_words(), limit=12):
        # Several spellings of one period are one suggestion.
        by_meaning.setdefault(UNITS.get(word, word), word)
    return tuple(by_meaning.values())[:3]


def period_names() -> tuple[str, ...]:
    """Well-known periods, as people call them."""
    return _known_words()


@cache
def _known_words() -> tuple[str, ...]:
    names = [name for tables in LANGUAGES for name in (*tables.to_date, *tables.months, *tables.weekdays)]
    counts = (
        "last 7 days",
        "last 28 days",
        "last 30 days",
        "last 4 weeks",
        "last 3 months",
        "최근7일",
        "최근4주",
        "過去7天",
    )
    return (*UNITS, *names, *counts)


def _stands_alone(match: re.Match[str]) -> bool:
    return ends_word(match.string, match.start()) and ends_word(match.string, match.end())


@cache
def _rules() -> tuple[Rule, ...]:
    return (
        # Where two rules read the same words, the earlier one's period counts (`best_cut` keeps the meanings
        # in this order).
        *unit_rules(),
        *month_rules(),
        *fiscal_rules(),
        *day_rules(),
        *part_rules(),
        *feast_rules(),
        *working_day_rules(),
    )


def find_readings(text: str, calendar: Calendar, today: date) -> tuple[list[Reading], list[Span]]:
    """Every period in a plain text, overlapping ones too, and the places that only say how to read them."""
    clock, asides = clock_of(text, calendar, today)
    patterns = set(possible("periods", tuple(rule.pattern for rule in _rules()), text))
    simple = [reading for rule in _rules() if rule.pattern in patterns for reading in rule.readings(text, clock)]
    readings = simple + combined(text, simple, clock)
    # What stands in an aside is no period as well: "weeks start on monday" is not about Monday.
    return [reading for reading in readings if not any(_overlap(reading, aside) for aside in asides)], asides


def _overlap(reading: Reading, aside: Span) -> bool:
    return reading.start < aside[1] and aside[0] < reading.end
