"""Splits and filters by what is computed, of facts and of look-ups; the first and the last day of a period."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from own_kpis import ask, groups, kpi, own_catalog, own_engine

from kpi_core.answering.engine import Engine
from kpi_core.dates.calendars import Calendar
from kpi_core.errors import QuestionError, SettingsError

STOCK: dict[str, Any] = {
    "model": "stock",
    "description": "One row is one count of one shop.",
    "time": "counted_at",
    "columns": {
        "counted_at": {"type": "timestamp"},
        "shop_id": {"type": "integer"},
        "campaign": {"type": "text"},
        "pieces": {"type": "integer"},
    },
    "computed": {
        "market": "split_part(campaign, '_', 1)",
        "counted_month": "strftime(timezone('{timezone}', timezone('UTC', counted_at)), '%Y-%m')",
        "is_large": "pieces >= 10",
    },
    "dimensions": ["market", "counted_month", "is_large"],
    "entities": {"shop": "shop_id"},
    "measures": {
        "pieces": {"agg": "sum", "expr": "pieces"},
        "opening": {"agg": "sum", "expr": "pieces", "non_additive_dimension": {"window_choice": "min"}},
        "closing": {"agg": "sum", "expr": "pieces", "non_additive_dimension": {"window_groupings": ["shop_id"]}},
        "large": {"agg": "sum", "expr": "pieces", "filter": "pieces >= 10", "non_additive_dimension": {}},
    },
}
SHOPS: dict[str, Any] = {
    "model": "shops",
    "description": "One row is one shop.",
    "primary_entity": "shop",
    "key": ["shop_id"],
    "columns": {"shop_id": {"type": "integer"}, "opened_on": {"type": "date"}, "floors": {"type": "integer"}},
    "computed": {"opened_year": "extract(year from opened_on)", "size": "case when floors > 1 then 'tall' end"},
    "entities": {"day": "opened_on"},
    "dimensions": ["opened_year", "size"],
}
SEASONS: dict[str, Any] = {
    "model": "seasons",
    "description": "One row is one day.",
    "primary_entity": "day",
    "key": ["on_day"],
    "columns": {"on_day": {"type": "date"}, "season": {"type": "text"}},
    "dimensions": ["season"],
}
PLAIN = ("pieces", "opening", "closing", "large")
KPIS = (
    *(kpi(f"stock_{name}", "n", {"n": f"stock.{name}"}, type="simple") for name in PLAIN),
    kpi("stock_gain", "closing - opening", {"closing": "stock.closing", "opening": "stock.opening"}),
    kpi("stock_before", "n", {"n": {"is": "stock.pieces", "offset_window": "7 days"}}, type="simple"),
)
COUNTS = (
    (datetime(2026, 9, 30, 20), 1, "KR_autumn", 1),  # October in Seoul
    (datetime(2026, 10, 1, 3), 2, "TW_autumn", 2),
    (datetime(2026, 10, 9, 3), 1, "KR_winter", 4),
    (datetime(2026, 10, 9, 9), 1, None, 8),
    (datetime(2026, 10, 20, 3), 2, "TW_winter", 16),
)
SHOP_ROWS = (
    {"shop_id": 1, "opened_on": date(2020, 5, 1), "floors": 3},
    {"shop_id": 2, "opened_on": date(2021, 5, 1), "floors": 1},
)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    folder = tmp_path_factory.mktemp("computed")
    rows = [dict(zip(STOCK["columns"], row, strict=True)) for row in COUNTS]
    days = [
        {"on_day": day, "season": season} for day, season in ((date(2020, 5, 1), "spring"), (date(2026, 10, 9), "fall"))
    ]
    tables = {"stock": rows, "shops": SHOP_ROWS, "seasons": days}
    catalog = own_catalog(folder / "kpis", STOCK, SHOPS, SEASONS, *KPIS)
    return own_engine(folder / "c.duckdb", catalog, tables, calendar=Calendar("Asia/Seoul"))


SPLITS = (
    ("stock_pieces 2026-10 by market", {"KR": 5, "TW": 18, None: 8}),
    ("stock_pieces 2026-10 by counted_month", {"2026-10": 31}),
    ("stock_pieces 2026-10 by is_large", {"false": 15, "true": 16}),
    ("stock_pieces 2026-10 by opened_year", {"2020": 13, "2021": 18}),
    ("stock_pieces 2026-10 by size", {"tall": 13, None: 18}),
    ("stock_pieces 2026-10 by market where size=tall", {"KR": 5, None: 8}),
    # The day of the count and the day on which the shop opened are two.
    ("stock_pieces 2026-10 by season", {"fall": 12, None: 19}),
    ("stock_pieces 2026-10 by day_season", {"spring": 13, None: 18}),
)


@pytest.mark.parametrize(("question", "expected"), SPLITS, ids=[question for question, _groups in SPLITS])
def test_what_is_computed_splits_and_filters(engine: Engine, question: str, expected: dict[str | None, float]) -> None:
    """By hand over five counts of two shops, by the days of Seoul."""
    assert groups(ask(engine, question)) == expected


EDGES = (
    # 1 October in Seoul begins at 15:00 of the day before: both shops were counted on it.
    ("stock_opening 2026-10", 1 + 2),
    ("stock_opening 2026-10 where market=KR", 1),
    ("stock_opening 2026-10-02 to 2026-10-31", 4 + 8),
    # Each shop's own last day: the 9th with two counts, the 20th.
    ("stock_closing 2026-10", 4 + 8 + 16),
    ("stock_closing 2026-10-01 to 2026-10-08", 1 + 2),
    ("stock_gain 2026-10", 28 - 3),
    # The last day on which anything large was counted.
    ("stock_large 2026-10", 16),
    # Nothing is carried into days without a count: no data, and not 0.
    ("stock_closing 2026-10-10 to 2026-10-19", None),
)


@pytest.mark.parametrize(("question", "expected"), EDGES, ids=[question for question, _value in EDGES])
def test_the_first_and_the_last_day_count(engine: Engine, question: str, expected: float | None) -> None:
    assert ask(engine, question).value == expected


def test_groups_share_the_day_that_is_the_last_of_all(engine: Engine) -> None:
    """A split does not move the day, so its groups add up to the whole; a filter asks about other rows."""
    assert groups(ask(engine, "stock_opening 2026-10 by market")) == {"KR": 1, "TW": 2}


def test_values_of_what_is_computed_are_known(engine: Engine) -> None:
    assert engine.dimension_values("market") == ("KR", "TW", None)
    assert engine.dimension_values("opened_year") == ("2020", "2021")


def test_other_days_have_no_month_of_their_own(engine: Engine) -> None:
    """A count of a week before would stand in the wrong month: the split is refused, another one is not."""
    with pytest.raises(QuestionError):
        ask(engine, "stock_before 2026-10-16 by counted_month")
    assert groups(ask(engine, "stock_before 2026-10-16 by market")) == {"KR": 4, None: 8}


def test_a_table_of_facts_may_be_looked_up(tmp_path: Path) -> None:
    """Customers are counted by the day they came, and tell the orders where they live."""
    people: dict[str, Any] = {
        "model": "people",
        "description": "One row is one person.",
        "time": "came_on",
        "primary_entity": "person",
        "key": ["person_id"],
        "columns": {"person_id": {"type": "text"}, "came_on": {"type": "date"}, "town": {"type": "text"}},
        "computed": {"came_year": "extract(year from came_on)", "place": "count(*) over (partition by town)"},
        "dimensions": ["town", "came_year", "place"],
        "measures": {"people": {"agg": "count"}},
    }
    buys: dict[str, Any] = {
        "model": "buys",
        "description": "One row is one buy.",
        "time": "on_day",
        "columns": {"on_day": {"type": "date"}, "person_id": {"type": "text"}},
        "entities": {"person": "person_id"},
        "dimensions": [],
        "measures": {"buys": {"agg": "count"}},
    }
    counted = (
        kpi("people_count", "n", {"n": "people.people"}, type="simple"),
        kpi("buys_count", "n", {"n": "buys.buys"}, type="simple"),
    )
    tables = {
        "people": [
            {"person_id": "a", "came_on": date(2025, 1, 1), "town": "Busan"},
            {"person_id": "b", "came_on": date(2026, 10, 1), "town": "Jeju"},
        ],
        "buys": [{"on_day": date(2026, 10, day), "person_id": who} for day, who in ((2, "a"), (3, "a"), (4, "b"))],
    }
    engine = own_engine(tmp_path / "p.duckdb", own_catalog(tmp_path / "kpis", people, buys, *counted), tables)
    assert groups(ask(engine, "buys_count 2026-10 by town")) == {"Busan": 2, "Jeju": 1}
    assert groups(ask(engine, "buys_count 2026-10 by came_year")) == {"2025": 2, "2026": 1}
    assert groups(ask(engine, "people_count 2026-10 by town")) == {"Jeju": 1}
    assert "place" not in engine.dimensions_of(engine.catalog.metrics["buys_count"])


WRONG = (
    ({"non_additive_dimension": {"window_groupings": ["store"]}}, "stock has no column store"),
    ({"non_additive_dimension": {}, "last_per": ["shop_id"]}, "it does not go with last_per"),
    ({"non_additive_dimension": {}, "matures": {"days": 3}}, "it does not go with matures"),
)


@pytest.mark.parametrize(("keys", "message"), WRONG, ids=[message for _keys, message in WRONG])
def test_what_cannot_be_meant_together_is_refused(tmp_path: Path, keys: dict[str, Any], message: str) -> None:
    odd = {"agg": "sum", "expr": "pieces"} | keys
    with pytest.raises(SettingsError) as error:
        own_catalog(tmp_path / "kpis", STOCK | {"measures": {**STOCK["measures"], "odd": odd}}, SHOPS, *KPIS)
    assert [problem.message for problem in error.value.problems] == [message]
