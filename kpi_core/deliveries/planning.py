"""What is due, and the messages that it puts on their way: the schedule moves on with them, both or neither.

A clock that was wrong leaves times behind that have yet to come. The next look by a right clock puts them aside: the
schedule goes on from its last true time, and what went out early keeps its place in the ledger under another key.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from kpi_core.dates.schedule import Fire, Schedule, due, next_fire
from kpi_core.deliveries.delivery_states import Delivery, delivery_of, insert, planned
from kpi_core.deliveries.messages import Message, Posting
from kpi_core.state.delivery_rows import (
    deliveries_of,
    last_due,
    newest_deliveries,
    open_since,
    plan_alone,
    post_row,
    schedule_of_post,
    set_early_aside,
)
from kpi_core.state.lapses.lapse import untold_lapse
from kpi_core.state.schedules import locked_schedule, move_schedule, next_fires, schedule_row
from kpi_core.state.store import Store
from kpi_core.state.transactions import Row, Transaction

EARLY = timedelta(days=1)
"""What was due so much later than now went out by a wrong clock, for a day whose own message is still to come."""


def due_now(store: Store, name: str, schedule: Schedule, now: datetime, zone: ZoneInfo) -> Fire | None:
    """What the schedule `name` has to do now. One that is new, or has changed its times, starts from now.

    After a lapse of the state nobody knows that it is new: it starts from where the state ends.
    """
    # Read without a lock first: this is asked every few seconds, and hardly ever is there anything to write.
    with store.reading() as transaction:
        row = schedule_row(transaction, name)
        if row is not None and row["every"] == schedule.text and row["last_fire"] <= now:
            return _with_backlog(transaction, name, due(schedule, row["last_fire"], now, zone))
    with store.writing() as transaction:
        row = locked_schedule(transaction, name)
        if row is None or row["every"] != schedule.text:
            lapse = untold_lapse(transaction)
            last = min(lapse.since, now) if lapse and lapse.since else now
            move_schedule(transaction, name, schedule.text, last, next_fire(schedule, last, zone))
        else:
            last = _healed(transaction, row, schedule, now, zone)
        return _with_backlog(transaction, name, due(schedule, last, now, zone))


def _healed(transaction: Transaction, row: Row, schedule: Schedule, now: datetime, zone: ZoneInfo) -> datetime:
    """The last time that the schedule truly came; what a clock ahead of time has written is put aside."""
    if row["last_fire"] <= now:
        return row["last_fire"]  # type: ignore[no-any-return]
    set_early_aside(transaction, row["name"], now + EARLY)
    # A time that comes again after a small correction finds its delivery there and adds none.
    last: datetime = last_due(transaction, row["name"], now) or now
    move_schedule(transaction, row["name"], row["every"], last, next_fire(schedule, last, zone))
    return last


def _with_backlog(transaction: Transaction, name: str, fire: Fire | None) -> Fire | None:
    """The fire, standing also for the earlier ones whose messages are still on their way."""
    if fire is None:
        return None
    since = open_since(transaction, name, fire.due)
    return fire if since is None else replace(fire, since=min(since, fire.since or since))


def plan(  # noqa: PLR0913 - one transaction, so one call
    store: Store,
    name: str,
    schedule: Schedule,
    fire: Fire,
    messages: Sequence[Message],
    *,
    now: datetime,
    zone: ZoneInfo,
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
        move_schedule(transaction, name, schedule.text, fire.due, next_fire(schedule, fire.due, zone))
        return sum(insert(transaction, planned(installation, name, fire, message, now)) for message in messages)


def plan_once(store: Store, name: str, messages: Sequence[Message], now: datetime, *, in_all: bool = False) -> int:
    """Put messages on their way that someone asked for by hand, outside any schedule; `in_all`: a single time ever."""
    installation = store.installation_key()
    with store.writing() as transaction:
        every = (planned(installation, name, Fire(now), message, now, once=in_all) for message in messages)
        return sum(insert(transaction, each) for each in every)


def plan_first(store: Store, name: str, messages: Sequence[Posting], now: datetime) -> bool:
    """`plan_once`, unless a post of one of their periods is there or on its way; whether they were planned.

    Of two processes that ask at one moment one plans.
    """
    installation = store.installation_key()
    with store.writing() as transaction:
        plan_alone(transaction)
        if any(_of_period(transaction, name, message.about) for message in messages):
            return False
        for message in messages:
            insert(transaction, planned(installation, name, Fire(now), message, now))
    return True


def upcoming(store: Store) -> dict[str, datetime]:
    """When each known schedule fires next."""
    with store.reading() as transaction:
        return next_fires(transaction)


def newest(store: Store, most: int) -> tuple[Delivery, ...]:
    """The deliveries that were due last, the newest first, whatever became of them."""
    with store.reading() as transaction:
        rows = newest_deliveries(transaction, most)
    return tuple(map(delivery_of, rows))


def first_post(store: Store, channel: str, ts: str) -> Delivery | None:
    """The delivery that a message of a channel came with; None where it is none of the ledger."""
    with store.reading() as transaction:
        row = post_row(transaction, channel, ts)
    return None if row is None else delivery_of(row)


def schedule_at(store: Store, ts: str) -> str:
    """The schedule of the post that stands at that ts; empty where it is none of ours."""
    with store.reading() as transaction:
        return schedule_of_post(transaction, ts)


def of_period(store: Store, name: str, about: str) -> tuple[Delivery, ...]:
    """The posts of a schedule about one period that have come, or may still come; the newest first."""
    with store.reading() as transaction:
        return _of_period(transaction, name, about)


def _of_period(transaction: Transaction, name: str, about: str) -> tuple[Delivery, ...]:
    every = map(delivery_of, deliveries_of(transaction, name))
    return tuple(
        delivery
        for delivery in every
        if isinstance(delivery.message, Posting)
        and delivery.message.about == about
        and delivery.state not in {"refused", "folded", "cancelled"}
    )
