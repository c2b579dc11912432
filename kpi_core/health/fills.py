"""Days on which a column that is nearly always filled is emptier than chance explains. Pure.

How unlikely so few values are among so many rows is bounded by Chernoff: of n rows that are filled with probability p,
a share q < p or less is filled with a probability of at most exp(-n KL(q, p)), KL being the divergence of the two
shares (Hoeffding 1963, theorem 1).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import accumulate
from math import log

from kpi_core.dates.periods import Days

_ONE_DAY = timedelta(days=1)
_WINDOWS = (1, 3, 7, 14, 30)
"""Days looked at together: a table with a row a day shows nothing on a single one."""
_CERTAIN = 20.0
"""exp(-20), once in 500 million; many days, columns and windows are looked at."""
USUALLY = 0.9
"""The share of rows from which a column is one that is nearly always filled."""


def emptied(fills: Mapping[date, tuple[int, int]]) -> Iterator[tuple[Days, int, int]]:
    """The runs of days on which values lack, with how many of how many rows hold one there.

    `fills` gives rows and filled rows of each day that has any. Nothing where the column is often empty anyway, and
    nothing before its first value: there it was not filled in yet.
    """
    if all(filled == rows for rows, filled in fills.values()):
        return
    begun = min((day for day, (_rows, filled) in fills.items() if filled), default=date.max)
    days = sorted(day for day in fills if day >= begun)
    if sum(fills[day][1] for day in days) < USUALLY * sum(fills[day][0] for day in days):
        return
    lacking: set[int] = set()
    for length in _WINDOWS:
        # What shorter windows have found is left out, or it would draw its neighbours in.
        rest = [(0, 0) if number in lacking else fills[day] for number, day in enumerate(days)]
        lacking |= set(_lacking(rest, length))
    for first, last in runs(sorted(lacking)):
        inside = [fills[day] for day in days[first : last + 1]]
        yield (days[first], days[last] + _ONE_DAY), sum(filled for _, filled in inside), sum(rows for rows, _ in inside)


def are_emptier(filled: int, rows: int, usual: float) -> bool:
    """Whether rows hold far fewer values than chance leaves, in a column that is usually filled in such a share."""
    return filled < usual * rows and rows * _divergence(filled / rows, usual) >= _CERTAIN


def _lacking(fills: Sequence[tuple[int, int]], length: int) -> Iterator[int]:
    """The places at which values lack, in any window of so many days that holds too few of them."""
    rows = [0, *accumulate(rows for rows, _filled in fills)]
    filled = [0, *accumulate(filled for _rows, filled in fills)]
    for start in range(len(fills) - length + 1):
        end = start + length
        inside, there = rows[end] - rows[start], filled[end] - filled[start]
        usual = (filled[-1] - there + 1) / (rows[-1] - inside + 2)
        if are_emptier(there, inside, usual):
            yield from (number for number in range(start, end) if fills[number][1] < fills[number][0])


def _divergence(share: float, usual: float) -> float:
    """Kullback and Leibler's, of two shares, in nats."""
    first = share * log(share / usual) if share else 0.0
    second = (1 - share) * log((1 - share) / (1 - usual)) if share < 1 else 0.0
    return first + second


def runs(numbers: Sequence[int]) -> Iterator[tuple[int, int]]:
    """First and last of neighbouring numbers; two that stand no more than two apart are neighbours."""
    start = 0
    for position in range(1, len(numbers) + 1):
        if position == len(numbers) or numbers[position] - numbers[position - 1] > 2:
            yield numbers[start], numbers[position - 1]
            start = position
