"""A made-up shop: its orders as they were at any moment, for they are paid, refunded and deleted later. Pure.

A refund may come months after its order, which has then been changed today and was made long ago.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from zlib import crc32

from kpi_core.frozen_dataclass import frozen

_MOST_LINES = 30
_GOODS = ("찻잔", "Tea set", "茶壺", 'Bowl "moon"', "Tray, oak")
_VISITS = (
    ("google", "cpc", "Autumn sale"),
    ("instagram", "paid_social", "브랜드"),
    ("newsletter", "email", None),
    None,
)


@frozen
class OrderLine:
    """A line of an order; the amount is that of all its pieces, after their discount."""

    id: int
    product: str
    quantity: int
    amount: Decimal


@frozen
class ShopOrder:
    """An order with all that will ever happen to it."""

    id: int
    created: datetime
    customer: int | None
    total: Decimal
    visit: tuple[str, str, str | None] | None
    """Source, medium and campaign of the visit before it."""
    lines: tuple[OrderLine, ...]
    paid_at: datetime
    refunds: tuple[tuple[datetime, Decimal], ...] = ()
    cancelled_at: datetime | None = None
    deleted_at: datetime | None = None
    is_test: bool = False

    def is_there(self, now: datetime) -> bool:
        return self.created <= now and (self.deleted_at is None or now < self.deleted_at)

    def is_cancelled(self, now: datetime) -> bool:
        return self.cancelled_at is not None and self.cancelled_at <= now

    def is_paid(self, now: datetime) -> bool:
        return self.paid_at <= now

    def refunded(self, now: datetime) -> Decimal:
        return sum((amount for moment, amount in self.refunds if moment <= now), Decimal(0))

    def updated(self, now: datetime) -> datetime:
        """When it was changed for the last time."""
        moments = [self.created, self.paid_at, self.cancelled_at, *(moment for moment, _amount in self.refunds)]
        return max(moment for moment in moments if moment is not None and moment <= now)

    def counts(self, now: datetime) -> bool:
        """Whether it is sold."""
        return self.is_there(now) and self.is_paid(now) and not self.is_cancelled(now) and not self.is_test


@frozen
class Shop:
    """All orders since a day."""

    name: str = "Hanok Goods"
    currency: str = "KRW"
    begins: date = field(default=date(2025, 6, 1))

    def orders(self, start: datetime, end: datetime, now: datetime) -> Iterator[ShopOrder]:
        """Those made in `[start, end)` that are there at a moment, in the order of their numbers."""
        day = max(start.astimezone(UTC).date(), self.begins)
        while day <= min(end.astimezone(UTC).date(), now.astimezone(UTC).date()):
            yield from (order for order in made_on(day) if start <= order.created < end and order.is_there(now))
            day += timedelta(days=1)


@cache
def made_on(day: date) -> tuple[ShopOrder, ...]:
    """The orders made on a day, as UTC has it."""
    return tuple(_order(day, number) for number in range(crc32(f"orders {day}".encode()) % 5))


def _order(day: date, number: int) -> ShopOrder:
    seed = crc32(f"{day} {number}".encode())
    id_ = day.toordinal() * 10 + number
    created = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(seconds=number * 17_000 + seed % 16_000)
    count = _MOST_LINES if seed % 41 == 0 else 1 + seed % 3
    lines = tuple(_line(id_, line, seed) for line in range(count))
    total = sum((line.amount for line in lines), Decimal(3_000))
    later = created + timedelta(days=1 + seed // 11 % 90, hours=5)
    return ShopOrder(
        id_,
        created,
        None if seed % 13 == 0 else 500 + seed // 7 % 60,
        total,
        _VISITS[seed // 3 % len(_VISITS)],
        lines,
        created + timedelta(hours=30 if seed % 6 == 0 else 0),
        ((later, total // 3),) if seed % 7 == 1 else (),
        later if seed % 17 == 2 else None,
        created + timedelta(days=1 + seed // 11 % 12) if seed % 37 == 3 else None,
        seed % 23 == 4,
    )


def _line(order: int, number: int, seed: int) -> OrderLine:
    own = crc32(f"{seed} {number}".encode())
    quantity = 1 + own % 3
    return OrderLine(
        order * 100 + number, _GOODS[own // 3 % len(_GOODS)], quantity, Decimal(own // 5 % 900 * 10) * quantity
    )


SHOP = Shop()
