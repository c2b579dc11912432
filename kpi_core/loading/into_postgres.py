# ruff: noqa: S608  (SQL is put together from quoted names, literals and types of our own)
"""A load into the firm's Postgres: one transaction, so that readers see all of it or nothing.

Everything lies in the first schema of the address's `search_path`: a table for each source, a view for each model, and
the lists `kpi_loads`, `kpi_covered` and the like, as in a DuckDB snapshot. Questions go on reading through
connections of their own, which may only read.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from kpi_core.catalog.local import localised
from kpi_core.errors import DataError, KpiBotError, ServiceError
from kpi_core.frozen_dataclass import frozen
from kpi_core.loading.beside.postgres_rollups import (
    RollupSchema,
    changed_models,
    forget_rollups,
    prepare_rollups,
    refuse_schema,
    roll_up,
)
from kpi_core.loading.covering import ACCOUNT, day_sql, time_sql
from kpi_core.loading.day_counts import COUNTED_BY, DAYS, prepare_days
from kpi_core.loading.downloads.shared_days import SourceRows, hidden_sql, pair_notices, settled_pairs
from kpi_core.loading.fact_tables import FactTables
from kpi_core.loading.money.rates import RATE_ROWS
from kpi_core.loading.services.trail import forget_trail, prepare_trail
from kpi_core.loading.smaller_loads import Before, fewer_rows, refuse_smaller
from kpi_core.loading.source_health import MergedRows, tally_of, write_failures, write_health
from kpi_core.loading.spellings import Spellings, count_stages, loaded_models, respell_stages, spelled_columns
from kpi_core.loading.staged import (
    Rebuild,
    SourceLoad,
    Stage,
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
from kpi_core.metrics import Model
from kpi_core.phrases import Notice
from kpi_core.settings.addresses import Address
from kpi_core.settings.off_limits import overlap
from kpi_core.settings.values import Source
from kpi_core.sources import Covered
from kpi_core.sql.quoting import literal, quoted
from kpi_core.sql.types import POSTGRES_TYPES
from kpi_core.warehouse.engines import engine_of
from kpi_core.warehouse.postgres import ANY_SCHEMA, STATE_IN_REACH
from kpi_core.warehouse.rollups import LIST
from kpi_core.warehouse.sqlalchemy import failure_of, sqlstate_of

_LISTS = {
    "kpi_loads": """table_name text, source text, rows bigint, rejected bigint, first_day date, last_day date,
        loaded_at timestamp with time zone""",
    "kpi_covered": "table_name text, source text, account text, first_day date, last_day date",
    "kpi_states": "source text, state text",
    "kpi_files": "source text, file text, size bigint, ends_whole boolean",
}
Changed = dict[str, frozenset[date] | None]
"""Table -> the days on which its rows changed; None where all may have."""
_SESSION = (
    "SET TIME ZONE 'UTC'",
    "SET statement_timeout = 0",
    "SET lock_timeout = '60s'",
)
_PATIENCE = 3600
"""Seconds for one statement: sorting in many millions of rows takes its time."""
_BATCH = 2_000
_LONGEST_NAME = 63
"""Bytes of a name in Postgres."""
_DOES_NOT_FIT = ("22", "42846")
"""SQLSTATEs, or their beginnings, of values that cannot be what a column is."""


@frozen
class Session:
    """A connection that may write, in its schema."""

    cursor: Any
    failure: type[Exception]
    """Of which its driver's errors are."""
    schema: str

    def run(self, sql: str, stream: Iterator[str] | None = None) -> list[tuple[Any, ...]]:
        """The rows of a statement. DataError where a value does not fit, ServiceError where anything else fails."""
        try:
            self.cursor.execute(sql, stream=stream)
            return list(self.cursor.fetchall()) if self.cursor.description else []
        except (self.failure, OSError) as error:
            raise _refusal(error, self.schema) from error

    def at(self, name: str) -> str:
        """A table or view of the schema, in SQL."""
        return f"{quoted(self.schema)}.{quoted(name)}"


