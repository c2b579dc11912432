"""Rows of what may go out of use: since when it is there, and when its owner was asked whether it may go."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, select, update

from kpi_core.state.schema import subjects
from kpi_core.state.transactions import Row, Transaction


def see_subjects(transaction: Transaction, names: Collection[str], now: datetime) -> list[Row]:
    """The rows of all these, made where they are new; what is none of them any more is forgotten."""
    transaction.run(delete(subjects).where(subjects.c.name.not_in(names)))
    for name in sorted(names):
        transaction.add(subjects, name=name, since=now, proposed_at=None)
    return subject_rows(transaction)


def subject_rows(transaction: Transaction) -> list[Row]:
    return transaction.rows(select(subjects).order_by(subjects.c.name))


def begin_anew(transaction: Transaction, now: datetime) -> None:
    """Nothing could be used of late: all count from now."""
    transaction.run(update(subjects).values(since=now))


def mark_proposed(transaction: Transaction, names: Collection[str], now: datetime) -> None:
    transaction.run(update(subjects).where(subjects.c.name.in_(names)).values(proposed_at=now))
