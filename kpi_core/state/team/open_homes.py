"""Who has opened the bot's Home lately and what stands there, and whether the installer was welcomed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import delete, select, update

from kpi_core.state.schema import installation, open_homes
from kpi_core.state.store import Store

WELCOMED = "welcomed"


def home_opened(store: Store, who: str, now: datetime) -> None:
    """Somebody looks at their Home."""
    with store.writing() as transaction:
        transaction.put(open_homes, who=who, at=now, shows="")


def home_shows(store: Store, who: str, shows: str) -> None:
    """Write down which data and day somebody's Home shows."""
    with store.writing() as transaction:
        transaction.run(update(open_homes).where(open_homes.c.who == who).values(shows=shows))


def homes_since(store: Store, since: datetime, most: int) -> Mapping[str, str]:
    """Person -> what their Home shows, of those who opened it since, the latest first; older ones are forgotten."""
    with store.writing() as transaction:
        transaction.run(delete(open_homes).where(open_homes.c.at < since))
        rows = transaction.rows(select(open_homes).order_by(open_homes.c.at.desc()).limit(most))
    return {row["who"]: row["shows"] for row in rows}


def is_home_open(store: Store, who: str, since: datetime) -> bool:
    """Whether somebody has opened their Home since."""
    with store.reading() as transaction:
        row = transaction.row(select(open_homes.c.at).where(open_homes.c.who == who))
    return row is not None and bool(row["at"] >= since)


def first_welcome(store: Store, now: datetime) -> bool:
    """Whether nobody was welcomed yet; from now on somebody was."""
    with store.writing() as transaction:
        return transaction.add(installation, name=WELCOMED, value=now.isoformat())
