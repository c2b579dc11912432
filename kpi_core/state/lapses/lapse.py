"""Rows of a lapse: a state in SQLite that went back in time, because its log was cut or a backup took its place.

Since then all that left is in doubt: what is planned is looked up before it is sent, and schedules that the state does
not know go on from there.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, func, select, update

from kpi_core.errors import DataError
from kpi_core.frozen_dataclass import frozen
from kpi_core.state.lapses.step_mark import Steps
from kpi_core.state.schema import (
    audit,
    deliveries,
    incident_events,
    installation,
    instant_text,
    schedules,
)
from kpi_core.state.transactions import Transaction

IN_DOUBT = timedelta(days=40)
"""For so long after a lapse was told, and so far back, what is planned may have been sent: alerts look back less."""
_STEPS, _SINCE, _UNTOLD, _TOLD = "steps", "lapse", "lapse untold", "lapse told"
_STEP = """
INSERT INTO installation (name, value) VALUES ('steps', '1')
ON CONFLICT (name) DO UPDATE SET value = CAST(value AS INTEGER) + 1
"""
_COUNT = "SELECT CAST(value AS INTEGER) FROM installation WHERE name = 'steps'"


@frozen
class Lapse:
    """`since`: the last moment that the state remembers; None where another state took its place and it knows none."""

    since: datetime | None


def step(transaction: Transaction) -> int:
    """Count one more transaction; how many there are."""
    # By hand, for each transaction pays for it.
    transaction.connection.exec_driver_sql(_STEP)
    count: int = transaction.connection.exec_driver_sql(_COUNT).scalar_one()
    return count


def steps_of(transaction: Transaction) -> Steps:
    """How far the state has come; 0 for one of an earlier release."""
    key = _value(transaction, "key") or ""
    return Steps(hashlib.sha256(key.encode()).hexdigest()[:16], int(_value(transaction, _STEPS) or 0))


def is_behind(transaction: Transaction, marked: Steps) -> bool:
    """Whether the state lacks what was marked, or is another one."""
    own = steps_of(transaction)
    return own.installation != marked.installation or own.count < marked.count


def note_lapse(transaction: Transaction, marked: Steps) -> None:
    """Write down that the state is behind; of several processes one does. DataError where it is not whole besides."""
    if not is_behind(transaction, marked):
        return
    since = None
    if steps_of(transaction).installation == marked.installation:
        _refuse_damaged(transaction)
        since, before = _newest_moment(transaction), lapse_since(transaction)
        # A second lapse so soon after the first leaves the doubt of both.
        since = before if before and since and since - before < IN_DOUBT else since
        transaction.put(installation, name=_STEPS, value=str(marked.count))
        # What had not been sent by then may have been since.
        waits = deliveries.c.state.in_(("pending", "waiting"))
        transaction.run(update(deliveries).where(waits).values(state="uncertain"))
    transaction.put(installation, name=_SINCE, value=instant_text(since) if since else "")
    transaction.put(installation, name=_UNTOLD, value="")
    transaction.run(delete(installation).where(installation.c.name == _TOLD))


def lapse_since(transaction: Transaction) -> datetime | None:
    """Since when what left is in doubt; None where nothing is, or nobody knows since when."""
    text = _value(transaction, _SINCE)
    return datetime.fromisoformat(text).astimezone(UTC) if text else None


def doubted_since(transaction: Transaction, at: datetime) -> datetime | None:
    """Since when a message that is planned at an instant may have been sent already; None where none may."""
    since = lapse_since(transaction)
    told = _value(transaction, _TOLD) if since else None
    if since is None or (told and at - datetime.fromisoformat(told) >= IN_DOUBT):
        return None
    # A moment that is yet to come was written by a clock that was ahead.
    return max(since, at - IN_DOUBT) if since <= at else at - IN_DOUBT


def untold_lapse(transaction: Transaction) -> Lapse | None:
    """A lapse of which nobody has been told yet."""
    return None if _value(transaction, _UNTOLD) is None else Lapse(lapse_since(transaction))


def lapse_told(transaction: Transaction, now: datetime) -> None:
    """Somebody has been told of it."""
    transaction.run(delete(installation).where(installation.c.name == _UNTOLD))
    transaction.put(installation, name=_TOLD, value=instant_text(now))


def _newest_moment(transaction: Transaction) -> datetime | None:
    """The newest instant that any row tells of something that happened: nothing before it is missing."""
    happened = (
        deliveries.c.planned_at,
        deliveries.c.first_sent,
        schedules.c.last_fire,
        audit.c.at,
        incident_events.c.at,
    )
    rows = (transaction.row(select(func.max(column).label("at"))) for column in happened)
    return max((row["at"] for row in rows if row and row["at"]), default=None)


def _refuse_damaged(transaction: Transaction) -> None:
    # A log that is older than what was taken from it into the file leaves pages of two times beside each other.
    if transaction.connection.exec_driver_sql("PRAGMA integrity_check(1)").scalar_one() != "ok":
        raise damaged()


def damaged() -> DataError:
    return DataError(
        "The state database is damaged.",
        code="state_damaged",
        hint="Put the newest backup in its place, or take the file away to begin anew; what came since is told then.",
    )


def _value(transaction: Transaction, name: str) -> str | None:
    row = transaction.row(select(installation.c.value).where(installation.c.name == name))
    return str(row["value"]) if row else None
