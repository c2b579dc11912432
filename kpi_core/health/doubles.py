"""Equal rows of a table without a key: the second copy of a file, or two tools that cost the same. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from kpi_core.dates.periods import Days
from kpi_core.health.fills import emptied, runs

_ONE_DAY = timedelta(days=1)
_RARE = 2
"""A copy stands in one place. A source with equal rows in more places than this has them of its own."""
_MOST = 5
"""Or on more than a fifth of its days."""


def doubled(rows: Mapping[date, tuple[int, int]]) -> Iterator[tuple[Days, int]]:
    """The runs of days with second copies, and how many. `rows` gives of each day its rows and its unequal rows."""
    days = sorted(rows)
    copies = [rows[day][0] - rows[day][1] for day in days]
    there = [number for number, extra in enumerate(copies) if extra]
    places = list(runs(there))
    if len(places) <= _RARE and len(there) <= max(1, len(days) // _MOST):
        for first, last in places:
            yield (days[first], days[last] + _ONE_DAY), sum(copies[first : last + 1])
        return
    for span, unequal, every in emptied(rows):
        yield span, every - unequal
