"""Lists that come at a steady pace are missed when one does not come, and only then."""

from __future__ import annotations

import random
from datetime import date, timedelta

import pytest

from kpi_core.dates.periods import add_months
from kpi_core.health.cadence import missed, usual_silence

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
    """Daily rows, twice a week, and a handful of lists have no pace that could be missed."""
    daily = [FIRST + timedelta(days=number) for number in range(100) if number != 50]
    twice = [FIRST + timedelta(days=number) for number in range(300) if number % 7 in {1, 4}]
    for days in (daily, twice, MONDAYS[:6], []):
        assert list(missed(days, FIRST + timedelta(days=300))) == []


@pytest.mark.parametrize("share", [0.03, 0.1, 0.2, 0.4, 0.6, 0.8])
def test_chance_has_no_pace(share: float) -> None:
    """Days that have rows by chance, rare or nearly all, are no steady pace; a hundred years of each."""
    draw = random.Random(str(share))
    for _ in range(100):
        days = [FIRST + timedelta(days=number) for number in range(365) if draw.random() < share]
        assert list(missed(days, FIRST + timedelta(days=365))) == []


def test_usual_silence() -> None:
    """A daily report is never silent, weekends are two days, an outage of a week changes neither."""
    daily = [FIRST + timedelta(days=number) for number in range(200)]
    working = [day for day in daily if day.weekday() < 5]
    for days, usual in ((daily, 0), (working, 2), ([*daily[:50], *daily[57:]], 0), (MONDAYS, 6)):
        assert usual_silence(days) == usual


def test_the_silence_of_a_young_source() -> None:
    """In its first two weeks a source may be silent for as long as it has been, and for a day."""
    assert usual_silence([FIRST]) == usual_silence([]) == 1
    assert usual_silence([FIRST, FIRST + timedelta(days=9)]) == 8
