# ruff: noqa: S608  (SQL is put together from quoted names and types of our own)
"""The next snapshot: sources merged into a copy of the current one, rolled up, and swapped in by rename."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Collection, Iterator, Mapping, Sequence
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
from kpi_core.loading.fact_tables import GatheredFacts
from kpi_core.loading.money.rates import RATE_ROWS
from kpi_core.loading.services.trail import forget_trail, prepare_trail
from kpi_core.loading.smaller_loads import Before, fewer_rows, refuse_smaller
from kpi_core.loading.source_health import MergedRows, tally_of, write_failures, write_health
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
from kpi_core.loading.stored.spelling_list import SpellingList
from kpi_core.loading.stored.stored_tables import StoredTables, columns_of, stored
from kpi_core.metrics import Column, Model
from kpi_core.phrases import Notice
from kpi_core.settings.values import Source
from kpi_core.sources import Covered
from kpi_core.sources.files import first_line
from kpi_core.sql.quoting import literal, quoted
from kpi_core.sql.types import SQL_TYPES, WIDE_DECIMAL
from kpi_core.warehouse.attached import opened_for_building
from kpi_core.warehouse.duckdb import DuckDBWarehouse, broken_snapshot, is_damage
from kpi_core.warehouse.reach import COVERED
from kpi_core.warehouse.rollup_tables import RollupList, build_rollups, forget_rollups

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
_SMALL = 64 * 1024 * 1024
"""Bytes of a snapshot and of what was read below which sharing the work out takes longer than it saves."""


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
        return self._rows(RATE_ROWS.format(table=stored(source)), STATES) if there else []

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


@frozen
class _Building:
    """The next snapshot while it is put together: its connection, and what is known of it without asking anew."""

    connection: duckdb.DuckDBPyConnection
    tables: StoredTables
    facts: GatheredFacts
    rollups: RollupList
    spellings: SpellingList
    loaded: set[str]
    """The tables that sources have filled."""

    def run(self, sql: str) -> list[Any]:
        """The rows of a statement."""
        return self.connection.execute(sql).fetchall()

    def value(self, sql: str) -> Any:
        return self.run(sql)[0][0]

    @contextmanager
    def transaction(self) -> Iterator[None]:
        self.connection.begin()
        try:
            yield
        except BaseException:
            self.connection.rollback()
            raise
        self.connection.commit()


def _begun(connection: duckdb.DuckDBPyConnection, rebuild: Rebuild) -> _Building:
    """A copy of the current snapshot, with all lists that a load writes."""

    def run(sql: str) -> list[Any]:
        return connection.execute(sql).fetchall()

    for listing in _LISTS:
        run(listing)
    for schema in ("loaded", "rollups"):
        run(f"CREATE SCHEMA IF NOT EXISTS {schema}")
    facts = GatheredFacts(run, quoted, "duckdb")
    facts.prepare()
    prepare_days(facts)
    prepare_trail(facts)
    loaded = {table for (table,) in run("SELECT DISTINCT table_name FROM kpi_loads")}
    models = rebuild.catalog.models
    filled = {source.name: models[source.table] for source in rebuild.settings.sources if source.table in models}
    return _Building(connection, StoredTables(run), facts, RollupList(run), SpellingList(connection, filled), loaded)


def _built(
    file: Path, stages: Sequence[Stage], failed: Sequence[SourceLoad], rebuild: Rebuild, name: str
) -> dict[str, SourceLoad]:
    import duckdb

    try:
        with opened_for_building(file) as connection:
            if sum(part.stat().st_size for part in {file, *by_file(stages)} if part.exists()) < _SMALL:
                connection.execute("SET threads = 1")
            building = _begun(connection, rebuild)
            _forget_dropped_sources(building, rebuild)
            respelled = _respell(building, stages, rebuild)
            merged = list(_all_merged(building, stages, rebuild, respelled))
            building.facts.write()
            building.spellings.close()
            loads = write_failures(building.facts, (*failed, *merged), rebuild.settings.calendar)
            loads = with_notices(loads, _settle_pairs(building, stages, rebuild))
            _roll_up(building, rebuild)
            connection.execute("CHECKPOINT")
    except duckdb.Error as error:
        if is_damage(error):
            raise broken_snapshot(name) from error
        message = f"The data file {name} cannot be rebuilt: {first_line(error)}"
        raise ServiceError(
            message, code="load_snapshot", hint="Check free memory and disk, then load again."
        ) from error
    return loads


def _roll_up(building: _Building, rebuild: Rebuild) -> None:
    """Bring the rollups in step with the tables and definitions; facts without them are only slower."""
    import duckdb

    settings, rollups = rebuild.settings, building.rollups
    calendar = settings.calendar
    models = [
        model
        for model in localised(rebuild.catalog, rebuild.zone, settings.parameters).models.values()
        if model.name in building.tables.kinds and not rollups.is_built(model, calendar)
    ]
    # What is forgotten first: where something cannot be built, the list names no table that is gone.
    with building.transaction():
        rollups.write()
    try:
        with building.transaction():
            for model in models:
                _bounded(building, model)
                rollups.build(model, calendar)
            rollups.write()
    except (duckdb.Error, OverflowError):
        # One cannot be built: each by itself, so that the others are.
        _roll_up_each(building, models, rebuild)
    building.run("RESET memory_limit")


def _roll_up_each(building: _Building, models: Sequence[Model], rebuild: Rebuild) -> None:
    import duckdb

    for model in models:
        _bounded(building, model)
        try:
            with building.transaction():
                build_rollups(model, rebuild.settings.calendar, building.run)
        except (duckdb.Error, OverflowError):
            with building.transaction():
                forget_rollups(model.name, building.run)


def _bounded(building: _Building, model: Model) -> None:
    # Sums need little: bounded, the database keeps fewer pages and is no slower. Windows may take what there is.
    building.run("RESET memory_limit" if model.computed else f"SET memory_limit = '{_MEMORY_FOR_SUMS}'")


def _synced(path: Path) -> None:
    """Make the disk keep it: a rename may otherwise survive a power cut that the contents do not."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _forget_dropped_sources(building: _Building, rebuild: Rebuild) -> None:
    """Remove what came from sources that kpi.yaml no longer names, or names for another table."""
    wanted = {(source.name, source.table) for source in rebuild.settings.sources}
    for name, table in building.run("SELECT source, table_name FROM kpi_loads"):
        if (name, table) not in wanted:
            with building.transaction():
                building.run(f"DROP TABLE IF EXISTS {stored(name)}")
                building.tables.is_dropped(name)
                for listing in ("kpi_loads", COVERED, STATES, FILES):
                    building.run(f"DELETE FROM {listing} WHERE source = {literal(name)}")
                forget_days(building.facts, name)
                forget_trail(building.facts, name)
                building.facts.forget(name)
                _publish(building, table, rebuild)


