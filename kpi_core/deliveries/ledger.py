"""The delivery ledger: a post reaches its channel effectively once, through crashes, time-outs and refusals.

    pending ──claim──> sending ──ts──> sent
       ^                 ├──"not now"──> pending (surely not sent)
       │                 ├──"never"────> refused (surely not sent; someone must act)
       │                 └──no answer, crash──> uncertain ──lease over──> look up its key ──found──> sent
       └─────────────────────────────────────────────────── send again <──not found──┘

Nothing in Slack makes a post idempotent, so each delivery carries a key of its own in the message's metadata, its text
is fixed when it is planned, and whoever cannot know whether it arrived looks for the key before sending again. A post
that goes out late is looked up too: the state may have been restored from a backup. A look-up that fails leaves the
delivery uncertain; nobody guesses. A change of a message is idempotent and needs no look-up, but keeps its place: it
waits for the open changes of the same message that were due before it.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from kpi_core.dates.schedule import Fire, due, next_fire, parse_every
from kpi_core.deliveries.messages import Amendment, Message, message_from, message_json
from kpi_core.deliveries.posted import amend_posted, keep_posted, number_json, number_of
from kpi_core.errors import KpiBotError
from kpi_core.state.delivery_rows import (
    add_delivery,
    change_delivery,
    lock_delivery,
    lock_open_delivery,
    newest_deliveries,
    unsent_deliveries,
)
from kpi_core.state.schedules import locked_schedule, move_schedule, next_fires, schedule_row
from kpi_core.state.schema import instant_text
from kpi_core.state.store import Store
from kpi_core.state.transactions import Row, Transaction

LEASE = timedelta(seconds=60)
HTTP_TIMEOUT = timedelta(seconds=10)
CLOCK_SKEW = timedelta(minutes=5)
"""How far Slack's clock and ours may lie apart."""
LOOKUP_AGAIN = timedelta(minutes=5)
"""How long a failed look-up waits for the next."""

