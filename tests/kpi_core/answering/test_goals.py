"""Goals held against numbers."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from answer_examples import CAC, CONVERSION, REVENUE, SPEND

from kpi_core.answering.goals import goal_for, goal_grain, goal_state, is_flow
from kpi_core.dates.periods import Period
from kpi_core.metrics import Direction, Input, Metric, MetricType, Unit
from kpi_core.query import Filter, MetricQuery
from kpi_core.settings.values import Goal

BY = date(2026, 12, 31)
TODAY = date(2026, 11, 23)
OCTOBER = Period(date(2026, 10, 1), date(2026, 11, 1), "month")
NOVEMBER = Period(date(2026, 11, 1), date(2026, 12, 1), "month")
DECEMBER = Period(date(2026, 12, 1), date(2027, 1, 1), "month")
SO_FAR = Period(date(2026, 11, 1), date(2026, 11, 24), "month", to_date=True)
WEEK = Period(date(2026, 11, 16), date(2026, 11, 23), "week")
SPAN = Period(date(2026, 11, 10), date(2026, 11, 17))


def status(metric: Metric, target: float, value: float | None, period: Period = OCTOBER, **given: object) -> str | None:
    goal = Goal(metric.id, target, BY, per=given.get("per"))  # type: ignore[arg-type]
    state = goal_state(goal, metric, value, bool(given.get("settled", True)), period, TODAY)
    return state.status if state else None


@pytest.mark.parametrize(
    ("direction", "value", "expected"),
    [
        ("lower", 39.9, "met"),
        ("lower", 40.0, "met"),
        ("lower", 40.1, "off_track"),
        ("higher", 40.1, "met"),
        ("higher", 40.0, "met"),
        ("higher", 39.9, "off_track"),
        ("neutral", 38.0, "met"),
        ("neutral", 42.0, "met"),
        ("neutral", 37.9, "off_track"),
        ("neutral", 42.1, "off_track"),
    ],
)
def test_a_whole_period(direction: Direction, value: float, expected: str) -> None:
    """A whole period meets its target or does not; a neutral KPI meets it within 5 % either side."""
    assert status(replace(CAC, direction=direction), 40.0, value) == expected


def test_rounding_of_sums() -> None:
    """A sum that misses its target by less than floating point can hold has met it."""
    assert status(replace(CAC, direction="higher"), 0.3, 0.1 + 0.2 - 1e-16) == "met"
    assert status(CAC, 0.3, 0.1 + 0.2) == "met"
    assert status(replace(CAC, direction="neutral"), 0.3, 0.285) == "met"


@pytest.mark.parametrize(
    ("metric", "value", "expected"),
    [
        (CAC, 39.0, "open"),
        (CAC, 41.0, "open"),
        (REVENUE, 39.0, "open"),
        (REVENUE, 41.0, "met"),
        (replace(REVENUE, direction="lower"), 39.0, "open"),
        (replace(REVENUE, direction="lower"), 41.0, "off_track"),
        (SPEND, 41.9, "open"),
        (SPEND, 42.1, "off_track"),
        (REVENUE, None, "no_data"),
    ],
)
def test_a_running_period(metric: Metric, value: float | None, expected: str) -> None:
    """A running period is open, but for a sum that has already arrived or is past its limit."""
    assert status(metric, 40.0, value, NOVEMBER, settled=False) == expected
    assert status(metric, 40.0, value, SO_FAR) == expected


def test_a_period_to_come() -> None:
    """A period that has not begun is open, not without data."""
    assert status(REVENUE, 40.0, None, DECEMBER, settled=False) == "open"


def test_the_state_carries_the_goal() -> None:
    """The state says target, gap (value less target), owner, segment and the period the target is meant for."""
    goal = Goal("sales_revenue", 300.0, BY, "U1", {"channel": "search"})
    state = goal_state(goal, REVENUE, 250.0, settled=True, period=OCTOBER, today=TODAY)
    assert state is not None
    assert (state.target, state.by, state.gap, state.owner) == (300.0, BY, -50.0, "U1")
    assert (state.where, state.per) == ({"channel": "search"}, "month")
    nothing = goal_state(goal, REVENUE, None, settled=True, period=OCTOBER, today=TODAY)
    assert nothing is not None
    assert (nothing.status, nothing.gap) == ("no_data", None)


@pytest.mark.parametrize("period", [WEEK, SPAN])
def test_no_silent_prorating(period: Period) -> None:
    """A sum's target is held only against a period of its own kind."""
    assert status(REVENUE, 40.0, 50.0, period) is None
    assert status(REVENUE, 40.0, 50.0, period, per="week") == ("met" if period == WEEK else None)


