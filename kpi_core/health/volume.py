"""Days on which a source is silent or nearly so although it usually is not. Pure.

Counts of rows by day are compared with the same weekdays of the eight weeks before. Two kinds of series are told
apart, for their zeros mean different things: *regular* ones (a report with a row a day and campaign, hardly straying)
miss a day for certain when it is 0; *random* ones (orders, visits) only when so many rows were due that chance does not
explain their absence: exp(-16), once in nine million, is taken for impossible. Fewer rows than usual are told only
where they are under half of the usual and far outside of the usual spread, and never on a holiday: shops have quiet
days, and a sound source must not be named. Spikes are not told at all, for campaigns make them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from math import sqrt
from statistics import median

from kpi_core.dates.periods import Days
from kpi_core.frozen_dataclass import frozen

_ONE_DAY = timedelta(days=1)
HISTORY = 28
"""Days of history before a day can be judged."""
_WEEK = 7
_WEEKS = 8
_FEWEST_WEEKDAYS = 3
"""A list that comes on one day of the week is no report of working days, see `cadence.py`."""
_CERTAIN = 16.0
"""Rows due without one coming: chance leaves exp(-16), once in nine million."""
_THIN_SHARE = 0.5
_THIN_SPREADS = 6.0
_SMALLEST_SPREAD = 0.3
"""Of the square roots, doubled: a spread of 1 is chance alone, a report with one row a campaign has none at all."""


@frozen
class Gap:
    """A run of days that lack rows. `due` is how many rows were usual, `rows` how many came."""

    days: Days
    rows: int
    due: float


def gaps(counts: Mapping[date, int], through: date, is_holiday: Callable[[date], bool]) -> list[Gap]:
    """The runs of days up to `through`, that day included, on which rows are missing.

    `counts` gives the rows of each day that has any; the series begins with its first day.
    """
    if not counts:
        return []
    first = min(counts)
    series = [counts.get(first + timedelta(days=n), 0) for n in range((through - first).days + 1)]
    # Nobody is due more than half of the most there ever was.
    enough = max(1.0, _THIN_SHARE * max(series))
    usual = _usually(series)
    due = [
        None if rows >= enough or n < HISTORY else _lacking(series, usual, n, first, is_holiday)
        for n, rows in enumerate(series)
    ]
    runs = _runs(due, first, series)
    return [
        _until_rows_come(run, series, first)
        for run in runs
        if run.rows or run.due >= _CERTAIN or _is_regular_before(series, usual, (run.days[0] - first).days)
    ]


def _until_rows_come(gap: Gap, series: Sequence[int], first: date) -> Gap:
    """A silence lasts until the next row: after eight weeks nothing is usual any more, and nothing has come either."""
    known = end = (gap.days[1] - first).days
    while end < len(series) and not series[end]:
        end += 1
    # Up to a week without rows may be the days on which none come: a weekend after a silence.
    goes_on = not gap.rows and end - known > _WEEK
    return replace(gap, days=(gap.days[0], first + timedelta(days=end))) if goes_on else gap


def _usually(series: Sequence[int]) -> list[bool]:
    """Whether most of the weekdays of a kind had rows, of the eight that end with each day."""
    there = [count > 0 for count in series]
    with_rows: list[int] = []
    usual: list[bool] = []
    for day, is_there in enumerate(there):
        gone = there[day - _WEEK * _WEEKS] if day >= _WEEK * _WEEKS else 0
        with_rows.append(is_there + (with_rows[day - _WEEK] if day >= _WEEK else 0) - gone)
        usual.append(2 * with_rows[day] > min(_WEEKS, day // _WEEK + 1))
    return usual


def _lacking(
    series: Sequence[int], usual_days: Sequence[bool], day: int, first: date, is_holiday: Callable[[date], bool]
) -> float | None:
    """The rows that were due on a day that lacks some; None for a day like others."""
    end = day - _WEEK * (_WEEKS + 1)
    past = series[day - _WEEK : end if end >= 0 else None : -_WEEK]
    # What is due is at most the largest and 0 where all are: most days need no closer look.
    if (most := max(past)) == 0 or series[day] >= max(1.0, _THIN_SHARE * most):
        return None
    alive = [count for count in past if count]
    # More than that is never due.
    if series[day] and series[day] >= _THIN_SHARE * median(alive):
        return None
    is_regular = _is_regular_before(series, usual_days, day)
    due = median(alive if is_regular else past)
    if due <= 0:
        return None
    holiday = is_holiday(first + timedelta(days=day))
    if series[day] == 0:
        goes_on = is_regular and all(usual_days[day - _WEEK : day])
        return None if holiday and not goes_on else float(due)
    if holiday or series[day] >= _THIN_SHARE * due:
        return None
    usual = [_root(count) for count in series[max(0, day - 7 * _WEEKS) : day] if count]
    middle = median(usual)
    spread = max(_SMALLEST_SPREAD, 1.4826 * median(abs(value - middle) for value in usual))
    return float(due) if _root(due) - _root(series[day]) > _THIN_SPREADS * spread else None


def _is_regular_before(series: Sequence[int], usual_days: Sequence[bool], day: int) -> bool:
    """Whether the series had rows on (nearly) every working day, in numbers that hardly strayed: no chance."""
    if day < HISTORY:
        return False
    window = series[max(0, day - _WEEK * _WEEKS) : day]
    # So few days with rows are not most of any three weekdays: a closer look would say the same.
    if len(window) - window.count(0) < _FEWEST_WEEKDAYS * (min(_WEEKS, day // _WEEK) // 2 + 1):
        return False
    weekdays = {place % _WEEK for place in range(day - _WEEK, day) if usual_days[place]}
    past = [series[place] for place in range(max(0, day - _WEEK * _WEEKS), day) if place % _WEEK in weekdays]
    alive = [count for count in past if count]
    if len(weekdays) < _FEWEST_WEEKDAYS or len(alive) < 0.9 * len(past):
        return False
    # Chance alone makes neighbours differ by as much as they count; campaigns begin and end, and then stay as many.
    # Whole numbers are exact and quick: half of the mean square of the differences is under a tenth of the mean.
    squares = sum((after - before) ** 2 for before, after in pairwise(alive))
    return len(alive) * squares < 0.2 * (len(alive) - 1) * sum(alive)


def _runs(due: Sequence[float | None], first: date, series: Sequence[int]) -> Iterator[Gap]:
    """Runs of days that lack rows; a day between them on which none came and none was due breaks no run."""
    start = 0
    while start < len(due):
        if due[start] is None:
            start += 1
            continue
        end = last = start
        while end < len(due) and (due[end] is not None or not series[end]):
            last = end if due[end] is not None else last
            end += 1
        days = (first + timedelta(days=start), first + timedelta(days=last + 1))
        yield Gap(days, sum(series[start : last + 1]), sum(each or 0.0 for each in due[start : last + 1]))
        start = last + 1


def _root(count: float) -> float:
    """The square root that makes the spread of counts the same for few and for many (Anscombe)."""
    return 2 * sqrt(count + 3 / 8)
