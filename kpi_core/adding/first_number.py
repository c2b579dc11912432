"""The first number of a workspace: a KPI that has one, asked for a month that has data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from kpi_core.errors import QuestionError
from kpi_core.frozen_dataclass import frozen

if TYPE_CHECKING:
    from kpi_core.access.doorway import Door
    from kpi_core.answers import Answer

TELLING = ("cac", "sales_revenue", "roas", "ad_spend", "leads", "website_traffic", "email_open_rate", "nps", "mrr")
"""Asked first, in this order; after them whatever has data."""
LAST_MONTH: Mapping[str, str] = {"en": "last month", "ko": "지난달", "zh-TW": "上個月"}


@frozen
class FirstNumber:
    """`period` is a month such as 2026-10; empty stands for the last one."""

    kpi: str
    period: str
    answer: Answer

    def words(self, language: str) -> str:
        """The question as somebody types it."""
        return f"{self.kpi} {self.period or LAST_MONTH[language]}"


def first_number(door: Door, now: datetime) -> FirstNumber | None:
    """The first with a value other than 0, last month or else in the newest month of some table; None without one."""
    unavailable = door.unavailable_kpis()
    kpis = dict.fromkeys([*TELLING, *(metric.id for metric in door.catalog.kpis())])
    ready = [kpi for kpi in kpis if kpi in door.catalog.metrics and kpi not in unavailable]
    for period in _months(door, now):
        for kpi in ready:
            try:
                answer = door.answer(door.question(f"{kpi} {period or 'last-month'}", now), now)
            except QuestionError:  # a KPI that is not asked by the month
                continue
            if answer.value:
                return FirstNumber(kpi, period, answer)
    return None


def _months(door: Door, now: datetime) -> Iterator[str]:
    yield ""
    days = {coverage.last for coverage in door.coverage(now).values() if coverage.last and not coverage.plan}
    yield from dict.fromkeys(f"{day:%Y-%m}" for day in sorted(days, reverse=True))
