"""The names of people whom goals name by their ids in Slack: a spreadsheet shows people, no ids."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select

from kpi_core.state.schema import people
from kpi_core.state.store import Store


def remember_names(store: Store, names: Mapping[str, str], now: datetime) -> None:
    """Write down what these members are called now."""
    with store.writing() as transaction:
        for member, name in names.items():
            transaction.put(people, id=member, name=name, seen_at=now)


def names_of_people(store: Store, since: datetime | None = None) -> dict[str, str]:
    """Name by id; only those looked up after `since`, where that is an instant."""
    query = select(people) if since is None else select(people).where(people.c.seen_at > since)
    with store.reading() as transaction:
        return {row["id"]: row["name"] for row in transaction.rows(query.order_by(people.c.id))}
