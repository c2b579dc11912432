"""Formulas on fetched measures: what a metric needs, and what it is worth in some period and group."""

from __future__ import annotations

import calendar as gregorian
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import lru_cache, partial
from operator import itemgetter
from typing import NamedTuple

from kpi_core.calendars import Calendar
from kpi_core.coverage import Coverage
from kpi_core.formula import Formula, Value, parse_formula
from kpi_core.metrics import (
    GOAL,
    NO_TABLES,
    PARAMETER,
    PERIOD,
    Catalog,
    Input,
    Matures,
    Metric,
    MetricFilter,
    Model,
    Offset,
)
from kpi_core.periods import Period, add_months, pair, previous, year_ago
from kpi_core.plan import Days, Group, Need, Number
from kpi_core.query import Filter

_ZERO_WITHOUT_ROWS = frozenset({"sum", "count", "count_distinct"})
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Leaf:
    """A measure at the bottom of a metric, and of which days and rows it is taken.

    `where` keeps only groups in which another measure is above 0. `offset` takes another period than the asked one,
    `beside` the days of the asked one that may fairly stand beside such another, `trailing_months` the months up to
    its end.
    """

    model: str
    measure: str
    where: MetricFilter | None = None
    offset: Offset | None = None
    beside: Offset | None = None
    trailing_months: int | None = None


