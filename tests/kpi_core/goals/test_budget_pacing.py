"""Budgets held against spend: worked by hand, and what always adds up."""

from __future__ import annotations

import math
from datetime import date, timedelta

import pytest

from kpi_core.dates.periods import Period
from kpi_core.goals.budget_pacing import budget_pacing
from kpi_core.signals.series import Day

NOVEMBER = Period(date(2026, 11, 1), date(2026, 12, 1), "month")
THROUGH = date(2026, 11, 20)


def daily(amount: float, start: date = date(2026, 6, 1)) -> list[Day]:
    """Nearly the same each day."""
    return [
        Day(start + timedelta(days=step), amount * (1 + 0.01 * (-1) ** step))
        for step in range((THROUGH - start).days + 1)
    ]


def test_channels_over_under_and_on_pace() -> None:
    """100 a day make 3,000: on pace for 3,000, over 2,500 (reached after 25 days), under 4,000 (which needs 200)."""
    budgets = {"search": 3000.0, "social": 2500.0, "display": 4000.0}
    pacing = budget_pacing(NOVEMBER, budgets, dict.fromkeys(budgets, daily(100.0)), THROUGH)
    display, search, social = pacing.channels
    assert [each.pace for each in pacing.channels] == ["under", "on_pace", "over"]
    assert display.needed == pytest.approx(200.0, rel=0.01)
    assert social.cap_on in {date(2026, 11, 25), date(2026, 11, 26)}
    assert search.lands == pytest.approx(3000, rel=0.01)
    assert search.low is not None
    assert search.high is not None
    assert search.low <= 3000.0 * 1.01
    assert search.high >= 3000.0 * 0.99
    assert display.cap_on is None


def test_the_total_is_the_sum_of_budgets_and_spend() -> None:
    """Exactly, with what has no budget and what has no channel."""
    budgets: dict[str | None, float] = {"search": 3000.1, None: 200.2}
    spends: dict[str | None, list[Day]] = {"search": daily(90.3), "affiliates": daily(7.7)}
    pacing = budget_pacing(NOVEMBER, budgets, spends, THROUGH)
    assert pacing.total.budget == math.fsum(budgets.values())
    assert pacing.total.spent == pytest.approx(math.fsum(each.spent for each in pacing.channels), abs=1e-9)
    assert {each.channel: each.pace for each in pacing.channels} == {
        "search": "under",
        None: "unknown",
        "affiliates": "unbudgeted",
    }


def test_a_budget_that_is_used_up_needs_nothing_more() -> None:
    """1,500 at 100 a day were gone on the 15th or the 16th: nothing is left, and no forecast is needed to say so."""
    new = daily(100.0, start=date(2026, 11, 1))
    for days in (new, daily(100.0)):
        (search,) = budget_pacing(NOVEMBER, {"search": 1500.0}, {"search": days}, THROUGH).channels
        assert (search.pace, search.needed) == ("spent_up", 0.0)
        assert search.cap_on in {date(2026, 11, 15), date(2026, 11, 16)}


def test_too_little_history_foresees_nothing() -> None:
    """What is in and what is needed stand all the same."""
    (search,) = budget_pacing(NOVEMBER, {"search": 3000.0}, {"search": daily(50, date(2026, 11, 1))}, THROUGH).channels
    assert (search.pace, search.lands, search.low, search.cap_on) == ("unknown", None, None, None)
    assert search.needed == pytest.approx(200, rel=0.01)
