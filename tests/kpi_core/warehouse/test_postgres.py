"""The same numbers on Postgres: a firm that keeps its tables there gets what DuckDB would say."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from engines.example_side import VOCABULARY, differences, has_instants
from postgres_side import Postgres, created, write_schema

from kpi_core.answering.engine import Engine
from kpi_core.answers import Answer
from kpi_core.dates.calendars import Calendar
from kpi_core.dates.periods import Period
from kpi_core.demo.generate import TABLES
from kpi_core.demo.write import write_demo
from kpi_core.errors import KpiBotError, ServiceError, SettingsError
from kpi_core.phrases import Notice
from kpi_core.query import Comparison, MetricQuery
from kpi_core.questions.parse import parse_question
from kpi_core.sql.places import place_of, placed
from kpi_core.warehouse.door import open_warehouse
from kpi_core.warehouse.duckdb import DuckDBWarehouse
from kpi_core.warehouse.sqlalchemy import SqlWarehouse

import long
from tables import CATALOG, goals_of
from tables import settings as workspace

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
SEOUL = Calendar("Asia/Seoul")
OCTOBER = Period(date(2026, 10, 1), date(2026, 11, 1), "month")
INSTANTS = ("timestamptz", "timestamp")


@pytest.fixture
def warehouse(postgres: Postgres) -> Iterator[SqlWarehouse]:
    """One on an empty schema of its own."""
    postgres.write("small", {})
    opened = SqlWarehouse(postgres.url("small"))
    yield opened
    opened.close()


# The numbers


@pytest.mark.long
@pytest.mark.parametrize("instants", INSTANTS[: long.times(1, 20)])
def test_every_worked_example_comes_out(instants: str, postgres: Postgres, warehouse: SqlWarehouse) -> None:
    """What definitions work out by hand, whether instants are kept with a zone or as naive UTC.

    The short form tries every third KPI or variant: the demo company asks Postgres about each.
    """
    wrong = []
    with postgres.cursor() as cursor:
        for metric in list(CATALOG.metrics.values())[:: long.step(3)]:
            for example in metric.examples:
                if instants != INSTANTS[0] and not has_instants(example):
                    continue
                write_schema(cursor, "small", example.tables, instants)
                cursor.execute("COMMIT")
                engine = Engine(workspace(), CATALOG, warehouse, lambda example=example: goals_of(example))
                query = parse_question(example.ask, VOCABULARY, engine.settings.calendar, engine.today(NOW))
                wrong += differences(metric, example, engine.answer(query, NOW))
    assert wrong == []


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory, postgres: Postgres) -> tuple[Engine, Engine]:
    """The demo company in DuckDB and in Postgres."""
    folder = tmp_path_factory.mktemp("company")
    written = write_demo(folder, date(2026, 11, 22))
    fill_duckdb(folder)
    with postgres.cursor() as cursor:
        cursor.execute("DROP SCHEMA IF EXISTS company CASCADE")
        cursor.execute("CREATE SCHEMA company")
        for number, table in enumerate(TABLES):
            cursor.execute(created("company", CATALOG.models[table], INSTANTS[number % 2]))
            copy(cursor, table, folder)
        cursor.execute("ANALYZE")
    plain = workspace(calendar=SEOUL)
    assert written.rows.keys() == set(TABLES)
    duck = Engine(plain, CATALOG, DuckDBWarehouse(folder / "kpi.duckdb"))
    return duck, Engine(plain, CATALOG, open_warehouse(postgres.url("company"), folder))


def fill_duckdb(folder: Path) -> None:
    """One table a Parquet file, and each table as CSV for Postgres."""
    import duckdb

    with duckdb.connect(str(folder / "kpi.duckdb")) as connection:
        for table in TABLES:
            file = f"'{folder / table}.parquet'"
            there = {row[0] for row in connection.execute(f"DESCRIBE FROM {file}").fetchall()}
            # As a load makes them: what no source has is there and empty.
            columns = ", ".join(
                f'"{name}"' if name in there else f'CAST(NULL AS VARCHAR) AS "{name}"'
                for name in CATALOG.models[table].columns
            )
            connection.execute(f"CREATE TABLE {table} AS SELECT {columns} FROM {file}")
            connection.execute(f"COPY (FROM {table}) TO '{folder / table}.csv' (HEADER false)")


def copy(cursor: Any, table: str, folder: Path) -> None:
    with (folder / f"{table}.csv").open("rb") as lines:
        cursor.execute(f"COPY company.{table} FROM STDIN WITH (FORMAT csv)", stream=lines)


def questions(engine: Engine) -> list[MetricQuery]:
    """Every KPI for last month against the one before, as a whole and by channel where it can be."""
    before = (Comparison("previous_period"),)
    whole = [MetricQuery(metric, OCTOBER, before) for metric in CATALOG.metrics]
    split = [
        MetricQuery(metric.id, OCTOBER, before, ("channel",))
        for metric in CATALOG.metrics.values()
        if "channel" in engine.dimensions_of(metric)
    ]
    return whole + split


def test_the_demo_company_is_worth_the_same(company: tuple[Engine, Engine]) -> None:
    """Every KPI of the company, its parts, its trend, its change and every channel of it."""
    duck, postgres = company
    asked = questions(duck)
    expected = duck.answers(asked, NOW)
    wrong = [
        f"{query.metric} {query.dimensions}: {ours} instead of {theirs}"
        for query, theirs, ours in zip(asked, expected, postgres.answers(asked, NOW), strict=True)
        if not alike(numbers(theirs), numbers(ours))
    ]
    assert wrong == []
    assert sum(answer.value is not None for answer in expected) > len(asked) / 2


def test_the_database_picks_the_largest_groups_alike(company: tuple[Engine, Engine]) -> None:
    """Sums, ratios over one table and over two, distinct counts and states: the two largest groups and the rest."""
    duck, postgres = company
    picking = Engine(postgres.settings, postgres.catalog, postgres.warehouse, most_rows=0)
    kpis = ("ad_spend", "roas", "cac", "new_customers", "unique_visitors", "mrr", "budget_attainment", "sales_cycle")
    metrics = [duck.catalog.metrics[kpi] for kpi in kpis if kpi in duck.catalog.metrics]
    asked = [
        MetricQuery(metric.id, OCTOBER, (Comparison("previous_period"),), (dimension,), top=2, trended=False)
        for metric in metrics
        for dimension in duck.dimensions_of(metric)
    ]
    pairs = zip(duck.answers(asked, NOW), picking.answers(asked, NOW), strict=True)
    wrong = [
        (one.query.metric, one.query.dimensions) for one, other in pairs if not alike(numbers(one), numbers(other))
    ]
    assert wrong == []
    assert len(asked) > 10


Numbers = dict[tuple[object, ...], float | None]


def numbers(answer: Answer) -> Numbers:
    """All numbers of an answer by where they stand."""
    found: Numbers = {("value",): answer.value}
    found |= {("part", name): value for name, value in answer.parts.items()}
    found |= {("trend", point.period.start): point.value for point in answer.trend}
    found |= {("change", n): change.value for n, change in enumerate(answer.comparisons)}
    found |= {("row", *row.keys): row.value for row in answer.breakdown or ()}
    return found


def alike(one: Numbers, other: Numbers) -> bool:
    return one.keys() == other.keys() and all(
        other[place] == (None if value is None else pytest.approx(value, rel=1e-9, abs=1e-9))
        for place, value in one.items()
    )


# The door

B = place_of("b")


@pytest.mark.parametrize(
    ("sql", "values", "expected"),
    [
        (f"SELECT {place_of('b1')} || {place_of('b10')} || {B}", {"b": "x", "b1": "y", "b10": "z"}, "yzx"),
        (f"SELECT ':b $b ''$b'' \\' || {B}", {"b": "x"}, ":b $b '$b' \\x"),
        (f"SELECT E'\\:b' || {B}", {"b": "x"}, ":bx"),
        (f"SELECT '12:30:15'::time::text || {B}::text", {"b": "x"}, "12:30:15x"),
        (f'SELECT "$b:b" FROM (SELECT {B} AS "$b:b") AS t', {"b": "x"}, "x"),
        (f"SELECT {B} /* it's $b :b */ -- don't $b :b\n", {"b": "x"}, "x"),
        (f"SELECT {B} || '100 %'", {"b": "%s :x $b"}, "%s :x $b100 %"),
        (f"SELECT $unknown$dollars :b$unknown$ || {B}", {"b": "x"}, "dollars :bx"),
        (f"SELECT (array['a', 'b', 'c'])[1:2]::text || {B}", {"b": "x"}, "{a,b}x"),
    ],
)
def test_values_find_their_places(sql: str, values: dict[str, object], expected: str, warehouse: SqlWarehouse) -> None:
    """A name that begins another, casts, colons, dollars, quotes and comments: only places are filled."""
    assert warehouse.rows(placed(sql), values) == [(expected,)]


def test_a_column_of_an_enumeration_is_filtered_by_its_names(postgres: Postgres, warehouse: SqlWarehouse) -> None:
    """A firm's channel may be an enumerated type; a text is compared with it all the same."""
    with postgres.cursor() as cursor:
        cursor.execute("CREATE TYPE small.channel AS ENUM ('search', 'social')")
        cursor.execute("CREATE TABLE small.visits AS SELECT 'social'::small.channel AS channel")
    sql = placed(f"SELECT count(*) FROM visits WHERE channel IN ({place_of('f0')}, {place_of('f1')})")
    assert warehouse.rows(sql, {"f0": "search", "f1": "social"}) == [(1,)]


