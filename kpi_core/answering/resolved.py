"""A question with every run of days that its answer shows, and how far the tables behind it reach."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

from kpi_core.answering.known import lacking, lacking_filters
from kpi_core.answering.layout import (
    Context,
    Leaf,
    dimensions_of,
    is_of_other_days,
    leaves,
    models_of,
    time_dimensions_of,
)
from kpi_core.answering.spans import Slice
from kpi_core.answering.tables import Tables
from kpi_core.answering.verdicts.history import history_since
from kpi_core.answering.verdicts.past import NO_PAST, Past, past_of
from kpi_core.dates.calendars import Calendar
from kpi_core.dates.feasts import moved_feasts
from kpi_core.dates.periods import (
    Pairing,
    Period,
    cut_by,
    pair,
    previous,
    same_holiday,
    same_weekdays,
    trend_periods,
    year_ago,
)
from kpi_core.errors import QuestionError
from kpi_core.frozen_dataclass import frozen
from kpi_core.health.breaks import Break
from kpi_core.health.open_measures import OpenMeasure
from kpi_core.metrics import PARAMETERS, Catalog, Metric, Model
from kpi_core.phrases import Notice, say
from kpi_core.query import Comparison, Filter, MetricQuery
from kpi_core.settings.values import Settings
from kpi_core.sql.plan import Group
from kpi_core.sql.until_now import Clock
from kpi_core.warehouse.coverage import Coverage, data_through


@frozen
class Window:
    """What the value is held against: the whole other period, and the days of both that may be compared fairly."""

    basis: str
    period: Period
    pairing: Pairing | None
    remark: Notice | None = None
    """What makes the two unequal although the days are fair, such as a holiday that only one holds."""
    sound: bool = True
    """Whether the data of those days is whole, as far as anybody knows; else nothing is called better or worse."""
    past: Past = NO_PAST
    """What tells how far the KPI moves by itself between two such periods."""


@frozen
class Largest:
    """The groups with the highest values, of `total` in all."""

    groups: tuple[Group, ...]
    total: int


@frozen(eq=False)
class Ground:
    """What the questions about one metric by the same columns share, whatever their periods.

    `through` is the last day all tables have, `context.complete_through` the last one that is over and has data.
    """

    metric: Metric
    dimensions: tuple[str, ...]
    filters: tuple[Filter, ...]
    """As the tables spell their values."""
    coverages: tuple[Coverage, ...]
    through: date | None
    context: Context
    definitions: Catalog
    """The catalogue as it is written; that of `context` counts only what the data knows."""
    since: date | None
    """The day from which on the past may tell what is usual."""
    lacking: tuple[str, ...]
    """Columns, as `table.column`, that the metric or a filter needs and no source fills: then it has no value."""
    instead_of: Metric | None
    """The reading that was asked for, where its tables are missing and another one answers."""
    open_measures: tuple[OpenMeasure, ...]
    """The columns it reads whose youngest days still move."""
    readable: bool
    """Whether every table of the metric is there and has rows, and every column that it needs."""
    of_time: str
    """The dimension of the split that the time of rows tells; empty where none does. At most one leads."""
    of_other_days: tuple[Leaf, ...]
    """What is taken of other days than the asked ones: of the months before, of another period."""
    balances: Mapping[str, bool]
    """The models of which balances are read; whether nothing else is."""


@frozen
class Resolved:
    """A question on its ground, with every run of days that is read for it."""

    query: MetricQuery
    ground: Ground
    context: Context
    """The ground's, with the goals that a question about goals counts."""
    windows: tuple[Window, ...]
    trend: tuple[Period, ...]
    largest: Largest | None = None
    """The groups that stand apart, where they were picked before the split was fetched."""
    breaks: tuple[Break, ...] = ()
    """The days from which on what it reads means something else."""

    @property
    def metric(self) -> Metric:
        return self.ground.metric

    @property
    def coverages(self) -> tuple[Coverage, ...]:
        return self.ground.coverages

    @property
    def through(self) -> date | None:
        return self.ground.through

    @property
    def definitions(self) -> Catalog:
        return self.ground.definitions

    @property
    def lacking(self) -> tuple[str, ...]:
        return self.ground.lacking

    @property
    def instead_of(self) -> Metric | None:
        return self.ground.instead_of

    @property
    def open_measures(self) -> tuple[OpenMeasure, ...]:
        return self.ground.open_measures

    @property
    def complete_through(self) -> date:
        return self.context.complete_through

    @property
    def complete(self) -> bool:
        return self.query.period.last_day <= self.complete_through

    @property
    def readable(self) -> bool:
        return self.ground.readable

    def whole(self) -> Slice:
        """The rows of the asked period."""
        return self.of(self.query.period)

    def of(self, period: Period, *, split: bool = False) -> Slice:
        """The asked rows of a period, in groups with `split`."""
        if not split:
            return Slice(period, (), self.query.filters)
        chosen = self.largest.groups if self.largest else None
        return Slice(period, self.query.dimensions, self.query.filters, chosen)

    @property
    def of_time(self) -> str:
        return self.ground.of_time

    def split_periods(self) -> list[Period]:
        """The asked period and those it is compared with: the groups of an answer have rows in one of them."""
        others = [window.pairing.other for window in self.windows if window.pairing is not None]
        return [self.query.period, *others]

    def compared(self) -> Iterator[Period]:
        """The asked period, and the days of it and of others that are held against each other."""
        yield self.query.period
        for window in self.windows:
            if window.pairing is not None:
                yield from (window.pairing.current, window.pairing.other)

    def base_of(self, window: Window) -> Period | None:
        """The whole other period, where nothing of the asked one is complete yet: its value says what was usual."""
        over = window.pairing is None and window.period.last_day <= self.complete_through
        return window.period if over else None

    def slices(self) -> Iterator[Slice]:
        """All rows the answer needs: the trend and what is compared as totals, what is compared by group too."""
        compared = tuple(self.compared())
        bases = (base for window in self.windows if (base := self.base_of(window)) is not None)
        past = (period for window in self.windows for period in window.past.periods())
        # Most periods of the past are those of the trend, too.
        for period in dict.fromkeys((*compared, *bases, *self.trend, *past)):
            yield self.of(period)
        if self.query.dimensions:
            for period in compared:
                yield self.of(period, split=True)


