# ruff: noqa: S608  (SQL is put together from quoted names, dates and numbers)
"""Which file a day belongs to, where several files of one source have rows of it.

Overlapping downloads of one report are not added up: a day belongs to the newest file that has rows of it, good ones or
not. Files that have no row in common are two accounts or shops, and count both, unless they divide one thing otherwise,
by channel and by page. `docs/decisions/files.md` says why.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import field, replace
from datetime import date
from itertools import combinations
from typing import TYPE_CHECKING, Any, Literal

from kpi_core.frozen_dataclass import frozen
from kpi_core.health.days import dated_rows
from kpi_core.loading.covering import time_sql
from kpi_core.loading.downloads.alike_totals import Kinship, Sums, kinship
from kpi_core.loading.downloads.origins import origins
from kpi_core.metrics import Model
from kpi_core.sources import SourceFile
from kpi_core.sql.quoting import quoted

if TYPE_CHECKING:
    import duckdb

Accounts = Literal["one", "several"] | None
Pair = tuple[int, int]
"""A newer and an older file, by their ages: the newest file of all is 0."""


@frozen
class DayShare:
    """The good rows of a day in the file it belongs to, and the most that one of the others has."""

    counted: int
    older: int


@frozen
class FileOverlap:
    """Days that stand in several files of a source, and what became of them."""

    settled: Mapping[date, DayShare]
    """Days that belong to one file."""
    files: tuple[str, str]
    """The newest file to which another gave way, and that other."""
    left_out: int
    """Rows of days that belong to a newer file."""
    repeated: int
    """Good rows left out because a newer file has their key."""
    added: tuple[date, ...]
    """Days that count from several files, which have no row in common."""
    added_files: tuple[str, str]
    keyed: bool = False
    """Whether rows were told apart by a key, so that none can count twice."""
    cut: Mapping[date, int] = field(default_factory=dict)
    """Days that stand in several reports, each cut otherwise, with the rows that are left out: one of them counts."""
    cut_files: tuple[str, str] = ("", "")
    """One whose day counts rather than that of the other."""
    doubtful: tuple[date, ...] = ()
    """Of the days of `cut`, those whose reports may just as well be of two accounts, which would add up."""
    hidden: bool = False
    """Whether a query hides the days of its files, so that nothing could be compared."""


NO_OVERLAP = FileOverlap({}, ("", ""), 0, 0, (), ("", ""))


def settle_days(  # noqa: PLR0913  (what lies there, and what is known of it)
    model: Model,
    files: Sequence[SourceFile],
    into: duckdb.DuckDBPyConnection,
    day: str,
    *,
    are_reports: bool = False,
    accounts: Accounts = None,
) -> FileOverlap:
    """Delete from `typed` what belongs to a newer file. `day` is the SQL of a row's local day.

    Rows of a table with a key are compared by it: of one key the newest file's counts, and all others stay. Files that
    `are_reports` of a tool hold all of a day, whatever they cut it by, unless they are of several `accounts`.
    """
    if len(files) < 2:
        return NO_OVERLAP
    key = _hash(map(quoted, model.key))
    identity = key if model.key else _hash([*map(quoted, _describing(model)), time_sql(model)])
    rows = f"""
        SELECT "row", {day} AS day, {identity} AS identity, {key} AS key, len(bad) = 0 AS good,
            {_cut(model) if are_reports else "0"} AS cut, {_size(model, into)} AS size FROM typed"""
    overlap = _settled(into, files, rows, keyed=bool(model.key), accounts=accounts)
    into.execute('DELETE FROM typed WHERE "row" IN (FROM outdated)')
    return overlap


def settle_raw_days(
    query: str, model: Model, files: Sequence[SourceFile], into: duckdb.DuckDBPyConnection
) -> FileOverlap:
    """The same for `source`, before a query makes rows of a model out of it: by the columns that the query reads."""
    if len(files) < 2:
        return NO_OVERLAP
    columns = [str(name) for name, *_ in into.execute("DESCRIBE source").fetchall()]
    origin = origins(query, columns)
    days = [name for name in origin(model.time) if _holds_days(into, name)]
    if len(days) != 1:
        return replace(NO_OVERLAP, hidden=True)
    key = sorted({column for name in model.key for column in origin(name)})
    describing = [*key, *(name for name in columns if name not in key and not _holds_numbers(into, name))]
    rows = f"""
        SELECT rowid + 1 AS "row", {_day_of(days[0])} AS day, {_hash(map(quoted, describing))} AS identity,
               {_hash(map(quoted, key))} AS key, true AS good, 0 AS cut, 0 AS size FROM source"""
    overlap = _settled(into, files, rows, keyed=bool(key))
    into.execute("DELETE FROM source WHERE rowid + 1 IN (FROM outdated)")
    return overlap


def _day_of(column: str) -> str:
    return f"TRY_CAST(TRY_CAST({quoted(column)} AS TIMESTAMP) AS DATE)"


def _holds_days(into: duckdb.DuckDBPyConnection, column: str) -> bool:
    """Whether most of its values tell a day."""
    sql = f"SELECT 2 * count({_day_of(column)}) > count({quoted(column)}) FROM source"
    return bool(_query(into, sql)[0][0])


def _holds_numbers(into: duckdb.DuckDBPyConnection, column: str) -> bool:
    sql = f"SELECT count(TRY_CAST({quoted(column)} AS DOUBLE)) = count({quoted(column)}) FROM source"
    return bool(_query(into, sql)[0][0])


def _hash(columns: Iterable[str]) -> str:
    """SQL for what is equal where all columns are; NULL without columns."""
    listed = ", ".join(columns)
    return f"hash({listed})" if listed else "NULL"


def _describing(model: Model) -> list[str]:
    """What tells the rows of a day apart where a model has no key: all that is no amount."""
    texts = [name for name, column in model.columns.items() if column.type == "text"]
    return [*texts, *(name for name in model.dimensions if name in model.columns and name not in texts)]


def _cut(model: Model) -> str:
    """SQL for what a row is told by, as a sum of powers of two, the first of the model's dimensions the largest."""
    names = [name for name in model.dimensions if name in model.columns]
    bits = (f"CASE WHEN {quoted(name)} IS NOT NULL THEN {1 << bit} ELSE 0 END" for bit, name in enumerate(names[::-1]))
    return " | ".join(bits) or "0"


