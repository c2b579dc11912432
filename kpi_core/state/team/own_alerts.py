"""Alerts that people have set for themselves or for a channel, beside those of kpi.yaml."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from secrets import token_hex

from sqlalchemy import delete, select

from kpi_core.frozen_dataclass import frozen
from kpi_core.settings.values import Alert
from kpi_core.state.schema import own_alerts
from kpi_core.state.store import Store
from kpi_core.state.transactions import Row


@frozen
class OwnAlert:
    """A rule that `who` has set. `direct`: its channel is their conversation with the bot, which nobody else reads."""

    id: str
    who: str
    rule: Alert
    direct: bool
    at: datetime


def add_own_alert(store: Store, who: str, rule: Alert, *, direct: bool, now: datetime) -> OwnAlert:
    """Write one down; the same rule of the same person again is the one that stands."""
    with store.writing() as transaction:
        transaction.write_alone(own_alerts)
        for row in transaction.rows(select(own_alerts).where(own_alerts.c.who == who)):
            if (there := _own_alert(row)).rule == rule:
                return there
        made = OwnAlert(f"r{token_hex(5)}", who, rule, direct, now)
        transaction.add(own_alerts, id=made.id, who=who, channel=rule.channel, direct=direct, rule=asdict(rule), at=now)
    return made


def remove_own_alert(store: Store, name: str, who: str = "") -> OwnAlert | None:
    """Take one away, of this person or of anybody; None where there is none such."""
    with store.writing() as transaction:
        row = transaction.row(select(own_alerts).where(own_alerts.c.id == name).with_for_update())
        if row is None or who not in {"", row["who"]}:
            return None
        transaction.run(delete(own_alerts).where(own_alerts.c.id == name))
    return _own_alert(row)


def all_own_alerts(store: Store, who: str = "") -> tuple[OwnAlert, ...]:
    """Those of one person or of everybody, the oldest first."""
    query = select(own_alerts).order_by(own_alerts.c.at, own_alerts.c.id)
    with store.reading() as transaction:
        rows = transaction.rows(query.where(own_alerts.c.who == who) if who else query)
    return tuple(map(_own_alert, rows))


def _own_alert(row: Row) -> OwnAlert:
    return OwnAlert(row["id"], row["who"], Alert(**row["rule"]), row["direct"], row["at"])
