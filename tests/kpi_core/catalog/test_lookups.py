"""Look-ups: a table without a date tells more of what facts belong to, and makes no row count twice."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi_core.answering.engine import Engine
from kpi_core.answers import Answer
from kpi_core.catalog import load_catalog
from kpi_core.catalog.inspection import inspect_definitions
from kpi_core.dates.calendars import Calendar
from kpi_core.errors import QuestionError, SettingsError
from kpi_core.loading.load import load
from kpi_core.metrics import Catalog
from kpi_core.query import Filter
from kpi_core.questions.parse import parse_question
from kpi_core.settings.values import Source
from kpi_core.sql.plan import Need, plan
from kpi_core.sql.statement import statement
from kpi_core.warehouse import rollup_tables
from kpi_core.warehouse.duckdb import DuckDBWarehouse
from kpi_core.warehouse.reach import doubled_keys
from kpi_core.warehouse.rollup_tables import Worth

import long
from tables import Row, engine_on, settings

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
LIST = """\
model: customer_list
description: One row is one customer.
primary_entity: customer
key: [customer_id]
columns:
  customer_id: {type: text, required: true}
  segment: {type: text}
  region: {type: text}
  vip: {type: boolean}
dimensions: [segment, region, vip]
"""
PEOPLE = ("kim", "lin", "mia", None, "nobody knows")


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    folder = tmp_path_factory.mktemp("definitions")
    (folder / "customer_list.yaml").write_text(LIST)
    return load_catalog([folder])


def ask(engine: Engine, question: str) -> Answer:
    return engine.answer(parse_question(question, engine.vocabulary(), Calendar(), date(2026, 11, 2)), NOW)


def groups(answer: Answer) -> dict[str | None, float | None]:
    return {row.keys[0]: row.value for row in answer.breakdown or ()}


@pytest.mark.parametrize("rolled_up", [False, True])
def test_a_list_of_customers_splits_their_orders(
    tmp_path: Path, catalog: Catalog, monkeypatch: pytest.MonkeyPatch, rolled_up: bool
) -> None:
    """Revenue by segment, with guests and strangers in a group of their own; a later load of the list counts at once.

    | customer | segment | revenue |
    |----------|---------|---------|
    | kim      | firm    | 10      |
    | lin      | home    | 20      |
    | (guest)  |         | 40      |
    | stranger |         | 80      |
    """
    if rolled_up:
        monkeypatch.setattr(rollup_tables, "WORTH", Worth(facts=1, times_smaller=1))
    header, people = "order_id,customer_id,ordered_at,revenue,region", ("kim", "lin", "", "stranger")
    rows = [f"{n},{who},2026-10-0{n + 1} 12:00,{10 * 2**n},north" for n, who in enumerate(people)]
    (tmp_path / "orders.csv").write_text("\n".join((header, *rows)))
    (tmp_path / "list.csv").write_text("customer_id,segment,region,vip\nkim,firm,Seoul,true\nlin,home,Taipei,false\n")
    sources = tuple(
        Source(name, "csv", table, options={"path": f"{name}.csv"})
        for name, table in (("orders", "orders"), ("list", "customer_list"))
    )
    configured = settings(folder=tmp_path, sources=sources)
    assert not load(configured, catalog, now=NOW).failed
    engine = Engine(configured, catalog, DuckDBWarehouse(tmp_path / "kpi.duckdb"))
    assert groups(ask(engine, "revenue 2026-10 by segment")) == {"firm": 10, "home": 20, None: 120}
    assert groups(ask(engine, "revenue 2026-10 by vip")) == {"true": 10, "false": 20, None: 120}
    assert ask(engine, "revenue 2026-10 where segment=firm").value == 10
    assert ask(engine, "new_customers 2026-10 by segment").value == 3
    assert groups(ask(engine, "purchase_frequency 2026-10 by segment"))["firm"] == 1
    # Orders have a region themselves; that of their customer has a name of its own.
    assert groups(ask(engine, "revenue 2026-10 by region")) == {"north": 150}
    assert groups(ask(engine, "revenue 2026-10 by customer region")) == {"Seoul": 10, "Taipei": 20, None: 120}
    assert engine.dimension_values("customer_region") == ("Seoul", "Taipei")
    (tmp_path / "list.csv").write_text("customer_id,segment,region,vip\nkim,home,Seoul,true\nlin,home,Taipei,false\n")
    report = load(configured, catalog, now=NOW, only="list")
    assert (report.sources[0].rows, report.sources[0].error) == (2, None)
    assert groups(ask(engine, "revenue 2026-10 by segment")) == {"home": 30, None: 120}


@long.examples("random orders and lists", 4, 300)
@given(
    st.lists(st.tuples(st.sampled_from(PEOPLE), st.integers(1, 31), st.integers(0, 99)), min_size=1, max_size=20),
    st.dictionaries(st.sampled_from(PEOPLE[:3]), st.sampled_from(("firm", "home", None))),
    st.booleans(),
)
def test_what_is_looked_up_adds_up_to_the_whole(
    tmp_path_factory: pytest.TempPathFactory,
    catalog: Catalog,
    orders: list[tuple[str | None, int, int]],
    segments: dict[str | None, str | None],
    doubled: bool,
) -> None:
    """Every order is in one group, that of its customer, even where a list that nobody loaded names one twice."""
    rows: list[Row] = [
        {"order_id": f"{n}", "customer_id": who, "ordered_at": datetime(2026, 10, day, 12), "revenue": amount}
        for n, (who, day, amount) in enumerate(orders)
    ]
    listed: list[Row] = [{"customer_id": who, "segment": segment} for who, segment in segments.items()]
    tables = {"orders": rows, "customer_list": listed * 2 if doubled else listed}
    engine = engine_on(tmp_path_factory.mktemp("list") / "l.duckdb", tables, catalog=catalog)
    answer = ask(engine, "revenue 2026-10 by segment")
    expected: dict[str | None, float] = {}
    for who, _day, amount in orders:
        segment = segments.get(who)
        expected[segment] = expected.get(segment, 0) + amount
    assert groups(answer) == expected
    assert answer.value == sum(amount for _who, _day, amount in orders)
    for segment, value in expected.items():
        assert ask(engine, f"revenue 2026-10 where segment={segment or 'none'}").value == value or not listed
    assert doubled_keys(catalog, engine.warehouse) == (
        [("customer_list", "customer_id", len(listed))] if doubled and listed else []
    )


def test_a_list_that_is_not_there_tells_nothing(tmp_path: Path, catalog: Catalog) -> None:
    """Without the table its dimensions are refused with a reason, and everything else is answered."""
    rows: list[Row] = [{"order_id": "a", "customer_id": "kim", "ordered_at": datetime(2026, 10, 2), "revenue": 5}]
    engine = engine_on(tmp_path / "l.duckdb", {"orders": rows}, catalog=catalog)
    assert ask(engine, "revenue 2026-10").value == 5
    with pytest.raises(QuestionError, match="segment"):
        ask(engine, "revenue 2026-10 by segment")


@pytest.mark.parametrize("dialect", ["postgres", "bigquery", "snowflake", "spark", "clickhouse"])
def test_every_dialect_joins_one_row_a_key(catalog: Catalog, dialect: str) -> None:
    """The look-up is grouped by its key before facts meet it, in sums as in what holds at an end."""
    days = (date(2026, 10, 1), date(2026, 11, 1))
    for table, measure in (
        ("orders", "revenue"),
        ("subscription_states", "mrr"),
        ("subscriptions", "customers_retained"),
    ):
        need = Need(table, measure, days, ("segment",), (Filter("vip", ("true",)),))
        fetch = plan([need], catalog.models)[0]
        text = statement(fetch, catalog.models[table], dialect).text
        assert "GROUP BY customer_id" in text.replace('"', "").replace("`", "")
        assert "customer_list" in text


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("key: [customer_id]", "key: [customer_id, region]"), "a look-up has one key column"),
        (("primary_entity: customer", "primary_entity: custommer"), "no model has an entity custommer"),
        (("dimensions: [segment, region, vip]", "dimensions: [segmnt]"), "customer_list has no column segmnt"),
        (("dimensions:", "measures: {n: {agg: count}}\ndimensions:"), "time"),
        (("primary_entity: customer\n", ""), "time is missing"),
    ],
)
def test_what_is_wrong_with_a_look_up_is_told(tmp_path: Path, change: tuple[str, str], message: str) -> None:
    """Before anything is loaded, with the file's name."""
    (tmp_path / "customer_list.yaml").write_text(LIST.replace(*change))
    with pytest.raises(SettingsError) as error:
        load_catalog([tmp_path])
    assert any(message in problem.message for problem in error.value.problems)
    assert any(message in problem.message for problem in inspect_definitions([tmp_path]).problems)
