"""Second copies of rows are told, equal rows that a source has of its own are not."""

from __future__ import annotations

import random
from datetime import date, timedelta

from kpi_core.health.doubles import doubled

FIRST = date(2025, 6, 2)


def day(number: int) -> date:
    return FIRST + timedelta(days=number)


def test_a_week_stands_twice() -> None:
    """A week that was pasted again is one run of days with as many copies as it has rows."""
    rows = {day(number): (24 if 50 <= number < 57 else 12, 12) for number in range(200)}
    assert list(doubled(rows)) == [((day(50), day(57)), 84)]


def test_one_bill_stands_twice() -> None:
    """A single second row is told where there are no others."""
    rows = {day(30 * number): (3 if number == 7 else 2, 2) for number in range(12)}
    assert list(doubled(rows)) == [((day(210), day(211)), 1)]


def test_a_source_with_equal_rows() -> None:
    """Rows that are equal now and then, in many places, are the source's own; a week of nothing else is not."""
    draw = random.Random(3)
    own = {day(number): (40, 40 - (draw.random() < 0.1)) for number in range(300)}
    assert list(doubled(own)) == []
    copied = own | {day(number): (80, 40) for number in range(120, 127)}
    (days, copies), *others = doubled(copied)
    assert not others
    assert day(90) <= days[0] <= day(120)
    assert day(127) <= days[1] <= day(157)
    assert 280 <= copies < 300


def test_equal_rows_every_day() -> None:
    """Two tools that cost the same each month are two tools."""
    assert list(doubled({day(30 * number): (4, 3) for number in range(12)})) == []


def test_nothing_twice() -> None:
    """A source without equal rows, or without rows, has no second copy."""
    assert list(doubled({day(number): (5, 5) for number in range(50)})) == []
    assert list(doubled({})) == []
