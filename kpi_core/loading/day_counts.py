# ruff: noqa: S608  (SQL is put together from quoted names)
"""A day is held against the same day of the load before: rows that are gone, values that are gone or differ.

Of each source and local day `kpi_days` keeps how many rows there were (`column_name` is empty), and how many of them
held a value in each column, with a digest of its words. A day that lost something keeps its old lines until the rows
are back, somebody accepts what came, or a week has passed: then it has been told often enough. Days that no load had
before are new, and nothing is told of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Any

from kpi_core.health.facts import Code, Finding
from kpi_core.metrics import Model
from kpi_core.sql.quoting import literal, quoted

if TYPE_CHECKING:
    import duckdb

DAYS = "kpi_days"
SCHEMA = f"""CREATE TABLE IF NOT EXISTS {DAYS} (
    source VARCHAR, day DATE, column_name VARCHAR, row_count BIGINT, digest HUGEINT, differs_since TIMESTAMP)"""
TOLD_FOR = timedelta(days=7)
_SETTLED = timedelta(days=7)
"""So long after a day its rows may still come in."""
_MANY_MORE = 1.25
_CLOSE = timedelta(days=10)
"""Days that differ no further apart than this are told together."""


@dataclass(frozen=True, slots=True)
class StoredRows:
    """The rows of a source as they lie in the snapshot. `relation` and `day` are SQL: its rows, their local day."""

    source: str
    model: Model
    relation: str
    day: str


@dataclass(frozen=True, slots=True)
class _Difference:
    code: Code
    column: str
    day: date
    count: int
    total: int


def compared_days(
    connection: duckdb.DuckDBPyConnection, rows: StoredRows, now: datetime, *, accepted: bool = False
) -> list[Finding]:
    """What differs from the load before, a finding for each code, column and run of days; writes the counts of now."""
    instant = now.astimezone(UTC).replace(tzinfo=None)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE days_now AS {_counted(rows)}")
    differing = f"""
        SELECT before.column_name, before.day, before.row_count, coalesce(days_now.row_count, 0), before.differs_since
        FROM {DAYS} AS before LEFT JOIN days_now USING (day, column_name)
        WHERE before.source = ? AND (
            before.row_count <> coalesce(days_now.row_count, 0) OR before.digest <> days_now.digest)
        ORDER BY ALL"""
    lines = [] if accepted else connection.execute(differing, [rows.source]).fetchall()
    fresh = [line[:4] for line in lines if line[4] is None or instant - line[4] <= TOLD_FOR]
    differences = list(_differences(fresh, instant.date() - _SETTLED))
    _write(connection, rows.source, differences, instant)
    connection.execute("DROP TABLE temp.days_now")
    return list(_findings(differences, rows))


def _counted(rows: StoredRows) -> str:
    """SQL for a line a day and column, and one with an empty column for the rows themselves."""
    counts = ["{'column_name': '', 'row_count': count(*), 'digest': 0::HUGEINT}"]
    for name, column in rows.model.columns.items():
        if name in (*rows.model.key, rows.model.time):
            continue
        # Case and spaces are folded at load; which spelling is the commonest may change without any row's doing.
        words = f"hash(lower(trim({quoted(name)}))) >> 16"
        digest = f"coalesce(sum(({words})::BIGINT), 0)" if column.type == "text" else "0::HUGEINT"
        filled = f"count({quoted(name)})"
        counts.append(f"{{'column_name': {literal(name)}, 'row_count': {filled}, 'digest': {digest}}}")
    lines = f"SELECT {rows.day} AS day, [{', '.join(counts)}] AS lines FROM {rows.relation} GROUP BY 1"
    return f"SELECT day, unnest(lines, recursive := true) FROM ({lines}) WHERE day IS NOT NULL"


def _differences(lines: Sequence[tuple[Any, ...]], settled: date) -> Iterator[_Difference]:
    """Column, day, count before, count now -> what that means. What a day's missing rows held is not told again."""
    rows = {day: (before, now) for column, day, before, now in lines if not column}
    for column, day, before, now in lines:
        if not column:
            if now < before:
                yield _Difference("rows_gone", "", day, before - now, before)
            elif day < settled and now >= _MANY_MORE * before:
                yield _Difference("rows_added", "", day, now - before, before)
        elif day not in rows:
            if now < before:
                yield _Difference("values_gone", column, day, before - now, before)
            elif now == before:
                yield _Difference("values_changed", column, day, now, before)


def _write(
    connection: duckdb.DuckDBPyConnection, source: str, differences: Iterable[_Difference], instant: datetime
) -> None:
    """Put down the counts of now, but for days that are told: those keep the counts of before."""
    connection.execute("CREATE OR REPLACE TEMP TABLE days_told (day DATE)")
    days = sorted({difference.day for difference in differences})
    if days:
        connection.execute("INSERT INTO days_told SELECT unnest(?::DATE[])", [days])
    connection.execute(f"DELETE FROM {DAYS} WHERE source = ? AND day NOT IN (SELECT day FROM days_told)", [source])
    since = f"UPDATE {DAYS} SET differs_since = coalesce(differs_since, ?) WHERE source = ?"
    connection.execute(since, [instant, source])
    connection.execute(
        f"""INSERT INTO {DAYS} SELECT ?, day, column_name, row_count, digest, NULL FROM days_now
        WHERE day NOT IN (SELECT day FROM days_told)""",
        [source],
    )
    connection.execute("DROP TABLE temp.days_told")


def _findings(differences: Iterable[_Difference], rows: StoredRows) -> Iterator[Finding]:
    ordered = sorted(differences, key=lambda difference: (difference.code, difference.column, difference.day))
    for (code, column), alike in groupby(ordered, key=lambda difference: (difference.code, difference.column)):
        for run in _runs(list(alike)):
            days = (run[0].day, run[-1].day + timedelta(days=1))
            count = sum(difference.count for difference in run)
            total = sum(difference.total for difference in run)
            yield Finding(code, rows.source, rows.model.name, column, days=days, count=count, total=total)


def _runs(differences: Sequence[_Difference]) -> Iterator[list[_Difference]]:
    run = [differences[0]]
    for difference in differences[1:]:
        if difference.day - run[-1].day > _CLOSE:
            yield run
            run = []
        run.append(difference)
    yield run