def _refusal(error: Exception, schema: str) -> KpiBotError:
    state = sqlstate_of(error) or ""
    if state.startswith(_DOES_NOT_FIT):
        message = f"Postgres takes a value of the table for no value of its column (SQLSTATE {state})."
        return DataError(message, code="load_value", hint="Check the source's columns: and the model's types.")
    if state == "42501":
        message = f"The warehouse's user may not write into the schema {schema}."
        hint = f"GRANT CREATE, USAGE ON SCHEMA {schema} to that user, and let it own the tables that kpi load made."
        return ServiceError(message, code="load_rights", hint=hint)
    if state == "55P03":
        hint = "Load again when the long query on these tables has ended."
        return ServiceError("A table of the warehouse was in use for too long.", code="load_busy", hint=hint)
    return failure_of(error)


@frozen
class PostgresTarget:
    """The schema of an address, open for one load."""

    workspace: Path
    session: Session

    def states(self) -> dict[str, dict[str, Any]]:
        session, lines = self.session, []
        if _kind(session, "kpi_states"):
            lines = session.run(f"SELECT source, state FROM {session.at('kpi_states')}")
        return {source: json.loads(state) for source, state in lines}

    def rates(self, source: str) -> list[Any]:
        table = stored_name(source)
        session = self.session
        return session.run(RATE_ROWS.format(table=session.at(table))) if _types(session, table) else []

    def put(self, stages: Sequence[Stage], failed: Sequence[SourceLoad], rebuild: Rebuild) -> dict[str, SourceLoad]:
        session = self.session
        try:
            session.run("BEGIN")
            for name, columns in _LISTS.items():
                session.run(f"CREATE TABLE IF NOT EXISTS {session.at(name)} ({columns})")
            _facts(session).prepare()
            prepare_days(_facts(session))
            prepare_trail(_facts(session))
            changed: Changed = dict.fromkeys(_forget_dropped_sources(session, rebuild))
            respelled = _respell(session, stages, rebuild)
            changed |= dict.fromkeys(each.table for each in rebuild.settings.sources if each.name in respelled)
            merged = []
            for stage in stages:
                merged.append(_merged(session, stage, rebuild, changed, respelled))
                rebuild.tell(stage.source.name)
            loads = write_failures(_facts(session), (*failed, *merged), rebuild.settings.calendar)
            loads = with_notices(loads, _settle_pairs(session, stages, rebuild))
            _roll_up(session, changed, rebuild)
            session.run("COMMIT")
        except BaseException:
            with suppress(KpiBotError):  # a connection that is lost has rolled back by itself
                session.run("ROLLBACK")
            raise
        return loads


def _respell(session: Session, stages: Sequence[Stage], rebuild: Rebuild) -> set[str]:
    """Give each value one spelling, in what was read and in the rows of earlier loads; the sources of which it did."""
    import duckdb

    by_name = {stage.source.name: stage for stage in stages}
    models = {source.name: rebuild.catalog.models.get(source.table) for source in rebuild.settings.sources}
    with duckdb.connect() as connection:
        spellings = Spellings(connection, loaded_models(rebuild))
        stored = list(_spelled(session, rebuild))
        for source, table, column in stored:
            stage = by_name.get(source)
            going = replaced(stage, rebuild, "postgres") if stage is not None and stage.raw.covers is None else "false"
            spellings.add(
                column,
                session.run(
                    f"SELECT {quoted(column)}, count(*) FROM {table} "
                    f"WHERE {quoted(column)} IS NOT NULL AND NOT coalesce({going}, true) GROUP BY 1"
                ),
            )
        count_stages(spellings, stages)
        spellings.settle()
        respell_stages(spellings, stages)
        respelled: set[str] = set()
        for source, table, column in stored:
            model = models[source]
            for name, value, spelling in spellings.changes(model) if model else ():
                if name == column:
                    respelled.add(source)
                    session.run(
                        f"UPDATE {table} SET {quoted(column)} = {literal(spelling)} "
                        f"WHERE {quoted(column)} = {literal(value)}"
                    )
    return respelled


def _spelled(session: Session, rebuild: Rebuild) -> Iterator[tuple[str, str, str]]:
    """Source, table and column of all stored values that are names."""
    for source in rebuild.settings.sources:
        model, name = rebuild.catalog.models.get(source.table), stored_name(source.name)
        columns = _types(session, name)
        if model is not None:
            yield from (
                (source.name, session.at(name), column) for column in spelled_columns(model) if column in columns
            )


