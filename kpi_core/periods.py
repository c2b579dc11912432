"""Periods are half-open: `start` is inside, `end` is not. Local dates of the workspace; the clock is always passed in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

Grain = Literal["day", "week", "month", "quarter", "half", "year", "span"]
"""What a period is one of; `span` is any other run of days, such as the last 7."""


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """A run of local dates `[start, end)`."""

    start: date
    end: date
    grain: Grain = "span"
    to_date: bool = False
    """Month to date and its like: `end` is the day after today, and the partner ends as far into its own unit."""

    @property
    def days(self) -> int:
        return (self.end - self.start).days

    @property
    def last_day(self) -> date:
        return self.end - timedelta(days=1)
