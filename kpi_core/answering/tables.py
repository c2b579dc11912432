"""What was learnt of the tables behind a workspace, for one version of their data at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date
from functools import cached_property, lru_cache, partial
from typing import Protocol, TypeVar

from kpi_core.answering.balances import with_last_moments
from kpi_core.answering.known import Fills, fills_of, known_catalog
from kpi_core.answering.layout import leaves, models_of
from kpi_core.cache import cached, package_key
from kpi_core.dates.calendars import Calendar
from kpi_core.dates.periods import Days
from kpi_core.errors import ServiceError
from kpi_core.health.facts import Finding, Health
from kpi_core.health.open_measures import OpenMeasure
from kpi_core.metrics import Catalog, Metric, Model
from kpi_core.query import Filter
from kpi_core.settings.values import Settings
from kpi_core.signals.outlook import Course, Outlook, Unforeseen
from kpi_core.sql.places import Sql
from kpi_core.sql.plan import Fetch, Group, Row
from kpi_core.sql.ranked import Ranking, ranked_parameters, ranked_sql
from kpi_core.sql.relations import completed, incomplete, without_tables
from kpi_core.sql.rows import Shape, columns_behind
from kpi_core.sql.spelling import folded
from kpi_core.sql.statement import parameters, shape_of, sql_of
from kpi_core.sql.until_now import Clock, until_now
from kpi_core.warehouse.coverage import Coverage, as_of, late_sources, of_several, until
from kpi_core.warehouse.door import Warehouse
from kpi_core.warehouse.health_tables import read_health
from kpi_core.warehouse.reach import (
    Answered,
    read_ahead,
    read_answered,
    read_coverage,
    read_members,
    read_newest,
    read_rollups,
    read_years_ahead,
)
from kpi_core.warehouse.rollups import Listed, Rollups, rolled_up, rollups_of
from kpi_core.warehouse.settling_trail import read_open_measures

Fact = TypeVar("Fact")


class _Read(Protocol):
    """Reads the models or the rollups that stand for them."""

    def __call__(self, sources: Sequence[Model], *, lasting: bool) -> tuple[str, list[Row]]: ...


class Tables:
    """The tables of one version of the data: what is learnt of them is read once. Safe to share between threads."""

    def __init__(self, settings: Settings, catalog: Catalog, warehouse: Warehouse, version: str) -> None:
        """`version` is empty where the warehouse has none; then nothing is cached for other processes."""
        self.version = version
        self._settings, self._definitions, self._warehouse = settings, catalog, warehouse
        self._columns: dict[str, frozenset[str]] = {}
        self._coverages: dict[str, Coverage] = {}
        self._members: dict[str, tuple[str | None, ...]] = {}
        self._answered_days: Answered | None = None
        self._listed: list[Listed] | None = None
        self._rollups: dict[str, Rollups] = {}
        self._ahead: RowsAhead | None = None
        self.outlooks: dict[str, Outlook | Course | Unforeseen | None] = {}
        """What was foreseen from this version of the data."""

    @property
    def definitions(self) -> Catalog:
        """The catalogue as it is written."""
        return self._definitions

    @cached_property
    def _catalog(self) -> Catalog:
        """The catalogue as far as its tables are there."""
        models = self._definitions.models.values()
        optional = {name for model in models for name in model.may_lack}
        optional |= {
            table
            for model in models
            for lookup in (*model.lookups.values(), *model.calendars.values())
            for table in lookup.tables()
        }
        absent = self.learnt("absent", str(sorted(optional)), partial(self._absent, optional))
        lacking = incomplete(self._definitions, absent)
        relations = self.learnt("relations", repr(lacking), partial(completed, lacking)) if lacking else ()
        return without_tables(self._definitions, absent, relations) if absent else self._definitions

    def _absent(self, names: set[str]) -> frozenset[str]:
        return frozenset(name for name in names if not self._warehouse.columns(name))

    def has_column(self, model: Model, name: str) -> bool:
        """Whether a table has the column of a dimension: one of the firm's own, or of an older load, need not."""
        if model.relation or name in model.lookups:
            return True
        if model.name not in self._columns:
            read = partial(self._warehouse.columns, model.name)
            self._columns[model.name] = self.learnt("columns", model.name, read)
        columns = self._columns[model.name]
        return not columns or columns_behind(model, name) <= columns

    @cached_property
    def health(self) -> Health:
        """What the loads know of the sources behind the tables."""
        health = self.learnt("health", "", partial(read_health, self._warehouse))
        return replace(health, findings=(*health.findings, *late_sources(health)))

    @cached_property
    def open_measures(self) -> tuple[OpenMeasure, ...]:
        """The columns of services whose youngest days still move, with how they usually do."""
        calendar = self._settings.calendar
        read = partial(read_open_measures, self._warehouse, self.health, calendar)
        return self.learnt("open_measures", calendar.timezone, read)

    @cached_property
    def fills(self) -> Fills:
        """How far the sources fill each column, by `table.column`."""
        return fills_of(self.health)

    @cached_property
    def known(self) -> Catalog:
        """The catalogue whose metrics count only what the data knows."""
        return known_catalog(self._catalog, self.fills)

    def coverage(self, name: str) -> Coverage:
        """How far the table of a model reaches, whatever day it is."""
        model, calendar = self._catalog.models[name], self._settings.calendar
        if model.relation:
            return of_several(model, [self.coverage(base) for base in model.reads])
        if name not in self._coverages:
            read = partial(read_coverage, model, self._warehouse, calendar, self._answered, self.health)
            self._coverages[name] = self.learnt("coverage", f"{calendar!r} {model!r}", read)
        return self._coverages[name]

    def coverage_at(self, name: str, clock: Clock) -> Coverage:
        """How far the table of a model reaches now: rows that lie ahead do not count."""
        known = self._at(clock).coverages
        if name not in known:
            model = self._catalog.models[name]
            bases = [self._until(base, clock) for base in model.reads]
            reach = of_several(model, bases) if model.relation else self._until(name, clock)
            known[name] = as_of(reach, clock.today)
        return known[name]

    def _until(self, name: str, clock: Clock) -> Coverage:
        coverage = self.coverage(name)
        if not self._has_rows_ahead(name, clock):
            return coverage
        newest = self._at(clock).newest(name, self._catalog.models[name])
        if days := self._answered().get(name):
            newest = max(newest or date.min, min(days[1], clock.today))
        return until(coverage, newest)

    def _has_rows_ahead(self, name: str, clock: Clock) -> bool:
        """Whether any table behind a model has rows that do not count yet."""
        model = self._catalog.models[name]
        if model.relation:
            return any(self._has_rows_ahead(base, clock) for base in model.reads)
        return not model.plan and not all(clock.has_come(moment) for moment in self.coverage(name).newest)

    def _answered(self) -> Answered:
        if self._answered_days is None:
            self._answered_days = read_answered(self._warehouse)
        return self._answered_days

    def coverages(self, metric: Metric, clock: Clock | None = None) -> tuple[Coverage, ...]:
        """How far each table of a metric reaches, in the order of `models_of`; whatever day it is without a clock."""
        names, catalog = models_of(metric, self._catalog), self.known
        measures = (catalog.models[leaf.model].measures[leaf.measure] for leaf in leaves(metric, catalog))
        needs = {name for measure in measures for name in measure.needs}
        lacking = (reach for name in sorted(needs) if (reach := self.coverage(name)).missing)
        return (*(self.coverage_at(name, clock) if clock else self.coverage(name) for name in names), *lacking)

    def health_at(self, clock: Clock, models: Iterable[str]) -> Health:
        """What is known of the sources, with the rows of some models' tables that lie ahead now."""
        tables = {base for name in models for base in self._catalog.models[name].reads or (name,)}
        ahead = [
            finding
            for name in sorted(tables)
            if self._has_rows_ahead(name, clock)
            for finding in self._at(clock).ahead(self._catalog.models[name], self.health)
        ]
        ahead += [finding for name in sorted(tables) for finding in self._long_ago(name)]
        # Those that loads saw ahead may have come since.
        findings = (each for each in self.health.findings if each.code != "rows_ahead")
        return replace(self.health, findings=(*findings, *ahead))

    def _long_ago(self, name: str) -> Iterator[Finding]:
        """Rows years before all others, in a table that no load has looked at."""
        if strays := self.coverage(name).strays:
            days = tuple(day.isoformat() for day, _rows in strays)
            yield Finding("far_dates", name, name, count=sum(rows for _day, rows in strays), examples=days)

    def _at(self, clock: Clock) -> RowsAhead:
        if self._ahead is None or self._ahead.clock != clock:
            self._ahead = RowsAhead(clock, self._warehouse, self._settings.calendar)
        return self._ahead

    def members(self, dimension: str) -> tuple[str | None, ...]:
        """Every value of a dimension in the tables that are there, sorted, rows without one last."""
        if dimension not in self._members:
            self._members[dimension] = read_members(dimension, self._catalog, self._warehouse)
        return self._members[dimension]

    def as_stored(self, clause: Filter) -> Filter:
        """A filter with its values as the tables spell them: a goal for Google is one for google."""
        values = (member for value in clause.values for member in self._members_spelled(clause.dimension, value))
        return replace(clause, values=tuple(dict.fromkeys(values)))

    def _members_spelled(self, dimension: str, value: str | None) -> tuple[str | None, ...]:
        members = self.members(dimension) if value is not None else ()
        if value is None or value in members:
            return (value,)
        spelling = folded(value)
        return tuple(member for member in members if isinstance(member, str) and folded(member) == spelling) or (value,)

    def read(self, fetch: Fetch, clock: Clock, most: int | None = None) -> tuple[str, list[Row]]:
        """The text of a query and its rows, at most so many, out of a rollup where one can answer."""

        def rows_of(sources: Sequence[Model], *, lasting: bool) -> tuple[str, list[Row]]:
            (source,) = sources
            shape = replace(shape_of(fetch, self._warehouse.dialect), most=most)
            sql = _sql(shape, source) if lasting else sql_of(shape, source)
            return sql.text, self._warehouse.rows(sql, parameters(fetch, source, self._settings.calendar))

        return self._from_sources([fetch], clock, rows_of)

    def groups_in(self, fetch: Fetch, model: Model, most: int) -> list[Group]:
        """The groups that have rows, at most so many; `model` has a measure to count them by."""
        shape = replace(shape_of(fetch, self._warehouse.dialect), most=most)
        rows = self._warehouse.rows(sql_of(shape, model), parameters(fetch, model, self._settings.calendar))
        return [tuple(row[1:-1]) for row in rows]

    def ranked(self, fetches: Sequence[Fetch], ranking: Ranking, clock: Clock) -> tuple[str, list[Row]]:
        """The text of the query for the groups of some fetches by a value made of their numbers, and its rows."""

        def rows_of(sources: Sequence[Model], *, lasting: bool) -> tuple[str, list[Row]]:
            shapes = tuple(shape_of(fetch, self._warehouse.dialect) for fetch in fetches)
            sql = (_ranked_sql if lasting else ranked_sql)(shapes, sources, ranking)
            pairs = zip(fetches, sources, strict=True)
            values = [parameters(fetch, source, self._settings.calendar) for fetch, source in pairs]
            return sql.text, self._warehouse.rows(sql, ranked_parameters(values))

        return self._from_sources(fetches, clock, rows_of)

    def _from_sources(self, fetches: Sequence[Fetch], clock: Clock, read: _Read) -> tuple[str, list[Row]]:
        """What is read of the tables themselves, or of rollups; `lasting` says that the query is one for other days."""
        models = tuple(self.known.models[fetch.model] for fetch in fetches)
        ahead = [self._has_rows_ahead(fetch.model, clock) for fetch in fetches]
        if any(ahead):
            sources = tuple(
                until_now(model, self._catalog.models, clock, fetch.time) if later else model
                for fetch, model, later in zip(fetches, models, ahead, strict=True)
            )
            return read(sources, lasting=False)
        sources = tuple(
            rolled_up(fetch, model, self._rollups_of(model)) for fetch, model in zip(fetches, models, strict=True)
        )
        if sources != models:
            # A load that has just swapped in its snapshot may have left this rollup out.
            with suppress(ServiceError):
                return read(sources, lasting=True)
        return read(models, lasting=True)

    def _rollups_of(self, model: Model) -> Rollups:
        if self._listed is None:
            self._listed = self.learnt("rollups", "", partial(read_rollups, self._warehouse))
        if model.name not in self._rollups:
            # As it is defined: what the data does not know of its columns only adds measures, which no rollup has.
            defined = self._catalog.models[model.name]
            self._rollups[model.name] = rollups_of(defined, self._listed, self._settings.calendar)
        return self._rollups[model.name]

    def learnt(self, name: str, key: str, read: Callable[[], Fact]) -> Fact:
        """What was read of the tables, cached for other processes while the data stays as it is."""
        if not self.version:
            return read()
        place = f"{self._settings.folder.absolute()} {self._settings.warehouse}"
        return cached(name, f"{place} {self.version} {key}", read)


