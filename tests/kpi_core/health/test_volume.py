"""Days without rows are told where chance does not explain them, and only there."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from kpi_core.health.volume import gaps, is_of_ended

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


def test_a_silence_lasts_until_rows_come() -> None:
    """However long it is: in its tenth month it still is no month of nothing sold, and it ends with the next row."""
    counts = {day(number): 5 for number in range(400) if not 80 <= number < 390}
    assert [gap.days for gap in gaps(counts, day(399), no_holiday)] == [(day(80), day(390))]


def test_a_report_of_few_campaigns() -> None:
    """A report of two rows a day that becomes one of four and of six, for campaigns begin, misses each day."""
    counts = {day(number): 2 + 2 * (number > 90) + 2 * (number > 120) for number in range(200) if number != 130}
    assert [gap.days for gap in gaps(counts, day(199), no_holiday)] == [(day(130), day(131))]


def test_a_report_of_working_days() -> None:
    """A report that rests on weekends misses a Tuesday, is whole without a holiday, and breaks off on no Saturday."""
    counts = {
        day(number): 3 for number in range(200) if day(number).weekday() < 5 and number not in {99, *range(140, 154)}
    }
    assert [gap.days for gap in gaps(counts, day(199), no_holiday)] == [(day(99), day(100)), (day(140), day(152))]
    assert [gap.days for gap in gaps(counts, day(199), lambda when: when == day(99))] == [(day(140), day(152))]


@pytest.mark.parametrize("mean", [0.3, 2, 30, 500, 2_000])
def test_life_is_no_gap(mean: float) -> None:
    """Shops that close on weekends, have their season, begin small or fade: of 4,000 days, at most 2 are told."""
    draw = random.Random(f"life {mean}")
    marked = 0
    for shape in range(10):
        counts: dict[date, int] = {}
        for number in range(400):
            season = 1 + 0.5 * math.sin(number / 58 + shape)
            growth = (1 + number / 200) ** (1 if shape % 2 else -1)
            resting = shape % 3 == 0 and day(number).weekday() >= 5
            rows = 0 if resting else poisson(draw, mean * season * growth)
            if rows:
                counts[day(number)] = rows
        marked += len(gaps(counts, day(399), no_holiday))
    assert marked <= 2


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


def campaigns(*lives: tuple[int, int]) -> list[dict[date, int]]:
    """Campaigns with two rows a day, each from one day on to another."""
    return [{day(number): 2 for number in range(*life)} for life in lives]


def explained(members: list[dict[date, int]]) -> list[bool]:
    """Of each run of days with fewer rows whether campaigns that are over explain it."""
    total: dict[date, int] = {}
    for counts in members:
        for each, rows in counts.items():
            total[each] = total.get(each, 0) + rows
    found = gaps(total, day(199), no_holiday)
    return [is_of_ended(members, gap, day(199), no_holiday) for gap in found]


def test_campaigns_that_are_over_are_no_gap() -> None:
    """Where the campaigns that go on have all their rows, others have ended; one that comes back was away."""
    assert explained(campaigns((0, 200), (10, 100), (30, 104))) == [True]
    assert explained(campaigns((0, 200), (0, 100), (0, 100), (150, 200))) == [True]
    away = campaigns((0, 200), (10, 100), (30, 200))
    away[2] = {each: rows for each, rows in away[2].items() if not day(101) <= each < day(115)}
    assert explained(away) == [False]


def test_campaigns_that_lack_rows_are_a_gap_though_one_has_ended() -> None:
    """An end of one does not excuse that the others have fewer rows, too."""
    members = campaigns((0, 200), (0, 200), (0, 90))
    for counts in members[:2]:
        counts |= {day(number): 1 for number in range(95, 102)}
    members[1] = {each: rows for each, rows in members[1].items() if not day(97) <= each < day(102)}
    assert explained(members)
    assert not any(explained(members))


@pytest.mark.parametrize("seed", range(40))
def test_a_few_weeks_of_chance_are_no_measure_of_it(seed: int) -> None:
    """Working days by chance, since some weeks: a day with a third of the usual is one of those that come."""
    draw = random.Random(seed)
    working = [number for number in range(60) if day(number).weekday() < 5]
    counts = {day(number): max(4, poisson(draw, 11)) for number in working}
    assert gaps(counts, day(59), no_holiday) == []
