# ruff: noqa: S608  (SQL is put together from quoted names and conditions of our own)
"""Values that do not fit, by column and day: what an answer says of the rows and values that it goes without."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from kpi_core.frozen_dataclass import frozen
from kpi_core.health.facts import Code, Finding
from kpi_core.loading.reading.counted_states import CountedState
from kpi_core.loading.reading.meanings import unknown_words_sql
from kpi_core.metrics import ColumnType, Model
from kpi_core.sources import Rejection
from kpi_core.sql.quoting import quoted
from kpi_core.sql.spelling import folded_sql

if TYPE_CHECKING:
    import duckdb

    from kpi_core.loading.fact_tables import FactTables

_APART = timedelta(days=28)
"""Days without a misfit that part those of two times."""
_MOST_RUNS = 12
_OF_READING: tuple[Code, ...] = (
    "rows_kept_out",
    "values_left_empty",
    "unknown_words",
    "no_orders",
    "currency_left_out",
)
"""What reading tells of rows that are not there."""


@frozen
class Misfits:
    """The values of one column that do not fit. `days` counts them by the day of their row, None where it has none."""

    column: str
    is_kept_out: bool
    """Whether the rows are kept out, or only the values left empty."""
    is_open: bool
    days: Mapping[date | None, int]
    read: int
    """All rows of the source."""


def misfits_of(into: duckdb.DuckDBPyConnection, day: str, unreadable: Sequence[Rejection]) -> tuple[Misfits, ...]:
    """What the table `typed` marks. `day` is the SQL of a row's day; `unreadable` rows are not in the table."""
    broken = sum(rejection.count for rejection in unreadable)
    ((read,),) = into.execute("SELECT count(*) FROM typed").fetchall()
    read += broken
    marked = into.execute(f"""
        SELECT marked, kept_out, list_contains(open, marked), day, count(*) FROM (
            SELECT {day} AS day, open, true AS kept_out, unnest(bad) AS marked FROM typed
            UNION ALL
            SELECT {day} AS day, open, false AS kept_out, unnest(emptied) AS marked FROM typed WHERE len(bad) = 0
        ) GROUP BY ALL ORDER BY ALL""").fetchall()
    by_column: dict[tuple[str, bool, bool], dict[date | None, int]] = {}
    for column, is_kept_out, is_open, on, count in marked:
        by_column.setdefault((column, is_kept_out, is_open), {})[on] = count
    misfits = [Misfits(*column, days, read) for column, days in by_column.items()]
    if broken:
        misfits.append(Misfits("", is_kept_out=True, is_open=False, days={None: broken}, read=read))
    return tuple(misfits)


@frozen
class UnknownWord:
    """A word in a column whose words have meanings, and which is none of them. `days` counts its rows."""

    column: str
    word: str
    days: Mapping[date | None, int]


def unknown_words_of(
    into: duckdb.DuckDBPyConnection, day: str, model: Model, declared: Mapping[str, Mapping[str, str]]
) -> tuple[UnknownWord, ...]:
    """The words of good rows that nobody knows; those that a source declares are known."""
    words: dict[tuple[str, str], dict[date | None, int]] = {}
    for name, column in model.columns.items():
        unknown = unknown_words_sql(column, declared.get(name, {}).values())
        if unknown:
            # One spelling of it stands for all: they are made one when the load is put together.
            sql = f"""
                SELECT min({quoted(name)}) OVER (PARTITION BY {folded_sql(quoted(name))}) AS word, {day} AS day
                FROM typed WHERE len(bad) = 0 AND {unknown}"""
            counts = f"SELECT word, day, count(*) FROM ({sql}) GROUP BY ALL ORDER BY ALL"
            for word, on, count in into.execute(counts).fetchall():
                words.setdefault((name, word), {})[on] = count
    return tuple(UnknownWord(*word, days) for word, days in words.items())


