"""Days on which a source is silent or nearly so although it usually is not. Pure.

Counts of rows by day are compared with the same weekdays of the eight weeks before. Two kinds of series are told
apart, for their zeros mean different things: *regular* ones (a report with a row a day and campaign, hardly straying)
miss a day for certain when it is 0; *random* ones (orders, visits) only when so many rows were due that chance does not
explain their absence: exp(-16), once in nine million, is taken for impossible. Fewer rows than usual are told only
where they are under half of the usual and far outside of the usual spread, and never on a holiday: shops have quiet
days, and a sound source must not be named. Spikes are not told at all, for campaigns make them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import accumulate, pairwise
from math import sqrt
from operator import add, mul

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
_SMALLEST_OF_CHANCE = 0.75
"""Of random series: what a few weeks show is an estimate, and where it comes out smaller, the estimate errs."""


@frozen
class Gap:
    """A run of days that lack rows. `due` is how many rows were usual, `rows` how many came."""

    days: Days
    rows: int
    due: float


@frozen
class _Series:
    """The rows of each day from `first` on, 0 for days without any.

    `with_rows` says of how many of the eight weekdays of a kind that end with each day there are rows, `usual` whether
    that is most of them, `steady` whether (nearly) all of the usual ones before a day have some.
    """

    first: date
    rows: Sequence[int]
    with_rows: Sequence[int]
    usual: Sequence[bool]
    steady: Sequence[bool]

    def before(self, day: int) -> Sequence[int]:
        """The same weekdays of the eight weeks before."""
        end = day - _WEEK * (_WEEKS + 1)
        return self.rows[day - _WEEK : end if end >= 0 else None : -_WEEK]


def gaps(counts: Mapping[date, int], through: date, is_holiday: Callable[[date], bool]) -> list[Gap]:
    """The runs of days up to `through`, that day included, on which rows are missing.

    `counts` gives the rows of each day that has any; the series begins with its first day.
    """
    if not counts:
        return []
    series = _series_of(counts, through)
    # Nobody is due more than half of the most there ever was.
    enough = max(1.0, _THIN_SHARE * max(series.rows, default=0))
    most = list(map(max, *_weeks_before(series.rows, range(1, _WEEKS + 1))))
    due: list[float | None] = [None] * len(series.rows)
    for day in range(HISTORY, len(series.rows)):
        rows = series.rows[day]
        # What is due is at most the largest and 0 where all are: most days need no closer look.
        if rows < enough and most[day]:
            if not rows:
                due[day] = _silent(series, day, is_holiday)
            elif rows < _THIN_SHARE * most[day] and _root(most[day]) - _root(rows) > _THIN_SPREADS * _SMALLEST_SPREAD:
                due[day] = _thinned(series, day, is_holiday)
    return [
        _until_rows_come(run, series)
        for run in _runs(due, series)
        if run.rows or run.due >= _CERTAIN or _is_regular_before(series, (run.days[0] - series.first).days)
    ]


def is_of_ended(
    members: Iterable[Mapping[date, int]], gap: Gap, through: date, is_holiday: Callable[[date], bool]
) -> bool:
    """Whether fewer rows come of values that have ended, or not begun: those that are there have all of theirs.

    `members` gives the rows by day of each value of a column, such as a campaign. One that is away on these days alone
    has not ended.
    """
    (start, end), there, some_ended = gap.days, Counter[date](), False
    for counts in members:
        if any(start <= day < end for day in counts):
            there.update(counts)
        elif min(counts) < start and max(counts) >= end:
            return False
        else:
            some_ended = True
    lacking = (other.days for other in gaps(there, through, is_holiday))
    return some_ended and not any(days[0] < end and start < days[1] for days in lacking)


def _series_of(counts: Mapping[date, int], through: date) -> _Series:
    first = min(counts)
    start = first.toordinal()
    rows = [0] * (through.toordinal() - start + 1)
    for day, count in counts.items():
        place = day.toordinal() - start
        if place < len(rows):
            rows[place] = count
    there = [int(count > 0) for count in rows]
    # Shifted lists are added up, for every source and value has its series, and each load looks at all of them.
    with_rows: Iterable[int] = there
    for earlier in _weeks_before(there, range(1, _WEEKS)):
        with_rows = map(add, with_rows, earlier)
    alive = list(with_rows)
    at_most = [min(_WEEKS, place // _WEEK + 1) for place in range(len(rows))]
    usual = [2 * days > most for days, most in zip(alive, at_most, strict=True)]
    return _Series(first, rows, alive, usual, _steady(alive, at_most, usual))


def _steady(with_rows: Sequence[int], at_most: Sequence[int], usual: Sequence[bool]) -> list[bool]:
    """By day, whether at least three weekdays of the seven days before are usual, and had rows in nine of ten weeks."""
    weekdays = [0, *accumulate(usual)]
    there = [0, *accumulate(map(mul, with_rows, usual))]
    weeks = [0, *accumulate(map(mul, at_most, usual))]
    return [False] * min(_WEEK, len(usual)) + [
        weekdays[day] - weekdays[day - _WEEK] >= _FEWEST_WEEKDAYS
        and there[day] - there[day - _WEEK] >= 0.9 * (weeks[day] - weeks[day - _WEEK])
        for day in range(_WEEK, len(usual))
    ]


def _weeks_before(series: Sequence[int], weeks: Iterable[int]) -> Iterator[Sequence[int]]:
    """The series as many weeks later as each number says, 0 where it had not begun."""
    return ([*[0] * (_WEEK * back), *series][: len(series)] for back in weeks)


def _until_rows_come(gap: Gap, series: _Series) -> Gap:
    """A silence lasts until the next row: after eight weeks nothing is usual any more, and nothing has come either."""
    judged = end = (gap.days[1] - series.first).days
    while end < len(series.rows) and not series.rows[end]:
        end += 1
    # Up to a week without rows may be the days on which none come: a weekend after a silence.
    goes_on = not gap.rows and end - judged > _WEEK
    return replace(gap, days=(gap.days[0], series.first + timedelta(days=end))) if goes_on else gap


def _silent(series: _Series, day: int, is_holiday: Callable[[date], bool]) -> float | None:
    """The rows that were due on a day without any; None where none were."""
    past, is_regular = series.before(day), _is_regular_before(series, day)
    # Where most of them have none, none is what was due.
    if not is_regular and 2 * series.with_rows[day - _WEEK] < len(past):
        return None
    due = _middle([count for count in past if count] if is_regular else past)
    if due <= 0:
        return None
    goes_on = is_regular and all(series.usual[day - _WEEK : day])
    return None if not goes_on and is_holiday(series.first + timedelta(days=day)) else float(due)


def _thinned(series: _Series, day: int, is_holiday: Callable[[date], bool]) -> float | None:
    """The rows that were due on a day that has far fewer; None for a day like others."""
    rows, past = series.rows[day], series.before(day)
    alive = [count for count in past if count]
    # More than that is never due.
    if rows >= _THIN_SHARE * _middle(alive):
        return None
    is_regular = _is_regular_before(series, day)
    due = _middle(alive if is_regular else past)
    fewer = _root(due) - _root(rows)
    if rows >= _THIN_SHARE * due or fewer <= _THIN_SPREADS * _SMALLEST_SPREAD:
        return None
    usual = [_root(count) for count in series.rows[max(0, day - _WEEK * _WEEKS) : day] if count]
    middle = _middle(usual)
    least = _SMALLEST_SPREAD if is_regular else _SMALLEST_OF_CHANCE
    spread = max(least, 1.4826 * _middle(abs(value - middle) for value in usual))
    is_thin = fewer > _THIN_SPREADS * spread and not is_holiday(series.first + timedelta(days=day))
    return float(due) if is_thin else None


def _is_regular_before(series: _Series, day: int) -> bool:
    """Whether the series had rows on (nearly) every working day, in numbers that hardly strayed: no chance."""
    if day < HISTORY or not series.steady[day]:
        return False
    weekdays = [place for place in range(day - _WEEK, day) if series.usual[place]]
    kinds = {place % _WEEK for place in weekdays}
    start = max(0, day - _WEEK * _WEEKS)
    alive = [count for place, count in enumerate(series.rows[start:day], start) if count and place % _WEEK in kinds]
    # Chance alone makes neighbours differ by as much as they count; campaigns begin and end, and then stay as many.
    # Whole numbers are exact and quick: half of the mean square of the differences is under a tenth of the mean.
    squares = sum((after - before) ** 2 for before, after in pairwise(alive))
    return len(alive) * squares < 0.2 * (len(alive) - 1) * sum(alive)


def _runs(due: Sequence[float | None], series: _Series) -> Iterator[Gap]:
    """Runs of days that lack rows; a day between them on which none came and none was due breaks no run."""
    end, first, rows = 0, series.first, series.rows
    for start in [place for place, rows_due in enumerate(due) if rows_due is not None]:
        if start < end:
            continue
        last = end = start
        while end < len(due) and (due[end] is not None or not rows[end]):
            last = end if due[end] is not None else last
            end += 1
        end = last + 1
        days = (first + timedelta(days=start), first + timedelta(days=end))
        yield Gap(days, sum(rows[start:end]), sum(rows_due or 0.0 for rows_due in due[start:end]))


def _middle(values: Iterable[float]) -> float:
    """The median of some numbers, without the checks of the standard one: it is asked for tens of thousands of days."""
    ordered = sorted(values)
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


def _root(count: float) -> float:
    """The square root that makes the spread of counts the same for few and for many (Anscombe)."""
    return 2 * sqrt(count + 3 / 8)
