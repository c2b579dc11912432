"""ClickHouse, run in this process: what definitions say means there what it means in DuckDB, or is refused."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
import sqlglot
from clickhouse_side import KINDS, ClickHouse
from example_side import VOCABULARY, differences

from kpi_core.answering.engine import Engine
from kpi_core.dates.periods import Period
from kpi_core.errors import ServiceError
from kpi_core.query import MetricQuery
from kpi_core.questions.parse import parse_question
from kpi_core.sql.dialects import spoken
from kpi_core.sql.places import place_of, placed
from kpi_core.warehouse.clickhouse import ClickHouseWarehouse
from kpi_core.warehouse.door import open_warehouse

from tables import CATALOG, goals_of, settings

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
OCTOBER = Period(date(2026, 10, 1), date(2026, 11, 1), "month")


@pytest.fixture
def warehouse(clickhouse: ClickHouse) -> Iterator[ClickHouseWarehouse]:
    """One on an empty database of its own."""
    clickhouse.write("small", {})
    opened = open_warehouse(clickhouse.url("small"), Path())
    assert isinstance(opened, ClickHouseWarehouse)
    yield opened
    opened.close()


@pytest.mark.parametrize("kind", KINDS)
def test_every_worked_example_comes_out(kind: str, clickhouse: ClickHouse, warehouse: ClickHouseWarehouse) -> None:
    """What definitions work out by hand, however the columns are kept."""
    wrong = []
    for metric in CATALOG.metrics.values():
        for example in metric.examples:
            clickhouse.write("small", example.tables, kind)
            engine = Engine(settings(), CATALOG, warehouse, lambda example=example: goals_of(example))
            query = parse_question(example.ask, VOCABULARY, engine.settings.calendar, engine.today(NOW))
            wrong += differences(metric, example, engine.answer(query, NOW))
    assert wrong == []


ROWS = """
    SELECT 'Grün ''a''' AS t, NULL AS nothing, 1 AS k, CAST(-2.5 AS DOUBLE) AS f, CAST(2.5 AS DECIMAL(17, 6)) AS d,
        CAST(7 AS BIGINT) AS i, DATE '1955-02-28' AS day, TIMESTAMP '2026-07-01 03:04:05.123456' AS t_at, true AS yes
    UNION ALL
    SELECT '전단지 😀\\', NULL, 2, CAST(0.5 AS DOUBLE), CAST(-0.5 AS DECIMAL(17, 6)), -7,
        DATE '2026-01-31', TIMESTAMP '1969-12-31 23:59:59', false"""
ALIKE = (
    "lower(t)", "upper(t)", "length(t)", "left(t, 2)", "right(t, 2)", "substring(t, 2, 3)", "strpos(t, '지')",
    "reverse(t)", "replace(t, '단', '')", "t || 'x'", "concat(t, nothing, 'x')", "t like '%\\'", "t like '%ü%'",
    "coalesce(nothing, t)", "nullif(i, 7)", "i / 2", "d / 3", "i % 2", "f % 2", "cast(f as integer)",
    "cast(d as bigint)",
    "round(f)", "round(d, 1)", "round(f * 0.1, 1)", "floor(f)", "ceil(f)", "abs(d)", "greatest(f, 0)", "least(i, 0)",
    "cast(day as timestamp)", "cast(t_at as date)", "cast(day as varchar)", "date_trunc('month', day)",
    "date_trunc('month', t_at)", "extract(year from t_at)", "extract(month from day)", "extract(hour from t_at)",
    "day + interval 1 month", "day - interval 1 day", "t_at + interval 90 minute",
    "date_diff('day', day, cast(t_at as date))",
    "date_diff('month', day, cast(t_at as date))", "date_diff('hour', t_at, timestamp '2026-07-02')",
    "strftime(t_at, '%Y-%m %H:%M')",
    "case when yes then i end", "case when nothing is null then 1 else 0 end", "not yes", "day < date '1970-01-01'",
    "timezone('America/New_York', timezone('UTC', t_at))", "timezone('UTC', timezone('Asia/Seoul', t_at))",
    "cast(timezone('Asia/Seoul', timezone('UTC', t_at)) as date)", "day in (date '1955-02-28')", "nothing in (1, 2)",
    "lead(i) over (order by k)", "lag(day) over (order by k)", "sum(d) over (order by k)", "d = 2.5",
    "t = 'GRÜN ''A'''",
)  # fmt: skip
TOTALS = (
    "sum(d)", "sum(f)", "count(nothing)", "sum(nothing)", "min(nothing)", "max(day)", "min(t_at)", "avg(d)", "avg(i)",
    "count(distinct t)", "median(i)", "median(d)", "sum(case when i > 100 then 1 end)", "max(t)", "min(yes)",
)  # fmt: skip


def both(sql: str, warehouse: ClickHouseWarehouse) -> tuple[list[Any], list[Any]]:
    theirs = warehouse.rows(spoken(sqlglot.parse_one(sql, dialect="duckdb"), "clickhouse"), {})
    return [tuple(map(plain, row)) for row in duckdb.sql(sql).fetchall()], [tuple(map(plain, row)) for row in theirs]


def plain(value: Any) -> Any:
    """A value without the type that each driver has for it; the days of a date are those of an instant at midnight."""
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day) if not isinstance(value, datetime) else value
    return value if isinstance(value, str | None) else pytest.approx(float(value), rel=1e-12)


@pytest.mark.parametrize("expression", ALIKE)
def test_what_is_said_of_a_row_means_the_same(expression: str, warehouse: ClickHouseWarehouse) -> None:
    """Texts beyond ASCII, halves, negative numbers, NULL, days before 1970, parts of a second, zones."""
    ours, theirs = both(f"SELECT {expression} AS said FROM ({ROWS}) AS facts ORDER BY k", warehouse)
    assert theirs == ours


@pytest.mark.parametrize("rows", ["facts", "facts WHERE k > 9"])
@pytest.mark.parametrize("total", TOTALS)
def test_what_is_added_up_means_the_same(total: str, rows: str, warehouse: ClickHouseWarehouse) -> None:
    """Of two rows, and of none: no sum of nothing is 0, and a count of it is."""
    ours, theirs = both(f"SELECT {total} AS total FROM (SELECT * FROM ({ROWS}) AS made) AS {rows}", warehouse)
    assert theirs == ours


@pytest.mark.parametrize("expression", ["try_cast(t as integer)", "quantile_disc(i, 0.5)"])
def test_what_clickhouse_cannot_say_is_refused(expression: str, warehouse: ClickHouseWarehouse) -> None:
    """In words, before anything is asked."""
    with pytest.raises(ServiceError, match="ClickHouse has no") as refusal:
        both(f"SELECT {expression} FROM ({ROWS}) AS facts", warehouse)
    assert refusal.value.hint


B = place_of("b")


@pytest.mark.parametrize(
    ("sql", "values", "expected"),
    [
        (f"SELECT {place_of('b1')} || {place_of('b10')} || {B}", {"b": "x", "b1": "y", "b10": "z"}, "yzx"),
        (f"SELECT '{{b:Int8}} $b ''$b'' :b %s %(b)s' || {B}", {"b": "x"}, "{b:Int8} $b '$b' :b %s %(b)sx"),
        ("SELECT '{b:Int8} %s'", {}, "{b:Int8} %s"),
        (f"SELECT {B}", {"b": "it's \\ \\N ' \" ` 전단 😀\n\t\r%s {b:c}"}, "it's \\ \\N ' \" ` 전단 😀\n\t\r%s {b:c}"),
        (f"SELECT {B}", {"b": datetime(1955, 1, 2, 3, 4, 5, 678)}, datetime(1955, 1, 2, 3, 4, 5, 678)),
        (f"SELECT {B}", {"b": date(2199, 12, 31)}, date(2199, 12, 31)),
        (f"SELECT {B}", {"b": ""}, ""),
    ],
)
def test_values_find_their_places(
    sql: str, values: dict[str, object], expected: object, warehouse: ClickHouseWarehouse
) -> None:
    """Names that begin others, what looks like a place, signs that are escaped, days and instants of any year."""
    assert warehouse.rows(placed(sql), values) == [(expected,)]


@pytest.mark.parametrize("sql", ["CREATE TABLE made (a Int8) ENGINE = Memory", "INSERT INTO orders VALUES (1)"])
def test_nothing_is_ever_written(sql: str, clickhouse: ClickHouse, warehouse: ClickHouseWarehouse) -> None:
    """Whatever reaches the warehouse as a query cannot change it."""
    clickhouse.client.command("CREATE TABLE small.orders (a Int8) ENGINE = Memory")
    with pytest.raises(ServiceError):
        warehouse.rows(sql, {})
    assert warehouse.rows("SELECT count() FROM orders", {}) == [(0,)]


@pytest.mark.parametrize(
    ("sql", "code", "message"),
    [
        ("SELECT 1 FROM gone", "warehouse_table", "A table is missing in the warehouse."),
        ("SELECT gone FROM system.one", "warehouse_column", "A column is missing in the warehouse."),
        ("SELECT throwIf(1)", "warehouse", "The warehouse refused the query (FUNCTION_THROW_IF_VALUE_IS_NON_ZERO)."),
    ],
)
def test_what_is_wrong_is_told(sql: str, code: str, message: str, warehouse: ClickHouseWarehouse) -> None:
    """Table, column, anything else: each in its own words, with what to do."""
    with pytest.raises(ServiceError) as failure:
        warehouse.rows(sql, {})
    assert (failure.value.code, failure.value.message) == (code, message)
    assert failure.value.hint


def test_a_server_that_does_not_answer_is_told() -> None:
    """No traceback, no password: where to look."""
    pytest.importorskip("clickhouse_connect", reason="ClickHouse is not installed here (make engines brings it)")
    opened = open_warehouse("clickhouse://kpi:hunter2@127.0.0.1:1/shop", Path())
    with pytest.raises(ServiceError) as failure:
        opened.rows("SELECT 1", {})
    assert failure.value.message == "The warehouse cannot be reached."
    assert "hunter2" not in f"{failure.value} {failure.value.hint} {failure.value.__cause__}"


def test_an_instant_of_another_zone_is_refused(clickhouse: ClickHouse, warehouse: ClickHouseWarehouse) -> None:
    """There a cast to a date would cut the day by the column's own clock: a view in UTC says what is meant."""
    clickhouse.client.command("CREATE TABLE small.orders (ordered_at DateTime('Asia/Seoul')) ENGINE = Memory")
    with pytest.raises(ServiceError, match="ordered_at") as refusal:
        warehouse.columns("orders")
    assert "toTimeZone(ordered_at, 'UTC')" in str(refusal.value.hint)


