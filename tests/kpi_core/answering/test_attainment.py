"""How many goals were reached: of those that are decided."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

from kpi_core.dates.periods import Period
from kpi_core.query import MetricQuery
from kpi_core.settings.values import Goal

from tables import engine_on

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
OCTOBER = Period(date(2026, 10, 1), date(2026, 11, 1), "month")
NOVEMBER = Period(date(2026, 11, 1), date(2026, 12, 1), "month")
BY = date(2026, 12, 31)
ORDERS = {
    "orders": [
        {"order_id": "a", "customer_id": "kim", "ordered_at": "2026-10-05T12:00", "revenue": 50},
        {"order_id": "b", "customer_id": "lin", "ordered_at": "2026-11-03T12:00", "revenue": 70},
        {"order_id": "c", "customer_id": "kim", "ordered_at": "2026-11-21T12:00", "revenue": 5},
    ]
}


def attained(tmp_path: Path, period: Period, *goals: Goal) -> tuple[float | None, dict[str, float | None]]:
    answer = engine_on(tmp_path / "kpi.duckdb", ORDERS, goals=goals).answer(MetricQuery("goal_attainment", period), NOW)
    return answer.value, dict(answer.parts)


def test_a_goal_still_open_counts_neither_as_reached_nor_as_missed(tmp_path: Path) -> None:
    """In the running month revenue of 75 has passed 60 for good; 100 may still come, and so may any value per order."""
    given = (Goal("sales_revenue", 60, BY, per="month"), Goal("sales_revenue", 100, BY, where={"channel": "search"}))
    still_open = (Goal("aov", 70, BY), Goal("orders", 3, BY, per="month"))
    assert attained(tmp_path, NOVEMBER, *given, *still_open) == (1.0, {"met": 1.0, "goals": 1.0})


def test_a_period_that_is_over_decides_them_all(tmp_path: Path) -> None:
    """October's 50 missed 60, its value per order of 50 reached 40."""
    goals = (Goal("sales_revenue", 60, BY, per="month"), Goal("aov", 40, BY))
    assert attained(tmp_path, OCTOBER, *goals) == (0.5, {"met": 1.0, "goals": 2.0})


def test_a_goal_of_another_kind_of_period_is_not_asked_about(tmp_path: Path) -> None:
    """A month decides nothing about a quarter's target."""
    goals = (Goal("sales_revenue", 60, BY, per="quarter"), Goal("aov", 40, BY))
    assert attained(tmp_path, OCTOBER, *goals) == (1.0, {"met": 1.0, "goals": 1.0})
