"""Tables that a KPI can do without: the number stands, and the answer says what is not there."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi_core.answering.engine import Engine
from kpi_core.answers import Answer
from kpi_core.dates.calendars import Calendar
from kpi_core.formats.findings import finding_text
from kpi_core.loading.load import load
from kpi_core.questions.parse import parse_question
from kpi_core.settings.values import Source
from kpi_core.sql.plan import Need, plan
from kpi_core.sql.relations import completed, incomplete, without_tables
from kpi_core.sql.statement import statement
from kpi_core.warehouse.duckdb import DuckDBWarehouse

import long
from tables import CATALOG, Row, engine_on, settings

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
Subscription = tuple[int, int | None, int]


def subscriptions(drawn: list[Subscription]) -> list[Row]:
    """Started on a day of the year, ended so many days later or never, at a price."""
    day = date(2026, 1, 1).toordinal()
    return [
        {
            "subscription_id": f"{number}",
            "customer_id": f"{number}",
            "started_at": datetime.fromordinal(day + start),
            "ended_at": None if length is None else datetime.fromordinal(day + start + length),
            "mrr": price,
        }
        for number, (start, length, price) in enumerate(drawn)
    ]


def ask(engine: Engine, question: str) -> Answer:
    return engine.answer(parse_question(question, engine.vocabulary(), Calendar(), date(2026, 11, 22)), NOW)


@long.examples("random subscriptions without changes", 5, 200)
@given(
    st.lists(st.tuples(st.integers(0, 300), st.one_of(st.none(), st.integers(1, 200)), st.integers(1, 99)), min_size=1)
)
def test_mrr_works_from_subscriptions_alone(
    tmp_path_factory: pytest.TempPathFactory, drawn: list[Subscription]
) -> None:
    """With no table of changes MRR is that of an empty one: each subscription at its price, while it runs."""
    folder, rows = tmp_path_factory.mktemp("mrr"), subscriptions(drawn)
    alone = engine_on(folder / "alone.duckdb", {"subscriptions": rows})
    beside = engine_on(folder / "beside.duckdb", {"subscriptions": rows, "subscription_changes": []})
    one, other = ask(alone, "mrr 2026-10"), ask(beside, "mrr 2026-10")
    assert one.value == other.value
    assert [point.value for point in one.trend] == [point.value for point in other.trend]
    assert [notice.params for notice in one.warnings if notice.key == "warning.without_table"] == [
        {"table": "subscription_changes"}
    ]
    assert not [notice for notice in other.warnings if notice.key == "warning.without_table"]


def test_what_only_changes_tell_needs_them(tmp_path: Path) -> None:
    """How much customers buy more or less nobody knows without changes: NRR is no data, and says which table lacks."""
    engine = engine_on(tmp_path / "a.duckdb", {"subscriptions": subscriptions([(0, None, 10), (5, 300, 20)])})
    answer = ask(engine, "nrr 2026-10")
    assert answer.value is None
    assert [(notice.key, notice.params) for notice in answer.warnings] == [
        ("warning.table_missing", {"table": "subscription_changes"})
    ]
    assert engine.unavailable("nrr") is not None
    assert engine.unavailable("mrr") is None


def test_mrr_of_an_export_without_ends(tmp_path: Path) -> None:
    """A list of subscriptions that says of none that it has ended: MRR counts them all, says so, and is no better or
    worse; who has left nobody knows, so that churn is no data and not 0.
    """
    text = ["subscription_id,customer_id,started_at,mrr", "a,kim,2026-08-01,30", "b,lin,2026-10-05,50"]
    (tmp_path / "abo.csv").write_text("\n".join(text) + "\n")
    made = settings(
        folder=tmp_path,
        sources=(Source("abo", "csv", "subscriptions", options={"path": "abo.csv"}),),
        calendar=Calendar(),
    )
    load(made, CATALOG, now=NOW)
    engine = Engine(made, CATALOG, DuckDBWarehouse(tmp_path / "kpi.duckdb"))
    answer = ask(engine, "mrr 2026-10")
    assert answer.value == 80
    assert "abo has no column ended_at: nothing counts as ended." in [
        finding_text(note.finding, "en") for note in answer.health
    ]
    assert [change.verdict for change in answer.comparisons] == [None] * len(answer.comparisons)
    for question in ("churn_rate 2026-10", "grr 2026-10", "retention_rate 2026-10"):
        assert ask(engine, question).value is None
    assert engine.unavailable("mrr") is None
    assert engine.unavailable("grr") is not None


@pytest.mark.parametrize("dialect", ["postgres", "bigquery", "snowflake", "spark", "clickhouse"])
def test_a_table_that_is_not_there_is_read_by_no_dialect(dialect: str) -> None:
    """In its place stand its columns without a row."""
    absent = frozenset({"subscription_changes"})
    models = without_tables(CATALOG, absent, completed(incomplete(CATALOG, absent))).models
    fetch = plan([Need("subscription_states", "mrr", (date(2026, 10, 1), date(2026, 11, 1)))], models)[0]
    text = statement(fetch, models["subscription_states"], dialect).text
    assert "FROM subscription_changes" not in text
    assert text.count("LIMIT 0") == 2