def resolve(query: MetricQuery, settings: Settings, catalog: Catalog, tables: Tables, clock: Clock) -> Resolved:
    """Lay out a question. QuestionError for a split that its tables do not have.

    A metric whose tables are missing gives way to its fallback, where it has one.
    """
    return next(resolve_all([query], settings, catalog, tables, clock))


def resolve_all(
    queries: Iterable[MetricQuery], settings: Settings, catalog: Catalog, tables: Tables, clock: Clock
) -> Iterator[Resolved]:
    """Lay out questions, in their order; what does not go by the period once for all that share it."""
    grounds: dict[tuple[str, tuple[str, ...], tuple[Filter, ...]], Ground] = {}
    for query in queries:
        asked = (query.metric, query.dimensions, query.filters)
        ground = grounds.get(asked) or _ground(query, settings, catalog, tables, clock)
        yield _on(grounds.setdefault(asked, ground), query, settings.calendar)


def _ground(query: MetricQuery, settings: Settings, catalog: Catalog, tables: Tables, clock: Clock) -> Ground:
    known = tables.known
    metric = known.metrics[query.metric]
    coverages, today = tables.coverages(metric, clock), clock.today
    if (other := stands_in(metric, known, tables)) is not None:
        return replace(_ground(replace(query, metric=other.id), settings, catalog, tables, clock), instead_of=metric)
    for dimension in (*query.dimensions, *(clause.dimension for clause in query.filters)):
        _check_split(query, metric, dimension, tables, today)
    filters = tuple(map(tables.as_stored, query.filters))
    query = query if filters == query.filters else replace(query, filters=filters)
    through = data_through(coverages)
    through = min(through, today) if through else None
    yesterday = today - timedelta(days=1)
    coverage = {table.model: table for table in coverages}
    parameters = {**PARAMETERS, **settings.parameters}
    until = min(yesterday, through) if through else yesterday
    tables_read = models_of(metric, known)
    parts = leaves(metric, known)
    lacks = (*lacking(metric, known, tables.fills), *lacking_filters(query, metric, known, tables.fills))
    return Ground(
        metric,
        query.dimensions,
        query.filters,
        coverages,
        through,
        Context(known, settings.calendar, coverage, today, until, parameters),
        catalog,
        since=history_since(parts, known, coverage) if metric.direction != "neutral" else None,
        lacking=lacks,
        instead_of=None,
        open_measures=tuple(each for each in tables.open_measures if each.table in tables_read),
        readable=not lacks and all(table.first is not None for table in coverages),
        of_time=_of_time(query.dimensions, metric, known),
        of_other_days=tuple(filter(is_of_other_days, parts)),
        balances=_balances(parts, known),
    )


def _of_time(dimensions: Sequence[str], metric: Metric, catalog: Catalog) -> str:
    names = time_dimensions_of(metric, catalog) if dimensions else ()
    return next((name for name in dimensions if name in names), "")


def _balances(parts: Iterable[Leaf], catalog: Catalog) -> Mapping[str, bool]:
    kinds: dict[str, set[bool]] = {}
    for leaf in parts:
        kinds.setdefault(leaf.model, set()).add(catalog.models[leaf.model].measures[leaf.measure].last_per is not None)
    return {model: found == {True} for model, found in kinds.items() if True in found}


