"""An answer as plain columns and rows, for programs: ids for headings, full precision, None for "no data". Pure."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from kpi_core.frozen_dataclass import frozen

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from kpi_core.answers import Answer, Change

    Cell = str | float | bool | date | None

FOLDED = "folded"
"""Heading of how many groups a row sums up; only where one does."""


@frozen
class AnswerTable:
    """`rates` are the headings of fractions that people read as percent."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    rates: frozenset[str] = frozenset()


def groups_table(answer: Answer) -> AnswerTable:
    """A row a group of the split, or one row without a split.

    Columns: the dimensions, the value under the KPI's id, its parts, and for each comparison `<basis>`,
    `<basis>_change` and `<basis>_change_ratio`.
    """
    dimensions = answer.query.dimensions
    rows = answer.breakdown
    groups: list[dict[str, Cell]] = [
        dict(zip(dimensions, row.keys, strict=True))
        | ({FOLDED: row.folded or None} if any(each.folded for each in rows or ()) else {})
        | _figures(answer, row.value, row.parts, row.comparisons)
        for row in rows or ()
    ]
    if rows is None:
        groups = [_figures(answer, answer.value, answer.parts, answer.comparisons)]
    columns = tuple(dict.fromkeys(name for group in groups for name in group))
    table = tuple(tuple(group.get(name) for name in columns) for group in groups)
    return AnswerTable(columns or (*dimensions, answer.metric.id), table, _rates(answer))


def trend_table(answer: Answer) -> AnswerTable:
    """A row a period of the trend: half-open local dates `start` and `end`, `complete`, the value."""
    rows = tuple((point.period.start, point.period.end, point.complete, point.value) for point in answer.trend)
    return AnswerTable(("start", "end", "complete", answer.metric.id), rows, _rates(answer))


def dated_table(answer: Answer) -> AnswerTable:
    """The table of an answer that leaves its question behind: the days of each row stand in it.

    Asked for days, weeks, months without a split, it is the course of them.
    """
    if answer.query.grain is not None and not answer.query.dimensions:
        return trend_table(answer)
    groups, period = groups_table(answer), answer.query.period
    days = (period.start, period.end, answer.complete)
    return AnswerTable(
        ("start", "end", "complete", *groups.columns), tuple((*days, *row) for row in groups.rows), groups.rates
    )


def _figures(
    answer: Answer, value: float | None, parts: Mapping[str, float | None], changes: Sequence[Change]
) -> dict[str, Cell]:
    figures: dict[str, Cell] = {answer.metric.id: value, **parts}
    for name, change in _by_name(changes):
        figures |= {name: change.value, f"{name}_change": change.change, f"{name}_change_ratio": change.change_ratio}
    return figures


def _by_name(changes: Sequence[Change]) -> Iterator[tuple[str, Change]]:
    """Each comparison by its basis; several periods that were named, by their first day, too."""
    times = Counter(change.basis for change in changes)
    for change in changes:
        is_one = times[change.basis] == 1
        yield change.basis if is_one else f"{change.basis}_{change.period.start.isoformat()}", change


def _rates(answer: Answer) -> frozenset[str]:
    names = [name for name, _change in _by_name(answer.comparisons)]
    ratios = {f"{name}_change_ratio" for name in names}
    if answer.metric.unit != "percent":
        return frozenset(ratios)
    return frozenset({answer.metric.id, *names, *(f"{name}_change" for name in names)} | ratios)