def _respell(building: _Building, stages: Sequence[Stage], rebuild: Rebuild) -> set[str]:
    """Give each value one spelling, in what was read and in the rows of earlier loads; the sources of such rows."""
    spellings = Spellings(building.connection, loaded_models(rebuild))
    count_stages(spellings, stages)
    if building.spellings.changes_nothing():
        return set()
    by_name = {stage.source.name: stage for stage in stages}
    there = [
        (source.name, rebuild.catalog.models[source.table], columns)
        for source in rebuild.settings.sources
        if source.table in rebuild.catalog.models and (columns := building.tables.columns(source.name))
    ]
    relations = []
    for name, model, columns in there:
        stage = by_name.get(name)
        # What a load replaces does not say how things are spelled.
        going = replaced(stage, rebuild) if stage is not None and stage.raw.covers is None else "false"
        relations.append((model, f"(FROM {stored(name)} WHERE NOT coalesce({going}, true))", columns))
    spellings.count(relations)
    spellings.settle()
    building.spellings.write()
    respell_stages(spellings, stages)
    respelled = set()
    for name, model, columns in there:
        if not spellings.changes(model):
            continue
        with building.transaction():
            if spellings.respell(model, stored(name), columns):
                respelled.add(name)
                _respell_findings(building.connection, name, spellings.changes(model))
                if name not in by_name:
                    _publish(building, model.name, rebuild)
    return respelled