@pytest.mark.parametrize("period", [OCTOBER, WEEK, SPAN])
def test_rates_compare_for_any_period(period: Period) -> None:
    """A rate's target reads the same for any period, whatever `per` says."""
    assert status(CAC, 40.0, 39.0, period) == "met"
    assert status(CAC, 40.0, 39.0, period, per="week") == "met"


@pytest.mark.parametrize(
    ("cadence", "grain"), [("daily", "day"), ("weekly", "week"), ("monthly", "month"), ("quarterly", "quarter")]
)
def test_the_default_period_of_a_target(cadence: str, grain: str) -> None:
    """A sum's target is per day, week, month or quarter as its cadence goes, unless the goal says otherwise."""
    metric = replace(REVENUE, cadence=cadence)
    assert goal_grain(Goal(metric.id, 1.0, BY), metric) == grain
    assert goal_grain(Goal(metric.id, 1.0, BY, per="year"), metric) == "year"
    assert goal_grain(Goal("cac", 1.0, BY, per="year"), CAC) is None


@pytest.mark.parametrize(
    ("kind", "unit", "formula", "flow"),
    [
        ("simple", "currency", "revenue", True),
        ("simple", "count", "orders.orders", True),
        ("derived", "count", "likes + comments + shares", True),
        ("derived", "currency", "revenue - refunds", True),
        ("ratio", "currency", "revenue / orders", False),
        ("derived", "currency", "aov * orders_a_year", False),
        ("cumulative", "count", "followers", False),
        ("cumulative", "currency", "mrr", False),
        ("simple", "duration", "median_days", False),
        ("derived", "percent", "a - b", False),
    ],
)
def test_flows_and_levels(kind: MetricType, unit: Unit, formula: str, *, flow: bool) -> None:
    """Sums and counts add up over days; rates, averages, durations and levels do not."""
    metric = replace(REVENUE, type=kind, unit=unit, formula=formula, inputs={})
    assert is_flow(metric) is flow


def test_a_ratio_inside_an_input_is_no_flow() -> None:
    """What an input computes counts like the formula."""
    assert not is_flow(replace(REVENUE, inputs={"revenue": Input("revenue", "orders.revenue / orders.orders")}))


def query(metric: str, period: Period = OCTOBER, *filters: Filter) -> MetricQuery:
    return MetricQuery(metric, period, filters=filters)


def test_the_goal_of_the_same_segment() -> None:
    """A goal fits the question with its own filters, and no other."""
    whole, search = Goal("cac", 40.0, BY), Goal("cac", 30.0, BY, where={"channel": "search"})
    both = Goal("cac", 20.0, BY, where={"region": "kr", "channel": "search"})
    goals = [search, both, whole]
    channel, region = Filter("channel", ("search",)), Filter("region", ("kr",))
    assert goal_for(CAC, query("cac"), goals) is whole
    assert goal_for(CAC, query("cac", OCTOBER, channel), goals) is search
    assert goal_for(CAC, query("cac", OCTOBER, channel, region), goals) is both
    assert goal_for(CAC, query("cac", OCTOBER, region), goals) is None
    assert goal_for(CAC, query("cac", OCTOBER, Filter("channel", ("search", "social"))), goals) is None
    assert goal_for(CAC, query("cac", OCTOBER, Filter("channel", (None,))), goals) is None
    assert goal_for(CAC, query("cac", OCTOBER, Filter("channel", ("search",), excludes=True)), goals) is None
    assert goal_for(CAC, query("cac"), [search]) is None
    assert goal_for(CONVERSION, query("conversion_rate"), goals) is None


def test_the_next_goal_of_several() -> None:
    """Of several goals the one due next counts; one that was over before the period does not."""
    first, second = Goal("cac", 45.0, date(2026, 9, 30)), Goal("cac", 40.0, BY)
    later = Goal("cac", 35.0, date(2027, 6, 30))
    assert goal_for(CAC, query("cac"), [later, second, first]) is second
    assert goal_for(CAC, query("cac", Period(date(2026, 9, 1), date(2026, 10, 1), "month")), [second, first]) is first
    assert goal_for(CAC, query("cac"), [first]) is None


def test_the_goal_of_the_asked_kind_of_period() -> None:
    """Where a sum has targets per month and per quarter, the question's own kind comes first."""
    month = Goal("sales_revenue", 100.0, BY, per="month")
    quarter = Goal("sales_revenue", 300.0, date(2026, 10, 31), per="quarter")
    fourth = Period(date(2026, 10, 1), date(2027, 1, 1), "quarter")
    assert goal_for(REVENUE, query("sales_revenue"), [quarter, month]) is month
    assert goal_for(REVENUE, query("sales_revenue", fourth), [month, quarter]) is quarter