def unknown_word_findings(source: str, table: str, words: Iterable[UnknownWord]) -> Iterator[Finding]:
    """What is told of them."""
    for word in words:
        for days in runs_of(word.days):
            count = sum(
                count
                for day, count in word.days.items()
                if days is None or (day is not None and days[0] <= day < days[1])
            )
            yield Finding("unknown_words", source, table, word.column, word.word, days, count=count)


def counted_state_findings(source: str, table: str, states: Iterable[CountedState]) -> Iterator[Finding]:
    """What is told of them."""
    for state in states:
        for days in runs_of(state.days):
            inside = (
                count
                for day, count in state.days.items()
                if days is None or (day is not None and days[0] <= day < days[1])
            )
            member = f"{state.header} “{state.text}”"
            yield Finding("no_orders", source, table, member=member, days=days, count=sum(inside))


def misfit_findings(source: str, model: Model, misfits: Iterable[Misfits]) -> Iterator[Finding]:
    """What is told of them."""
    for misfit in misfits:
        code: Code = "rows_kept_out" if misfit.is_kept_out else "values_left_empty"
        member = settling_key(model.columns[misfit.column].type) if misfit.is_open else ""
        for days in runs_of(misfit.days):
            inside = [day for day in misfit.days if days is None or (day is not None and days[0] <= day < days[1])]
            yield Finding(
                code,
                source,
                model.name,
                misfit.column,
                member,
                days,
                count=sum(misfit.days[day] for day in inside),
                total=misfit.read,
            )


def day_counts(days: Mapping[date, int]) -> tuple[str, ...]:
    """Rows by day, to be written down with a finding."""
    return tuple(f"{day.isoformat()} {count}" for day, count in sorted(days.items()))


def lasting_findings(tables: FactTables, source: str, read: Sequence[tuple[date, date]]) -> list[Finding]:
    """What earlier loads told of days that this one has not read: their rows are still missing.

    `read` are the spans of days that it has read, each with its first and last day.
    """
    columns = "code, source, table_name, column_name, member, first_day, last_day, count, total, examples"
    rows = tables.before(columns, tables.at("kpi_findings"), source)
    earlier = (
        Finding(code, source, table, column, member, (first, last + timedelta(days=1)), count, total, tuple(counts))
        for code, source, table, column, member, first, last, count, total, counts in rows
        if first is not None and code in _OF_READING
    )
    return [rest for finding in earlier if (rest := _rest(finding, read)) is not None]


def _rest(earlier: Finding, read: Sequence[tuple[date, date]]) -> Finding | None:
    """What stands of a finding on days that were not read again; of one without the rows of each day, its share."""
    assert earlier.days is not None
    first, end = earlier.days
    span = [first + timedelta(days=number) for number in range((end - first).days)]
    rows = dict(_counted(text) for text in earlier.examples)
    days = [
        day for day in (rows or span) if first <= day < end and not any(begin <= day <= last for begin, last in read)
    ]
    if not days:
        return None
    count = sum(rows[day] for day in days) if rows else -(-earlier.count * len(days) // len(span))
    examples = day_counts({day: rows[day] for day in days}) if rows else ()
    return replace(earlier, days=(min(days), max(days) + timedelta(days=1)), count=count, examples=examples)


def _counted(text: str) -> tuple[date, int]:
    day, _space, count = text.partition(" ")
    return date.fromisoformat(day), int(count)


def settling_key(kind: ColumnType) -> str:
    """The key of a source in kpi.yaml that says what the open values of a column mean."""
    return "dates" if kind in {"date", "timestamp"} else "decimal"


def runs_of(days: Mapping[date | None, int]) -> list[tuple[date, date] | None]:
    """The times in which something does not fit, half-open; None where it may be any."""
    dated = sorted(day for day in days if day is not None)
    if len(dated) < len(days):
        return [None]
    runs: list[tuple[date, date]] = []
    for day in dated:
        after = day + timedelta(days=1) if day < date.max else day
        if runs and day - runs[-1][1] < _APART:
            runs[-1] = (runs[-1][0], after)
        else:
            runs.append((day, after))
    return list(runs) if len(runs) <= _MOST_RUNS else [(runs[0][0], runs[-1][1])]
