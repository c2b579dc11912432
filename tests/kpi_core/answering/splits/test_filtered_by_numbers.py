"""Parts that count only groups in which another number is so high or low: loyal customers, good campaigns."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from own_kpis import ask, groups, kpi, own_catalog, own_engine

from kpi_core.access.relatives import relatives_of
from kpi_core.answering.engine import Engine
from kpi_core.errors import SettingsError
from kpi_core.metrics import Catalog

import long
from tables import Row

SALES: dict[str, Any] = {
    "model": "sales",
    "description": "One row is one sale.",
    "time": "sold_at",
    "columns": {
        "sold_at": {"type": "timestamp"},
        "buyer": {"type": "text"},
        "campaign": {"type": "text"},
        "channel": {"type": "text"},
        "amount": {"type": "integer"},
    },
    "dimensions": ["campaign", "channel"],
    "entities": {"person": "buyer"},
    "measures": {
        "amount": {"agg": "sum", "expr": "amount"},
        "count": {"agg": "count"},
        "buyers": {"agg": "count_distinct", "expr": "buyer"},
        "dearest": {"agg": "max", "expr": "amount"},
    },
}
SPEND: dict[str, Any] = {
    "model": "ad_days",
    "description": "One row is one day of one campaign.",
    "time": "on_day",
    "columns": {"on_day": {"type": "date"}, "campaign": {"type": "text"}, "cost": {"type": "integer"}},
    "dimensions": ["campaign"],
    "measures": {"cost": {"agg": "sum", "expr": "cost"}},
}
ROAS = kpi("own_roas", "a / c", {"a": "sales.amount", "c": "ad_days.cost"}, type="ratio", unit="ratio")


def narrowed(name: str, measure: str, metric: str, by: str, **bound: float) -> dict[str, Any]:
    part = {"is": measure, "by": by, "where": {"metric": metric, **bound}}
    return kpi(name, "n", {"n": part}, type="simple")


KPIS = (
    ROAS,
    narrowed("loyal", "sales.buyers", "sales.count", "person", above=2),
    narrowed("seldom", "sales.buyers", "sales.count", "person", at_most=2),
    narrowed("loyal_amount", "sales.amount", "sales.count", "person", at_least=3),
    narrowed("middling_cost", "ad_days.cost", "own_roas", "campaign", at_least=1, below=3),
    narrowed("good_cost", "ad_days.cost", "own_roas", "campaign", above=3),
    narrowed("good_amount", "sales.amount", "own_roas", "campaign", above=1),
    narrowed("weak_cost", "ad_days.cost", "own_roas", "campaign", below=3),
    narrowed("dear_amount", "sales.amount", "sales.dearest", "campaign", at_least=8),
    kpi("loyal_growth", "n - b", {"n": "loyal", "b": {"is": "loyal", "offset": "previous_period"}}),
)
SOLD: tuple[Row, ...] = tuple(
    {"sold_at": datetime(2026, month, day, 12), "buyer": buyer, "campaign": campaign, "channel": channel, "amount": n}
    for n, (month, day, buyer, campaign, channel) in enumerate(
        (
            (9, 1, "kim", "spring", "search"), (9, 2, "kim", "spring", "search"), (9, 3, "kim", "spring", "search"),
            (10, 1, "kim", "spring", "search"), (10, 2, "kim", "autumn", "search"), (10, 3, "kim", "autumn", "social"),
            (10, 4, "lin", "autumn", "social"), (10, 5, "lin", None, "social"), (10, 6, None, "autumn", "social"),
        ),
        start=1,
    )
)  # fmt: skip
COSTS: tuple[Row, ...] = (
    {"on_day": date(2026, 9, 1), "campaign": "spring", "cost": 1},
    {"on_day": date(2026, 10, 1), "campaign": "spring", "cost": 2},
    {"on_day": date(2026, 10, 1), "campaign": "autumn", "cost": 4},
    {"on_day": date(2026, 10, 2), "campaign": "unsold", "cost": 8},
)


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    return own_catalog(tmp_path_factory.mktemp("narrowed") / "kpis", SALES, SPEND, *KPIS)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory, catalog: Catalog) -> Engine:
    path = tmp_path_factory.mktemp("narrowed") / "n.duckdb"
    return own_engine(path, catalog, {"sales": SOLD, "ad_days": COSTS})


CASES = (
    # In October kim has three sales, lin two, and a sale without a buyer is nobody's.
    ("loyal 2026-10", 1),
    ("seldom 2026-10", 1),
    ("loyal_amount 2026-10", 4 + 5 + 6),
    ("loyal 2026-09", 1),
    ("loyal 2026-09-01 to 2026-09-02", 0),
    # Spring sold 4 for 2, autumn 5 + 6 + 7 + 9 for 4, the third nothing for 8.
    ("good_cost 2026-10", 4),
    ("weak_cost 2026-10", 2 + 8),
    ("middling_cost 2026-10", 2),
    ("dear_amount 2026-10", 5 + 6 + 7 + 9 + 8),
    ("good_amount 2026-10", 4 + 5 + 6 + 7 + 9),
    # Sales without costs: nobody knows which campaigns were good, and that is not none.
    ("good_amount 2026-10-05 to 2026-10-06", None),
    # Before there was any cost, neither.
    ("good_cost 2026-08", None),
    # The same customers count on both sides: those of their own month.
    ("loyal_growth 2026-10", 0),
)


@pytest.mark.parametrize(("question", "expected"), CASES, ids=[question for question, _value in CASES])
def test_only_groups_that_pass_are_counted(engine: Engine, question: str, expected: float | None) -> None:
    """Counted by hand over nine sales and four days of costs."""
    assert ask(engine, question).value == expected


def test_the_other_number_is_of_the_whole_company(engine: Engine) -> None:
    """Kim is loyal by all of three sales; a split and a filter show the parts of just these."""
    assert groups(ask(engine, "loyal_amount 2026-10 by channel")) == {"search": 9, "social": 6}
    assert ask(engine, "loyal_amount 2026-10 where channel=social").value == 6
    assert ask(engine, "loyal 2026-10 where channel=social").value == 1


@long.examples("random sales", 5, 300)
@given(
    st.lists(st.tuples(st.sampled_from(("a", "b", "c", None)), st.integers(1, 28)), min_size=1, max_size=14),
    st.integers(1, 14),
    st.integers(10, 20),
)
def test_narrowed_parts_equal_the_naive_query(
    tmp_path_factory: pytest.TempPathFactory,
    catalog: Catalog,
    sold: list[tuple[str | None, int]],
    first: int,
    last: int,
) -> None:
    """Buyers with more than two sales in any days, and what they paid."""
    rows: list[Row] = [
        {"sold_at": datetime(2026, 10, day, 23), "buyer": buyer, "amount": 2**n} for n, (buyer, day) in enumerate(sold)
    ]
    engine = own_engine(tmp_path_factory.mktemp("random") / "r.duckdb", catalog, {"sales": rows})
    inside = [(buyer, 2**n) for n, (buyer, day) in enumerate(sold) if first <= day <= last]
    counts = {buyer: sum(1 for other, _amount in inside if other == buyer) for buyer, _amount in inside}
    days = [day for _buyer, day in sold]
    known = min(days) <= last and first <= max(days)
    span = f"2026-10-{first:02} to 2026-10-{last:02}"
    loyal = sum(1 for buyer, count in counts.items() if buyer is not None and count > 2)
    paid = sum(amount for buyer, amount in inside if counts[buyer] > 2)
    assert ask(engine, f"loyal {span}").value == (loyal if known else None)
    assert ask(engine, f"loyal_amount {span}").value == (paid if known else None)


WRONG = (
    (narrowed("w", "sales.amount", "sales.count", "person"), "no bound"),
    (narrowed("w", "sales.dearest", "sales.count", "person", above=1), "only sums and counts add up"),
    (narrowed("w", "sales.buyers", "sales.count", "campaign", above=1), "only sums and counts add up"),
    (narrowed("w", "sales.amount", "ad_days.cost", "channel", above=1), "ad_days has no dimension channel"),
    (narrowed("w", "sales.amount", "sales.count", "store", above=1), "sales has no dimension store"),
    (narrowed("w", "own_roas", "sales.count", "campaign", above=1), "own_roas cannot be narrowed"),
    (narrowed("w", "sales.amount", "nothing", "campaign", above=1), "there is no KPI nothing"),
    (narrowed("w", "sales.amount", "loyal", "person", above=1), "filtered by another number itself"),
)


@pytest.mark.parametrize(("wrong", "message"), WRONG, ids=[message for _wrong, message in WRONG])
def test_what_cannot_be_right_is_refused(tmp_path: Path, wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(SettingsError) as error:
        own_catalog(tmp_path / "kpis", SALES, SPEND, *KPIS, wrong)
    assert any(message in problem.message for problem in error.value.problems)


def test_only_rows_are_counted_before_entities_are(tmp_path: Path) -> None:
    """Buyers with two or more of anything but rows: no engine could tell what is meant."""
    odd = {"agg": "count_distinct", "expr": "buyer", "having": {"per": "person", "at_least": 2}}
    with pytest.raises(SettingsError) as error:
        own_catalog(tmp_path / "kpis", SALES | {"measures": {**SALES["measures"], "odd": odd}}, SPEND, *KPIS)
    (problem,) = error.value.problems
    assert (problem.message, problem.line) == (
        "having counts those with so many rows, count_distinct counts no rows",
        1,
    )


def test_a_limit_reaches_what_is_filtered_by_the_number(catalog: Catalog) -> None:
    """How many pass a bound of a limited number gives it away, bound by bound: such KPIs are closed with it."""
    closed = relatives_of("own_roas", catalog).closed
    assert {"good_cost", "weak_cost"} <= set(closed)
    assert "loyal" not in closed
