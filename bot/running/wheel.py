"""The wheel that turns while `kpi run` runs: every few seconds each job that is due runs, one after the other."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from secrets import token_hex
from time import monotonic
from typing import Protocol
from zoneinfo import ZoneInfo

from bot.log_lines import under_an_id
from kpi_core.dates.schedule import Fire, Schedule
from kpi_core.deliveries.messages import Message
from kpi_core.deliveries.planning import due_now, plan
from kpi_core.errors import KpiBotError
from kpi_core.frozen_dataclass import frozen
from kpi_core.state.leases import release_lease, take_lease
from kpi_core.state.store import Store
from kpi_core.state.team.pauses import paused

ROUND_SECONDS = 20.0
LONGEST_WAIT = timedelta(minutes=15)
"""A job that fails is tried in the next round, then ever more rarely, at last so often, or as it says itself."""
PUT_OFF = timedelta(minutes=5)
"""After so long a job that had to wait looks again."""
PATIENCE = 3
"""A job that fails so often in a row is told; before that it may pass by itself."""
LEASE_SECONDS = 120.0
"""For so long a job is that of the process that began it: one that was killed holds it up no longer."""
log = logging.getLogger("kpi_bot.schedules")


@frozen
class Job:
    """Work that comes by itself; without a schedule it runs each round.

    `run(now, fire)` does what `fire` stands for and returns the messages that it puts on their way. It may be called
    again for the same fire: after a crash, or by another process where it takes longer than two minutes.
    """

    name: str
    """Of the form `summary:weekly`; by it the state knows when the job ran last."""
    schedule: Schedule | None
    run: Callable[[datetime, Fire], Sequence[Message]]
    zone: ZoneInfo | None = None
    """Whose local time the schedule names; that of the workspace without one."""
    longest_wait: timedelta = LONGEST_WAIT
    """A job that fails is tried again after so long at the latest."""


class NotYet(Exception):  # noqa: N818 - nothing went wrong
    """What a job is to do has to wait for something; its fire is not used up."""


class Owner(Protocol):
    """Who hears of a job that keeps failing."""

    def hears(self, job: str, error: KpiBotError, now: datetime) -> None: ...

    def hears_no_more(self, job: str) -> None: ...


@dataclass(slots=True)
class _Trouble:
    """A job that has failed `times` in a row; it is logged when `what` changes."""

    what: str
    times: int
    again: datetime


@dataclass(slots=True)
class Wheel:
    """The jobs of one workspace, in the order in which they run when several are due."""

    jobs: Sequence[Job]
    store: Callable[[], Store]
    """Opened by the first round, not before."""
    zone: ZoneInfo
    clock: Callable[[], datetime]
    owner: Owner | None = None
    set_clock: Callable[[], None] = lambda: None
    """What sets the clock, at the beginning of each round; it raises nothing."""
    turn: threading.Lock = field(default_factory=threading.Lock)
    """Locked for a round, so that two never overlap; lock it to keep rounds away."""
    turned_at: float | None = None
    """When the last round began, by the clock of `time.monotonic`."""
    _troubles: dict[str, _Trouble] = field(default_factory=dict)
    _sound: set[str] = field(default_factory=set)
    """Jobs that have worked since they failed last, in this process."""
    _holder: str = field(default_factory=lambda: token_hex(8))
    """By this name the wheel takes a job for itself among those of other processes."""

    @property
    def troubled(self) -> tuple[str, ...]:
        """The jobs that failed when they were last tried."""
        return tuple(sorted(name for name, trouble in self._troubles.items() if trouble.times))

    async def keep(self, stop: asyncio.Event) -> None:
        """A round every 20 seconds until `stop` is set; then the job at work ends, and no other begins."""
        while not stop.is_set():
            await asyncio.to_thread(self.round, stop.is_set)
            try:
                await asyncio.wait_for(stop.wait(), ROUND_SECONDS)
            except TimeoutError:
                continue

    def round(
        self, stopping: Callable[[], bool] = lambda: False, wanted: Callable[[Job], bool] = lambda _job: True
    ) -> None:
        """Everything that is due now, each job by itself: one that fails holds no other up. Raises nothing.

        Jobs that are not `wanted` wait for another round.
        """
        with self.turn:
            self.turned_at = monotonic()
            self.set_clock()
            for job in self.jobs:
                if stopping():
                    return
                if wanted(job):
                    self._try(job)

    def _try(self, job: Job) -> None:
        trouble = self._troubles.get(job.name)
        # A wait that is longer than any was written by a clock that was ahead.
        if trouble and timedelta() < trouble.again - self.clock() <= job.longest_wait:
            return
        with under_an_id():
            self._attempt(job)

    def _attempt(self, job: Job) -> None:
        try:
            ran = self._run(job)
        except NotYet as reason:
            self._put_off(job, str(reason))
        except KpiBotError as error:
            self._failed(job, f"{error.message} {error.hint}".strip(), error)
        except Exception as error:  # noqa: BLE001 - the next job must come whatever happened in this one
            self._failed(job, f"failed: {type(error).__name__}")
        else:
            self._worked(job, ran=ran)

    def _put_off(self, job: Job, reason: str) -> None:
        before = self._troubles.get(job.name)
        if before is None or before.what != reason:
            log.info("%s: waits: %s", job.name, reason)
        self._troubles[job.name] = _Trouble(reason, 0, self.clock() + PUT_OFF)

    def _worked(self, job: Job, *, ran: bool) -> None:
        if self._troubles.pop(job.name, None):
            log.info("%s: works again", job.name)
        # Once a process: the trouble may have begun in an earlier one.
        if self.owner and ran and job.name not in self._sound and self._reached(self.owner.hears_no_more, job.name):
            self._sound.add(job.name)

    @staticmethod
    def _reached(tell: Callable[..., None], *words: object) -> bool:
        """Whether the owner was told: a full disk keeps that from working as it does the job."""
        try:
            tell(*words)
        except Exception as error:  # noqa: BLE001 - the rounds go on, whatever happened in this one
            log.warning("The owner could not be told: %s", type(error).__name__)
            return False
        return True

    def _run(self, job: Job) -> bool:
        """Whether it was due, and is done."""
        now = self.clock()
        if job.schedule is None:
            job.run(now, Fire(now))
            return True
        if due_now(self.store(), job.name, job.schedule, now, job.zone or self.zone) is None:
            return False
        return self._run_alone(job, job.schedule, now)

    def _run_alone(self, job: Job, schedule: Schedule, now: datetime) -> bool:
        """Run what is due, unless another process is at it or has done it since."""
        store, lease = self.store(), f"job:{job.name}"
        if not take_lease(store, lease, self._holder, now, LEASE_SECONDS):
            return False
        try:
            # Asked again: between the first look and the lease another process may have done it.
            fire = due_now(store, job.name, schedule, now, job.zone or self.zone)
            if fire is None:
                return False
            # What is paused lets its time pass, and does not make up for it.
            messages = () if job.name in paused(store) else job.run(now, fire)
            plan(store, job.name, schedule, fire, messages, now=now, zone=job.zone or self.zone)
            return True
        finally:
            release_lease(store, lease, self._holder)

    def _failed(self, job: Job, what: str, error: KpiBotError | None = None) -> None:
        before = self._troubles.get(job.name)
        # Once, not each round: a service that is away for a night would fill the log.
        if before is None or before.what != what:
            log.error("%s: %s", job.name, what)
        times = before.times + 1 if before else 1
        self._sound.discard(job.name)
        if self.owner and error is not None and times >= PATIENCE:
            self._reached(self.owner.hears, job.name, error, self.clock())
        wait = timedelta(seconds=ROUND_SECONDS) * (2 ** min(times - 1, 10) - 1)
        self._troubles[job.name] = _Trouble(what, times, self.clock() + min(wait, job.longest_wait))
