"""The arithmetic of periods: the one before, the one a year ago, the fair pair of two, the buckets of a trend."""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi_core.dates.calendars import Calendar
from kpi_core.dates.periods import (
    Grain,
    Pairing,
    Period,
    fiscal_unit,
    fiscal_unit_of,
    pair,
    period_from,
    period_values,
    previous,
    shift,
    trend_periods,
    unit_of,
    year_ago,
)

SEOUL = Calendar(timezone="Asia/Seoul")
SUNDAYS = Calendar(week_start="sunday")
UNITS: tuple[Grain, ...] = ("day", "week", "month", "quarter", "half", "year")
DAYS = st.dates(date(1990, 1, 1), date(2060, 12, 31))


def period(text: str, grain: Grain = "span", *, to_date: bool = False) -> Period:
    """A period written as `start..end`, the end not inside."""
    start, end = text.split("..")
    return Period(date.fromisoformat(start), date.fromisoformat(end), grain, to_date)


@given(DAYS, st.sampled_from(UNITS), st.sampled_from([SEOUL, SUNDAYS]))
def test_units_tile_the_calendar(day: date, grain: Grain, calendar: Calendar) -> None:
    """A unit holds its day, and the units before and after touch it without gap or overlap."""
    unit = unit_of(day, grain, calendar)
    assert unit.start <= day < unit.end
    assert previous(unit, calendar).end == unit.start
    assert shift(unit, 1, calendar).start == unit.end
    assert shift(shift(unit, 7, calendar), -7, calendar) == unit


def test_a_span_is_no_unit() -> None:
    """Asking for the span of a day is a mistake."""
    with pytest.raises(ValueError, match="span"):
        unit_of(date(2026, 11, 22), "span", SEOUL)


@pytest.mark.parametrize(
    ("asked", "before"),
    [
        (period("2026-11-22..2026-11-23", "day"), "2026-11-21..2026-11-22"),
        (period("2026-11-16..2026-11-23", "week"), "2026-11-09..2026-11-16"),
        (period("2026-03-01..2026-04-01", "month"), "2026-02-01..2026-03-01"),
        (period("2026-01-01..2026-04-01", "quarter"), "2025-10-01..2026-01-01"),
        (period("2025-04-01..2026-04-01", "year"), "2024-04-01..2025-04-01"),
        (period("2026-11-15..2026-11-22"), "2026-11-08..2026-11-15"),
        (period("2026-06-01..2026-07-01"), "2026-05-02..2026-06-01"),
        (period("2026-02-01..2026-05-01"), "2025-11-01..2026-02-01"),
        (period("2026-11-01..2026-11-23", "month", to_date=True), "2026-10-01..2026-10-23"),
        (period("2026-03-01..2026-03-31", "month", to_date=True), "2026-02-01..2026-03-01"),
        (period("2026-10-01..2026-11-23", "quarter", to_date=True), "2026-07-01..2026-08-23"),
        (period("2024-01-01..2024-03-01", "year", to_date=True), "2023-01-01..2023-03-01"),
        (period("2026-11-16..2026-11-19", "week", to_date=True), "2026-11-09..2026-11-12"),
    ],
)
def test_the_period_before(asked: Period, before: str) -> None:
    """A unit is preceded by a unit, a part by as much of the unit before, a span by as many days or whole months."""
    found = previous(asked, SEOUL)
    assert (found.start, found.end) == (period(before).start, period(before).end)
    assert (found.grain, found.to_date) == (asked.grain, asked.to_date)


