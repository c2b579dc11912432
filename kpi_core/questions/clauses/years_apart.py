"""A month, quarter or holiday and its year that stand apart: "october revenue 2025", 크리스마스 매출 작년."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace
from datetime import date

from kpi_core.dates.calendars import Calendar
from kpi_core.dates.periods import Period
from kpi_core.questions.clauses.settled import of_kind
from kpi_core.questions.period_words import find_readings
from kpi_core.questions.segments import Segment
from kpi_core.questions.words import Part

_YEAR = re.compile(r",? ?(?<!\d)(?:19|20)\d\d$|^(?:19|20)\d\d[년年]의? ?")
_WITH_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
Cut = list[Segment[Part]]


def with_years(text: str, cut: Cut, bases: Collection[Segment[Part]], calendar: Calendar, today: date) -> Cut:
    """The cut with the one period that leaves its year open put into the year named elsewhere.

    `bases` are the segments that say what to compare with: their years are those of the same days.
    """
    periods = [segment for segment in cut if of_kind(segment, "period")]
    years = [segment for segment in periods if _is_year(segment)]
    named = [segment for segment in periods if segment not in years]
    own = [segment for segment in years if segment not in bases]
    if len(named) != 1 or named[0] in bases or not years or len(own) > 1:
        return cut
    words = _words(text, named[0])
    # "October 2025 revenue vs 2024": against a year the year said beside it gives way.
    words = words if own else _YEAR.sub("", words).strip()
    # 2026-W46 is of its year, whatever it is held against.
    if _WITH_YEAR.search(words):
        return cut
    moved = {year: _in_year(words, _words(text, year), calendar, today) for year in years}
    if not all(moved.values()):
        return cut
    subject = moved[own[0]] if own else None

    def one(segment: Segment[Part]) -> Segment[Part]:
        if segment == named[0] and subject:
            return replace(segment, meanings=(Part("period", period=subject),))
        if segment in own:
            return replace(segment, meanings=(Part("filler"),))
        # "Last year" as a base is a year before the asked days already.
        base = segment in years and not of_kind(segment, "year_ago")
        return replace(segment, meanings=(Part("period", period=moved[segment]),)) if base else segment

    return [one(segment) for segment in cut]


def _words(text: str, segment: Segment[Part]) -> str:
    return text[segment.start : segment.end]


def _is_year(segment: Segment[Part]) -> bool:
    period = part.period if (part := of_kind(segment, "period")) else None
    return period is not None and period.grain == "year" and not (period.to_date or period.fiscal)


def _in_year(words: str, year: str, calendar: Calendar, today: date) -> Period | None:
    """What both say together, in either order."""
    for text in (f"{words} {year}", f"{year} {words}", f"{year}{words}"):
        readings, _asides = find_readings(text, calendar, today)
        if whole := next((each for each in readings if (each.start, each.end) == (0, len(text))), None):
            return whole.period if whole.period.grain != "year" else None
    return None
