"""The wheel of jobs: who runs when, in which order, and what becomes of a job that fails."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.running.wheel import LEASE_SECONDS, Job, Wheel
from kpi_core.dates.schedule import Fire, parse_every
from kpi_core.deliveries.ledger import unsettled
from kpi_core.deliveries.messages import Message, Posting
from kpi_core.errors import KpiBotError, ServiceError
from kpi_core.state.leases import take_lease
from kpi_core.state.store import Store, open_store

NINE = datetime(2026, 11, 23, 9, tzinfo=UTC)  # a Monday


@dataclass
class Bench:
    """A wheel whose clock is set by hand; `ran` lists which job ran when."""

    store: Store
    now: datetime = NINE - timedelta(hours=1)
    ran: list[tuple[str, datetime]] = field(default_factory=list)
    fires: list[Fire] = field(default_factory=list)
    fails: dict[str, Exception] = field(default_factory=dict)

    def job(self, name: str, every: str | None = "day 09:00", says: Sequence[Message] = ()) -> Job:
        def run(now: datetime, fire: Fire) -> Sequence[Message]:
            self.ran.append((name, now))
            self.fires.append(fire)
            if name in self.fails:
                raise self.fails[name]
            return says

        return Job(name, parse_every(every) if every else None, run)

    def wheel(self, *jobs: Job) -> Wheel:
        """The wheel, after its first round: from then on each schedule counts."""
        made = Wheel(jobs, lambda: self.store, ZoneInfo("UTC"), lambda: self.now)
        made.round()
        self.ran.clear()
        return made

    def at(self, wheel: Wheel, now: datetime) -> list[str]:
        """Which jobs run in a round at this time."""
        self.now = now
        self.ran.clear()
        wheel.round()
        return [name for name, _now in self.ran]


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    store = open_store("sqlite:///state.db", tmp_path)
    yield Bench(store)
    store.close()


def test_jobs_run_when_they_are_due_in_their_order(bench: Bench) -> None:
    """Each due job runs once at its time, in the order of the list; one without a time runs each round, last or not."""
    wheel = bench.wheel(bench.job("load:shop"), bench.job("summary:weekly", "monday 09:00"), bench.job("posts", None))
    assert bench.at(wheel, NINE - timedelta(seconds=1)) == ["posts"]
    assert bench.at(wheel, NINE) == ["load:shop", "summary:weekly", "posts"]
    assert bench.at(wheel, NINE + timedelta(seconds=20)) == ["posts"]
    assert bench.at(wheel, NINE + timedelta(days=1)) == ["load:shop", "posts"]


def test_one_run_stands_for_those_missed(bench: Bench) -> None:
    """After three days of standstill a daily job runs once, and its fire says since when."""
    wheel = bench.wheel(bench.job("load:shop"))
    assert bench.at(wheel, NINE + timedelta(days=3)) == ["load:shop"]
    assert bench.fires[-1] == Fire(NINE + timedelta(days=3), missed=3, since=NINE)


def test_messages_of_a_job_are_planned_once(bench: Bench) -> None:
    """What a job returns is put on its way with its fire, once however often the wheel turns."""
    wheel = bench.wheel(bench.job("summary:weekly", says=[Posting("C1", "x")]))
    for seconds in (0, 20, 40):
        bench.at(wheel, NINE + timedelta(seconds=seconds))
    (delivery,) = unsettled(bench.store)
    assert (delivery.schedule, delivery.due) == ("summary:weekly", NINE)


@pytest.mark.parametrize("error", [ServiceError("No answer.", code="x", hint="Wait."), ValueError("secret")])
def test_a_failing_job_stops_no_other(bench: Bench, error: Exception) -> None:
    """The others run; the one that failed runs again in the next round, and its fire is not lost."""
    wheel = bench.wheel(bench.job("load:shop"), bench.job("summary:weekly"))
    bench.fails["load:shop"] = error
    assert bench.at(wheel, NINE) == ["load:shop", "summary:weekly"]
    del bench.fails["load:shop"]
    assert bench.at(wheel, NINE + timedelta(seconds=20)) == ["load:shop"]
    assert bench.at(wheel, NINE + timedelta(seconds=40)) == []


def test_a_lasting_failure_is_logged_once(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    """One line with its hint while it lasts, another when it changes, one when it is over; never a secret."""
    caplog.set_level(logging.INFO, "kpi_bot.schedules")
    wheel = bench.wheel(bench.job("load:shop"))
    errors = [KpiBotError("No answer.", code="x", hint="Wait.")] * 3 + [ValueError("xoxb-secret")] * 2
    now = NINE
    for error in errors:
        bench.fails["load:shop"] = error
        assert bench.at(wheel, now) == ["load:shop"]
        now += timedelta(minutes=15)
    bench.fails.clear()
    bench.at(wheel, now)
    lines = [record.getMessage() for record in caplog.records]
    assert lines == ["load:shop: No answer. Wait.", "load:shop: failed: ValueError", "load:shop: works again"]


def test_a_lasting_failure_is_tried_ever_more_rarely(bench: Bench) -> None:
    """The waits grow from one round to a quarter of an hour and no further: nobody's service is hammered."""
    wheel = bench.wheel(bench.job("load:shop"))
    bench.fails["load:shop"] = ServiceError("No answer.", code="x", hint="Wait.")
    tries = [second for second in range(0, 7200, 20) if bench.at(wheel, NINE + timedelta(seconds=second))]
    waits = [after - before for before, after in pairwise(tries)]
    assert waits[:4] == [20, 20, 60, 140]
    assert set(waits[6:]) == {900}


