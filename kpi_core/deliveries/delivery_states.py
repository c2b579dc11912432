"""One message on its way, and what an attempt to send it can mean."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Literal

from kpi_core.dates.schedule import Fire
from kpi_core.deliveries.messages import Amendment, Message, Posting, message_from, message_json
from kpi_core.deliveries.posted_number import number_json, number_of
from kpi_core.frozen_dataclass import frozen
from kpi_core.state.delivery_rows import add_delivery, change_delivery
from kpi_core.state.lapses.lapse import doubted_since
from kpi_core.state.schema import instant_text
from kpi_core.state.transactions import Row, Transaction

LEASE = timedelta(seconds=60)
HTTP_TIMEOUT = timedelta(seconds=10)
MARGIN = timedelta(days=1)
"""How far back from its first attempt a message is looked for: what clocks may be wrong by, and more."""
AT_ONCE = datetime(1970, 1, 1, tzinfo=UTC)
"""When a new delivery may be tried: whatever the clock of who planned it says."""

State = Literal["pending", "sending", "uncertain", "waiting", "sent", "refused", "folded", "cancelled"]


@frozen
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
    """By Slack's clock."""
    ts: str | None = None
    error: str = ""
    since: datetime | None = None
    """The first time that it stands for, where it makes up for others that never came."""

    @property
    def oldest(self) -> datetime:
        """No message with this key can be older."""
        return min(self.first_sent or self.planned_at, self.planned_at, self.due) - MARGIN


@frozen
class Sent:
    ts: str


@frozen
class NotNow:
    """Surely not sent (429): try again after so many seconds."""

    seconds: float


@frozen
class Waiting:
    """Surely not sent, and not before a person has mended what `reason` names: a bot that is not in its channel."""

    reason: str


@frozen
class Refused:
    """Surely not sent, and no later try will be: a message that is too long, one to change that is gone."""

    reason: str


@frozen
class Unknown:
    """It may have arrived: a time-out, a lost connection, a server error. Looked up after `seconds`, or later."""

    reason: str
    seconds: float = HTTP_TIMEOUT.total_seconds()


@frozen
class Folded:
    """Surely not sent, and not to be: a newer one of its series brings the news."""


Outcome = Sent | NotNow | Waiting | Refused | Unknown | Folded
Send = Callable[[Delivery], Outcome]
"""Posts `delivery.message` once, without retries, within HTTP_TIMEOUT, with `delivery.key` in the metadata."""
Lookup = Callable[[Delivery], Outcome | None]
"""Sent with the ts of our own message with `delivery.key`, None where there surely is none, else why nobody knows."""
Clock = Callable[[], datetime]


def delivery_key(installation: bytes, schedule: str, due_at: datetime, channel: str, parts: Sequence[str] = ()) -> str:
    """The opaque key of one post: the same for the same schedule, time, channel and parts, and telling nothing of them.

    `parts` set several messages of one time and channel apart; a plain post has none.
    """
    text = "\n".join((schedule, instant_text(due_at), channel, *parts))
    return hmac.new(installation, text.encode(), hashlib.sha256).hexdigest()[:32]


def planned(  # noqa: PLR0913 - what sets a delivery apart
    installation: bytes, name: str, fire: Fire, message: Message, now: datetime, *, once: bool = False
) -> Delivery:
    """A delivery that nobody has tried yet; `once`: `name` comes a single time, whenever that is, and has one key."""
    key = delivery_key(installation, name, AT_ONCE if once else fire.due, message.channel, message.parts)
    return Delivery(key, name, fire.due, message, now, "pending", 0, AT_ONCE, since=fire.since)


def insert(transaction: Transaction, delivery: Delivery) -> bool:
    """Put it on its way unless its key is there already; whether it was new.

    While the state has lost its end, what it does not remember may be there: so it is looked up before it is sent.
    """
    message, since = delivery.message, doubted_since(transaction, delivery.planned_at)
    if since is not None and delivery.state == "pending":
        delivery = replace(delivery, state="uncertain", first_sent=since)
    return add_delivery(
        transaction,
        key=delivery.key,
        schedule=delivery.schedule,
        channel=message.channel,
        due=delivery.due,
        changes=message.ts if isinstance(message, Amendment) else None,
        series=message.series or None if isinstance(message, Posting) else None,
        since=delivery.since,
        payload=message_json(message),
        numbers=[number_json(number) for number in message.numbers],
        planned_at=delivery.planned_at,
        state=delivery.state,
        attempts=delivery.attempts,
        wait_until=delivery.wait_until,
        first_sent=delivery.first_sent,
        error=delivery.error,
    )


def write(transaction: Transaction, delivery: Delivery) -> None:
    """Write down how far it has come."""
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


def delivery_of(row: Row) -> Delivery:
    """The delivery that a row of the state holds."""
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
        since=row["since"],
    )
