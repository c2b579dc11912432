"""Splits by the hour, the weekday and a calendar of one's own: by the local clock, each row in one group."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st
from own_kpis import ask, groups, kpi, own_catalog, own_engine

from kpi_core.answering.engine import Engine
from kpi_core.answering.splits.times import hours_of
from kpi_core.dates.calendars import Calendar
from kpi_core.errors import QuestionError, SettingsError
from kpi_core.metrics import WEEKDAYS, Catalog
from kpi_core.questions.spelled import question_of
from kpi_core.sql.added.clock_columns import hour_of, weekday_of
from kpi_core.sql.fragments import fragment
from kpi_core.sql.rows import Shape
from kpi_core.sql.statement import sql_of

import long

ORDERS: dict[str, Any] = {
    "model": "sales",
    "description": "One row is one sale.",
    "time": "sold_at",
    "columns": {
        "sold_at": {"type": "timestamp"},
        "paid_on": {"type": "date"},
        "amount": {"type": "integer"},
        "channel": {"type": "text"},
        "buyer": {"type": "text"},
    },
    "dimensions": ["channel"],
    "measures": {
        "amount": {"agg": "sum", "expr": "amount"},
        "buyers": {"agg": "count_distinct", "expr": "buyer"},
        "dearest": {"agg": "max", "expr": "amount"},
        "paid": {"agg": "sum", "expr": "amount", "time": "paid_on"},
        "stock": {"agg": "sum", "expr": "amount", "last_per": ["channel"]},
    },
}
SEASONS: dict[str, Any] = {
    "model": "seasons",
    "description": "One row is one day of the shop's own calendar.",
    "primary_entity": "day",
    "key": ["on_day"],
    "columns": {"on_day": {"type": "date"}, "season": {"type": "text"}, "retail_week": {"type": "integer"}},
    "dimensions": ["season", "retail_week"],
}
PLAIN = ("amount", "buyers", "dearest", "paid", "stock")
KPIS = (
    *(kpi(name, "n", {"n": f"sales.{name}"}, type="simple") for name in PLAIN),
    kpi("per_buyer", "a / b", {"a": "sales.amount", "b": "sales.buyers"}, type="ratio"),
    kpi("amount_growth", "n - b", {"n": "sales.amount", "b": {"is": "sales.amount", "offset": "previous_period"}}),
    kpi("rolling", "n", {"n": {"is": "sales.amount", "window": "7 days"}}, type="cumulative"),
)


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    return own_catalog(tmp_path_factory.mktemp("hours") / "kpis", ORDERS, SEASONS, *KPIS)


def sales(catalog: Catalog, path: Path, zone: str, *moments: datetime, seasons: bool = True) -> Engine:
    """Sales at UTC instants, worth 1, 2, 4 …, each by another buyer; October is harvest, its first week number 40."""
    rows = [
        {"sold_at": moment, "paid_on": moment.date(), "amount": 2**n, "channel": "east", "buyer": f"b{n}"}
        for n, moment in enumerate(moments)
    ]
    days = [
        {"on_day": day, "season": "harvest" if day.month == 10 else "frost", "retail_week": 40 + (day.day - 1) // 7}
        for n in range(61)
        for day in [date(2026, 10, 1) + timedelta(days=n)]
    ]
    tables: dict[str, Any] = {"sales": rows} | ({"seasons": days} if seasons else {})
    return own_engine(path, catalog, tables, calendar=Calendar(zone))


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("America/New_York", date(2026, 3, 8), 23),
        ("America/New_York", date(2026, 3, 9), 24),
        ("America/New_York", date(2026, 11, 1), 25),
        ("Asia/Seoul", date(2026, 11, 1), 24),
        ("Australia/Lord_Howe", date(2026, 4, 5), 25),
    ],
)
def test_a_day_has_the_hours_of_its_clock(zone: str, day: date, hours: int) -> None:
    """Where the clock is set forward one is missing, where it is set back one comes twice, if only for half an hour."""
    texts = hours_of(day, Calendar(zone))
    assert len(texts) == len(set(texts)) == hours
    assert ("02:00" in texts) == (hours != 23)
    assert any(text.endswith("(2)") for text in texts) == (hours == 25)


def test_a_launch_day_by_hour(tmp_path: Path, catalog: Catalog) -> None:
    """New York, 1 November: 01:30 comes twice, an hour apart; hours without a sale are 0, in their order."""
    engine = sales(
        catalog, tmp_path / "h.duckdb", "America/New_York",
        datetime(2026, 11, 1, 5, 30), datetime(2026, 11, 1, 6, 30), datetime(2026, 11, 2, 4, 59),
        datetime(2026, 11, 2, 5, 0),
    )  # fmt: skip
    answer = ask(engine, "amount 2026-11-01 by hour")
    found = groups(answer)
    assert (answer.value, len(found)) == (7, 25)
    assert list(found)[:4] == ["00:00", "01:00", "01:00 (2)", "02:00"]
    assert {hour: value for hour, value in found.items() if value} == {"01:00": 1, "01:00 (2)": 2, "23:00": 4}
    assert groups(ask(engine, "dearest 2026-11-01 by hour"))["02:00"] is None
    assert groups(ask(engine, "per_buyer 2026-11-01 by hour"))["23:00"] == 4
    assert ask(engine, "amount 2026-11-01 where hour=23:00").value == 4


def test_a_month_by_hour_and_by_weekday(tmp_path: Path, catalog: Catalog) -> None:
    """The hours of all days together, 24 of them; weekdays begin as the week does. Both are local: 20:00 UTC on
    Sunday is Monday morning in Seoul.
    """
    engine = sales(
        catalog, tmp_path / "m.duckdb", "Asia/Seoul",
        datetime(2026, 10, 4, 20), datetime(2026, 10, 5, 20), datetime(2026, 10, 11, 20),
    )  # fmt: skip
    by_hour = groups(ask(engine, "amount 2026-10 by hour"))
    assert len(by_hour) == 24
    assert by_hour["05:00"] == 7
    by_weekday = groups(ask(engine, "amount 2026-10 by weekday"))
    assert tuple(by_weekday) == WEEKDAYS
    assert {day: value for day, value in by_weekday.items() if value} == {"monday": 5, "tuesday": 2}
    assert ask(engine, "amount 2026-10 where weekday=monday").value == 5
    assert groups(ask(engine, "buyers 2026-10 by weekday, channel"))["monday", "east"] == 2
    assert groups(ask(engine, "10월 amount 요일별")) == by_weekday
    assert groups(ask(engine, "amount 10月 按時段")) == by_hour
    assert engine.dimension_values("weekday") == WEEKDAYS


def test_an_own_calendar_splits_and_filters(tmp_path: Path, catalog: Catalog) -> None:
    """The day is the local one: 16:00 UTC on 31 October is 1 November in Seoul, frost already."""
    engine = sales(
        catalog, tmp_path / "c.duckdb", "Asia/Seoul",
        datetime(2026, 10, 7, 12), datetime(2026, 10, 31, 12), datetime(2026, 10, 31, 16), datetime(2026, 12, 24),
    )  # fmt: skip
    whole = "2026-10-01 to 2026-11-20"
    assert groups(ask(engine, f"amount {whole} by season")) == {"harvest": 3, "frost": 4}
    assert groups(ask(engine, f"amount {whole} by season, retail week"))["harvest", "40"] == 1
    assert ask(engine, f"buyers {whole} where season=harvest").value == 2
    assert groups(ask(engine, f"paid {whole} by season")) == {"harvest": 7}
    # What the days before are called is no group of these, and nothing to compare them with.
    november = ask(engine, "amount 2026-11-01 to 2026-11-20 by season")
    assert groups(november) == {"frost": 4}
    assert all(not row.comparisons for row in november.breakdown or ())
    assert engine.dimension_values("season") == ("frost", "harvest")


@pytest.mark.parametrize(
    "question",
    [
        "paid 2026-10 by hour",
        "stock 2026-10 by weekday",
        "stock 2026-10 by season",
        "amount_growth 2026-10 by weekday",
        "rolling 2026-10 by season",
        "rolling 2026-10 where weekday=monday",
    ],
)
def test_what_has_no_one_hour_or_day_is_refused(tmp_path: Path, catalog: Catalog, question: str) -> None:
    """Dates have no hours, balances no weekday, and a part of other days stands beside other hours."""
    engine = sales(catalog, tmp_path / "r.duckdb", "UTC", datetime(2026, 10, 7, 12))
    with pytest.raises(QuestionError) as refused:
        ask(engine, question)
    assert refused.value.code == "dimension_unavailable"


def test_without_the_calendar_its_words_are_refused(tmp_path: Path, catalog: Catalog) -> None:
    engine = sales(catalog, tmp_path / "n.duckdb", "UTC", datetime(2026, 10, 7, 12), seasons=False)
    assert groups(ask(engine, "amount 2026-10-07 by hour"))["12:00"] == 1
    with pytest.raises(QuestionError):
        ask(engine, "amount 2026-10 by season")


@long.examples("random instants", 16, 2_000)
@given(
    st.datetimes(datetime(2005, 1, 1), datetime(2035, 1, 1)),
    st.sampled_from(("America/New_York", "Asia/Seoul", "Europe/London", "Australia/Lord_Howe", "America/Sao_Paulo")),
)
def test_hours_and_weekdays_are_those_of_python(instant: datetime, zone: str) -> None:
    """Of any instant, in zones that set their clocks by an hour, by half an hour, or once did."""
    local = instant.replace(tzinfo=UTC).astimezone(ZoneInfo(zone))
    told = f"SELECT {hour_in(zone)}, {WEEKDAY_OF_DAY} FROM (SELECT $1::TIMESTAMP AS moment, $2::DATE AS day)"
    ((found, day),) = duckdb.execute(told, [instant, local.date()]).fetchall()
    assert found == f"{local:%H}:00{' (2)' if local.fold else ''}"
    assert day == WEEKDAYS[local.weekday()]


WEEKDAY_OF_DAY = weekday_of(fragment("day")).sql(dialect="duckdb")


@cache
def hour_in(zone: str) -> str:
    return hour_of(fragment("moment"), zone).sql(dialect="duckdb")


@pytest.mark.parametrize("dialect", ["postgres", "bigquery", "snowflake", "spark", "clickhouse"])
def test_every_dialect_knows_hours_and_days(catalog: Catalog, dialect: str) -> None:
    """The clock is that of the zone, the table of days is joined once a day."""
    shape = Shape(dialect, "sold_at", ("amount",), ("hour", "weekday", "season"), (), (True,))
    text = sql_of(shape, catalog.models["sales"]).text
    assert re.search(r"EXTRACT\(HOUR FROM|DATE_PART\(HOUR|HOUR\(", text.upper())
    assert "1900-01-01" in text
    assert "GROUP BY on_day" in text.replace('"', "").replace("`", "")


def test_a_table_of_days_has_days(tmp_path: Path) -> None:
    """Its key is a column of dates, and a model's own column keeps its name."""
    wrong = SEASONS | {"columns": SEASONS["columns"] | {"on_day": {"type": "text"}}}
    with pytest.raises(SettingsError, match="tells of days"):
        own_catalog(tmp_path / "wrong", ORDERS, wrong)
    own = ORDERS | {"columns": ORDERS["columns"] | {"season": {"type": "text"}}}
    assert set(own_catalog(tmp_path / "own", own, SEASONS).models["sales"].calendars) == {"day_season", "retail_week"}


@pytest.mark.parametrize(
    "words", ["by week and month", "by month and week", "by week, month", "weekly monthly", "주별 월별", "按月 按週"]
)
def test_two_grains_cut_at_the_edges_of_both(tmp_path: Path, catalog: Catalog, words: str) -> None:
    """The week of 28 September to 4 October is two rows: its days of September, and those of October."""
    moments = (datetime(2026, 9, 30, 12), datetime(2026, 10, 1, 12), datetime(2026, 10, 5, 12))
    engine = sales(catalog, tmp_path / "g.duckdb", "UTC", *moments)
    answer = ask(engine, f"amount 2026-09-21 to 2026-10-11 {words}")
    assert (answer.query.grain, answer.query.cut_by) == ("week", "month")
    rows = [(f"{point.period.start:%m-%d}", f"{point.period.end:%m-%d}", point.value) for point in answer.trend]
    assert rows == [
        ("09-21", "09-28", None), ("09-28", "10-01", 1), ("10-01", "10-05", 2), ("10-05", "10-12", 4),
    ]  # fmt: skip
    assert ask(engine, question_of(answer.query)).query == answer.query
