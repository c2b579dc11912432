"""The clock of a zone in SQL, written out as Python knows it: a database's own zones may be of another year.

`docs/decisions/zones.md` says why. Each change of the clock is a comparison in a tree, so that 200 of them cost 8.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

Offset = tuple[datetime, timedelta]
"""Since when (naive UTC) the local clock is so far ahead of UTC; what lies before the first one has its offset too."""
_CENTURY = datetime(1970, 1, 1, tzinfo=UTC), datetime(2070, 1, 1, tzinfo=UTC)


@lru_cache(maxsize=64)
def offsets_of(zone: str) -> tuple[Offset, ...]:
    """The offsets of a zone from 1970 to 2070."""
    return tuple(offsets_between(*_CENTURY, ZoneInfo(zone)))


def offsets_within(zone: str, first: datetime, last: datetime) -> Sequence[Offset]:
    """Those of `offsets_of` that hold for any naive UTC instant from the first to the last."""
    offsets = offsets_of(zone)
    since = [start for start, _offset in offsets]
    begin = max(0, bisect_right(since, first) - 1)
    return offsets[begin : max(bisect_right(since, last), begin + 1)]


def offsets_between(first: datetime, last: datetime, zone: ZoneInfo) -> Iterator[Offset]:
    """The offsets of a zone from one instant to another, to the second."""

    def offset_at(instant: datetime) -> timedelta:
        return instant.astimezone(zone).utcoffset() or timedelta()

    instant, offset = first.replace(microsecond=0), offset_at(first)
    yield instant.replace(tzinfo=None), offset
    while instant <= last:
        # No zone has changed its clock twice within a week since 1970.
        following = instant + timedelta(days=7)
        if offset_at(following) != offset:
            instant = _change(instant, following, offset_at)
            offset = offset_at(instant)
            yield instant.replace(tzinfo=None), offset
        else:
            instant = following


def local_sql(instant: str, offsets: Sequence[Offset], dialect: str = "duckdb") -> str:
    """SQL for the wall clock at a naive UTC instant; written for Postgres where the dialect is not DuckDB's."""
    ends = [since for since, _offset in offsets[1:]]
    tree = _tree(instant, ends, offsets)
    return f"({instant} + {tree if dialect == 'duckdb' else tree.replace('to_seconds(', 'make_interval(secs => ')})"


def utc_sql(wall: str, offsets: Sequence[Offset]) -> str:
    """SQL for the UTC instant at which a wall clock says so: the first of two, and past a gap that it never says."""
    ends = [since + max(before, after) for (_before, before), (since, after) in pairwise(offsets)]
    return f"({wall} - {_tree(wall, ends, offsets)})"


def _tree(moment: str, ends: Sequence[datetime], offsets: Sequence[Offset]) -> str:
    """The offset that holds at a moment; `ends` says until when each but the last one does."""
    if not ends:
        return f"to_seconds({int(offsets[0][1].total_seconds())})"
    middle = len(ends) // 2
    earlier = _tree(moment, ends[:middle], offsets[: middle + 1])
    later = _tree(moment, ends[middle + 1 :], offsets[middle + 1 :])
    return f"CASE WHEN {moment} < TIMESTAMP '{ends[middle]:%Y-%m-%d %H:%M:%S}' THEN {earlier} ELSE {later} END"


def _change(before: datetime, after: datetime, offset_at: Callable[[datetime], timedelta]) -> datetime:
    """The first second of the next offset."""
    offset = offset_at(before)
    while after - before > timedelta(seconds=1):
        middle = (before + (after - before) / 2).replace(microsecond=0)
        before, after = (middle, after) if offset_at(middle) == offset else (before, middle)
    return after
