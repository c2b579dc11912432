"""A definition break: from a day on, columns of a source mean something else than before. Pure.

What lies on its two sides is two measures with one name: a movement across it says nothing, unless the step is known
exactly and has been taken out while loading.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from datetime import date

from kpi_core.dates.periods import Days
from kpi_core.frozen_dataclass import frozen

Members = Mapping[str, Collection[str | None]]
"""Values by column."""


@frozen
class Break:
    """From `since` on, `columns` of the rows of a source mean something else; `text` says what, in each language.

    `adjusted`: the step was exact and is taken out, so that both sides are alike. `where` are columns that have one
    value in all rows of the source.
    """

    since: date
    source: str
    table: str
    columns: tuple[str, ...]
    text: Mapping[str, str]
    where: Mapping[str, str] = field(default_factory=dict)
    adjusted: bool = False

    def parts(self, spans: Iterable[Days]) -> bool:
        """Whether some of the days lie before it and some after."""
        days = list(spans)
        return any(start < self.since for start, _end in days) and any(self.since < end for _start, end in days)

    def reaches(self, passing: Members, dropped: Members) -> bool:
        """Whether rows of it pass filters: by column the values that pass, and those that do not."""
        return all(self.where[name] in values for name, values in passing.items() if name in self.where) and not any(
            self.where[name] in values for name, values in dropped.items() if name in self.where
        )


def newest_between(breaks: Sequence[Break], spans: Sequence[Days]) -> Break | None:
    """The last break that parts the days; None where they are all of one definition."""
    return max((broken for broken in breaks if broken.parts(spans)), key=lambda broken: broken.since, default=None)


def of_columns(breaks: Iterable[Break], reads: Mapping[str, Collection[str]]) -> Iterator[Break]:
    """Those of columns that are read, by table."""
    for broken in breaks:
        if not set(reads.get(broken.table, ())).isdisjoint(broken.columns):
            yield broken