def _respell_findings(connection: duckdb.DuckDBPyConnection, source: str, changes: Sequence[Change]) -> None:
    """What was written down of a source names its values by the new spelling, too."""
    for column, value, spelling in changes:
        connection.execute(
            "UPDATE kpi_findings SET member = ? WHERE source = ? AND column_name = ? AND member = ?",
            [spelling, source, column, value],
        )


def _all_merged(
    building: _Building, stages: Sequence[Stage], rebuild: Rebuild, respelled: Collection[str]
) -> Iterator[SourceLoad]:
    """Bring all stages in; `respelled` are the sources whose earlier rows are spelled otherwise now."""
    for file, together in by_file(stages).items():
        building.run(f"ATTACH {literal(str(file))} AS stage (READ_ONLY)")
        try:
            for stage in together:
                yield _merged(building, stage, rebuild, is_respelled=stage.source.name in respelled)
                rebuild.tell(stage.source.name)
        finally:
            building.run(f"DROP TABLE IF EXISTS {_GOING}")
            building.run("DETACH stage")


def _merged(building: _Building, stage: Stage, rebuild: Rebuild, *, is_respelled: bool) -> SourceLoad:
    """Bring one source's new rows in; on failure its old ones stay."""
    source = stage.source
    try:
        with building.transaction():
            _refuse_foreign_table(building, source.table)
            earlier = _earlier_rows(building, stage, rebuild)
            before = _before(building, stage, earlier)
            if not rebuild.accept:
                refuse_smaller(stage, before)
            warnings = [*fewer_rows(stage, before), *_replace_rows(building, stage, earlier, rebuild)]
            is_as_before = earlier is not None and earlier.is_shaped and not is_respelled
            days = _changed_days(stage, earlier) if earlier is not None and is_as_before else None
            day = day_of_rows(stage.model, rebuild.zone, stored(source.name), building.run)
            tally = tally_of(building.run, stage.model, stored(source.name), day)
            rows = MergedRows(stored(source.name), day, tally, days, _covered(building, stage))
            _record(building, stage, rebuild, rows)
            warnings += _publish(building, source.table, rebuild)
            warnings += misdated_rows(write_health(building.facts, stage, rows, rebuild))
    except KpiBotError as error:
        building.facts.discard(source.name)
        return refused_as(stage, error)
    return loaded_as(stage, warnings)


def _settle_pairs(
    building: _Building, stages: Sequence[Stage], rebuild: Rebuild
) -> list[tuple[tuple[str, str], Notice]]:
    """Let what two sources have of the same thing count once; what is said of each two."""

    def rows_of(source: Source, model: Model) -> SourceRows | None:
        columns = building.tables.columns(source.name)
        relation = f"(SELECT {_current(columns, model)} FROM {stored(source.name)})"
        return SourceRows(source, relation, day_sql(model, rebuild.zone)) if columns else None

    notices: list[tuple[tuple[str, str], Notice]] = []
    tables = {stage.source.table for stage in stages}
    with building.transaction():
        pairs = settled_pairs(building.facts, rows_of, tables, rebuild.settings, rebuild.catalog)
        for table, findings in pairs:
            _publish(building, table, rebuild)
            notices += pair_notices(findings)
    return notices


@frozen
class _EarlierRows:
    """The rows of earlier loads of a source as SQL, with their `kpi_place`; those that go stand in `_GOING`."""

    relation: str
    is_shaped: bool
    """Whether its table has the very columns of the stage."""
    staying: int
    going: Sequence[tuple[date | None, bool, int]]
    """By local day and whether the stage's days are why, how many go."""


