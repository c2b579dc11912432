"""Traps of the calendar, end to end on a real database: each test's docstring shows the little table it is about."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from kpi_core.answers import Answer
from kpi_core.dates.calendars import Calendar
from kpi_core.questions.parse import parse_question
from tests.tables import Row, engine_on


def orders(*instants: str) -> list[Row]:
    """An order of 1 at each instant, UTC."""
    return [
        {"order_id": str(number), "customer_id": "c", "ordered_at": datetime.fromisoformat(instant), "revenue": 1}
        for number, instant in enumerate(instants)
    ]


def a_day(first: date, last: date) -> list[Row]:
    """An order at noon UTC of each day, worth the day of the month."""
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    return [
        {"order_id": str(day), "customer_id": "c", "ordered_at": datetime(day.year, day.month, day.day, 12), "revenue": day.day}  # noqa: E501 - tables hold UTC without a zone
        for day in days
    ]  # fmt: skip


def asked(path: Path, rows: list[Row], question: str, today: date, **calendar: object) -> Answer:
    """The answer on a morning of `today`."""
    cut = Calendar(**calendar)  # type: ignore[arg-type]
    engine = engine_on(path / "traps.duckdb", {"orders": rows}, calendar=cut)
    query = parse_question(question, engine.vocabulary(), cut, today)
    return engine.answer(query, cut.midnight(today) + timedelta(hours=9))


def days(answer: Answer, comparison: int = 0) -> tuple[str, str, str, str]:
    """First and last day compared, here and there."""
    change = answer.comparisons[comparison]
    here, there = change.compared, change.period
    return str(here.start), str(here.last_day), str(there.start), str(there.last_day)


@pytest.mark.parametrize(
    ("zone", "day", "inside", "outside"),
    [
        ("America/New_York", "2026-03-08", ["03-08 05:00", "03-09 03:59"], ["03-08 04:59", "03-09 04:00"]),
        ("America/New_York", "2026-11-01", ["11-01 04:00", "11-02 04:59"], ["11-01 03:59", "11-02 05:00"]),
        ("Europe/Paris", "2026-03-29", ["03-28 23:00", "03-29 21:59"], ["03-28 22:59", "03-29 22:00"]),
        ("Europe/Paris", "2026-10-25", ["10-24 22:00", "10-25 22:59"], ["10-24 21:59", "10-25 23:00"]),
        ("Africa/Cairo", "2026-04-24", ["04-23 22:00", "04-24 20:59"], ["04-23 21:59", "04-24 21:00"]),
        ("America/Havana", "2026-11-01", ["11-01 04:00", "11-02 04:59"], ["11-01 03:59", "11-02 05:00"]),
    ],
)
def test_a_day_of_23_or_25_hours_holds_its_first_and_its_last_minute(
    tmp_path: Path, zone: str, day: str, inside: list[str], outside: list[str]
) -> None:
    """Orders of the first and last local minute count, those a minute before and after do not.

    | zone             | local day  | hours | begins (UTC)                   | ends (UTC)  |
    |------------------|------------|-------|--------------------------------|-------------|
    | America/New_York | 2026-03-08 | 23    | 03-08 05:00                    | 03-09 04:00 |
    | America/New_York | 2026-11-01 | 25    | 11-01 04:00                    | 11-02 05:00 |
    | Europe/Paris     | 2026-03-29 | 23    | 03-28 23:00                    | 03-29 22:00 |
    | Europe/Paris     | 2026-10-25 | 25    | 10-24 22:00                    | 10-25 23:00 |
    | Africa/Cairo     | 2026-04-24 | 23    | 04-23 22:00, midnight is skipped | 04-24 21:00 |
    | America/Havana   | 2026-11-01 | 25    | 11-01 04:00, midnight comes twice | 11-02 05:00 |
    """
    rows = orders(*(f"2026-{instant}" for instant in (*inside, *outside)))
    answer = asked(tmp_path, rows, f"revenue {day}", date(2026, 12, 1), timezone=zone)
    assert answer.value == len(inside)


def test_a_month_ends_at_local_midnight(tmp_path: Path) -> None:
    """October in New York, whose clocks go back on 1 November, ends at 04:00 UTC of that day.

    | ordered (UTC)    | local            | month    |
    |------------------|------------------|----------|
    | 2026-10-01 03:59 | 2026-09-30 23:59 | September|
    | 2026-10-01 04:00 | 2026-10-01 00:00 | October  |
    | 2026-11-01 03:59 | 2026-10-31 23:59 | October  |
    | 2026-11-01 04:00 | 2026-11-01 00:00 | November |
    """
    rows = orders("2026-10-01 03:59", "2026-10-01 04:00", "2026-11-01 03:59", "2026-11-01 04:00")
    answer = asked(tmp_path, rows, "revenue october", date(2026, 12, 1), timezone="America/New_York")
    assert answer.value == 2
    assert [point.value for point in answer.trend][-2:] == [1, 2]


def test_29_february_is_held_against_the_same_weekday(tmp_path: Path) -> None:
    """The leap day has no namesake: a day goes back 364 days, to the same weekday.

    | asked          | value | a year ago     | value |
    |----------------|-------|----------------|-------|
    | Thu 2024-02-29 | 29    | Thu 2023-03-02 | 2     |
    """
    rows = a_day(date(2023, 1, 1), date(2024, 3, 31))
    answer = asked(tmp_path, rows, "revenue 2024-02-29 vs last year", date(2024, 4, 1))
    assert days(answer) == ("2024-02-29", "2024-02-29", "2023-03-02", "2023-03-02")
    assert (answer.value, answer.comparisons[0].value) == (29, 2)


def test_a_february_of_29_days_is_held_against_one_of_28(tmp_path: Path) -> None:
    """Whole months against whole months, also where one has a day more.

    | asked         | sum of days | a year ago    | sum of days |
    |---------------|-------------|---------------|-------------|
    | February 2024 | 435         | February 2023 | 406         |
    """
    rows = a_day(date(2023, 1, 1), date(2024, 3, 31))
    answer = asked(tmp_path, rows, "revenue february vs last year", date(2024, 4, 1))
    assert days(answer) == ("2024-02-01", "2024-02-29", "2023-02-01", "2023-02-28")
    assert (answer.value, answer.comparisons[0].value) == (435, 406)


def test_an_unfinished_month_in_a_leap_year_is_cut_by_day_of_the_month(tmp_path: Path) -> None:
    """On 1 March nothing is unfinished; on 29 February, the 28 days that both Februaries have.

    | today      | asked      | compared         | with             |
    |------------|------------|------------------|------------------|
    | 2024-02-29 | this month | 2024-02-01 to 28 | 2023-02-01 to 28 |
    """
    rows = a_day(date(2023, 1, 1), date(2024, 2, 28))
    answer = asked(tmp_path, rows, "revenue this month vs last year", date(2024, 2, 29))
    assert days(answer) == ("2024-02-01", "2024-02-28", "2023-02-01", "2023-02-28")
    assert not answer.complete
    assert answer.comparisons[0].change_ratio == 0


@pytest.mark.parametrize(
    ("today", "here_last", "there_last"),
    [(date(2026, 3, 31), "2026-03-30", "2026-02-28"), (date(2026, 3, 29), "2026-03-28", "2026-02-28"),
     (date(2026, 5, 31), "2026-05-30", "2026-04-30"), (date(2026, 3, 2), "2026-03-01", "2026-02-01")],
)  # fmt: skip
def test_day_31_clamps_to_the_end_of_the_month(tmp_path: Path, today: date, here_last: str, there_last: str) -> None:
    """A month to date is held against as much of the month before; what that one lacks, it lacks.

    | today  | this month's complete days | last month's |
    |--------|----------------------------|--------------|
    | 31 Mar | 1-30 March                 | 1-28 February|
    | 29 Mar | 1-28 March                 | 1-28 February|
    | 31 May | 1-30 May                   | 1-30 April   |
    |  2 Mar | 1 March                    | 1 February   |
    """
    rows = a_day(date(2026, 1, 1), today - timedelta(days=1))
    answer = asked(tmp_path, rows, "revenue month to date vs previous month", today)
    assert days(answer)[1::2] == (here_last, there_last)


def test_week_53_is_held_against_the_week_364_days_before(tmp_path: Path) -> None:
    """2026 has an ISO week 53, 2025 none: its partner is the week 364 days before, week 1 of the same ISO year.

    | asked    | days               | a year ago | days               |
    |----------|--------------------|------------|--------------------|
    | 2026-W53 | 28 Dec - 3 Jan 2027| 2026-W01   | 29 Dec 2025 - 4 Jan|
    | 2026-W47 | 16 - 22 November   | 2025-W47   | 17 - 23 November   |
    """
    rows = a_day(date(2025, 1, 1), date(2027, 1, 10))
    answer = asked(tmp_path, rows, "revenue 2026-W53", date(2027, 1, 11))
    assert days(answer, 1) == ("2026-12-28", "2027-01-03", "2025-12-29", "2026-01-04")
    assert days(answer, 0) == ("2026-12-28", "2027-01-03", "2026-12-21", "2026-12-27")


def test_an_unfinished_week_53_is_held_against_as_many_days(tmp_path: Path) -> None:
    """On Thursday, 31 December 2026, three days of week 53 are complete.

    | asked     | compared       | with (a year ago)    |
    |-----------|----------------|----------------------|
    | this week | Mon-Wed 28-30  | Mon-Wed 29-31 Dec 2025|
    """
    rows = a_day(date(2025, 1, 1), date(2026, 12, 30))
    answer = asked(tmp_path, rows, "revenue this week", date(2026, 12, 31))
    assert days(answer, 1) == ("2026-12-28", "2026-12-30", "2025-12-29", "2025-12-31")


def test_weeks_from_sunday_are_cut_on_sunday(tmp_path: Path) -> None:
    """Where weeks start on Sunday, every week of a weekly trend does.

    | asked     | days                     |
    |-----------|--------------------------|
    | last week | Sun 15 - Sat 21 November |
    """
    rows = a_day(date(2026, 1, 1), date(2026, 11, 22))
    answer = asked(tmp_path, rows, "revenue last week", date(2026, 11, 23), week_start="sunday")
    assert str(answer.query.period.start) == "2026-11-15"
    assert {point.period.start.weekday() for point in answer.trend} == {6}


def test_a_day_that_never_was_has_no_orders(tmp_path: Path) -> None:
    """Samoa skipped 30 December 2011: the day is empty, its neighbours are whole.

    | ordered (UTC)    | local            |
    |------------------|------------------|
    | 2011-12-30 09:59 | 2011-12-29 23:59 |
    | 2011-12-30 10:00 | 2011-12-31 00:00 |
    """
    rows = orders("2011-12-30 09:59", "2011-12-30 10:00")
    answer = asked(tmp_path, rows, "revenue 2011-12-29..2011-12-31", date(2012, 1, 5), timezone="Pacific/Apia")
    assert [point.value for point in answer.trend] == [1, 0, 1]


def test_a_fiscal_year_of_53_weeks_is_held_against_52(tmp_path: Path) -> None:
    """Years of whole weeks have a week 53 every five or six years; 52 weeks are compared with 52.

    | retail year (4-5-4, Sundays) | days                    | weeks |
    |------------------------------|-------------------------|-------|
    | FY2022                       | 2022-01-30 - 2023-01-28 | 52    |
    | FY2023                       | 2023-01-29 - 2024-02-03 | 53    |
    | FY2024                       | 2024-02-04 - 2025-02-01 | 52    |
    """
    rows = a_day(date(2022, 1, 1), date(2025, 2, 5))
    retail = {"week_start": "sunday", "fiscal_starts": 2, "fiscal_named_by": "start", "fiscal_pattern": "4-5-4"}
    answer = asked(tmp_path, rows, "revenue FY2023 vs last year", date(2025, 2, 6), **retail)
    assert (str(answer.query.period.start), str(answer.query.period.last_day)) == ("2023-01-29", "2024-02-03")
    assert days(answer) == ("2023-01-29", "2024-01-27", "2022-01-30", "2023-01-28")
    notice = answer.comparisons[0].notice
    assert notice is not None
    assert (notice.key, notice.params) == ("notice.same_weeks", {"weeks": 52})


@pytest.mark.parametrize(
    ("question", "noticed"),
    [("revenue september", True), ("revenue october", True), ("revenue july", False), ("revenue this year", False)],
)
def test_a_moved_holiday_is_told(tmp_path: Path, question: str, noticed: bool) -> None:
    """Where Chuseok lies in one of the two months only, the comparison with a year ago says so.

    | year | Chuseok          | September | October |
    |------|------------------|-----------|---------|
    | 2025 | 5-8 October      | none      | 4 days  |
    | 2026 | 24-26 September  | 3 days    | none    |
    """
    rows = a_day(date(2025, 1, 1), date(2026, 11, 22))
    answer = asked(tmp_path, rows, question, date(2026, 11, 23), timezone="Asia/Seoul", holidays="KR")
    told = [warning.params["feast"] for warning in answer.warnings if warning.key == "notice.holiday_moved"]
    assert told == (["chuseok"] if noticed else [])
    remarks = [change.notice.key for change in answer.comparisons if change.notice]
    assert ("notice.holiday_moved" in remarks) == noticed


@pytest.mark.parametrize(
    ("question", "country", "compared"),
    [
        ("revenue 설", "KR", ("2026-02-16", "2026-02-18", "2025-01-28", "2025-01-30")),
        ("revenue 추석", "KR", ("2026-09-24", "2026-09-26", "2025-10-05", "2025-10-07")),
        ("revenue 春節 2025", "TW", ("2025-01-28", "2025-01-31", "2024-02-09", "2024-02-12")),
        ("revenue christmas 2025", "US", ("2025-12-25", "2025-12-25", "2024-12-25", "2024-12-25")),
        ("revenue black friday week 2025", "US", ("2025-11-24", "2025-11-30", "2024-11-25", "2024-12-01")),
        ("revenue february vs same holiday last year", "KR", ("2026-02-01", "2026-02-28", "2025-01-13", "2025-02-09")),
    ],
)  # fmt: skip
def test_a_holiday_is_held_against_the_same_holiday(
    tmp_path: Path, question: str, country: str, compared: tuple[str, str, str, str]
) -> None:
    """A holiday goes back to itself; of two that are not as long, the days that both have are compared.

    | holiday        | this time        | a year before   |
    |----------------|------------------|-----------------|
    | Seollal        | 16-18 Feb 2026   | 28-30 Jan 2025  |
    | Chuseok        | 24-26 Sep 2026   | 5-8 Oct 2025    |
    | Lunar New Year | 28-31 Jan 2025   | 9-14 Feb 2024   |
    | Christmas      | 25 Dec 2025      | 25 Dec 2024     |
    """
    rows = a_day(date(2024, 1, 1), date(2026, 11, 22))
    answer = asked(tmp_path, rows, question, date(2026, 11, 23), timezone="Asia/Seoul", holidays=country)
    assert days(answer, len(answer.comparisons) - 1) == compared


def test_a_pause_in_installs_hides_no_retention(tmp_path: Path) -> None:
    """Nobody installs after 1 October, but the app is in use until 20 November: day 7 of October is known.

    | installed | used on day 7 |
    |-----------|---------------|
    | 1 October | yes           |
    | 1 October | no            |
    """
    tables: dict[str, list[Row]] = {
        "app_installs": [{"install_id": name, "installed_at": datetime(2026, 10, 1, 10)} for name in "ab"],
        "app_activity": [
            {"install_id": "a", "active_on": date(2026, 10, 8)},
            {"install_id": "b", "active_on": date(2026, 11, 20)},
        ],
    }
    engine = engine_on(tmp_path / "traps.duckdb", tables)
    query = parse_question("d7_retention 2026-10", engine.vocabulary(), Calendar(), date(2026, 11, 22))
    answer = engine.answer(query, datetime(2026, 11, 22, 9, tzinfo=UTC))
    assert (answer.value, [notice.key for notice in answer.warnings if "young" in notice.key]) == (0.5, [])


@pytest.mark.parametrize(
    ("question", "value"),
    [
        ("budget 2026-10", 310),
        ("budget 2026-10-01..2026-10-10", 100),
        ("budget this month", 600),
        ("예산 2026년 10월", 310),
        ("預算 2026年10月", 310),
        ("budget 2026-12", None),
    ],
)
def test_a_budget_is_its_whole_month_s(tmp_path: Path, question: str, value: float | None) -> None:
    """A row of 15 October is October's budget; a month under way has all of its own, one without a row has none."""
    rows: list[Row] = [
        {"month": date(2026, *day), "channel": "a", "amount": amount}
        for day, amount in (((9, 1), 300), ((10, 15), 310), ((11, 3), 600))
    ]
    engine = engine_on(tmp_path / "traps.duckdb", {"budgets": rows})
    query = parse_question(question, engine.vocabulary(), Calendar(), date(2026, 11, 22))
    answer = engine.answer(query, datetime(2026, 11, 22, 9, tzinfo=UTC))
    assert answer.metric.id == "budget"
    assert answer.value == (None if value is None else pytest.approx(value))
