"""The text of queries: golden in every dialect, cached by shape, with bound values only."""

from __future__ import annotations

from datetime import date, datetime

import pytest
import sqlglot

from kpi_core.calendars import Calendar
from kpi_core.plan import Fetch, Need, plan
from kpi_core.query import Filter
from kpi_core.sql import parameters, statement

from golden import matches_golden
from tables import CATALOG

OCTOBER = (date(2026, 10, 1), date(2026, 11, 1))
YEAR_AGO = (date(2025, 10, 1), date(2025, 11, 1))
SEPTEMBER = (date(2026, 9, 1), date(2026, 10, 1))
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
        "with_a_gap": [
            Need("orders", "revenue", OCTOBER),
            Need("orders", "revenue", (date(2025, 10, 1), date(2025, 11, 1))),
        ],
    }
    return {name: plan(needs, CATALOG.models)[0] for name, needs in asked.items()}


@pytest.mark.parametrize("dialect", ["duckdb", "postgres", "bigquery", "snowflake", "spark", "clickhouse"])
def test_the_text_of_each_kind_of_query_is_known(dialect: str) -> None:
    """What is sent to a warehouse is read by a reviewer, and parses in its own dialect."""
    texts = []
    for name, fetch in fetches().items():
        text = statement(fetch, CATALOG.models[fetch.model], dialect)
        if dialect == "duckdb":
            text = sqlglot.transpile(text, read=dialect, write=dialect, pretty=True)[0]
        else:
            sqlglot.parse_one(text.replace("$", ":"), dialect=dialect)
        texts.append(f"-- {name}\n{text}")
    matches_golden(f"sql/{dialect}.sql", "\n\n".join(texts) + "\n")


def test_values_are_bound_never_written_into_the_text() -> None:
    """A hostile channel name is a value of a parameter."""
    fetch = fetches()["first_orders"]
    text = statement(fetch, CATALOG.models["orders"], "duckdb")
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
    model = CATALOG.models["orders"]
    assert statement(one, model, "duckdb") is statement(other, model, "duckdb")