@dataclass(frozen=True, slots=True)
class Slice:
    """The rows asked about: a period, split by dimensions, kept by filters."""

    period: Period
    dimensions: tuple[str, ...] = ()
    filters: tuple[Filter, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Context:
    """What the days of a question depend on: definitions, calendar, how far the data reaches, the firm's numbers."""

    catalog: Catalog
    calendar: Calendar
    coverage: Mapping[str, Coverage]
    complete_through: date
    parameters: Mapping[str, float] = field(default_factory=dict)
    goals: Mapping[Period, Mapping[str, float]] = field(default_factory=dict)
    """Per period, how many goals were `met`, of how many `held`; only for metrics that ask."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a formula reads: a number for each leaf of the metric, in some period."""

    numbers: Sequence[Value]
    period: Period
    context: Context


Term = Callable[[Reading], Value]


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """A metric laid out once for many evaluations: its leaves, its parts over them, its formula over those."""

    leaves: tuple[Leaf, ...]
    parts: Mapping[str, Term]
    formula: Callable[[Mapping[str, Value]], Value]

    def evaluate(self, reading: Reading) -> tuple[Value, dict[str, Value]]:
        """The metric's value and those of its inputs. None wherever data is missing or a divisor is 0."""
        parts = {name: part(reading) for name, part in self.parts.items()}
        return self.formula(parts), parts


@lru_cache(maxsize=4096)
def formula_of(text: str) -> Formula:
    return parse_formula(text)


def leaves(metric: Metric, catalog: Catalog) -> tuple[Leaf, ...]:
    """Every measure a metric is made of, in the order of its formula."""
    return layout_of(metric, catalog).leaves


def layout_of(metric: Metric, catalog: Catalog) -> Layout:
    """A metric of a catalogue, laid out."""
    return _known(metric.id, catalog) if catalog.metrics.get(metric.id) is metric else _laid_out(metric, catalog)


@lru_cache(maxsize=1024)
def _known(metric: str, catalog: Catalog) -> Layout:
    return _laid_out(catalog.metrics[metric], catalog)


def _laid_out(metric: Metric, catalog: Catalog) -> Layout:
    places: dict[Leaf, int] = {}
    parts = _parts(metric, catalog, None, places)
    return Layout(tuple(places), parts, formula_of(metric.formula).bound(itemgetter))


def _parts(metric: Metric, catalog: Catalog, around: Input | None, places: dict[Leaf, int]) -> dict[str, Term]:
    """Each input as a function. `places` gets a number for each leaf met."""

    def term_in(each: Input, name: str) -> Term:
        model, dot, measure = name.partition(".")
        if not dot:
            return _nested(catalog.metrics[name], catalog, each, places)
        if model in NO_TABLES:
            return _TERMS[model](measure)
        place = places.setdefault(_leaf(model, measure, each, metric), len(places))
        return lambda reading: reading.numbers[place]

    return {each.name: formula_of(each.expression).bound(partial(term_in, each)) for each in _inputs(metric, around)}


def _nested(metric: Metric, catalog: Catalog, around: Input, places: dict[Leaf, int]) -> Term:
    """A metric inside another one."""
    parts = _parts(metric, catalog, around, places)
    formula: Callable[[Mapping[str, Value]], Value] = formula_of(metric.formula).bound(itemgetter)
    return lambda reading: formula({name: part(reading) for name, part in parts.items()})


_TERMS: Mapping[str, Callable[[str], Term]] = {
    PERIOD: lambda unit: lambda reading: _length(reading.period, unit, reading.context),
    PARAMETER: lambda name: lambda reading: reading.context.parameters.get(name),
    GOAL: lambda name: lambda reading: reading.context.goals.get(reading.period, {}).get(name),
}
"""What a formula may name besides measures and metrics."""


def asks_for_goals(metric: Metric) -> bool:
    """Whether the metric counts goals."""
    names = (name for each in metric.inputs.values() for name in formula_of(each.expression).names)
    return any(name.startswith(f"{GOAL}.") for name in names)


def models_of(metric: Metric, catalog: Catalog) -> tuple[str, ...]:
    """The models a metric reads."""
    found = []
    for leaf in leaves(metric, catalog):
        found.append(leaf.model)
        if leaf.where:
            found.append(leaf.where.above_zero.partition(".")[0])
    return tuple(dict.fromkeys(found))


def _inputs(metric: Metric, around: Input | None) -> Iterator[Input]:
    """A metric's inputs; inside an input that is taken of another period they are, too."""
    for each in metric.inputs.values():
        if around is None or (around.offset is None and around.trailing_months is None):
            yield each
        else:
            yield replace(each, offset=around.offset, trailing_months=around.trailing_months)


def _leaf(model: str, measure: str, each: Input, metric: Metric) -> Leaf:
    beside = None if each.offset else next((other.offset for other in metric.inputs.values() if other.offset), None)
    return Leaf(model, measure, each.where, each.offset, beside, each.trailing_months)


def _length(period: Period, unit: str, context: Context) -> Value:
    """How long the elapsed part of a period is, in days or in months (each day a part of its own month)."""
    end = min(period.end, context.complete_through + _ONE_DAY)
    days = [period.start + timedelta(days=n) for n in range((end - period.start).days)]
    if not days:
        return None
    if unit == "days":
        return float(len(days))
    lengths: dict[tuple[int, int], int] = {}
    for day in days:
        lengths[day.year, day.month] = lengths.get((day.year, day.month), 0) + 1
    return sum(count / gregorian.monthrange(year, month)[1] for (year, month), count in lengths.items())


def days_of(leaf: Leaf, period: Period, context: Context) -> Days | None:
    """The days of which a leaf is taken when a period is asked; None when none of them can be known yet."""
    model = context.catalog.models[leaf.model]
    chosen = _chosen(leaf, period, context)
    if chosen is None:
        return None
    start, end = _mature(chosen, model, leaf, context)
    if model.measures[leaf.measure].spread:
        # A month's budget is compared with what the elapsed part of it should have taken.
        end = min(end, context.complete_through + _ONE_DAY)
    if model.measures[leaf.measure].at is not None:
        # The state at an end that lies ahead is the state at the end of the data.
        last = context.coverage[leaf.model].last
        end = min(end, last + _ONE_DAY) if last else end
    return (start, end) if start < end else None


def _chosen(leaf: Leaf, period: Period, context: Context) -> Days | None:
    basis = leaf.offset or leaf.beside
    if basis is not None:
        other = (previous if basis == "previous_period" else year_ago)(period, context.calendar)
        pairing = pair(period, other, context.complete_through)
        if pairing is None:
            return None
        period = pairing.other if leaf.offset else pairing.current
    if leaf.trailing_months is not None:
        end = min(period.end, context.complete_through + _ONE_DAY)
        return add_months(end, -leaf.trailing_months), end
    return period.start, period.end


def _mature(days: Days, model: Model, leaf: Leaf, context: Context) -> Days:
    """Only days whose outcome is known, where the measure leaves the others out."""
    matures = model.measures[leaf.measure].matures
    if matures is None or matures.keep:
        return days
    return days[0], min(days[1], known_until(matures, context))


def known_until(matures: Matures, context: Context) -> date:
    """The day from which on outcomes are not known yet: N days, or N whole months, after it are not complete."""
    after = context.complete_through + _ONE_DAY
    if matures.months:
        return add_months(after.replace(day=1), -matures.months)
    return after - timedelta(days=matures.days)


Needs = tuple[Need, ...]
"""What one leaf takes: itself first, then the measure it is filtered by; empty when none of its days are known yet."""


def needs_of(leaf: Leaf, asked: Slice, days: Days | None) -> Needs:
    """What must be fetched for a leaf: itself, by the filtering dimension too, and the measure it is filtered by."""
    if days is None:
        return ()
    if leaf.where is None:
        return (Need(leaf.model, leaf.measure, days, asked.dimensions, asked.filters),)
    model, _, measure = leaf.where.above_zero.partition(".")
    own = Need(leaf.model, leaf.measure, days, _with(asked.dimensions, leaf.where.by), asked.filters)
    return own, Need(model, measure, days, (leaf.where.by,))


def needed(layout: Layout, slices: Iterable[Slice], context: Context) -> dict[Slice, tuple[Needs, ...]]:
    """What must be fetched for some slices of a metric: of each, the needs of every leaf."""
    wanted: dict[Slice, tuple[Needs, ...]] = {}
    days: dict[Period, list[Days | None]] = {}
    for each in slices:
        if each not in wanted:
            known = days.get(each.period)
            if known is None:
                known = days[each.period] = [days_of(leaf, each.period, context) for leaf in layout.leaves]
            wanted[each] = tuple(needs_of(leaf, each, own) for leaf, own in zip(layout.leaves, known, strict=True))
    return wanted


def _with(dimensions: tuple[str, ...], by: str) -> tuple[str, ...]:
    return dimensions if by in dimensions else (*dimensions, by)


class _Column(NamedTuple):
    """The numbers of one leaf in one slice. `empty` is what no rows mean, `known` whether the table has those days."""

    found: Mapping[Group, Number]
    known: bool
    empty: Value


@dataclass(frozen=True, slots=True)
class Values:
    """Fetched measures, read in the context of one question."""

    context: Context
    layout: Layout
    wanted: Mapping[Slice, tuple[Needs, ...]]
    fetched: Mapping[Need, Mapping[Group, Number]]
    _columns: dict[Slice, list[_Column]] = field(default_factory=dict)

    def groups(self, asked: Slice) -> set[Group]:
        """The groups that have rows in any measure of the metric."""
        return {group for column in self._columns_of(asked) for group in column.found}

    def value(self, asked: Slice, group: Group = ()) -> tuple[Value, dict[str, Value]]:
        return self.sum_of(asked, (group,))

    def sum_of(self, asked: Slice, groups: Sequence[Group]) -> tuple[Value, dict[str, Value]]:
        """The metric over several groups together: measures are added up first, the formula comes last."""
        numbers = [_sum(column, groups) for column in self._columns_of(asked)]
        return self.layout.evaluate(Reading(numbers, asked.period, self.context))

    def _columns_of(self, asked: Slice) -> list[_Column]:
        columns = self._columns.get(asked)
        if columns is None:
            pairs = zip(self.layout.leaves, self.wanted[asked], strict=True)
            columns = self._columns[asked] = [self._column(leaf, needs, asked) for leaf, needs in pairs]
        return columns

    def _column(self, leaf: Leaf, needs: Needs, asked: Slice) -> _Column:
        if not needs:
            return _Column({}, known=False, empty=None)
        measure = self.context.catalog.models[leaf.model].measures[leaf.measure]
        empty = 0.0 if measure.agg in _ZERO_WITHOUT_ROWS and measure.without_values == "zero" else None
        found = self.fetched[needs[0]]
        if leaf.where is not None:
            found = self._where_above_zero(leaf.where, needs, asked)
        return _Column(found, self.context.coverage[leaf.model].holds(needs[0].days), empty)

    def _where_above_zero(self, where: MetricFilter, needs: Needs, asked: Slice) -> Mapping[Group, Number]:
        """The leaf's numbers, of groups in which the filtering measure is above 0."""
        own, other = (self.fetched[need] for need in needs)
        above = {group for group, number in other.items() if number is not None and number > 0}
        place = _with(asked.dimensions, where.by).index(where.by)
        kept: dict[Group, Number] = {}
        for group, number in own.items():
            if (group[place],) in above and number is not None:
                shown = group[: len(asked.dimensions)]
                kept[shown] = number + (kept.get(shown) or 0)  # type: ignore[operator]  # one column, one type
        return kept


def _sum(column: _Column, groups: Sequence[Group]) -> Value:
    """The number of a leaf over some groups: None without data, what no rows mean where none of them has any."""
    if not column.known:
        return None
    found = [float(number) for group in groups if (number := column.found.get(group)) is not None]
    return sum(found) if found else column.empty
