"""Incidents as a log shows them, from their rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import select

from kpi_core.settings.sheet_record import AlertAct, LoggedAlert
from kpi_core.state.incidents import RESOLVED
from kpi_core.state.schema import incident_events, incidents
from kpi_core.state.transactions import Row, Transaction

_BY_PEOPLE = ("acted", "note")


def logged_alerts(transaction: Transaction, most: int) -> tuple[LoggedAlert, ...]:
    """The newest `most`, the newest first."""
    newest = select(incidents).order_by(incidents.c.opened_at.desc(), incidents.c.id).limit(most)
    rows = transaction.rows(newest)
    own = incident_events.c
    done = select(own.incident, own.at, own.who, own.words).where(
        own.incident.in_([row["id"] for row in rows]), own.what.in_(_BY_PEOPLE)
    )
    acts: dict[str, list[AlertAct]] = {}
    for row in transaction.rows(done.order_by(own.at, own.key)):
        acts.setdefault(row["incident"], []).append(AlertAct(row["at"], row["who"], row["words"]))
    return tuple(_logged(row, acts.get(row["id"], ())) for row in rows)


def _logged(row: Row, acts: Sequence[AlertAct]) -> LoggedAlert:
    body: Mapping[str, object] = row["body"]
    traces = row["body"]["traces"]
    lead = traces[0]
    return LoggedAlert(
        id=row["id"],
        at=row["opened_at"],
        kpis=frozenset(trace["kpi"] for trace in traces if trace["kpi"]),
        kpi=lead["kpi"],
        where={dimension: value or "" for dimension, value in lead["segment"]},
        source=lead["source"],
        state=row["state"],
        line=str(body["line"]),
        # What an earlier release wrote has no such words.
        **{name: str(body.get(name, "")) for name in ("kind", "size", "reason")},
        owner=row["owner"],
        acts=tuple(acts),
        over=row["until"] if row["state"] == RESOLVED else None,
    )
