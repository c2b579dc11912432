"""Whether goals are well set, by the past of their KPIs."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from answer_examples import CAC, REVENUE, SPEND

from kpi_core.dates.calendars import Calendar
from kpi_core.dates.periods import Period, shift
from kpi_core.goals.smart import Remark, history_query, remarks_on, running_goals
from kpi_core.metrics import Metric
from kpi_core.settings.values import Goal

TODAY = date(2026, 11, 21)
END = date(2026, 12, 31)
OCTOBER = Period(date(2026, 10, 1), date(2026, 11, 1), "month")
QUARTER = Period(date(2026, 7, 1), date(2026, 10, 1), "quarter")


def history(*values: float | None, last: Period = OCTOBER) -> list[tuple[Period, float | None]]:
    return [(shift(last, step - len(values) + 1, Calendar()), value) for step, value in enumerate(values)]


def flaws(goal: Goal, metric: Metric, past: list[tuple[Period, float | None]]) -> list[str]:
    return [remark.flaw for remark in remarks_on(goal, metric, past, Calendar(), TODAY)]


def test_more_than_the_best_quarter_is_said() -> None:
    """Revenue of 100, 112, 110, 115 by quarter: the best was +12 %, a target of 158.7 needs +38 %."""
    goal = Goal("sales_revenue", 158.7, END, "mina", per="quarter")
    (remark,) = remarks_on(goal, REVENUE, history(100, 112, 110, 115, last=QUARTER), Calendar(), TODAY)
    assert (remark.flaw, remark.grain, remark.steps) == ("beyond_best", "quarter", 1)
    assert (remark.needs, remark.best) == pytest.approx((0.38, 0.12))
    assert flaws(replace(goal, target=128), REVENUE, history(100, 112, 110, 115, last=QUARTER)) == []


def test_a_limit_is_held_against_the_best_fall() -> None:
    """CAC of 50 to fall to 40 by the end of December, in two months: the best two months brought it down by 10 %."""
    goal = Goal("cac", 40.0, END, "mina")
    past = history(50, 52, 45, 49, 50)
    (remark,) = remarks_on(goal, CAC, past, Calendar(), TODAY)
    assert (remark.steps, remark.needs, remark.best) == pytest.approx((2, -0.2, -0.1))
    assert flaws(replace(goal, target=45.0), CAC, past) == []
    assert flaws(replace(goal, target=60.0), CAC, past) == []


def test_too_short_a_past_says_nothing() -> None:
    """Three months have two steps: nobody knows what is usual."""
    assert flaws(Goal("cac", 10.0, END, "mina"), CAC, history(50, 52, 50)) == []


@pytest.mark.parametrize(
    ("metric", "target", "past", "wrong"),
    [
        (CAC, -5.0, (), True),
        (CAC, 0.0, (50, 45), True),
        (CAC, 0.01, (50, 45), False),
        (SPEND, -100.0, (900, 950), True),
        (SPEND, -100.0, (900, -50), False),
        (SPEND, 0.0, (900, 950), False),
        (replace(REVENUE, unit="count"), -1.0, (9, None), True),
        (REVENUE, -100.0, (-900, -700), False),
        (replace(CAC, type="derived", unit="percent", direction="higher"), -0.1, (-0.3, -0.2), False),
    ],
)
def test_a_cost_below_nothing_is_said(
    metric: Metric, target: float, past: tuple[float | None, ...], wrong: bool
) -> None:
    """Whatever the past is; a loss made smaller, a refund as there was before, and a share may be below 0."""
    goal = Goal(metric.id, target, END, "mina")
    assert ("impossible" in flaws(goal, metric, history(*past))) is wrong


def test_a_step_over_a_gap_is_no_step() -> None:
    """A month without data, or at 0, breaks the row: from 10 to 50 over a gap is not the best month there was."""
    goal = Goal("sales_revenue", 80.0, END, "mina", per="month")
    for gap in (None, 0.0):
        past = history(10, gap, 50, 51, 52, 53)
        (remark,) = remarks_on(goal, REVENUE, past, Calendar(), TODAY)
        assert (remark.flaw, remark.best) == ("beyond_best", pytest.approx(0.02))
    assert flaws(goal, REVENUE, history(50, 51, 52, 53, None)) == ["beyond_best"]


def test_what_else_is_wrong() -> None:
    """A day that has passed, a KPI without data, vanity, nobody who answers for it; each is said."""
    goal = Goal("sales_revenue", 100.0, date(2026, 10, 31), per="month")
    metric = replace(REVENUE, vanity=True)
    assert flaws(goal, metric, history(None, None)) == ["over", "not_measurable", "vanity", "no_owner"]
    assert remarks_on(goal, metric, history(), Calendar(), TODAY)[1] == Remark("not_measurable")


def test_a_plan_of_months_is_one_goal() -> None:
    """Twelve targets of one KPI are followed as one; what is over is followed no more."""
    plan = [Goal("mql", 80.0 + month, date(2026, month, 28)) for month in range(1, 13)]
    others = [Goal("cac", 40.0, END), Goal("cac", 50.0, END, where={"channel": "search"}), Goal("roas", 3.0, END)]
    assert running_goals([*plan, *others], TODAY) == 4


def test_the_past_is_asked_for_as_the_goal_is_judged() -> None:
    """A quarter's revenue by whole quarters, CAC of a segment by whole months of that segment."""
    assert history_query(Goal("sales_revenue", 1.0, END, per="quarter"), REVENUE, Calendar(), TODAY).period == QUARTER
    query = history_query(Goal("cac", 1.0, END, where={"channel": "search"}), CAC, Calendar(), TODAY)
    assert (query.period, query.filters[0].values) == (OCTOBER, ("search",))
