"""A workspace's calendar: weeks, fiscal years, and the instants at which its days begin."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi_core.dates.calendars import Calendar, Pattern

DAYS = st.dates(date(1990, 1, 1), date(2060, 12, 31))


@pytest.mark.parametrize(
    ("zone", "day", "begins"),
    [
        ("Asia/Seoul", date(2026, 11, 22), datetime(2026, 11, 21, 15, tzinfo=UTC)),
        ("America/Sao_Paulo", date(2018, 11, 4), datetime(2018, 11, 4, 3, tzinfo=UTC)),
        ("Africa/Cairo", date(2023, 4, 28), datetime(2023, 4, 27, 22, tzinfo=UTC)),
        ("America/Havana", date(2025, 11, 2), datetime(2025, 11, 2, 4, tzinfo=UTC)),
        ("America/Toronto", date(1919, 3, 31), datetime(1919, 3, 31, 4, 30, tzinfo=UTC)),
        ("Pacific/Apia", date(2011, 12, 30), datetime(2011, 12, 30, 10, tzinfo=UTC)),
    ],
)
def test_a_day_begins_at_its_first_existing_instant(zone: str, day: date, begins: datetime) -> None:
    """A day begins at its first existing instant, also where the clock skips or repeats midnight."""
    assert Calendar(timezone=zone).midnight(day) == begins


@given(DAYS, st.sampled_from(["America/Sao_Paulo", "Africa/Cairo", "Asia/Beirut", "America/Asuncion", "Europe/Berlin"]))
def test_the_instant_before_a_day_belongs_to_another(day: date, zone: str) -> None:
    """The instant a day begins is of that day, the second before it is not."""
    calendar = Calendar(timezone=zone)
    begins = calendar.midnight(day)
    assert calendar.today(begins) == day
    assert calendar.today(begins - timedelta(seconds=1)) < day


@given(DAYS)
def test_monday_weeks_are_numbered_as_iso_does(day: date) -> None:
    """With Monday weeks, number and year of a week are ISO 8601's."""
    assert Calendar().week_number(day) == tuple(day.isocalendar()[:2])


@given(DAYS, st.sampled_from(["monday", "sunday"]))
def test_a_numbered_week_holds_the_day_it_was_named_after(day: date, week_start: str) -> None:
    """Number and year of a day's week lead back to the week that holds the day."""
    calendar = Calendar(week_start="sunday" if week_start == "sunday" else "monday")
    assert calendar.numbered_week(*calendar.week_number(day)) == calendar.week_of(day)


def test_week_53_exists_only_in_long_years() -> None:
    """2026 has a week 53, 2025 has none."""
    assert Calendar().numbered_week(2026, 53) == date(2026, 12, 28)
    with pytest.raises(ValueError, match="53"):
        Calendar().numbered_week(2025, 53)


@pytest.mark.parametrize(
    ("starts", "named_by", "begins", "name_of_may_2026"),
    [
        (1, "end", date(2026, 1, 1), 2026),
        (4, "end", date(2025, 4, 1), 2027),
        (4, "start", date(2026, 4, 1), 2026),
        (7, "end", date(2025, 7, 1), 2026),
    ],
)
def test_fiscal_years_are_named_by_their_start_or_end(
    starts: int, named_by: str, begins: date, name_of_may_2026: int
) -> None:
    """FY2026 begins where the setting of month and name says."""
    calendar = Calendar(fiscal_starts=starts, fiscal_named_by="start" if named_by == "start" else "end")
    assert calendar.fiscal_year_start(2026) == begins
    assert calendar.fiscal_year_of(date(2026, 5, 1)) == name_of_may_2026


@given(DAYS, st.integers(1, 12), st.sampled_from(["start", "end"]))
def test_a_day_lies_in_its_fiscal_year(day: date, starts: int, named_by: str) -> None:
    """The fiscal year named for a day begins no later than the day, and the next one after it."""
    calendar = Calendar(fiscal_starts=starts, fiscal_named_by="start" if named_by == "start" else "end")
    year = calendar.fiscal_year_of(day)
    assert calendar.fiscal_year_start(year) <= day < calendar.fiscal_year_start(year + 1)


@pytest.mark.parametrize(
    ("year", "starts", "weeks"),
    [(2022, date(2022, 1, 30), 52), (2023, date(2023, 1, 29), 53), (2024, date(2024, 2, 4), 52),
     (2025, date(2025, 2, 2), 52)],
)  # fmt: skip
def test_a_year_of_whole_weeks_begins_with_the_nearest_week_start(year: int, starts: date, weeks: int) -> None:
    """The retail year of American trade: the Sunday nearest to 1 February, 52 or 53 weeks."""
    retail = Calendar(week_start="sunday", fiscal_starts=2, fiscal_named_by="start", fiscal_pattern="4-5-4")
    assert retail.fiscal_year_start(year) == starts
    assert retail.fiscal_year_start(year + 1) - starts == timedelta(weeks=weeks)


@pytest.mark.parametrize(
    ("pattern", "weeks"),
    [
        ("4-4-5", [4, 4, 5, 4, 4, 5, 4, 4, 5, 4, 4, 6]),
        ("4-5-4", [4, 5, 4, 4, 5, 4, 4, 5, 4, 4, 5, 5]),
        ("5-4-4", [5, 4, 4, 5, 4, 4, 5, 4, 4, 5, 4, 5]),
    ],
)
def test_week_53_belongs_to_the_last_month(pattern: Pattern, weeks: list[int]) -> None:
    """The months of a year of 53 weeks have the pattern's weeks, the last one a week more."""
    retail = Calendar(week_start="sunday", fiscal_starts=2, fiscal_named_by="start", fiscal_pattern=pattern)
    starts = [retail.fiscal_month_start(2023, month) for month in range(1, 14)]
    assert [(after - before).days // 7 for before, after in pairwise(starts)] == weeks


@given(DAYS, st.integers(1, 12), st.sampled_from([None, "4-4-5", "4-5-4", "5-4-4"]), st.sampled_from(["start", "end"]))
def test_every_day_is_in_the_fiscal_year_that_holds_it(
    day: date, starts: int, pattern: Pattern | None, named_by: Literal["start", "end"]
) -> None:
    """Fiscal years follow each other without a gap, whatever the settings."""
    calendar = Calendar(fiscal_starts=starts, fiscal_named_by=named_by, fiscal_pattern=pattern)
    year = calendar.fiscal_year_of(day)
    assert calendar.fiscal_year_start(year) <= day < calendar.fiscal_year_start(year + 1)
    assert calendar.fiscal_month_start(year, 13) == calendar.fiscal_year_start(year + 1)
