"""Parts of the data held against each other: "roas google vs meta" is the split of the two, never their sum."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from kpi_core.questions.clauses.settled import of_kind
from kpi_core.questions.filters.written import PlacedFilter
from kpi_core.questions.segments import Segment
from kpi_core.questions.words import Part

_SATURDAY = 5
_CHOOSING = re.compile(
    r"\b(?:compar(?:e|ed|ing|ison)|which|better|or|difference)\b"
    r"|비교|차이|중에|중어|어디가|어느|뭐가|누가|比較|比较|對比|差異|差多少|哪|還是"
)
"""Words that choose between two parts, or set them side by side."""


_COMPARING = re.compile("비교(?:해서|하면|해줘|해)?|比較|比较|compare|comparison")
_JOINED = frozenset({"with", "to", "랑", "이랑", "와", "과", "하고", "跟", "與", "和"})
"""Beside a period, what makes it the one to compare with."""


def compares_parts(
    text: str, cut: Sequence[Segment[Part]], mark: Segment[Part], filters: Sequence[PlacedFilter]
) -> bool:
    """Whether it is parts that are compared, and the one period is what the question is about: CPC比較 過去兩週."""
    periods = [place for place, segment in enumerate(cut) if of_kind(segment, "period")]
    if len(periods) != 1 or not _COMPARING.fullmatch(text[mark.start : mark.end]):
        return False
    beside = {
        text[cut[place].start : cut[place].end] for place in (periods[0] - 1, periods[0] + 1) if 0 <= place < len(cut)
    }
    parts = Counter(placed.filter.dimension for placed in filters for _value in placed.filter.values)
    return not beside & _JOINED and max(parts.values(), default=0) > 1


def parts_side_by_side(
    text: str, cut: Sequence[Segment[Part]], filters: Sequence[PlacedFilter], *, periods_compared: bool
) -> str:
    """The dimension of which two values are compared in a question that names no split; else empty.

    `text` is in the plain form; `cut` is the question without fillers, `periods_compared` whether "vs" says of which
    periods.
    """
    sought = Counter(
        placed.filter.dimension for placed in filters if not placed.filter.excludes for _value in placed.filter.values
    )
    several = [dimension for dimension, count in sought.items() if count > 1]
    if len(several) != 1 or any(of_kind(segment, "dimension") for segment in cut):
        return ""
    if _has_two_sides(cut, {placed.start for placed in filters if placed.filter.dimension == several[0]}):
        return several[0]
    return several[0] if _CHOOSING.search(text) and not periods_compared else ""


def _has_two_sides(cut: Sequence[Segment[Part]], places: set[int]) -> bool:
    """Whether a "vs" stands between two of the places."""
    return any(
        of_kind(mark, "vs") and before.start in places and after.start in places
        for before, mark, after in zip(cut, cut[1:], cut[2:], strict=False)
    )


def are_days_of_the_week(beside: Sequence[Segment[Part]], after: Sequence[Segment[Part]]) -> bool:
    return any(map(is_weekdays, after)) or (any(map(is_weekdays, beside)) and any(map(is_weekend, after)))


def is_weekdays(segment: Segment[Part]) -> bool:
    return (part := of_kind(segment, "dimension")) is not None and part.ids == ("weekday",)


def is_weekend(segment: Segment[Part]) -> bool:
    period = part.period if (part := of_kind(segment, "period")) else None
    return period is not None and (period.start.weekday(), (period.end - period.start).days) == (_SATURDAY, 2)
