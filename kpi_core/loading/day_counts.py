# ruff: noqa: S608  (SQL is put together from quoted names)
"""A day is held against the same day of the load before: rows that are gone, values that are gone or differ.

Of each source and local day `kpi_days` keeps how many rows there were (`column_name` is empty), for a table without a
key with the number of unequal ones as `digest`, and how many of them held a value in each column, with a digest of its
words. A day that lost something keeps its old lines until the rows
are back, somebody accepts what came, or a week has passed: then it has been told often enough. Days that no load had
before are new, and nothing is told of them.

Only the days whose rows a load has changed are counted anew, and those that still keep old lines: the lines of all
others say what a count would. `kpi_counted` names the definitions they were counted by; after others all days are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from itertools import groupby

from kpi_core.frozen_dataclass import frozen
from kpi_core.health.facts import Code, Finding
from kpi_core.loading.covering import time_sql
from kpi_core.loading.fact_tables import FactTables
from kpi_core.metrics import Model
from kpi_core.sql.quoting import literal, quoted

DAYS = "kpi_days"
COUNTED_BY = "kpi_counted"
Counts = Mapping[str, Mapping[date, tuple[int, int]]]
"""By column, the empty one for the rows themselves, and day: how many, and their digest."""
_DIGESTS = {"duckdb": "HUGEINT", "postgres": "NUMERIC"}
TOLD_FOR = timedelta(days=7)
_COUNTED_AS = 1
"""Another number makes every load count all days once."""
_MOST_DAYS = 400
"""Changed days beyond which counting all is as quick."""
_SETTLED = timedelta(days=7)
"""So long after a day its rows may still come in."""
_TWO_DAYS = timedelta(days=2)
_MANY_MORE = 1.25
_CLOSE = timedelta(days=10)
"""Days that differ no further apart than this are told together."""


@frozen
class StoredRows:
    """The rows of a source as they lie in the warehouse. `relation` and `day` are SQL: its rows, their local day."""

    source: str
    model: Model
    relation: str
    day: str
    zone: str
    alike: Mapping[date, int] = field(default_factory=dict)
    """By day, rows that differed from others in spelling alone: they are unequal."""
    changed: frozenset[date] | None = None
    """The days on which rows came, went or are unequal otherwise since the load before; None where it may be any."""
    dated: int = 0
    """How many rows have a day."""

    @property
    def basis(self) -> str:
        """What the counts of a day depend on beside its rows."""
        model = self.model
        kinds = [(name, column.type) for name, column in model.columns.items()]
        facts = (kinds, model.key, model.time, model.times.get(model.time or ""), self.zone, _COUNTED_AS)
        return sha256(repr(facts).encode()).hexdigest()


@frozen
class Compared:
    """What differs from the load before, and what there is now."""

    findings: tuple[Finding, ...]
    counts: Counts


@frozen
class _Line:
    """A line of `kpi_days` and what stands in its place now: 0 rows and no digest where nothing does."""

    column: str
    day: date
    before: int
    now: int
    digest: int
    digest_now: int | None
    differs_since: datetime | None


@frozen
class _Difference:
    code: Code
    column: str
    day: date
    count: int
    total: int


def prepare_days(tables: FactTables) -> None:
    """Make the table of the counts, where it is not there yet."""
    columns = "source VARCHAR, day DATE, column_name VARCHAR, row_count BIGINT"
    digest = _DIGESTS[tables.dialect]
    tables.run(f"CREATE TABLE IF NOT EXISTS {tables.at(DAYS)} ({columns}, digest {digest}, differs_since TIMESTAMP)")
    tables.run(f"CREATE TABLE IF NOT EXISTS {tables.at(COUNTED_BY)} (source VARCHAR, basis VARCHAR)")


def forget_days(tables: FactTables, source: str) -> None:
    """Remove the counts of a source."""
    for table in (DAYS, COUNTED_BY):
        tables.run(f"DELETE FROM {tables.at(table)} WHERE source = {literal(source)}")


def compared_days(tables: FactTables, rows: StoredRows, now: datetime, *, accepted: bool = False) -> Compared:
    """What differs from the load before, a finding for each code, column and run of days; writes the counts of now."""
    instant = now.astimezone(UTC).replace(tzinfo=None)
    counted = _days_to_count(tables, rows)
    own = f"source = {literal(rows.source)}"
    own_counted = own if counted is None else f"{own} AND {_among('day', counted)}"
    tables.run("DROP TABLE IF EXISTS days_now")
    tables.run(f"CREATE TEMP TABLE days_now AS {_counted(rows, tables.dialect, counted)}")
    differing = f"""
        SELECT before.column_name, before.day, before.row_count, coalesce(days_now.row_count, 0),
            before.digest, days_now.digest, before.differs_since
        FROM (SELECT * FROM {tables.at(DAYS)} WHERE {own_counted}) AS before
        LEFT JOIN days_now ON days_now.day = before.day AND days_now.column_name = before.column_name
        WHERE before.row_count <> coalesce(days_now.row_count, 0) OR before.digest <> days_now.digest
        ORDER BY 1, 2"""
    lines = [] if accepted else [_Line(*line) for line in tables.run(differing)]
    fresh = [line for line in lines if line.differs_since is None or instant - line.differs_since <= TOLD_FOR]
    differences = list(_differences(fresh, instant.date() - _SETTLED))
    others = "" if counted is None else f"UNION ALL SELECT day, column_name, row_count, digest FROM {tables.at(DAYS)}"
    if counted is not None:
        others = f"{others} WHERE {own} AND NOT {_among('day', counted)}"
    counts = _read_counts(tables, f"SELECT day, column_name, row_count, digest FROM days_now {others}")
    # Lines that somebody removed are counted anew.
    if counted is not None and sum(count for count, _digest in counts.get("", {}).values()) != rows.dated:
        return compared_days(tables, replace(rows, changed=None), now, accepted=accepted)
    _write(tables, rows, own_counted, differences, instant)
    return Compared(tuple(_findings(differences, rows)), counts)


def _days_to_count(tables: FactTables, rows: StoredRows) -> frozenset[date] | None:
    """The days whose lines may not say what a count would; None for all."""
    if rows.changed is None or not _is_counted_so(tables, rows):
        return None
    told = f"(SELECT DISTINCT source, day FROM {tables.at(DAYS)} WHERE differs_since IS NOT NULL) AS told"
    old = tables.before("day", told, rows.source)
    days = rows.changed.union(day for (day,) in old)
    # A date without end is written as none.
    return days if len(days) <= _MOST_DAYS and not days & {date.min, date.max} else None


def _is_counted_so(tables: FactTables, rows: StoredRows) -> bool:
    """Whether the counts that are there were made by these definitions."""
    return [basis for (basis,) in tables.before("basis", tables.at(COUNTED_BY), rows.source)] == [rows.basis]


def _among(day: str, days: Iterable[date]) -> str:
    listed = ", ".join(f"DATE '{each}'" for each in sorted(days))
    return f"({day} IN ({listed}))" if listed else "(1 = 0)"


def _read_counts(tables: FactTables, lines: str) -> Counts:
    counts: dict[str, dict[date, tuple[int, int]]] = {}
    for day, column, rows, digest in tables.run(lines):
        counts.setdefault(column, {})[day] = (rows, int(digest))
    return counts


def _counted(rows: StoredRows, dialect: str, days: frozenset[date] | None) -> str:
    """SQL for a line a day and column, and one with an empty column for the rows themselves; of some days or all."""
    zero, unequal = (
        f"CAST({sql} AS {_DIGESTS[dialect]})" for sql in ("0", f"count(DISTINCT ({_columns(rows.model)}))")
    )
    counts = [("", "count(*)", zero if rows.model.key else unequal)]
    for name, column in rows.model.columns.items():
        if name != rows.model.time:
            digest = _digest(name, dialect) if column.type == "text" else zero
            counts.append((name, f"count({quoted(name)})", digest))
    sums = ", ".join(f"{count} AS c{n}, {digest} AS d{n}" for n, (_name, count, digest) in enumerate(counts))
    among = "" if days is None else f"WHERE {_near(rows.model, days, dialect)} AND {_among(rows.day, days)}"
    by_day = f"SELECT {rows.day} AS day, {sums} FROM {rows.relation} {among} GROUP BY 1"
    cases = " ".join(f"WHEN DATE '{day}' THEN {count}" for day, count in rows.alike.items())
    more = f" + CASE day {cases} ELSE 0 END" if cases else ""
    # Side by side, for a query a column takes longer to plan than to run.
    names = ", ".join(literal(name) for name, _count, _digest_sql in counts)
    rows_of, digests = (", ".join(f"{letter}{n}" for n in range(len(counts))) for letter in "cd")
    digests = digests.replace("d0", f"d0{more}", 1)
    lines = ", ".join(
        f"unnest(ARRAY[{values}]) AS {name}"
        for values, name in ((names, "column_name"), (rows_of, "row_count"), (digests, "digest"))
    )
    return f"WITH by_day AS MATERIALIZED ({by_day}) SELECT day, {lines} FROM by_day WHERE day IS NOT NULL"


def _near(model: Model, days: frozenset[date], dialect: str) -> str:
    """What rows of the days have in common that a database finds without reading all: no clock is two days off."""
    if not model.time or not days:
        return "true"
    first, last = min(days), max(days)
    begin = first - _TWO_DAYS if first - date.min > _TWO_DAYS else date.min
    end = last + _TWO_DAYS if date.max - last > _TWO_DAYS else date.max
    time = time_sql(model, dialect)
    return f"{time} >= DATE '{begin}' AND {time} <= DATE '{end}'"


def _columns(model: Model) -> str:
    return ", ".join(quoted(name) for name in model.columns)


def _digest(name: str, dialect: str) -> str:
    # Case and spaces are folded at load; which spelling is the commonest may change without any row's doing.
    text = f"lower(trim({quoted(name)}))"
    words = f"CAST(hash({text}) >> 16 AS BIGINT)" if dialect == "duckdb" else f"hashtextextended({text}, 0)"
    return f"CAST(coalesce(sum({words}), 0) AS {_DIGESTS[dialect]})"


def _differences(lines: Sequence[_Line], settled: date) -> Iterator[_Difference]:
    """What the lines mean. What a day's missing rows held is not told again."""
    rows = {line.day: line for line in lines if not line.column}
    for line in lines:
        code = _of_values(line, rows.get(line.day)) if line.column else _of_rows(line, settled)
        if code is not None:
            count = line.now if code == "values_changed" else abs(line.now - line.before)
            yield _Difference(code, line.column, line.day, count, line.before)


