"""Goals that follow each other: a plan by month counts month by month."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from answer_examples import REVENUE

from kpi_core.dates.calendars import Calendar
from kpi_core.errors import SettingsError
from kpi_core.goals.standing import goal_query
from kpi_core.goals.succession import in_series
from kpi_core.settings.file import read_settings
from kpi_core.settings.values import Goal

LEAST = "company: x\ntimezone: UTC\ncurrency: USD\n"
TODAY = date(2026, 11, 21)


def test_each_counts_from_the_day_after_the_one_before() -> None:
    """By KPI, segment and period; others do not matter, and the order stays."""
    december = Goal("mql", 95.0, date(2026, 12, 31), per="month")
    november = Goal("mql", 80.0, date(2026, 11, 30), per="month")
    others = [Goal("mql", 20.0, date(2026, 10, 31), per="week"), Goal("cac", 40.0, date(2026, 10, 31))]
    goals = in_series([december, *others, november])
    assert goals == (december, *others, november)
    assert [goal.since for goal in goals] == [date(2026, 12, 1), None, None, None]


def test_a_target_to_come_is_not_held_against_now() -> None:
    """In November the plan's December is asked for December, in December for its own days."""
    goals = in_series([Goal("sales_revenue", 80.0 + month, date(2026, month, 30), per="month") for month in (11, 12)])
    months = [goal_query(goal, REVENUE, Calendar(), TODAY).period.start.month for goal in goals]
    assert months == [11, 12]
    assert goal_query(goals[1], REVENUE, Calendar(), date(2026, 12, 20)).period.start == date(2026, 12, 1)


def test_a_plan_of_kpi_yaml_is_a_goal_a_month(tmp_path: Path) -> None:
    """In the order of months, due on their last days, with the owner and the action of the plan."""
    path = tmp_path / "kpi.yaml"
    plan = "goals: [{kpi: mql, plan: {2026-12: 95, 2027-02: 70, 2026-11: 80}, owner: U1, action: call}]\n"
    path.write_text(LEAST + plan, "utf-8")
    goals = read_settings(path).goals
    assert [(goal.target, goal.by) for goal in goals] == [
        (80.0, date(2026, 11, 30)),
        (95.0, date(2026, 12, 31)),
        (70.0, date(2027, 2, 28)),
    ]
    assert {(goal.per, goal.owner, goal.action) for goal in goals} == {("month", "U1", "call")}
    # January has no target: that of February does not count for it.
    assert in_series(goals)[2].since == date(2027, 2, 1)


@pytest.mark.parametrize(
    ("goal", "problem"),
    [
        ("{kpi: mql, plan: {2026-13: 9}}", "2026-13 is not a month"),
        ("{kpi: mql, plan: {}}", "needs at least 1 key"),
        ("{kpi: mql, plan: {2026-11: 9}, target: 8}", "unknown key target"),
        ("{kpi: mql}", "target is missing in goals, item 1"),
    ],
)
def test_what_is_no_plan_is_said(goal: str, problem: str, tmp_path: Path) -> None:
    """A month that there is not, an empty plan, a target beside it, or neither."""
    path = tmp_path / "kpi.yaml"
    path.write_text(f"{LEAST}goals: [{goal}]\n", "utf-8")
    with pytest.raises(SettingsError, match=problem):
        read_settings(path)
