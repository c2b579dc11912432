"""Days named by their end alone, as in "until november 10", 11월 10일까지: from when on is for the asker."""

from __future__ import annotations

import re
from collections.abc import Sequence

from kpi_core.dates.periods import Period
from kpi_core.questions.clauses.settled import of_kind
from kpi_core.questions.segments import Segment
from kpi_core.questions.words import Part

_UNTIL = re.compile(
    r"(?:up )?(?:until|till|to)|through|thru|by|(?:as of)|까지(?:의|는)?(?:누적|누계)?|止|為止|截至|截止|到|至"
)
_AHEAD = re.compile(r"(?:截至|截止|到|至)$")
_AFTER = re.compile(r"為?止|(?:以|之)前")


def until_when(
    text: str, cut: Sequence[Segment[Part]], unread: Segment[Part]
) -> tuple[int, int, tuple[str, ...]] | None:
    """Where such words stand, and the days that may be meant: of that month, or of that year, until then."""
    if not _UNTIL.fullmatch(text[unread.start : unread.end]):
        return None
    place = list(cut).index(unread)
    for beside in (place - 1, place + 1, place - 2):
        part = of_kind(cut[beside], "period") if 0 <= beside < len(cut) else None
        if part and part.period:
            start, end = min(unread.start, cut[beside].start), max(unread.end, cut[beside].end)
            if ahead := _AHEAD.search(text, 0, start):
                start = ahead.start()
            if after := _AFTER.match(text, end):
                end = after.end()
            return start, end, _spans(part.period)
    return None


def _spans(period: Period) -> tuple[str, ...]:
    last = period.last_day
    months = (last.replace(day=1),) if period.grain in {"day", "week", "month", "span"} else ()
    starts = (*months, last.replace(month=1, day=1))
    return tuple(dict.fromkeys(f"{start.isoformat()}..{last.isoformat()}" for start in starts))
