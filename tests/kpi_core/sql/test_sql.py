"""The text of queries: golden in every dialect, cached by shape, with bound values only."""

from __future__ import annotations

import re
from datetime import date, datetime
from pathlib import Path

import pytest
import sqlglot

from kpi_core.catalog import load_catalog
from kpi_core.catalog.local import localised
from kpi_core.dates.calendars import Calendar
from kpi_core.query import Filter
from kpi_core.sql.plan import Fetch, Need, plan
from kpi_core.sql.ranked import LeafPlace, Ranking, leaf_column, ranked_sql
from kpi_core.sql.statement import parameters, reach_query, shape_of, statement

from golden import matches_golden
from tables import CATALOG

OCTOBER = (date(2026, 10, 1), date(2026, 11, 1))
YEAR_AGO = (date(2025, 10, 1), date(2025, 11, 1))
SEPTEMBER = (date(2026, 9, 1), date(2026, 10, 1))
DIALECTS = ("duckdb", "postgres", "bigquery", "snowflake", "spark", "clickhouse")
MODELS = localised(CATALOG, "Asia/Seoul", {}).models
LINES = re.compile(
    r"(?<!YEAR)(?<!MONTH)(?<!epoch) (?=(?:FROM|WHERE|GROUP BY|HAVING|UNION ALL|SETTINGS|(?:CROSS |LEFT )JOIN) )"
)
HOSTILE = "x' OR 1=1 --"


def fetches() -> dict[str, Fetch]:
    """One fetch of each kind."""
    kept = (Filter("channel", ("search", HOSTILE, None)),)
    asked = {
        "sums_by_group": [
            Need("ad_performance", "spend", OCTOBER, ("channel",)),
            Need("ad_performance", "spend", SEPTEMBER),
        ],
        "first_orders": [Need("orders", "new_customers", OCTOBER, (), kept)],
        "distinct": [Need("web_sessions", "visitors", OCTOBER, ("device",))],
        "repeat": [Need("orders", "repeat_customers", OCTOBER, ("channel",))],
        "named_time": [Need("leads", "won", OCTOBER)],
        "with_a_gap": [Need("orders", "revenue", OCTOBER), Need("orders", "revenue", YEAR_AGO)],
        "last_row": [Need("social_accounts", "followers", OCTOBER), Need("social_accounts", "followers", YEAR_AGO)],
        "at_end": [Need("subscriptions", "customers_at_end", each, ("channel",)) for each in (SEPTEMBER, OCTOBER)],
        "at_start_and_end": [Need("subscriptions", "customers_retained", OCTOBER, (), kept)],
        "spread_over_months": [Need("budgets", "amount", OCTOBER), Need("budgets", "amount", YEAR_AGO)],
        "since_the_period_began": [Need("orders", "existing_customers", each) for each in (YEAR_AGO, OCTOBER)],
        "outcome_in_time": [Need("carts", "purchased", OCTOBER)],
        "median": [Need("leads", "sales_cycle_days", OCTOBER, ("region",))],
        "local_days": [Need("app_returns", "used_on_day_7", OCTOBER)],
        "local_midnights": [Need("active_customers", "customers_retained", OCTOBER)],
        "local_months": [Need("customers", "back_in_3m", OCTOBER)],
        "chosen_groups": [
            Need("ad_performance", "spend", OCTOBER, ("campaign",), (), (("brand",), (HOSTILE,), (None,))),
            Need("ad_performance", "spend", SEPTEMBER),
        ],
        "chosen_pairs": [
            Need("orders", "revenue", OCTOBER, ("channel", "device"), (), (("search", None), (None, "phone")))
        ],
        "prices": [Need("subscription_states", "churned", OCTOBER)],
    }
    return {name: plan(needs, MODELS)[0] for name, needs in asked.items()}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_text_of_each_kind_of_query_is_known(dialect: str) -> None:
    """What is sent to a warehouse is read by a reviewer, and its own dialect can read it."""
    texts = []
    for name, fetch in fetches().items():
        text = statement(fetch, MODELS[fetch.model], dialect).text
        assert sqlglot.parse_one(text.replace("$", ":"), dialect=dialect)
        texts.append(f"-- {name}\n{LINES.sub(chr(10), text)}")
    matches_golden(f"sql/{dialect}.sql", "\n\n".join(texts) + "\n")


