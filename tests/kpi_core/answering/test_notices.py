"""What is said beside a number, where the number alone would mislead."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from kpi_core.answers import Answer
from kpi_core.dates.periods import Period
from kpi_core.query import MetricQuery

from tables import engine_on

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


def answer(path: Path, kpi: str, first: date, month: date = date(2026, 10, 1)) -> Answer:
    """A KPI's answer for a month, with one order of 40 every 30 days from `first` on, and one on 21 November 2026."""
    days = [first + timedelta(days=30 * n) for n in range(40) if first + timedelta(days=30 * n) < date(2026, 11, 21)]
    rows = [
        {"order_id": str(day), "customer_id": "kim", "ordered_at": datetime(day.year, day.month, day.day, 12)}
        | {"revenue": 40, "cost_of_goods": 10}
        for day in [*days, date(2026, 11, 21)]
    ]
    ads = [{"date": date(2025, 1, 1), "spend": 10}, {"date": date(2026, 11, 21), "spend": 10}]
    engine = engine_on(path / "kpi.duckdb", {"orders": rows, "ad_performance": ads, "costs": ads_as_costs(ads)})
    end = date(month.year + month.month // 12, month.month % 12 + 1, 1)
    return engine.answer(MetricQuery(kpi, Period(month, end, "month"), ()), NOW)


def ads_as_costs(ads: list[dict[str, object]]) -> list[dict[str, object]]:
    return [{"date": each["date"], "category": "tools", "amount": 1} for each in ads]


@pytest.mark.parametrize(
    ("kpi", "first", "told"),
    [
        ("ltv", date(2026, 3, 5), [("orders", 12, "2026-03-05")]),
        ("ltv", date(2025, 11, 2), [("orders", 12, "2025-11-02")]),
        ("ltv", date(2025, 11, 1), []),
        ("ltv", date(2025, 1, 1), []),
        ("ltv_cac", date(2026, 3, 5), [("orders", 12, "2026-03-05")]),
        ("aov", date(2026, 3, 5), []),
    ],
)
def test_less_than_the_months_looked_back_over_is_told(
    tmp_path: Path, kpi: str, first: date, told: list[tuple[str, int, str]]
) -> None:
    """Lifetime value takes 12 months of orders up to the period's end, here from 1 November 2025: fewer are told."""
    found = [each.params for each in answer(tmp_path, kpi, first).warnings if each.key == "warning.short_history"]
    assert [(each["table"], each["months"], each["first"]) for each in found] == told


def test_it_is_told_once(tmp_path: Path) -> None:
    """Both parts of orders a year look back; one sentence is enough."""
    warnings = answer(tmp_path, "ltv", date(2026, 3, 5)).warnings
    assert [each.key for each in warnings].count("warning.short_history") == 1
