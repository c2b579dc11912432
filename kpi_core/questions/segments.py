"""A text cut into the parts that mean something: the cut that leaves the least unread, in the fewest parts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Generic, TypeVar

from kpi_core.frozen_dataclass import frozen

Meaning = TypeVar("Meaning")


@frozen
class Segment(Generic[Meaning]):
    """`text[start:end]` means one of `meanings`; none means that it could not be read."""

    start: int
    end: int
    meanings: tuple[Meaning, ...] = ()


def best_cut(text: str, segments: Iterable[Segment[Meaning]]) -> list[Segment[Meaning]]:
    """The parts of a text in order, spaces left out; parts of the same place become one with all meanings."""
    places = _by_end(segments)
    # Cost of the best cut of each prefix: characters unread, parts, and the segment it ends with.
    best: list[tuple[int, int, Segment[Meaning] | None]] = [(0, 0, None)]
    for end in range(1, len(text) + 1):
        unread, parts, _last = best[end - 1]
        choice: tuple[int, int, Segment[Meaning] | None] = (unread + (text[end - 1] != " "), parts, None)
        for segment in places.get(end, ()):
            cost = (best[segment.start][0], best[segment.start][1] + 1)
            # Strictly less: of equal cuts the one with the longer last part stays, so the same words have
            # the same answer.
            if cost < choice[:2]:
                choice = (*cost, segment)
        best.append(choice)
    return [segment for segment in (_trimmed(text, part) for part in _walk_back(best)) if segment.start < segment.end]


def unread(segments: Sequence[Segment[Meaning]]) -> list[Segment[Meaning]]:
    """The pieces that mean nothing."""
    return [segment for segment in segments if not segment.meanings]


def _trimmed(text: str, segment: Segment[Meaning]) -> Segment[Meaning]:
    if segment.meanings:
        return segment
    words = text[segment.start : segment.end]
    start = segment.start + len(words) - len(words.lstrip(" "))
    return Segment(start, start + len(words.strip(" ")))


def _by_end(segments: Iterable[Segment[Meaning]]) -> dict[int, list[Segment[Meaning]]]:
    merged: dict[tuple[int, int], tuple[Meaning, ...]] = {}
    for segment in segments:
        if segment.start < segment.end:
            place = (segment.start, segment.end)
            merged[place] = (*merged.get(place, ()), *segment.meanings)
    places: dict[int, list[Segment[Meaning]]] = {}
    for (start, end), meanings in sorted(merged.items()):
        places.setdefault(end, []).append(Segment(start, end, meanings))
    return places


def _walk_back(best: Sequence[tuple[int, int, Segment[Meaning] | None]]) -> list[Segment[Meaning]]:
    cut: list[Segment[Meaning]] = []
    end = len(best) - 1
    while end > 0:
        segment = best[end][2]
        if segment:
            cut.append(segment)
            end = segment.start
            continue
        start = end
        while start > 0 and best[start][2] is None:
            start -= 1
        cut.append(Segment(start, end))
        end = start
    return cut[::-1]
