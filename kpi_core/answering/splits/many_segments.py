"""Many segments fetched as one split: a thousand goals on as many channels are one query and not a thousand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from kpi_core.dates.periods import Days
from kpi_core.frozen_dataclass import frozen
from kpi_core.metrics import Model
from kpi_core.query import Filter
from kpi_core.sql.plan import Group, Need, Number
from kpi_core.sql.spelling import folded

FEWEST = 16
"""Segments that are worth a split; with fewer each number keeps a query of its own, as it is shown to people."""
_MOST = 500
"""Values that one query names: databases have a limit."""

_Family = tuple[str, str, tuple[Filter, ...]]
"""Model, the dimension in whose values alone some needs differ, and their other filters."""


@frozen
class Segments:
    """Needs of one family: what is fetched in their stead, and of each of these the needs by the value of its group."""

    wholes: Mapping[Need, Mapping[str | None, Need]]

    def parted(self, numbers: Mapping[Need, Mapping[Group, Number]]) -> dict[Need, dict[Group, Number]]:
        """The numbers of the needs, out of those of the splits; a segment without rows has none."""
        return {
            part: {(): groups[value,]} if (value,) in groups else {}
            for whole, parts in self.wholes.items()
            for groups in [numbers[whole]]
            for value, part in parts.items()
        }

    def has_only_asked(self, numbers: Mapping[Need, Mapping[Group, Number]]) -> bool:
        """Whether the groups are the asked values: a database that takes some spellings for one tells otherwise."""
        return all(value in parts for whole, parts in self.wholes.items() for (value,) in numbers[whole])


def segments_of(needs: Iterable[Need], models: Mapping[str, Model]) -> list[Segments]:
    """What of the needs is worth fetching as splits. All others are to be fetched as they are.

    Only what adds up: the sum of the rows of a segment is the same either way.
    """
    alike: dict[tuple[str, tuple[Filter, ...]], list[Need]] = defaultdict(list)
    for need in needs:
        if need.filters and not need.dimensions and models[need.model].measures[need.measure].additive:
            alike[need.model, need.filters].append(need)
    families: dict[_Family, dict[str | None, tuple[Filter, ...]]] = defaultdict(dict)
    for model, filters in alike:
        for place, value in _single(filters):
            family = (model, filters[place].dimension, (*filters[:place], *filters[place + 1 :]))
            families[family].setdefault(value, filters)
    return list(_chosen(families, alike))


def _chosen(
    families: Mapping[_Family, Mapping[str | None, tuple[Filter, ...]]],
    alike: Mapping[tuple[str, tuple[Filter, ...]], Sequence[Need]],
) -> Iterator[Segments]:
    """The largest families first; no need goes into two of them."""
    taken: set[tuple[str, tuple[Filter, ...]]] = set()
    for family, members in sorted(families.items(), key=lambda each: -len(each[1])):
        free = _apart({value: filters for value, filters in members.items() if (family[0], filters) not in taken})
        for start in range(0, len(free), _MOST):
            some = dict(list(free.items())[start : start + _MOST])
            if len(some) >= FEWEST:
                taken.update((family[0], filters) for filters in some.values())
                yield _segments(family, {value: alike[family[0], filters] for value, filters in some.items()})


def _segments(family: _Family, members: Mapping[str | None, Sequence[Need]]) -> Segments:
    model, dimension, others = family
    filters = (*others, Filter(dimension, tuple(members)))
    wholes: dict[tuple[str, Days], dict[str | None, Need]] = defaultdict(dict)
    for value, needs in members.items():
        for need in needs:
            wholes[need.measure, need.days][value] = need
    return Segments({
        Need(model, measure, days, (dimension,), filters): parts for (measure, days), parts in wholes.items()
    })  # fmt: skip


def _single(filters: Sequence[Filter]) -> Iterator[tuple[int, str | None]]:
    """Filters that let one value through: their places, and the value."""
    for place, clause in enumerate(filters):
        if len(clause.values) == 1 and not clause.excludes:
            yield place, clause.values[0]


def _apart(members: Mapping[str | None, tuple[Filter, ...]]) -> dict[str | None, tuple[Filter, ...]]:
    """Those whose values no database takes for one another."""
    spellings: dict[str | None, list[str | None]] = defaultdict(list)
    for value in members:
        spellings[value if value is None else folded(value)].append(value)
    alone = {values[0] for values in spellings.values() if len(values) == 1}
    return {value: filters for value, filters in members.items() if value in alone}