State = Literal["pending", "sending", "uncertain", "sent", "refused"]


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message on its way. `wait_until` is the end of the lease, or when the next try may begin."""

    key: str
    schedule: str
    due: datetime
    message: Message
    planned_at: datetime
    state: State
    attempts: int
    wait_until: datetime
    first_sent: datetime | None = None
    ts: str | None = None
    error: str = ""

    @property
    def oldest(self) -> datetime:
        """No message with this key can be older."""
        return min(self.first_sent or self.planned_at, self.due) - CLOCK_SKEW


@dataclass(frozen=True, slots=True)
class Sent:
    ts: str


@dataclass(frozen=True, slots=True)
class NotNow:
    """Surely not sent (429): try again after so many seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Refused:
    """Surely not sent, and no later try will be: a missing channel, a bot that is not in it."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """It may have arrived: a time-out, a lost connection, a server error. Looked up after `seconds`, or later."""

    reason: str
    seconds: float = HTTP_TIMEOUT.total_seconds()


Outcome = Sent | NotNow | Refused | Unknown
Send = Callable[[Delivery], Outcome]
"""Posts `delivery.message` once, without retries, within HTTP_TIMEOUT, with `delivery.key` in the metadata."""
Lookup = Callable[[Delivery], str | None]
"""The ts of our own message with `delivery.key`, None where there surely is none; raises if unsure."""
Clock = Callable[[], datetime]


def delivery_key(installation: bytes, schedule: str, due_at: datetime, channel: str, parts: Sequence[str] = ()) -> str:
    """The opaque key of one post: the same for the same schedule, time, channel and parts, and telling nothing of them.

    `parts` set several messages of one time and channel apart; a plain post has none.
    """
    text = "\n".join((schedule, instant_text(due_at), channel, *parts))
    return hmac.new(installation, text.encode(), hashlib.sha256).hexdigest()[:32]


# What is due --------------------------------------------------------------------------------------------------------


def due_now(store: Store, name: str, every: str, now: datetime, zone: ZoneInfo) -> Fire | None:
    """What the schedule `name` has to do now. One that is new, or has changed its times, starts from now."""
    schedule = parse_every(every)
    # Read without a lock first: this is asked every few seconds, and hardly ever is there anything to write.
    with store.reading() as transaction:
        row = schedule_row(transaction, name)
    if row is not None and row["every"] == every:
        return due(schedule, row["last_fire"], now, zone)
    with store.writing() as transaction:
        row = locked_schedule(transaction, name)
        if row is None or row["every"] != every:
            move_schedule(transaction, name, every, now, next_fire(schedule, now, zone))
    return None


def plan(  # noqa: PLR0913 - one transaction, so one call
    store: Store, name: str, every: str, fire: Fire, messages: Sequence[Message], *, now: datetime, zone: ZoneInfo
) -> int:
    """Move the schedule past `fire` and put its messages on their way, both or neither; how many are new.

    Planning the same fire again, here or in another process, adds nothing.
    """
    installation = store.installation_key()
    with store.writing() as transaction:
        row = locked_schedule(transaction, name)
        # Another process has planned this one.
        if row is not None and row["last_fire"] >= fire.due:
            return 0
        move_schedule(transaction, name, every, fire.due, next_fire(parse_every(every), fire.due, zone))
        return sum(_insert(transaction, _planned(installation, name, fire, message, now)) for message in messages)


def plan_once(store: Store, name: str, messages: Sequence[Message], now: datetime) -> int:
    """Put messages on their way that someone asked for by hand, outside any schedule."""
    installation = store.installation_key()
    with store.writing() as transaction:
        return sum(_insert(transaction, _planned(installation, name, Fire(now), message, now)) for message in messages)


def upcoming(store: Store) -> dict[str, datetime]:
    """When each known schedule fires next."""
    with store.reading() as transaction:
        return next_fires(transaction)


def newest(store: Store, most: int) -> tuple[Delivery, ...]:
    """The deliveries that were due last, the newest first, whatever became of them."""
    with store.reading() as transaction:
        rows = newest_deliveries(transaction, most)
    return tuple(_delivery(row) for row in rows)


# Delivering ---------------------------------------------------------------------------------------------------------


def deliver(store: Store, clock: Clock, send: Send, lookup: Lookup) -> tuple[Delivery, ...]:
    """One round: everything that may be tried now is tried once. The deliveries as they stand after it.

    Those left `uncertain` or `refused` carry an `error` that their owner should hear.
    """
    done: list[Delivery] = []
    tried: set[str] = set()
    while (claimed := claim(store, clock(), without=tried)) is not None:
        tried.add(claimed.key)
        done.append(settle(store, claimed, _attempt(claimed, clock, send, lookup), clock()))
    return tuple(done)


def claim(store: Store, now: datetime, without: Collection[str] = ()) -> Delivery | None:
    """Take the oldest delivery that may be tried, for the length of a lease; None when there is none.

    Its `state` is the one before the claim, which says whether it must be looked up first.
    """
    with store.writing() as transaction:
        row = lock_open_delivery(transaction, now, without)
        if row is None:
            return None
        before = _delivery(row)
        claimed = replace(
            before, attempts=before.attempts + 1, wait_until=now + LEASE, first_sent=before.first_sent or now, error=""
        )
        _write(transaction, replace(claimed, state="sending"))
    return claimed


def settle(store: Store, claimed: Delivery, outcome: Outcome | None, now: datetime) -> Delivery:
    """Write down how a claimed delivery went; None gives it back untried. The delivery as it now stands.

    Someone else may have claimed it since, its lease being over: then only a success is still worth a word.
    """
    settled = settled_as(claimed, outcome, now)
    with store.writing() as transaction:
        row = lock_delivery(transaction, claimed.key)
        assert row is not None
        overtaken = row["attempts"] != claimed.attempts and not isinstance(outcome, Sent)
        if row["state"] == "sent" or overtaken:
            return _delivery(row)
        _write(transaction, replace(settled, attempts=row["attempts"]))
        if settled.ts is not None:
            _write_numbers(transaction, settled.message, settled.ts, now)
    return settled


def settled_as(claimed: Delivery, outcome: Outcome | None, now: datetime) -> Delivery:
    """The state after an attempt: pure."""
    match outcome:
        case Sent(ts):
            return replace(claimed, state="sent", ts=ts)
        case NotNow(seconds):
            return replace(claimed, state="pending", wait_until=now + timedelta(seconds=max(seconds, 1.0)))
        case Refused(reason):
            return replace(claimed, state="refused", error=reason)
        case Unknown(reason, seconds):
            # The lease is waited out: until then the post may still be on its way.
            wait_until = max(claimed.wait_until, now + timedelta(seconds=seconds))
            return replace(claimed, state="uncertain", wait_until=wait_until, error=reason)
        case None:
            state: State = "pending" if claimed.state == "pending" else "uncertain"
            return replace(claimed, state=state, wait_until=now)


def must_look_up(delivery: Delivery, now: datetime) -> bool:
    """Whether it may have been posted already: an attempt ended without an answer, or it goes out late.

    A change says the same when it is made twice, so nobody need know whether it was.
    """
    if isinstance(delivery.message, Amendment):
        return False
    return delivery.state != "pending" or now - delivery.due > LEASE


def unsettled(store: Store) -> tuple[Delivery, ...]:
    """Everything not sent yet, with what is refused or uncertain: for the doctor and the owner."""
    with store.reading() as transaction:
        rows = unsent_deliveries(transaction)
    return tuple(_delivery(row) for row in rows)


def _attempt(claimed: Delivery, clock: Clock, send: Send, lookup: Lookup) -> Outcome | None:
    if must_look_up(claimed, clock()):
        try:
            ts = lookup(claimed)
        except Exception as error:  # noqa: BLE001 - whatever went wrong, it is not known whether the post is there
            return Unknown(_reason(error), LOOKUP_AGAIN.total_seconds())
        if ts is not None:
            return Sent(ts)
    # The look-up took its time: a post sent now might outlast the lease, and another process send it again.
    if clock() + HTTP_TIMEOUT > claimed.wait_until:
        return None
    try:
        return send(claimed)
    except Exception as error:  # noqa: BLE001 - as above
        return Unknown(_reason(error))


def _reason(error: Exception) -> str:
    return error.message if isinstance(error, KpiBotError) else type(error).__name__


def _write_numbers(transaction: Transaction, message: Message, ts: str, now: datetime) -> None:
    """What people see from now on; an amended message shows its new numbers and none of the old."""
    if isinstance(message, Amendment):
        amend_posted(transaction, message.channel, ts, message.numbers, now)
    else:
        keep_posted(transaction, message.channel, ts, message.numbers, now)


def _planned(installation: bytes, name: str, fire: Fire, message: Message, now: datetime) -> Delivery:
    key = delivery_key(installation, name, fire.due, message.channel, message.parts)
    return Delivery(key, name, fire.due, message, now, "pending", 0, now)


def _insert(transaction: Transaction, delivery: Delivery) -> bool:
    return add_delivery(
        transaction,
        key=delivery.key,
        schedule=delivery.schedule,
        channel=delivery.message.channel,
        due=delivery.due,
        changes=delivery.message.ts if isinstance(delivery.message, Amendment) else None,
        payload=message_json(delivery.message),
        numbers=[number_json(number) for number in delivery.message.numbers],
        planned_at=delivery.planned_at,
        state=delivery.state,
        attempts=delivery.attempts,
        wait_until=delivery.wait_until,
        error=delivery.error,
    )


def _write(transaction: Transaction, delivery: Delivery) -> None:
    change_delivery(
        transaction,
        delivery.key,
        state=delivery.state,
        attempts=delivery.attempts,
        wait_until=delivery.wait_until,
        first_sent=delivery.first_sent,
        ts=delivery.ts,
        error=delivery.error,
    )


def _delivery(row: Row) -> Delivery:
    return Delivery(
        key=row["key"],
        schedule=row["schedule"],
        due=row["due"],
        message=message_from(row["channel"], row["payload"], tuple(map(number_of, row["numbers"]))),
        planned_at=row["planned_at"],
        state=row["state"],
        attempts=row["attempts"],
        wait_until=row["wait_until"],
        first_sent=row["first_sent"],
        ts=row["ts"],
        error=row["error"],
    )