def test_the_wheel_stops_between_two_jobs(bench: Bench) -> None:
    """When told to stop, the job at work ends and no other begins."""
    stop, at_work, go_on = asyncio.Event(), threading.Event(), threading.Event()

    def slow(_now: datetime, _fire: Fire) -> Sequence[Message]:
        at_work.set()
        assert go_on.wait(120)
        bench.ran.append(("slow", bench.now))
        return ()

    async def turn() -> None:
        wheel = Wheel((Job("slow", None, slow), bench.job("next", None)), lambda: bench.store, ZoneInfo("UTC"), clock)
        turning = asyncio.create_task(wheel.keep(stop))
        await asyncio.to_thread(at_work.wait, 10)
        stop.set()
        go_on.set()
        await turning

    clock: Callable[[], datetime] = lambda: bench.now  # noqa: E731 - a fixed clock
    asyncio.run(turn())
    assert [name for name, _now in bench.ran] == ["slow"]


def test_of_two_processes_one_runs_what_is_due(bench: Bench) -> None:
    """While one is at a job the other passes it over, and once it is done nobody runs it again."""
    others: list[Wheel] = []

    def run(now: datetime, fire: Fire) -> Sequence[Message]:
        bench.ran.append(("load:shop", now))
        for other in others:
            other.round()
        return ()

    job = Job("load:shop", parse_every("day 09:00"), run)
    one, two = bench.wheel(job), bench.wheel(job)
    others.append(two)
    assert bench.at(one, NINE) == ["load:shop"]
    assert bench.at(two, NINE + timedelta(seconds=20)) == []


def test_what_one_process_fails_at_the_other_does(bench: Bench) -> None:
    """A job that failed is free at once; one whose process was killed is after two minutes."""
    one, two = bench.wheel(bench.job("load:shop")), bench.wheel(bench.job("load:shop"))
    bench.fails["load:shop"] = ServiceError("The shop is closed.", code="closed", hint="Wait.")
    assert bench.at(one, NINE) == ["load:shop"]
    bench.fails["load:shop"] = KeyboardInterrupt()  # type: ignore[assignment]
    with pytest.raises(KeyboardInterrupt):
        bench.at(two, NINE + timedelta(seconds=1))
    bench.fails.clear()
    assert take_lease(bench.store, "job:load:shop", "killed", NINE + timedelta(seconds=2), LEASE_SECONDS)
    assert bench.at(two, NINE + timedelta(seconds=60)) == []
    assert bench.at(two, NINE + timedelta(seconds=122)) == ["load:shop"]


@dataclass
class Told:
    """What the owner heard of: job -> how often, and which jobs work again."""

    of: list[str] = field(default_factory=list)
    over: list[str] = field(default_factory=list)

    def hears(self, job: str, _error: KpiBotError, _now: datetime) -> None:
        self.of.append(job)

    def hears_no_more(self, job: str) -> None:
        self.over.append(job)


def test_the_owner_hears_of_a_job_that_keeps_failing(bench: Bench) -> None:
    """Not of the first two failures, which may pass; that it works again is told when it does."""
    told = Told()
    wheel = bench.wheel(bench.job("load:shop"))
    wheel.owner = told
    bench.fails["load:shop"] = ServiceError("No answer.", code="x", hint="Wait.")
    for seconds, heard in ((0, []), (20, []), (40, ["load:shop"])):
        bench.at(wheel, NINE + timedelta(seconds=seconds))
        assert told.of == heard
    del bench.fails["load:shop"]
    bench.at(wheel, NINE + timedelta(hours=1))
    assert told.over == ["load:shop"]


def test_a_clock_that_was_ahead_silences_no_job(bench: Bench) -> None:
    """A job that failed under a clock a year ahead is tried in the first round after the clock is right."""
    wheel = bench.wheel(bench.job("posts", None))
    bench.fails["posts"] = ServiceError("No answer.", code="x", hint="Wait.")
    bench.at(wheel, NINE + timedelta(days=365))
    assert bench.at(wheel, NINE) == ["posts"]


def test_a_lease_of_a_clock_that_was_ahead_is_over(bench: Bench) -> None:
    """A process that was killed under a clock a year ahead holds a job up no longer than any other."""
    take_lease(bench.store, "job:load:shop", "killed", NINE + timedelta(days=365), LEASE_SECONDS)
    assert bench.at(bench.wheel(bench.job("load:shop")), NINE) == ["load:shop"]
