"""What must be fetched so that formulas can be evaluated: few aggregate queries for any number of questions.

A *need* is one measure over one run of days, for one set of groups and filters. Needs on the same model, time and
filters share a Fetch. Sums and counts are fetched once per elementary bucket (the days cut at every asked start and
end) and added up afterwards; what cannot be added up (distinct counts, medians) is fetched for the asked runs of days
themselves, in as few queries as disjoint runs allow. Every model is aggregated before it meets another: no join, so no
fan-out.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property
from itertools import pairwise
from operator import itemgetter
from typing import Any, NamedTuple

from kpi_core.dates.periods import Days
from kpi_core.metrics import Measure, Model
from kpi_core.query import Filter

Group = tuple[str | None, ...]
"""One value per dimension."""
REST: Group = ()
"""All groups that a need does not choose, together: no group of a split is empty."""
Number = int | float | Decimal | None
Row = tuple[Any, ...]
"""What a query returns: the number of its bucket, the values of its dimensions, those of its measures.

Where groups are chosen, a 1 or 0 stands before the dimensions: whether the row is of the rest.
"""


class Bucket(NamedTuple):
    start: date
    end: date
    split: bool
    """Whether the groups of this bucket are asked for."""


class Need(NamedTuple):
    """One measure of one model over `days`, by `dimensions`, of the rows that pass `filters`.

    With `chosen` only those groups stand apart, all others are the group `REST`. A tuple, for the numbers of an answer
    are looked up by it: hashed and compared by the interpreter, not by a function of ours.
    """

    model: str
    measure: str
    days: Days
    dimensions: tuple[str, ...] = ()
    filters: tuple[Filter, ...] = ()
    chosen: tuple[Group, ...] | None = None


@dataclass(frozen=True)
class Fetch:
    """One aggregate query: measures of one model over disjoint buckets. `needs` are what its rows will answer."""

    model: str
    time: str
    measures: tuple[str, ...]
    dimensions: tuple[str, ...]
    filters: tuple[Filter, ...]
    buckets: tuple[Bucket, ...]
    needs: tuple[Need, ...] = field(repr=False)
    chosen: tuple[Group, ...] | None = None

    def runs(self) -> Sequence[tuple[date, date, bool | None]]:
        """The buckets with the gaps between them; a gap's last part is None. Overlapping buckets have no gaps."""
        return self._runs

    def answering(self, need: Need) -> list[int]:
        """The numbers of the runs that make up a need: its own run, or the elementary ones inside it."""
        # Its own run goes before the parts of it: a median or a distinct count is not the sum of theirs.
        own = self._own.get(need.days)
        if own is not None:
            return [own]
        runs, (start, end) = self._runs, need.days
        # They are in the order of their first days.
        places = range(bisect_left(runs, start, key=itemgetter(0)), bisect_left(runs, end, key=itemgetter(0)))
        return [number for number in places if runs[number][2] is not None and runs[number][1] <= end]

    @cached_property
    def _own(self) -> dict[Days, int]:
        """The number of the run of each of the buckets."""
        numbers: dict[Days, int] = {}
        for number, (start, end, split) in enumerate(self._runs):
            if split is not None:
                numbers.setdefault((start, end), number)
        return numbers

    @cached_property
    def _runs(self) -> list[tuple[date, date, bool | None]]:
        runs: list[tuple[date, date, bool | None]] = []
        for bucket in self.buckets:
            if runs and runs[-1][1] < bucket.start:
                runs.append((runs[-1][1], bucket.start, None))
            runs.append(bucket)
        return runs


def plan(needs: Iterable[Need], models: Mapping[str, Model]) -> list[Fetch]:
    """The fewest fetches for all needs, in a stable order."""
    additive: dict[tuple[str, str, tuple[Filter, ...]], list[Need]] = defaultdict(list)
    apart: dict[tuple[str, str, tuple[Filter, ...], _Split, str], list[Need]] = defaultdict(list)
    for need in dict.fromkeys(needs):
        model = models[need.model]
        measure = model.measures[need.measure]
        time = model.time_of(measure)
        if measure.additive:
            additive[need.model, time, need.filters].append(need)
        else:
            alone = need.measure if is_apart(measure) else ""
            apart[need.model, time, need.filters, _split(need), alone].append(need)
    fetches = [fetch for (_, time, _), batch in additive.items() for fetch in _added_up(time, batch)]
    for (_model, time, _filters, split, _alone), batch in apart.items():
        # Rows that are joined to the asked runs of days may belong to several of them at once: one layer holds all.
        for layer in [batch] if models[batch[0].model].measures[batch[0].measure].joined else _layers(batch):
            buckets = tuple(Bucket(start, end, True) for start, end in sorted({need.days for need in layer}))
            fetches.append(_fetch(time, split, buckets, layer))
    return fetches


_Split = tuple[tuple[str, ...], tuple[Group, ...] | None]
"""Dimensions, and the groups of them that are chosen."""


def _split(need: Need) -> _Split:
    return need.dimensions, need.chosen


def is_apart(measure: Measure) -> bool:
    """Whether the measure needs a query of its own shape."""
    return measure.having is not None or measure.joined