def test_a_view_is_as_good_as_a_table(postgres: Postgres, warehouse: SqlWarehouse) -> None:
    """A team maps its own table by a view of the model's name; a table of another schema is not seen."""
    with postgres.cursor() as cursor:
        cursor.execute('CREATE VIEW small.costs AS SELECT current_date AS "date", 1.5 AS amount')
    assert warehouse.columns("costs") == {"date", "amount"}
    assert warehouse.columns("pg_class_of_ours") == frozenset()


def test_nothing_is_ever_written(postgres: Postgres, warehouse: SqlWarehouse) -> None:
    """Whatever reaches the warehouse as a query cannot change it."""
    with postgres.cursor() as cursor:
        cursor.execute("CREATE TABLE small.kept AS SELECT 1 AS one")
    with pytest.raises(ServiceError):
        warehouse.rows("DELETE FROM kept RETURNING one", {})
    assert warehouse.rows("SELECT one FROM kept", {}) == [(1,)]


def test_how_far_tables_reach_is_not_read_for_every_kpi(
    postgres: Postgres, warehouse: SqlWarehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was learnt of the tables holds while the version does, however many KPIs rest on them."""
    postgres.write("small", {"orders": []})
    looked: list[str] = []
    columns = warehouse.columns
    monkeypatch.setattr(warehouse, "columns", lambda table: looked.append(table) or columns(table))
    monkeypatch.setattr(warehouse, "version", lambda: "this minute")
    engine = Engine(workspace(), CATALOG, warehouse)
    assert engine.unavailable("sales_revenue") == Notice("warning.table_empty", {"table": "orders"})
    once = list(looked)
    # For what it has, and for what works out its rows with or without it.
    assert max(map(once.count, once)) <= 2
    assert engine.unavailable("aov") is not None
    assert looked == once


def test_threads_share_the_warehouse(warehouse: SqlWarehouse) -> None:
    """Twenty threads at once each get their own answer."""
    found: dict[int, list[Any]] = {}

    def ask(number: int) -> None:
        found[number] = warehouse.rows(placed(f"SELECT {place_of('n')} || pg_sleep(0.01)::text"), {"n": str(number)})

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {number: [(str(number),)] for number in range(20)}


def told(url: str, sql: str = "SELECT 1") -> KpiBotError:
    opened = open_warehouse(url, Path())
    with pytest.raises(ServiceError) as failure:
        opened.rows(sql, {"unused": "x"})
    opened.close()
    return failure.value


def test_a_refused_connection_is_told() -> None:
    """No traceback, no password: where to look."""
    error = told("postgresql://kpi:hunter2@127.0.0.1:1/shop")
    assert error.message == "The warehouse cannot be reached."
    assert "hunter2" not in f"{error} {error.hint} {error.__cause__}"


def test_a_wrong_password_is_told_and_never_shown(postgres: Postgres) -> None:
    """The server asks this user for a password, and it is not that one."""
    with postgres.cursor() as cursor:
        cursor.execute("DROP ROLE IF EXISTS guarded")
        cursor.execute("CREATE ROLE guarded LOGIN PASSWORD 'right'")
    error = told(f"postgresql://guarded:hunter2@127.0.0.1:{postgres.port}/postgres")
    assert error.code == "warehouse_access"
    assert "hunter2" not in f"{error} {error.hint} {error.__cause__}"


@pytest.mark.parametrize(
    ("address", "sql", "code", "message"),
    [
        ("/nowhere", "SELECT 1", "warehouse_database", "The warehouse has no such database."),
        ("/postgres?search_path=nowhere", "SELECT 1", "warehouse_schema", "The warehouse has no such schema."),
        ("/postgres", "SELECT 1 FROM gone", "warehouse_table", "A table is missing in the warehouse (gone)."),
        ("/postgres", "SELECT gone FROM pg_class", "warehouse_column", "A column is missing in the warehouse (gone)."),
        ("/postgres", "SELECT 'x'::int", "warehouse", "The warehouse refused the query (SQLSTATE 22P02)."),
        (
            "/postgres?options=-cstatement_timeout%3D20",
            "SELECT pg_sleep(5)",
            "warehouse_slow",
            "The warehouse took too long.",
        ),
    ],
)
def test_what_is_wrong_is_told(address: str, sql: str, code: str, message: str, postgres: Postgres) -> None:
    """Database, schema, table, column, value, patience: each in its own words."""
    error = told(f"postgresql://postgres@127.0.0.1:{postgres.port}{address}", sql)
    assert (error.code, error.message) == (code, message)
    assert error.hint


@pytest.mark.parametrize(
    ("address", "told_of"),
    [
        ("postgresql://db/shop?sslmod=require", "sslmod has no meaning"),
        ("postgresql://db/shop?sslmode=maybe", "sslmode maybe"),
        ("postgresql://db:port/shop", "cannot be used"),
        ("nodatabase://db/shop", "cannot be used"),
    ],
)
def test_an_address_nobody_knows_is_refused_at_once(address: str, told_of: str) -> None:
    """A mistyped setting or scheme is a problem of kpi.yaml, told before anything is asked."""
    with pytest.raises(SettingsError, match=told_of):
        open_warehouse(address, Path())


def test_a_server_without_encryption_is_refused_where_it_is_required(postgres: Postgres) -> None:
    """With sslmode=require nothing travels in the clear."""
    assert told(f"postgresql://postgres@127.0.0.1:{postgres.port}/postgres?sslmode=require").code == "warehouse"


def test_a_missing_table_makes_only_its_own_kpis_unavailable(postgres: Postgres) -> None:
    """As on DuckDB: the answer has no value, and says which table is missing."""
    postgres.write("half", {"orders": []})
    opened = SqlWarehouse(postgres.url("half"))
    answer = Engine(workspace(), CATALOG, opened).answer(MetricQuery("cpc", OCTOBER), NOW)
    opened.close()
    assert answer.value is None
    assert [notice.key for notice in answer.warnings][:1] == ["warning.table_missing"]
