"""Day rollups: the same answers out of fewer rows."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import Phase, given
from hypothesis import strategies as st

from kpi_core.answering.engine import Engine
from kpi_core.answers import Answer
from kpi_core.catalog import load_catalog
from kpi_core.dates.calendars import Calendar
from kpi_core.dates.periods import Period
from kpi_core.loading.load import load
from kpi_core.metrics import Catalog, ColumnType, Measure
from kpi_core.query import Filter, MetricQuery
from kpi_core.settings.values import Settings, Source
from kpi_core.warehouse import rollup_tables
from kpi_core.warehouse.duckdb import DuckDBWarehouse
from kpi_core.warehouse.rollup_tables import Worth

import long
from tables import read_tables

CATALOG = load_catalog()
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
START = datetime(2026, 10, 24)  # two clock changes of the zones below lie in the weeks after
ZONES = ("UTC", "Asia/Seoul", "America/New_York", "Europe/Berlin", "Asia/Kathmandu")
METRICS = ("cac", "sales_revenue", "cac@paid", "cpc", "roas")
CHANNELS = ("search", "social", "email", "")
COLUMNS = {
    "orders": "order_id,customer_id,ordered_at,channel,region,revenue,refunded_amount",
    "costs": "date,category,channel,amount",
    "ad_performance": "date,channel,campaign,spend,clicks,impressions",
}

KINDS: dict[ColumnType, str] = {
    "text": "VARCHAR",
    "timestamp": "TIMESTAMP",
    "decimal": "DECIMAL(17, 6)",
    "boolean": "BOOLEAN",
}

hours = st.integers(0, 24 * 29)
amounts = st.decimals(0, 500, places=2)
channels = st.sampled_from(CHANNELS)
order_rows = st.lists(
    st.builds(
        lambda order, customer, hour, channel, revenue, refund: (
            f"o{order},{customer},{START + timedelta(hours=hour)},{channel},KR,{revenue},{refund}"
        ),
        st.integers(0, 60),
        st.sampled_from(("ann", "ben", "cho", "")),
        hours,
        channels,
        amounts,
        st.one_of(st.just(""), amounts),
    ),
    min_size=1,
    max_size=25,
)
cost_rows = st.lists(
    st.builds(
        lambda hour, kind, channel, amount: f"{(START + timedelta(hours=hour)).date()},{kind},{channel},{amount}",
        hours,
        st.sampled_from(("salaries", "tools")),
        channels,
        amounts,
    ),
    min_size=1,
    max_size=15,
)
ad_rows = st.lists(
    st.builds(
        lambda hour, channel, spend, clicks: (
            f"{(START + timedelta(hours=hour)).date()},{channel},brand,{spend},{clicks},100"
        ),
        hours,
        channels,
        amounts,
        st.integers(0, 9),
    ),
    min_size=1,
    max_size=15,
)
filters = st.one_of(
    st.just(()),
    st.builds(lambda channel, excludes: (Filter("channel", (channel or None,), excludes),), channels, st.booleans()),
)
questions = st.lists(
    st.builds(
        lambda metric, start, days, split, where: MetricQuery(
            metric,
            Period(date(2026, 10, 24) + timedelta(start), date(2026, 10, 24) + timedelta(start + days)),
            dimensions=("channel",) if split else (),
            filters=where,
        ),
        st.sampled_from(METRICS),
        st.integers(0, 25),
        st.integers(1, 30),
        st.booleans(),
        filters,
    ),
    min_size=1,
    max_size=6,
)


@pytest.fixture(autouse=True)
def every_table_is_worth_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tables of tests are small; beside most rollups stands one with fewer dimensions."""
    monkeypatch.setattr(rollup_tables, "WORTH", Worth(facts=1, times_smaller=1, few=6))


def workspace(folder: Path, zone: str, tables: Sequence[str]) -> Settings:
    sources = tuple(Source(name, "csv", name, options={"path": f"{name}.csv"}) for name in tables)
    return Settings("", Calendar(zone), "en", "USD", "duckdb:///kpi.duckdb", "sqlite:///s.db", folder, sources=sources)


def put(folder: Path, table: str, rows: Sequence[str]) -> None:
    (folder / f"{table}.csv").write_text("\n".join((COLUMNS[table], *rows)) + "\n", "utf-8")


def answers(configured: Settings, asked: Sequence[MetricQuery], catalog: Catalog = CATALOG) -> tuple[list[Answer], str]:
    """The answers, without their SQL; and that."""
    warehouse = DuckDBWarehouse(configured.folder / "kpi.duckdb")
    found = Engine(configured, catalog, warehouse).answers(asked, NOW)
    warehouse.close()
    texts = " ".join(text for answer in found for text in answer.definition.sql)
    return [replace(answer, definition=replace(answer.definition, sql=())) for answer in found], texts


