"""MetricQuery in, Answer out: one plan for any number of questions, formulas after, verdicts last."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from kpi_core.answering.attainment import counted, held_goals
from kpi_core.answering.breakdown import break_down
from kpi_core.answering.changes import change_of, noise_of
from kpi_core.answering.goals import goal_for, goal_state
from kpi_core.answering.layout import asks_for_goals, layout_of, models_of
from kpi_core.answering.notices import notices_of
from kpi_core.answering.resolved import Asked, ask
from kpi_core.answering.spans import Needs, Slice, needed
from kpi_core.answering.values import Values
from kpi_core.answers import Answer, Definition, Freshness, TrendPoint
from kpi_core.cache import kept
from kpi_core.catalog.digest import definition_version
from kpi_core.catalog.local import localised
from kpi_core.errors import QuestionError, ServiceError
from kpi_core.metrics import Catalog, Metric, Model, localized
from kpi_core.phrases import Notice, say
from kpi_core.query import MetricQuery
from kpi_core.settings.values import Goal, Settings
from kpi_core.sql.plan import Fetch, Group, Need, Number, Row, plan, roll_up
from kpi_core.sql.statement import parameters, statement
from kpi_core.warehouse.coverage import Coverage, as_of, is_stale
from kpi_core.warehouse.door import Warehouse
from kpi_core.warehouse.reach import read_coverage, read_members, read_rollups
from kpi_core.warehouse.rollups import Listed, Rollups, rolled_up, rollups_of

if TYPE_CHECKING:
    from kpi_core.questions.vocabulary import Vocabulary

Learnt = TypeVar("Learnt")
Wanted = Mapping[Slice, tuple[Needs, ...]]
"""What a question needs fetched: of each of its slices, the needs of every leaf."""


@dataclass(slots=True)
class _Seen:
    """What was learnt of the tables; holds for one version of the data."""

    version: str
    coverage: dict[str, Coverage] = field(default_factory=dict)
    members: dict[str, tuple[str | None, ...]] = field(default_factory=dict)
    listed: list[Listed] | None = None
    rollups: dict[str, Rollups] = field(default_factory=dict)


class Engine:
    """Answers questions on one workspace's data. Safe to share between threads."""

    def __init__(
        self,
        settings: Settings,
        catalog: Catalog,
        warehouse: Warehouse,
        typed_goals: Callable[[], Sequence[Goal]] = tuple,
    ) -> None:
        """`typed_goals` gives those that people keep in the Sheet; they come before those of the settings."""
        self.settings = settings
        self.catalog = localised(catalog, settings.calendar.timezone, settings.parameters)
        self.warehouse = warehouse
        self._typed_goals = typed_goals
        self._lock = threading.Lock()
        self._seen = _Seen("")
        self._vocabulary: Vocabulary | None = None

    def answer(self, query: MetricQuery, now: datetime) -> Answer:
        """The answer to one question at an aware instant. QuestionError for a split that the tables do not have."""
        return self.answers([query], now)[0]

    def answers(self, queries: Sequence[MetricQuery], now: datetime) -> list[Answer]:
        """The answers to several questions from one plan, in their order."""
        today = self.today(now)
        seen = self._current()
        asked = [self._with_goals(self._ask(query, seen, today), now) for query in queries]
        wanted = [self._wanted(each) for each in asked]
        fetches = plan((need for each in wanted for need in _all(each)), self.catalog.models)
        fetched: dict[Need, dict[Group, Number]] = {}
        texts: dict[Need, str] = {}
        for each in fetches:
            sql, rows = self._fetch(each, seen)
            fetched |= roll_up(each, rows)
            texts |= dict.fromkeys(each.needs, sql)
        goals = self.goals()
        return [
            self._assemble(each, self._values(each, needs, fetched), self._definition(each, needs, texts), goals, today)
            for each, needs in zip(asked, wanted, strict=True)
        ]

    def goals(self) -> tuple[Goal, ...]:
        """All goals as they stand now, those of the Sheet first."""
        return (*self._typed_goals(), *self.settings.goals)

    def unavailable(self, metric_id: str) -> Notice | None:
        """Why a KPI cannot be computed: the first of its tables that is not there or is empty; None when it can."""
        metric = self.catalog.metrics[metric_id]
        tables = self._coverages(metric, self._current())
        if metric.fallback and any(table.missing for table in tables):
            return self.unavailable(metric.fallback)
        for table in tables:
            if table.first is None:
                return Notice(f"warning.table_{'missing' if table.missing else 'empty'}", {"table": table.table})
        return None

    def coverage(self, now: datetime) -> dict[str, Coverage]:
        """How far each table that is there reaches."""
        seen, today = self._current(), self.today(now)
        found = {name: self._table(name, seen) for name in self.catalog.models}
        return {name: as_of(table, today) for name, table in found.items() if not table.missing}

    def dimension_values(self, dimension: str) -> tuple[str | None, ...]:
        """Every value of a dimension in the tables that are there, sorted, rows without one last."""
        seen = self._current()
        if dimension not in seen.members:
            seen.members[dimension] = read_members(dimension, self.catalog, self.warehouse)
        return seen.members[dimension]

    def vocabulary(self) -> Vocabulary:
        """The words that questions may use; the values of a dimension are read when a question names it."""
        if self._vocabulary is None:
            from kpi_core.questions.vocabulary import build_vocabulary

            self._vocabulary = build_vocabulary(self.catalog, self.dimension_values)
        return self._vocabulary

    def today(self, now: datetime) -> date:
        """The local date of an aware instant."""
        return self.settings.calendar.today(now)

    def dimensions_of(self, metric: Metric) -> tuple[str, ...]:
        """The dimensions that every table of the metric has, in the first table's order."""
        tables = [self.catalog.models[name].dimensions for name in models_of(metric, self.catalog)]
        return tuple(name for name in tables[0] if all(name in table for table in tables)) if tables else ()

    def _ask(self, query: MetricQuery, seen: _Seen, today: date) -> Asked:
        metric = self.catalog.metrics[query.metric]
        if metric.fallback and any(table.missing for table in self._coverages(metric, seen)):
            return replace(self._ask(replace(query, metric=metric.fallback), seen, today), instead_of=metric)
        for dimension in (*query.dimensions, *(each.dimension for each in query.filters)):
            self._check_split(metric, dimension)
        coverages = tuple(as_of(table, today) for table in self._coverages(metric, seen))
        return ask(query, self.settings, self.catalog, coverages, today)

    def _with_goals(self, asked: Asked, now: datetime) -> Asked:
        """A question about goals is asked with what became of them in each of its periods."""
        if not asks_for_goals(asked.metric):
            return asked
        goals = [goal for goal in self.goals() if self._can_hold(goal)]
        held = held_goals(goals, (part.period for part in asked.slices()), self.catalog)
        counts = counted(held, self.answers([query for _goal, query in held], now), self.today(now))
        return replace(asked, context=replace(asked.context, goals=counts))

    def _can_hold(self, goal: Goal) -> bool:
        metric = self.catalog.metrics.get(goal.kpi)
        return metric is not None and goal.where.keys() <= set(self.dimensions_of(metric))

    def _check_split(self, metric: Metric, dimension: str) -> None:
        known = self.dimensions_of(metric)
        if dimension in known:
            return
        tables = models_of(metric, self.catalog)
        lacking = next((name for name in tables if dimension not in self.catalog.models[name].dimensions), metric.id)
        params = {"kpi": metric.name("en"), "dimension": dimension, "table": lacking, "known": ", ".join(known)}
        params["hint"] = "error.dimension_unavailable_hint" if known else "error.no_dimension_hint"
        hint = say("en", params["hint"], **params)
        raise QuestionError(
            say("en", "error.dimension_unavailable", **params),
            code="dimension_unavailable",
            hint=hint,
            suggestions=[f"{metric.id} by {name}" for name in known[:3]],
            params=params,
        )

    def _wanted(self, asked: Asked) -> Wanted:
        """What a question needs fetched; nothing when a table of it is missing or empty."""
        if not asked.readable:
            return {}
        return needed(layout_of(asked.metric, self.catalog), asked.slices(), asked.context)

    def _values(self, asked: Asked, wanted: Wanted, fetched: Mapping[Need, Mapping[Group, Number]]) -> Values:
        return Values(asked.context, layout_of(asked.metric, self.catalog), wanted, fetched)

    def _fetch(self, fetch: Fetch, seen: _Seen) -> tuple[str, list[Row]]:
        """The text of a query and its rows, out of a rollup where one can answer."""
        model = self.catalog.models[fetch.model]
        rollup = rolled_up(fetch, model, self._rollups(model, seen))
        if rollup is not model:
            # A load that has just swapped in its snapshot may have left this rollup out.
            with suppress(ServiceError):
                return self._read(fetch, rollup)
        return self._read(fetch, model)

    def _read(self, fetch: Fetch, source: Model) -> tuple[str, list[Row]]:
        sql = statement(fetch, source, self.warehouse.dialect)
        return sql, self.warehouse.rows(sql, parameters(fetch, source, self.settings.calendar))

    def _rollups(self, model: Model, seen: _Seen) -> Rollups:
        if seen.listed is None:
            read = partial(read_rollups, self.warehouse)
            seen.listed = self._learnt("rollups", seen.version, read) if seen.version else read()
        if model.name not in seen.rollups:
            seen.rollups[model.name] = rollups_of(model, seen.listed, self.settings.calendar)
        return seen.rollups[model.name]

    def _assemble(
        self, asked: Asked, values: Values, definition: Definition, goals: Sequence[Goal], today: date
    ) -> Answer:
        query, metric = asked.query, asked.metric
        value, parts = values.value(asked.whole()) if asked.readable else (None, dict.fromkeys(metric.inputs))
        trend = tuple(self._trend(asked, values))
        noise = noise_of(trend)
        split = break_down(asked, values) if query.dimensions and asked.readable else None
        goal = goal_for(metric, query, goals)
        return Answer(
            query=query,
            metric=metric,
            currency=self.settings.currency,
            complete=asked.complete,
            value=value,
            parts=parts,
            comparisons=tuple(change_of(each, asked, values, noise=noise) for each in asked.windows),
            goal=goal_state(goal, metric, value, asked.complete, query.period, today) if goal else None,
            breakdown=split.rows if split else () if query.dimensions else None,
            trend=trend,
            freshness=Freshness(asked.through, is_stale(asked.through, today)),
            warnings=notices_of(asked, parts, split, self.catalog, today),
            definition=definition,
        )

    def _trend(self, asked: Asked, values: Values) -> Iterable[TrendPoint]:
        for period in asked.trend:
            value = values.value(asked.of(period))[0] if asked.readable else None
            yield TrendPoint(period, value, period.last_day <= asked.complete_through)

    def _definition(self, asked: Asked, wanted: Wanted, texts: Mapping[Need, str]) -> Definition:
        """The receipt: formula, version, reading, and the text of the queries that this answer rests on."""
        sql = tuple(dict.fromkeys(texts[need] for need in _all(wanted)))
        metric = asked.metric
        return Definition(
            metric.formula, definition_version(metric, self.catalog), localized(metric.reading, "en"), sql
        )

    def _coverages(self, metric: Metric, seen: _Seen) -> tuple[Coverage, ...]:
        return tuple(self._table(name, seen) for name in models_of(metric, self.catalog))

    def _table(self, name: str, seen: _Seen) -> Coverage:
        if name not in seen.coverage:
            model, calendar = self.catalog.models[name], self.settings.calendar
            bases = [model, *(self.catalog.models[base] for base in model.reads)]
            key = f"{seen.version} {calendar!r} {bases!r}"
            read = partial(read_coverage, model, self.catalog, self.warehouse, calendar)
            seen.coverage[name] = self._learnt("coverage", key, read) if seen.version else read()
        return seen.coverage[name]

    def _learnt(self, name: str, key: str, read: Callable[[], Learnt]) -> Learnt:
        """What was read of the tables, kept for other processes while the data stays as it is."""
        return kept(name, f"{self.settings.folder.absolute()} {self.settings.warehouse} {key}", read)

    def _current(self) -> _Seen:
        """What is known of the present version of the data; without versions, nothing is taken over."""
        version = self.warehouse.version()
        with self._lock:
            if not version or version != self._seen.version:
                self._seen = _Seen(version)
            return self._seen


def _all(wanted: Wanted) -> Iterator[Need]:
    return (need for leaves in wanted.values() for needs in leaves for need in needs)
