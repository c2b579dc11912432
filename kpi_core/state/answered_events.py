"""What Slack sent and was answered: it may send the same again, to this process or to another.

An event is claimed before it is answered, and written down after. Claimed but not answered, its process was killed or
is still at it: once the claim is over, whoever gets it again answers it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update

from kpi_core.state.schema import events
from kpi_core.state.store import Store

CLAIMED = timedelta(minutes=3)
"""Longer than an answer takes; shorter than the 5 minutes after which Slack sends an event for the last time."""
REMEMBERED = timedelta(days=7)
"""Longer than Slack delays events after an outage."""
_AT_ONCE = 500


def claim_events(store: Store, keys: Iterable[str], now: datetime) -> bool:
    """Take what all these keys stand for; False where one of them is claimed or was answered."""
    with store.writing() as transaction:
        # Always in one order: two processes never wait for each other's keys.
        claimed = [
            transaction.put(events, where=events.c.until <= now, key=key, answered=False, until=now + CLAIMED)
            for key in sorted(set(keys))
        ]
    return all(claimed)


def write_answered(store: Store, keys: Iterable[str], now: datetime) -> None:
    """Write down that they are answered, and forget some that nobody sends again."""
    with store.writing() as transaction:
        for key in sorted(set(keys)):
            transaction.run(update(events).where(events.c.key == key).values(answered=True, until=now + REMEMBERED))
        # A few at a time, passing over locked ones: tidying up must not hold an answer up.
        over = select(events.c.key).where(events.c.until <= now).limit(_AT_ONCE).with_for_update(skip_locked=True)
        forgotten = [row["key"] for row in transaction.rows(over)]
        if forgotten:
            transaction.run(delete(events).where(events.c.key.in_(forgotten)))