@pytest.mark.parametrize(
    ("asked", "then"),
    [
        (period("2026-11-16..2026-11-23", "week"), "2025-11-17..2025-11-24"),
        (period("2026-12-28..2027-01-04", "week"), "2025-12-29..2026-01-05"),
        (period("2026-11-22..2026-11-23", "day"), "2025-11-23..2025-11-24"),
        (period("2026-11-15..2026-11-22"), "2025-11-16..2025-11-23"),
        (period("2026-08-24..2026-11-22"), "2025-08-25..2025-11-23"),
        (period("2026-01-01..2026-05-15"), "2025-01-01..2025-05-15"),
        (period("2024-02-01..2024-03-01", "month"), "2023-02-01..2023-03-01"),
        (period("2026-08-01..2026-11-01"), "2025-08-01..2025-11-01"),
        (period("2024-02-01..2024-03-01", "month", to_date=True), "2023-02-01..2023-03-01"),
        (period("2026-11-01..2026-11-23", "month", to_date=True), "2025-11-01..2025-11-23"),
        (period("2026-11-16..2026-11-19", "week", to_date=True), "2025-11-17..2025-11-20"),
        (period("2025-04-01..2026-04-01", "year"), "2024-04-01..2025-04-01"),
        (period("2026-05-24..2026-11-22"), "2025-05-25..2025-11-23"),
        (period("2026-05-24..2026-11-21"), "2025-05-24..2025-11-21"),
    ],
)
def test_the_period_a_year_ago(asked: Period, then: str) -> None:
    """Days, whole weeks and short spans keep their weekdays; all else keeps its calendar dates, clamped."""
    found = year_ago(asked, SEOUL)
    assert (found.start, found.end) == (period(then).start, period(then).end)


@given(DAYS, st.integers(1, 400))
def test_a_year_ago_is_about_a_year_ago_and_as_long(start: date, days: int) -> None:
    """A span's partner lies a year back, and is as long to the day or two that leap years bring."""
    span = Period(start, start + timedelta(days=days))
    partner = year_ago(span, SEOUL)
    assert 363 <= (span.start - partner.start).days <= 367
    assert abs(partner.days - span.days) <= 2


@pytest.mark.parametrize(
    ("asked", "other", "through", "expected"),
    [
        ("2026-11", "2026-10", "2026-11-21", ("2026-11-01..2026-11-22", "2026-10-01..2026-10-22")),
        ("2026-03", "2026-02", "2026-03-30", ("2026-03-01..2026-03-31", "2026-02-01..2026-03-01")),
        ("2026-10", "2026-11", "2026-11-21", ("2026-10-01..2026-10-22", "2026-11-01..2026-11-22")),
        ("2026-10", "2026-09", "2026-11-21", ("2026-10-01..2026-11-01", "2026-09-01..2026-10-01")),
        ("2026-11", "2026-10", "2026-11-30", ("2026-11-01..2026-12-01", "2026-10-01..2026-11-01")),
    ],
)
def test_months_are_compared_whole_or_by_their_complete_days(
    asked: str, other: str, through: str, expected: tuple[str, str]
) -> None:
    """Whole against whole; an unfinished month against as many days of the other, whichever of the two it is."""
    first, second = (unit_of(date.fromisoformat(f"{text}-01"), "month", SEOUL) for text in (asked, other))
    found = pair(first, second, date.fromisoformat(through))
    assert found is not None
    ranges = tuple((side.start, side.end) for side in (found.current, found.other))
    assert ranges == tuple((period(text).start, period(text).end) for text in expected)


def test_a_cut_unit_is_that_unit_to_date() -> None:
    """The complete days of a month are the month so far, so that the one before it is known, and no whole month."""
    found = pair(
        unit_of(date(2026, 11, 1), "month", SEOUL), unit_of(date(2026, 10, 1), "month", SEOUL), date(2026, 11, 21)
    )
    assert found == Pairing(
        period("2026-11-01..2026-11-22", "month", to_date=True), period("2026-10-01..2026-10-22", "month", to_date=True)
    )
    assert found is not None
    assert previous(found.other, SEOUL) == period("2026-09-01..2026-09-22", "month", to_date=True)


