# ruff: noqa: S608  (SQL is put together from quoted names and types of our own)
"""The next snapshot: sources merged into a copy of the current one, rolled up, and swapped in by rename."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kpi_core.catalog.local import localised
from kpi_core.errors import KpiBotError, ServiceError
from kpi_core.frozen_dataclass import frozen
from kpi_core.loading.covering import ACCOUNT, day_of_rows, day_sql, time_sql
from kpi_core.loading.day_counts import forget_days, prepare_days
from kpi_core.loading.downloads.shared_days import SourceRows, hidden_sql, pair_notices, settled_pairs
from kpi_core.loading.fact_tables import FactTables
from kpi_core.loading.money.rates import RATE_ROWS
from kpi_core.loading.services.trail import forget_trail, prepare_trail
from kpi_core.loading.smaller_loads import Before, fewer_rows, refuse_smaller
from kpi_core.loading.source_health import MergedRows, write_failures, write_health
from kpi_core.loading.spellings import Change, Spellings, count_stages, loaded_models, respell_stages
from kpi_core.loading.staged import (
    Rebuild,
    SourceLoad,
    Stage,
    by_file,
    covered_now,
    foreign_table,
    hidden_rows,
    load_running,
    loaded_as,
    misdated_rows,
    refused_as,
    replaced,
    same_key,
    staying_rows,
    with_notices,
)
from kpi_core.metrics import Column, Model
from kpi_core.phrases import Notice
from kpi_core.settings.values import Source
from kpi_core.sources.files import first_line
from kpi_core.sql.quoting import literal, quoted
from kpi_core.sql.types import SQL_TYPES, WIDE_DECIMAL
from kpi_core.warehouse.duckdb import WITHOUT_PYTHON, DuckDBWarehouse, broken_snapshot, is_damage
from kpi_core.warehouse.reach import COVERED
from kpi_core.warehouse.rollup_tables import build_rollups, forget_rollups, is_built

if TYPE_CHECKING:
    import duckdb

STATES = "kpi_states"
FILES = "kpi_files"
_LISTS = (
    """CREATE TABLE IF NOT EXISTS kpi_loads (
        table_name VARCHAR, source VARCHAR, rows BIGINT, rejected BIGINT, first_day DATE, last_day DATE,
        loaded_at TIMESTAMP)""",
    f"""CREATE TABLE IF NOT EXISTS {COVERED} (
        table_name VARCHAR, source VARCHAR, account VARCHAR, first_day DATE, last_day DATE)""",
    f"CREATE TABLE IF NOT EXISTS {STATES} (source VARCHAR, state VARCHAR)",
    f"CREATE TABLE IF NOT EXISTS {FILES} (source VARCHAR, file VARCHAR, size BIGINT, ends_whole BOOLEAN)",
)
"""What each source holds, what services answered for, what sources keep between loads, and how their files were."""


_GOING = "temp.kpi_going"
_MEMORY_FOR_SUMS = "160MB"


@frozen
class Snapshot:
    """The DuckDB file at `path`, of which the next one is built in `workspace`."""

    path: Path
    workspace: Path

    def states(self) -> dict[str, dict[str, Any]]:
        lines = self._rows(f"SELECT source, state FROM {STATES}", STATES)
        return {source: json.loads(state) for source, state in lines}

    def rates(self, source: str) -> list[Any]:
        there = self._rows(
            f"SELECT 1 FROM information_schema.tables WHERE table_schema = 'loaded' "
            f"AND table_name = {literal(f'source {source}')}",
            STATES,
        )
        return self._rows(RATE_ROWS.format(table=_stored(source)), STATES) if there else []

    def _rows(self, sql: str, table: str) -> list[Any]:
        """Rows of the current snapshot; none before the first load, or where it has no such table."""
        if not self.path.exists():
            return []
        # Within a process, DuckDB would go on reading the file that a running bot has open, swapped or not.
        copy = self.workspace / "current.duckdb"
        if not copy.exists():
            shutil.copyfile(self.path, copy)
        with _named(self.path.name), closing(DuckDBWarehouse(copy)) as current:
            return list(current.rows(sql, {})) if current.columns(table) else []

    def put(self, stages: Sequence[Stage], failed: Sequence[SourceLoad], rebuild: Rebuild) -> dict[str, SourceLoad]:
        """Build the next snapshot from the current one and the stages, and put it in its place."""
        following = self.workspace / "next.duckdb"
        if self.path.exists():
            shutil.copyfile(self.path, following)
        elif not stages:
            return {}
        loads = _built(following, stages, failed, rebuild, self.path.name)
        if following.with_name("next.duckdb.wal").exists():
            raise ServiceError("The new data could not be written in full.", code="load_disk", hint="Check free space.")
        _synced(following)
        following.replace(self.path)
        _synced(self.path.parent)
        return loads


@contextmanager
def _named(name: str) -> Iterator[None]:
    """A copy that cannot be read says so under the name of its original."""
    try:
        yield
    except ServiceError:
        raise broken_snapshot(name) from None


@contextmanager
def open_snapshot(path: Path) -> Iterator[Snapshot]:
    """The snapshot for one load. Its lock goes with the process; what a killed load left behind is removed first."""
    import fcntl

    folder = path.with_name(f"{path.name}.loading")
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_name(f"{path.name}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise load_running() from None
        try:
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            yield Snapshot(path, folder)
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _built(
    file: Path, stages: Sequence[Stage], failed: Sequence[SourceLoad], rebuild: Rebuild, name: str
) -> dict[str, SourceLoad]:
    import duckdb

    try:
        with duckdb.connect(str(file), config=WITHOUT_PYTHON) as connection:
            for listing in _LISTS:
                connection.execute(listing)
            connection.execute("CREATE SCHEMA IF NOT EXISTS loaded")
            _facts(connection).prepare()
            prepare_days(_facts(connection))
            prepare_trail(_facts(connection))
            _forget_dropped_sources(connection, rebuild)
            respelled = _respell(connection, stages, rebuild)
            merged = list(_all_merged(connection, stages, rebuild, respelled))
            loads = write_failures(_facts(connection), (*failed, *merged), rebuild.settings.calendar)
            loads = with_notices(loads, _settle_pairs(connection, stages, rebuild))
            _roll_up(connection, rebuild)
            connection.execute("CHECKPOINT")
    except duckdb.Error as error:
        if is_damage(error):
            raise broken_snapshot(name) from error
        message = f"The data file {name} cannot be rebuilt: {first_line(error)}"
        raise ServiceError(
            message, code="load_snapshot", hint="Check free memory and disk, then load again."
        ) from error
    return loads


def _roll_up(connection: duckdb.DuckDBPyConnection, rebuild: Rebuild) -> None:
    """Bring the rollups in step with the tables and definitions; facts without them are only slower."""
    import duckdb

    def run(sql: str) -> list[Any]:
        return connection.execute(sql).fetchall()

    settings = rebuild.settings
    calendar = settings.calendar
    there = {name for (name,) in run(f"SELECT name FROM ({_named_in_main()})")}
    for model in localised(rebuild.catalog, rebuild.zone, settings.parameters).models.values():
        if model.name not in there or is_built(model, calendar, run):
            continue
        # Sums need little: bounded, the database keeps fewer pages and is no slower. Windows may take what there is.
        run("RESET memory_limit" if model.computed else f"SET memory_limit = '{_MEMORY_FOR_SUMS}'")
        try:
            with _transaction(connection):
                build_rollups(model, calendar, run)
        except (duckdb.Error, OverflowError):
            with _transaction(connection):
                forget_rollups(model.name, run)
    run("RESET memory_limit")


def _synced(path: Path) -> None:
    """Make the disk keep it: a rename may otherwise survive a power cut that the contents do not."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _stored(source: str) -> str:
    """The table that holds one source's rows. The space keeps its name apart from every model's."""
    return f"loaded.{quoted(f'source {source}')}"


