"""A metric laid out: the measures at its bottom, its parts over them, its formula over those."""

from __future__ import annotations

import calendar as gregorian
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from datetime import date, timedelta
from functools import lru_cache, partial, wraps
from operator import itemgetter
from typing import TypeVar

from kpi_core.dates.calendars import Calendar
from kpi_core.dates.periods import Period
from kpi_core.formula import Value, divisor_of, formula_of
from kpi_core.frozen_dataclass import frozen
from kpi_core.metrics import (
    CLOCK,
    GOAL,
    HOUR,
    NO_TABLES,
    PARAMETER,
    PERIOD,
    Catalog,
    Input,
    Metric,
    MetricFilter,
    Model,
    Offset,
    Shares,
    Taken,
)
from kpi_core.sql.rows import columns_behind
from kpi_core.warehouse.coverage import Coverage

ONE_DAY = timedelta(days=1)
KNOWN = "__known__"
"""Within the name of a measure that counts only the rows in which the columns named behind it are known."""


@frozen
class Leaf:
    """A measure at the bottom of a metric, and of which days and rows it is taken.

    `where` keeps only groups in which another measure is above 0. `offset` takes another period than the asked one,
    `beside` the days of the asked one that may fairly stand beside such another, `trailing_months` the months up to
    its end. `taken` moves the days by fixed lengths of time, one step after the other; `over` leaves out days that are
    not over, for others stand beside them that are.
    """

    model: str
    measure: str
    where: MetricFilter | None = None
    offset: Offset | None = None
    beside: Offset | None = None
    trailing_months: int | None = None
    taken: tuple[Taken, ...] = ()
    over: bool = False


@frozen(eq=False)
class Context:
    """What the days of a question depend on: definitions, calendar, how far the data reaches, the firm's numbers."""

    catalog: Catalog
    calendar: Calendar
    coverage: Mapping[str, Coverage]
    today: date
    complete_through: date
    parameters: Mapping[str, float] = field(default_factory=dict)
    goals: Mapping[Period, Mapping[str, float]] = field(default_factory=dict)
    """Per period, how many goals were `met`, of how many `held`; only for metrics that ask."""


@frozen
class Reading:
    """What a formula reads: a number for each leaf of the metric, in some period."""

    numbers: Sequence[Value]
    period: Period
    context: Context


Term = Callable[[Reading], Value]


@frozen(eq=False)
class Layout:
    """A metric laid out once for many evaluations: its leaves, its parts over them, its formula over those."""

    leaves: tuple[Leaf, ...]
    parts: Mapping[str, Term]
    formula: Callable[[Mapping[str, Value]], Value]
    shares: Mapping[str, tuple[int, int]]
    """By model: the places of the leaves that count its rows, and those in which the metric's columns are known."""
    known_rows: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    """By model: the places of the leaves that are taken of the rows of these days in which the columns are known."""

    def evaluate(self, reading: Reading) -> tuple[Value, dict[str, Value]]:
        """The metric's value and those of its inputs. None wherever data is missing or a divisor is 0."""
        parts = {name: part(reading) for name, part in self.parts.items()}
        return self.formula(parts), parts


def share_columns(metric: Metric, model: str, catalog: Catalog) -> tuple[str, ...]:
    """The partly filled columns, as `table.column`, for which a metric counts only the known rows of a model."""
    return next((share.columns for name, share in _shares(metric, catalog) if name == model), ())


def leaves(metric: Metric, catalog: Catalog) -> tuple[Leaf, ...]:
    """Every measure a metric is made of, in the order of its formula."""
    return layout_of(metric, catalog).leaves


Fact = TypeVar("Fact")


def _once(work: Callable[[Metric, Catalog], Fact]) -> Callable[[Metric, Catalog], Fact]:
    """What is worked out once for each metric of a catalogue; for a metric that stands in none, each time."""

    @lru_cache(maxsize=1024)
    def of_its_own(metric: str, catalog: Catalog) -> Fact:
        return work(catalog.metrics[metric], catalog)

    @wraps(work)
    def cached(metric: Metric, catalog: Catalog) -> Fact:
        return of_its_own(metric.id, catalog) if catalog.metrics.get(metric.id) is metric else work(metric, catalog)

    return cached


@lru_cache(maxsize=256)
def filter_layout(where: MetricFilter, catalog: Catalog) -> Layout:
    """The number that groups are filtered by: a KPI, or one measure."""
    model, dot, measure = where.metric.partition(".")
    if not dot:
        return layout_of(catalog.metrics[where.metric], catalog)
    return Layout((Leaf(model, measure),), {"": lambda reading: reading.numbers[0]}, itemgetter(""), {})


