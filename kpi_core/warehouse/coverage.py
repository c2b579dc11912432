"""How far a table reaches: what tells a true 0 from "no data", and a finished period from an unfinished one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from kpi_core.dates.periods import Days, add_months
from kpi_core.frozen_dataclass import frozen
from kpi_core.health.facts import Code, Finding, Health, SourceFacts
from kpi_core.metrics import Model

STALE_AFTER = timedelta(days=2)
"""Data is late when its newest day lies more than so far back; yesterday and the day before are usual."""


_A_LONG_WEEKEND = 3
_DUE = 5.0
"""Rows that were due without one coming: chance leaves exp(-5), one morning in 150."""
_YOUNG = timedelta(days=28)
"""A source that is younger has not shown yet how long it is silent."""


@frozen
class Coverage:
    """The local days `[first, last]` a model has; both None when it is empty or (`missing`) not there at all.

    `table` is the table that decides: the model's own, or one of those it is made of.
    """

    model: str
    table: str
    first: date | None = None
    last: date | None = None
    missing: bool = False
    sparse: bool = False
    plan: bool = False
    without: tuple[str, ...] = ()
    """Tables that are not there and that it does without."""
    outcomes: date | None = None
    """Of a model made of several tables: the last day of those that tell what became of the first one's rows."""
    newest: tuple[date | datetime, ...] = ()
    """The last moment by each time of each table, as they are stored: they may lie ahead."""
    strays: tuple[tuple[date, int], ...] = ()
    """Of a table that no load has looked at: days years before `first` that some rows name, with how many there."""

    def holds(self, days: Days) -> bool:
        """Whether any of the days lie inside: then a sum without rows is 0, else there is no data."""
        return self.first is not None and self.last is not None and days[0] <= self.last and days[1] > self.first


def by_sources(coverage: Coverage, sources: Sequence[SourceFacts]) -> Coverage:
    """The table's reach as its sources have it: without rows dated ahead or years away, and as fresh as the oldest.

    A source that ended before another began has been continued by that one, and holds up nobody; nor does one that is
    silent no longer than it often is.
    """
    firsts = [source.first_day for source in sources if source.first_day is not None]
    lasts = [source.last_day for source in _heard(sources) if source.last_day is not None]
    if not firsts or not lasts:
        return coverage
    return replace(coverage, first=min(firsts), last=max(lasts) if coverage.sparse else min(lasts))


def by_months(coverage: Coverage) -> Coverage:
    """The reach of rows that stand for their whole months, whatever day of it they name."""
    if coverage.first is None or coverage.last is None:
        return coverage
    end = add_months(coverage.last.replace(day=1), 1)
    return replace(coverage, first=coverage.first.replace(day=1), last=end - timedelta(days=1))


def live(sources: Sequence[SourceFacts]) -> list[SourceFacts]:
    """The sources of a table that nobody has continued: all but those that ended before another one began."""

    def continued(source: SourceFacts) -> bool:
        return source.last_day is not None and any(
            other.first_day is not None and other.first_day > source.last_day for other in sources
        )

    return [source for source in sources if not continued(source)]


def _heard(sources: Sequence[SourceFacts]) -> list[SourceFacts]:
    """The live sources, each with the last day of which it is known what it had: rows, or a silence as usual.

    A silence says something up to the (UTC) day of its last good load, and as far as others of the table go on.
    """
    going_on = live(sources)
    newest = max((source.last_day for source in going_on if source.last_day), default=date.min)

    def heard_until(source: SourceFacts) -> date | None:
        if source.first_day is None or source.last_day is None or source.loaded_at is None:
            return source.last_day
        if source.last_day - source.first_day < _YOUNG or _is_missed(source, newest):
            return source.last_day
        return max(source.last_day, min(newest, source.loaded_at.astimezone(UTC).date()))

    return [replace(source, last_day=heard_until(source)) for source in going_on]


