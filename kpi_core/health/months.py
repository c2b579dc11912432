"""Costs and the like that people enter once a month: which months lack a category that they used to have. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import date

from kpi_core.dates.periods import Days, add_months

USUAL = 3
"""So many months in a row with a category make it a usual one; two do where the data begins no earlier."""
ENDED = 3
"""A category has ended after so many months without it in which others were entered, by somebody who forgets none."""


def months_not_entered(
    entered: Collection[date], first: date, today: date, others: Collection[date] = ()
) -> Iterator[Days]:
    """The months without an entry, each up to the next month that has one; `date.max` where none has come since.

    `entered` are the days that have one, `others` those on which anything was entered, `first` the first day of the
    whole table. The month of `today` counts as lacking only once the three before it had their entry by that day of the
    month. What has ended is told for its first months alone.
    """
    months = {day.replace(day=1) for day in entered}
    busy = sorted({day.replace(day=1) for day in others} - months)
    month = min(months, default=today)
    while month <= today:
        usual = [add_months(month, -back) for back in range(1, USUAL + 1)]
        known = [each for each in usual if add_months(each, 1) > first]
        if month not in months and len(known) >= 2 and all(each in months for each in known):
            end = _next_entry(entered, month, today)
            if end is not None:
                yield month, min(end, _ending(busy, month))
        month = add_months(month, 1)


def _ending(busy: Sequence[date], month: date) -> date:
    """The month from which on a category that lacks since `month` has ended; `date.max` where it may still come."""
    without = [other for other in busy if other >= month]
    return add_months(without[ENDED - 1], 1) if len(without) >= ENDED else date.max


def _next_entry(entered: Collection[date], month: date, today: date) -> date | None:
    """Where the run without entries ends; None where the month is today's and nothing is due yet."""
    later = [day for day in entered if day >= month]
    if later:
        return min(later).replace(day=1)
    if month == today.replace(day=1):
        due = max(min(day.day for day in entered if day.replace(day=1) == add_months(month, -back)) for back in (1, 2))
        if today.day <= due:
            return None
    # As long as nobody enters anything, every month from here on lacks it.
    return date.max