def _of_rows(line: _Line, settled: date) -> Code | None:
    if line.now < line.before:
        return "rows_gone"
    # A table with a key has no unequal rows counted.
    if line.now > line.before and line.digest and line.digest == line.digest_now:
        return "rows_doubled"
    return "rows_added" if line.day < settled and line.now >= _MANY_MORE * line.before else None


def _of_values(line: _Line, rows: _Line | None) -> Code | None:
    if rows is not None and rows.now < rows.before:
        return None
    if line.now < line.before:
        return "values_gone"
    return "values_changed" if rows is None and line.now == line.before else None


def _write(
    tables: FactTables, rows: StoredRows, own_counted: str, differences: Iterable[_Difference], instant: datetime
) -> None:
    """Put down the counts of now, but for days that are told: those keep the counts of before."""
    days = sorted({difference.day for difference in differences})
    told, counts, source = _among("day", days), tables.at(DAYS), literal(rows.source)
    tables.run(f"DELETE FROM {counts} WHERE {own_counted} AND NOT {told}")
    if days:
        since = f"coalesce(differs_since, TIMESTAMP '{instant}')"
        tables.run(f"UPDATE {counts} SET differs_since = {since} WHERE {own_counted} AND {told}")
    lines = f"SELECT {source}, day, column_name, row_count, digest, NULL FROM days_now WHERE NOT {told}"
    tables.run(f"INSERT INTO {counts} {lines}")
    tables.replace(COUNTED_BY, rows.source, [[rows.source, rows.basis]])


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
