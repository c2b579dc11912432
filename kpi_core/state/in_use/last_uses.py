"""When people last used what: as the audit log, the incidents, the history of goals and their check-ins tell it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select

from kpi_core.frozen_dataclass import frozen
from kpi_core.state.schema import audit, check_ins, goal_changes, incident_events
from kpi_core.state.store import Store
from kpi_core.state.transactions import Transaction

Times = Mapping[str, datetime]


@frozen
class LastUses:
    """The last time of each, for those that were ever used."""

    kpis: Times = field(default_factory=dict)
    """By KPI: asked for, its goal changed or spoken of."""
    posts: Times = field(default_factory=dict)
    """By schedule of the ledger: pressed under its post, or asked in its thread."""
    goals: Times = field(default_factory=dict)
    """By `Goal.key`: changed, or spoken of in a check-in."""
    incidents: Times = field(default_factory=dict)
    """By incident: seen, put off, passed on, acted on, noted."""


def last_uses(store: Store) -> LastUses:
    """What people did, each at its last time; what the bot did by itself is no use."""
    with store.reading() as transaction:
        goals, of_goals = (_last(transaction, goal_changes.c[name], goal_changes.c.at) for name in ("goal", "kpi"))
        spoken, of_spoken = (_last(transaction, check_ins.c[name], check_ins.c.at) for name in ("goal", "kpi"))
        questions = _last(transaction, audit.c.metric, audit.c.at)
        people = incident_events.c.who != ""
        return LastUses(
            kpis=_newest(questions, of_goals, of_spoken),
            posts=_last(transaction, audit.c.under, audit.c.at),
            goals=_newest(goals, spoken),
            incidents=_last(transaction, incident_events.c.incident, incident_events.c.at, people),
        )


def _last(
    transaction: Transaction,
    name: ColumnElement[str],
    at: ColumnElement[datetime],
    where: ColumnElement[bool] | None = None,
) -> dict[str, datetime]:
    columns: tuple[Any, ...] = name.label("name"), func.max(at).label("at")
    query = select(*columns).where(name != "").group_by(name)
    rows = transaction.rows(query if where is None else query.where(where))
    return {row["name"]: row["at"] for row in rows}


def _newest(*sides: Times) -> dict[str, datetime]:
    names = dict.fromkeys(name for side in sides for name in side)
    return {name: max(side[name] for side in sides if name in side) for name in names}
