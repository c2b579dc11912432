"""Channels in which a member has let people read along who are no members: guests, and those of other workspaces."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select

from kpi_core.state.schema import admissions
from kpi_core.state.store import Store


def admit(store: Store, channel: str, who: str, now: datetime) -> bool:
    """Let everybody in the channel read; whether that is new."""
    with store.writing() as transaction:
        return transaction.add(admissions, channel=channel, who=who, at=now)


def dismiss(store: Store, channel: str) -> bool:
    """Take it back; whether it stood."""
    with store.writing() as transaction:
        return transaction.run(delete(admissions).where(admissions.c.channel == channel)) > 0


def is_admitted(store: Store, channel: str) -> bool:
    with store.reading() as transaction:
        return transaction.row(select(admissions.c.who).where(admissions.c.channel == channel)) is not None
