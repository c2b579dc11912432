"""The pace at which rows come: a list every Monday, a row a month, nothing on weekends; where one is missing. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date, timedelta
from itertools import pairwise
from statistics import median

from kpi_core.dates.periods import Days

_ONE_DAY = timedelta(days=1)
_ENOUGH = 6
"""Intervals from which a pace can be read."""
_STEADY = 0.8
"""The share of intervals that must be alike."""
_TOO_LONG = 1.6
_ORDINARY = 50
"""One silence in so many, or the longest alone, is out of the ordinary: an outage, a holiday."""
_YOUNG = 14
"""Silences from which what is usual can be told; before, a day without rows is none."""
_SLOW = 5
"""Days between entries from which a pace is no chance: every other day or so comes about by itself."""


def usual_silence(days: Collection[date]) -> int:
    """The days without rows between two with some that are not out of the ordinary: the longest but for a few."""
    silences = sorted(((after - before).days - 1 for before, after in pairwise(sorted(days))), reverse=True)
    if len(silences) < _YOUNG:
        return max([*silences, 1])
    return silences[max(1, len(silences) // _ORDINARY)]


def missed(days: Collection[date], today: date) -> Iterator[Days]:
    """The stretches between two entries, and from the last one to `today`, in which one was due and did not come."""
    # Where half of the intervals are five days, and the others one, they are three on the average: most have no pace.
    if len(days) <= _ENOUGH or (max(days) - min(days)).days < (_SLOW + 1) // 2 * (len(days) - 1):
        return
    ordered = sorted(days)
    intervals = [(after - before).days for before, after in pairwise(ordered)]
    usual = median(intervals)
    # Months differ by three days, and a list may come a day late.
    slack = max(1.0, usual / 8)
    alike = sum(abs(interval - usual) <= slack for interval in intervals)
    if usual < _SLOW or alike < _STEADY * len(intervals):
        return
    for before, after in pairwise(ordered):
        if (after - before).days > _TOO_LONG * usual:
            yield before + _ONE_DAY, after
    if (today - ordered[-1]).days > _TOO_LONG * usual:
        yield ordered[-1] + _ONE_DAY, date.max
