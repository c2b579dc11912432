"""kpi load: reads the sources and brings them into the warehouse, all at once for whoever reads it.

Into DuckDB goes the next snapshot beside the current one, swapped in by rename (`snapshot.py`); into Postgres one
transaction (`into_postgres.py`). Killed anywhere, the current data stays as it was. Each source keeps its own rows; the
table of a model is put together from them, the later source of kpi.yaml winning where keys meet.
`docs/decisions/loading.md` says what a load replaces and why.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cache
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from kpi_core.errors import DataError, KpiBotError, ServiceError, UsageError, did_you_mean
from kpi_core.frozen_dataclass import frozen
from kpi_core.loading.channels.channel_list import ChannelList
from kpi_core.loading.covering import day_of_rows
from kpi_core.loading.intake import is_apart, take_in
from kpi_core.loading.money.books import Books, books_of
from kpi_core.loading.money.rates import RATE_ROWS, RateRow
from kpi_core.loading.snapshot import open_snapshot
from kpi_core.loading.source_failures import source_failure
from kpi_core.loading.spellings import alike_but_for_spelling
from kpi_core.loading.staged import Rebuild, SourceLoad, Stage, Target
from kpi_core.metrics import Catalog, Model
from kpi_core.settings.addresses import Address, state_address, warehouse_address
from kpi_core.settings.off_limits import refuse_overlap
from kpi_core.settings.values import Settings, Source, fill
from kpi_core.sources import Clock, ReadRequest, SheetReader, Vault, reader_of
from kpi_core.sources.files import unreadable
from kpi_core.sql.quoting import literal, quoted
from kpi_core.warehouse.attached import opened_for_building, opened_for_reading

if TYPE_CHECKING:
    import duckdb

Progress = Callable[[str, int, int | None], None]
"""(step, done, total)."""


@dataclass(slots=True)
class StoppedClock:
    """A clock that moves only by waiting, which takes no time."""

    instant: datetime

    def now(self) -> datetime:
        return self.instant

    def wait(self, seconds: float) -> None:
        self.instant += timedelta(seconds=seconds)


@frozen
class LoadReport:
    sources: tuple[SourceLoad, ...]

    @property
    def failed(self) -> tuple[SourceLoad, ...]:
        return tuple(load for load in self.sources if load.error is not None)

    @property
    def rejected(self) -> int:
        return sum(load.rejected for load in self.sources)


def load(  # noqa: PLR0913  (each is one setting of a command)
    settings: Settings,
    catalog: Catalog,
    *,
    now: datetime,
    only: str | None = None,
    since: date | None = None,
    accept: bool = False,
    progress: Progress | None = None,
    sheet_reader: SheetReader | None = None,
    environment: Mapping[str, str] = os.environ,
    clock: Clock | None = None,
    vault: Vault | None = None,
) -> LoadReport:
    """Load all sources, or `only` the one named; with `since`, the days from there on.

    `clock` is the time that passes while services are asked; without it waiting takes none. `vault` keeps access that
    renews itself.
    A source that fails, or brings far fewer rows than before without `accept`, is reported and keeps its last good
    data. UsageError for an unknown source, DataError when there
    is nothing to load, ServiceError when another load runs or the disk fails.
    """
    chosen = _chosen(settings.sources, only)
    warehouse = warehouse_address(fill(settings.warehouse, environment, "warehouse"))
    off_limits = state_address(fill(settings.state, environment, "state"))
    refuse_overlap(warehouse, off_limits, settings.folder)
    tell = progress or (lambda _step, _done, _total: None)
    with _disk_failures(), _opened(warehouse, settings) as target:
        # Each is read, then brought in; the end is a step of its own.
        total, states = 2 * len(chosen) + 1, cache(target.states)
        today, zone = settings.calendar.today(now), settings.calendar.timezone
        own_clock = clock or StoppedClock(now)
        requests = [
            ReadRequest(
                *(source, settings.folder, folder, environment, since, sheet_reader, off_limits, states, today),
                *(own_clock, zone, vault),
            )
            for number, source in enumerate(chosen)
            for folder in [target.workspace / f"source-{number}"]
        ]
        first = _staged_first(settings, catalog, requests, target.workspace / "rates")
        books = books_of(settings, cache(lambda: rate_rows(settings.rates or "", target, first)))
        reading = _Reading(requests, catalog, settings, books, tell, first)
        stages, failed = _read_all(reading, target.workspace / "together.duckdb")
        tell("swap", len(chosen), total)
        steps = count(len(chosen) + 1)
        rebuild = Rebuild(settings, catalog, now, since, accept, lambda source: tell(source, next(steps), total))
        loads = failed | target.put(stages, tuple(failed.values()), rebuild)
        tell("done", total, total)
    return LoadReport(tuple(loads[source.name] for source in chosen))


@frozen
class _Reading:
    requests: Sequence[ReadRequest]
    catalog: Catalog
    settings: Settings
    books: Books
    tell: Progress
    first: Stage | KpiBotError | None
    """What became of the source of the rates, which is read before the others."""


def _read_all(reading: _Reading, together: Path) -> tuple[list[Stage], dict[str, SourceLoad]]:
    """What was read, and what failed by its name. Opening a file takes longer than a small source: many share one."""
    import duckdb

    try:
        with opened_for_building(together) as shared:
            read = _read_each(reading, Shared(together, shared))
            shared.execute("CHECKPOINT")
            return read
    except duckdb.Error:
        # What breaks a database breaks it for all that lies there: then each source is read into its own.
        return _read_each(reading, None)


def _read_each(reading: _Reading, shared: Shared | None) -> tuple[list[Stage], dict[str, SourceLoad]]:
    stages: list[Stage] = []
    failed: dict[str, SourceLoad] = {}
    for number, request in enumerate(reading.requests):
        source = request.source
        reading.tell(source.name, number, 2 * len(reading.requests) + 1)
        if source.name == reading.settings.rates and reading.first is not None:
            if isinstance(reading.first, KpiBotError):
                failed[source.name] = SourceLoad(source.name, source.table, error=reading.first)
            else:
                stages.append(reading.first)
            continue
        try:
            stages.append(stage(request, reading.catalog, reading.settings, reading.books, shared))
        except Exception as error:  # noqa: BLE001 - whatever a driver raises stops its own source alone
            failure = source_failure(source.name, error, request.environment)
            failed[source.name] = SourceLoad(source.name, source.table, error=failure)
    return stages, failed


def _opened(address: Address, settings: Settings) -> AbstractContextManager[Target]:
    """The warehouse at an address, for one load. DataError where loads go into none of its kind."""
    folder = settings.folder
    file = address.file(folder)
    if address.system == "duckdb" and file is not None:
        return open_snapshot(file)
    if address.system == "postgresql":
        from kpi_core.loading.into_postgres import open_postgres

        return open_postgres(address, folder, settings.rollups)
    if address.is_clickhouse:
        return _into_clickhouse(address, settings)
    message = (
        f"kpi load fills DuckDB, Postgres and ClickHouse; the tables of this warehouse, {address.system}, "
        "are filled elsewhere."
    )
    hint = "Leave out sources:, or set warehouse: duckdb:///kpi.duckdb."
    raise DataError(message, code="load_warehouse", hint=hint)


@contextmanager
def _into_clickhouse(address: Address, settings: Settings) -> Iterator[Target]:
    from kpi_core.loading.mirrored.into_clickhouse import open_clickhouse
    from kpi_core.loading.mirrored.staging_file import open_mirror

    folder, rollups = settings.folder, settings.rollups
    with (
        open_clickhouse(address, folder, rollups) as mirror,
        open_mirror(mirror, folder, rollups) as target,
    ):
        yield target


@contextmanager
def _disk_failures() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        message = f"The disk failed: {error.strerror or error}."
        hint = "Check free space and permissions of the data folder."
        raise ServiceError(message, code="load_disk", hint=hint) from error


def _chosen(sources: Sequence[Source], only: str | None) -> tuple[Source, ...]:
    if not sources:
        raise DataError("kpi.yaml names no sources.", code="load_no_sources", hint="Add sources: to kpi.yaml.")
    if only is None:
        return tuple(sources)
    chosen = tuple(source for source in sources if source.name == only)
    if not chosen:
        known = [source.name for source in sources]
        near = did_you_mean(only, known)
        hint = f"Did you mean {' or '.join(near)}?" if near else f"There are {', '.join(known)}."
        raise UsageError(f"There is no source {only}.", code="load_unknown_source", hint=hint, suggestions=near)
    return chosen


def _staged_first(
    settings: Settings, catalog: Catalog, requests: Sequence[ReadRequest], folder: Path
) -> Stage | KpiBotError | None:
    """The source of the rates, whether it is to be loaded or not: it converts what the others bring."""
    source = next((source for source in settings.sources if source.name == settings.rates), None)
    if source is None:
        return None
    request = replace(requests[0], source=source, workspace=folder)
    try:
        return stage(request, catalog, settings)
    except Exception as error:  # noqa: BLE001 - as of any source
        return source_failure(source.name, error, request.environment)


def rate_rows(source: str, target: Target | None, staged: Stage | KpiBotError | None) -> tuple[RateRow, ...]:
    """The rates that a source has brought so far, then those that it has now, which count before them."""
    rows: list[RateRow] = list(target.rates(source)) if target is not None and source else []
    if staged is not None and not isinstance(staged, KpiBotError):
        with opened_for_reading(staged.file) as file:
            rows += file.execute(RATE_ROWS.format(table="ready")).fetchall()
    return tuple(rows)


@frozen
class Shared:
    """A DuckDB file in which several sources have a schema each, and the one connection to it."""

    file: Path
    connection: duckdb.DuckDBPyConnection


def stage(
    request: ReadRequest,
    catalog: Catalog,
    settings: Settings,
    books: Books | None = None,
    shared: Shared | None = None,
) -> Stage:
    """Read one source and make its rows fit the model: in a DuckDB file of its own, or in a shared one.

    A source whose SQL is not ours alone has its own in any case.
    """
    import duckdb

    source, model = request.source, _model_of(request.source, catalog)
    zone, channels = settings.calendar.timezone, ChannelList(settings.channels)
    request.workspace.mkdir(exist_ok=True)
    try:
        with _place(request, shared) as (into, file, space):
            raw = reader_of(source.type)(request, into)
            intake = take_in(
                source,
                model,
                raw,
                into,
                zone=zone,
                since=request.since,
                today=request.today,
                books=books,
                channels=channels,
            )
            day = day_of_rows(model, zone, "ready", lambda sql: into.execute(sql).fetchall())
            alike = alike_but_for_spelling(model, "ready", day, into)
    except duckdb.Error as error:
        raise unreadable(source.name, error, "Check its file and its columns.") from error
    return Stage(source, model, file, intake, raw, space, alike)


@contextmanager
def _place(request: ReadRequest, shared: Shared | None) -> Iterator[tuple[duckdb.DuckDBPyConnection, Path, str]]:
    """Where a source is read: the connection, its file and the schema."""
    import duckdb

    if shared is not None and not is_apart(request.source):
        space = request.workspace.name
        # A source of small files before this one was read by one.
        shared.connection.execute("RESET threads")
        shared.connection.execute(f"CREATE SCHEMA {quoted(space)}")
        shared.connection.execute(f"SET schema = {literal(space)}")
        yield shared.connection, shared.file, space
        return
    file = request.workspace / "rows.duckdb"
    file.unlink(missing_ok=True)
    with duckdb.connect(str(file)) as into:
        yield into, file, "main"


def _model_of(source: Source, catalog: Catalog) -> Model:
    """The model that a source fills. DataError where there is none, or none to be filled."""
    model = catalog.models.get(source.table)
    if model is None:
        tables = [name for name, each in catalog.models.items() if not each.relation]
        near = did_you_mean(source.table, tables)
        hint = f"Did you mean {' or '.join(near)}?" if near else f"There are {', '.join(tables)}."
        raise DataError(f"Source {source.name}: there is no model {source.table}.", code="source_table", hint=hint)
    if model.relation:
        message = f"Source {source.name}: {source.table} is no table, it is worked out from others."
        hint = f"Load {' and '.join(model.reads)} instead."
        raise DataError(message, code="source_derived", hint=hint)
    return model


def first_rows(staged: Stage, count: int) -> tuple[tuple[str, ...], tuple[tuple[object, ...], ...]]:
    """The columns that a source has, and its first rows as they were read."""
    columns = tuple(name for name in staged.model.columns if name in staged.intake.present)
    selected = ", ".join(map(quoted, columns))
    with opened_for_reading(staged.file) as rows:
        sql = f"SELECT {selected} FROM {quoted(staged.space)}.ready LIMIT {count}"  # noqa: S608  (quoted)
        return columns, tuple(rows.execute(sql).fetchall())


def texts_of(staged: Stage, headers: Sequence[str], most: int) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """By header of a source without `query:`, the different texts of its column, sorted; none beyond `most`."""
    columns = {header: column for header, column in staged.raw.header if header in headers}
    if not columns:
        return ()
    texts: dict[str, tuple[str, ...]] = {}
    with opened_for_reading(staged.file) as rows:
        for header, column in sorted(columns.items()):
            text = f"trim(CAST({quoted(column)} AS VARCHAR))"
            sql = f"SELECT DISTINCT {text} AS text FROM {quoted(staged.space)}.source"  # noqa: S608  (quoted)
            lines = rows.execute(f"{sql} WHERE text <> '' ORDER BY 1 LIMIT {most + 1}").fetchall()
            texts[header] = tuple(str(text) for (text,) in lines) if len(lines) <= most else ()
    return tuple(texts.items())