def _earlier_rows(building: _Building, stage: Stage, rebuild: Rebuild) -> _EarlierRows | None:
    """Mark what goes, with its local day and whether the stage's days are why. None where there is nothing yet."""
    name, model = stage.source.name, stage.model
    there = building.tables.columns(name)
    if not there:
        return None
    account = ""
    if stage.raw.covers is not None:
        account = f", {ACCOUNT if ACCOUNT in there else f'NULL::VARCHAR AS {ACCOUNT}'}"
    relation = f"(SELECT rowid AS kpi_place, {_current(there, model)}{account} FROM {stored(name)}) AS earlier"
    gone = replaced(stage, rebuild)
    day = day_of_rows(model, rebuild.zone, relation, building.run)
    building.run(f"""
        CREATE OR REPLACE TEMP TABLE {_GOING} AS
        SELECT kpi_place, {day} AS day, coalesce({gone}, false) AS is_replaced FROM {relation}
        WHERE coalesce(({gone}) OR {same_key(model, "earlier", stage.ready("stage"))}, true)""")
    going = building.run(f"SELECT day, is_replaced, count(*) FROM {_GOING} GROUP BY 1, 2")
    staying = building.value(f"SELECT count(*) FROM {stored(name)}") - sum(rows for *_, rows in going)
    is_shaped = list(there.items()) == list(columns_of(building.run, stage.ready("stage")).items())
    return _EarlierRows(relation, is_shaped, staying, going)


def _before(building: _Building, stage: Stage, earlier: _EarlierRows | None) -> Before:
    """What the source holds of the days that the stage replaces, and how its files were."""
    if stage.raw.covers is not None or earlier is None:
        return Before({}, {})
    rows = {day: count for day, is_replaced, count in earlier.going if is_replaced}
    files = building.facts.before("file, size, ends_whole", FILES, stage.source.name)
    return Before(rows, {file: (size, ends_whole) for file, size, ends_whole in files})


def _changed_days(stage: Stage, earlier: _EarlierRows) -> frozenset[date]:
    """The days of the rows that came and of those that went."""
    went = (day for day, _is_replaced, _rows in earlier.going)
    return frozenset(day for day in (*stage.intake.by_day, *went) if day is not None)


def _refuse_foreign_table(building: _Building, table: str) -> None:
    """A table of that name which no load made is somebody's own work."""
    if table not in building.loaded and table in building.tables.kinds:
        raise foreign_table(table)


def _replace_rows(building: _Building, stage: Stage, earlier: _EarlierRows | None, rebuild: Rebuild) -> list[Notice]:
    """Bring the source's own table, in the order of its times, to the old rows that stay and the new ones."""
    name, model, covers = stage.source.name, stage.model, stage.raw.covers
    columns = ", ".join(map(quoted, [*model.columns, *([ACCOUNT] if covers is not None else [])]))
    rows = f"SELECT {columns} FROM {stage.ready('stage')}"
    order = ", ".join(dict.fromkeys([time_sql(model), *(quoted(name) for name in (*model.key, *model.columns))]))
    if earlier is not None and _ends_with_stage(building, stage, earlier):
        building.run(f"DELETE FROM {stored(name)} WHERE rowid IN (SELECT kpi_place FROM {_GOING})")
        building.run(f"INSERT INTO {stored(name)} SELECT * FROM ({rows}) ORDER BY {order}")
        return staying_rows(earlier.staying, stage, rebuild)
    if earlier is not None:
        staying = f"{earlier.relation} WHERE kpi_place NOT IN (SELECT kpi_place FROM {_GOING})"
        rows = f"SELECT {columns} FROM {staying} UNION ALL {rows}"
    building.run(f"CREATE OR REPLACE TABLE {stored(name)} AS SELECT * FROM ({rows}) ORDER BY {order}")
    building.tables.is_made(name)
    return staying_rows(earlier.staying, stage, rebuild) if earlier is not None else []


def _ends_with_stage(building: _Building, stage: Stage, earlier: _EarlierRows) -> bool:
    """Whether the new rows lie behind all that stay, and those are most: then the table need not be written anew."""
    if not earlier.is_shaped or earlier.staying < stage.intake.rows:
        return False
    time = time_sql(stage.model)
    rows = f"{stored(stage.source.name)} WHERE rowid NOT IN (SELECT kpi_place FROM {_GOING})"
    sql = f"""
        SELECT kept.timeless = 0 AND coalesce(kept.newest < new.oldest, true)
        FROM (SELECT count(*) - count({time}) AS timeless, max({time}) AS newest FROM {rows}) AS kept,
            (SELECT min({time}) AS oldest FROM {stage.ready("stage")}) AS new"""
    return bool(building.value(sql))


