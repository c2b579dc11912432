"""What people ask for, counted from the audit log: the log is the only place where that stands."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import case, func, select

from kpi_core.state.schema import audit
from kpi_core.state.store import Store

COUNTED = timedelta(days=90)
OWN_WEIGHT = 1_000
"""What one person asked comes before whatever all others ask together."""


def asked_since(store: Store, who: str, now: datetime) -> Mapping[str, int]:
    """KPI -> how often it was asked for of late, each time by `who` counted a thousandfold."""
    own = audit.c
    weight = func.sum(case((own.who == who, OWN_WEIGHT), else_=1)).label("uses")
    query = select(own.metric, weight).where(own.at > now - COUNTED, own.metric != "").group_by(own.metric)
    with store.reading() as transaction:
        return {row["metric"]: int(row["uses"]) for row in transaction.rows(query)}
