"""Formulas on fetched measures: what a metric needs, and what it is worth in some period and group."""

from __future__ import annotations

import calendar as gregorian
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import lru_cache

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


Look = Callable[[Leaf], Value]


@lru_cache(maxsize=4096)
def formula_of(text: str) -> Formula:
    return parse_formula(text)


def leaves(metric: Metric, catalog: Catalog) -> tuple[Leaf, ...]:
    """Every measure a metric is made of, in the order of its formula."""
    return tuple(dict.fromkeys(_leaves(metric, catalog, None)))


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


def _leaves(metric: Metric, catalog: Catalog, around: Input | None) -> Iterator[Leaf]:
    for each in _inputs(metric, around):
        for name in formula_of(each.expression).names:
            model, dot, measure = name.partition(".")
            if not dot:
                yield from _leaves(catalog.metrics[name], catalog, each)
            elif model not in NO_TABLES:
                yield _leaf(model, measure, each, metric)


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


def evaluate(
    metric: Metric, context: Context, period: Period, look: Look, around: Input | None = None
) -> tuple[Value, dict[str, Value]]:
    """The metric's value and those of its inputs. None wherever data is missing or a divisor is 0."""
    catalog = context.catalog

    def value_of(each: Input) -> Value:
        def reference(name: str) -> Value:
            model, dot, measure = name.partition(".")
            if not dot:
                return evaluate(catalog.metrics[name], context, period, look, each)[0]
            if model == PERIOD:
                return _length(period, measure, context)
            if model == PARAMETER:
                return context.parameters.get(measure)
            if model == GOAL:
                return context.goals.get(period, {}).get(measure)
            return look(_leaf(model, measure, each, metric))

        return formula_of(each.expression).evaluate(reference)

    parts = {each.name: value_of(each) for each in _inputs(metric, around)}
    return formula_of(metric.formula).evaluate(parts.__getitem__), parts


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


def needs_of(leaf: Leaf, asked: Slice, context: Context) -> Iterator[Need]:
    """What must be fetched for a leaf: itself, by the filtering dimension too, and the measure it is filtered by."""
    days = days_of(leaf, asked.period, context)
    if days is None:
        return
    if leaf.where is None:
        yield Need(leaf.model, leaf.measure, days, asked.dimensions, asked.filters)
        return
    yield Need(leaf.model, leaf.measure, days, _with(asked.dimensions, leaf.where.by), asked.filters)
    model, _, measure = leaf.where.above_zero.partition(".")
    yield Need(model, measure, days, (leaf.where.by,))


def _with(dimensions: tuple[str, ...], by: str) -> tuple[str, ...]:
    return dimensions if by in dimensions else (*dimensions, by)


@dataclass(frozen=True, slots=True)
class Values:
    """Fetched measures, read in the context of one question."""

    context: Context
    fetched: Mapping[Need, Mapping[Group, Number]]
    _grouped: dict[tuple[Leaf, Slice], Mapping[Group, Number]] = field(default_factory=dict)

    def groups(self, metric: Metric, asked: Slice) -> set[Group]:
        """The groups that have rows in any measure of the metric."""
        return {group for leaf in leaves(metric, self.context.catalog) for group in self._by_group(leaf, asked)}

    def value(self, metric: Metric, asked: Slice, group: Group = ()) -> tuple[Value, dict[str, Value]]:
        return self.sum_of(metric, asked, (group,))

    def sum_of(self, metric: Metric, asked: Slice, groups: Iterable[Group]) -> tuple[Value, dict[str, Value]]:
        """The metric over several groups together: measures are added up first, the formula comes last."""
        wanted = tuple(groups)

        def look(leaf: Leaf) -> Value:
            days = days_of(leaf, asked.period, self.context)
            if days is None or not self.context.coverage[leaf.model].holds(days):
                return None
            found = self._by_group(leaf, asked)
            numbers = [float(number) for group in wanted if (number := found.get(group)) is not None]
            if numbers:
                return sum(numbers)
            measure = self.context.catalog.models[leaf.model].measures[leaf.measure]
            return 0.0 if measure.agg in _ZERO_WITHOUT_ROWS and measure.without_values == "zero" else None

        return evaluate(metric, self.context, asked.period, look)

    def _by_group(self, leaf: Leaf, asked: Slice) -> Mapping[Group, Number]:
        if leaf.where is None:
            return next((self.fetched[need] for need in needs_of(leaf, asked, self.context)), {})
        key = (leaf, asked)
        if key not in self._grouped:
            self._grouped[key] = self._where_above_zero(leaf, leaf.where, asked)
        return self._grouped[key]

    def _where_above_zero(self, leaf: Leaf, where: MetricFilter, asked: Slice) -> Mapping[Group, Number]:
        """The leaf's numbers, of groups in which the filtering measure is above 0."""
        needs = tuple(needs_of(leaf, asked, self.context))
        if not needs:
            return {}
        own, other = (self.fetched[need] for need in needs)
        above = {group for group, number in other.items() if number is not None and number > 0}
        place = _with(asked.dimensions, where.by).index(where.by)
        kept: dict[Group, Number] = {}
        for group, number in own.items():
            if (group[place],) in above and number is not None:
                shown = group[: len(asked.dimensions)]
                kept[shown] = number + (kept.get(shown) or 0)  # type: ignore[operator]  # one column, one type
        return kept
