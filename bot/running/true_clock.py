"""The time by which schedules fire: the machine's, or Slack's where the two do not agree."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic

from kpi_core.deliveries.delivery_states import Clock
from kpi_core.errors import ServiceError

TOLERANCE = timedelta(minutes=5)
"""A machine whose clock is off by more goes by Slack's."""
CHECKED_AGAIN = 600.0
"""Seconds after which the two are held against each other again, though the machine's clock ran evenly."""
log = logging.getLogger("kpi_bot.schedules")


@dataclass(slots=True)
class TrueClock:
    """The present. `own` is the machine's clock; `of_slack` asks Slack for one, ServiceError where it cannot.

    A machine whose clock is a year ahead would post early, and nothing for a year once it is set right.
    """

    own: Clock
    of_slack: Callable[[], Clock]
    elapsed: Callable[[], float] = monotonic
    """Seconds by a clock that nobody sets."""
    _off: timedelta = timedelta()
    _checked: tuple[datetime, float] | None = field(default=None)

    def __call__(self) -> datetime:
        own, elapsed = self.own(), self.elapsed()
        if self._checked is None or not self._ran_evenly(own, elapsed):
            self._check(own, elapsed)
        return own + self._off

    def _ran_evenly(self, own: datetime, elapsed: float) -> bool:
        assert self._checked is not None
        then, began = self._checked
        passed = elapsed - began
        return passed < CHECKED_AGAIN and abs((own - then).total_seconds() - passed) < TOLERANCE.total_seconds()

    def _check(self, own: datetime, elapsed: float) -> None:
        try:
            off = self.of_slack()() - own
        except ServiceError:
            # Nothing better is known; the next look asks again.
            self._off = timedelta()
            return
        off = off if abs(off) > TOLERANCE else timedelta()
        if off and not self._off:
            log.error("This machine's clock is wrong by %s: schedules go by Slack's. Set it right.", -off)
        self._off, self._checked = off, (own, elapsed)