def _forget_dropped_sources(connection: duckdb.DuckDBPyConnection, rebuild: Rebuild) -> None:
    """Remove what came from sources that kpi.yaml no longer names, or names for another table."""
    wanted = {(source.name, source.table) for source in rebuild.settings.sources}
    for name, table in connection.execute("SELECT source, table_name FROM kpi_loads").fetchall():
        if (name, table) not in wanted:
            with _transaction(connection):
                connection.execute(f"DROP TABLE IF EXISTS {_stored(name)}")
                for listing in ("kpi_loads", COVERED, STATES, FILES):
                    connection.execute(f"DELETE FROM {listing} WHERE source = ?", [name])
                forget_days(_facts(connection), name)
                forget_trail(_facts(connection), name)
                _facts(connection).forget(name)
                _publish(connection, table, rebuild)


def _respell(connection: duckdb.DuckDBPyConnection, stages: Sequence[Stage], rebuild: Rebuild) -> set[str]:
    """Give each value one spelling, in what was read and in the rows of earlier loads; the sources of such rows."""
    spellings = Spellings(connection, loaded_models(rebuild))
    by_name = {stage.source.name: stage for stage in stages}
    stored = [
        (source.name, rebuild.catalog.models[source.table], _columns_of(connection, _stored(source.name)))
        for source in rebuild.settings.sources
        if source.table in rebuild.catalog.models and _exists(connection, source.name)
    ]
    for name, model, columns in stored:
        stage = by_name.get(name)
        # What a load replaces does not say how things are spelled.
        going = replaced(stage, rebuild) if stage is not None and stage.raw.covers is None else "false"
        spellings.count(model, f"(FROM {_stored(name)} WHERE NOT coalesce({going}, true))", columns)
    count_stages(spellings, stages)
    spellings.settle()
    respell_stages(spellings, stages)
    respelled = set()
    for name, model, columns in stored:
        with _transaction(connection):
            if spellings.respell(model, _stored(name), columns):
                respelled.add(name)
                _respell_findings(connection, name, spellings.changes(model))
                if name not in by_name:
                    _publish(connection, model.name, rebuild)
    return respelled


