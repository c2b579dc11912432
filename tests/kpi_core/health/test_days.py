"""Rows that are dated years away from all others, or ahead of today."""

from __future__ import annotations

from datetime import date, timedelta

from kpi_core.health.days import dated_rows

TODAY = date(2026, 11, 22)


def test_rows_of_1970_and_2205_move_no_boundary() -> None:
    """A source of this autumn with one row of 1970 and one of 2205 begins and ends with this autumn's."""
    counts = {date(2026, 9, 1) + timedelta(days=number): 1 for number in range(80)}
    found = dated_rows(counts | {date(1970, 1, 1): 1, date(2205, 3, 1): 1}, TODAY)
    assert (found.sound[0], found.sound[-1]) == (date(2026, 9, 1), date(2026, 11, 19))
    assert found.far == (date(1970, 1, 1), date(2205, 3, 1))
    assert found.ahead == ()


def test_planned_days_are_ahead() -> None:
    """Days after today wait for their day; they are neither far nor come."""
    found = dated_rows({TODAY - timedelta(days=1): 3, TODAY: 1, TODAY + timedelta(days=1): 2}, TODAY)
    assert found.sound == (TODAY - timedelta(days=1), TODAY)
    assert found.ahead == (TODAY + timedelta(days=1),)


def test_an_old_year_with_its_share_of_rows_is_history() -> None:
    """A shop that was closed for two years keeps the years before."""
    counts = {date(2022, 1, 1) + timedelta(days=number): 2 for number in range(100)}
    counts |= {date(2026, 1, 1) + timedelta(days=number): 2 for number in range(100)}
    assert dated_rows(counts, TODAY).far == ()