def _added_up(time: str, needs: Sequence[Need]) -> Iterable[Fetch]:
    """One fetch a set of dimensions, unless a finer one holds the same days; totals come along with the first."""
    totals = [need for need in needs if not need.dimensions]
    by_split: dict[_Split, list[Need]] = defaultdict(list)
    for need in needs:
        if need.dimensions:
            by_split[_split(need)].append(need)
    # The coarse first: what has gone into a finer set goes on with it into a still finer one.
    for split in sorted(by_split, key=lambda split: len(split[0])):
        finer = _finer(split, by_split)
        if finer is not None:
            by_split[finer] += by_split.pop(split)
    if not by_split:
        by_split[(), None] = []
    for number, (split, grouped) in enumerate(by_split.items()):
        batch = [*grouped, *totals] if number == 0 else grouped
        yield _fetch(time, split, _elementary(batch), batch)


def _finer(split: _Split, others: Mapping[_Split, Sequence[Need]]) -> _Split | None:
    """A split that is fetched for the same days anyway, and whose groups add up to those of `split`."""
    if split[1] is not None:
        return None
    days = {need.days for need in others[split]}
    for other, needs in others.items():
        if other[1] is None and set(split[0]) < set(other[0]) and days <= {need.days for need in needs}:
            return other
    return None


def _fetch(time: str, split: _Split, buckets: tuple[Bucket, ...], needs: Sequence[Need]) -> Fetch:
    dimensions, chosen = split
    measures = tuple(sorted({need.measure for need in needs}))
    return Fetch(needs[0].model, time, measures, dimensions, needs[0].filters, buckets, tuple(needs), chosen)


def _elementary(needs: Sequence[Need]) -> tuple[Bucket, ...]:
    """The days of all needs, cut at every start and end, so that each run of days is a sum of buckets."""
    every = [need for need in needs if need.days[0] < need.days[1]]
    runs = {need.days: False for need in every} | {need.days: True for need in every if need.dimensions}
    # How many runs begin less those that end on a day: of all, and of those by groups.
    turns: dict[date, list[int]] = defaultdict(lambda: [0, 0])
    for days, split in runs.items():
        for day, turn in zip(days, (1, -1), strict=True):
            turns[day][0] += turn
            turns[day][1] += turn * split
    buckets, covering, split_covering = [], 0, 0
    for start, end in pairwise(sorted(turns)):
        covering, split_covering = covering + turns[start][0], split_covering + turns[start][1]
        if covering:
            buckets.append(Bucket(start, end, split_covering > 0))
    return tuple(buckets)


def _layers(needs: Sequence[Need]) -> list[list[Need]]:
    """Needs sorted into as few layers as possible, so that within a layer no two different runs of days overlap."""
    layers: list[tuple[date, list[Need]]] = []
    by_days: dict[Days, list[Need]] = defaultdict(list)
    for need in needs:
        by_days[need.days].append(need)
    for (start, end), alike in sorted(by_days.items()):
        free = next((n for n, (taken_until, _needs) in enumerate(layers) if taken_until <= start), None)
        if free is None:
            layers.append((end, list(alike)))
        else:
            layers[free] = (end, [*layers[free][1], *alike])
    return [layer for _taken_until, layer in layers]


def roll_up(fetch: Fetch, rows: Iterable[Sequence[Any]]) -> dict[Need, dict[Group, Number]]:
    """Each need's value per group, from the rows (bucket, group…, measure…) of its fetch.

    A need without dimensions has the one group (). A group without rows is absent: whether that is 0 or no data is for
    the table's coverage to say.
    """
    by_bucket: dict[int, list[Sequence[Any]]] = defaultdict(list)
    for row in rows:
        by_bucket[int(row[0])].append(row)
    groups: dict[tuple[str, ...], Callable[[Sequence[Any]], Group]] = {}
    answering: dict[Days, list[int]] = {}
    values: dict[Need, dict[Group, Number]] = {}
    for need in fetch.needs:
        if need.dimensions not in groups:
            groups[need.dimensions] = _group_of(need.dimensions, fetch)
        if need.days not in answering:
            answering[need.days] = fetch.answering(need)
        own_rows = (row for number in answering[need.days] for row in by_bucket.get(number, ()))
        column = _first_dimension(fetch) + len(fetch.dimensions) + fetch.measures.index(need.measure)
        values[need] = _summed(own_rows, groups[need.dimensions], column)
    return values


def _group_of(dimensions: tuple[str, ...], fetch: Fetch) -> Callable[[Sequence[Any]], Group]:
    """Where a row has the values of some of its fetch's dimensions."""
    first = _first_dimension(fetch)
    places = [first + fetch.dimensions.index(name) for name in dimensions]
    if not places:
        return lambda _row: ()
    if fetch.chosen is not None:
        return lambda row: REST if row[1] else tuple(row[place] for place in places)
    if len(places) == 1:
        (place,) = places
        return lambda row: (row[place],)
    return itemgetter(*places)


def _first_dimension(fetch: Fetch) -> int:
    return 1 if fetch.chosen is None else 2


def _summed(
    rows: Iterable[Sequence[Any]], group_of: Callable[[Sequence[Any]], Group], column: int
) -> dict[Group, Number]:
    groups: dict[Group, Number] = {}
    for row in rows:
        group = group_of(row)
        groups[group] = _plus(groups[group], row[column]) if group in groups else row[column]
    return groups


def _plus(left: Number, right: Number) -> Number:
    if left is None or right is None:
        return right if left is None else left
    if isinstance(left, float) or isinstance(right, float):
        return float(left) + float(right)
    return left + right
