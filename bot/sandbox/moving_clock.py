"""A clock that runs as the given one does, and can be moved ahead."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta


class Clock:
    """Called, it tells the aware present; `move_to` makes a later instant the present."""

    def __init__(self, base: Callable[[], datetime]) -> None:
        self._base = base
        self._ahead = timedelta()

    def __call__(self) -> datetime:
        return self._base() + self._ahead

    @property
    def ahead(self) -> timedelta:
        """How far it was moved."""
        return self._ahead

    def move_to(self, instant: datetime) -> None:
        """ValueError for an instant that has passed: what was sent and posted cannot be unsent."""
        if instant < self():
            raise ValueError("The clock only moves ahead.")
        self._ahead = instant - self._base()
