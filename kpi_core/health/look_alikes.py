"""Values that are nearly another one: a misspelt campaign, channel or network that splits its rows in two. Pure.

Two texts are alike when they differ in one word only, and in that by one letter more, less, other, or two exchanged.
Numbers, codes and short words are never alike: "Sale 2" is not "Sale 3", "A-" is not "A", and UK is not US.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from kpi_core.dates.periods import Days

_SHORTEST = 4
"""Letters from which a word can be misspelt and still be known."""
_RARE = 0.1
"""A misspelling has at most this share of the rows of the right spelling."""
_BEFORE = timedelta(days=28)
"""So long the right spelling has been there when the other comes up."""
_STRAY = 0.05
_SHORT = timedelta(days=35)
_AFTER = timedelta(days=7)
"""A value that has only just gone may come again."""
_WORD = re.compile(r"[^\W\d_]+|\d+|[^\w\s]+|_")


@dataclass(frozen=True, slots=True)
class Member:
    """A value of a column: its rows, and the first and the last day with one."""

    text: str
    rows: int
    first: date
    last: date

    @property
    def days(self) -> Days:
        """From its first day to its last one."""
        return self.first, self.last + timedelta(days=1)


def look_alikes(members: Mapping[str, Member]) -> Iterator[tuple[Member, Member]]:
    """Each rare value that looks like a misspelling, and the one it looks like."""
    neighbours: dict[tuple[str, ...], list[Member]] = {}
    for member in members.values():
        for place in set(_places(member.text)):
            neighbours.setdefault(place, []).append(member)
    pairs = {
        rare.text: (rare, usual)
        for group in neighbours.values()
        for rare in group
        for usual in group
        if _is_misspelt(rare, usual)
    }
    for text in sorted(pairs):
        yield pairs[text]


def strays(members: Mapping[str, Member]) -> Iterator[Member]:
    """Values that stand on a few days in the midst of others that go on: written once, and then as ever again.

    For columns whose values last, channels, regions and devices; campaigns come and go.
    """
    total = sum(member.rows for member in members.values())
    first = min((member.first for member in members.values()), default=date.max)
    last = max((member.last for member in members.values()), default=date.min)
    for text in sorted(members):
        member = members[text]
        inside = member.first >= first + _BEFORE and member.last <= last - _AFTER
        if inside and member.last - member.first <= _SHORT and member.rows <= _STRAY * total:
            yield member


def _is_misspelt(rare: Member, usual: Member) -> bool:
    there_before = usual.first + _BEFORE <= rare.first
    return rare.text != usual.text and rare.rows <= _RARE * usual.rows and there_before


def _places(text: str) -> Iterator[tuple[str, ...]]:
    """What texts that are alike share: the words, with one letter of one word left out or none."""
    words = _WORD.findall(text.casefold())
    for number, word in enumerate(words):
        if len(word) >= _SHORTEST and word.isalpha():
            for letter in range(len(word) + 1):
                shorter = word[:letter] + word[letter + 1 :]
                yield (*words[:number], f"{number} {shorter}", *words[number + 1 :])