@_once
def layout_of(metric: Metric, catalog: Catalog) -> Layout:
    """A metric of a catalogue, laid out."""
    places: dict[Leaf, int] = {}
    parts = _parts(metric, catalog, _Around(), places)
    formula = _formula(metric)
    shares = {
        model: (
            places.setdefault(Leaf(model, share.rows), len(places)),
            places.setdefault(Leaf(model, share.filled), len(places)),
        )
        for model, share in _shares(metric, catalog)
    }
    known_rows = {
        model: tuple(_taken_of(tuple(places), counter, catalog)) for model, (_rows, counter) in shares.items()
    }
    return Layout(tuple(places), parts, formula, shares, known_rows)


def _taken_of(all_leaves: Sequence[Leaf], counter: int, catalog: Catalog) -> Iterator[int]:
    """The leaves that count the same rows as the one at the place `counter` does, on the same days."""
    counted = all_leaves[counter]
    rows = counted.measure[counted.measure.index(KNOWN) :]
    balances = {name for name, measure in catalog.models[counted.model].measures.items() if measure.last_per}
    for place, leaf in enumerate(all_leaves):
        # A balance may be that of a day before.
        is_balance = leaf.measure.partition(KNOWN)[0] in balances
        is_of_other_days = leaf.offset is not None or leaf.trailing_months is not None or leaf.taken or is_balance
        if place != counter and leaf.model == counted.model and leaf.measure.endswith(rows) and not is_of_other_days:
            yield place


def _formula(metric: Metric) -> Callable[[Mapping[str, Value]], Value]:
    """The formula over the parts; growth on a negative base is a share of how far that lies from 0."""
    formula: Callable[[Mapping[str, Value]], Value] = formula_of(metric.formula).bound(itemgetter)
    base = divisor_of(formula_of(metric.formula))
    if base is None or base not in metric.inputs or not _is_earlier(metric.inputs[base]):
        return formula

    def growth(parts: Mapping[str, Value]) -> Value:
        value, divisor = formula(parts), parts[base]
        # The sign as arithmetic, for the parts may be numbers that the database has; over 0 there is no value.
        return None if value is None or divisor is None else value * (divisor / abs(divisor))

    return growth


def _is_earlier(part: Input) -> bool:
    return part.offset is not None or (part.taken is not None and part.taken.offset_window is not None)


def _shares(metric: Metric, catalog: Catalog) -> Iterator[tuple[str, Shares]]:
    """Those of the metric and of the metrics inside it."""
    for part in metric.inputs.values():
        for name in formula_of(part.expression).names:
            if "." not in name:
                yield from _shares(catalog.metrics[name], catalog)
    yield from metric.shares.items()


@frozen
class _Around:
    """What the inputs that a metric stands in say of its days, the outermost first."""

    offset: Offset | None = None
    trailing_months: int | None = None
    taken: tuple[Taken, ...] = ()
    over: bool = False

    def within(self, part: Input, metric: Metric) -> _Around:
        """What an input of a metric adds to it."""
        taken = (*self.taken, part.taken) if part.taken else self.taken
        lengths = {other.taken.offset_window if other.taken else None for other in metric.inputs.values()}
        over = self.over or len(lengths) > 1
        if self.offset is not None or self.trailing_months is not None:
            return replace(self, taken=taken, over=over)
        return _Around(part.offset, part.trailing_months, taken, over)


def _parts(metric: Metric, catalog: Catalog, around: _Around, places: dict[Leaf, int]) -> dict[str, Term]:
    """Each input as a function. `places` gets a number for each leaf met."""

    def term_in(part: Input, name: str) -> Term:
        model, dot, measure = name.partition(".")
        inside = around.within(part, metric)
        if not dot:
            return _nested(catalog.metrics[name], catalog, inside, places)
        if model in NO_TABLES:
            return _TERMS[model](measure)
        place = places.setdefault(_leaf(model, measure, part, metric, inside), len(places))
        return lambda reading: reading.numbers[place]

    return {
        part.name: _filled(part, formula_of(part.expression).bound(partial(term_in, part)))
        for part in metric.inputs.values()
    }


def _filled(part: Input, term: Term) -> Term:
    """The input, with what stands for no data in a period that has begun."""
    number = part.fill_nulls_with
    if number is None:
        return term

    def filled(reading: Reading) -> Value:
        value = term(reading)
        if reading.period.start > reading.context.today:
            return value
        return or_else(value, number)

    return filled


def or_else(value: Value, number: float) -> Value:
    """The number where there is no value; a column that the database has finds out there."""
    if value is None:
        return number
    return value if isinstance(value, int | float) else value.or_else(number)