@contextmanager
def open_postgres(address: Address, folder: Path, rollups: str | None = None) -> Iterator[PostgresTarget]:
    """The warehouse for one load, with the schema for rollups. ServiceError where it cannot be reached, another load
    runs, or the schema is not there.

    The lock is the connection's: it goes with the process, however it ends.
    """
    from sqlalchemy.exc import SQLAlchemyError

    engine = engine_of(dataclasses.replace(address, driver="pg8000"), folder, connect_args={"timeout": _PATIENCE})
    failure = engine.dialect.loaded_dbapi.Error
    try:
        connection = engine.raw_connection()
    except (failure, SQLAlchemyError, OSError) as error:
        raise failure_of(error) from error
    try:
        # Transactions are begun and ended in words, not by the driver.
        driven: Any = connection.dbapi_connection
        driven.autocommit = True
        cursor = connection.cursor()
        session = _settled(cursor, failure)
        if rollups is not None:
            refuse_schema(session.run, rollups)
        with TemporaryDirectory(prefix="kpi-load-") as workspace:
            yield PostgresTarget(Path(workspace), session)
    finally:
        connection.invalidate()
        engine.dispose()


def _settled(cursor: Any, failure: type[Exception]) -> Session:
    session = Session(cursor, failure, "")
    for statement in _SESSION:
        session.run(statement)
    ((schema,),) = session.run(ANY_SCHEMA)
    if schema is None:
        hint = "Check search_path in the warehouse's address, and that its user may use that schema."
        raise ServiceError("The warehouse has no such schema.", code="warehouse_schema", hint=hint)
    ((in_reach,),) = session.run(STATE_IN_REACH)
    if in_reach:
        raise overlap()
    ((locked,),) = session.run(f"SELECT pg_try_advisory_lock(hashtext({literal(f'kpi load {schema}')}))")
    if not locked:
        raise load_running()
    return Session(cursor, failure, schema)


# One source ---------------------------------------------------------------------------------------------------------


def _merged(
    session: Session, stage: Stage, rebuild: Rebuild, changed: Changed, respelled: Collection[str]
) -> SourceLoad:
    """Bring one source's new rows in; on failure its old ones stay. The days that changed are added to `changed`."""
    source, day = stage.source, day_sql(stage.model, rebuild.zone, "postgres")
    session.run("SAVEPOINT source")
    try:
        _refuse_foreign_table(session, source.table)
        is_shaped = _shaped(session, stage)
        before = _before(session, stage, rebuild)
        if not rebuild.accept:
            refuse_smaller(stage, before)
        went, staying = _replace_rows(session, stage, rebuild)
        warnings = [*fewer_rows(stage, before), *staying]
        covers = _record(session, stage, rebuild)
        warnings += _publish(session, source.table, rebuild)
        days = went.union(filter(None, stage.intake.by_day)) if is_shaped and source.name not in respelled else None
        stored = session.at(stored_name(source.name))
        rows = MergedRows(stored, day, tally_of(session.run, stage.model, stored, day), days, covers)
        warnings += misdated_rows(write_health(_facts(session), stage, rows, rebuild))
    except DataError as error:
        session.run("ROLLBACK TO SAVEPOINT source")
        return refused_as(stage, error)
    earlier = changed.get(source.table, frozenset())
    changed[source.table] = None if days is None or earlier is None else earlier | days
    return loaded_as(stage, warnings)


def _roll_up(session: Session, changed: Changed, rebuild: Rebuild) -> None:
    """Bring the rollups in step where kpi.yaml asks for them, and remove them where it does not."""
    schema, listing = rebuild.settings.rollups, session.at(LIST)
    if schema is None:
        if _kind(session, LIST):
            forget_rollups(session.run, listing)
        return
    prepare_rollups(session.run, listing)
    place = RollupSchema(session.run, session.at, schema, rebuild.settings.calendar)
    models = localised(rebuild.catalog, rebuild.zone, rebuild.settings.parameters).models
    loaded = {table for (table,) in session.run(f"SELECT DISTINCT table_name FROM {session.at('kpi_loads')}")}
    for (name,) in session.run(f"SELECT DISTINCT model FROM {listing}"):
        if name not in loaded or name not in models:
            forget_rollups(session.run, listing, name)
    fillings = Counter(source.table for source in rebuild.settings.sources)
    days = dict.fromkeys(loaded, frozenset[date]()) | dict(changed_models(changed, fillings))
    for name in sorted(days.keys() & models.keys() & loaded):
        session.run("SAVEPOINT rollups")
        try:
            roll_up(place, models[name], days[name])
        except (DataError, ServiceError, OverflowError):
            # Facts without rollups are only slower; rollups that are not in step would be wrong.
            session.run("ROLLBACK TO SAVEPOINT rollups")
            forget_rollups(session.run, listing, name)


