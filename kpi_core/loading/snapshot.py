# ruff: noqa: S608  (SQL is put together from quoted names and types of our own)
"""The next snapshot: sources merged into a copy of the current one, rolled up, and swapped in by rename."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kpi_core.catalog.local import localised
from kpi_core.errors import DataError, KpiBotError, ServiceError
from kpi_core.loading.intake import Intake, day_sql
from kpi_core.metrics import Catalog, Model
from kpi_core.settings.values import Settings, Source
from kpi_core.sources import Rejection
from kpi_core.sources.files import first_line
from kpi_core.sql.quoting import literal, quoted
from kpi_core.sql.types import SQL_TYPES
from kpi_core.warehouse.duckdb import WITHOUT_PYTHON
from kpi_core.warehouse.rollup_tables import build_rollups, forget_rollups, is_built

if TYPE_CHECKING:
    import duckdb

_LOADS = """
    CREATE TABLE IF NOT EXISTS kpi_loads (
        table_name VARCHAR, source VARCHAR, rows BIGINT, rejected BIGINT, first_day DATE, last_day DATE,
        loaded_at TIMESTAMP)"""
_MEMORY_FOR_SUMS = "160MB"


@dataclass(frozen=True, slots=True)
class SourceLoad:
    """What became of one source; with `error`, its last good data stays. `rows` is what it read, not what it holds."""

    source: str
    table: str
    rows: int = 0
    rejected: int = 0
    rejections: tuple[Rejection, ...] = ()
    repeated: int = 0
    """Rows left out because a later row of the same source has their key."""
    first_day: date | None = None
    last_day: date | None = None
    warnings: tuple[str, ...] = ()
    error: KpiBotError | None = None


@dataclass(frozen=True, slots=True)
class Stage:
    """A source that has been read: its rows lie in `ready` within the file."""

    source: Source
    model: Model
    file: Path
    intake: Intake


@dataclass(frozen=True, slots=True)
class Rebuild:
    """What a new snapshot is built by."""

    settings: Settings
    catalog: Catalog
    now: datetime
    since: date | None

    @property
    def zone(self) -> str:
        return self.settings.calendar.timezone


def swap_in(
    path: Path, workspace: Path, stages: Sequence[Stage], rebuild: Rebuild, loads: dict[str, SourceLoad]
) -> None:
    """Build the next snapshot from the current one and the stages, and put it in its place."""
    import duckdb

    following = workspace / "next.duckdb"
    if path.exists():
        shutil.copyfile(path, following)
    elif not stages:
        return
    try:
        with duckdb.connect(str(following), config=WITHOUT_PYTHON) as connection:
            connection.execute(_LOADS)
            connection.execute("CREATE SCHEMA IF NOT EXISTS loaded")
            _forget_dropped_sources(connection, rebuild)
            for stage in stages:
                loads[stage.source.name] = _merged(connection, stage, rebuild)
            _roll_up(connection, rebuild)
            connection.execute("CHECKPOINT")
    except duckdb.Error as error:
        message = f"The data file {path.name} cannot be rebuilt: {first_line(error)}"
        raise ServiceError(message, code="load_snapshot", hint="Move it away and load again.") from error
    if following.with_name("next.duckdb.wal").exists():
        raise ServiceError("The new data could not be written in full.", code="load_disk", hint="Check free space.")
    _synced(following)
    following.replace(path)
    _synced(path.parent)


def _roll_up(connection: duckdb.DuckDBPyConnection, rebuild: Rebuild) -> None:
    """Bring the rollups in step with the tables and definitions; facts without them are only slower."""
    import duckdb

    def run(sql: str) -> list[Any]:
        return connection.execute(sql).fetchall()

    settings = rebuild.settings
    calendar = settings.calendar
    for model in localised(rebuild.catalog, rebuild.zone, settings.parameters).models.values():
        if is_built(model, calendar, run) or not _kind(connection, model.name):
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
                connection.execute("DELETE FROM kpi_loads WHERE source = ?", [name])
                _publish(connection, table, rebuild)


@contextmanager
def _transaction(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    connection.begin()
    try:
        yield
    except BaseException:
        connection.rollback()
        raise
    connection.commit()


def _merged(connection: duckdb.DuckDBPyConnection, stage: Stage, rebuild: Rebuild) -> SourceLoad:
    """Bring one source's new rows in; on failure its old ones stay."""
    intake, source = stage.intake, stage.source
    report = SourceLoad(
        source.name,
        source.table,
        rows=intake.rows,
        rejected=intake.rejected,
        rejections=intake.rejections,
        repeated=intake.repeated,
        first_day=intake.first_day,
        last_day=intake.last_day,
    )
    connection.execute(f"ATTACH {literal(str(stage.file))} AS stage (READ_ONLY)")
    try:
        with _transaction(connection):
            _refuse_foreign_table(connection, source.table)
            warnings = _replace_rows(connection, stage, rebuild)
            _record(connection, stage, rebuild)
            warnings += _publish(connection, source.table, rebuild)
    except KpiBotError as error:
        return SourceLoad(source.name, source.table, error=error)
    finally:
        connection.execute("DETACH stage")
    return replace(report, warnings=tuple(warnings))


def _refuse_foreign_table(connection: duckdb.DuckDBPyConnection, table: str) -> None:
    """A table of that name which no load made is somebody's own work."""
    ours = _value(connection, "SELECT count(*) FROM kpi_loads WHERE table_name = ?", [table])
    if not ours and _kind(connection, table):
        message = f"The warehouse already holds a {table} that kpi load did not make."
        hint = "Rename it, or leave out the source that loads this table."
        raise DataError(message, code="load_foreign_table", hint=hint)


