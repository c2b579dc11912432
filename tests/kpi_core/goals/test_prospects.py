"""How likely goals are met, and the status that makes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from answer_examples import CAC, REVENUE, SPEND, answer
from hypothesis import given
from hypothesis import strategies as st

from kpi_core.answers import Freshness, GoalStatus
from kpi_core.dates.periods import Period
from kpi_core.goals.prospects import chance, foreseen_status
from kpi_core.goals.standing import standing
from kpi_core.metrics import Direction, Metric
from kpi_core.query import MetricQuery
from kpi_core.settings.values import Goal
from kpi_core.signals.outlook import Course, Outlook, Unforeseen

TODAY = date(2026, 11, 21)
NOVEMBER = Period(date(2026, 11, 1), date(2026, 12, 1), "month")
LANDS = Outlook("sum", date(2026, 11, 20), date(2026, 11, 30), 2000.0, 2000.0, 1000.0, 0.1)
"""2,000 are in, 1,000 to come, give or take a tenth: between 2,880 and 3,137."""
RATE = Outlook("rate", date(2026, 11, 20), date(2026, 11, 30), 43.0, 0.0, 42.0, 0.06, weight=0.7)
ORDER: tuple[GoalStatus, ...] = ("off_track", "at_risk", "on_track")


def state_of(
    metric: Metric, target: float, value: float, outlook: Outlook | Course | Unforeseen | None, **also: object
) -> tuple[GoalStatus, float | None]:
    found = answer(
        metric, NOVEMBER, query=MetricQuery(metric.id, NOVEMBER), value=value, outlook=outlook,
        **({"complete": False, "freshness": Freshness(date(2026, 11, 20), stale=False)} | also),
    )  # fmt: skip
    state = standing(Goal(metric.id, target, date(2026, 12, 31)), found, TODAY)
    return state.status, state.probability


@pytest.mark.parametrize(
    ("target", "status"),
    [(2500.0, "on_track"), (2990.0, "on_track"), (3010.0, "at_risk"), (3130.0, "at_risk"), (3200.0, "off_track")],
)
def test_a_sum_goes_by_where_it_lands(target: float, status: str) -> None:
    """On track while the landing meets the target; off track only beyond the interval, never while that holds it."""
    assert state_of(REVENUE, target, 2000.0, LANDS)[0] == status


def test_a_limit_goes_the_other_way() -> None:
    """At most 40 with a landing of 42 (38.9 to 45.4) is at risk, at most 38 off track, at most 43 on track."""
    statuses = [state_of(CAC, target, 43.0, RATE)[0] for target in (38.0, 40.0, 43.0)]
    assert statuses == ["off_track", "at_risk", "on_track"]


def test_what_has_arrived_is_certain() -> None:
    """A sum past its target is met, whatever comes; one past its limit is off track; both for sure."""
    assert state_of(REVENUE, 1900.0, 2000.0, LANDS) == ("met", 1.0)
    assert state_of(replace(REVENUE, direction="lower"), 1900.0, 2000.0, LANDS) == ("off_track", 0.0)
    assert state_of(REVENUE, 2900.0, 2800.0, None, complete=True) == ("off_track", None)


def test_nothing_foreseen_leaves_the_status_and_says_why() -> None:
    """A sum without a forecast is running; the reason stands beside it, and no probability."""
    found = answer(REVENUE, NOVEMBER, value=10.0, complete=False, outlook="short_history")
    state = standing(Goal("sales_revenue", 100.0, date(2026, 12, 31)), found, TODAY)
    assert (state.status, state.probability, state.landing, state.unforeseen) == ("open", None, None, "short_history")


def test_a_level_has_until_its_day() -> None:
    """1,000 followers and 20 more a week: 1,100 by the end of the year is likely, though this week is below it."""
    followers = replace(REVENUE, id="followers", type="cumulative", unit="count", cadence="weekly")
    week = Period(date(2026, 11, 9), date(2026, 11, 16), "week")
    course = Course(date(2026, 11, 15), 1000.0, 20.0, 5.0, 26)
    found = answer(followers, week, query=MetricQuery("followers", week), value=1000.0, complete=True, outlook=course)
    soon, later = (
        standing(Goal("followers", 1100.0, by), found, TODAY) for by in (date(2026, 11, 15), date(2026, 12, 31))
    )
    assert (soon.status, soon.landing) == ("off_track", None)
    assert later.status == "on_track"
    assert later.landing is not None
    assert later.landing.value == pytest.approx(1000 + 20 * 46 / 7)
    assert later.required_rate == pytest.approx(100 / 46)


@given(
    st.sampled_from(["higher", "lower"]),
    st.floats(1, 1e5),
    st.floats(1, 1e5),
    st.floats(0.0, 1.0),
    st.lists(st.floats(1, 2e5), min_size=2, max_size=8),
)
def test_a_harder_target_never_stands_better(
    direction: Direction, certain: float, rest: float, spread: float, targets: list[float]
) -> None:
    """Probability lies between 0 and 1, and neither it nor the status rises with the target (falls with a limit)."""
    metric = replace(REVENUE, direction=direction)
    outlook = Outlook("sum", TODAY, date(2026, 11, 30), certain, certain, rest, spread)
    ordered = sorted(targets, reverse=direction == "lower")
    chances = [chance(target, metric, outlook) for target in ordered]
    ranks = [ORDER.index(foreseen_status(target, metric, outlook)) for target in ordered]
    assert all(0 <= each <= 1 for each in chances)
    assert chances == sorted(chances, reverse=True)
    assert ranks == sorted(ranks, reverse=True)


def test_a_kpi_without_a_good_direction_lands_near_its_target() -> None:
    """Ad spend is on track while it likely lands within 5 %, off track where the interval misses that band."""
    statuses = [state_of(SPEND, target, 2000.0, LANDS)[0] for target in (3000.0, 3250.0, 3400.0)]
    assert statuses == ["on_track", "at_risk", "off_track"]