def _on(ground: Ground, query: MetricQuery, calendar: Calendar) -> Resolved:
    if (ground.metric.id, ground.filters) != (query.metric, query.filters):
        query = replace(query, metric=ground.metric.id, filters=ground.filters)
    windows = tuple(_windows(query, calendar, ground.context.complete_through, ground.since))
    trend = trend_periods(query.period, calendar, query.grain) if query.trended else ()
    trend = cut_by(trend, query.cut_by, calendar) if query.cut_by else trend
    return Resolved(query, ground, ground.context, windows, trend)


def stands_in(metric: Metric, catalog: Catalog, tables: Tables) -> Metric | None:
    """The reading that answers for one whose tables are missing, where its own are there."""
    if not metric.fallback or not any(table.missing for table in tables.coverages(metric)):
        return None
    other = catalog.metrics[metric.fallback]
    return None if any(table.missing for table in tables.coverages(other)) else other


def _check_split(query: MetricQuery, metric: Metric, dimension: str, tables: Tables, today: date) -> None:
    catalog = tables.known
    models = models_of(metric, catalog)
    names = dimensions_of(metric, catalog)

    def is_there(name: str) -> bool:
        return all(tables.has_column(catalog.models[model], name) for model in models)

    if (dimension in names and is_there(dimension)) or dimension in time_dimensions_of(metric, catalog):
        return
    possible = tuple(filter(is_there, names))
    lacking = next((name for name in models if not _has(catalog.models[name], dimension, tables)), metric.id)
    params = {"kpi": metric.name("en"), "dimension": dimension, "table": lacking, "known": ", ".join(possible)}
    params["hint"] = "error.dimension_unavailable_hint" if possible else "error.no_dimension_hint"
    hint = say("en", params["hint"], **params)
    raise QuestionError(
        say("en", "error.dimension_unavailable", **params),
        code="dimension_unavailable",
        hint=hint,
        suggestions=_other_splits(query, possible, today),
        params=params,
    )


def _has(model: Model, dimension: str, tables: Tables) -> bool:
    return dimension in model.dimensions and tables.has_column(model, dimension)


def _other_splits(query: MetricQuery, possible: Sequence[str], today: date) -> list[str]:
    """The same question by a dimension that there is; without the filters that cannot be."""
    from kpi_core.questions.spelled import can_be_asked, question_of

    kept = replace(query, filters=tuple(clause for clause in query.filters if clause.dimension in possible))
    over = query.period.end <= today
    return [question_of(kept, by=name, over=over) for name in possible[:3]] if can_be_asked(kept) else []


def _windows(query: MetricQuery, calendar: Calendar, complete_through: date, since: date | None) -> Iterator[Window]:
    """One for each comparison in the order asked; a goal is no period. Aligned ones that change nothing collapse.

    `since` is the day from which on the past may tell what is usual.
    """
    seen: list[tuple[date, date]] = []
    for comparison in query.comparisons:
        if comparison.basis == "goal":
            continue
        other, remark = _other(comparison, query.period, calendar)
        days = (other.start, other.end)
        if days in seen and comparison.basis in ("same_weekdays", "same_holiday"):
            continue
        seen.append(days)
        pairing = pair(query.period, other, complete_through)
        if remark is None and not (other.feast and other.feast == query.period.feast):
            remark = _moved(comparison.basis, pairing, calendar)
        yield Window(comparison.basis, other, pairing, remark, past=past_of(pairing, since, calendar))


def _other(comparison: Comparison, period: Period, calendar: Calendar) -> tuple[Period, Notice | None]:
    """The period to hold another against; a remark where the wish could not be met."""
    match comparison.basis:
        case "previous_period":
            return previous(period, calendar), None
        case "same_weekdays":
            return same_weekdays(period), None
        case "same_holiday":
            aligned = same_holiday(period, calendar)
            return aligned or year_ago(period, calendar), None if aligned else Notice("notice.no_moving_holiday")
        case "period":
            assert comparison.period is not None
            return comparison.period, None
        case _:
            return year_ago(period, calendar), None


def _moved(basis: str, pairing: Pairing | None, calendar: Calendar) -> Notice | None:
    """The holiday that makes a year ago a poor measure: more of its days lie in the one period than in the other."""
    if pairing is None or basis not in ("year_ago", "same_weekdays") or calendar.holidays is None:
        return None
    one, other = ((each.start, each.end) for each in (pairing.current, pairing.other))
    for name, here, there in moved_feasts(one, other, calendar):
        days = {"start": here[0], "end": here[1] - timedelta(days=1)}
        days |= {"other_start": there[0], "other_end": there[1] - timedelta(days=1)}
        return Notice("notice.holiday_moved", {"feast": name} | {which: day.isoformat() for which, day in days.items()})
    return None
