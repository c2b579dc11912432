"""The budgets of the running month held against the ad spend, through an audience's door."""

from __future__ import annotations

from datetime import datetime, timedelta

from kpi_core.access.doorway import Door
from kpi_core.answers import Answer
from kpi_core.dates.periods import Period, unit_of
from kpi_core.goals.budget_pacing import HISTORY, BudgetPacing, budget_pacing
from kpi_core.query import Filter, MetricQuery
from kpi_core.questions.errors import question_error
from kpi_core.signals.series import Day

BUDGET, SPEND, CHANNEL = "budget", "ad_spend", "channel"


def reviewed_budgets(door: Door, now: datetime) -> BudgetPacing:
    """The pacing of the month that holds yesterday.

    QuestionError where it has no budget, or the audience may not see budgets or spend.
    """
    yesterday = door.today(now) - timedelta(days=1)
    month = unit_of(yesterday, "month", door.settings.calendar)
    planned, spent = door.answers([_by_channel(BUDGET, month), _by_channel(SPEND, month)], now)
    budgets = {row.keys[0]: row.value for row in planned.breakdown or () if row.value}
    if not budgets:
        raise question_error("no_budget", month=f"{month.start:%Y-%m}")
    names = list(dict.fromkeys([*budgets, *(row.keys[0] for row in spent.breakdown or ())]))
    days = Period(month.start - HISTORY, yesterday + timedelta(days=1))
    questions = [MetricQuery(SPEND, days, (), (), (Filter(CHANNEL, (name,)),), grain="day") for name in names]
    spends = dict(zip(names, map(_days, door.answers(questions, now)), strict=True))
    through = min(yesterday, spent.freshness.data_through or yesterday)
    return budget_pacing(month, budgets, spends, through)


def _by_channel(metric: str, month: Period) -> MetricQuery:
    return MetricQuery(metric, month, (), (CHANNEL,), whole=True, trended=False)


def _days(answer: Answer) -> list[Day]:
    return [Day(point.period.start, point.value) for point in answer.trend if point.value is not None]
