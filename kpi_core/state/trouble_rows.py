"""Rows of troubles: what is wrong and waits for a person, each told once until it has passed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select

from kpi_core.state.schema import troubles
from kpi_core.state.transactions import Row, Transaction


def begin_trouble(transaction: Transaction, name: str, what: str, now: datetime) -> bool:
    """Write down that something is wrong; whether that, in these words, is news."""
    changed = troubles.c.what != what
    return transaction.put(troubles, where=changed, name=name, what=what, since=now)


def end_trouble(transaction: Transaction, name: str) -> bool:
    """It has passed; whether it was there."""
    return transaction.run(delete(troubles).where(troubles.c.name == name)) > 0


def open_troubles(transaction: Transaction) -> Sequence[Row]:
    """All that is wrong now, the oldest first."""
    return transaction.rows(select(troubles).order_by(troubles.c.since, troubles.c.name))