def _nested(metric: Metric, catalog: Catalog, around: _Around, places: dict[Leaf, int]) -> Term:
    """A metric inside another one."""
    parts = _parts(metric, catalog, around, places)
    formula = _formula(metric)
    return lambda reading: formula({name: part(reading) for name, part in parts.items()})


_TERMS: Mapping[str, Callable[[str], Term]] = {
    PERIOD: lambda unit: lambda reading: _length(reading.period, unit, reading.context),
    PARAMETER: lambda name: lambda reading: reading.context.parameters.get(name),
    GOAL: lambda name: lambda reading: reading.context.goals.get(reading.period, {}).get(name),
}
"""What a formula may name besides measures and metrics."""


def asks_for_goals(metric: Metric) -> bool:
    """Whether the metric counts goals."""
    names = (name for part in metric.inputs.values() for name in formula_of(part.expression).names)
    return any(name.startswith(f"{GOAL}.") for name in names)


@_once
def models_of(metric: Metric, catalog: Catalog) -> tuple[str, ...]:
    """The models a metric reads."""
    found = []
    for leaf in leaves(metric, catalog):
        found.append(leaf.model)
        if leaf.where:
            found += [other.model for other in filter_layout(leaf.where, catalog).leaves]
    return tuple(dict.fromkeys(found))


@_once
def dimensions_of(metric: Metric, catalog: Catalog) -> tuple[str, ...]:
    """The dimensions that every table at the bottom of the metric has, in the first table's order."""
    tables = [catalog.models[name].dimensions for name in models_of(metric, catalog)]
    dated = _of_their_time(metric, catalog)
    return (
        tuple(name for name in tables[0] if name not in dated and all(name in table for table in tables))
        if tables
        else ()
    )


@_once
def time_dimensions_of(metric: Metric, catalog: Catalog) -> tuple[str, ...]:
    """What the time of rows tells of all measures: the hour, the weekday, what a table of days says.

    Not where a part is taken of other days than the asked ones: it would stand beside their hours and weekdays.
    """
    shared: list[set[str]] = []
    for leaf in leaves(metric, catalog):
        model = catalog.models[leaf.model]
        measure = model.measures[leaf.measure]
        if is_of_other_days(leaf) or measure.joined or measure.last_per is not None:
            return ()
        by_date = model.time_type(model.time_of(measure)) == "date"
        told = {*CLOCK, *model.calendars} - ({HOUR} if by_date else set())
        shared.append({name for name in told if model.told_by_time(name)})
    names = set.intersection(*shared) if shared else set()
    return (*(name for name in CLOCK if name in names), *sorted(names.difference(CLOCK)))


def is_of_other_days(leaf: Leaf) -> bool:
    """Whether a part is taken of other days than the asked ones."""
    return bool(leaf.offset or leaf.trailing_months or leaf.taken)


def _reads_time(dimension: str, model: Model) -> bool:
    """Whether a computed dimension goes by what dates a row: of other days it would tell of those."""
    read = columns_behind(model, dimension)
    return any(read & columns_behind(model, time) for time in model.all_times())


def _of_their_time(metric: Metric, catalog: Catalog) -> set[str]:
    """The dimensions that are told by the date of a row, where rows meet the asked days by more than one."""
    dated: set[str] = set()
    for leaf in leaves(metric, catalog):
        model = catalog.models[leaf.model]
        measure = model.measures[leaf.measure]
        if measure.at is not None or measure.spread:
            dated |= {name for name, lookup in model.lookups.items() if lookup.of_its_time}
        if is_of_other_days(leaf):
            dated |= {name for name in model.dimensions if model.is_computed(name) and _reads_time(name, model)}
    return dated


def _leaf(model: str, measure: str, part: Input, metric: Metric, around: _Around) -> Leaf:
    # Beside what is taken of another period of a kind stands as much of the asked one as is fair.
    beside = None if around.offset else next((each.offset for each in metric.inputs.values() if each.offset), None)
    return Leaf(model, measure, part.where, around.offset, beside, around.trailing_months, around.taken, around.over)


def _length(period: Period, unit: str, context: Context) -> Value:
    """How long the elapsed part of a period is, in days or in months (each day a part of its own month)."""
    end = min(period.end, context.complete_through + ONE_DAY)
    days = [period.start + timedelta(days=n) for n in range((end - period.start).days)]
    if not days:
        return None
    if unit == "days":
        return float(len(days))
    lengths: dict[tuple[int, int], int] = {}
    for day in days:
        lengths[day.year, day.month] = lengths.get((day.year, day.month), 0) + 1
    return sum(count / gregorian.monthrange(year, month)[1] for (year, month), count in lengths.items())
