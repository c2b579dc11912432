"""What Slack sent and was answered: it may send the same again, to this process or to another.

A request is claimed before it is answered, and written down after. Claimed but not answered, its process was killed or
is still at it: once the claim is over, whoever gets it again answers it, and another process takes up by itself what
was acknowledged, for that Slack does not send again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, delete, or_, select, update

from kpi_core.frozen_dataclass import frozen
from kpi_core.state.schema import events
from kpi_core.state.store import Store

CLAIMED = timedelta(minutes=3)
"""Longer than an answer takes; shorter than the 5 minutes after which Slack sends an event for the last time."""
REMEMBERED = timedelta(days=7)
"""Longer than Slack delays events after an outage."""
WORTH_AN_ANSWER = timedelta(minutes=25)
"""How long after its claim a request is still taken up: a response_url lives for 30 minutes."""
MOST_TIMES = 2
"""A request that ends the process which answers it must not end one after the other."""
_AT_ONCE = 500


@frozen
class Claim:
    """What was taken. `in_doubt`: whoever had it before ended while sending, so the answer may stand there already."""

    in_doubt: bool = False


@frozen
class Asked:
    """What is to be claimed: all these keys. With its `request` another process can take it up."""

    keys: Sequence[str]
    request: Mapping[str, Any] | None = None


def claim_events(
    store: Store, keys: Iterable[str], now: datetime, request: Mapping[str, Any] | None = None
) -> Claim | None:
    """Take what all these keys stand for; None where one of them is claimed or was answered.

    With its `request`, which is forgotten once it is answered, another process can take it up.
    """
    return claim_all(store, [Asked(tuple(keys), request)], now)[0]


def claim_all(store: Store, wishes: Sequence[Asked], now: datetime) -> list[Claim | None]:
    """`claim_events` of each, in one transaction; of two that share a key the first one has it."""
    every = sorted({(key, number) for number, wish in enumerate(wishes) for key in wish.keys})
    claimed: dict[int, list[bool]] = {number: [] for number in range(len(wishes))}
    with store.writing() as transaction:
        stands = select(events).where(events.c.key.in_({key for key, _number in every}))
        before = {row["key"]: row for row in transaction.rows(stands)}
        mine = [[before[key] for key in wish.keys if key in before] for wish in wishes]
        doubts = [any(row["sending"] for row in rows) for rows in mine]
        # Always in one order: two processes never wait for each other's keys.
        for key, number in every:
            request = wishes[number].request
            claimed[number].append(
                transaction.put(
                    events,
                    where=events.c.until <= now,
                    key=key,
                    answered=False,
                    until=now + CLAIMED,
                    request=json.dumps(request) if request is not None and key == wishes[number].keys[0] else None,
                    times=1 + max((row["times"] for row in mine[number] if not row["answered"]), default=0),
                    sending=doubts[number],
                )
            )
    return [Claim(doubt) if all(claimed[number]) else None for number, doubt in enumerate(doubts)]


def renew_claims(store: Store, keys: Iterable[str], now: datetime) -> None:
    """Hold claims for longer: their process is still at it."""
    with store.writing() as transaction:
        mine = and_(events.c.key.in_(sorted(set(keys))), events.c.answered.is_(False))
        transaction.run(update(events).where(mine).values(until=now + CLAIMED))


def write_sending(store: Store, keys: Iterable[str]) -> None:
    """Write down that the answer is on its way: from here on nobody but Slack knows whether it stands there."""
    with store.writing() as transaction:
        for key in sorted(set(keys)):
            transaction.run(update(events).where(events.c.key == key).values(sending=True))


def write_answered(store: Store, keys: Iterable[str], now: datetime) -> None:
    """Write down that they are answered, and forget some that nobody sends again."""
    with store.writing() as transaction:
        done = {"answered": True, "until": now + REMEMBERED, "request": None, "sending": False}
        for key in sorted(set(keys)):
            transaction.run(update(events).where(events.c.key == key).values(**done))
        # What is not answered stays as long as its request may be taken up: it tells whether the answer was being sent.
        past = or_(events.c.answered, events.c.until <= now - WORTH_AN_ANSWER)
        # A few at a time, passing over locked ones: tidying up must not hold an answer up.
        over = select(events.c.key).where(events.c.until <= now, past).limit(_AT_ONCE).with_for_update(skip_locked=True)
        forgotten = [row["key"] for row in transaction.rows(over)]
        if forgotten:
            transaction.run(delete(events).where(events.c.key.in_(forgotten)))


def abandoned_requests(store: Store, now: datetime) -> list[Mapping[str, Any]]:
    """The requests whose claims are over and that nobody answered, the oldest first; to be claimed as any other."""
    is_open = and_(events.c.answered.is_(False), events.c.request.is_not(None), events.c.times < MOST_TIMES)
    is_over = and_(events.c.until <= now, events.c.until > now - WORTH_AN_ANSWER)
    with store.reading() as transaction:
        rows = transaction.rows(select(events.c.request).where(is_open, is_over).order_by(events.c.until))
    return [json.loads(row["request"]) for row in rows]
