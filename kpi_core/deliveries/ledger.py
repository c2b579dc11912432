"""The delivery ledger: a post reaches its channel effectively once, through crashes, time-outs and refusals.

    pending ──claim──> sending ──ts──> sent
       ^                 ├──"not now"──> pending (surely not sent)
       │                 ├──"mend it"──> waiting (surely not sent; tried again, as somebody may have mended it)
       │                 ├──"never"────> refused (surely not sent; someone must act)
       │                 └──no answer, crash──> uncertain ──lease over──> look up its key ──found──> sent
       └─────────────────────────────────────────────────── send again <──not found──┘

Nothing in Slack makes a post idempotent, so each delivery carries a key of its own in the message's metadata, its text
is fixed when it is planned, and whoever cannot know whether it arrived looks for the key before sending again. A post
that goes out late is looked up too: the state may have been restored from a backup. A look-up that fails leaves the
delivery uncertain; nobody guesses. A change of a message is idempotent and needs no look-up, but keeps its place: it
waits for the open changes of the same message that were due before it. Of several open posts of one series the newest
alone goes out, and stands for the others: they are folded.

Leases, waits and first attempts are written by the clock that the rounds are given, which is Slack's: whatever the
machines' own clocks say, all processes and the history of a channel have it in common.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import datetime, timedelta

from kpi_core.deliveries.delivery_states import (
    HTTP_TIMEOUT,
    LEASE,
    Clock,
    Delivery,
    Folded,
    Lookup,
    NotNow,
    Outcome,
    Refused,
    Send,
    Sent,
    State,
    Unknown,
    Waiting,
    delivery_of,
    write,
)
from kpi_core.deliveries.messages import Amendment, Posting
from kpi_core.deliveries.posted import amend_posted, keep_posted
from kpi_core.deliveries.receipts import keep_receipt
from kpi_core.errors import KpiBotError
from kpi_core.state.delivery_rows import (
    any_open,
    lock_delivery,
    lock_open_delivery,
    newer_of_series,
    unsent_deliveries,
)
from kpi_core.state.store import Store
from kpi_core.state.transactions import Transaction

LOOKUP_AGAIN = timedelta(minutes=5)
"""How long a failed look-up waits for the next."""
MENDED_AGAIN = timedelta(minutes=5)
"""How long a post waits before it tries whether somebody has mended what is in its way."""
LONGEST_WAIT = timedelta(hours=1)
"""No refusal puts a try off for longer; a wait that is longer was written by a clock that was wrong."""


def deliver(
    store: Store, clock: Clock, send: Send, lookup: Lookup, settled: Callable[[Delivery], None] = lambda _delivery: None
) -> tuple[Delivery, ...]:
    """One round: everything that may be tried now is tried once. The deliveries as they stand after it.

    `settled` hears of each before the next one is tried.
    Those left `uncertain`, `waiting` or `refused` carry an `error` that their owner should hear.
    """
    done: list[Delivery] = []
    tried: set[str] = set()
    while (claimed := claim(store, clock(), without=tried)) is not None:
        tried.add(claimed.key)
        done.append(settle(store, claimed, _attempt(store, claimed, clock, send, lookup), clock()))
        settled(done[-1])
    return tuple(done)


def anything_open(store: Store) -> bool:
    """Whether any delivery is still on its way."""
    with store.reading() as transaction:
        return any_open(transaction)


def claim(store: Store, now: datetime, without: Collection[str] = ()) -> Delivery | None:
    """Take the oldest delivery that may be tried, for the length of a lease; None when there is none.

    Its `state` is the one before the claim, which says whether it must be looked up first.
    """
    with store.writing() as transaction:
        row = lock_open_delivery(transaction, now, now + LONGEST_WAIT + LEASE, without)
        if row is None:
            return None
        before = delivery_of(row)
        claimed = replace(
            before, attempts=before.attempts + 1, wait_until=now + LEASE, first_sent=before.first_sent or now, error=""
        )
        write(transaction, replace(claimed, state="sending"))
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
            return delivery_of(row)
        write(transaction, replace(settled, attempts=row["attempts"]))
        if settled.ts is not None:
            _write_numbers(transaction, settled, settled.ts, now)
    return settled


def settled_as(claimed: Delivery, outcome: Outcome | None, now: datetime) -> Delivery:
    """The state after an attempt: pure."""
    after = claimed
    match outcome:
        case Sent(ts):
            after = replace(claimed, state="sent", ts=ts)
        case NotNow(seconds):
            wait = min(timedelta(seconds=max(seconds, 1.0)), LONGEST_WAIT)
            after = replace(claimed, state="pending", wait_until=now + wait)
        case Waiting(reason):
            after = replace(claimed, state="waiting", wait_until=now + MENDED_AGAIN, error=reason)
        case Refused(reason):
            after = replace(claimed, state="refused", error=reason)
        case Folded():
            after = replace(claimed, state="folded")
        case Unknown(reason, seconds):
            # The lease is waited out: until then the post may still be on its way.
            wait_until = max(claimed.wait_until, now + timedelta(seconds=seconds))
            after = replace(claimed, state="uncertain", wait_until=wait_until, error=reason)
        case None:
            state: State = claimed.state if claimed.state in {"pending", "waiting"} else "uncertain"
            after = replace(claimed, state=state, wait_until=now)
    return after


def must_look_up(delivery: Delivery, now: datetime) -> bool:
    """Whether it may have been posted already: an attempt ended without an answer, or it goes out late.

    A change says the same when it is made twice, so nobody need know whether it was.
    """
    if isinstance(delivery.message, Amendment):
        return False
    # Too early is as odd as too late: the clock that planned it is not the one that sends it.
    return delivery.state != "pending" or abs(now - delivery.due) > LEASE


def unsettled(store: Store) -> tuple[Delivery, ...]:
    """Everything not sent yet, with what is refused or uncertain: for the doctor and the owner."""
    with store.reading() as transaction:
        rows = unsent_deliveries(transaction)
    return tuple(map(delivery_of, rows))


def _attempt(store: Store, claimed: Delivery, clock: Clock, send: Send, lookup: Lookup) -> Outcome | None:
    has_newer = _has_newer(store, claimed)
    if claimed.state == "pending" and has_newer:
        return Folded()
    if must_look_up(claimed, clock()) and (known := _tried(lookup, claimed, LOOKUP_AGAIN)) is not None:
        return known
    if has_newer:
        return Folded()
    # The look-up took its time: a post sent now might outlast the lease, and another process send it again.
    if clock() + HTTP_TIMEOUT > claimed.wait_until:
        return None
    return _tried(send, claimed, HTTP_TIMEOUT)


def _tried(call: Send | Lookup, delivery: Delivery, again: timedelta) -> Outcome | None:
    try:
        return call(delivery)
    except Exception as error:  # noqa: BLE001 - whatever went wrong, it is not known whether the post is there
        return Unknown(error.message if isinstance(error, KpiBotError) else type(error).__name__, again.total_seconds())


def _has_newer(store: Store, delivery: Delivery) -> bool:
    """Whether a newer post of the same series is there or on its way."""
    message = delivery.message
    if not isinstance(message, Posting) or not message.series:
        return False
    with store.reading() as transaction:
        return newer_of_series(transaction, message.series, message.channel, delivery.due)


def _write_numbers(transaction: Transaction, sent: Delivery, ts: str, now: datetime) -> None:
    """What people see from now on; an amended message shows its new numbers and none of the old."""
    message = sent.message
    keep_receipt(transaction, message.channel, ts, message.numbers, sent.planned_at)
    if isinstance(message, Amendment):
        amend_posted(transaction, message.channel, ts, message.numbers, now)
    else:
        keep_posted(transaction, message.channel, ts, message.numbers, now)