def raw_answers(configured: Settings, asked: Sequence[MetricQuery]) -> list[Answer]:
    """The answers of the same snapshot without its rollups."""
    folder = configured.folder / "raw"
    folder.mkdir(exist_ok=True)
    shutil.copyfile(configured.folder / "kpi.duckdb", folder / "kpi.duckdb")
    with duckdb.connect(str(folder / "kpi.duckdb")) as connection:
        connection.execute("DROP TABLE kpi_rollups")
        connection.execute("DROP SCHEMA rollups CASCADE")
    found, texts = answers(replace(configured, folder=folder), asked)
    assert "rollups." not in texts
    return found


@long.examples("shops loaded with and without rollups", 2, 200, phases=(Phase.explicit, Phase.generate))
@given(
    st.sampled_from(ZONES),
    order_rows,
    cost_rows,
    ad_rows,
    st.lists(st.tuples(order_rows, cost_rows), max_size=2),
    questions,
)
def test_with_and_without(
    tmp_path_factory: pytest.TempPathFactory,
    zone: str,
    shop: list[str],
    books: list[str],
    ads: list[str],
    restated: list[tuple[list[str], list[str]]],
    asked: list[MetricQuery],
) -> None:
    """Whatever was loaded, and loaded again for some days, a question has the same answer with rollups as without."""
    folder = tmp_path_factory.mktemp("shop")
    configured = workspace(folder, zone, ("orders", "costs", "ad_performance"))
    put(folder, "ad_performance", ads)
    for some_orders, some_costs in ((shop, books), *restated):
        put(folder, "orders", some_orders)
        put(folder, "costs", some_costs)
        # A drawn load may bring far fewer rows than the one before.
        assert not load(configured, CATALOG, now=NOW, accept=True).failed
        found, _texts = answers(configured, asked)
        assert found == raw_answers(configured, asked)


def month(metric: str = "cac", *dimensions: str, where: tuple[Filter, ...] = ()) -> MetricQuery:
    return MetricQuery(metric, Period(date(2026, 11, 1), date(2026, 11, 21)), dimensions=dimensions, filters=where)


@pytest.fixture
def shop(tmp_path: Path) -> Settings:
    """Thirty orders and costs a day apart."""
    days = [START + timedelta(days=number) for number in range(30)]
    put(tmp_path, "orders", [f"o{n},c{n % 7},{day},search,KR,{n}.10," for n, day in enumerate(days)])
    put(tmp_path, "costs", [f"{day.date()},tools,search,3" for day in days])
    put(tmp_path, "ad_performance", [f"{day.date()},search,brand,5,1,10" for day in days])
    configured = workspace(tmp_path, "Asia/Seoul", ("orders", "costs", "ad_performance"))
    load(configured, CATALOG, now=NOW)
    return configured


def test_read_from_rollups(shop: Settings) -> None:
    """New customers, which need all history, are counted when the data is loaded and not when somebody asks."""
    _found, texts = answers(shop, [month("cac", "channel")])
    assert texts.count("FROM rollups.") == 3
    assert "ROW_NUMBER" not in texts.upper()


def test_not_everything(shop: Settings) -> None:
    """What no rollup holds, such as customers counted once, is read from the facts."""
    with read_tables(shop.folder / "kpi.duckdb") as snapshot:
        held = {
            name for (names,) in snapshot.execute("SELECT measures FROM kpi_rollups").fetchall() for name in names or ()
        }
    assert {"revenue", "new_customers", "spend"} <= held
    assert not {"customers", "repeat_customers"} & held
    _found, texts = answers(shop, [month("repeat_purchase_rate")])
    assert "rollups." not in texts


def test_columns_that_are_partly_filled(shop: Settings) -> None:
    """What counts only rows whose customer is known reads the facts; all else of that table does not."""
    put(shop.folder, "orders", ["o1,,2026-11-13 12:00,search,KR,1,", "o2,c1,2026-11-14 12:00,search,KR,1,"])
    load(shop, CATALOG, now=NOW, only="orders")
    assert "rollups." in answers(shop, [month("sales_revenue")])[1]
    assert "rollups." not in answers(shop, [month("new_customers")])[1]


def test_other_definitions(shop: Settings) -> None:
    """A rollup built from another definition or another zone is not used until the next load."""
    models = dict(CATALOG.models)
    orders = models["orders"]
    measures = {**orders.measures, "revenue": replace(orders.measures["revenue"], expr="revenue * 2")}
    changed = replace(CATALOG, models={**models, "orders": replace(orders, measures=measures)})
    _found, texts = answers(shop, [month("sales_revenue")], changed)
    assert "rollups." not in texts
    _found, texts = answers(replace(shop, calendar=Calendar("UTC")), [month("sales_revenue")])
    assert "rollups." not in texts
    load(shop, changed, now=NOW)
    (doubled,), texts = answers(shop, [month("sales_revenue")], changed)
    assert "rollups." in texts
    assert doubled.value == pytest.approx(2 * sum(n + 0.1 for n in range(8, 28)))


