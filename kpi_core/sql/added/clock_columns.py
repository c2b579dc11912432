"""What a clock and a calendar say of a row: the hour, the day of the week. As texts, in SQL that every dialect knows.

Where clocks are set back an hour comes twice: a day has 25 of them then, and the second one bears a (2).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from kpi_core.metrics import WEEKDAYS
from kpi_core.sql.fragments import fragment
from kpi_core.sql.quoting import literal
from kpi_core.sql.zones import offsets_of

if TYPE_CHECKING:
    from sqlglot import exp

AGAIN = " (2)"
_SINCE = datetime(2000, 1, 1)  # noqa: DTZ001 - naive UTC, as offsets are
"""Before it an hour that comes twice is one."""


def weekday_of(day: exp.Expr) -> exp.Expr:
    """The weekday of a date: one of WEEKDAYS."""
    text = day.sql(dialect="duckdb")
    names = " ".join(f"when {number} then '{name}'" for number, name in enumerate(WEEKDAYS))
    # 1900 began on a Monday; no dialect numbers weekdays as another does.
    return fragment(f"case date_diff('day', date '1900-01-01', {text}) % 7 {names} end")


def hour_of(instant: exp.Expr, timezone: str) -> exp.Expr:
    """The hour of the local clock at a naive UTC instant: `09:00`."""
    text = instant.sql(dialect="duckdb")
    hour = f"extract(hour from timezone({literal(timezone)}, timezone('UTC', {text})))"
    digits = f"concat(case when {hour} < 10 then '0' else '' end, cast({hour} as varchar), ':00')"
    twice = " or ".join(
        f"({text} >= cast('{start}' as timestamp) and {text} < cast('{end}' as timestamp))"
        for start, end in _hours_again(timezone)
    )
    return fragment(f"case when {twice} then concat({digits}, '{AGAIN}') else {digits} end" if twice else digits)


@lru_cache(maxsize=64)
def _hours_again(timezone: str) -> tuple[tuple[str, str], ...]:
    """The spans of UTC in which a zone's clock shows for the second time what it has shown before."""
    return tuple((f"{start:%Y-%m-%d %H:%M:%S}", f"{end:%Y-%m-%d %H:%M:%S}") for start, end in _again(timezone))


def _again(timezone: str) -> Iterator[tuple[datetime, datetime]]:
    for (_since, before), (start, after) in pairwise(offsets_of(timezone)):
        if after < before and start >= _SINCE:
            yield start, start + (before - after)
