"""A made-up sales department: deals and contacts as they were at any moment. Pure.

Deals are won, lost and deleted months after they were made, and contacts take their steps one by one.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from zlib import crc32

from kpi_core.frozen_dataclass import frozen

BEGINS = date(2025, 6, 1)
_SOURCES = ("ORGANIC_SEARCH", "PAID_SEARCH", "EMAIL_MARKETING", None)
_COUNTRIES = ("KR", "대만", None)
STEPS = ("marketingqualifiedlead", "salesqualifiedlead", "opportunity", "customer")


@frozen
class CrmRecord:
    """A deal, or a contact, with all that will ever happen to it."""

    id: int
    created: datetime
    source: str | None
    closes: datetime | None = None
    is_won: bool = False
    amount: Decimal | None = None
    currency: str | None = None
    contacts: tuple[int, ...] = ()
    reason: str | None = None
    steps: tuple[datetime, ...] = ()
    """When a contact took each of its steps."""
    country: str | None = None
    archived: datetime | None = None

    def is_there(self, now: datetime) -> bool:
        return self.created <= now and not self.is_gone(now)

    def is_gone(self, now: datetime) -> bool:
        return self.archived is not None and self.archived <= now

    def is_closed(self, now: datetime) -> bool:
        return self.closes is not None and self.closes <= now

    def changed(self, now: datetime) -> datetime:
        """When it was changed for the last time."""
        moments = [self.created, self.closes, self.archived, *self.steps]
        return max(moment for moment in moments if moment is not None and moment <= now)


@frozen
class Crm:
    """All deals and contacts, with some more of either."""

    more_deals: tuple[CrmRecord, ...] = ()

    def records(self, kind: str, now: datetime, start: datetime | None = None) -> Iterator[CrmRecord]:
        """Those made until now, deleted ones among them."""
        if kind == "deals":
            yield from (deal for deal in self.more_deals if deal.created <= now)
        day = BEGINS if start is None else max(BEGINS, start.astimezone(UTC).date())
        while day <= now.astimezone(UTC).date():
            yield from (record for record in made_on(kind, day) if record.created <= now)
            day += timedelta(days=1)


@cache
def made_on(kind: str, day: date) -> tuple[CrmRecord, ...]:
    made = _deal if kind == "deals" else _contact
    return tuple(made(day, number) for number in range(crc32(f"{kind} {day}".encode()) % 4))


def _moment(day: date, number: int, seed: int) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(seconds=number * 20_000 + seed % 19_000)


def _deal(day: date, number: int) -> CrmRecord:
    seed = crc32(f"deal {day} {number}".encode())
    created = _moment(day, number, seed)
    return CrmRecord(
        day.toordinal() * 10 + number,
        created,
        _SOURCES[seed % len(_SOURCES)],
        created + timedelta(days=2 + seed // 5 % 80) if seed % 3 else None,
        seed % 2 == 0,
        Decimal(seed // 7 % 9_000 * 100) if seed % 11 else None,
        "USD" if seed % 10 == 0 else None,
        tuple(800 + seed // number_ % 50 for number_ in (1, 3, 5)[: seed % 4]),
        "너무 비쌈" if seed % 2 else None,
        archived=created + timedelta(days=30 + seed // 9 % 50) if seed % 19 == 0 else None,
    )


def _contact(day: date, number: int) -> CrmRecord:
    seed = crc32(f"contact {day} {number}".encode())
    created = _moment(day, number, seed)
    steps = tuple(created + timedelta(days=(3 + seed % 9) * (step + 1)) for step in range(seed % 5))
    archived = created + timedelta(days=40 + seed // 9 % 30) if seed % 23 == 0 else None
    country = _COUNTRIES[seed // 3 % len(_COUNTRIES)]
    return CrmRecord(
        day.toordinal() * 10 + number, created, _SOURCES[seed % 4], steps=steps, country=country, archived=archived
    )


CRM = Crm()
