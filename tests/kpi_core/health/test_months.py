"""Costs that people enter once a month: which months lack a category."""

from __future__ import annotations

from datetime import date

from kpi_core.health.months import months_not_entered

FIRST = date(2026, 1, 5)


def entered(*months: int) -> set[date]:
    return {date(2026, month, 5) for month in months}


def test_a_month_without_its_usual_cost_is_told() -> None:
    """April and June have the agency's bill, May has none."""
    lacking = months_not_entered(entered(1, 2, 3, 4, 6, 7, 8, 9), FIRST, date(2026, 9, 30))
    assert list(lacking) == [(date(2026, 5, 1), date(2026, 6, 1))]


def test_the_present_month_lacks_it_only_when_it_is_due() -> None:
    """The bill usually comes on the 5th: on the 4th nothing is missing, on the 6th it is, for all months to come."""
    days = entered(6, 7, 8, 9)
    assert list(months_not_entered(days, FIRST, date(2026, 10, 4))) == []
    assert list(months_not_entered(days, FIRST, date(2026, 10, 6))) == [(date(2026, 10, 1), date.max)]


def test_two_months_are_usual_where_the_data_begins_with_them() -> None:
    """Bills of August and September, and nothing before: October is missed in November."""
    days = {date(2026, 8, 30), date(2026, 9, 30)}
    assert list(months_not_entered(days, date(2026, 8, 30), date(2026, 11, 3))) == [(date(2026, 10, 1), date.max)]


def test_a_cost_of_now_and_then_is_not_missed() -> None:
    """A tool that is paid every other month is usual in no month."""
    assert list(months_not_entered(entered(1, 3, 5, 7, 9), FIRST, date(2026, 11, 20))) == []


def test_what_has_ended_is_told_for_its_first_months() -> None:
    """The agency was let go in May while tools are entered on: its bill lacks up to July, then it has ended."""
    agency, tools = entered(1, 2, 3, 4), entered(*range(1, 11))
    lacking = list(months_not_entered(agency, FIRST, date(2026, 10, 30), agency | tools))
    assert lacking == [(date(2026, 5, 1), date(2026, 8, 1))]


def test_costs_that_nobody_enters_any_more_are_missed_for_good() -> None:
    """Where the other costs stopped as well, nobody says that there are none: no month from May on is complete."""
    days = entered(1, 2, 3, 4)
    assert list(months_not_entered(days, FIRST, date(2026, 10, 30), days)) == [(date(2026, 5, 1), date.max)]
