"""A made-up channel of a social network: its followers, whom it reached, and its posts, whose counters grow. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache
from zlib import crc32

from kpi_core.frozen_dataclass import frozen

BEGINS = date(2025, 6, 1)
_GROWS_FOR = 25
_KINDS = ("photo", "video", "link")


@frozen
class Post:
    """A post with all that it will ever come to."""

    id: int
    published: datetime
    kind: str
    views: int
    reach: int
    likes: int
    comments: int
    shares: int
    saves: int
    clicks: int

    def so_far(self, whole: int, now: datetime) -> int:
        """What part of a number has come in."""
        return whole * min(_GROWS_FOR, 9 + (now - self.published).days) // _GROWS_FOR


@frozen
class ChannelDay:
    """A day of the channel: whom it reached, who came and who left, and how many followed it at the end."""

    day: date
    reached: int
    gained: int
    lost: int
    followers: int


@frozen
class Channel:
    """A channel and all of its posts."""

    id: str = "5001"
    name: str = "한옥 Goods"
    begins: date = BEGINS

    def days(self, first: date, last: date) -> Iterator[ChannelDay]:
        first = max(first, self.begins)
        while first <= last:
            yield day_of(first)
            first += timedelta(days=1)

    def followers(self, now: datetime) -> int:
        """How many there are: as many as at the end of the day whose end is nearest."""
        return day_of((now.astimezone(UTC) - timedelta(hours=12)).date()).followers

    def posts(self, start: datetime, end: datetime, now: datetime) -> Iterator[Post]:
        """Those published in `[start, end)` until now, by their time."""
        day = max(BEGINS, start.astimezone(UTC).date())
        while day <= min(end, now).astimezone(UTC).date():
            yield from (post for post in published_on(day) if start <= post.published < end and post.published <= now)
            day += timedelta(days=1)


@cache
def day_of(day: date) -> ChannelDay:
    seed = crc32(f"channel {day}".encode())
    growth = _followers(day) - _followers(day - timedelta(days=1))
    gained = max(0, growth) + seed % 6
    return ChannelDay(day, 300 + seed % 900, gained, gained - growth, _followers(day))


def _followers(day: date) -> int:
    return 8_000 + 4 * (day - BEGINS).days + crc32(f"followers {day}".encode()) % 11


@cache
def published_on(day: date) -> tuple[Post, ...]:
    return tuple(_post(day, number) for number in range(crc32(f"posts {day}".encode()) % 3))


def _post(day: date, number: int) -> Post:
    seed = crc32(f"post {day} {number}".encode())
    # At 15 o'clock in UTC a day begins in Seoul.
    hour = 15 if seed % 4 == 0 else seed // 5 % 24
    views = 200 + seed % 5_000
    return Post(
        day.toordinal() * 10 + number,
        datetime(day.year, day.month, day.day, hour, number, tzinfo=UTC),
        _KINDS[seed % 3],
        views,
        views * 4 // 5,
        seed // 7 % 300,
        seed // 11 % 40,
        seed // 13 % 30,
        seed // 17 % 25,
        seed // 19 % 90,
    )


CHANNEL = Channel()
