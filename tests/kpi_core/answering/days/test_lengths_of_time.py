"""Inputs of other days than the asked ones: so much earlier, so much time up to the end, from the start of a unit."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from own_kpis import ask, groups, kpi, own_catalog, own_engine

from kpi_core.answering.engine import Engine
from kpi_core.dates.periods import add_months
from kpi_core.errors import SettingsError

import long

FIRST = date(2026, 8, 1)
SALES = {"is": "shop.amount"}
MODEL: dict[str, Any] = {
    "model": "shop",
    "description": "One row is one sale.",
    "time": "sold_on",
    "columns": {"sold_on": {"type": "date"}, "amount": {"type": "integer"}, "buyer": {"type": "text"}},
    "dimensions": ["buyer"],
    "measures": {
        "amount": {"agg": "sum", "expr": "amount"},
        "buyers": {"agg": "count_distinct", "expr": "buyer"},
        "dearest": {"agg": "max", "expr": "amount"},
    },
}
KPIS = (
    kpi("lagged", "sales", {"sales": SALES | {"offset_window": "5 days"}}, type="simple"),
    kpi("grown", "sales - before", {"sales": SALES, "before": SALES | {"offset_window": "2 weeks"}}),
    kpi("last_month", "sales", {"sales": SALES | {"offset_window": "1 month"}}, type="simple"),
    kpi("opened", "sales", {"sales": SALES | {"offset_to_grain": "month"}}, type="cumulative"),
    kpi("since_opening", "sales - opened", {"sales": SALES, "opened": SALES | {"offset_to_grain": "month"}}),
    kpi("rolling", "sales", {"sales": SALES | {"window": "3 days"}}, type="cumulative"),
    kpi("rolling_buyers", "buyers", {"buyers": {"is": "shop.buyers", "window": "2 days"}}, type="cumulative"),
    kpi("two_months", "sales", {"sales": SALES | {"window": "2 months"}}, type="cumulative"),
    kpi("ever", "sales", {"sales": SALES | {"window": "all"}}, type="cumulative"),
    kpi("to_date", "sales", {"sales": SALES | {"grain_to_date": "month"}}, type="cumulative"),
    kpi("first_to_date", "sales", {"sales": SALES | {"grain_to_date": "month", "period_agg": "first"}},
        type="cumulative"),
    kpi("twice", "sales", {"sales": {"is": "lagged", "offset_window": "2 days"}}, type="simple"),
    kpi("rolled_before", "sales", {"sales": {"is": "rolling", "offset_window": "2 days"}}, type="simple"),
    kpi("dearest", "dearest", {"dearest": {"is": "shop.dearest"}}, type="simple"),
    kpi("dearest_or_none", "dearest", {"dearest": {"is": "shop.dearest", "fill_nulls_with": 0}}, type="simple"),
    kpi("grown_from_none", "sales - before",
        {"sales": SALES, "before": SALES | {"offset_window": "14 days", "fill_nulls_with": 0}}),
)  # fmt: skip


def amount(day: date) -> int:
    """Another one each day, so that no wrong run of days has the sum of the right one."""
    return (day - FIRST).days ** 2 % 97 + 1


def total(start: date, end: date) -> float:
    """The sales of `[start, end)`, day by day, of those that there are: 1 August to 20 November."""
    days = (FIRST + timedelta(days=n) for n in range(112))
    return sum(amount(day) for day in days if start <= day < end)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    folder = tmp_path_factory.mktemp("lengths")
    rows = [
        {"sold_on": day, "amount": amount(day), "buyer": f"b{n % 3}"}
        for n in range(112)
        for day in [FIRST + timedelta(days=n)]
    ]
    return own_engine(folder / "l.duckdb", own_catalog(folder / "kpis", MODEL, *KPIS), {"shop": rows})


CASES = (
    ("lagged 2026-10-20", total(date(2026, 10, 15), date(2026, 10, 16))),
    ("lagged 2026-10", total(date(2026, 9, 26), date(2026, 10, 27))),
    ("grown 2026-10-20", amount(date(2026, 10, 20)) - amount(date(2026, 10, 6))),
    ("last_month 2026-10", total(date(2026, 9, 1), date(2026, 10, 1))),
    ("last_month 2026-10-31", amount(date(2026, 9, 30))),
    ("opened 2026-10-20", amount(date(2026, 10, 1))),
    ("since_opening 2026-10-20", amount(date(2026, 10, 20)) - amount(date(2026, 10, 1))),
    ("opened 2026-10-12 to 2026-10-18", amount(date(2026, 10, 1))),
    ("rolling 2026-10-20", total(date(2026, 10, 18), date(2026, 10, 21))),
    ("rolling 2026-10", total(date(2026, 10, 29), date(2026, 11, 1))),
    ("rolling_buyers 2026-10-20", 2),
    ("two_months 2026-10-20", total(date(2026, 8, 21), date(2026, 10, 21))),
    ("ever 2026-10-20", total(FIRST, date(2026, 10, 21))),
    ("to_date 2026-10-20", total(date(2026, 10, 1), date(2026, 10, 21))),
    ("to_date 2026-q3", total(date(2026, 9, 1), date(2026, 10, 1))),
    ("first_to_date 2026-10-12 to 2026-10-18", total(date(2026, 10, 1), date(2026, 10, 13))),
    ("twice 2026-10-20", amount(date(2026, 10, 13))),
    ("rolled_before 2026-10-20", total(date(2026, 10, 16), date(2026, 10, 19))),
    # The month goes on: both sides are its first twenty days, the earlier ones as many.
    ("grown this month", total(date(2026, 11, 1), date(2026, 11, 21)) - total(date(2026, 10, 18), date(2026, 11, 7))),
    ("rolling today", total(date(2026, 11, 18), date(2026, 11, 21))),
    ("rolling next month", None),
    ("to_date next month", None),
    ("dearest 2026-07", None),
    ("dearest_or_none 2026-07", 0),
    ("dearest_or_none next month", None),
    ("grown 2026-08-05", None),
    ("grown_from_none 2026-08-05", amount(date(2026, 8, 5))),
)


@pytest.mark.parametrize(("question", "expected"), CASES, ids=[question for question, _value in CASES])
def test_an_input_is_taken_of_the_days_that_its_length_says(
    shop: Engine, question: str, expected: float | None
) -> None:
    """Counted by hand over the days of a shop that sells every day from 1 August to 20 November."""
    assert ask(shop, question).value == expected


def test_a_window_that_begins_before_the_table_says_so(shop: Engine) -> None:
    """Two months up to 10 August hold ten days of data."""
    answer = ask(shop, "two_months 2026-08-10")
    assert answer.value == total(FIRST, date(2026, 8, 11))
    notice = next(each for each in answer.warnings if each.key == "warning.short_window")
    assert notice.params == {"table": "shop", "since": "2026-06-11", "first": "2026-08-01"}
    assert all(each.key != "warning.short_window" for each in ask(shop, "two_months 2026-10-20").warnings)


LENGTHS = ("1 day", "9 days", "5 weeks", "1 month", "3 months")


@pytest.fixture(scope="module")
def lengths(shop: Engine, tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """The shop with a window and an offset of each length."""
    kpis = []
    for n, text in enumerate(LENGTHS):
        kpis.append(kpi(f"window{n}", "sales", {"sales": SALES | {"window": text}}, type="cumulative"))
        kpis.append(kpi(f"lag{n}", "sales", {"sales": SALES | {"offset_window": text}}, type="simple"))
    catalog = own_catalog(tmp_path_factory.mktemp("each") / "kpis", MODEL, *kpis)
    return Engine(shop.settings, catalog, shop.warehouse)


@long.examples("random periods", 6, 400)
@given(st.integers(0, 105), st.integers(1, 60), st.integers(0, 4))
def test_windows_and_offsets_equal_the_plain_sums(lengths: Engine, first: int, days: int, length: int) -> None:
    """Any period, any length: the sum of just those days."""
    start = FIRST + timedelta(days=first)
    end = min(start + timedelta(days=days), date(2026, 11, 21))
    count, unit = LENGTHS[length].split()
    by_month = unit.startswith("month")

    def back(day: date) -> date:
        return (
            add_months(day, -int(count)) if by_month else day - timedelta(days=int(count) * (7 if "w" in unit else 1))
        )

    asked = f"{start} to {end - timedelta(days=1)}"
    assert ask(lengths, f"window{length} {asked}").value == total(back(end), end)
    last = back(end - timedelta(days=1)) + timedelta(days=1)
    whole = by_month and start.day == end.day == 1
    expected = total(back(start), back(end) if whole else last)
    assert ask(lengths, f"lag{length} {asked}").value == (expected if last > FIRST else None)


WRONG = (
    ({"window": "7"}, "7 is no time"),
    ({"window": "7 moons"}, "7 moons is no time"),
    ({"window": "0 days"}, "0 days is no time"),
    ({"offset_window": "all"}, "all is no time"),
    ({"window": "7 days", "grain_to_date": "month"}, "two beginnings"),
    ({"period_agg": "first"}, "period_agg needs window"),
    ({"window": "7 days", "trailing_months": 2}, "do not go with"),
    ({"offset_to_grain": "day"}, "day"),
    ({"is": "revenue_growth_rate", "offset_window": "7 days"}, "goes by the kind of the asked period"),
)


@pytest.mark.parametrize(("keys", "message"), WRONG, ids=[message for _keys, message in WRONG])
def test_lengths_that_cannot_be_right_are_refused(tmp_path: Path, keys: dict[str, Any], message: str) -> None:
    """Each with what to do instead, never with another number."""
    part = SALES | keys
    kind = "cumulative" if keys.keys() & {"window", "grain_to_date", "offset_to_grain"} else "simple"
    with pytest.raises(SettingsError, match=message):
        own_catalog(tmp_path / "kpis", MODEL, kpi("wrong", "sales", {"sales": part}, type=kind))


def test_a_window_alone_is_a_cumulative_metric(tmp_path: Path) -> None:
    """Its values do not add up, so a goal over a month is none for its days: the type says it."""
    with pytest.raises(SettingsError, match="of type cumulative, not simple"):
        own_catalog(tmp_path / "kpis", MODEL, kpi("w", "sales", {"sales": SALES | {"window": "7 days"}}, type="simple"))


AGGREGATES = (
    ({"agg": "percentile", "expr": "amount", "agg_params": {"percentile": 0.25}}, 17.5),
    ({"agg": "percentile", "expr": "amount", "agg_params": {"percentile": 0.25, "use_discrete_percentile": True}}, 10),
    ({"agg": "percentile", "expr": "amount", "agg_params": {"percentile": 0.9}}, 82),
    ({"agg": "average", "expr": "amount"}, 42.5),
    ({"agg": "sum_boolean", "expr": "amount > 20"}, 2),
)


@pytest.mark.parametrize(("measure", "expected"), AGGREGATES, ids=[str(expected) for _m, expected in AGGREGATES])
def test_aggregates_are_those_of_sql(tmp_path: Path, measure: dict[str, Any], expected: float) -> None:
    """Of 10, 20, 40 and 100: percentiles between values or of them, the average, how many are over 20.

    A split has each group's own, and a group without a value none.
    """
    table = MODEL | {"measures": {"it": measure}}
    catalog = own_catalog(tmp_path / "kpis", table, kpi("it", "it", {"it": {"is": "shop.it"}}, type="simple"))
    rows = [
        {"sold_on": datetime(2026, 10, 2 + n), "amount": number, "buyer": "kim"}
        for n, number in enumerate((10, 20, 40, 100))
    ]
    rows.append({"sold_on": datetime(2026, 10, 9), "amount": None, "buyer": "lin"})
    engine = own_engine(tmp_path / "a.duckdb", catalog, {"shop": rows})
    answer = ask(engine, "it 2026-10 by buyer")
    nothing = 0 if measure["agg"] == "sum_boolean" else None
    assert answer.value == pytest.approx(expected)
    assert groups(answer) == {"kim": pytest.approx(expected), "lin": nothing}


@pytest.mark.parametrize(
    ("measure", "message"),
    [
        ({"agg": "percentile", "expr": "amount"}, "go together"),
        ({"agg": "sum", "expr": "amount", "agg_params": {"percentile": 0.5}}, "go together"),
        ({"agg": "percentile", "expr": "amount", "agg_params": {"percentile": 95}}, "between 0 and 1"),
    ],
)
def test_a_percentile_says_which(tmp_path: Path, measure: dict[str, Any], message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        own_catalog(tmp_path / "kpis", MODEL | {"measures": {"it": measure}})
