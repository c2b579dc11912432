"""Pieces that mean more than one thing alone, settled by the pieces beside them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from kpi_core.dates.periods import Grain
from kpi_core.questions.segments import Segment
from kpi_core.questions.vocabulary import Vocabulary
from kpi_core.questions.words import Part

WITH = frozenset({"跟", "與"})
"""Between two things "and" or "against": by what else is said."""
_COUNTING = frozenset("0123456789개個명人位次筆번건회")
_COMPARING = re.compile("比|較|差|不同|不一樣")
_DAYS: dict[Grain, int] = {"day": 1, "week": 7, "month": 31, "quarter": 92, "half": 184, "year": 366}
_BEFORE_DEADLINES = frozenset({"by", "到", "至"})
_OF_GOALS = re.compile("goal|target|목표|目標|達標")
_AT_THE_END = frozenset({"at the end of", "at end of", "as of the end of", "end of", "말", "말일", "말기준", "底"})
"""Of a balance this is what its period says already."""
_AVERAGES = frozenset({"average", "avg", "mean", "평균", "平均"})
"""Of a ratio the ratio itself; of a sum it is not known by what it would be divided."""
_OF_A_COUNT = frozenset({"value", "score", "scores", "won", "점수", "分數"})
"""What makes another number of a count: the value of leads, the won ones."""


def of_kind(segment: Segment[Part], kind: str) -> Part | None:
    """What a piece means of one kind."""
    return next((part for part in segment.meanings if part.kind == kind), None)


def _with_joined_periods(text: str, cut: Sequence[Segment[Part]]) -> Iterator[Segment[Part]]:
    """8月跟9月 are the two in a row, where nothing else says that they are compared."""
    for index, segment in enumerate(cut):
        joins = 0 < index < len(cut) - 1 and text[segment.start : segment.end] in WITH
        one, other = (of_kind(cut[place], "period") for place in (index - 1, index + 1)) if joins else (None, None)
        in_a_row = one and other and one.period and other.period and one.period.end == other.period.start
        yield replace(segment, meanings=(Part("filler"),)) if in_a_row and not _COMPARING.search(text) else segment


def _without_deadlines(text: str, cut: Sequence[Segment[Part]]) -> list[Segment[Part]]:
    """The cut in which such a word before a period means nothing, so that it is never passed over.

    By when a goal is to be reached is no other period.
    """
    if _OF_GOALS.search(text):
        return list(cut)

    def ends_it(index: int, segment: Segment[Part]) -> bool:
        after = cut[index + 1] if index + 1 < len(cut) else None
        return (
            text[segment.start : segment.end] in _BEFORE_DEADLINES
            and after is not None
            and of_kind(after, "period") is not None
            and of_kind(after, "dimension") is None
        )

    return [replace(segment, meanings=()) if ends_it(index, segment) else segment for index, segment in enumerate(cut)]


def with_other_numbers(text: str, cut: Sequence[Segment[Part]], vocabulary: Vocabulary) -> list[Segment[Part]]:
    """An impression share is no number of impressions: beside a KPI's name such a word is not passed over."""
    said = [text[segment.start : segment.end] for segment in cut]

    def is_kpi(index: int, among: frozenset[str]) -> bool:
        kpi = of_kind(cut[index], "kpi") if 0 <= index < len(cut) else None
        return kpi is not None and not among.isdisjoint(kpi.ids)

    def is_another(index: int) -> bool:
        if said[index] == "share":
            return is_kpi(index - 1, vocabulary.known) or (
                said[index + 1 : index + 2] == ["of"] and is_kpi(index + 2, vocabulary.known)
            )
        if said[index] == "won" and is_kpi(index + 1, vocabulary.counts):
            return True
        return said[index] in _OF_A_COUNT and is_kpi(index - 1, vocabulary.counts)

    def is_unlike(index: int) -> bool:
        if said[index] in _AVERAGES:
            return not is_kpi(index + 1, vocabulary.ratios)
        if said[index] in _AT_THE_END:
            return not any(is_kpi(place, vocabulary.balances) for place in range(len(cut)))
        # "On weekdays" leaves the weekend out, and splits nothing.
        return said[index] == "weekdays" and index > 0 and said[index - 1] in {"on", "during", "at"}

    def is_before_a_day(index: int) -> bool:
        """The week before a day that is named is no week to compare with."""
        before = said[index].endswith("before") and {"unit_before", "before"} & {
            part.kind for part in cut[index].meanings
        }
        against = index > 0 and of_kind(cut[index - 1], "vs")
        return bool(before and not against and index + 1 < len(cut) and of_kind(cut[index + 1], "period"))

    return [
        replace(each, meanings=()) if is_another(index) or is_unlike(index) or is_before_a_day(index) else each
        for index, each in enumerate(cut)
    ]


