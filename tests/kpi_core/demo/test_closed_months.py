"""The demo company never rewrites a closed month: what the clock adds is new days."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from math import isclose
from pathlib import Path

import duckdb
import pytest

from kpi_core.answering.engine import Engine
from kpi_core.answering.layout import asks_for_goals
from kpi_core.answers import Answer
from kpi_core.catalog import load_catalog
from kpi_core.dates.calendars import Calendar
from kpi_core.dates.periods import Period, add_months
from kpi_core.demo.company import TIMEZONE
from kpi_core.demo.generate import TABLES
from kpi_core.demo.write import DemoCompany, write_demo
from kpi_core.query import MetricQuery
from kpi_core.warehouse.duckdb import DuckDBWarehouse

import long
from tables import settings

PAIRS = [
    (date(2026, 10, 31), 2),
    (date(2026, 11, 23), 1),
    (date(2026, 12, 20), 40),
    (date(2027, 1, 1), 31),
    (date(2026, 3, 27), 12),
    (date(2027, 4, 30), 7),
]
"""A month's turn, a day, a year's turn, facts that begin and end in between."""
UNTIL_NOW = {"historical_cltv"}
"""What a month's customers have brought in up to the day of the question: that grows by definition."""
YOUNG = {"warning.immature", "warning.still_open", "warning.too_young"}
"""Sentences that say that a number of the past will still change."""
_STEPS = ("mql_at", "sql_at", "opportunity_at", "won_at", "lost_at", "amount", "customer_id")
COMES_LATER = {
    "leads": dict.fromkeys(_STEPS, "lead_id"),
    "carts": {"purchased_at": "cart_id"},
    "subscriptions": {"ended_at": "subscription_id"},
}
"""Columns that are filled in when something has happened, and the key by which the row is known meanwhile."""


@pytest.mark.long
@pytest.mark.parametrize(("today", "days"), PAIRS[: long.times(1, len(PAIRS))])
def test_a_closed_month_stays_as_it_is(today: date, days: int, tmp_path: Path) -> None:
    """Each KPI and variant of the last months, each row of each table, on a day and some days later.

    The short form asks about the last month and the one a year before.
    """
    first, later = (write_demo(tmp_path / f"{day}", day) for day in (today, today + timedelta(days=days)))
    for table in TABLES:
        assert gone(table, first, later) == [], table
    closed = [month(today, ago) for ago in ((1, 13) if long.share() is None else (1, 2, 3, 13))]
    changed = {
        (before.metric.id, before.query.period.start, before.value, after.value)
        for before, after in zip(answers(first, closed), answers(later, closed), strict=True)
        if not alike(before.value, after.value) and not says_so(before)
    }
    assert changed == set()
    long.ran("demo companies some days apart")


def month(today: date, ago: int) -> Period:
    start = add_months(today.replace(day=1), -ago)
    return Period(start, add_months(start, 1), "month")


def answers(company: DemoCompany, months: list[Period]) -> list[Answer]:
    """Every KPI of the months, on the morning of the company's day."""
    path = company.folder / "kpi.duckdb"
    with duckdb.connect(str(path)) as connection:
        for table in TABLES:
            connection.execute(f"CREATE TABLE {table} AS FROM '{company.file(table)}'")
    calendar = Calendar(TIMEZONE)
    engine = Engine(settings(calendar=calendar), load_catalog(), DuckDBWarehouse(path))
    metrics = engine.catalog.metrics.values()
    counted = [metric.id for metric in metrics if not asks_for_goals(metric) and metric.id not in UNTIL_NOW]
    queries = [MetricQuery(metric, period, (), trended=False) for metric in counted for period in months]
    now = datetime.combine(company.today, time(9), calendar.zone).astimezone(UTC)
    return engine.answers(queries, now)


def alike(one: float | None, other: float | None) -> bool:
    return one == other if one is None or other is None else isclose(one, other, rel_tol=1e-9)


def says_so(answer: Answer) -> bool:
    return any(notice.key in YOUNG for notice in answer.warnings)


def gone(table: str, first: DemoCompany, later: DemoCompany) -> list[tuple[object, ...]]:
    """Rows that stand in the first company and not, or otherwise, in the later one."""
    filled_in = COMES_LATER.get(table, {})
    # The subscription's present price changes; how it came to it stands in a table of its own.
    left_out = [*filled_in, *(["mrr"] if table == "subscriptions" else [])]
    columns = f"* EXCLUDE ({', '.join(left_out)})" if left_out else "*"
    one, other = first.file(table), later.file(table)
    rows = duckdb.sql(f"SELECT {columns} FROM '{one}' EXCEPT SELECT {columns} FROM '{other}' LIMIT 3").fetchall()
    for column, key in filled_in.items():
        rows += duckdb.sql(
            f"SELECT {key}, a.{column}, b.{column} FROM '{one}' AS a JOIN '{other}' AS b USING ({key}) "
            f"WHERE a.{column} IS NOT NULL AND a.{column} IS DISTINCT FROM b.{column} LIMIT 3"
        ).fetchall()
    return rows
