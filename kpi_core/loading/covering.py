"""Days and accounts as conditions on rows, written so that DuckDB and Postgres read them alike."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, timedelta
from typing import Any

from kpi_core.dates.calendars import Calendar
from kpi_core.metrics import Model
from kpi_core.sources import Covered
from kpi_core.sql.fragments import fragment
from kpi_core.sql.quoting import literal, quoted
from kpi_core.sql.zones import local_sql, offsets_of, offsets_within

ACCOUNT = "kpi_account"
"""The column beside a model's own that names a row's account, in the tables of sources that say what they cover."""


def time_sql(model: Model, dialect: str = "duckdb") -> str:
    """When a row of the model falls: its column, or the SQL of its named time; of a look-up, its key."""
    if not model.time:
        return quoted(model.key[0])
    if model.time in model.columns:
        return quoted(model.time)
    return f"({fragment(model.times[model.time]).sql(dialect=dialect)})"


def day_sql(model: Model, zone: str, dialect: str = "duckdb") -> str:
    """The local date on which a row of the model falls; none of a look-up."""
    if not model.time:
        return "CAST(NULL AS DATE)"
    time = time_sql(model, dialect)
    if model.time_type(model.time) == "date":
        return time
    naive = time if dialect == "duckdb" else f"({time} AT TIME ZONE 'UTC')"
    return f"CAST({local_sql(naive, offsets_of(zone), dialect)} AS DATE)"


def day_of_rows(model: Model, zone: str, relation: str, run: Callable[[str], list[Any]]) -> str:
    """What `day_sql` says of the rows of a DuckDB relation, with the changes of the clock among them alone.

    A century of changes takes longer to plan than a small table to read. `run` gives the rows of a statement.
    """
    if not model.time or model.time_type(model.time) == "date":
        return day_sql(model, zone)
    time = time_sql(model)
    ends = (f"greatest(least({end}({time}), TIMESTAMP '2070-01-01'), TIMESTAMP '1970-01-01')" for end in ("min", "max"))
    ((first, last),) = run(f"SELECT {', '.join(ends)} FROM {relation}")  # noqa: S608  (quoted names)
    return f"CAST({local_sql(time, offsets_within(zone, first, last))} AS DATE)"


def inside(model: Model, first: date, last: date, calendar: Calendar, dialect: str = "duckdb") -> str:
    """Whether a row falls on one of the calendar's days `[first, last]`; NULL for a row without a time.

    A look-up is as of whatever day it is asked for.
    """
    if not model.time:
        return "true"
    time = time_sql(model, dialect)
    if model.time_type(model.time) == "date":
        return f"{time} BETWEEN DATE '{first}' AND DATE '{last}'"
    ends = _begins(last + timedelta(days=1), calendar) if last < date.max else "infinity"
    return f"({time} >= TIMESTAMP '{_begins(first, calendar)}' AND {time} < TIMESTAMP '{ends}')"


def _begins(day: date, calendar: Calendar) -> str:
    """The UTC instant at which a day begins, as Python's zones have it: the same clock that periods are cut by."""
    try:
        return calendar.midnight(day).astimezone(UTC).replace(tzinfo=None).isoformat(" ", "seconds")
    except OverflowError:
        return "-infinity" if day.year == date.min.year else "infinity"


def covered(model: Model, covers: Iterable[Covered], calendar: Calendar, dialect: str = "duckdb") -> str:
    """Whether a row belongs to one of the accounts and days. One without an account may be anybody's."""
    parts = [
        f"(coalesce({ACCOUNT}, {literal(window.account)}) = {literal(window.account)} AND "
        f"{inside(model, window.first, window.last, calendar, dialect)})"
        for window in covers
    ]
    return f"({' OR '.join(parts)})" if parts else "false"


def united(covers: Iterable[Covered]) -> Iterator[Covered]:
    """The same days of each account in as few windows as they need, in order."""
    open_window: Covered | None = None
    for window in sorted(covers, key=lambda window: (window.account, window.first)):
        if open_window is None:
            open_window = window
        elif window.account == open_window.account and window.first - timedelta(days=1) <= open_window.last:
            open_window = Covered(window.account, open_window.first, max(open_window.last, window.last))
        else:
            yield open_window
            open_window = window
    if open_window is not None:
        yield open_window
