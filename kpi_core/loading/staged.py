"""What a load has read, before it goes into a warehouse, and what is said of it afterwards."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import field
from datetime import date, datetime
from pathlib import Path
from typing import Any, Protocol

from kpi_core.errors import DataError, KpiBotError, ServiceError
from kpi_core.frozen_dataclass import frozen
from kpi_core.health.days import stretches
from kpi_core.health.facts import Finding
from kpi_core.loading.channels.named_channels import Uncovered
from kpi_core.loading.covering import covered, inside, united
from kpi_core.loading.downloads.file_days import NO_OVERLAP, FileOverlap
from kpi_core.loading.intake import Intake
from kpi_core.loading.misfits import UnknownWord
from kpi_core.loading.money.amounts import ForeignAmounts
from kpi_core.loading.money.rates import RateRow
from kpi_core.metrics import Catalog, Model
from kpi_core.phrases import Notice, Param
from kpi_core.settings.values import Settings, Source
from kpi_core.sources import AccountFailure, Covered, LeftOut, Raw, Rejection
from kpi_core.sql.quoting import quoted


@frozen
class SourceLoad:
    """What became of one source; with `error`, its last good data stays. `rows` is what it read, not what it holds."""

    source: str
    table: str
    rows: int = 0
    rejected: int = 0
    rejections: tuple[Rejection, ...] = ()
    left_empty: tuple[Rejection, ...] = ()
    """Values that do not fit and that their rows can do without."""
    unknown_words: tuple[UnknownWord, ...] = ()
    """Words that nobody knows, in columns whose words have meanings."""
    repeated: int = 0
    """Rows left out because a later row of the same source has their key."""
    left_out: tuple[LeftOut, ...] = ()
    """Rows that are rightly none of the table, by reason."""
    foreign: tuple[ForeignAmounts, ...] = ()
    """Of these, the ones in other currencies."""
    uncovered: tuple[Uncovered, ...] = ()
    """Rows whose channel is on no list."""
    first_day: date | None = None
    last_day: date | None = None
    overlap: FileOverlap = NO_OVERLAP
    warnings: tuple[Notice, ...] = ()
    error: KpiBotError | None = None
    stands_since: date | None = None
    """The day of its last good load, where this one failed."""
    failures: tuple[AccountFailure, ...] = ()
    """The accounts that the service did not answer for, where it did for others."""
    unfinished: bool = False
    """Whether the next load brings more of its history."""


@frozen
class Stage:
    """A source that has been read: its rows lie in `ready` within a schema of the file."""

    source: Source
    model: Model
    file: Path
    intake: Intake
    raw: Raw
    space: str = "main"
    """The schema of the file."""
    alike: Mapping[date, int] = field(default_factory=dict)
    """By day, rows that differ from others in spelling alone."""

    def ready(self, attached: str) -> str:
        """Its rows in SQL, where the file is attached under a name."""
        return f"{attached}.{quoted(self.space)}.ready"


def by_file(stages: Iterable[Stage]) -> dict[Path, list[Stage]]:
    """Stages by the file in which they lie."""
    files: dict[Path, list[Stage]] = {}
    for stage in stages:
        files.setdefault(stage.file, []).append(stage)
    return files


@frozen
class Rebuild:
    """What a new snapshot is built by."""

    settings: Settings
    catalog: Catalog
    now: datetime
    since: date | None
    accept: bool = False
    """Whether a load may bring far fewer rows than before."""
    tell: Callable[[str], None] = lambda _source: None
    """Hears of each source when it has gone in or was refused."""

    @property
    def zone(self) -> str:
        return self.settings.calendar.timezone


class Target(Protocol):
    """A warehouse that is open for one load; nobody else loads into it meanwhile."""

    @property
    def workspace(self) -> Path:
        """A folder for files that live as long as the load."""
        ...

    def states(self) -> Mapping[str, Mapping[str, Any]]:
        """What each source keeps between loads, by its name."""
        ...

    def rates(self, source: str) -> Sequence[RateRow]:
        """The rates that a source has brought so far; none where it has brought nothing yet."""
        ...

    def put(self, stages: Sequence[Stage], failed: Sequence[SourceLoad], rebuild: Rebuild) -> dict[str, SourceLoad]:
        """Bring all stages in, and make the tables of the models anew: readers see all of it or nothing.

        What `failed` before is written down beside its last good rows. The reports by source, of `failed` too: one
        whose rows do not go in is reported and keeps its last good ones; ServiceError
        when nothing could be changed.
        """
        ...


def staying_rows(count: int, stage: Stage, rebuild: Rebuild) -> list[Notice]:
    """What is said of rows of earlier loads that this one left, where somebody may not expect it."""
    if not count or stage.raw.covers is not None or rebuild.since is not None:
        return []
    return [Notice("load.staying", {"count": count})]


def hidden_rows(count: int, table: str) -> list[Notice]:
    return [Notice("load.hidden", {"count": count, "table": table})] if count else []


def misdated_rows(findings: Iterable[Finding]) -> Iterable[Notice]:
    """What is said of rows whose dates cannot be right, or lie ahead."""
    for finding in findings:
        if finding.code == "rows_ahead" and finding.days is not None:
            span = {"start": finding.days[0].isoformat(), "end": finding.last_day.isoformat()}
            yield Notice("load.rows_ahead", {"count": finding.count, **span})
        elif finding.code == "far_dates":
            yield Notice("load.far_dates", {"count": finding.count, "days": ", ".join(finding.examples)})


def foreign_table(table: str) -> DataError:
    """A table of that name which no load made is somebody's own work."""
    message = f"The warehouse already holds a {table} that kpi load did not make."
    hint = "Rename it, or leave out the source that loads this table."
    return DataError(message, code="load_foreign_table", hint=hint)