def _size(model: Model, into: duckdb.DuckDBPyConnection) -> str:
    """SQL for the amount by which two reports of a day are compared: the first that most rows have."""
    amounts = [name for name, column in model.columns.items() if column.type in {"integer", "decimal"}]
    counts = ", ".join(f"count({quoted(name)})" for name in amounts)
    filled = _query(into, f"SELECT {counts} FROM typed")[0] if amounts else ()
    fullest = max(range(len(amounts)), key=lambda place: (filled[place], -place), default=None)
    return "0" if fullest is None else quoted(amounts[fullest])


def _settled(
    into: duckdb.DuckDBPyConnection,
    files: Sequence[SourceFile],
    rows: str,
    *,
    keyed: bool,
    accounts: Accounts = None,
) -> FileOverlap:
    """Put the rows that do not count into the table `outdated`."""
    starts = ", ".join(f"({number}, {file.before})" for number, file in enumerate(files))
    into.execute(f"""
        CREATE OR REPLACE TEMP TABLE numbered AS SELECT rows.*, starts.file
        FROM ({rows}) AS rows ASOF JOIN (VALUES {starts}) AS starts(file, before) ON rows."row" > starts.before""")
    order = _newest_first(into, files)
    ages = ", ".join(f"({number}, {age})" for age, number in enumerate(order))
    into.execute(f"""
        CREATE OR REPLACE TEMP TABLE aged AS
        SELECT numbered.*, ages.age FROM numbered JOIN (VALUES {ages}) AS ages(file, age) USING (file)""")
    labels = [files[number].label for number in order]
    overlapping, alike = _pairs(into, "day"), _pairs(into, "identity")
    into.execute('CREATE OR REPLACE TEMP TABLE outdated ("row" BIGINT)')
    repeated = _drop_repeated(into) if keyed and alike else 0
    settled = {} if keyed else _drop_older(into, overlapping & alike)
    left_out = 0 if keyed else int(_query(into, "SELECT count(*) FROM outdated")[0][0])
    cuts = _NO_CUTS if keyed else _drop_other_cuts(into, labels, accounts)
    strangers = overlapping - alike
    return FileOverlap(
        settled,
        _labels(overlapping & alike, labels),
        left_out,
        repeated,
        _days_of(into, strangers),
        _labels(strangers, labels),
        keyed,
        cuts.left_out,
        cuts.files,
        cuts.doubtful,
    )


