"""Troubles that tests and people can switch on: quota, outages, slowness."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from sheets_sync.sandbox.errors import ApiError, quota_exceeded, unavailable

Moment = Literal["before", "after"]


@dataclass(slots=True)
class Faults:
    """`quota` and `unavailable` count how many more calls fail; `after` means that the call was carried out first."""

    quota: int = 0
    unavailable: int = 0
    moment: Moment = "before"
    latency: float = 0.0
    only: str = ""
    """Only calls whose path holds this text fail; empty: all."""
    limits: dict[str, int] = field(default_factory=dict)
    """Calls a minute, by "Read" and "Write"; a kind that is missing has no limit."""

    def take(self, path: str, kind: str) -> tuple[Moment, ApiError] | None:
        """The failure of this call, if one is due."""
        if self.only and self.only not in path:
            return None
        if self.quota > 0:
            self.quota -= 1
            return "before", quota_exceeded(kind)
        if self.unavailable > 0:
            self.unavailable -= 1
            return self.moment, unavailable()
        return None