def load_running() -> ServiceError:
    hint = "Wait until it has finished, then load again."
    return ServiceError("Another load is running.", code="load_running", hint=hint)


def loaded_as(stage: Stage, warnings: Iterable[Notice]) -> SourceLoad:
    """The report on a source that went in."""
    intake = stage.intake
    return SourceLoad(
        stage.source.name,
        stage.source.table,
        rows=intake.rows,
        rejected=intake.rejected,
        rejections=intake.rejections,
        left_empty=intake.left_empty,
        unknown_words=intake.unknown_words,
        repeated=intake.repeated,
        left_out=intake.left_out,
        foreign=intake.money.foreign,
        uncovered=intake.uncovered,
        first_day=intake.first_day,
        last_day=intake.last_day,
        overlap=intake.overlap,
        warnings=(*_of_reading(stage), *warnings),
        failures=stage.raw.failures,
        unfinished=stage.raw.unfinished,
    )


def refused_as(stage: Stage, error: KpiBotError) -> SourceLoad:
    """The report on a source that was read and did not go in."""
    days = stage.intake.first_day, stage.intake.last_day
    return SourceLoad(stage.source.name, stage.source.table, first_day=days[0], last_day=days[1], error=error)


def with_notices(
    loads: Mapping[str, SourceLoad], notices: Iterable[tuple[Iterable[str], Notice]]
) -> dict[str, SourceLoad]:
    """The reports by source, with what is said of several sources together, at the first of them that was loaded."""
    told = dict(loads)
    for sources, notice in notices:
        name = next((source for source in sources if source in told), None)
        if name is not None:
            told[name] = dataclasses.replace(told[name], warnings=(*told[name].warnings, notice))
    return told


def _of_reading(stage: Stage) -> Iterable[Notice]:
    for sentence in stage.raw.warnings:
        yield Notice("load.from_source", {"sentence": sentence})
    yield from stage.raw.notices
    for failure in stage.raw.failures:
        yield Notice(f"load.account_{failure.outcome}", {"account": failure.name, "reason": failure.reason})
    for column in stage.intake.multiples:
        params: dict[str, Param] = {"column": column.column, "header": column.header, "factor": column.unit}
        yield Notice("load.multiple", params)
    for state in stage.intake.states:
        params = {"header": state.header, "text": state.text, "count": sum(state.days.values())}
        yield Notice("load.no_orders", params)
    if stage.intake.outside:
        yield Notice("load.outside", {"count": stage.intake.outside})
    if stage.intake.overlap.hidden:
        yield Notice("load.files_hidden")


def covered_now(stage: Stage, earlier: Iterable[tuple[str, date, date]]) -> tuple[Covered, ...]:
    """What the source covers over all its loads, from its lines (account, first day, last day) so far."""
    if stage.raw.covers is None:
        return ()
    return tuple(united([*(Covered(*line) for line in earlier), *stage.raw.covers]))


def replaced(stage: Stage, rebuild: Rebuild, dialect: str = "duckdb") -> str:
    """Whether a row of earlier loads gives way to the stage, its key aside, as SQL over the model's columns.

    What the source says it covers decides; else `--since`, else `replace: all`, else the days that it has read: from
    the first to the last, but for years of silence, which a row with a wrong date would make.
    """
    model, intake, calendar = stage.model, stage.intake, rebuild.settings.calendar
    if stage.raw.covers is not None:
        own = dataclasses.replace(calendar, timezone=stage.source.timezone or calendar.timezone)
        return covered(model, stage.raw.covers, own, dialect)
    if rebuild.since:
        return inside(model, rebuild.since, date.max, calendar, dialect)
    if stage.source.replace == "all" or intake.first_day is None or intake.last_day is None:
        return "true"
    spans = (inside(model, days[0], days[-1], calendar, dialect) for days in stretches(intake.days))
    return f"({' OR '.join(spans)})"


def same_key(model: Model, earlier: str, incoming: str) -> str:
    """Whether a row of the relation `earlier` comes again under its key in `incoming`."""
    if not model.key:
        return "false"
    pairs = " AND ".join(f"incoming.{quoted(name)} = {earlier}.{quoted(name)}" for name in model.key)
    return f"EXISTS (SELECT 1 FROM {incoming} AS incoming WHERE {pairs})"  # noqa: S608  (quoted names)
