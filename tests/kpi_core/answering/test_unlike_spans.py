"""What percentages may be told of: spans of like length, and of bases below 0."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from kpi_core.answering.engine import Engine
from kpi_core.answers import Answer
from kpi_core.dates.calendars import Calendar
from kpi_core.questions.parse import parse_question

from tables import Row, engine_on


def orders(amounts: dict[date, float]) -> list[Row]:
    return [
        {"order_id": f"{day}", "customer_id": "k", "ordered_at": datetime(*day.timetuple()[:3], 12), "revenue": amount}
        for day, amount in amounts.items()
    ]


def shop(folder: Path, amounts: dict[date, float]) -> Engine:
    return engine_on(folder / "kpi.duckdb", {"orders": orders(amounts)})


def ask(engine: Engine, question: str, today: date) -> Answer:
    query = parse_question(question, engine.vocabulary(), Calendar(), today)
    return engine.answer(query, datetime(*today.timetuple()[:3], 9, tzinfo=UTC))


@pytest.mark.parametrize(
    ("question", "compared"),
    [
        ("revenue 2026-10 vs 2026-09-01..2026-09-15", False),
        ("orders 2026-10 vs 2026-09-01..2026-09-15", False),
        ("revenue 2026-10 vs 2026-10-31", False),
        ("revenue last 7 days vs last 14 days", False),
        ("revenue 2026-10 by channel vs 2026-09-01..2026-09-15", False),
        ("aov 2026-10 vs 2026-09-01..2026-09-15", True),
        ("revenue 2026-10 vs 2026-09", True),
        ("revenue 2026-10-01..2026-10-15 vs 2026-09-01..2026-09-15", True),
    ],
)
def test_sums_over_spans_of_unlike_length_are_not_compared(tmp_path: Path, question: str, compared: bool) -> None:
    """31 days against 15: both sums, but no percentage and no verdict; rates, months and spans as long have one."""
    first = date(2026, 8, 1)
    answer = ask(shop(tmp_path, {first + timedelta(n): 10.0 for n in range(100)}), question, date(2026, 11, 8))
    changes = [answer.comparisons[0], *(row.comparisons[0] for row in answer.breakdown or ())]
    for change in changes:
        assert change.value is not None
        assert change.change is not None
        assert (change.change_ratio is not None) == compared
        assert compared or change.verdict is None
        said = change.notice.key if change.notice else ""
        assert (said == "notice.unlike_length") is not compared


def test_growth_on_a_negative_base_has_the_sign_of_the_change(tmp_path: Path) -> None:
    """From -10 to 20 is 30 more: three times as much as lay below 0, on the KPI's card as in the growth rate.

    | month | revenue | growth rate |
    |-------|---------|-------------|
    | Aug   | -10     |             |
    | Sep   | 20      | +300 %      |
    | Oct   | 5       | -75 %       |
    """
    engine = shop(tmp_path, {date(2026, 8, 5): -10, date(2026, 9, 6): 20, date(2026, 10, 6): 5, date(2026, 11, 6): 5})
    today = date(2026, 11, 20)
    revenue = ask(engine, "revenue 2026-09", today).comparisons[0]
    assert (revenue.change, revenue.change_ratio) == (30, 3)
    assert ask(engine, "revenue_growth_rate 2026-09", today).value == 3
    october = ask(engine, "revenue 2026-10", today).comparisons[0].change_ratio
    assert october == pytest.approx(-0.75)
    assert ask(engine, "revenue_growth_rate 2026-10", today).value == pytest.approx(october)
