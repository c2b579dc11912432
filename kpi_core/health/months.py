"""Costs and the like that people enter once a month: which months lack a category that they used to have. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date

from kpi_core.dates.periods import Days, add_months

USUAL = 3
"""So many months in a row with a category make it a usual one; two do where the data begins no earlier."""


def months_not_entered(entered: Collection[date], first: date, today: date) -> Iterator[Days]:
    """The months without an entry, each up to the next month that has one; `date.max` where none has come since.

    `entered` are the days that have one, `first` the first day of the whole table. The month of `today` counts as
    lacking only once the three before it had their entry by that day of the month.
    """
    months = {day.replace(day=1) for day in entered}
    month = min(months, default=today)
    while month <= today:
        usual = [add_months(month, -back) for back in range(1, USUAL + 1)]
        known = [each for each in usual if add_months(each, 1) > first]
        if month not in months and len(known) >= 2 and all(each in months for each in known):
            end = _next_entry(entered, month, today)
            if end is not None:
                yield month, end
        month = add_months(month, 1)


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
