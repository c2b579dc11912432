"""How a workspace cuts its time: zone, week start, fiscal year, holidays. Settings, never derived from the language."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from kpi_core.frozen_dataclass import frozen

Pattern = Literal["4-4-5", "4-5-4", "5-4-4"]


@frozen
class Calendar:
    """`fiscal_starts` is the month (1-12) a fiscal year begins with; `fiscal_named_by` says whose year names it."""

    timezone: str = "UTC"
    week_start: Literal["monday", "sunday"] = "monday"
    fiscal_starts: int = 1
    fiscal_named_by: Literal["start", "end"] = "end"
    fiscal_pattern: Pattern | None = None
    """The weeks of a quarter's three months, where a fiscal year is made of whole weeks."""
    holidays: str | None = None
    """Country code, e.g. KR."""

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    def day_of(self, moment: object) -> date | None:
        """The local day of what a table holds: of an instant (a naive one is UTC), or the date itself; else None."""
        if isinstance(moment, datetime):
            return self.today(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
        return moment if isinstance(moment, date) else None

    def today(self, now: datetime) -> date:
        """The local date of an aware instant."""
        return now.astimezone(self.zone).date()

    def week_of(self, day: date) -> date:
        """The first day of the week that holds `day`."""
        shift = day.weekday() if self.week_start == "monday" else (day.weekday() + 1) % 7
        return day - timedelta(days=shift)

    def thursday_of(self, day: date) -> date:
        """The Thursday of the week that holds `day`: it says which month, year and number the week goes by."""
        return self.week_of(day) + timedelta(days=3 if self.week_start == "monday" else 4)

    def week_number(self, day: date) -> tuple[int, int]:
        """Year and number of the week that holds `day`; ISO 8601's own for Monday weeks."""
        return self.thursday_of(day).isocalendar()[:2]

    def numbered_week(self, year: int, number: int) -> date:
        """The first day of a numbered week. ValueError for week 53 of a year that has 52."""
        # By its Thursday: a week that begins on Sunday has the same one as the ISO week it goes by.
        return self.week_of(date.fromisocalendar(year, number, 4))

    def fiscal_year_start(self, year: int) -> date:
        """The first day of the fiscal year named `year`: a month's first, or the week start nearest to it."""
        first = date(year - self._named_ahead, self.fiscal_starts, 1)
        # Three days on, the week's first day is the nearest one: at most three days before the month's first,
        # or after it.
        return self.week_of(first + timedelta(days=3)) if self.fiscal_pattern else first

    def fiscal_year_of(self, day: date) -> int:
        """The name of the fiscal year that holds `day`."""
        year = day.year - (day.month < self.fiscal_starts) + self._named_ahead
        # The year may begin up to three days before or after its month does, so the month alone can be one off.
        if day < self.fiscal_year_start(year):
            return year - 1
        return year + (day >= self.fiscal_year_start(year + 1))

    def fiscal_month_start(self, year: int, month: int) -> date:
        """The first day of a fiscal year's month, counted from 1; of month 13, the day after the year.

        A week 53 belongs to the year's last month.
        """
        start = self.fiscal_year_start(year)
        if month > 12:
            return self.fiscal_year_start(year + 1)
        if self.fiscal_pattern:
            weeks = [int(number) for number in self.fiscal_pattern.split("-")] * 4
            return start + timedelta(weeks=sum(weeks[: month - 1]))
        index = start.month - 1 + month - 1
        return date(start.year + index // 12, index % 12 + 1, 1)

    @property
    def _named_ahead(self) -> int:
        return int(self.fiscal_named_by == "end" and self.fiscal_starts > 1)

    def midnight(self, day: date) -> datetime:
        """The instant at which a local day begins: its first existing moment where a clock change skips midnight."""
        local = datetime(day.year, day.month, day.day, tzinfo=self.zone)
        instant = local.astimezone(UTC)
        if instant.astimezone(self.zone).replace(tzinfo=None) == local.replace(tzinfo=None):
            return instant
        # A skipped midnight is read by the offset before the change and by the one after it: an instant on
        # either side.
        return self._first_instant_after_gap(local.replace(fold=1).astimezone(UTC), instant)

    def _first_instant_after_gap(self, before: datetime, after: datetime) -> datetime:
        """The clock change between two instants on either side of it, to the second."""
        offset = after.astimezone(self.zone).utcoffset()
        while after - before > timedelta(seconds=1):
            middle = before + (after - before) // 2
            middle = middle.replace(microsecond=0)
            if middle.astimezone(self.zone).utcoffset() == offset:
                after = middle
            else:
                before = middle
        return after
