"""The audit log: who did what. It only grows, which the database itself sees to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime

from sqlalchemy import func, select

from kpi_core.frozen_dataclass import frozen
from kpi_core.state.schema import audit
from kpi_core.state.store import Store
from kpi_core.state.transactions import Row


@frozen
class AuditEntry:
    """Who did what: `command` as typed or pressed, without any value it returned."""

    at: datetime
    who: str
    command: str
    metric: str = ""
    filters: Mapping[str, str] = field(default_factory=dict)
    under: str = ""
    """The schedule of the post of ours on which it was pressed, or in whose thread it was asked."""


def record(store: Store, entry: AuditEntry) -> None:
    """Append to the log."""
    with store.writing() as transaction:
        transaction.add(
            audit,
            at=entry.at,
            who=entry.who,
            command=entry.command,
            metric=entry.metric,
            filters=dict(entry.filters),
            under=entry.under,
        )


def newest_entries(store: Store, limit: int = 100, who: str | None = None) -> tuple[AuditEntry, ...]:
    """The newest entries, newest first, of everybody or of one."""
    query = select(audit) if who is None else select(audit).where(audit.c.who == who)
    with store.reading() as transaction:
        rows = transaction.rows(query.order_by(audit.c.id.desc()).limit(limit))
    return tuple(_entry(row) for row in rows)


def most_asked(store: Store, who: str, since: datetime, limit: int) -> tuple[str, ...]:
    """The KPIs that somebody has asked for most since then, the most first."""
    asked = select(audit.c.metric).where(audit.c.who == who, audit.c.at >= since, audit.c.metric != "")
    ranked = asked.group_by(audit.c.metric).order_by(func.count().desc(), func.max(audit.c.id).desc()).limit(limit)
    with store.reading() as transaction:
        return tuple(str(row["metric"]) for row in transaction.rows(ranked))


def _entry(row: Row) -> AuditEntry:
    return AuditEntry(row["at"], row["who"], row["command"], row["metric"], row["filters"], row["under"])
