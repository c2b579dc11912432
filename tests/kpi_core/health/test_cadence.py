"""Lists that come at a steady pace are missed when one does not come, and only then."""

from __future__ import annotations

import random
from datetime import date, timedelta

from kpi_core.dates.periods import add_months
from kpi_core.health.cadence import missed

FIRST = date(2025, 6, 2)
MONDAYS = [FIRST + timedelta(weeks=number) for number in range(30)]


def test_a_list_every_monday() -> None:
    """A Monday without its list is missed, from the day after the one before to the day before the next."""
    lists = [day for day in MONDAYS if day != MONDAYS[20]]
    assert list(missed(lists, MONDAYS[-1])) == [(MONDAYS[19] + timedelta(days=1), MONDAYS[21])]


def test_a_list_that_stops() -> None:
    """A list is missed for good once its pace has passed one and a half times, not a day after it was due."""
    last = MONDAYS[-1]
    assert list(missed(MONDAYS, last + timedelta(days=9))) == []
    assert list(missed(MONDAYS, last + timedelta(days=12))) == [(last + timedelta(days=1), date.max)]


def test_a_row_a_month() -> None:
    """Months are of unlike length, and a row that comes some days late is none that lacks."""
    firsts = [add_months(date(2025, 1, 1), number) for number in range(18)]
    assert list(missed(firsts, date(2026, 6, 30))) == []
    late = [day + timedelta(days=3 * (number % 2)) for number, day in enumerate(firsts)]
    assert list(missed(late, date(2026, 6, 30))) == []
    assert list(missed([*firsts[:9], *firsts[10:]], date(2026, 6, 30))) == [(date(2025, 9, 2), date(2025, 11, 1))]


def test_no_pace() -> None:
    """Daily rows, rows by chance, twice a week, and a handful of lists have no pace that could be missed."""
    draw = random.Random(5)
    daily = [FIRST + timedelta(days=number) for number in range(100) if number != 50]
    chance = [FIRST + timedelta(days=number) for number in range(300) if draw.random() < 0.2]
    twice = [FIRST + timedelta(days=number) for number in range(300) if number % 7 in {1, 4}]
    for days in (daily, chance, twice, MONDAYS[:6], []):
        assert list(missed(days, FIRST + timedelta(days=300))) == []
