"""Formulas on fetched measures: what a metric needs, and what it is worth for some days and one group."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from kpi_core.coverage import Coverage
from kpi_core.formula import Formula, Value, parse_formula
from kpi_core.metrics import Catalog, Metric, MetricFilter
from kpi_core.plan import Days, Group, Need, Number
from kpi_core.query import Filter

_ZERO_WITHOUT_ROWS = frozenset({"sum", "count", "count_distinct"})


@dataclass(frozen=True, slots=True)
class Leaf:
    """A measure at the bottom of a metric; with `where`, only in groups in which another measure is above 0."""

    model: str
    measure: str
    where: MetricFilter | None = None


@dataclass(frozen=True, slots=True)
class Slice:
    """The rows asked about: some days, split by dimensions, kept by filters."""

    days: Days
    dimensions: tuple[str, ...] = ()
    filters: tuple[Filter, ...] = ()


Look = Callable[[Leaf], Value]


@lru_cache(maxsize=4096)
def formula_of(text: str) -> Formula:
    return parse_formula(text)


def leaves(metric: Metric, catalog: Catalog) -> tuple[Leaf, ...]:
    """Every measure a metric is made of, in the order of its formula."""
    return tuple(dict.fromkeys(_leaves(metric, catalog)))


def models_of(metric: Metric, catalog: Catalog) -> tuple[str, ...]:
    """The tables a metric reads."""
    found = []
    for leaf in leaves(metric, catalog):
        found.append(leaf.model)
        if leaf.where:
            found.append(leaf.where.above_zero.partition(".")[0])
    return tuple(dict.fromkeys(found))


def _leaves(metric: Metric, catalog: Catalog) -> Iterator[Leaf]:
    for each in metric.inputs.values():
        for name in formula_of(each.expression).names:
            model, dot, measure = name.partition(".")
            if dot:
                yield Leaf(model, measure, each.where)
            else:
                yield from _leaves(catalog.metrics[name], catalog)


def evaluate(metric: Metric, catalog: Catalog, look: Look) -> tuple[Value, dict[str, Value]]:
    """The metric's value and those of its inputs. None wherever data is missing or a divisor is 0."""

    def input_value(name: str) -> Value:
        each = metric.inputs[name]

        def reference(referred: str) -> Value:
            model, dot, measure = referred.partition(".")
            if dot:
                return look(Leaf(model, measure, each.where))
            return evaluate(catalog.metrics[referred], catalog, look)[0]

        return formula_of(each.expression).evaluate(reference)

    parts = {name: input_value(name) for name in metric.inputs}
    return formula_of(metric.formula).evaluate(parts.__getitem__), parts


def needs_of(leaf: Leaf, asked: Slice) -> Iterator[Need]:
    """What must be fetched for a leaf: itself, by the filtering dimension too, and the measure it is filtered by."""
    if leaf.where is None:
        yield Need(leaf.model, leaf.measure, asked.days, asked.dimensions, asked.filters)
        return
    yield Need(leaf.model, leaf.measure, asked.days, _with(asked.dimensions, leaf.where.by), asked.filters)
    model, _, measure = leaf.where.above_zero.partition(".")
    yield Need(model, measure, asked.days, (leaf.where.by,))


def _with(dimensions: tuple[str, ...], by: str) -> tuple[str, ...]:
    return dimensions if by in dimensions else (*dimensions, by)


@dataclass(frozen=True, slots=True)
class Values:
    """Fetched measures and the coverage of their tables."""

    catalog: Catalog
    fetched: Mapping[Need, Mapping[Group, Number]]
    coverage: Mapping[str, Coverage]
    _grouped: dict[tuple[Leaf, Slice], Mapping[Group, Number]] = field(default_factory=dict)

    def groups(self, metric: Metric, asked: Slice) -> set[Group]:
        """The groups that have rows in any measure of the metric."""
        return {group for leaf in leaves(metric, self.catalog) for group in self._by_group(leaf, asked)}

    def value(self, metric: Metric, asked: Slice, group: Group = ()) -> tuple[Value, dict[str, Value]]:
        return self.sum_of(metric, asked, (group,))

    def sum_of(self, metric: Metric, asked: Slice, groups: Iterable[Group]) -> tuple[Value, dict[str, Value]]:
        """The metric over several groups together: measures are added up first, the formula comes last."""
        wanted = tuple(groups)

        def look(leaf: Leaf) -> Value:
            if not self.coverage[leaf.model].holds(asked.days):
                return None
            found = self._by_group(leaf, asked)
            numbers = [float(number) for group in wanted if (number := found.get(group)) is not None]
            if numbers:
                return sum(numbers)
            aggregation = self.catalog.models[leaf.model].measures[leaf.measure].agg
            return 0.0 if aggregation in _ZERO_WITHOUT_ROWS else None

        return evaluate(metric, self.catalog, look)

    def _by_group(self, leaf: Leaf, asked: Slice) -> Mapping[Group, Number]:
        if leaf.where is None:
            (need,) = needs_of(leaf, asked)
            return self.fetched[need]
        key = (leaf, asked)
        if key not in self._grouped:
            self._grouped[key] = self._where_above_zero(leaf, leaf.where, asked)
        return self._grouped[key]

    def _where_above_zero(self, leaf: Leaf, where: MetricFilter, asked: Slice) -> Mapping[Group, Number]:
        """The leaf's numbers, of groups in which the filtering measure is above 0."""
        own, other = (self.fetched[need] for need in needs_of(leaf, asked))
        above = {group for group, number in other.items() if number is not None and number > 0}
        dimensions = _with(asked.dimensions, where.by)
        place = dimensions.index(where.by)
        kept: dict[Group, Number] = {}
        for group, number in own.items():
            if (group[place],) in above and number is not None:
                shown = group[: len(asked.dimensions)]
                kept[shown] = number + (kept.get(shown) or 0)  # type: ignore[operator]  # one column, one type
        return kept
