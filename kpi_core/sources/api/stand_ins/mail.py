"""A made-up sender of e-mails: opens and clicks come in for weeks, and some are sent at midnight sharp. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache
from zlib import crc32

from kpi_core.frozen_dataclass import frozen

BEGINS = date(2025, 6, 1)
_OPENED_FOR = 20
_LISTS = ("Members", "뉴스레터", "VIP 會員")


@frozen
class Campaign:
    """A campaign with all that it will ever come to."""

    id: str
    sent_at: datetime
    audience: str
    sent: int
    hard: int
    soft: int
    opens: int
    clicks: int
    unsubscribes: int
    complaints: int

    def so_far(self, whole: int, now: datetime) -> int:
        """What part of a number has come in."""
        return whole * min(_OPENED_FOR, 8 + (now - self.sent_at).days) // _OPENED_FOR


@frozen
class Sender:
    """All campaigns."""

    name: str = "Hanok Goods"

    def campaigns(self, start: datetime, end: datetime, now: datetime) -> Iterator[Campaign]:
        """Those sent in `[start, end)` until now, by their time."""
        day = max(BEGINS, start.astimezone(UTC).date())
        while day <= min(end.astimezone(UTC).date(), now.astimezone(UTC).date()):
            yield from (each for each in sent_on(day) if start <= each.sent_at < end and each.sent_at <= now)
            day += timedelta(days=1)


@cache
def sent_on(day: date) -> tuple[Campaign, ...]:
    return tuple(_campaign(day, number) for number in range(crc32(f"mail {day}".encode()) % 3))


def _campaign(day: date, number: int) -> Campaign:
    seed = crc32(f"mail {day} {number}".encode())
    # At 15 o'clock in UTC a day begins in Seoul.
    hour = 15 if seed % 4 == 0 else seed // 5 % 24
    sent_at = datetime(day.year, day.month, day.day, hour, tzinfo=UTC)
    sent = 500 + seed % 4_000
    hard, soft = seed // 3 % 20, seed // 7 % 30
    opens = (sent - hard - soft) * (10 + seed // 11 % 30) // 100
    name = f"{day:%m%d}{number}a{seed % 1000:03d}"
    return Campaign(
        name, sent_at, _LISTS[seed % 3], sent, hard, soft, opens, opens // 5, seed // 13 % 9, seed // 17 % 3
    )


SENDER = Sender()
