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
from dataclasses import field
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
Place = tuple[str, date]
"""A column and a day."""
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
    compared = None if counted is None else _some_compared(tables, rows, counted, instant, accepted=accepted)
    return compared or _all_compared(tables, rows, instant, accepted=accepted)


def _all_compared(tables: FactTables, rows: StoredRows, instant: datetime, *, accepted: bool) -> Compared:
    """All days counted, in the database: they may be many."""
    own = f"source = {literal(rows.source)}"
    tables.run("DROP TABLE IF EXISTS days_now")
    tables.run(f"CREATE TEMP TABLE days_now AS {_counted(rows, tables.dialect)}")
    differing = f"""
        SELECT before.column_name, before.day, before.row_count, coalesce(days_now.row_count, 0),
            before.digest, days_now.digest, before.differs_since
        FROM (SELECT * FROM {tables.at(DAYS)} WHERE {own}) AS before
        LEFT JOIN days_now ON days_now.day = before.day AND days_now.column_name = before.column_name
        WHERE before.row_count <> coalesce(days_now.row_count, 0) OR before.digest <> days_now.digest
        ORDER BY 1, 2"""
    lines = [] if accepted else [_Line(*line) for line in tables.run(differing)]
    differences = _told(lines, instant)
    counts: dict[str, dict[date, tuple[int, int]]] = {}
    for day, column, count, digest in tables.run("SELECT day, column_name, row_count, digest FROM days_now"):
        counts.setdefault(column, {})[day] = (count, int(digest))
    _write(tables, rows, differences, instant)
    return Compared(tuple(_findings(differences, rows)), counts)


def _some_compared(
    tables: FactTables, rows: StoredRows, counted: frozenset[date], instant: datetime, *, accepted: bool
) -> Compared | None:
    """A few days counted and held against their lines here: each statement takes longer to plan than to run.

    None where the lines of the others are not those of all dated rows: somebody has removed some.
    """
    now = _counts_of(tables, rows, counted)
    counts: dict[str, dict[date, tuple[int, int]]] = {}
    before: dict[Place, tuple[int, int, datetime | None]] = {}
    for day, column, count, digest, since in tables.run(
        f"SELECT day, column_name, row_count, digest, differs_since FROM {tables.at(DAYS)} "
        f"WHERE source = {literal(rows.source)}"
    ):
        if day in counted:
            before[column, day] = (count, int(digest), since)
        else:
            counts.setdefault(column, {})[day] = (count, int(digest))
    for (column, day), count_and_digest in now.items():
        counts.setdefault(column, {})[day] = count_and_digest
    if sum(count for count, _digest in counts.get("", {}).values()) != rows.dated:
        return None
    lines = [] if accepted else sorted(_differing(before, now), key=lambda line: (line.column, line.day))
    differences = _told(lines, instant)
    _write_some(tables, rows, _Written(before, now, frozenset(difference.day for difference in differences)), instant)
    return Compared(tuple(_findings(differences, rows)), counts)


def _differing(
    before: Mapping[Place, tuple[int, int, datetime | None]], now: Mapping[Place, tuple[int, int]]
) -> Iterator[_Line]:
    for (column, day), (count, digest, since) in before.items():
        count_now, digest_now = now.get((column, day), (0, None))
        if count != count_now or digest_now not in {None, digest}:
            yield _Line(column, day, count, count_now, digest, digest_now, since)


def _told(lines: Iterable[_Line], instant: datetime) -> list[_Difference]:
    """What is told of lines that differ: nothing any more of those that have for long."""
    fresh = [line for line in lines if line.differs_since is None or instant - line.differs_since <= TOLD_FOR]
    return list(_differences(fresh, instant.date() - _SETTLED))


def _days_to_count(tables: FactTables, rows: StoredRows) -> frozenset[date] | None:
    """The days whose lines may not say what a count would; None for all."""
    if rows.changed is None or not _is_counted_so(tables, rows):
        return None
    differing = f"(SELECT DISTINCT source, day FROM {tables.at(DAYS)} WHERE differs_since IS NOT NULL) AS differing"
    old = tables.before("day", differing, rows.source)
    days = rows.changed.union(day for (day,) in old)
    # A date without end is written as none.
    return days if len(days) <= _MOST_DAYS and not days & {date.min, date.max} else None


def _is_counted_so(tables: FactTables, rows: StoredRows) -> bool:
    """Whether the counts that are there were made by these definitions."""
    return [basis for (basis,) in tables.before("basis", tables.at(COUNTED_BY), rows.source)] == [rows.basis]


def _among(day: str, days: Iterable[date]) -> str:
    listed = ", ".join(f"DATE '{each}'" for each in sorted(days))
    return f"({day} IN ({listed}))" if listed else "(1 = 0)"


