"""Schedules fire at the true time, whatever the machine's clock says."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from bot.running.true_clock import CHECKED_AGAIN, TrueClock
from kpi_core.deliveries.delivery_states import Clock
from kpi_core.errors import ServiceError

NINE = datetime(2026, 11, 23, 9, tzinfo=UTC)


@dataclass
class Machine:
    """The true time, how far the machine's clock is off, and whether Slack can be asked."""

    true: datetime = NINE
    off: timedelta = timedelta()
    is_up: bool = True
    asked: int = 0
    clock: TrueClock = field(init=False)

    def __post_init__(self) -> None:
        self.clock = TrueClock(lambda: self.true + self.off, self.slack, self.elapsed)

    def elapsed(self) -> float:
        return (self.true - NINE).total_seconds()

    def slack(self) -> Clock:
        self.asked += 1
        if not self.is_up:
            raise ServiceError("Slack cannot be reached.", code="slack_unreachable")
        return lambda: self.true


@pytest.mark.parametrize("off", [timedelta(minutes=10), -timedelta(hours=2), timedelta(days=365), -timedelta(days=365)])
def test_a_wrong_clock_is_not_gone_by(off: timedelta) -> None:
    """Wrong from the start, or set wrong and right again while the bot runs: the time is the true one."""
    machine = Machine()
    for number in range(60):
        machine.true += timedelta(seconds=20)
        machine.off = off if number < 10 or 30 <= number < 40 else timedelta()
        machine.clock.check()
        assert machine.clock() == machine.true


def test_a_clock_that_runs_evenly_is_checked_rarely() -> None:
    """A clock off by seconds is the machine's own, and Slack is asked once in ten minutes."""
    machine = Machine(off=timedelta(seconds=7))
    for _ in range(180):
        machine.true += timedelta(seconds=20)
        machine.clock.check()
        assert machine.clock() == machine.true + timedelta(seconds=7)
    assert machine.asked == 1 + 3600 // CHECKED_AGAIN - 1


def test_without_slack_the_machines_clock_must_do() -> None:
    """Whoever cannot ask goes by what there is, and asks again a minute later: no answer takes its time."""
    machine = Machine(off=timedelta(days=1), is_up=False)
    for _ in range(3):
        machine.clock.check()
        assert machine.clock() == machine.true + timedelta(days=1)
        machine.true += timedelta(seconds=20)
    assert machine.asked == 1
    machine.is_up = True
    machine.clock.check()
    assert machine.clock() == machine.true


def test_reading_the_clock_asks_nobody() -> None:
    """It may be read where nothing may wait, such as while a question is answered."""
    machine = Machine(off=timedelta(days=1))
    assert machine.clock() == NINE + timedelta(days=1)
    assert machine.asked == 0
