"""Goals held against numbers."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from answer_examples import CAC, CONVERSION, REVENUE, SPEND, answer

from kpi_core.answers import Against, Answer, Freshness, HealthNote
from kpi_core.dates.calendars import Calendar
from kpi_core.dates.periods import Grain, Period
from kpi_core.goals.standing import (
    against,
    goal_for,
    goal_grain,
    goal_query,
    is_flow,
    standing,
    status_in,
    with_goal,
)
from kpi_core.health.facts import Finding
from kpi_core.metrics import Direction, Input, Metric, MetricType, Unit
from kpi_core.phrases import Notice
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


def answered(metric: Metric, value: float | None, period: Period = OCTOBER, **given: object) -> Answer:
    found = {"complete": True, "freshness": Freshness(date(2026, 11, 22), stale=False)} | given
    return answer(metric, period, query=MetricQuery(metric.id, period), value=value, **found)


def status(
    metric: Metric,
    target: float,
    value: float | None,
    period: Period = OCTOBER,
    per: Grain | None = None,
    **given: object,
) -> str | None:
    return status_in(Goal(metric.id, target, BY, per=per), answered(metric, value, period, **given), TODAY)


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
        (CAC, 39.0, "on_track"),
        (CAC, 41.0, "at_risk"),
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
    """A sum so far is open until it arrives or passes its limit; a rate is on track or at risk, for it may turn."""
    assert status(metric, 40.0, value, NOVEMBER, complete=False) == expected
    assert status(metric, 40.0, value, SO_FAR) == expected


def test_a_period_to_come() -> None:
    """A period that has not begun is open, not without data."""
    assert status(REVENUE, 40.0, None, DECEMBER, complete=False) == "open"


@pytest.mark.parametrize("metric", [CAC, REVENUE, replace(REVENUE, direction="lower")])
def test_a_month_at_its_beginning(metric: Metric) -> None:
    """A month of which nothing is there yet has no status yet; without any data, or with old data, it says so."""
    through = date(2026, 10, 31)
    assert status(metric, 40.0, None, NOVEMBER, complete=False, freshness=Freshness(through, stale=False)) == "open"
    assert status(metric, 40.0, None, NOVEMBER, complete=False, freshness=Freshness(through, stale=True)) == "no_data"
    assert status(metric, 40.0, None, NOVEMBER, complete=False, freshness=Freshness(None, stale=False)) == "no_data"


@pytest.mark.parametrize("key", ["lumpy_costs", "immature", "still_open", "too_young"])
def test_a_rate_that_says_nothing_yet(key: str) -> None:
    """A rate so far is open where bills or outcomes are still to come, and where its data lacks something."""
    assert status(CAC, 40.0, 90.0, NOVEMBER, complete=False, warnings=(Notice(f"warning.{key}"),)) == "open"
    notes = (HealthNote(Finding("days_missing", "shop", "orders"), "period", incomplete=True),)
    assert status(CAC, 40.0, 90.0, NOVEMBER, complete=False, health=notes) == "open"
    assert status(CAC, 40.0, 90.0, OCTOBER, health=notes) == "open"


@pytest.mark.parametrize(
    ("metric", "per", "by", "today", "start", "end"),
    [
        (CAC, None, BY, "2026-11-23", "2026-11-01", "2026-12-01"),
        (CAC, None, BY, "2026-12-01", "2026-11-01", "2026-12-01"),
        (CAC, None, BY, "2026-12-02", "2026-12-01", "2027-01-01"),
        (CAC, "week", BY, "2026-11-23", "2026-11-01", "2026-12-01"),
        (REVENUE, "week", BY, "2026-11-23", "2026-11-16", "2026-11-23"),
        (REVENUE, "week", BY, "2026-11-24", "2026-11-23", "2026-11-30"),
        (REVENUE, "day", BY, "2026-11-23", "2026-11-22", "2026-11-23"),
        (REVENUE, "quarter", BY, "2026-11-23", "2026-10-01", "2027-01-01"),
        (REVENUE, None, date(2026, 9, 30), "2026-11-23", "2026-09-01", "2026-10-01"),
    ],
)
def test_what_a_goal_stands_by(metric: Metric, per: Grain | None, by: date, today: str, start: str, end: str) -> None:
    """The unit of the day before: the month so far, on the first of one that before; the last of an old goal."""
    goal = Goal(metric.id, 40.0, by, where={"channel": "search"}, per=per)
    query = goal_query(goal, metric, Calendar(), date.fromisoformat(today))
    assert (query.period.start.isoformat(), query.period.end.isoformat()) == (start, end)
    assert query.filters == (Filter("channel", ("search",)),)


def test_a_goal_to_come_stands_by_its_first_period() -> None:
    """The next of a series, from December on, is held against no day of November."""
    goal = Goal("cac", 40.0, date(2027, 1, 31), since=date(2026, 12, 1))
    assert goal_query(goal, CAC, Calendar(), TODAY).period == DECEMBER
    assert goal_query(goal, CAC, Calendar(), date(2027, 1, 15)).period.start == date(2027, 1, 1)


def test_an_answer_for_another_period() -> None:
    """August is held against the target, and the goal stands as it does in every other answer."""
    goal, now = Goal("cac", 40.0, BY), answered(CAC, 38.0, NOVEMBER, complete=False)
    august = answered(CAC, 41.5, Period(date(2026, 8, 1), date(2026, 9, 1), "month"))
    state = with_goal(august, goal, now, TODAY).goal
    assert state is not None
    assert (state.status, state.period, state.value, state.asked) == ("on_track", NOVEMBER, 38.0, Against(False, 1.5))
    assert replace(state, asked=None) == standing(goal, now, TODAY)
    assert against(goal, answered(CAC, 90.0, WEEK)) is None
    assert against(goal, now) == Against(None, -2.0)


def test_the_state_carries_the_goal() -> None:
    """The state says target, gap (value less target), owner, segment and the period the target is meant for."""
    goal = Goal("sales_revenue", 300.0, BY, "U1", {"channel": "search"})
    state = standing(goal, answered(REVENUE, 250.0), TODAY)
    assert (state.target, state.by, state.gap, state.owner) == (300.0, BY, -50.0, "U1")
    assert (state.where, state.per) == ({"channel": "search"}, "month")
    assert (state.period, state.value, state.complete) == (OCTOBER, 250.0, True)
    nothing = standing(goal, answered(REVENUE, None), TODAY)
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


@pytest.mark.parametrize("period", [OCTOBER, NOVEMBER, WEEK, SPAN])
def test_a_goal_is_met_by_periods_that_begin_until_its_day(period: Period) -> None:
    """Its own day belongs to a goal: a period that begins on it has it, one that begins the day after has not."""
    for days in (-40, -1, 0, 1, 40):
        goal = Goal("cac", 40, period.start + timedelta(days=days))
        assert goal_for(CAC, MetricQuery("cac", period), [goal]) is (goal if days >= 0 else None)


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
