"""How a workspace cuts its time: zone, week start, fiscal year, holidays. Settings, never derived from the language."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Calendar:
    """`fiscal_starts` is the month (1-12) a fiscal year begins with; `fiscal_named_by` says whose year names it."""

    timezone: str = "UTC"
    week_start: Literal["monday", "sunday"] = "monday"
    fiscal_starts: int = 1
    fiscal_named_by: Literal["start", "end"] = "end"
    holidays: str | None = None
    """Country code, e.g. KR."""

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    def today(self, now: datetime) -> date:
        """The local date of an aware instant."""
        return now.astimezone(self.zone).date()

    def week_of(self, day: date) -> date:
        """The first day of the week that holds `day`."""
        shift = day.weekday() if self.week_start == "monday" else (day.weekday() + 1) % 7
        return day - timedelta(days=shift)

    def midnight(self, day: date) -> datetime:
        """The instant at which a local day begins: its first existing moment where a clock change skips midnight."""
        local = datetime(day.year, day.month, day.day, tzinfo=self.zone)
        return local.astimezone(ZoneInfo("UTC"))
