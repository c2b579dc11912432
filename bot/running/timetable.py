"""What comes by itself, for those who look at it, pause it or want it now."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bot.cards.views.schedule_card import Coming
from bot.running.jobs import timed_jobs
from bot.running.wheel import Job, NotYet
from kpi_core.dates.schedule import Fire, next_fires
from kpi_core.deliveries.planning import plan_once
from kpi_core.errors import KpiBotError
from kpi_core.frozen_dataclass import frozen
from kpi_core.state.team.pauses import pause, paused, resume

if TYPE_CHECKING:
    from bot.workspace import Workspace

COUNT = 5
"""So many next times are told."""
A_MOMENT = timedelta(minutes=1)


@frozen
class Timetable:
    """The timed jobs of one workspace. What runs now runs while `turn` is held, and so beside no other job."""

    workspace: Workspace
    clock: Callable[[], datetime]
    turn: AbstractContextManager[object]
    _done_at: dict[str, datetime] = field(default_factory=dict)
    """When each was last done by a press."""

    def coming(self) -> list[Coming]:
        """Each job with a time, in the order of kpi.yaml."""
        resting, now = paused(self.workspace.store), self.clock()
        zone = self.workspace.settings.calendar.zone
        return [
            Coming(
                job.name,
                job.schedule.text,
                (job.zone or zone).key,
                next_fires(job.schedule, now, job.zone or zone, COUNT),
                resting.get(job.name, ""),
            )
            for job in self._jobs()
            if job.schedule is not None
        ]

    def pause(self, name: str, who: str) -> None:
        """KpiBotError where there is no such job."""
        self._named(name)
        pause(self.workspace.store, name, who, self.clock())

    def resume(self, name: str) -> None:
        resume(self.workspace.store, name)

    def run_now(self, name: str) -> None:
        """Do what a job does, beside its times; what it posts is on its way. Errors as the job's own. Slow."""
        job = self._named(name)
        with self.turn:
            now = self.clock()
            # Pressed twice, it is meant once.
            if name in self._done_at and now - self._done_at[name] < A_MOMENT:
                message = "This was done a moment ago."
                raise KpiBotError(message, code="job_just_done", hint="Wait a minute to do it again.")
            try:
                messages = job.run(now, Fire(now))
            except NotYet as reason:
                message = f"It has to wait: {reason}."
                raise KpiBotError(message, code="job_waits", hint="Load the data first.") from None
            plan_once(self.workspace.store, name, messages, now)
            self._done_at[name] = now

    def _jobs(self) -> Iterator[Job]:
        return (job for job in timed_jobs(self.workspace) if job.schedule is not None)

    def _named(self, name: str) -> Job:
        job = next((job for job in self._jobs() if job.name == name), None)
        if job is None:
            message = "This is not in kpi.yaml any more."
            raise KpiBotError(message, code="job_gone", hint="Ask for the schedule to see what is.")
        return job