def _respell_findings(connection: duckdb.DuckDBPyConnection, source: str, changes: Sequence[Change]) -> None:
    """What was written down of a source names its values by the new spelling, too."""
    for column, value, spelling in changes:
        connection.execute(
            "UPDATE kpi_findings SET member = ? WHERE source = ? AND column_name = ? AND member = ?",
            [spelling, source, column, value],
        )


@contextmanager
def _transaction(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    connection.begin()
    try:
        yield
    except BaseException:
        connection.rollback()
        raise
    connection.commit()


def _all_merged(
    connection: duckdb.DuckDBPyConnection, stages: Sequence[Stage], rebuild: Rebuild, respelled: Collection[str]
) -> Iterator[SourceLoad]:
    """Bring all stages in; `respelled` are the sources whose earlier rows are spelled otherwise now."""
    for file, together in by_file(stages).items():
        connection.execute(f"ATTACH {literal(str(file))} AS stage (READ_ONLY)")
        try:
            for stage in together:
                yield _merged(connection, stage, rebuild, is_respelled=stage.source.name in respelled)
        finally:
            connection.execute("DETACH stage")


def _merged(connection: duckdb.DuckDBPyConnection, stage: Stage, rebuild: Rebuild, *, is_respelled: bool) -> SourceLoad:
    """Bring one source's new rows in; on failure its old ones stay."""
    source = stage.source
    try:
        with _transaction(connection):
            _refuse_foreign_table(connection, source.table)
            earlier = _earlier_rows(connection, stage, rebuild)
            before = _before(connection, stage, earlier)
            if not rebuild.accept:
                refuse_smaller(stage, before)
            warnings = [*fewer_rows(stage, before), *_replace_rows(connection, stage, earlier, rebuild)]
            day = day_of_rows(stage.model, rebuild.zone, _stored(source.name), _running(connection))
            _record(connection, stage, rebuild, day)
            warnings += _publish(connection, source.table, rebuild)
            days = (
                _changed_days(connection, stage)
                if earlier is not None and earlier.is_shaped and not is_respelled
                else None
            )
            rows = MergedRows(_stored(source.name), day, days)
            warnings += misdated_rows(write_health(_facts(connection), stage, rows, rebuild))
    except KpiBotError as error:
        return refused_as(stage, error)
    finally:
        connection.execute(f"DROP TABLE IF EXISTS {_GOING}")
    return loaded_as(stage, warnings)


def _settle_pairs(
    connection: duckdb.DuckDBPyConnection, stages: Sequence[Stage], rebuild: Rebuild
) -> list[tuple[tuple[str, str], Notice]]:
    """Let what two sources have of the same thing count once; what is said of each two."""

    def rows_of(source: Source, model: Model) -> SourceRows | None:
        if not _exists(connection, source.name):
            return None
        stored = _stored(source.name)
        relation = f"(SELECT {_current(_columns_of(connection, stored), model)} FROM {stored})"
        return SourceRows(source, relation, day_sql(model, rebuild.zone))

    notices: list[tuple[tuple[str, str], Notice]] = []
    tables = {stage.source.table for stage in stages}
    with _transaction(connection):
        pairs = settled_pairs(_facts(connection), rows_of, tables, rebuild.settings, rebuild.catalog)
        for table, findings in pairs:
            _publish(connection, table, rebuild)
            notices += pair_notices(findings)
    return notices


def _facts(connection: duckdb.DuckDBPyConnection) -> FactTables:
    return FactTables(_running(connection), quoted, "duckdb")


def _running(connection: duckdb.DuckDBPyConnection) -> Callable[[str], list[Any]]:
    return lambda sql: connection.execute(sql).fetchall()


@frozen
class _EarlierRows:
    """The rows of earlier loads of a source as SQL, with their `kpi_place`; those that go stand in `_GOING`."""

    relation: str
    is_shaped: bool
    """Whether its table has the very columns of the stage."""
    staying: int


def _earlier_rows(connection: duckdb.DuckDBPyConnection, stage: Stage, rebuild: Rebuild) -> _EarlierRows | None:
    """Mark what goes, with its local day and whether the stage's days are why. None where there is nothing yet."""
    name, model = stage.source.name, stage.model
    if not _exists(connection, name):
        return None
    there = _columns_of(connection, _stored(name))
    account = ""
    if stage.raw.covers is not None:
        account = f", {ACCOUNT if ACCOUNT in there else f'NULL::VARCHAR AS {ACCOUNT}'}"
    relation = f"(SELECT rowid AS kpi_place, {_current(there, model)}{account} FROM {_stored(name)}) AS earlier"
    gone = replaced(stage, rebuild)
    day = day_of_rows(model, rebuild.zone, relation, _running(connection))
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE {_GOING} AS
        SELECT kpi_place, {day} AS day, coalesce({gone}, false) AS is_replaced FROM {relation}
        WHERE coalesce(({gone}) OR {same_key(model, "earlier", stage.ready("stage"))}, true)""")
    staying = f"SELECT (SELECT count(*) FROM {_stored(name)}) - (SELECT count(*) FROM {_GOING})"
    is_shaped = list(there.items()) == list(_columns_of(connection, stage.ready("stage")).items())
    return _EarlierRows(relation, is_shaped, _value(connection, staying))


def _before(connection: duckdb.DuckDBPyConnection, stage: Stage, earlier: _EarlierRows | None) -> Before:
    """What the source holds of the days that the stage replaces, and how its files were."""
    if stage.raw.covers is not None or earlier is None:
        return Before({}, {})
    rows = connection.execute(f"SELECT day, count(*) FROM {_GOING} WHERE is_replaced GROUP BY 1").fetchall()
    listed = f"SELECT file, size, ends_whole FROM {FILES} WHERE source = ?"
    files = connection.execute(listed, [stage.source.name]).fetchall()
    return Before(dict(rows), {file: (size, ends_whole) for file, size, ends_whole in files})


def _changed_days(connection: duckdb.DuckDBPyConnection, stage: Stage) -> frozenset[date]:
    """The days of the rows that came and of those that went."""
    went = connection.execute(f"SELECT DISTINCT day FROM {_GOING}").fetchall()
    return frozenset(day for day in (*stage.intake.by_day, *(day for (day,) in went)) if day is not None)


def _refuse_foreign_table(connection: duckdb.DuckDBPyConnection, table: str) -> None:
    """A table of that name which no load made is somebody's own work."""
    ours = _value(connection, "SELECT count(*) FROM kpi_loads WHERE table_name = ?", [table])
    if not ours and _kind(connection, table):
        raise foreign_table(table)


def _kind(connection: duckdb.DuckDBPyConnection, table: str) -> str | None:
    """TABLE or VIEW in the main schema; None when there is nothing of that name."""
    kinds = connection.execute(f"SELECT kind FROM ({_named_in_main()}) WHERE name = $1", [table]).fetchall()
    return str(kinds[0][0]) if kinds else None


def _named_in_main() -> str:
    """The tables and views of the main schema, as SQL: name and kind."""
    return " UNION ALL ".join(
        f"SELECT {kind.lower()}_name AS name, '{kind}' AS kind FROM duckdb_{kind.lower()}s() "
        f"WHERE database_name = current_database() AND schema_name = 'main'"
        for kind in ("TABLE", "VIEW")
    )


def _value(connection: duckdb.DuckDBPyConnection, sql: str, parameters: Sequence[object] = ()) -> Any:
    return connection.execute(sql, list(parameters)).fetchall()[0][0]


def _replace_rows(
    connection: duckdb.DuckDBPyConnection, stage: Stage, earlier: _EarlierRows | None, rebuild: Rebuild
) -> list[Notice]:
    """Bring the source's own table, in the order of its times, to the old rows that stay and the new ones."""
    model, stored, covers = stage.model, _stored(stage.source.name), stage.raw.covers
    columns = ", ".join(map(quoted, [*model.columns, *([ACCOUNT] if covers is not None else [])]))
    rows = f"SELECT {columns} FROM {stage.ready('stage')}"
    order = ", ".join(dict.fromkeys([time_sql(model), *(quoted(name) for name in (*model.key, *model.columns))]))
    if earlier is not None and _ends_with_stage(connection, stage, earlier):
        connection.execute(f"DELETE FROM {stored} WHERE rowid IN (SELECT kpi_place FROM {_GOING})")
        connection.execute(f"INSERT INTO {stored} SELECT * FROM ({rows}) ORDER BY {order}")
        return staying_rows(earlier.staying, stage, rebuild)
    if earlier is not None:
        staying = f"{earlier.relation} WHERE kpi_place NOT IN (SELECT kpi_place FROM {_GOING})"
        rows = f"SELECT {columns} FROM {staying} UNION ALL {rows}"
    connection.execute(f"CREATE OR REPLACE TABLE {stored} AS SELECT * FROM ({rows}) ORDER BY {order}")
    return staying_rows(earlier.staying, stage, rebuild) if earlier is not None else []


def _ends_with_stage(connection: duckdb.DuckDBPyConnection, stage: Stage, earlier: _EarlierRows) -> bool:
    """Whether the new rows lie behind all that stay, and those are most: then the table need not be written anew."""
    if not earlier.is_shaped or earlier.staying < stage.intake.rows:
        return False
    time = time_sql(stage.model)
    stored = f"{_stored(stage.source.name)} WHERE rowid NOT IN (SELECT kpi_place FROM {_GOING})"
    sql = f"""
        SELECT kept.timeless = 0 AND coalesce(kept.newest < new.oldest, true)
        FROM (SELECT count(*) - count({time}) AS timeless, max({time}) AS newest FROM {stored}) AS kept,
            (SELECT min({time}) AS oldest FROM {stage.ready("stage")}) AS new"""
    return bool(_value(connection, sql))


def _columns(model: Model) -> str:
    return ", ".join(quoted(name) for name in model.columns)


def _exists(connection: duckdb.DuckDBPyConnection, source: str) -> bool:
    sql = """
        SELECT count(*) FROM duckdb_tables()
        WHERE database_name = current_database() AND schema_name = 'loaded' AND table_name = ?"""
    return bool(_value(connection, sql, [f"source {source}"]))


def _columns_of(connection: duckdb.DuckDBPyConnection, table: str) -> dict[str, str]:
    """The columns of a table with their types."""
    return {str(name): str(kind) for name, kind, *_ in connection.execute(f"DESCRIBE {table}").fetchall()}


def _current(there: Mapping[str, str], model: Model) -> str:
    """The model's columns out of those of a source's table, which may be from before the model was changed."""
    return ", ".join(
        f"TRY_CAST({quoted(name) if name in there else 'NULL'} AS {_type(column, there.get(name))}) AS {quoted(name)}"
        for name, column in model.columns.items()
    )


def _type(column: Column, stored: str | None) -> str:
    return WIDE_DECIMAL if column.type == "decimal" and stored == WIDE_DECIMAL else SQL_TYPES[column.type]


def _record(connection: duckdb.DuckDBPyConnection, stage: Stage, rebuild: Rebuild, day: str) -> None:
    """Write the source's line of `kpi_loads`, what it holds now over all its loads, and what it covers and keeps."""
    name, table = stage.source.name, stage.source.table
    reach = connection.execute(f"SELECT count(*), min({day}), max({day}) FROM {_stored(name)}")
    ((rows, first, last),) = reach.fetchall()
    connection.execute("DELETE FROM kpi_loads WHERE source = ?", [name])
    loaded_at = rebuild.now.astimezone(UTC).replace(tzinfo=None)
    line = [table, name, rows, stage.intake.rejected, first, last, loaded_at]
    connection.execute("INSERT INTO kpi_loads VALUES (?, ?, ?, ?, ?, ?, ?)", line)
    earlier = connection.execute(f"SELECT account, first_day, last_day FROM {COVERED} WHERE source = ?", [name])
    windows = covered_now(stage, earlier.fetchall())
    connection.execute(f"DELETE FROM {COVERED} WHERE source = ?", [name])
    for window in windows:
        values = [table, name, window.account, window.first, window.last]
        connection.execute(f"INSERT INTO {COVERED} VALUES (?, ?, ?, ?, ?)", values)
    if stage.raw.state is not None:
        connection.execute(f"DELETE FROM {STATES} WHERE source = ?", [name])
        connection.execute(f"INSERT INTO {STATES} VALUES (?, ?)", [name, json.dumps(stage.raw.state)])
    connection.execute(f"DELETE FROM {FILES} WHERE source = ?", [name])
    for file in stage.raw.files:
        connection.execute(f"INSERT INTO {FILES} VALUES (?, ?, ?, ?)", [name, file.label, file.size, file.ends_whole])


def _publish(connection: duckdb.DuckDBPyConnection, table: str, rebuild: Rebuild) -> list[Notice]:
    """Put the model's table together from the sources that fill it; one source, or no key, needs no copy."""
    forget_rollups(table, lambda sql: connection.execute(sql).fetchall())
    kind = _kind(connection, table)
    if kind:
        connection.execute(f"DROP {kind} {quoted(table)}")
    model = rebuild.catalog.models.get(table)
    filling = [source.name for source in rebuild.settings.sources if source.table == table]
    present = [name for name in filling if _exists(connection, name)]
    if model is None or not present:
        return []
    columns = {name: _current(_columns_of(connection, _stored(name)), model) for name in present}
    day = day_sql(model, rebuild.zone)
    hidden = {name: hidden_sql(_facts(connection), name, day) for name in present if len(present) > 1}
    parts = [
        f"SELECT {columns[name]}, {number} AS source_number FROM {_stored(name)}"
        f"{f' WHERE NOT {hidden[name]}' if hidden.get(name) else ''}"
        for number, name in enumerate(present)
    ]
    union, own = " UNION ALL ".join(parts), _columns(model)
    if len(present) == 1 or not model.key:
        connection.execute(f"CREATE VIEW {quoted(table)} AS SELECT {own} FROM ({union})")
        return []
    key = ", ".join(quoted(name) for name in model.key)
    winner = f"SELECT * FROM ({union}) QUALIFY row_number() OVER (PARTITION BY {key} ORDER BY source_number DESC) = 1"
    order = ", ".join(dict.fromkeys([time_sql(model), key]))
    connection.execute(f"CREATE TABLE {quoted(table)} AS SELECT {own} FROM ({winner}) ORDER BY {order}")
    repeated = _value(connection, f"SELECT count(*) FROM ({union})") - _value(
        connection, f"SELECT count(*) FROM {quoted(table)}"
    )
    return hidden_rows(repeated, table)
