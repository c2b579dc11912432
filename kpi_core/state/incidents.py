"""Rows of incidents, and of what happened to each: opened, acknowledged, acted on, over.

An event that is to be told waits until its message is on its way to Slack; one with `due` asks for a look back then.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import func, or_, select, update

from kpi_core.state.schema import deliveries, incident_events, incidents
from kpi_core.state.transactions import Row, Transaction

RESOLVED = "resolved"


def add_incident(transaction: Transaction, **values: object) -> bool:
    """Write down a new one; False where it is there already."""
    return transaction.add(incidents, **values)


def change_incident(transaction: Transaction, incident: str, **values: object) -> bool:
    """Whether it is there."""
    return transaction.run(update(incidents).where(incidents.c.id == incident).values(**values)) > 0


def locked_incident(transaction: Transaction, beginning: str) -> list[Row]:
    """Those whose id begins so, nobody else's until the transaction ends."""
    query = select(incidents).where(incidents.c.id.startswith(beginning, autoescape=True)).limit(2)
    return transaction.rows(query.with_for_update())


def open_incidents(transaction: Transaction, resolved_since: datetime | None = None) -> list[Row]:
    """All that are not resolved, the oldest first; with `resolved_since` also those that were so since then."""
    own = incidents.c
    wanted = own.state != RESOLVED
    if resolved_since is not None:
        wanted = or_(wanted, own.until >= resolved_since)
    return transaction.rows(select(incidents).where(wanted).order_by(own.opened_at, own.id))


def add_event(transaction: Transaction, **values: object) -> bool:
    """Write down what happened, once by its key."""
    return transaction.add(incident_events, **values)


def events_of(transaction: Transaction, incident: str) -> list[Row]:
    """What happened to one, in its order."""
    own = incident_events.c
    return transaction.rows(select(incident_events).where(own.incident == incident).order_by(own.at, own.key))


def waiting_events(transaction: Transaction) -> list[Row]:
    """What is to be told and is not yet on its way, with its incident and where that is told: `thread` is its ts."""
    own = incident_events.c
    query = (
        select(
            incident_events,
            incidents.c.channel,
            incidents.c.state,
            incidents.c.delivery,
            deliveries.c.ts.label("thread"),
        )
        .join(incidents, incidents.c.id == own.incident)
        .outerjoin(deliveries, deliveries.c.key == incidents.c.delivery)
        .where(own.waits)
        .order_by(own.at, own.key)
    )
    return transaction.rows(query)


def due_events(transaction: Transaction, now: datetime) -> list[Row]:
    """Actions that are to be looked back at."""
    own = incident_events.c
    return transaction.rows(select(incident_events).where(own.due <= now).order_by(own.due, own.key))


def change_event(transaction: Transaction, key: str, **values: object) -> bool:
    return transaction.run(update(incident_events).where(incident_events.c.key == key).values(**values)) > 0


def told_events(transaction: Transaction, keys: Collection[str]) -> None:
    """They are on their way, or not worth a word any more."""
    transaction.run(update(incident_events).where(incident_events.c.key.in_(keys)).values(waits=False))


def opened_since(transaction: Transaction, channel: str, schedule: str, since: datetime) -> int:
    """How many messages of such a schedule were planned for a channel since."""
    own = deliveries.c
    query = (
        select(func.count().label("count"))
        .select_from(deliveries)
        .where(own.channel == channel, own.schedule.startswith(schedule, autoescape=True), own.due >= since)
    )
    row = transaction.row(query)
    return int(row["count"]) if row else 0
