"""A split of very many groups: the database picks those that are shown, and nothing else changes."""

from __future__ import annotations

import json
import math
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import pytest
from demo_side import shared_demo
from hypothesis import given
from hypothesis import strategies as st

from kpi_core.answering.engine import Engine
from kpi_core.answers import Answer
from kpi_core.dates.periods import Period
from kpi_core.formats.answer_json import answer_json
from kpi_core.formats.notices import notice_text
from kpi_core.query import Comparison, MetricQuery
from kpi_core.warehouse.duckdb import DuckDBWarehouse

import long
from tables import CATALOG, settings, write_tables

NOW = datetime(2026, 11, 22, 14, tzinfo=UTC)
OCTOBER = Period(date(2026, 10, 1), date(2026, 11, 1), "month")
AGAINST = (Comparison("previous_period"), Comparison("year_ago"))
CAMPAIGNS = 40_000
names = st.sampled_from([None, "a", "b", "B", "ä", "c", "other", "", "z'z", "日本"])
amounts = st.integers(-80, 360).map(lambda quarters: Decimal(quarters) / 4)
"""Which floats add up exactly, in whatever order."""
days = st.sampled_from([date(2025, 10, 3), date(2026, 9, 5), date(2026, 10, 1), date(2026, 10, 31), date(2026, 11, 4)])
ads = st.fixed_dictionaries(
    {"date": days, "campaign": names, "channel": st.sampled_from(["search", None]), "spend": amounts}
    | {"impressions": st.integers(0, 50), "clicks": st.integers(0, 9), "conversion_value": amounts}
)
orders = st.fixed_dictionaries(
    {"ordered_at": days, "campaign": names, "channel": st.sampled_from(["search", None]), "revenue": amounts}
    | {"customer_id": st.sampled_from(["kim", "lin", "mia", "ada"])}
)
KPIS = (
    "ad_spend",
    "roas",
    "ctr",
    "cpc",
    "sales_revenue",
    "aov",
    "mer",
    "purchase_frequency",
    "new_customers",
    "cac",
    "revenue_growth_rate",
)


@long.examples("splits cut by the database", 3, 2_000, deadline=None)
@given(
    st.lists(ads, min_size=1, max_size=25),
    st.lists(orders, min_size=1, max_size=25),
    st.sampled_from([("campaign",), ("channel", "campaign")]),
    st.sampled_from([None, 1, 2, 6]),
    st.sampled_from([None, "best", "worst", "most", "least"]),
)
def test_what_the_database_cuts_off_is_what_the_whole_split_has_at_its_end(
    ads: list[dict[str, Any]], orders: list[dict[str, Any]], dimensions: tuple[str, ...], top: int | None, order: Any
) -> None:
    """Sums, ratios over one table and over two, growth, distinct counts: rows, changes, the rest and the total."""
    with TemporaryDirectory() as folder:
        tables = {
            "ad_performance": [row | {"platform": "google"} for row in ads],
            "orders": [row | {"order_id": str(n)} for n, row in enumerate(orders)],
        }
        at_once, picking = engines(Path(folder) / "kpi.duckdb", tables)
        queries = [
            MetricQuery(kpi, OCTOBER, AGAINST, dimensions, top=top, order=order)
            for kpi in KPIS
            if set(dimensions) <= set(at_once.dimensions_of(at_once.catalog.metrics[kpi]))
        ]
        assert len(queries) >= 5
        for whole, cut in zip(at_once.answers(queries, NOW), picking.answers(queries, NOW), strict=True):
            assert same(cut) == same(whole), whole.metric.id


