"""Values that are another one written wrongly: a misspelt campaign or channel that splits its rows in two. Pure.

Two texts are alike when they differ in one word only, and in that by one letter more, less, other, or two exchanged.
Numbers, codes and short words are never alike: "Sale 2" is not "Sale 3", "A-" is not "A", and UK is not US.

Any other word is a stray where it stands on a few days only and one of the usual values lacks about as many rows on
just those: of a Poisson count with mean m, x or less come with a probability of at most exp(x - m - x ln(x / m)).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date, timedelta
from math import log

from kpi_core.dates.periods import Days
from kpi_core.frozen_dataclass import frozen

_SHORTEST = 4
"""Letters from which a word can be misspelt and still be known."""
_RARE = 0.1
"""A misspelling has at most this share of the rows of the right spelling."""
_BEFORE = timedelta(days=28)
"""So long the right spelling has been there when the other comes up."""
_SHORT = timedelta(days=35)
"""A stray word stands on days no further apart than this."""
_AROUND = timedelta(days=28)
"""So long before and after them it shows how many rows are usual."""
_UNLIKELY = 7.0
"""exp(-7), once in a thousand; that a word comes up and another lacks on the same days is rare enough by itself."""
_LACKING = 0.6
_ALIKE = 0.5
"""Of the rows that the usual value lacks, the stray has at least this share; and the other way round."""
_WORD = re.compile(r"[^\W\d_]+|\d+|[^\w\s]+|_")


@frozen
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


def strays(members: Mapping[str, Mapping[date, int]]) -> Iterator[str]:
    """Values that stand on a few days in the place of a usual one; `members` gives the rows of each by day."""
    for text, counts in sorted(members.items()):
        first, last = min(counts), max(counts)
        if last - first > _SHORT:
            continue
        around = {
            day
            for other in members.values()
            for day in other
            if first - _AROUND <= day <= last + _AROUND and day not in counts
        }
        if any(_stands_for(counts, other, around, members) for other in members.values() if other is not counts):
            yield text


def _stands_for(
    stray: Mapping[date, int],
    usual: Mapping[date, int],
    around: Collection[date],
    members: Mapping[str, Mapping[date, int]],
) -> bool:
    """Whether the usual value lacks about as many rows on the days of the stray as that one has."""
    share = _rows(usual, around) / max(1, sum(_rows(each, around) for each in members.values()))
    due = share * sum(_rows(each, stray) for each in members.values())
    there, rows = _rows(usual, stray), sum(stray.values())
    lack = due - there
    if there > _LACKING * due or not _ALIKE * lack <= rows <= lack / _ALIKE:
        return False
    return lack - (there * log(due / there) if there else 0.0) >= _UNLIKELY


def _rows(counts: Mapping[date, int], days: Iterable[date]) -> int:
    return sum(counts.get(day, 0) for day in days)


def _is_misspelt(rare: Member, usual: Member) -> bool:
    there_before = usual.first + _BEFORE <= rare.first
    return rare.text != usual.text and rare.rows <= _RARE * usual.rows and there_before


def _places(text: str) -> Iterator[tuple[str, ...]]:
    """What texts that are alike share: the words, with one letter of one word left out or none."""
    words = _WORD.findall(text.casefold())
    for number, word in enumerate(words):
        if not word.isalpha() or len(word) < _SHORTEST - 1:
            continue
        yield (*words[:number], f"{number} {word}", *words[number + 1 :])
        # One of three letters may be one of four that has lost a letter.
        for letter in range(len(word) if len(word) >= _SHORTEST else 0):
            shorter = word[:letter] + word[letter + 1 :]
            yield (*words[:number], f"{number} {shorter}", *words[number + 1 :])
