"""What nobody has used for eight weeks: KPIs, summaries, goals and alerts, each proposed once to its owner. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Literal

from kpi_core.frozen_dataclass import frozen
from kpi_core.settings.values import Alert, Goal

UNUSED = timedelta(weeks=8)
"""So long nobody has opened, answered or changed it: two months hold a monthly review twice."""


@frozen
class Subject:
    """Something that a team set up and may have outgrown. `name` is short and lasts as long as the thing does."""

    kind: Literal["kpi", "summary", "goal", "alert"]
    name: str
    owner: str = ""
    last_use: datetime | None = None
    spoke_at: datetime | None = None
    """Of an alert: when it first spoke up without anybody answering; None while it has nothing unanswered."""
    thing: Goal | Alert | None = None

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.name}"


@frozen
class Standing:
    """Since when a thing is there, and when its owner was asked about it."""

    since: datetime
    proposed_at: datetime | None = None


@frozen
class Unused:
    """`since`: its last use, or else when it was set up; an alert's, when it first spoke to no one."""

    subject: Subject
    since: datetime


def unused(subjects: Sequence[Subject], standings: Mapping[str, Standing], now: datetime) -> Iterator[Unused]:
    """Those out of use, whether their owners have been asked or not."""
    for subject in subjects:
        since = _idle_since(subject, standings.get(subject.key, Standing(now)).since)
        if since is not None and now - since >= UNUSED:
            yield Unused(subject, since)


def to_propose(subjects: Sequence[Subject], standings: Mapping[str, Standing], now: datetime) -> Iterator[Unused]:
    """Those whose owners have not been asked since they were last in use."""
    for one in unused(subjects, standings, now):
        subject = one.subject
        asked_at = standings[subject.key].proposed_at if subject.key in standings else None
        # Not by `since`: what begins anew after a downtime has been asked about all the same.
        newest = subject.spoke_at if subject.kind == "alert" else subject.last_use
        if asked_at is None or (newest is not None and newest > asked_at):
            yield one


def _idle_since(subject: Subject, there_since: datetime) -> datetime | None:
    if subject.kind == "alert":
        # An alert that has had nothing to say is no less needed for that.
        return None if subject.spoke_at is None else max(there_since, subject.spoke_at)
    return max(filter(None, (there_since, subject.last_use)))