def _settle_pairs(session: Session, stages: Sequence[Stage], rebuild: Rebuild) -> list[tuple[tuple[str, str], Notice]]:
    """Let what two sources have of the same thing count once; what is said of each two."""

    def rows_of(source: Source, model: Model) -> SourceRows | None:
        name = stored_name(source.name)
        if not _kind(session, name):
            return None
        relation = f"(SELECT {_current(session, model, name)} FROM {session.at(name)}) AS stored"
        return SourceRows(source, relation, day_sql(model, rebuild.zone, "postgres"))

    notices: list[tuple[tuple[str, str], Notice]] = []
    tables = {stage.source.table for stage in stages}
    for table, findings in settled_pairs(_facts(session), rows_of, tables, rebuild.settings, rebuild.catalog):
        _publish(session, table, rebuild)
        notices += pair_notices(findings)
    return notices


def _facts(session: Session) -> FactTables:
    return FactTables(session.run, session.at, "postgres")


def _before(session: Session, stage: Stage, rebuild: Rebuild) -> Before:
    """What the source holds of the days that the stage replaces, and how its files were."""
    name = stage.source.name
    if stage.raw.covers is not None:
        return Before({}, {})
    day, gone = day_sql(stage.model, rebuild.zone, "postgres"), replaced(stage, rebuild, "postgres")
    rows = session.run(f"SELECT {day}, count(*) FROM {session.at(stored_name(name))} WHERE {gone} GROUP BY 1")
    listed = f"SELECT file, size, ends_whole FROM {session.at('kpi_files')} WHERE source = {literal(name)}"
    return Before(dict(rows), {file: (size, ends_whole) for file, size, ends_whole in session.run(listed)})


def _refuse_foreign_table(session: Session, table: str) -> None:
    ours = _value(session, f"SELECT count(*) FROM {session.at('kpi_loads')} WHERE table_name = {literal(table)}")
    if not ours and _kind(session, table):
        raise foreign_table(table)


def _replace_rows(session: Session, stage: Stage, rebuild: Rebuild) -> tuple[frozenset[date], list[Notice]]:
    """Bring the rows of the source's own table to what stays and what is new; the days of those that went."""
    model, stored, incoming = stage.model, session.at(stored_name(stage.source.name)), "pg_temp.kpi_incoming"
    columns = ", ".join(map(quoted, _columns(model)))
    session.run(f"DROP TABLE IF EXISTS {incoming}")
    session.run(f"CREATE TEMP TABLE kpi_incoming ({_declared(model)}) ON COMMIT DROP")
    session.run(f"COPY kpi_incoming ({columns}) FROM STDIN", _lines(stage))
    gone = f"({replaced(stage, rebuild, 'postgres')}) OR {same_key(model, 'earlier', incoming)}"
    day = day_sql(model, rebuild.zone, "postgres")
    deleted = f"DELETE FROM {stored} AS earlier WHERE coalesce({gone}, true) RETURNING {day} AS day"
    went = session.run(f"WITH gone AS ({deleted}) SELECT DISTINCT day FROM gone WHERE day IS NOT NULL")
    staying = _value(session, f"SELECT count(*) FROM {stored}")
    session.run(f"INSERT INTO {stored} ({columns}) SELECT {columns} FROM {incoming}")
    session.run(f"ANALYZE {stored}")
    return frozenset(day for (day,) in went), staying_rows(staying, stage, rebuild)


def stored_name(source: str) -> str:
    """The table of one source's rows; the spaces keep its name apart from every model's."""
    name = f"kpi source {source}"
    if len(name.encode()) <= _LONGEST_NAME:
        return name
    return f"kpi source {hashlib.sha256(source.encode()).hexdigest()[:32]}"


