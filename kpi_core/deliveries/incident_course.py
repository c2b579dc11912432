"""The course of incidents: opened, joined, over, back again; seen, rested, acted on. Each step is written down once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal

from kpi_core.errors import KpiBotError
from kpi_core.frozen_dataclass import frozen
from kpi_core.state.incidents import (
    RESOLVED,
    add_event,
    add_incident,
    change_incident,
    due_events,
    events_of,
    locked_incident,
    open_incidents,
)
from kpi_core.state.store import Store
from kpi_core.state.transactions import Row, Transaction

Step = Literal["joined", "resolved", "again", "awake", "seen", "snoozed", "acted", "assigned", "note", "looked_back"]
BY_ITSELF = frozenset({"opened", "joined", "resolved", "again", "awake"})
"""Steps that nobody takes: the data does."""
OPEN, SEEN, SNOOZED = "open", "acknowledged", "snoozed"
REMEMBERED = timedelta(days=120)
"""An incident that is over is known again for so long."""


@frozen
class Known:
    """An incident as the state has it."""

    id: str
    channel: str
    state: str
    opened_at: datetime
    owner: str
    until: datetime | None
    """When it comes back after a rest, or since when it is over."""
    body: Mapping[str, Any]


@frozen
class Event:
    """A step of an incident: who did it, in what words, and the message that tells it; none tells nothing."""

    incident: str
    what: Step
    at: datetime
    who: str = ""
    words: str = ""
    message: Mapping[str, Any] | None = None
    due: datetime | None = None
    """When an action is to be looked back at."""


def known_incidents(store: Store, now: datetime | None = None) -> tuple[Known, ...]:
    """Those that are not over, the oldest first; as of `now`, also those that ended not long ago."""
    with store.reading() as transaction:
        rows = open_incidents(transaction, now - REMEMBERED if now else None)
    return tuple(map(_known, rows))


def open_incident(store: Store, incident: Known, message: Mapping[str, Any]) -> bool:
    """Write a new one down, to be told; False where it is there already."""
    with store.writing() as transaction:
        new = add_incident(
            transaction, id=incident.id, channel=incident.channel, state=OPEN, opened_at=incident.opened_at,
            owner=incident.owner, until=None, delivery="", body=dict(incident.body),
        )  # fmt: skip
        if new:
            _add(transaction, incident.id, "opened", incident.opened_at, message=message)
    return new


def go_on(store: Store, incident: str, body: Mapping[str, Any], state: str, events: Sequence[Event]) -> None:
    """Write down how an incident now stands, and what happened; nothing of it is told twice."""
    with store.writing() as transaction:
        values: dict[str, Any] = {"body": dict(body)}
        (row,) = locked_incident(transaction, incident)
        # Another process has taken it there meanwhile, and told of it.
        if state and state == row["state"]:
            return
        if state:
            values |= {"state": state, "until": events[-1].at if state == RESOLVED and events else None}
        change_incident(transaction, incident, **values)
        for event in events:
            _write(transaction, event)


def person_did(store: Store, beginning: str, event: Event, until: datetime | None = None) -> Known:
    """What somebody did with an incident, by the beginning of its id. KpiBotError where there is none, or several.

    Of one that is over only notes and actions are taken.
    """
    with store.writing() as transaction:
        rows = locked_incident(transaction, beginning)
        if len(rows) != 1:
            message = f"{'Several incidents begin' if rows else 'No incident begins'} with {beginning}."
            raise KpiBotError(
                message, code="unknown_incident", hint="kpi alerts lists them with their ids.", params={"id": beginning}
            )
        row = rows[0]
        if row["state"] == RESOLVED and event.what not in {"note", "acted"}:
            message = "This incident is over."
            raise KpiBotError(message, code="incident_over", hint="kpi alerts lists those that are open.")
        changes: dict[str, Any] = {}
        if row["state"] != RESOLVED and event.what in {"seen", "acted"}:
            changes = {"state": SEEN, "until": None}
        if event.what == "snoozed":
            changes = {"state": SNOOZED, "until": until}
        if event.what == "assigned":
            changes = {"owner": event.words}
        if changes:
            change_incident(transaction, row["id"], **changes)
        _write(transaction, Event(row["id"], event.what, event.at, event.who, event.words, event.message, event.due))
    return _known({**row, **changes})


def has_seen(store: Store, incident: str, who: str) -> bool:
    """Whether somebody has said so since the incident was told last."""
    with store.reading() as transaction:
        rows = events_of(transaction, incident)
    last = max((row["at"] for row in rows if row["what"] in {"opened", "again", "awake"}), default=None)
    own = (row["at"] for row in rows if row["what"] == "seen" and row["who"] == who)
    return any(last is None or at >= last for at in own)


def looked_back(store: Store, action: str, event: Event) -> None:
    """What came of an action is written down, once."""
    from kpi_core.state.incidents import change_event

    with store.writing() as transaction:
        change_event(transaction, action, due=None)
        _write(transaction, event, key=f"{action}:back")


def actions_due(store: Store, now: datetime) -> Sequence[Row]:
    with store.reading() as transaction:
        return due_events(transaction, now)


def _write(transaction: Transaction, event: Event, key: str = "") -> None:
    _add(
        transaction, event.incident, event.what, event.at, who=event.who, words=event.words,
        message=event.message, due=event.due, key=key,
    )  # fmt: skip


def _add(  # noqa: PLR0913 - the columns of a row
    transaction: Transaction,
    incident: str,
    what: str,
    at: datetime,
    *,
    who: str = "",
    words: str = "",
    message: Mapping[str, Any] | None = None,
    due: datetime | None = None,
    key: str = "",
) -> None:
    if what in BY_ITSELF:
        # By its number, not by its time: what the state has forgotten is the same step when it is worked out again.
        key = f"{incident}:{what}:{sum(row['what'] == what for row in events_of(transaction, incident))}"
    key = key or f"{incident}:{what}:{at.isoformat()}:{who}"
    add_event(
        transaction, key=key, incident=incident, at=at, who=who, what=what, words=words,
        message=dict(message or {}), due=due, waits=message is not None,
    )  # fmt: skip


def _known(row: Row) -> Known:
    return Known(row["id"], row["channel"], row["state"], row["opened_at"], row["owner"], row["until"], row["body"])
