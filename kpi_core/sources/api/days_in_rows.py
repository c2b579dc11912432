"""Days as services write them in rows: a row for each day, counts of now that stand on a day, moments. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from kpi_core.dates.periods import Days
from kpi_core.sources.api.outcomes import RefusedError, Trouble
from kpi_core.sources.api.service import Row

Counts = Mapping[str, Mapping[str, int]]
"""By column and day."""
_HALF = timedelta(hours=12)


def without_gaps(read: Callable[[], list[Row]], last: date, settled: date) -> list[Row]:
    """Rows by `date` of which none lacks between the first and the last day, as far as days are settled.

    RefusedError where one does: a part of the answer was cut off. Days before the first one were before the account was
    made; a whole span of them is believed when it is empty twice.
    """
    rows = read()
    is_old = last < settled
    if not rows and is_old and not (rows := read()):
        return rows
    days = {date.fromisoformat(str(row["date"])) for row in rows}
    end = min(last, settled)
    lacking = (day for day in _days(min(days), end) if day not in days) if days else iter((end,))
    if (day := next(lacking, None)) is not None:
        raise RefusedError(Trouble("retry_now", f"{day} did not come"))
    return rows


def came(rows: Sequence[Row], windows: Iterable[Days], settled: date) -> Iterator[Days]:
    """Windows up to the newest day with a row, or that is settled: what comes late is not known to be nothing."""
    newest = max((str(row["date"]) for row in rows), default="")
    for first, last in windows:
        if last < settled:
            yield first, last
        elif first.isoformat() <= newest:
            yield first, min(last, date.fromisoformat(newest))


def _days(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first += timedelta(days=1)


def counted_day(now: datetime, zone: str) -> date:
    """The day at whose end a count of now stands: the midnight that is nearest."""
    try:
        return (now.astimezone(ZoneInfo(zone or "UTC")) - _HALF).date()
    except (ValueError, OSError, KeyError):
        return (now - _HALF).date()


def remembered(rows: Sequence[Row], columns: Sequence[str], counts: Counts) -> Counts:
    """The counts with those of some columns of rows that have one."""
    own = {
        column: {str(row["date"]): int(number) for row in rows if (number := row.get(column)) is not None}
        for column in columns
    }
    return {column: {**counts.get(column, {}), **own.get(column, {})} for column in counts.keys() | own.keys()}


def with_counts(rows: Sequence[Row], counts: Counts) -> list[Row]:
    """Rows of days with what was counted for them before; a day without a row waits for it."""
    return [{**row, **{column: _count(row, column, days) for column, days in counts.items()}} for row in rows]


def _count(row: Row, column: str, days: Mapping[str, int]) -> str | None:
    day = str(row["date"])
    return str(days[day]) if row.get(column) is None and day in days else row.get(column)


def moment_of(seconds: Any, per_second: int = 1) -> str | None:
    """A moment in seconds, or parts of them, since 1970 as text; None where it is none."""
    try:
        instant = datetime.fromtimestamp(int(seconds) // per_second, UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return None
    return instant.isoformat()
