"""Receipts: a short name for the numbers of a message, by which they can be asked for again as they were.

A receipt is made of the numbers themselves: a retry, another process or a second post of the same numbers names the
same one. It is never written over, whatever becomes of the message.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime

from kpi_core.deliveries.posted_number import PostedNumber, number_json, number_of
from kpi_core.errors import KpiBotError
from kpi_core.frozen_dataclass import frozen
from kpi_core.state.delivery_rows import add_receipt, receipt_row
from kpi_core.state.store import Store
from kpi_core.state.transactions import Transaction

LENGTH = 8
"""40 bits: that two of 100,000 different messages share a name has a chance of 1 in 200; the first one keeps it."""
_SIGNS = "0123456789abcdefghjkmnpqrstvwxyz"
"""Those of Crockford's base 32: none is taken for another when it is read aloud or typed."""
_READ_AS = str.maketrans("ilo", "110")


@frozen
class Receipt:
    """The numbers of a message of ours, and what it was: `made_at` is when they were computed."""

    name: str
    channel: str
    ts: str
    made_at: datetime
    numbers: tuple[PostedNumber, ...]


def receipt_name(numbers: Sequence[PostedNumber]) -> str:
    """The name of these numbers in this order; "" of none."""
    if not numbers:
        return ""
    text = json.dumps([number_json(number) for number in numbers], sort_keys=True, ensure_ascii=False)
    bits = int.from_bytes(hashlib.sha256(text.encode()).digest(), "big")
    return "".join(_SIGNS[bits >> 5 * place & 31] for place in range(LENGTH))


def keep_receipt(
    transaction: Transaction, channel: str, ts: str, numbers: Sequence[PostedNumber], made_at: datetime
) -> None:
    """Write down what a message said, once and for good."""
    if name := receipt_name(numbers):
        values = [number_json(number) for number in numbers]
        add_receipt(transaction, name=name, channel=channel, ts=ts, made_at=made_at, numbers=values)


def answered(store: Store, channel: str, numbers: Sequence[PostedNumber], made_at: datetime) -> str:
    """Write down what an answer in a channel says; its receipt, "" where other numbers have that name already."""
    name, values = receipt_name(numbers), [number_json(number) for number in numbers]
    with store.reading() as transaction:
        row = receipt_row(transaction, name)
    if row is None:
        with store.writing() as transaction:
            keep_receipt(transaction, channel, "", numbers, made_at)
            row = receipt_row(transaction, name)
    return name if row is not None and row["numbers"] == values else ""


def receipt_of(store: Store, name: str) -> Receipt:
    """The receipt of that name, in any case, l read as 1 and o as 0. KpiBotError where there is none."""
    with store.reading() as transaction:
        row = receipt_row(transaction, name.strip().casefold().translate(_READ_AS))
    if row is None:
        message = f"There is no receipt {name}."
        hint = "It stands at the end of each summary, alert and answer, such as k7f3q2mx."
        raise KpiBotError(message, code="unknown_receipt", hint=hint, params={"receipt": name})
    return Receipt(row["name"], row["channel"], row["ts"], row["made_at"], tuple(map(number_of, row["numbers"])))
