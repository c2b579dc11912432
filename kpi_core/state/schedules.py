"""Rows of schedules: when each has fired last and fires next."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from kpi_core.state.schema import schedules
from kpi_core.state.transactions import Row, Transaction


def schedule_row(transaction: Transaction, name: str) -> Row | None:
    """The row of a schedule as it stands; None where it is new."""
    return transaction.row(select(schedules).where(schedules.c.name == name))


def locked_schedule(transaction: Transaction, name: str) -> Row | None:
    """As `schedule_row`, nobody else's until the transaction ends."""
    return transaction.row(select(schedules).where(schedules.c.name == name).with_for_update())


def move_schedule(transaction: Transaction, name: str, every: str, last: datetime, following: datetime) -> None:
    """Write down its fires: the last one that is done with, and the next to come."""
    transaction.put(schedules, name=name, every=every, last_fire=last, next_fire=following)


def next_fires(transaction: Transaction) -> dict[str, datetime]:
    """When each known schedule fires next, by name."""
    rows = transaction.rows(select(schedules.c.name, schedules.c.next_fire).order_by(schedules.c.name))
    return {row["name"]: row["next_fire"] for row in rows}