def test_weeks_and_spans_are_paired_by_number_of_days() -> None:
    """The complete days of a week face the same weekdays of the other."""
    week = unit_of(date(2026, 11, 16), "week", SEOUL)
    assert pair(week, previous(week, SEOUL), date(2026, 11, 18)) == Pairing(
        period("2026-11-16..2026-11-19", "week", to_date=True), period("2026-11-09..2026-11-12", "week", to_date=True)
    )


def test_a_part_to_date_loses_the_day_that_is_not_complete() -> None:
    """Year to date through yesterday's data faces the same days a year ago."""
    part = period("2026-01-01..2026-11-23", "year", to_date=True)
    found = pair(part, year_ago(part, SEOUL), date(2026, 11, 21))
    so_far = (period(days, "year", to_date=True) for days in ("2026-01-01..2026-11-22", "2025-01-01..2025-11-22"))
    assert found == Pairing(*so_far)


def test_without_a_complete_day_there_is_no_pair() -> None:
    """A period that begins today, or later, is compared with nothing yet."""
    month = unit_of(date(2026, 12, 1), "month", SEOUL)
    assert pair(month, previous(month, SEOUL), date(2026, 11, 30)) is None


@given(DAYS, st.sampled_from(UNITS), st.integers(-5, 400))
def test_a_pair_never_reaches_beyond_complete_data_or_its_periods(day: date, grain: Grain, days: int) -> None:
    """Both sides of a pair begin with their period, lie inside it, and hold complete days only."""
    unit = unit_of(day, grain, SEOUL)
    through = unit.start + timedelta(days=days)
    for other in (previous(unit, SEOUL), year_ago(unit, SEOUL)):
        found = pair(unit, other, through)
        if found is None:
            assert through < unit.start
            continue
        for side, whole in ((found.current, unit), (found.other, other)):
            assert whole.start == side.start < side.end <= whole.end
            assert side.last_day <= through
        assert found.current.days >= found.other.days or found.other.days <= found.current.days + 3


@pytest.mark.parametrize(
    ("grain", "count"), [("day", 14), ("week", 13), ("month", 13), ("quarter", 9), ("half", 5), ("year", 5)]
)
def test_a_unit_has_a_trend_of_units_that_ends_with_it(grain: Grain, count: int) -> None:
    """The trend of a unit is that many units, one after the other, the last one being it."""
    unit = unit_of(date(2026, 11, 22), grain, SEOUL)
    buckets = trend_periods(unit, SEOUL)
    assert len(buckets) == count
    assert buckets[-1] == unit
    assert all(earlier.end == later.start for earlier, later in pairwise(buckets))


def test_the_trend_of_a_part_ends_with_the_part() -> None:
    """Whole months lead up to the month to date."""
    part = period("2026-11-01..2026-11-23", "month", to_date=True)
    buckets = trend_periods(part, SEOUL)
    assert (len(buckets), buckets[-1]) == (13, part)
    assert buckets[-2] == period("2026-10-01..2026-11-01", "month")


@pytest.mark.parametrize(
    ("asked", "grain", "count", "of"),
    [
        (period("2026-11-15..2026-11-22"), None, 7, "day"),
        (period("2026-10-01..2026-11-01"), None, 31, "day"),
        (period("2026-08-01..2026-11-01"), None, 14, "span"),
        (period("2026-01-01..2026-11-01"), None, 10, "month"),
        (period("2026-11-01..2026-12-01", "month"), "day", 30, "day"),
        (period("2026-11-01..2026-12-01", "month"), "month", 13, "month"),
        (period("2026-11-22..2026-11-23", "day"), "month", 13, "month"),
        (period("2026-10-01..2027-01-01", "quarter"), "month", 3, "month"),
        (period("2026-11-01..2026-11-23", "month", to_date=True), "day", 22, "day"),
    ],
)
def test_a_span_is_cut_into_buckets(asked: Period, grain: Grain | None, count: int, of: Grain) -> None:
    """Spans show their days, weeks or months by length; a grain that is asked for is taken."""
    buckets = trend_periods(asked, SEOUL, grain)
    assert (len(buckets), buckets[0].grain) == (count, of)