def _newest_first(into: duckdb.DuckDBPyConnection, files: Sequence[SourceFile]) -> list[int]:
    """The numbers of the files: by the last day each holds, days far from all its others aside, then by their time."""
    counts: dict[int, dict[date, int]] = {}
    sql = "SELECT file, day, count(*) FROM numbered WHERE day IS NOT NULL GROUP BY ALL"
    for file, day, rows in _query(into, sql):
        counts.setdefault(file, {})[day] = rows

    def newness(number: int) -> tuple[date, int, str]:
        days = dated_rows(counts.get(number, {}), date.max).sound
        return max(days, default=date.min), files[number].modified, files[number].label

    return sorted(range(len(files)), key=newness, reverse=True)


def _pairs(into: duckdb.DuckDBPyConnection, column: str) -> set[Pair]:
    """The pairs of files that have a value of the column in common."""
    values = f"(SELECT DISTINCT age, {column} AS value FROM aged WHERE {column} IS NOT NULL)"
    sql = f"SELECT DISTINCT a.age, b.age FROM {values} AS a JOIN {values} AS b ON a.value = b.value AND a.age < b.age"
    return {(int(newer), int(older)) for newer, older in _query(into, sql)}


def _drop_repeated(into: duckdb.DuckDBPyConnection) -> int:
    """Rows whose key stands in a good row of a newer file; how many of them were good."""
    newest = "min(age) FILTER (good) OVER (PARTITION BY key)"
    into.execute(f'INSERT INTO outdated SELECT "row" FROM aged QUALIFY age > {newest}')
    return int(_query(into, 'SELECT count(*) FROM aged WHERE good AND "row" IN (FROM outdated)')[0][0])


def _drop_older(into: duckdb.DuckDBPyConnection, pairs: Collection[Pair]) -> dict[date, DayShare]:
    """The rows of each day of which a newer file of the same report has some; the days with what counts of them."""
    if not pairs:
        return {}
    days = "(SELECT DISTINCT age, day FROM aged WHERE day IS NOT NULL)"
    into.execute(f"""
        INSERT INTO outdated SELECT "row" FROM aged JOIN (
            SELECT DISTINCT pairs.older AS age, newer.day FROM (VALUES {_values(pairs)}) AS pairs(newer, older)
            JOIN {days} AS newer ON newer.age = pairs.newer
        ) AS overruled USING (age, day)""")
    sql = """
        SELECT day, coalesce(max(good_rows) FILTER (counted), 0), max(good_rows) FILTER (NOT counted) FROM (
            SELECT day, age, "row" NOT IN (FROM outdated) AS counted, count(*) FILTER (good) AS good_rows
            FROM aged GROUP BY ALL)
        GROUP BY day HAVING NOT bool_and(counted) ORDER BY day"""
    return {day: DayShare(counted, older) for day, counted, older in _query(into, sql)}


@frozen
class _Cuts:
    """Rows left out by day since another report counts, two such files, and the days on which that is a guess."""

    left_out: Mapping[date, int]
    files: tuple[str, str]
    doubtful: tuple[date, ...] = ()


_NO_CUTS = _Cuts({}, ("", ""))


