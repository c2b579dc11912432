"""How the ad spend of a month runs against its budgets, channel by channel. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Literal

from kpi_core.dates.periods import Period
from kpi_core.frozen_dataclass import frozen
from kpi_core.goals.prospects import CLOSE_ENOUGH
from kpi_core.signals.series import Day

HISTORY = timedelta(days=240)
"""Days of spend before the month that are looked at."""
Pace = Literal["over", "under", "on_pace", "spent_up", "unknown", "unbudgeted"]


@frozen
class ChannelPace:
    """A month's budget and spend of one channel; `channel` is None for rows without one.

    `lands` is the month-end spend with `low` and `high`, the interval that holds eight times in ten; None without
    enough history. `cap_on` is the day on which the spend comes to the budget, None if not within the month.
    `needed` is what each day left may bring so that the month ends on the budget; 0 once that is used up.
    """

    channel: str | None
    budget: float | None
    spent: float
    lands: float | None
    low: float | None
    high: float | None
    cap_on: date | None
    needed: float | None
    pace: Pace


@frozen
class BudgetPacing:
    """All channels of a month with a budget or spend, the largest budget first, and their total."""

    month: Period
    through: date
    channels: tuple[ChannelPace, ...]
    total: ChannelPace


def budget_pacing(
    month: Period, budgets: Mapping[str | None, float], spends: Mapping[str | None, Sequence[Day]], through: date
) -> BudgetPacing:
    """The pacing of a month from its whole budgets and the daily spends of months up to the day `through`.

    The total is foreseen as a whole: errors of channels cancel each other in part.
    """
    names = sorted({*budgets, *spends}, key=lambda name: (-budgets.get(name, 0.0), name is None, name or ""))
    paces = [channel_pace(name, budgets.get(name), spends.get(name, ()), month, through) for name in names]
    shown = tuple(each for each in paces if each.budget is not None or each.spent)
    whole = math.fsum(budgets.values()) if budgets else None
    return BudgetPacing(month, through, shown, channel_pace(None, whole, _summed(spends), month, through))


def channel_pace(
    channel: str | None, budget: float | None, days: Sequence[Day], month: Period, through: date
) -> ChannelPace:
    """One channel's, from its daily spend."""
    # It needs numpy, which whoever only imports this has no use for.
    from kpi_core.signals.forecasts import Stretch, landed
    from kpi_core.signals.pacing import Landing

    spent = math.fsum(day.value or 0.0 for day in days if month.start <= day.on <= through)
    lands = landed(days, Stretch(month.start, month.end, through))
    left = (month.last_day - through).days
    needed = None if budget is None or left <= 0 else max(0.0, (budget - spent) / left)
    used_up = _used_up_on(days, month, budget, through)
    if not isinstance(lands, Landing):
        pace: Pace = "unbudgeted" if budget is None else "spent_up" if used_up else "unknown"
        return ChannelPace(channel, budget, spent, None, None, None, used_up, needed, pace)
    cap_on = used_up or (lands.reached(budget) if budget else None)
    pace = "spent_up" if used_up else _pace(budget, lands.point)
    return ChannelPace(channel, budget, spent, lands.point, lands.low, lands.high, cap_on, needed, pace)


def _pace(budget: float | None, lands: float) -> Pace:
    if budget is None:
        return "unbudgeted"
    if abs(lands - budget) <= CLOSE_ENOUGH * budget:
        return "on_pace"
    return "over" if lands > budget else "under"


def _used_up_on(days: Sequence[Day], month: Period, budget: float | None, through: date) -> date | None:
    """The day on which the spend that is in has come to the budget."""
    total = 0.0
    for day in sorted(days, key=lambda each: each.on):
        if budget and month.start <= day.on <= through:
            total += day.value or 0.0
            if total >= budget:
                return day.on
    return None


def _summed(spends: Mapping[str | None, Sequence[Day]]) -> list[Day]:
    totals: dict[date, float] = {}
    for days in spends.values():
        for day in days:
            totals[day.on] = totals.get(day.on, 0.0) + (day.value or 0.0)
    return [Day(on, totals[on]) for on in sorted(totals)]
