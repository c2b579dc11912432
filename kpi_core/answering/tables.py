"""What was learnt of the tables behind a workspace, for one version of their data at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import cache, cached_property, lru_cache, partial
from importlib.util import find_spec
from pathlib import Path
from typing import TypeVar

from kpi_core.answering.known import Fills, fills_of, known_catalog
from kpi_core.answering.layout import models_of
from kpi_core.cache import cached
from kpi_core.errors import ServiceError
from kpi_core.health.facts import Health
from kpi_core.metrics import Catalog, Metric, Model
from kpi_core.settings.values import Settings
from kpi_core.sql.places import Sql
from kpi_core.sql.plan import Fetch, Row
from kpi_core.sql.rows import Shape
from kpi_core.sql.statement import parameters, shape_of, sql_of
from kpi_core.warehouse.coverage import Coverage, late_sources
from kpi_core.warehouse.door import Warehouse
from kpi_core.warehouse.health_tables import read_health
from kpi_core.warehouse.reach import Answered, read_answered, read_coverage, read_members, read_rollups
from kpi_core.warehouse.rollups import Listed, Rollups, rolled_up, rollups_of

Fact = TypeVar("Fact")


class Tables:
    """The tables of one version of the data: what is learnt of them is read once. Safe to share between threads."""

    def __init__(self, settings: Settings, catalog: Catalog, warehouse: Warehouse, version: str) -> None:
        """`version` is empty where the warehouse has none; then nothing is cached for other processes."""
        self.version = version
        self._settings, self._catalog, self._warehouse = settings, catalog, warehouse
        self._coverages: dict[str, Coverage] = {}
        self._members: dict[str, tuple[str | None, ...]] = {}
        self._answered_days: Answered | None = None
        self._listed: list[Listed] | None = None
        self._rollups: dict[str, Rollups] = {}

    @cached_property
    def health(self) -> Health:
        """What the loads know of the sources behind the tables."""
        health = self._learnt("health", "", partial(read_health, self._warehouse))
        return replace(health, findings=(*health.findings, *late_sources(health)))

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
        if name not in self._coverages:
            model, calendar = self._catalog.models[name], self._settings.calendar
            bases = [model, *(self._catalog.models[base] for base in model.reads)]
            read = partial(read_coverage, model, self._catalog, self._warehouse, calendar, self._answered, self.health)
            self._coverages[name] = self._learnt("coverage", f"{calendar!r} {bases!r}", read)
        return self._coverages[name]

    def _answered(self) -> Answered:
        if self._answered_days is None:
            self._answered_days = read_answered(self._warehouse)
        return self._answered_days

    def coverages(self, metric: Metric) -> tuple[Coverage, ...]:
        """How far each table of a metric reaches, in the order of `models_of`."""
        return tuple(self.coverage(name) for name in models_of(metric, self._catalog))

    def members(self, dimension: str) -> tuple[str | None, ...]:
        """Every value of a dimension in the tables that are there, sorted, rows without one last."""
        if dimension not in self._members:
            self._members[dimension] = read_members(dimension, self._catalog, self._warehouse)
        return self._members[dimension]

    def read(self, fetch: Fetch) -> tuple[str, list[Row]]:
        """The text of a query and its rows, out of a rollup where one can answer."""
        model = self.known.models[fetch.model]
        rollup = rolled_up(fetch, model, self._rollups_of(model))
        if rollup is not model:
            # A load that has just swapped in its snapshot may have left this rollup out.
            with suppress(ServiceError):
                return self._read(fetch, rollup)
        return self._read(fetch, model)

    def _read(self, fetch: Fetch, source: Model) -> tuple[str, list[Row]]:
        sql = _sql(shape_of(fetch, self._warehouse.dialect), source)
        return sql.text, self._warehouse.rows(sql, parameters(fetch, source, self._settings.calendar))

    def _rollups_of(self, model: Model) -> Rollups:
        if self._listed is None:
            self._listed = self._learnt("rollups", "", partial(read_rollups, self._warehouse))
        if model.name not in self._rollups:
            self._rollups[model.name] = rollups_of(model, self._listed, self._settings.calendar)
        return self._rollups[model.name]

    def _learnt(self, name: str, key: str, read: Callable[[], Fact]) -> Fact:
        """What was read of the tables, cached for other processes while the data stays as it is."""
        if not self.version:
            return read()
        place = f"{self._settings.folder.absolute()} {self._settings.warehouse}"
        return cached(name, f"{place} {self.version} {key}", read)


@lru_cache(maxsize=2048)
def _sql(shape: Shape, model: Model) -> Sql:
    return cached("sql", f"{_builder()} {shape!r} {model!r}", lambda: sql_of(shape, model))


@cache
def _builder() -> str:
    """The sqlglot that builds texts, told by its file: importing it takes longer than reading a cached text."""
    found = find_spec("sqlglot")
    assert found is not None
    assert found.origin is not None
    return f"{found.origin} {Path(found.origin).stat().st_mtime_ns}"


class CurrentTables:
    """The tables as the warehouse has them now: a load in another process takes effect between two questions."""

    def __init__(self, settings: Settings, catalog: Catalog, warehouse: Warehouse) -> None:
        self._settings, self._catalog, self._warehouse = settings, catalog, warehouse
        self._lock = threading.Lock()
        self._tables = Tables(settings, catalog, warehouse, "")

    def now(self) -> Tables:
        """The tables of the present version of the data; without versions nothing is taken over from before."""
        version = self._warehouse.version()
        with self._lock:
            if not version or version != self._tables.version:
                self._tables = Tables(self._settings, self._catalog, self._warehouse, version)
            return self._tables