def _by_day(rows: StoredRows, dialect: str, among: str = "") -> tuple[list[str], str]:
    """SQL for a line a day, with how many rows it has and how many values of each column, each with its digest.

    The columns, the empty one for the rows themselves; in SQL they are c0, d0, c1, d1 …
    """
    zero, unequal = (
        f"CAST({sql} AS {_DIGESTS[dialect]})" for sql in ("0", f"count(DISTINCT ({_columns(rows.model)}))")
    )
    counts = [("", "count(*)", zero if rows.model.key else unequal)]
    for name, column in rows.model.columns.items():
        if name != rows.model.time:
            digest = _digest(name, dialect) if column.type == "text" else zero
            counts.append((name, f"count({quoted(name)})", digest))
    sums = ", ".join(f"{count} AS c{n}, {digest} AS d{n}" for n, (_name, count, digest) in enumerate(counts))
    return [name for name, *_ in counts], f"SELECT {rows.day} AS day, {sums} FROM {rows.relation} {among} GROUP BY 1"


def _counts_of(tables: FactTables, rows: StoredRows, days: frozenset[date]) -> dict[Place, tuple[int, int]]:
    """By column and day, for some days."""
    if not days:
        return {}
    among = f"WHERE {_near(rows.model, days, tables.dialect)} AND {_among(rows.day, days)}"
    names, by_day = _by_day(rows, tables.dialect, among)
    counts: dict[Place, tuple[int, int]] = {}
    for day, *values in tables.run(by_day):
        for number, name in enumerate(names):
            counts[name, day] = (values[2 * number], int(values[2 * number + 1]))
        count, unequal = counts["", day]
        counts["", day] = (count, unequal + rows.alike.get(day, 0))
    return counts


def _counted(rows: StoredRows, dialect: str) -> str:
    """SQL for a line a day and column, and one with an empty column for the rows themselves."""
    columns, by_day = _by_day(rows, dialect)
    cases = " ".join(f"WHEN DATE '{day}' THEN {count}" for day, count in rows.alike.items())
    more = f" + CASE day {cases} ELSE 0 END" if cases else ""
    # Side by side, for a query a column takes longer to plan than to run.
    names = ", ".join(map(literal, columns))
    rows_of, digests = (", ".join(f"{letter}{n}" for n in range(len(columns))) for letter in "cd")
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


def _write(tables: FactTables, rows: StoredRows, differences: Sequence[_Difference], instant: datetime) -> None:
    """Put down the counts of now, but for days that are told: those keep the counts of before."""
    of_before = _among("day", {difference.day for difference in differences})
    counts, source = tables.at(DAYS), literal(rows.source)
    own = f"source = {source}"
    tables.run(f"DELETE FROM {counts} WHERE {own} AND NOT {of_before}")
    if differences:
        since = f"coalesce(differs_since, TIMESTAMP '{instant}')"
        tables.run(f"UPDATE {counts} SET differs_since = {since} WHERE {own} AND {of_before}")
    lines = f"SELECT {source}, day, column_name, row_count, digest, NULL FROM days_now WHERE NOT {of_before}"
    tables.run(f"INSERT INTO {counts} {lines}")
    tables.replace(COUNTED_BY, rows.source, [[rows.source, rows.basis]])


@frozen
class _Written:
    """The lines of the days that were counted, what stands in their place now, and the days that are told."""

    before: Mapping[Place, tuple[int, int, datetime | None]]
    now: Mapping[Place, tuple[int, int]]
    of_before: frozenset[date]


def _write_some(tables: FactTables, rows: StoredRows, lines: _Written, instant: datetime) -> None:
    """As `_write`, of the days that were counted: a line that says what it said before is left as it is."""
    same = {place for place, (count, digest, since) in lines.before.items() if lines.now.get(place) == (count, digest)}
    same -= {place for place in same if lines.before[place][2] is not None}
    gone = [place for place in lines.before if place not in same and place[1] not in lines.of_before]
    source, counts = literal(rows.source), tables.at(DAYS)
    if gone:
        places = ", ".join(f"({literal(column)}, DATE '{day}')" for column, day in gone)
        tables.run(f"DELETE FROM {counts} WHERE source = {source} AND (column_name, day) IN ({places})")
    if lines.of_before:
        since = f"coalesce(differs_since, TIMESTAMP '{instant}')"
        days = _among("day", lines.of_before)
        tables.run(f"UPDATE {counts} SET differs_since = {since} WHERE source = {source} AND {days}")
    tables.add(
        DAYS,
        rows.source,
        [
            [rows.source, day, column, count, digest, None]
            for (column, day), (count, digest) in lines.now.items()
            if day not in lines.of_before and (column, day) not in same
        ],
    )


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
