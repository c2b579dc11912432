"""Schedules that somebody has paused: what they stand for does not come until they go on."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select

from kpi_core.state.schema import pauses
from kpi_core.state.store import Store


def pause(store: Store, name: str, who: str, now: datetime) -> bool:
    """Pause a schedule by the name of its job; whether that is new."""
    with store.writing() as transaction:
        return transaction.add(pauses, name=name, who=who, at=now)


def resume(store: Store, name: str) -> bool:
    """Let it go on; whether it was paused."""
    with store.writing() as transaction:
        return transaction.run(delete(pauses).where(pauses.c.name == name)) > 0


def paused(store: Store) -> dict[str, str]:
    """Name of a paused schedule -> who paused it."""
    with store.reading() as transaction:
        return {row["name"]: row["who"] for row in transaction.rows(select(pauses).order_by(pauses.c.name))}