@pytest.mark.long
def test_every_kpi_of_the_demo_company_is_cut_alike() -> None:
    """Some of the KPIs and variants by some of their dimensions (in the long form all), the two largest groups."""
    workspace = shared_demo()
    at_once = workspace._engine
    picking = Engine(workspace.settings, at_once.catalog, workspace.warehouse, at_once.goals, most_rows=0)
    queries = [
        MetricQuery(metric.id, OCTOBER, AGAINST[:1], (dimension,), top=2, trended=False)
        for metric in at_once.catalog.metrics.values()
        for dimension in at_once.dimensions_of(metric)
    ]
    queries = queries[:: math.ceil(len(queries) / long.times(5, 1_000))]
    pairs = list(zip(at_once.answers(queries, NOW), picking.answers(queries, NOW), strict=True))
    workspace.close()
    assert pairs
    long.ran("splits of the demo company", len(pairs))
    for whole, cut in pairs:
        assert same(cut) == same(whole), whole.metric.id


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """A firm with 40,000 campaigns, each with some spend in October and a tenth of them in September."""
    path = tmp_path_factory.mktemp("many") / "kpi.duckdb"
    write_tables(path, {"ad_performance": []}, CATALOG)
    with duckdb.connect(str(path)) as connection:
        for day, part in (("2026-10-05", 1), ("2026-09-05", 10), ("2026-11-21", 10)):
            connection.execute(
                "INSERT INTO ad_performance BY NAME SELECT CAST(? AS DATE) AS date, 'google' AS platform, "
                "'campaign ' || i AS campaign, i % 977 + 0.25 AS spend, i % 89 AS clicks, 1000 AS impressions "
                f"FROM range({CAMPAIGNS}) AS r(i) WHERE i % {part} = 0",
                [day],
            )
    return Engine(settings(), CATALOG, DuckDBWarehouse(path))


def test_a_split_of_very_many_groups_shows_the_largest_and_says_how_many_more(many: Engine) -> None:
    """20 campaigns, "and 39,980 more", the rest in one row, and the total of all; as JSON far below 1 MB."""
    answer = many.answer(MetricQuery("ad_spend", OCTOBER, AGAINST, ("campaign",)), NOW)
    assert answer.breakdown is not None
    assert [row.folded for row in answer.breakdown] == [*[0] * 20, 39_980]
    assert answer.value == sum(i % 977 + 0.25 for i in range(CAMPAIGNS))
    assert sum(row.value or 0 for row in answer.breakdown) == answer.value
    (more,) = (notice for notice in answer.warnings if notice.key == "warning.more_folded")
    assert "and 39,980 more" in notice_text(more, "en")
    assert len(json.dumps(answer_json(answer, "en"))) < 100_000


def test_a_ratio_is_cut_by_its_value(many: Engine) -> None:
    """The cheapest clicks first, campaigns without a click last and in no row."""
    answer = many.answer(MetricQuery("cpc", OCTOBER, (), ("campaign",), top=3), NOW)
    assert answer.breakdown is not None
    cheapest = sorted((i % 977 + 0.25) / (i % 89) for i in range(CAMPAIGNS) if i % 89)
    assert [row.value for row in answer.breakdown[:3]] == cheapest[:3]


def test_whoever_wants_every_group_gets_every_group(many: Engine) -> None:
    """`kpi ask --all`."""
    answer = many.answer(MetricQuery("ad_spend", OCTOBER, (), ("campaign",), whole=True, trended=False), NOW)
    assert answer.breakdown is not None
    assert len(answer.breakdown) == CAMPAIGNS


def test_all_groups_cost_what_the_first_20_cost(many: Engine) -> None:
    """The same queries and the same rows fetched, whether 20 were asked for or all."""
    plain, top = (
        many.answer(MetricQuery("roas", OCTOBER, AGAINST, ("campaign",), top=top), NOW).definition.sql
        for top in (None, 20)
    )
    assert len(plain) == len(top)
    assert plain[1:] == top[1:]


def engines(path: Path, tables: dict[str, list[dict[str, Any]]]) -> tuple[Engine, Engine]:
    """One that fetches every group, and one that lets the database pick, on the same tables."""
    write_tables(path, tables, CATALOG)
    warehouse = DuckDBWarehouse(path)
    return Engine(settings(), CATALOG, warehouse), Engine(settings(), CATALOG, warehouse, most_rows=0)


def same(answer: Answer) -> object:
    """All of an answer but the texts of its queries; numbers to nine digits."""
    return rounded(answer_json(answer, "en"))


def rounded(value: Any) -> Any:
    if isinstance(value, float):
        return float(f"{value:.9g}")
    if isinstance(value, dict):
        return {name: rounded(inner) for name, inner in value.items()}
    return [rounded(inner) for inner in value] if isinstance(value, list) else value
