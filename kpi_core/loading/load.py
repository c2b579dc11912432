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
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path

from kpi_core.errors import DataError, ServiceError, UsageError, did_you_mean
from kpi_core.loading.channels.channel_list import ChannelList
from kpi_core.loading.covering import day_sql
from kpi_core.loading.intake import take_in
from kpi_core.loading.money.books import Books, books_of
from kpi_core.loading.money.rates import RATE_ROWS, RateRow
from kpi_core.loading.snapshot import open_snapshot
from kpi_core.loading.source_failures import source_failure
from kpi_core.loading.spellings import alike_but_for_spelling
from kpi_core.loading.staged import Rebuild, SourceLoad, Stage, Target
from kpi_core.metrics import Catalog
from kpi_core.settings.addresses import Address, state_address, warehouse_address
from kpi_core.settings.off_limits import refuse_overlap
from kpi_core.settings.values import Settings, Source, fill
from kpi_core.sources import ReadRequest, SheetReader, reader_of
from kpi_core.sources.files import unreadable
from kpi_core.sql.quoting import quoted

Progress = Callable[[str, int, int | None], None]
"""(step, done, total)."""


@dataclass(frozen=True, slots=True)
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
) -> LoadReport:
    """Load all sources, or `only` the one named; with `since`, the days from there on.

    A source that fails, or brings far fewer rows than before without `accept`, is reported and keeps its last good
    data. UsageError for an unknown source, DataError when there
    is nothing to load, ServiceError when another load runs or the disk fails.
    """
    chosen = _chosen(settings.sources, only)
    warehouse = warehouse_address(fill(settings.warehouse, environment, "warehouse"))
    off_limits = state_address(fill(settings.state, environment, "state"))
    refuse_overlap(warehouse, off_limits, settings.folder)
    tell = progress or (lambda _step, _done, _total: None)
    with _disk_failures(), _opened(warehouse, settings.folder) as target:
        states = cache(target.states)

        def request_of(source: Source, number: int) -> ReadRequest:
            folder = target.workspace / f"source-{number}"
            return ReadRequest(source, settings.folder, folder, environment, since, sheet_reader, off_limits, states)

        read = _Reading(settings, catalog, target, request_of)
        for number, source in enumerate(chosen):
            tell(source.name, number, len(chosen) + 1)
            read.source(source)
        tell("swap", len(chosen), len(chosen) + 1)
        staged, failed = read.results(chosen)
        loads = failed | target.put(staged, tuple(failed.values()), Rebuild(settings, catalog, now, since, accept))
        tell("done", len(chosen) + 1, len(chosen) + 1)
    return LoadReport(tuple(loads[source.name] for source in chosen))


class _Reading:
    """The sources that a load reads, each once: that of the rates as soon as somebody needs them, chosen or not."""

    def __init__(
        self, settings: Settings, catalog: Catalog, target: Target, request_of: Callable[[Source, int], ReadRequest]
    ) -> None:
        self._catalog, self._zone, self._request_of = catalog, settings.calendar.timezone, request_of
        self._stages: dict[str, Stage] = {}
        self._failed: dict[str, SourceLoad] = {}
        self._begun = 0
        self._channels = ChannelList(settings.channels)
        rates = next((source for source in settings.sources if source.name == settings.rates), None)
        self._books = books_of(settings, cache(lambda: self._rate_rows(rates, target)))

    def source(self, source: Source) -> None:
        """Read a source, if that has not been done."""
        if source.name in self._stages or source.name in self._failed:
            return
        try:
            self._begun += 1
            request = self._request_of(source, self._begun)
            self._stages[source.name] = stage(request, self._catalog, self._zone, self._books, self._channels)
        except Exception as error:  # noqa: BLE001 - whatever a driver raises stops its own source alone
            failure = source_failure(source.name, error, request.environment)
            self._failed[source.name] = SourceLoad(source.name, source.table, error=failure)

    def results(self, chosen: Sequence[Source]) -> tuple[list[Stage], dict[str, SourceLoad]]:
        """What was read of the chosen sources, and which of them could not be."""
        names = [source.name for source in chosen]
        staged = [self._stages[name] for name in names if name in self._stages]
        return staged, {name: self._failed[name] for name in names if name in self._failed}

    def _rate_rows(self, source: Source | None, target: Target) -> tuple[RateRow, ...]:
        """The rates that a source has brought so far, then those that it has now, which count before them."""
        if source is None:
            return ()
        rows = tuple(target.rates(source.name))
        self.source(source)
        return rows + staged_rates(self._stages[source.name]) if source.name in self._stages else rows


def staged_rates(staged: Stage) -> tuple[RateRow, ...]:
    """The rates that a source which has been read brings."""
    import duckdb

    with duckdb.connect(str(staged.file), read_only=True) as file:
        return tuple(file.execute(RATE_ROWS.format(table="ready")).fetchall())


def _opened(address: Address, folder: Path) -> AbstractContextManager[Target]:
    """The warehouse at an address, for one load. DataError where loads go into none of its kind."""
    file = address.file(folder)
    if address.system == "duckdb" and file is not None:
        return open_snapshot(file)
    if address.system == "postgresql":
        from kpi_core.loading.into_postgres import open_postgres

        return open_postgres(address, folder)
    message = (
        f"kpi load fills DuckDB and Postgres; the tables of this warehouse, {address.system}, are filled elsewhere."
    )
    hint = "Leave out sources:, or set warehouse: duckdb:///kpi.duckdb."
    raise DataError(message, code="load_warehouse", hint=hint)


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


def stage(
    request: ReadRequest,
    catalog: Catalog,
    zone: str,
    books: Books | None = None,
    channels: ChannelList | None = None,
) -> Stage:
    """Read one source into a DuckDB file of its own and make its rows fit the model."""
    import duckdb

    source = request.source
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
    request.workspace.mkdir()
    file = request.workspace / "rows.duckdb"
    try:
        with duckdb.connect(str(file)) as into:
            raw = reader_of(source.type)(request, into)
            intake = take_in(source, model, raw, into, zone=zone, since=request.since, books=books, channels=channels)
            alike = alike_but_for_spelling(model, "ready", day_sql(model, zone), into)
    except duckdb.Error as error:
        raise unreadable(source.name, error, "Check its file and its columns.") from error
    return Stage(source, model, file, intake, raw, alike)


def first_rows(staged: Stage, count: int) -> tuple[tuple[str, ...], tuple[tuple[object, ...], ...]]:
    """The columns that a source has, and its first rows as they were read."""
    import duckdb

    columns = tuple(name for name in staged.model.columns if name in staged.intake.present)
    selected = ", ".join(map(quoted, columns))
    with duckdb.connect(str(staged.file), read_only=True) as rows:
        return columns, tuple(rows.execute(f"SELECT {selected} FROM ready LIMIT {count}").fetchall())  # noqa: S608  (quoted)