def settled(text: str, cut: Sequence[Segment[Part]], vocabulary: Vocabulary) -> list[Segment[Part]]:
    """Words for a KPI and a dimension alike are the dimension where another KPI is named or a "by" stands beside.

    Without a split there is nothing to rank, and a count beside no rank counts nothing: then they are not understood.
    """
    cut = _without_deadlines(text, list(_with_joined_periods(text, cut)))
    kpis = [segment for segment in cut if of_kind(segment, "kpi")]

    def one(index: int, segment: Segment[Part]) -> Segment[Part]:
        dimension, goal = of_kind(segment, "dimension"), of_kind(segment, "goal")
        # The share of goals reached is a KPI; beside another one it asks how far that one is from its goal.
        if goal and segment in kpis and len(kpis) > 1:
            return replace(segment, meanings=(goal,))
        if segment not in kpis or dimension is None:
            return segment
        by = index > 0 and of_kind(cut[index - 1], "by")
        by = by or (index + 1 < len(cut) and of_kind(cut[index + 1], "by_after"))
        return replace(segment, meanings=(dimension,)) if by or len(kpis) > 1 else segment

    cut = list(_without_counted_groups(text, cut))
    all_settled = [one(index, segment) for index, segment in enumerate(cut)]
    split = any(of_kind(segment, "dimension") or _is_split(segment, vocabulary) for segment in all_settled)
    # Which month was the best is told by the course over all of them; of a single one nothing is.
    units = not split and _ranks_units(all_settled)
    if not split and not units:
        all_settled = [_without_named_unit(segment) for segment in all_settled]
    unranked = set() if split else {"price", "bound"} | (set() if units else {"order", "end", "top"})
    ranked = split and any(part.order for segment in all_settled for part in segment.meanings)
    unranked |= set() if ranked else {"count"}
    return [
        replace(segment, meanings=tuple(part for part in segment.meanings if part.kind not in unranked))
        for segment in all_settled
    ]


def _ranks_units(cut: Sequence[Segment[Part]]) -> bool:
    """Whether a grain is named, and the period has several of its units."""
    grain = next((part.grain for segment in cut if (part := of_kind(segment, "grain"))), None)
    periods = [part.period for segment in cut if (part := of_kind(segment, "period")) and part.period]
    return grain is not None and max((period.days for period in periods), default=0) > _DAYS[grain]


def _named_unit(segment: Segment[Part]) -> Part | None:
    return next((part for part in segment.meanings if part.kind == "grain" and part.n), None)


def _without_named_unit(segment: Segment[Part]) -> Segment[Part]:
    return replace(segment, meanings=()) if _named_unit(segment) else segment


def _without_counted_groups(text: str, cut: Sequence[Segment[Part]]) -> Iterator[Segment[Part]]:
    """More than 3 campaigns are a number of campaigns, and no limit of a value."""
    for index, segment in enumerate(cut):
        counts = (
            of_kind(segment, "bound") is not None
            and index + 1 < len(cut)
            and of_kind(cut[index + 1], "dimension") is not None
            and text[segment.end - 1] in _COUNTING
        )
        yield replace(segment, meanings=()) if counts else segment


def _is_split(segment: Segment[Part], vocabulary: Vocabulary) -> bool:
    """Whether it names a KPI that is always split."""
    kpi = of_kind(segment, "kpi")
    return kpi is not None and any(name in vocabulary.splits for name in kpi.ids)