def _columns(model: Model) -> str:
    return ", ".join(quoted(name) for name in model.columns)


def _current(there: Mapping[str, str], model: Model) -> str:
    """The model's columns out of those of a source's table, which may be from before the model was changed."""
    return ", ".join(
        f"TRY_CAST({quoted(name) if name in there else 'NULL'} AS {_type(column, there.get(name))}) AS {quoted(name)}"
        for name, column in model.columns.items()
    )


def _type(column: Column, stored: str | None) -> str:
    return WIDE_DECIMAL if column.type == "decimal" and stored == WIDE_DECIMAL else SQL_TYPES[column.type]


def _covered(building: _Building, stage: Stage) -> tuple[Covered, ...]:
    """What a service has answered for over all loads."""
    return covered_now(stage, building.facts.before("account, first_day, last_day", COVERED, stage.source.name))


def _record(building: _Building, stage: Stage, rebuild: Rebuild, merged: MergedRows) -> None:
    """Write the source's line of `kpi_loads`, what it holds now over all its loads, and what it covers and keeps."""
    name, table, facts, tally = stage.source.name, stage.source.table, building.facts, merged.tally
    loaded_at = rebuild.now.astimezone(UTC).replace(tzinfo=None)
    line = [table, name, tally.rows, stage.intake.rejected, tally.first, tally.last, loaded_at]
    covers = ([table, name, window.account, window.first, window.last] for window in merged.covered)
    facts.replace("kpi_loads", name, [line])
    facts.replace(COVERED, name, covers)
    if stage.raw.state is not None:
        facts.replace(STATES, name, [[name, json.dumps(stage.raw.state)]])
    facts.replace(FILES, name, ([name, file.label, file.size, file.ends_whole] for file in stage.raw.files))
    building.loaded.add(table)


def _publish(building: _Building, table: str, rebuild: Rebuild) -> list[Notice]:
    """Put the model's table together from the sources that fill it; one source, or no key, needs no copy."""
    building.rollups.forget(table)
    model, kind = rebuild.catalog.models.get(table), building.tables.kinds.pop(table, "")
    filling = [source.name for source in rebuild.settings.sources if source.table == table]
    present = [name for name in filling if building.tables.columns(name)]
    if kind == "TABLE" or (kind and (model is None or not present)):
        building.run(f"DROP {kind} {quoted(table)}")
    if model is None or not present:
        return []
    columns = {name: _current(building.tables.columns(name), model) for name in present}
    day = day_sql(model, rebuild.zone) if len(present) > 1 else ""
    hidden = {name: hidden_sql(building.facts, name, day) for name in present if len(present) > 1}
    parts = [
        f"SELECT {columns[name]}, {number} AS source_number FROM {stored(name)}"
        f"{f' WHERE NOT {hidden[name]}' if hidden.get(name) else ''}"
        for number, name in enumerate(present)
    ]
    union, own = " UNION ALL ".join(parts), _columns(model)
    if len(present) == 1 or not model.key:
        building.run(f"CREATE OR REPLACE VIEW {quoted(table)} AS SELECT {own} FROM ({union})")
        building.tables.kinds[table] = "VIEW"
        return []
    if kind == "VIEW":
        building.run(f"DROP VIEW {quoted(table)}")
    key = ", ".join(quoted(name) for name in model.key)
    winner = f"SELECT * FROM ({union}) QUALIFY row_number() OVER (PARTITION BY {key} ORDER BY source_number DESC) = 1"
    order = ", ".join(dict.fromkeys([time_sql(model), key]))
    building.run(f"CREATE TABLE {quoted(table)} AS SELECT {own} FROM ({winner}) ORDER BY {order}")
    building.tables.kinds[table] = "TABLE"
    repeated = building.value(f"SELECT count(*) FROM ({union})") - building.value(
        f"SELECT count(*) FROM {quoted(table)}"
    )
    return hidden_rows(repeated, table)