def test_restatement(shop: Settings) -> None:
    """Days that are loaded again are answered with their new rows."""
    (before,), _texts = answers(shop, [month("sales_revenue")])
    put(shop.folder, "orders", ["o20,c1,2026-11-13 12:00,search,KR,1000.00,"])
    load(shop, CATALOG, now=NOW, only="orders")
    (after,), texts = answers(shop, [month("sales_revenue")])
    assert "rollups." in texts
    assert before.value is not None
    assert after.value == pytest.approx(before.value - 20.10 + 1000)


def test_a_source_that_is_gone(shop: Settings) -> None:
    """Rollups go with the table of a source that kpi.yaml no longer names."""
    load(replace(shop, sources=shop.sources[1:]), CATALOG, now=NOW)
    with read_tables(shop.folder / "kpi.duckdb") as snapshot:
        named = {model for (model,) in snapshot.execute("SELECT model FROM kpi_rollups").fetchall()}
        tables = snapshot.execute("SELECT count(*) FROM duckdb_tables() WHERE schema_name = 'rollups'").fetchall()
    assert "orders" not in named
    assert tables == [(2,)]


def test_a_question_split_by_little_reads_little(shop: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Twenty channels a day make the rollup by channel large; the month as a whole is read from the days alone."""
    monkeypatch.setattr(rollup_tables, "WORTH", Worth(facts=1, times_smaller=1, few=3))
    put(shop.folder, "orders", [f"o{n},c{n},2026-11-13 12:00,channel {n % 20},KR,{n}.00," for n in range(40)])
    load(shop, CATALOG, now=NOW, only="orders")
    asked = [month("sales_revenue"), replace(month("sales_revenue"), dimensions=("channel",))]
    (whole, split), _texts = answers(shop, asked)
    (alone,), of_whole = answers(shop, asked[:1])
    assert "__few" in of_whole
    assert split.breakdown is not None
    assert len(split.breakdown) == 20
    assert whole.value == alone.value == sum(row.value or 0 for row in split.breakdown) == sum(range(40))


def test_small_tables_stay_alone(shop: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where facts are few, or hardly fewer by day, no rollup is kept."""
    monkeypatch.setattr(rollup_tables, "WORTH", Worth(facts=1, times_smaller=3))
    put(shop.folder, "orders", ["o1,c1,2026-11-13 12:00,search,KR,1,"])
    load(shop, CATALOG, now=NOW, only="orders")
    _found, texts = answers(shop, [month("sales_revenue")])
    assert "rollups." not in texts


@pytest.mark.parametrize(
    ("reading", "computed"),
    [
        ({"expr": "revenue::double / 2"}, {}),
        ({"filter": "ordered_at > current_date - 7"}, {}),
        ({"filter": "ordered_at > NOW()"}, {}),
        ({"expr": "revenue * cast(random() < 1 as int)"}, {}),
        ({"filter": "ordered_at > localtimestamp"}, {}),
        ({"expr": "date_part('day', age(ordered_at))"}, {}),
        ({"filter": "is_new"}, {"is_new": "ordered_at > today()"}),
    ],
)
def test_what_would_be_another_sum_tomorrow_is_not_rolled_up(reading: dict[str, str], computed: dict[str, str]) -> None:
    """A sum of floats depends on the order of adding, one that reads the clock or draws lots on when it was made."""
    orders = CATALOG.models["orders"]
    odd = replace(orders.measures["revenue"], name="odd", **reading)
    model = replace(orders, measures={"odd": odd, "orders": orders.measures["orders"]}, computed=computed)
    with duckdb.connect() as connection:

        def run(sql: str) -> list[Any]:
            return connection.execute(sql).fetchall()

        columns = ", ".join(f"NULL::{KINDS[column.type]} AS {name}" for name, column in model.columns.items())
        run(f"CREATE TABLE orders AS SELECT {columns}")
        run("UPDATE orders SET ordered_at = TIMESTAMP '2026-11-13 12:00', revenue = 3")
        rollup_tables.build_rollups(model, Calendar("UTC"), run)
        rolled_up = run("SELECT measures FROM kpi_rollups WHERE table_name IS NOT NULL")
        assert rolled_up == ([] if computed else [(["orders"],)])


def test_a_rollup_that_cannot_be_built_keeps_no_other_back(shop: Settings) -> None:
    """The facts of one table answer, the others are read from their rollups, and the list names none that is gone."""
    broken = replace(CATALOG.models["costs"], measures={"odd": Measure("odd", "sum", expr="no_such_column")})
    put(shop.folder, "orders", ["o1,c1,2026-11-13 12:00,search,KR,1,"])
    load(shop, replace(CATALOG, models={**CATALOG.models, "costs": broken}), now=NOW)
    with read_tables(shop.folder / "kpi.duckdb") as snapshot:
        listed = snapshot.execute("SELECT model, table_name FROM kpi_rollups WHERE table_name IS NOT NULL").fetchall()
        assert {model for model, _table in listed} == {"orders", "ad_performance"}
        made = snapshot.execute("SELECT count(*) FROM duckdb_tables() WHERE schema_name = 'rollups'").fetchall()
    assert made == [(len(listed),)]