@given(DAYS, st.integers(1, 800), st.sampled_from(["day", "week", "month"]))
def test_the_buckets_of_a_span_add_up_to_it(start: date, days: int, grain: Grain) -> None:
    """Buckets finer than the span cover every day of it exactly once."""
    span = Period(start, start + timedelta(days=days))
    buckets = trend_periods(span, SEOUL)
    assert (buckets[0].start, buckets[-1].end) == (span.start, span.end)
    assert sum(bucket.days for bucket in buckets) == span.days
    finer = trend_periods(span, SEOUL, grain)
    assert finer[-1].start < span.end <= finer[-1].end


RETAIL = Calendar(week_start="sunday", fiscal_starts=2, fiscal_named_by="start", fiscal_pattern="4-5-4")


@pytest.mark.parametrize(
    ("year", "grain", "part", "before", "ago"),
    [
        (2024, "month", 1, (2023, 12), (2023, 1)),
        (2024, "quarter", 3, (2024, 2), (2023, 3)),
        (2024, "half", 1, (2023, 2), (2023, 1)),
        (2024, "year", 1, (2023, 1), (2023, 1)),
    ],
)
def test_units_of_a_year_of_weeks_have_neighbours_and_namesakes(
    year: int, grain: Grain, part: int, before: tuple[int, int], ago: tuple[int, int]
) -> None:
    """The month before P1 is P12 of the year before; a year ago is the unit of the same number."""
    unit = fiscal_unit(year, grain, part, RETAIL)
    assert previous(unit, RETAIL) == fiscal_unit(before[0], grain, before[1], RETAIL)
    assert year_ago(unit, RETAIL) == fiscal_unit(ago[0], grain, ago[1], RETAIL)
    assert previous(unit, RETAIL).end == unit.start
    trend = trend_periods(unit, RETAIL)
    assert trend[-1] == unit
    assert all(earlier.end == later.start for earlier, later in pairwise(trend))


def test_months_of_four_and_of_five_weeks_are_compared_by_four() -> None:
    """P2 of a 4-5-4 year has five weeks, P1 four: the first four of both are compared."""
    first, second = (fiscal_unit(2024, "month", part, RETAIL) for part in (1, 2))
    found = pair(second, first, date(2025, 1, 1))
    assert found is not None
    assert (found.current.days, found.other.days) == (28, 28)


def test_a_fiscal_year_is_cut_into_its_own_months() -> None:
    """The monthly trend of a year of weeks has its twelve months, a quarter's its three."""
    assert len(trend_periods(fiscal_unit(2023, "year", 1, RETAIL), RETAIL, "month")) == 12
    assert len(trend_periods(fiscal_unit(2023, "quarter", 4, RETAIL), RETAIL, "month")) == 3


@given(st.dates(date(2000, 1, 1), date(2050, 1, 1)), st.sampled_from(["month", "quarter", "half", "year"]))
def test_every_day_lies_in_one_fiscal_unit(day: date, grain: Grain) -> None:
    """A day's unit holds it, and shifting there and back changes nothing."""
    unit = fiscal_unit_of(day, grain, RETAIL)
    assert unit.start <= day < unit.end
    assert unit.days % 7 == 0
    assert shift(shift(unit, 7, RETAIL), -7, RETAIL) == unit


def test_a_period_comes_back_whole_from_its_values() -> None:
    """Whatever a period says is written down and read again; every field of this one differs from its default."""
    start, end = date(2026, 10, 1), date(2026, 11, 1)
    period = Period(
        start, end, "month", to_date=True, fiscal=(2026, 7), fiscal_year=(4, "end"), feast="chuseok", every=7
    )
    assert all(getattr(period, each.name) != each.default for each in fields(Period))
    assert period_from(json.loads(json.dumps(period_values(period)))) == period
    assert period_from({"start": "2026-10-01", "end": "2026-11-01"}) == Period(start, end)