@pytest.mark.parametrize("dialect", DIALECTS)
def test_groups_are_ranked_in_words_of_each_database(dialect: str) -> None:
    """The largest channels by cost per customer, which two tables tell: by value, then by name, the rest uncounted."""
    needs = [Need("ad_performance", "spend", OCTOBER, ("channel",)), Need("orders", "customers", OCTOBER, ("channel",))]
    fetched = plan(needs, MODELS)
    shapes = [shape_of(fetch, dialect) for fetch in fetched]
    value = leaf_column(0, or_zero=True) / leaf_column(1, or_zero=False)
    ranking = Ranking((LeafPlace(0, 0, 0, (0,)), LeafPlace(1, 1, 0, (0,))), value.sql, 20)
    text = ranked_sql(shapes, [MODELS[fetch.model] for fetch in fetched], ranking).text
    assert sqlglot.parse_one(text.replace("$", ":"), dialect=dialect)
    matches_golden(f"sql/ranked/{dialect}.sql", f"{LINES.sub(chr(10), text)}\n")


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_measure_has_a_text_that_parses(dialect: str) -> None:
    """Whatever the catalogue counts, alone and by its first dimension, every dialect has words for."""
    for model in MODELS.values():
        for measure in model.measures:
            fetch = plan([Need(model.name, measure, OCTOBER, model.dimensions[:1])], MODELS)[0]
            text = statement(fetch, model, dialect).text
            assert sqlglot.parse_one(text.replace("$", ":"), dialect=dialect)
            assert dialect == "duckdb" or " timezone(" not in text.lower()
        if not model.relation:
            assert sqlglot.parse_one(reach_query(model, dialect), dialect=dialect)


WORDS = """\
model: visits
description: One row is one visit.
time: date
columns: {date: {type: date, required: true}, order: {type: text}, group: {type: text}, user: {type: text}}
dimensions: [order, group]
measures: {users: {agg: count_distinct, expr: '"user"'}}
"""


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_column_may_be_called_like_a_word_of_sql(dialect: str, tmp_path: Path) -> None:
    """A dimension named order or group is quoted where it must be."""
    (tmp_path / "visits.yaml").write_text(WORDS, "utf-8")
    models = load_catalog([tmp_path]).models
    kept = (Filter("group", ("a",)),)
    fetch = plan([Need("visits", "users", OCTOBER, ("order",), kept)], models)[0]
    text = statement(fetch, models["visits"], dialect).text
    query = sqlglot.parse_one(text.replace("$", ":"), dialect=dialect)
    quoted = {name.name.lower() for name in query.find_all(sqlglot.exp.Identifier) if name.quoted}
    assert quoted == {"order", "group", "user"}


def test_values_are_bound_never_written_into_the_text() -> None:
    """A hostile channel name is a value of a parameter."""
    fetch = fetches()["first_orders"]
    text = statement(fetch, CATALOG.models["orders"], "duckdb").text
    assert HOSTILE not in text
    assert parameters(fetch, CATALOG.models["orders"], Calendar("UTC"))["f0_1"] == HOSTILE


def test_bounds_are_instants_of_local_midnights() -> None:
    """October in Seoul begins at 15:00 UTC of 30 September; a date column is compared with dates."""
    bound = parameters(fetches()["first_orders"], CATALOG.models["orders"], Calendar("Asia/Seoul"))
    assert bound["b0"] == datetime(2026, 9, 30, 15)
    bound = parameters(fetches()["sums_by_group"], CATALOG.models["ad_performance"], Calendar("Asia/Seoul"))
    assert bound["b1"] == date(2026, 10, 1)


def test_questions_of_one_shape_share_their_text() -> None:
    """Another month is the same text with other values."""
    one = plan([Need("orders", "revenue", OCTOBER)], CATALOG.models)[0]
    other = plan([Need("orders", "revenue", SEPTEMBER)], CATALOG.models)[0]
    assert shape_of(one, "duckdb") == shape_of(other, "duckdb")
