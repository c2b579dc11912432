"""Rows of deliveries and of the numbers they posted. `kpi_core/deliveries` says what they mean."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from secrets import token_hex

from sqlalchemy import ColumnElement, delete, func, select, update

from kpi_core.state.schema import deliveries, posted_numbers, receipts
from kpi_core.state.transactions import Row, Transaction

OPEN = ("pending", "sending", "uncertain", "waiting")
"""States of what may be tried again."""
TO_OWNERS = "owner:"
"""How the schedules of what owners are told begin."""
DONE_WITH = ("sent", "folded", "cancelled")
"""States of what nobody need look after."""


def add_delivery(transaction: Transaction, **values: object) -> bool:
    """Put a delivery on its way unless its key is there already; whether it was new."""
    return transaction.add(deliveries, **values)


def any_open(transaction: Transaction) -> bool:
    """Whether there is a delivery that may be tried, now or later."""
    return transaction.row(select(deliveries.c.key).where(deliveries.c.state.in_(OPEN)).limit(1)) is not None


def lock_open_delivery(
    transaction: Transaction, now: datetime, longest: datetime, without: Collection[str]
) -> Row | None:
    """The oldest delivery that may be tried now; one that another process is claiming or settling is passed over.

    So is a change of a message while an earlier one of the same message is open. A wait beyond `longest` holds nothing
    up.
    """
    waited = (deliveries.c.wait_until <= now) | (deliveries.c.wait_until > longest)
    query = select(deliveries).where(deliveries.c.state.in_(OPEN), waited, ~_comes_after_another())
    if without:
        query = query.where(deliveries.c.key.not_in(without))
    # What an owner is told comes last: with a token that works again a post has arrived, and is no trouble any more. By
    # key where both are due at once, so that every process goes through them in one order.
    to_owners = deliveries.c.schedule.startswith(TO_OWNERS, autoescape=True)
    query = query.order_by(to_owners, deliveries.c.due, deliveries.c.key).limit(1)
    return transaction.row(query.with_for_update(skip_locked=True))


def lock_delivery(transaction: Transaction, key: str) -> Row | None:
    """The delivery of a key, nobody else's until the transaction ends."""
    return transaction.row(select(deliveries).where(deliveries.c.key == key).with_for_update())


def delivery_rows(transaction: Transaction, beginning: str, most: int = 2) -> list[Row]:
    """Deliveries whose key begins so."""
    return transaction.rows(
        select(deliveries).where(deliveries.c.key.startswith(beginning, autoescape=True)).limit(most)
    )


def change_delivery(transaction: Transaction, key: str, **values: object) -> None:
    transaction.run(update(deliveries).where(deliveries.c.key == key).values(**values))


def unsent_deliveries(transaction: Transaction) -> list[Row]:
    """All that is neither sent nor given up, the oldest first."""
    return transaction.rows(
        select(deliveries).where(deliveries.c.state.not_in(DONE_WITH)).order_by(deliveries.c.due, deliveries.c.key)
    )


def newest_deliveries(transaction: Transaction, most: int) -> list[Row]:
    """Those that were due last, the newest first."""
    return transaction.rows(
        select(deliveries).order_by(deliveries.c.due.desc(), deliveries.c.planned_at.desc()).limit(most)
    )


def deliveries_of(transaction: Transaction, schedule: str, most: int = 100) -> list[Row]:
    """The newest of one schedule, the newest first."""
    query = select(deliveries).where(deliveries.c.schedule == schedule)
    return transaction.rows(query.order_by(deliveries.c.due.desc(), deliveries.c.planned_at.desc()).limit(most))


def plan_alone(transaction: Transaction) -> None:
    """Let no other process plan or change a delivery until the transaction ends."""
    transaction.write_alone(deliveries)


def newer_of_series(transaction: Transaction, series: str, channel: str, due: datetime) -> bool:
    """Whether a later post of the series to the channel is there or may still come."""
    own = deliveries.c
    query = select(own.key).where(
        own.series == series, own.channel == channel, own.due > due, own.state.in_((*OPEN, "sent"))
    )
    return transaction.row(query.limit(1)) is not None