class RowsAhead:
    """What is learnt of tables that have rows ahead of one moment. Safe to share between threads."""

    def __init__(self, clock: Clock, warehouse: Warehouse, calendar: Calendar) -> None:
        self.clock = clock
        self.coverages: dict[str, Coverage] = {}
        """How far tables reach at that moment, as it becomes known."""
        self._warehouse, self._calendar = warehouse, calendar
        self._newest: dict[str, date | None] = {}
        self._counts: dict[str, tuple[int, Days] | None] = {}
        self._years_ahead: dict[str, tuple[int, Days] | None] = {}

    def newest(self, name: str, model: Model) -> date | None:
        """The last day of a table that has come."""
        if name not in self._newest:
            self._newest[name] = read_newest(model, self._warehouse, self._calendar, self.clock)
        return self._newest[name]

    def ahead(self, model: Model, health: Health) -> Iterator[Finding]:
        """That a table has rows ahead, with the sources that bring them."""
        if model.name not in self._counts:
            self._counts[model.name] = read_ahead(model, self._warehouse, self._calendar, self.clock)
        if count := self._counts[model.name]:
            rows, days = count
            yield Finding(
                "rows_ahead", health.ahead_from(model.name, self.clock.today), model.name, days=days, count=rows
            )
        # What loads have filled they have looked at.
        if not health.of_table(model.name):
            yield from self._far_ahead(model)

    def _far_ahead(self, model: Model) -> Iterator[Finding]:
        if model.name not in self._years_ahead:
            found = read_years_ahead(model, self._warehouse, self._calendar, self.clock)
            self._years_ahead[model.name] = found
        if found := self._years_ahead[model.name]:
            rows, (first, _end) = found
            yield Finding("far_dates", model.name, model.name, count=rows, examples=(first.isoformat(),))


@lru_cache(maxsize=2048)
def _sql(shape: Shape, model: Model) -> Sql:
    return cached("sql", f"{package_key('sqlglot')} {shape!r} {model!r}", lambda: sql_of(shape, model))


def _ranked_sql(shapes: Sequence[Shape], sources: Sequence[Model], ranking: Ranking) -> Sql:
    key = f"{package_key('sqlglot')} {shapes!r} {sources!r} {ranking!r}"
    return cached("sql", key, lambda: ranked_sql(shapes, sources, ranking))


class CurrentTables:
    """The tables as the warehouse has them now: a load in another process takes effect between two questions."""

    def __init__(self, settings: Settings, catalog: Catalog, warehouse: Warehouse) -> None:
        self._settings, self._catalog, self._warehouse = settings, with_last_moments(catalog), warehouse
        self._lock = threading.Lock()
        self._tables = Tables(settings, catalog, warehouse, "")

    def now(self) -> Tables:
        """The tables of the present version of the data; without versions nothing is taken over from before."""
        version = self._warehouse.version()
        with self._lock:
            if not version or version != self._tables.version:
                self._tables = Tables(self._settings, self._catalog, self._warehouse, version)
            return self._tables
