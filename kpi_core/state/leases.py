"""Leases: the sole right to do something for a while, such as writing one spreadsheet, among all processes."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete

from kpi_core.state.schema import leases
from kpi_core.state.store import Store


def take_lease(store: Store, name: str, holder: str, now: datetime, seconds: float) -> bool:
    """Take or prolong the sole right to `name`; False while another holds it."""
    # One statement decides, so that of two who come at once one wins without a lock that a crash would leave behind.
    until = now + timedelta(seconds=seconds)
    # One that ends later than any taken now would was taken by a clock that was ahead.
    over = (leases.c.until <= now) | (leases.c.until > now + 2 * timedelta(seconds=seconds))
    mine_or_over = (leases.c.holder == holder) | over
    with store.writing() as transaction:
        return transaction.put(leases, where=mine_or_over, name=name, holder=holder, until=until)


def release_lease(store: Store, name: str, holder: str) -> None:
    """Give it back; one that another has taken since stays theirs."""
    with store.writing() as transaction:
        transaction.run(delete(leases).where(leases.c.name == name, leases.c.holder == holder))