def _columns(model: Model) -> dict[str, str]:
    """The columns of a source's table with their types: the model's, and the account of a row."""
    return {name: POSTGRES_TYPES[column.type] for name, column in model.columns.items()} | {ACCOUNT: "text"}


def _declared(model: Model) -> str:
    return ", ".join(f"{quoted(name)} {kind}" for name, kind in _columns(model).items())


def _shaped(session: Session, stage: Stage) -> bool:
    """Make the source's table as the model is now; whether it was so already."""
    model, name = stage.model, stored_name(stage.source.name)
    stored, there = session.at(name), _types(session, name)
    if not there:
        session.run(f"CREATE TABLE {stored} ({_declared(model)})")
        if model.time in model.columns:
            session.run(f"CREATE INDEX ON {stored} ({quoted(model.time)})")
        return False
    changed = {column: kind for column, kind in _columns(model).items() if there.get(column) != kind}
    if changed.keys() & there.keys():
        session.run(f"DROP VIEW IF EXISTS {session.at(stage.source.table)}")
    for column, kind in changed.items():
        if column in there:
            session.run(f"ALTER TABLE {stored} ALTER {quoted(column)} TYPE {kind} USING {quoted(column)}::{kind}")
        else:
            session.run(f"ALTER TABLE {stored} ADD {quoted(column)} {kind}")
    return not changed


def _lines(stage: Stage) -> Iterator[str]:
    """The new rows in Postgres's own text form, some at a time."""
    import duckdb

    account = ACCOUNT if stage.raw.covers is not None else "NULL"
    columns = ", ".join([*map(quoted, stage.model.columns), account])
    with duckdb.connect(str(stage.file), read_only=True) as file:
        ready = file.execute(f"SELECT {columns} FROM {quoted(stage.space)}.ready")
        while batch := ready.fetchmany(_BATCH):
            yield "".join("\t".join(map(_written, row)) + "\n" for row in batch)


_ESCAPED = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def _written(value: object) -> str:
    return "\\N" if value is None else str(value).translate(_ESCAPED)


def _record(session: Session, stage: Stage, rebuild: Rebuild) -> tuple[Covered, ...]:
    """Write the source's line of `kpi_loads`, what it holds now over all its loads, and what it covers and keeps.

    What it covers.
    """
    name, table, time = stage.source.name, stage.source.table, time_sql(stage.model, "postgres")
    stored = session.at(stored_name(name))
    ((rows, first, last),) = session.run(f"SELECT count(*), min({time}), max({time}) FROM {stored}")
    days = [_day(moment, rebuild) for moment in (first, last)]
    line = (table, name, rows, stage.intake.rejected, *days, rebuild.now.astimezone(UTC))
    listed = f"SELECT account, first_day, last_day FROM {session.at('kpi_covered')} WHERE source = {literal(name)}"
    windows = covered_now(stage, [(account, begins, ends) for account, begins, ends in session.run(listed)])
    _write(session, "kpi_loads", name, [line])
    _write(
        session, "kpi_covered", name, [(table, name, window.account, window.first, window.last) for window in windows]
    )
    if stage.raw.state is not None:
        _write(session, "kpi_states", name, [(name, json.dumps(stage.raw.state))])
    files = [(name, file.label, file.size, file.ends_whole) for file in stage.raw.files]
    _write(session, "kpi_files", name, files)
    return windows


def _write(session: Session, listing: str, source: str, lines: Sequence[Sequence[object]]) -> None:
    """The lines of a source in one of the lists, in the place of those it had."""
    session.run(f"DELETE FROM {session.at(listing)} WHERE source = {literal(source)}")
    for line in lines:
        values = ", ".join("NULL" if value is None else literal(str(value)) for value in line)
        session.run(f"INSERT INTO {session.at(listing)} VALUES ({values})")


def _day(moment: object, rebuild: Rebuild) -> date | None:
    if isinstance(moment, datetime):
        return rebuild.settings.calendar.today(moment)
    return moment if isinstance(moment, date) else None


# The tables of the models -------------------------------------------------------------------------------------------


