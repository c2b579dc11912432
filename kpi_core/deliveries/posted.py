"""Posts and the numbers in them: kept, so that one that moves later can be amended in place."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from kpi_core.deliveries.posted_number import PostedNumber, number_of, query_json
from kpi_core.frozen_dataclass import frozen
from kpi_core.state.delivery_rows import add_posted_number, forget_posted_numbers, numbers_since
from kpi_core.state.store import Store
from kpi_core.state.transactions import Transaction


@frozen
class Post:
    """A message in a channel with the numbers in it."""

    channel: str
    ts: str
    posted_at: datetime
    numbers: tuple[PostedNumber, ...]


def keep_posted(
    transaction: Transaction, channel: str, ts: str, numbers: Sequence[PostedNumber], posted_at: datetime
) -> None:
    """Write down what a message says, once."""
    for position, number in enumerate(numbers):
        add_posted_number(
            transaction,
            channel=channel,
            ts=ts,
            position=position,
            posted_at=posted_at,
            metric=number.query.metric,
            query=query_json(number.query),
            value=number.value,
            version=number.version,
            parts=dict(number.parts),
            data_through=number.data_through.isoformat() if number.data_through else None,
        )


def amend_posted(
    transaction: Transaction, channel: str, ts: str, numbers: Sequence[PostedNumber], amended_at: datetime
) -> None:
    """Write down what a message says after a change, in place of what it said; it stays posted when it was."""
    posted_at = forget_posted_numbers(transaction, channel, ts)
    keep_posted(transaction, channel, ts, numbers, posted_at or amended_at)


def posts_since(store: Store, since: datetime) -> tuple[Post, ...]:
    """Every post with numbers from `since` on, oldest first."""
    with store.reading() as transaction:
        rows = numbers_since(transaction, since)
    posts: dict[tuple[str, str, datetime], list[PostedNumber]] = {}
    for row in rows:
        number = number_of({**row, "parts": row["parts"] or {}})
        posts.setdefault((row["channel"], row["ts"], row["posted_at"]), []).append(number)
    return tuple(Post(channel, ts, at, tuple(numbers)) for (channel, ts, at), numbers in posts.items())