def of_several(model: Model, bases: Sequence[Coverage]) -> Coverage:
    """A model made of others begins with the first of them and ends with the earliest to end.

    Sparse ones hold up nobody. Each of the others must be there, if only empty.
    """
    if not bases:
        # All of its tables may lack, and all do.
        return Coverage(model.name, ", ".join(model.may_lack), missing=True, sparse=model.sparse)
    deciding = next((base for base in bases if base.missing), bases[0])
    ends = [base.last for base in bases if base.last is not None and not base.sparse]
    last = min(ends, default=deciding.last) if deciding.last else None
    newest = tuple(moment for base in bases for moment in base.newest)
    told_by = [base.last for base in bases[1:] if base.last is not None and not base.sparse]
    outcomes = min(told_by, default=None)
    without = tuple(name for name in model.may_lack if name not in model.reads)
    return replace(
        deciding,
        model=model.name,
        last=last,
        sparse=model.sparse,
        without=without,
        outcomes=outcomes,
        newest=newest,
    )


def until(coverage: Coverage, newest: date | None) -> Coverage:
    """What a table with rows ahead covers: up to the last day that has come, empty where none has."""
    if coverage.last is None or newest is None:
        return replace(coverage, first=None, last=None)
    return replace(coverage, last=min(coverage.last, newest))


def oldest_source(health: Health, table: str) -> SourceFacts | None:
    """The live source that ends first, with the day up to which it is heard of: the table is as fresh as it is."""
    ending = [source for source in _heard(health.of_table(table)) if source.last_day is not None]
    return min(ending, key=lambda source: source.last_day or date.max, default=None)


def late_sources(health: Health) -> Iterator[Finding]:
    """The sources that end before others of their table do, each from its last day on."""
    for table in dict.fromkeys(source.table for source in health.sources):
        going_on = live(health.of_table(table))
        newest = max((source.last_day for source in going_on if source.last_day), default=None)
        yield from (_ended(source, "source_late") for source in going_on if newest and _is_missed(source, newest))


def stale_sources(sources: Sequence[SourceFacts], today: date) -> Iterator[Finding]:
    """The sources of a table that end before yesterday, and not only because few rows were due since."""
    yesterday = today - timedelta(days=1)
    return (_ended(source, "source_stale") for source in live(sources) if _is_missed(source, yesterday))


def _is_missed(source: SourceFacts, day: date) -> bool:
    """Whether a source has been silent up to a day for longer than it ever is, and not by chance."""
    if source.first_day is None or source.last_day is None:
        return False
    silent = (day - source.last_day).days
    due = silent * source.rows / ((source.last_day - source.first_day).days + 1)
    return silent > source.quiet_days and (due >= _DUE or source.quiet_days <= _A_LONG_WEEKEND)


def _ended(source: SourceFacts, code: Code) -> Finding:
    assert source.last_day is not None
    return Finding(code, source.source, source.table, days=(source.last_day + timedelta(days=1), date.max))


def as_of(coverage: Coverage, today: date) -> Coverage:
    """What the table covers on a day: nothing after it; a sparse table reaches to the day before, rows or not."""
    if coverage.first is None or coverage.last is None:
        return coverage
    # A plan reaches as far as somebody has planned.
    last = coverage.last if coverage.plan else min(coverage.last, today)
    if coverage.sparse:
        last = max(last, today - timedelta(days=1))
    return replace(coverage, last=last)


def data_through(coverages: Iterable[Coverage]) -> date | None:
    """The last day that all tables have; sparse ones count only where there are no others."""
    reaches = list(coverages)
    dense = [coverage for coverage in reaches if not coverage.sparse] or reaches
    days = [coverage.last for coverage in dense if coverage.last is not None]
    # A table without any day leaves none that all of them have.
    return min(days) if days and len(days) == len(dense) else None


def is_stale(through: date | None, today: date) -> bool:
    return through is not None and through < today - STALE_AFTER