def _kind(connection: duckdb.DuckDBPyConnection, table: str) -> str | None:
    """TABLE or VIEW in the main schema; None when there is nothing of that name."""
    sql = "SELECT table_type FROM information_schema.tables WHERE table_schema = 'main' AND table_name = ?"
    found = connection.execute(sql, [table]).fetchall()
    return None if not found else "VIEW" if found[0][0] == "VIEW" else "TABLE"


def _value(connection: duckdb.DuckDBPyConnection, sql: str, parameters: Sequence[object] = ()) -> Any:
    return connection.execute(sql, list(parameters)).fetchall()[0][0]


def _replace_rows(connection: duckdb.DuckDBPyConnection, stage: Stage, rebuild: Rebuild) -> list[str]:
    """Rebuild the source's own table: its old rows outside the days that were read, and the new rows."""
    model, stored = stage.model, _stored(stage.source.name)
    new = f"SELECT {_columns(model)} FROM stage.ready"
    exists = _exists(connection, stage.source.name)
    warnings: list[str] = []
    if exists and not stage.intake.rows:
        return ["nothing was read: the rows of the last load stay"]
    if exists and (stage.source.replace == "days" or rebuild.since):
        connection.execute(f"CREATE TEMP TABLE kept AS {_kept(connection, stage, rebuild)}")
        kept = _value(connection, "SELECT count(*) FROM kept")
        if kept and rebuild.since is None:
            warnings.append(f"{kept:,} rows of earlier loads lie outside the days that were read: they stay")
        new = f"SELECT * FROM kept UNION ALL {new}"
    order = ", ".join(dict.fromkeys([_time(model), *(quoted(name) for name in (*model.key, *model.columns))]))
    connection.execute(f"CREATE OR REPLACE TABLE {stored} AS SELECT * FROM ({new}) ORDER BY {order}")
    connection.execute("DROP TABLE IF EXISTS temp.kept")
    return warnings


def _time(model: Model) -> str:
    return quoted(model.time) if model.time in model.columns else f"({model.times[model.time]})"


def _columns(model: Model) -> str:
    return ", ".join(quoted(name) for name in model.columns)


def _exists(connection: duckdb.DuckDBPyConnection, source: str) -> bool:
    sql = "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'loaded' AND table_name = ?"
    return bool(_value(connection, sql, [f"source {source}"]))


def _kept(connection: duckdb.DuckDBPyConnection, stage: Stage, rebuild: Rebuild) -> str:
    """SQL for the rows of earlier loads that this one does not replace."""
    model, day = stage.model, day_sql(stage.model, rebuild.zone)
    if rebuild.since:
        outside = f"{day} < DATE '{rebuild.since}'"
    else:
        outside = f"{day} NOT BETWEEN DATE '{stage.intake.first_day}' AND DATE '{stage.intake.last_day}'"
    key = ", ".join(quoted(name) for name in model.key)
    same_key = f" AND ({key}) NOT IN (SELECT ({key}) FROM stage.ready)" if len(model.key) > 1 else ""
    if len(model.key) == 1:
        same_key = f" AND {key} NOT IN (SELECT {key} FROM stage.ready)"
    name = stage.source.name
    return f"SELECT {_current(connection, name, model)} FROM {_stored(name)} WHERE {outside}{same_key}"


def _current(connection: duckdb.DuckDBPyConnection, source: str, model: Model) -> str:
    """The model's columns out of a source's table, which may come from the time before the model was changed."""
    there = {name: kind for name, kind, *_ in connection.execute(f"DESCRIBE {_stored(source)}").fetchall()}
    return ", ".join(
        f"TRY_CAST({quoted(name) if name in there else 'NULL'} AS {SQL_TYPES[column.type]}) AS {quoted(name)}"
        for name, column in model.columns.items()
    )


def _record(connection: duckdb.DuckDBPyConnection, stage: Stage, rebuild: Rebuild) -> None:
    """Write the source's line of `kpi_loads`: what it holds now, over all its loads."""
    day = day_sql(stage.model, rebuild.zone)
    held = connection.execute(f"SELECT count(*), min({day}), max({day}) FROM {_stored(stage.source.name)}").fetchall()[
        0
    ]
    connection.execute("DELETE FROM kpi_loads WHERE source = ?", [stage.source.name])
    loaded_at = rebuild.now.astimezone(UTC).replace(tzinfo=None)
    line = [stage.source.table, stage.source.name, held[0], stage.intake.rejected, held[1], held[2], loaded_at]
    connection.execute("INSERT INTO kpi_loads VALUES (?, ?, ?, ?, ?, ?, ?)", line)


def _publish(connection: duckdb.DuckDBPyConnection, table: str, rebuild: Rebuild) -> list[str]:
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
    parts = [
        f"SELECT {_current(connection, name, model)}, {number} AS source_number FROM {_stored(name)}"
        for number, name in enumerate(present)
    ]
    union, columns = " UNION ALL ".join(parts), _columns(model)
    if len(present) == 1 or not model.key:
        connection.execute(f"CREATE VIEW {quoted(table)} AS SELECT {columns} FROM ({union})")
        return []
    key = ", ".join(quoted(name) for name in model.key)
    winner = f"SELECT * FROM ({union}) QUALIFY row_number() OVER (PARTITION BY {key} ORDER BY source_number DESC) = 1"
    order = ", ".join(dict.fromkeys([_time(model), key]))
    connection.execute(f"CREATE TABLE {quoted(table)} AS SELECT {columns} FROM ({winner}) ORDER BY {order}")
    hidden = _value(connection, f"SELECT count(*) FROM ({union})") - _value(
        connection, f"SELECT count(*) FROM {quoted(table)}"
    )
    return [f"{hidden:,} rows of {table} have the key of a row from a later source, which wins"] if hidden else []