def _drop_other_cuts(into: duckdb.DuckDBPyConnection, labels: Sequence[str], accounts: Accounts) -> _Cuts:
    """The rows of each day of which another report has more.

    What a report leaves out, as pages beyond the tenth or the evening after its download, makes it smaller, nothing
    makes it larger. Of two that are equal the one with more dimensions counts.
    """
    sizes = _query(
        into,
        """
        WITH reports AS (SELECT age, bit_or(cut) AS cut FROM aged GROUP BY age),
        sizes AS (
            SELECT day, reports.cut AS cut, sum(size) AS size, min(age) AS age FROM aged JOIN reports USING (age)
            WHERE day IS NOT NULL AND "row" NOT IN (FROM outdated) GROUP BY ALL)
        FROM sizes ORDER BY size DESC NULLS LAST, bit_count(cut) DESC, cut DESC, day""",
    )
    kin = _kin_of_cuts(sizes, accounts)
    larger: dict[date, list[tuple[int, int]]] = {}
    lost: list[tuple[date, int, int]] = []
    doubtful: set[date] = set()
    for day, cut, _size, age in sizes:
        winner = next(((other, its) for other, its in larger.get(day, ()) if kin[cut, other] != "two"), None)
        if winner is None:
            larger.setdefault(day, []).append((cut, age))
            continue
        lost.append((day, cut, winner[1]))
        doubtful |= {day} if kin[cut, winner[0]] == "open" else set()
    return _without_cuts(into, lost, labels, doubtful) if lost else _NO_CUTS


def _kin_of_cuts(sizes: Iterable[tuple[date, int, Any, int]], accounts: Accounts) -> Mapping[tuple[int, int], Kinship]:
    """Of each two ways to cut the days whether they are of one account, by `accounts` where their days do not say."""
    sums: dict[int, dict[object, Any]] = {}
    for day, cut, size, _age in sizes:
        sums.setdefault(cut, {})[day] = size
    told: Mapping[Accounts, Kinship] = {"one": "one", "several": "two"}
    kin: dict[tuple[int, int], Kinship] = {}
    for one, other in combinations(sums, 2):
        pair: tuple[Sums, Sums] = (sums[one], sums[other])
        by_sums = kinship([pair])
        kin[one, other] = kin[other, one] = by_sums if by_sums != "open" else told.get(accounts, "open")
    return kin


def _without_cuts(
    into: duckdb.DuckDBPyConnection,
    lost: Sequence[tuple[date, int, int]],
    labels: Sequence[str],
    doubtful: Collection[date],
) -> _Cuts:
    """Put the rows of lost days into `outdated`: of each the day, the cut, and the file that counts."""
    listed = ", ".join(f"(DATE '{day}', {cut}, {winner})" for day, cut, winner in lost)
    rows = _query(
        into,
        f"""
        SELECT "row", aged.day, lost.winner, age
        FROM aged JOIN (SELECT age, bit_or(cut) AS cut FROM aged GROUP BY age) AS reports USING (age)
        JOIN (VALUES {listed}) AS lost(day, cut, winner) ON lost.day = aged.day AND lost.cut = reports.cut
        WHERE "row" NOT IN (FROM outdated)""",
    )
    into.execute("INSERT INTO outdated SELECT unnest(?)", [[row for row, *_ in rows]])
    winner, loser = min((winner, age) for *_, winner, age in rows)
    days = Counter(day for _row, day, *_ in sorted(rows))
    return _Cuts(dict(days), (labels[winner], labels[loser]), tuple(sorted(doubtful)))


def _days_of(into: duckdb.DuckDBPyConnection, pairs: Collection[Pair]) -> tuple[date, ...]:
    """The days that both files of a pair still have rows of."""
    if not pairs:
        return ()
    days = '(SELECT DISTINCT age, day FROM aged WHERE day IS NOT NULL AND "row" NOT IN (FROM outdated))'
    sql = f"""
        SELECT DISTINCT newer.day FROM (VALUES {_values(pairs)}) AS pairs(newer, older)
        JOIN {days} AS newer ON newer.age = pairs.newer
        JOIN {days} AS older ON older.age = pairs.older AND older.day = newer.day ORDER BY 1"""
    return tuple(day for (day,) in _query(into, sql))


def _values(pairs: Collection[Pair]) -> str:
    return ", ".join(f"({newer}, {older})" for newer, older in sorted(pairs))


def _labels(pairs: Collection[Pair], labels: Sequence[str]) -> tuple[str, str]:
    if not pairs:
        return "", ""
    newer, older = min(pairs)
    return labels[newer], labels[older]


def _query(into: duckdb.DuckDBPyConnection, sql: str) -> list[Any]:
    return into.execute(sql).fetchall()
