"""Columns that empty on some days are told; columns that are often empty, or not filled in yet, are not."""

from __future__ import annotations

import random
from datetime import date, timedelta

import pytest

from kpi_core.health.fills import are_emptier, emptied

FIRST = date(2025, 6, 2)


def day(number: int) -> date:
    return FIRST + timedelta(days=number)


def test_a_column_empties_for_some_days() -> None:
    """Five days without values of a column that is always filled are one run, with how many of its rows hold one."""
    fills = {day(number): (20, 0 if 100 <= number < 105 else 20) for number in range(200)}
    assert list(emptied(fills)) == [((day(100), day(105)), 0, 100)]


def test_a_part_of_a_day_empties() -> None:
    """A third of a day's 60 values is missed where all others are there."""
    fills = {day(number): (60, 40 if number == 100 else 60) for number in range(200)}
    assert list(emptied(fills)) == [((day(100), day(101)), 40, 60)]


def test_a_report_with_a_row_a_day() -> None:
    """One empty value says nothing where rows are few; a fortnight of them does."""
    one = {day(number): (1, 0 if number == 100 else 1) for number in range(200)}
    fortnight = {day(number): (1, 0 if 100 <= number < 114 else 1) for number in range(200)}
    assert list(emptied(one)) == []
    assert list(emptied(fortnight)) == [((day(100), day(114)), 0, 14)]


def test_days_without_rows_break_no_run() -> None:
    """A shop that is closed on Sundays lacks values for one fortnight, not for two weeks."""
    fills = {day(number): (9, 0 if 98 <= number < 112 else 9) for number in range(200) if day(number).weekday() != 6}
    assert [days for days, _filled, _rows in emptied(fills)] == [(day(98), day(111))]


def test_a_column_that_begins_midway() -> None:
    """What lies before the first value of a column is not missed: nobody filled it in yet."""
    fills = {day(number): (20, 20 if number >= 30 else 0) for number in range(400)}
    assert list(emptied(fills)) == []


@pytest.mark.parametrize("share", [0.9, 0.95, 0.99, 0.999])
@pytest.mark.parametrize("rows", [1, 5, 40, 2_000])
def test_chance_empties_no_column(share: float, rows: int) -> None:
    """Values that lack by chance, one in ten or one in a thousand, are never told; 20 columns of 300 days each."""
    draw = random.Random(f"{share} {rows}")
    for _ in range(20 if rows < 100 else 2):
        fills = {day(number): (rows, sum(draw.random() < share for _ in range(rows))) for number in range(300)}
        assert list(emptied(fills)) == []


def test_a_column_that_is_often_empty() -> None:
    """Nothing is told of a column that a third of the rows leave empty, nor of one without rows."""
    assert list(emptied({day(number): (30, 20 if number % 9 else 0) for number in range(300)})) == []
    assert list(emptied({})) == []


def test_few_values_on_few_rows_lack_nothing() -> None:
    """Of a column that is filled in 89 of 100 rows, two of two and a day without any of its two rows are chance."""
    assert not are_emptier(0, 2, 0.89)
    assert not are_emptier(2, 2, 0.89)
    assert not are_emptier(0, 0, 0.89)
    assert are_emptier(0, 30, 0.89)
    assert are_emptier(40, 90, 0.89)