def _publish(session: Session, table: str, rebuild: Rebuild) -> list[Notice]:
    """The view of a model over the sources that fill it; one that is as it should be is not locked."""
    model = rebuild.catalog.models.get(table)
    filling = [source.name for source in rebuild.settings.sources if source.table == table]
    present = [name for name in filling if _kind(session, stored_name(name))]
    if model is None or not present:
        session.run(f"DROP VIEW IF EXISTS {session.at(table)}")
        return []
    columns, union = ", ".join(map(quoted, model.columns)), _union(session, model, present, rebuild.zone)
    definition = f"SELECT {columns} FROM ({union}) AS sources"
    if len(present) > 1 and model.key:
        key = ", ".join(map(quoted, model.key))
        definition = (
            f"SELECT DISTINCT ON ({key}) {columns} FROM ({union}) AS sources ORDER BY {key}, source_number DESC"
        )
    _define(session, table, definition, list(model.columns))
    if len(present) == 1 or not model.key:
        return []
    counts = [f"(SELECT count(*) FROM ({union}) AS sources)", f"(SELECT count(*) FROM {session.at(table)})"]
    return hidden_rows(_value(session, f"SELECT {' - '.join(counts)}"), table)


def _union(session: Session, model: Model, sources: Sequence[str], zone: str) -> str:
    """The rows of several sources that count."""
    parts = []
    for number, source in enumerate(sources):
        name, day = stored_name(source), day_sql(model, zone, "postgres")
        hidden = hidden_sql(_facts(session), source, day) if len(sources) > 1 else ""
        rows = f"{session.at(name)}{f' WHERE NOT {hidden}' if hidden else ''}"
        parts.append(f"SELECT {_current(session, model, name)}, {number} AS source_number FROM {rows}")
    return " UNION ALL ".join(parts)


def _current(session: Session, model: Model, name: str) -> str:
    """The model's columns out of a source's table; one that it was last loaded before is empty."""
    there = _types(session, name)
    return ", ".join(
        f"{quoted(column) if column in there else 'NULL'}::{kind} AS {quoted(column)}"
        for column, kind in _columns(model).items()
    )


def _define(session: Session, view: str, definition: str, columns: list[str]) -> None:
    """The view, unless it is defined so already; whoever may read it still may, where its columns allow."""
    mark = f"kpi load {hashlib.sha256(definition.encode()).hexdigest()[:16]}"
    place = literal(session.at(view))
    if _value(session, f"SELECT obj_description(to_regclass({place}), 'pg_class')") == mark:
        return
    there = list(_types(session, view))
    if there != columns[: len(there)]:
        session.run(f"DROP VIEW {session.at(view)}")
    session.run(f"CREATE OR REPLACE VIEW {session.at(view)} AS {definition}")
    session.run(f"COMMENT ON VIEW {session.at(view)} IS {literal(mark)}")


def _forget_dropped_sources(session: Session, rebuild: Rebuild) -> set[str]:
    """Remove what came from sources that kpi.yaml no longer names, or names for another table; the tables of these."""
    dropped: set[str] = set()
    wanted = {(source.name, source.table) for source in rebuild.settings.sources}
    for name, table in session.run(f"SELECT source, table_name FROM {session.at('kpi_loads')}"):
        if (name, table) not in wanted:
            _publish(session, table, rebuild)
            session.run(f"DROP TABLE IF EXISTS {session.at(stored_name(name))}")
            for listing in (*_LISTS, DAYS, COUNTED_BY):
                session.run(f"DELETE FROM {session.at(listing)} WHERE source = {literal(name)}")
            forget_trail(_facts(session), name)
            _facts(session).forget(name)
            dropped.add(table)
    return dropped


# What is there ------------------------------------------------------------------------------------------------------


def _value(session: Session, sql: str) -> Any:
    return session.run(sql)[0][0]


def _kind(session: Session, name: str) -> str | None:
    """The letter of Postgres for a table (r), a view (v) or whatever else has the name; None when nothing has."""
    lines = session.run(f"SELECT relkind::text FROM pg_class WHERE oid = to_regclass({literal(session.at(name))})")
    return lines[0][0] if lines else None


def _types(session: Session, name: str) -> dict[str, str]:
    """The columns of a table with their types, in order; empty when it is not there."""
    sql = f"""
        SELECT attname::text, format_type(atttypid, atttypmod) FROM pg_attribute
        WHERE attrelid = to_regclass({literal(session.at(name))}) AND attnum > 0 AND NOT attisdropped ORDER BY attnum"""
    return dict(session.run(sql))