def test_a_month_reads_its_partitions_alone(clickhouse: ClickHouse, warehouse: ClickHouseWarehouse) -> None:
    """Of a table that is partitioned by month: the plan passes over the parts of all other months."""
    columns = "date Date, channel LowCardinality(Nullable(String)), spend Nullable(Decimal(17, 6))"
    clickhouse.client.command(
        f"CREATE TABLE small.ad_performance ({columns}) ENGINE = MergeTree PARTITION BY toYYYYMM(date) ORDER BY date"
    )
    clickhouse.client.command(
        "INSERT INTO small.ad_performance SELECT toDate('2026-01-01') + number % 300, 'search', 1 FROM numbers(3000)"
    )
    asked: list[tuple[Any, Any]] = []
    rows = warehouse.rows
    warehouse.rows = lambda sql, values: asked.append((sql, values)) or rows(sql, values)  # type: ignore[method-assign]
    query = MetricQuery("ad_spend", OCTOBER, (), ("channel",), trended=False)
    assert Engine(settings(), CATALOG, warehouse).answer(query, NOW).value == 270
    facts = next((sql, values) for sql, values in asked if "SUM" in getattr(sql, "text", ""))
    explained = placed("EXPLAIN indexes = 1 " + "".join(_marked(facts[0].pieces)))
    plan = "\n".join(str(line) for (line,) in rows(explained, facts[1]))
    assert "Parts: 1/10" in plan


def _marked(pieces: tuple[str, ...]) -> Iterator[str]:
    return (place_of(piece) if number % 2 else piece for number, piece in enumerate(pieces))
