"""The time by which schedules fire: the machine's, or Slack's where the two do not agree."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic

from kpi_core.deliveries.delivery_states import Clock

TOLERANCE = timedelta(minutes=5)
"""A machine whose clock is off by more goes by Slack's."""
CHECKED_AGAIN = 600.0
"""Seconds after which the two are held against each other again, though the machine's clock ran evenly."""
ASKED_AGAIN = 60.0
"""Seconds after which Slack is asked again, when it could not be."""
log = logging.getLogger("kpi_bot.schedules")


@dataclass(slots=True)
class TrueClock:
    """The present. `own` is the machine's clock; `of_slack` asks Slack for one, and raises where it cannot.

    A machine whose clock is a year ahead would post early, and nothing for a year once it is set right.
    """

    own: Clock
    of_slack: Callable[[], Clock]
    elapsed: Callable[[], float] = monotonic
    """Seconds by a clock that nobody sets."""
    _off: timedelta = timedelta()
    _checked: tuple[datetime, float, float] | None = field(default=None)
    """The machine's time at the last look, when the next one is due, and when that was, both by `elapsed`."""

    def __call__(self) -> datetime:
        """The present as far as it is known; asks nobody, so that it may be read anywhere."""
        return self.own() + self._off

    @property
    def off(self) -> timedelta:
        """By how much the machine's clock is behind Slack's, as of the last look; nothing while it is about right."""
        return self._off

    def check(self) -> None:
        """Hold the machine's clock against Slack's where it is time to, or it has jumped. Outside any event loop."""
        own, elapsed = self.own(), self.elapsed()
        if self._checked is None or not self._ran_evenly(own, elapsed):
            self._check(own, elapsed)

    def _ran_evenly(self, own: datetime, elapsed: float) -> bool:
        assert self._checked is not None
        then, due, began = self._checked
        moved = (own - then).total_seconds() - (elapsed - began)
        return elapsed < due and abs(moved) < TOLERANCE.total_seconds()

    def _check(self, own: datetime, elapsed: float) -> None:
        try:
            off = self.of_slack()() - own
        except Exception:  # noqa: BLE001 - whatever keeps Slack from telling the time, the jobs go on
            # Nothing better is known; it is asked again soon, and not at every look: no answer takes its time.
            self._off, self._checked = timedelta(), (own, elapsed + ASKED_AGAIN, elapsed)
            return
        off = off if abs(off) > TOLERANCE else timedelta()
        if off and not self._off:
            span = timedelta(seconds=round(abs(off).total_seconds()))
            way = "behind" if off > timedelta() else "ahead of"
            log.error("This machine's clock is %s %s Slack's, by which schedules go. Set it right.", span, way)
        self._off, self._checked = off, (own, elapsed + CHECKED_AGAIN, elapsed)
