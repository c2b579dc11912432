"""Days without rows are told where chance does not explain them, and only there."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from kpi_core.health.volume import gaps

FIRST = date(2025, 6, 2)
WEEK = (1.0, 1.1, 1.0, 0.9, 1.2, 0.6, 0.5)


def no_holiday(_day: date) -> bool:
    return False


def day(number: int) -> date:
    return FIRST + timedelta(days=number)


def poisson(draw: random.Random, mean: float) -> int:
    if mean > 50:
        return max(0, round(draw.gauss(mean, math.sqrt(mean))))
    limit, count, product = math.exp(-mean), 0, draw.random()
    while product > limit:
        count, product = count + 1, product * draw.random()
    return count


def shop(draw: random.Random, mean: float, spread: float) -> Iterator[tuple[date, int]]:
    """A year of orders: a level that wanders, a weekly shape, chance."""
    level = 1.0
    for number in range(400):
        level *= math.exp(draw.gauss(0, 0.02))
        due = mean * level * WEEK[day(number).weekday()] * math.exp(draw.gauss(0, spread))
        yield day(number), poisson(draw, due)


@pytest.mark.parametrize("mean", [0.3, 1, 3, 20, 200])
@pytest.mark.parametrize("spread", [0.0, 0.3])
def test_chance_is_no_gap(mean: float, spread: float) -> None:
    """Of 4,000 days of shops of any size, at most 2 are taken for days that lack rows."""
    draw = random.Random(f"{mean} {spread}")
    counts = [{when: rows for when, rows in shop(draw, mean, spread) if rows} for _ in range(10)]
    assert sum(len(gaps(each, day(399), no_holiday)) for each in counts if each) <= 2


def test_a_report_misses_a_day() -> None:
    """A report with a row a day lacks a day for certain as soon as there is none, in the middle or at the end."""
    counts = {day(number): 1 for number in range(200) if number not in {100, 101, 199}}
    assert [gap.days for gap in gaps(counts, day(199), no_holiday)] == [(day(100), day(102)), (day(199), day(200))]


def test_orders_stop() -> None:
    """Orders of 20 a day that fail to come for a day are missed; 2 a day must be away for a week."""
    many = {day(number): 18 + number % 5 for number in range(200) if number != 150}
    few = {day(number): 1 + number % 4 for number in range(200) if not 150 <= number < 158}
    assert [gap.days for gap in gaps(many, day(199), no_holiday)] == [(day(150), day(151))]
    assert [gap.days for gap in gaps(few, day(199), no_holiday)] == [(day(150), day(158))]


def test_half_of_the_usual_is_told_with_what_was_due() -> None:
    """A day with a third of its usual rows is thin; on a holiday it is not told."""
    counts = {day(number): 300 for number in range(100)} | {day(90): 90}
    (gap,) = gaps(counts, day(99), no_holiday)
    assert (gap.days, gap.rows, gap.due) == ((day(90), day(91)), 90, 300)
    assert gaps(counts, day(99), lambda when: when == day(90)) == []


def test_a_young_series_is_not_judged() -> None:
    """In its first four weeks nobody knows what is usual."""
    assert gaps({day(0): 5, day(20): 5}, day(26), no_holiday) == []
