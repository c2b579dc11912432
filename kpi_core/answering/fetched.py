"""The numbers behind some questions, fetched with few queries; of very many groups only those that are shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from kpi_core.answering.assembly import needs_by_slice
from kpi_core.answering.resolved import Resolved
from kpi_core.answering.spans import Needs, Slice
from kpi_core.answering.splits.largest import can_be_picked, with_largest
from kpi_core.answering.splits.many_segments import Segments, segments_of
from kpi_core.answering.tables import Tables
from kpi_core.frozen_dataclass import frozen
from kpi_core.sql.plan import Fetch, Group, Need, Number, plan, roll_up
from kpi_core.sql.until_now import Clock

MOST_ROWS = 10_000
"""A split of no more rows, over all its periods, is fetched at once."""


@frozen
class Needed:
    """A question with what it needs; `ranking` is the query that picked its groups, where one did."""

    question: Resolved
    slices: Mapping[Slice, tuple[Needs, ...]]
    ranking: str = ""

    def needs(self) -> Iterator[Need]:
        return (need for leaves in self.slices.values() for needs in leaves for need in needs)


@dataclass(slots=True)
class Fetched:
    """Questions with what they need, the numbers of that, and the texts of the queries that told."""

    needed: list[Needed]
    numbers: dict[Need, dict[Group, Number]] = field(default_factory=dict)
    texts: dict[Need, str] = field(default_factory=dict)

    def texts_of(self, needed: Needed) -> Iterator[str]:
        """The texts of the queries that an answer rests on."""
        if needed.ranking:
            yield needed.ranking
        yield from (self.texts[need] for need in needed.needs())


def fetch_all(questions: Sequence[Resolved], tables: Tables, clock: Clock, most: int) -> Fetched:
    """What the questions need, from one plan; from a second one where a split has more than `most` rows."""
    fetched = Fetched([Needed(question, needs_by_slice(question)) for question in questions])
    pickable = [can_be_picked(question) for question in questions]
    in_full = {
        need
        for needed, can_be in zip(fetched.needed, pickable, strict=True)
        for need in needed.needs()
        if not can_be and need.dimensions
    }

    def most_of(fetch: Fetch) -> int | None:
        return most if fetch.dimensions and in_full.isdisjoint(fetch.needs) else None

    needs = (need for needed in fetched.needed for need in needed.needs())
    too_many = _fetch(needs, tables, clock, fetched, most_of if any(pickable) else _all_rows)
    if too_many:
        fetched.needed = [
            _with_largest(needed, tables, clock) if can_be and not too_many.isdisjoint(needed.needs()) else needed
            for needed, can_be in zip(fetched.needed, pickable, strict=True)
        ]
        missing = (need for needed in fetched.needed for need in needed.needs() if need not in fetched.numbers)
        _fetch(missing, tables, clock, fetched, _all_rows)
    return fetched


def _fetch(
    needs: Iterable[Need], tables: Tables, clock: Clock, fetched: Fetched, most_of: Callable[[Fetch], int | None]
) -> set[Need]:
    """Fetch into `fetched`; the needs that were left out because a query has more rows than it may."""
    too_many: set[Need] = set()
    every = dict.fromkeys(needs)
    for segments in segments_of(every, tables.known.models):
        for part in _fetch_segments(segments, tables, clock, fetched):
            del every[part]
    for fetch in plan(every, tables.known.models):
        most = most_of(fetch)
        sql, rows = tables.read(fetch, clock, None if most is None else most + 1)
        if most is not None and len(rows) > most:
            too_many.update(fetch.needs)
        else:
            fetched.numbers |= roll_up(fetch, rows)
            fetched.texts |= dict.fromkeys(fetch.needs, sql)
    return too_many


def _fetch_segments(segments: Segments, tables: Tables, clock: Clock, fetched: Fetched) -> Sequence[Need]:
    """Fetch these needs as splits; those of which there are numbers now."""
    numbers: dict[Need, dict[Group, Number]] = {}
    texts: dict[Need, str] = {}
    for fetch in plan(segments.wholes, tables.known.models):
        sql, rows = tables.read(fetch, clock)
        numbers |= roll_up(fetch, rows)
        texts |= dict.fromkeys(fetch.needs, sql)
    if not segments.has_only_asked(numbers):
        return ()
    parted = segments.parted(numbers)
    fetched.numbers |= parted
    fetched.texts |= {part: texts[whole] for whole, parts in segments.wholes.items() for part in parts.values()}
    return tuple(parted)


def _all_rows(_fetch: Fetch) -> None:
    return None


def _with_largest(needed: Needed, tables: Tables, clock: Clock) -> Needed:
    question, ranking = with_largest(needed.question, tables, clock)
    return Needed(question, needs_by_slice(question), ranking)
