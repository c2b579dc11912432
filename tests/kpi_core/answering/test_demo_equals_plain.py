"""Every KPI on the demo company equals its plain query."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, timedelta

import duckdb
import pytest
from demo_side import FRIDAY, shared_demo

from kpi_core.answering.layout import asks_for_goals
from kpi_core.dates.periods import Period
from kpi_core.query import Comparison, MetricQuery
from kpi_core.warehouse.duckdb import LOCKED_DOWN

import long
from kpi_core_naive import Naive

NOW = datetime(2026, 11, 20, 14, tzinfo=UTC)
OCTOBER = Period(date(2026, 10, 1), date(2026, 11, 1), "month")


@pytest.mark.long
def test_every_kpi_of_the_demo_company_equals_its_plain_query() -> None:
    """October and September 2026, and the first group of October, of some KPIs and variants (in the long form all)."""
    workspace = shared_demo()
    engine = workspace._engine
    counted = [
        metric
        for metric in engine.catalog.metrics.values()
        if not asks_for_goals(metric) and engine.unavailable(metric.id) is None
    ]
    queries = [
        MetricQuery(metric.id, OCTOBER, (Comparison("previous_period"),), engine.dimensions_of(metric)[:1])
        for metric in counted
    ]
    answers = engine.answers(queries[:: math.ceil(len(queries) / long.times(14, 1_000))], NOW)
    long.ran("KPIs of the demo company against their plain queries", len(answers))
    workspace.close()
    # As the product opens it: another test of this process may have the file open.
    snapshot = str(workspace.settings.folder / "kpi.duckdb")
    with duckdb.connect(snapshot, read_only=True, config=LOCKED_DOWN) as connection:
        for answer in answers:
            through = min(FRIDAY - timedelta(days=1), answer.freshness.data_through or date.max)
            plain = Naive(connection, engine.catalog, engine.settings.calendar, NOW, through)
            assert answer.value == near(plain.value(answer.metric, OCTOBER)), answer.metric.id
            before = answer.comparisons[0]
            assert before.value == near(plain.value(answer.metric, before.period)), answer.metric.id
            for row in (answer.breakdown or ())[:1]:
                group = dict(zip(answer.query.dimensions, row.keys, strict=True))
                assert row.value == near(plain.value(answer.metric, OCTOBER, group)), (answer.metric.id, group)


def near(value: float | None) -> object:
    return None if value is None else pytest.approx(value, rel=1e-9, abs=1e-9)
