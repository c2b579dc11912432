"""Formulas on fetched measures: what a metric needs, and what it is worth in some period and group."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from typing import NamedTuple

from kpi_core.answering.balances import LastMoments
from kpi_core.answering.layout import Context, Layout, Leaf, Reading, filter_layout
from kpi_core.answering.spans import Needs, Slice, with_dimension
from kpi_core.formula import Value
from kpi_core.frozen_dataclass import frozen
from kpi_core.metrics import MetricFilter
from kpi_core.sql.plan import Group, Need, Number

_ZERO_WITHOUT_ROWS = frozenset({"sum", "sum_boolean", "count", "count_distinct"})


class _Column(NamedTuple):
    """The numbers of one leaf in one slice. `empty` is what no rows mean, `known` whether the table has those days."""

    found: Mapping[Group, Number]
    known: bool
    empty: Value


@frozen
class Values:
    """Fetched measures, read in the context of one question."""

    context: Context
    layout: Layout
    wanted: Mapping[Slice, tuple[Needs, ...]]
    fetched: Mapping[Need, Mapping[Group, Number]]
    _columns: dict[Slice, list[_Column]] = field(default_factory=dict)
    _totals: dict[Slice, tuple[Value, dict[str, Value]]] = field(default_factory=dict)
    """Without groups: trend, swings and changes read the same ones."""

    def groups(self, cut: Slice) -> set[Group]:
        """The groups that have rows in any measure of the metric."""
        return {group for column in self._columns_of(cut) for group in column.found}

    def value(self, cut: Slice, group: Group = ()) -> tuple[Value, dict[str, Value]]:
        if not group:
            if cut not in self._totals:
                self._totals[cut] = self._evaluated(cut, group)
            return self._totals[cut]
        return self._evaluated(cut, group)

    def _evaluated(self, cut: Slice, group: Group) -> tuple[Value, dict[str, Value]]:
        numbers = [_number(column, group) for column in self._columns_of(cut)]
        return self._worth(numbers, cut)

    def _worth(self, numbers: list[Value], cut: Slice) -> tuple[Value, dict[str, Value]]:
        """The metric over the numbers of its leaves. What no row of some has a value for is not known rather than 0."""
        for model, (rows, known) in self.layout.shares.items():
            if numbers[rows] and numbers[known] == 0:
                for place in self.layout.known_rows[model]:
                    numbers[place] = None
        return self.layout.evaluate(Reading(numbers, cut.period, self.context))

    def corrected(self, cut: Slice, added: Sequence[float]) -> tuple[Value, dict[str, Value]]:
        """The metric with so much more of each leaf."""
        numbers = [_number(column, ()) for column in self._columns_of(cut)]
        moved = [None if one is None else one + more for one, more in zip(numbers, added, strict=True)]
        return self.layout.evaluate(Reading(moved, cut.period, self.context))

    def sum_of(self, cut: Slice, groups: Sequence[Group]) -> tuple[Value, dict[str, Value]]:
        """The metric over several groups together: measures are added up first, the formula comes last."""
        numbers = [_sum(column, groups) for column in self._columns_of(cut)]
        return self._worth(numbers, cut)

    def known_counts(self, cut: Slice, group: Group = ()) -> dict[str, tuple[Value, Value]]:
        """By model of partly filled columns: how many rows there are, and in how many of them they are known."""
        numbers = [_number(column, group) for column in self._columns_of(cut)]
        return {model: (numbers[rows], numbers[known]) for model, (rows, known) in self.layout.shares.items()}

    def last_moments(self, cut: Slice) -> Iterator[LastMoments]:
        """Of each balance in a slice that is compared: when its members last had a value."""
        for leaf, needs in zip(self.layout.leaves, self.wanted[cut], strict=True):
            model = self.context.catalog.models[leaf.model]
            measure = model.measures[leaf.measure]
            if measure.last_per is not None and len(needs) > 1:
                yield LastMoments(model, measure, needs[0].days[1], self.fetched[needs[1]])

    def _columns_of(self, cut: Slice) -> list[_Column]:
        columns = self._columns.get(cut)
        if columns is None:
            pairs = zip(self.layout.leaves, self.wanted[cut], strict=True)
            columns = self._columns[cut] = [self._column(leaf, needs, cut) for leaf, needs in pairs]
        return columns

    def _column(self, leaf: Leaf, needs: Needs, cut: Slice) -> _Column:
        if not needs:
            return _Column({}, known=False, empty=None)
        measure, empty = self.context.catalog.models[leaf.model].measures[leaf.measure], empty_of(leaf, self.context)
        found = self.fetched[needs[0]]
        if measure.last_per is not None:
            # A member without a row is not one whose balance is 0.
            return _Column({group: empty if value is None else value for group, value in found.items()}, True, None)
        known = is_known(leaf, needs, self.context)
        if leaf.where is not None:
            columns = self._filtering(leaf.where, needs[1:], cut)
            known = known and (leaf.where.lenient or self._can_be_told(leaf.where, columns, cut))
            found = self._narrowed(leaf, found, columns, cut)
        return _Column(found, known, empty)

    def _filtering(self, where: MetricFilter, needs: Needs, cut: Slice) -> list[_Column]:
        """The numbers that tell which groups count, one a measure."""
        leaves = filter_layout(where, self.context.catalog).leaves
        whole = Slice(cut.period, (where.by,))
        return [self._column(leaf, (need,), whole) for leaf, need in zip(leaves, needs, strict=True)]

    def _can_be_told(self, where: MetricFilter, columns: Sequence[_Column], cut: Slice) -> bool:
        """Whether the tables that have the days are enough to work the other number out.

        Tried on numbers of which no two are alike, so that no difference of them is a divisor of 0.
        """
        layout = filter_layout(where, self.context.catalog)
        numbers = [n + 1 / (n + 2) if column.known else None for n, column in enumerate(columns, 1)]
        return layout.evaluate(Reading(numbers, cut.period, self.context))[0] is not None

    def _narrowed(
        self, leaf: Leaf, found: Mapping[Group, Number], columns: Sequence[_Column], cut: Slice
    ) -> Mapping[Group, Number]:
        """The leaf's numbers, of groups that pass its filter."""
        assert leaf.where is not None
        layout = filter_layout(leaf.where, self.context.catalog)
        by = self.context.catalog.models[leaf.model].column_of(leaf.where.by)
        place = with_dimension(cut.dimensions, by).index(by)

        def number_of(name: str | None) -> Value:
            numbers = [_number(column, (name,)) for column in columns]
            return layout.evaluate(Reading(numbers, cut.period, self.context))[0]

        passing = {name: leaf.where.passes(number_of(name)) for name in {group[place] for group in found}}
        kept: dict[Group, Number] = {}
        for group, number in found.items():
            if passing[group[place]] and number is not None:
                shown = group[: len(cut.dimensions)]
                kept[shown] = number + (kept.get(shown) or 0)  # type: ignore[operator]  # one column, one type
        return kept


def is_known(leaf: Leaf, needs: Needs, context: Context) -> bool:
    """Whether the table has the days that a leaf is taken of."""
    return context.coverage[leaf.model].holds(needs[0].days)


def empty_of(leaf: Leaf, context: Context) -> Value:
    """What a leaf is where there are no rows."""
    measure = context.catalog.models[leaf.model].measures[leaf.measure]
    if measure.non_additive_dimension is not None:
        return None
    return 0.0 if measure.agg in _ZERO_WITHOUT_ROWS and measure.without_values == "zero" else None


def _number(column: _Column, group: Group) -> Value:
    """The number of a leaf in a group: None without data, what no rows mean where it has none."""
    if not column.known:
        return None
    number = column.found.get(group)
    return column.empty if number is None else float(number)


def _sum(column: _Column, groups: Sequence[Group]) -> Value:
    """The number of a leaf over some groups together, by the same rule."""
    if not column.known:
        return None
    found = [float(number) for group in groups if (number := column.found.get(group)) is not None]
    return sum(found) if found else column.empty
