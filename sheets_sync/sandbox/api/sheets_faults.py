"""Troubles that tests and people can switch on: quota, outages, slowness."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from sheets_sync.sandbox.api_errors import (
    ApiError,
    internal,
    not_a_spreadsheet,
    quota_exceeded,
    service_disabled,
    unavailable,
)

Moment = Literal["before", "after"]
REFUSALS: dict[str, Callable[[], ApiError]] = {
    "service_disabled": service_disabled,
    "not_a_spreadsheet": not_a_spreadsheet,
    "internal": internal,
}


@dataclass(slots=True)
class Faults:
    """`quota` and `unavailable` count how many more calls fail; `after` means that the call was carried out first."""

    quota: int = 0
    unavailable: int = 0
    moment: Moment = "before"
    latency: float = 0.0
    only: str = ""
    """Only calls whose path holds this text fail; empty: all."""
    refusal: str = ""
    """One of REFUSALS: every call is answered so until this is empty again."""
    limits: dict[str, int] = field(default_factory=dict)
    """Calls a minute, by "Read" and "Write"; a kind that is missing has no limit."""

    counted: Counter[tuple[str, int]] = field(default_factory=Counter)
    """Calls so far by kind and minute, while that kind has a limit."""

    def take(self, path: str, kind: str, now: datetime) -> tuple[Moment, ApiError] | None:
        """The failure of this call, if one is due."""
        # First, for a call counts against its quota whatever else goes wrong.
        if kind in self.limits:
            minute = (kind, int(now.timestamp() // 60))
            self.counted[minute] += 1
            if self.counted[minute] > self.limits[kind]:
                return "before", quota_exceeded(kind)
        if self.only and self.only not in path:
            return None
        if self.refusal:
            return "before", REFUSALS[self.refusal]()
        if self.quota > 0:
            self.quota -= 1
            return "before", quota_exceeded(kind)
        if self.unavailable > 0:
            self.unavailable -= 1
            return self.moment, unavailable()
        return None