def open_since(transaction: Transaction, schedule: str, before: datetime) -> datetime | None:
    """The first time for which the open posts of a schedule stand that were due before; None where none is open."""
    own = deliveries.c
    query = select(func.min(func.coalesce(own.since, own.due)).label("first")).where(
        own.schedule == schedule, own.series.is_not(None), own.due < before, own.state.in_(OPEN)
    )
    row = transaction.row(query)
    return row["first"] if row else None


def last_due(transaction: Transaction, schedule: str, until: datetime) -> datetime | None:
    """The last time, until then, for which the schedule has planned a message."""
    own = deliveries.c
    query = select(own.due).where(own.schedule == schedule, own.due <= until).order_by(own.due.desc()).limit(1)
    row = transaction.row(query)
    return row["due"] if row else None


def set_early_aside(transaction: Transaction, schedule: str, after: datetime) -> None:
    """Free the keys of what went out for days yet to come, and give up what has not begun to."""
    own = deliveries.c
    early = (own.schedule == schedule) & (own.due > after)
    untried = early & own.state.in_(("pending", "waiting")) & (own.attempts == 0)
    transaction.run(update(deliveries).where(untried).values(state="cancelled", error="The clock was ahead."))
    settled = early & own.state.not_in(OPEN)
    # Nor do they stand for anything that is due now.
    transaction.run(update(deliveries).where(settled).values(key=own.key + f"-{token_hex(4)}", series=None))


def give_up_unsent(transaction: Transaction, schedule: str) -> None:
    """Give up what of a schedule surely stands nowhere and nobody is sending."""
    own = deliveries.c
    unsent = (own.schedule == schedule) & own.state.in_(("pending", "waiting"))
    transaction.run(update(deliveries).where(unsent).values(state="cancelled", error="It was over before it was told."))


def add_posted_number(transaction: Transaction, **values: object) -> bool:
    """Write down a number of a post, once."""
    return transaction.add(posted_numbers, **values)


def forget_posted_numbers(transaction: Transaction, channel: str, ts: str) -> datetime | None:
    """Remove the numbers of a post; when it was posted, None where it had none."""
    own = (posted_numbers.c.channel == channel) & (posted_numbers.c.ts == ts)
    # The new numbers of an amended post keep its age: it is amended for so many days and no longer.
    row = transaction.row(select(posted_numbers.c.posted_at).where(own).limit(1))
    transaction.run(delete(posted_numbers).where(own))
    return row["posted_at"] if row else None


def numbers_since(transaction: Transaction, since: datetime) -> list[Row]:
    """The numbers of every post from `since` on, post by post, the oldest first."""
    numbers = posted_numbers.c
    query = select(posted_numbers).where(numbers.posted_at >= since)
    return transaction.rows(query.order_by(numbers.posted_at, numbers.channel, numbers.ts, numbers.position))


def post_row(transaction: Transaction, channel: str, ts: str) -> Row | None:
    """The delivery that made a message, None where that was no new message of the ledger."""
    own = deliveries.c
    query = select(deliveries).where(own.channel == channel, own.ts == ts, own.changes.is_(None))
    return transaction.row(query.order_by(own.due).limit(1))


def schedule_of_post(transaction: Transaction, ts: str) -> str:
    """The schedule of the post that stands at that ts; empty where it is none of the ledger."""
    # Without its channel: a direct message goes to a person, and stands in the conversation with them.
    own = deliveries.c
    row = transaction.row(select(own.schedule).where(own.ts == ts, own.changes.is_(None)).limit(1))
    return row["schedule"] if row else ""


def add_receipt(transaction: Transaction, **values: object) -> bool:
    """Write down a receipt, once; whether it was new."""
    return transaction.add(receipts, **values)


def receipt_row(transaction: Transaction, name: str) -> Row | None:
    return transaction.row(select(receipts).where(receipts.c.name == name))


def _comes_after_another() -> ColumnElement[bool]:
    """Whether a delivery changes a message that an earlier one, not settled yet, changes too."""
    earlier, own = deliveries.alias("earlier"), deliveries.c
    before = (earlier.c.due < own.due) | ((earlier.c.due == own.due) & (earlier.c.key < own.key))
    same = (earlier.c.channel == own.channel) & (earlier.c.changes == own.changes)
    return select(earlier.c.key).where(same, before, earlier.c.state.in_(OPEN)).exists()
