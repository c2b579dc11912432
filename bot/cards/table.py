"""The breakdown of an answer as a table: the groups in the answer's order, the total last and equal to the headline."""

from __future__ import annotations

from datetime import date, timedelta
from math import isclose
from typing import TYPE_CHECKING

from bot.cards.lines import group_name
from kpi_core.formats.movements import basis_text, change_cell
from kpi_core.formats.notices import dimension_name, part_name
from kpi_core.formats.numbers import amount_text, outcome_text, percent_text, shown_unit
from kpi_core.formats.periods import period_label, weekday_text
from kpi_core.frozen_dataclass import frozen
from kpi_core.metrics import WEEKDAY, WEEKDAYS
from kpi_core.phrases import say

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kpi_core.answers import Answer, Change
    from kpi_core.metrics import Catalog

MOST_PARTS = 4
"""A formula of more parts would hide the value among its columns."""
_A_MONDAY = date(2026, 11, 23)
_LARGEST_SHARE = 2
"""Of the whole change, that one group may have without the column being left out."""


@frozen
class Cell:
    """`number` is what a column is sorted by; None for words."""

    text: str
    number: float | None = None


@frozen
class Table:
    """`rows` are the groups; `total` is the last row, empty where there is none."""

    caption: str
    headings: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    total: tuple[Cell, ...]
    keys: int
    """How many columns at the left name the group."""


def breakdown_table(answer: Answer, language: str, catalog: Catalog | None = None) -> Table | None:
    """The table of an answer with `by`; None without, or where no group has a row."""
    if not answer.breakdown:
        return None
    shared = _shares_change(answer)
    names = [dimension_name(dimension, language, catalog) for dimension in answer.query.dimensions]
    rows = []
    # What belongs to no name comes last, whatever its value.
    for row in sorted(
        answer.breakdown, key=lambda row: any(not (key or "").strip() for key in row.keys) and not row.folded
    ):
        names_of_row = zip(answer.query.dimensions, row.keys, strict=False)
        keys = tuple(Cell(_name(dimension, key, row.folded, language)) for dimension, key in names_of_row)
        rows.append(keys + _figures(answer, language, (row.value, row.parts, _first(row.comparisons)), shared=shared))
    total = _figures(answer, language, (answer.value, answer.parts, _first(answer.comparisons)), shared=shared)
    blank = tuple(Cell("") for _ in names[1:])
    return Table(
        caption=table_title(answer, names, language),
        headings=(*map(_heading, names), *_headings(answer, language, shared=shared)),
        rows=tuple(rows),
        total=(Cell(say(language, "card.total")), *blank, *total),
        keys=len(names),
    )


def _name(dimension: str, key: str | None, folded: int, language: str) -> str:
    """A group as people see it; a day of the week in the reader's language, for the clock has named it."""
    if dimension == WEEKDAY and key in WEEKDAYS:
        return weekday_text(_A_MONDAY + timedelta(days=WEEKDAYS.index(key)), language)
    return group_name(key, folded, language)


def table_title(answer: Answer, names: list[str], language: str) -> str:
    by = f" {say(language, 'card.and')} ".join(names)
    period = period_label(answer.query.period, language)
    return say(language, "card.by", name=answer.metric.name(language), dimension=by, period=period)


def _headings(answer: Answer, language: str, *, shared: bool) -> list[str]:
    first = _first(answer.comparisons)
    headings = [say(language, "card.value")]
    if first:
        headings.append(_heading(basis_text(first, language, answer.query.period)))
    if shared:
        headings.append(say(language, "card.change_share"))
    return [*headings, *(_heading(part_name(part, answer.metric, language)) for part in _volumes(answer))]


def _figures(
    answer: Answer,
    language: str,
    figures: tuple[float | None, Mapping[str, float | None], Change | None],
    *,
    shared: bool,
) -> tuple[Cell, ...]:
    value, parts, change = figures
    metric, currency = answer.metric, answer.currency
    cells = [Cell(outcome_text(value, parts, metric, currency, language, style="exact"), value)]
    whole = _first(answer.comparisons)
    if whole:
        cells.append(_change(answer, change, language))
    if shared and whole and whole.change:
        share = change.change / whole.change if change and change.change is not None else None
        cells.append(Cell("–" if share is None else percent_text(share, language, "axis"), share))
    for part in _volumes(answer):
        metric_input = metric.inputs.get(part)
        text = amount_text(parts.get(part), metric_input.unit if metric_input else "count", currency, language, "exact")
        cells.append(Cell(text, parts.get(part)))
    return tuple(cells)


def _change(answer: Answer, change: Change | None, language: str) -> Cell:
    """The movement with its verdict in words; sorted by the ratio, by the difference for rates and scores."""
    if change is None or change.change is None:
        return Cell("–")
    moved = change_cell(change, answer.metric, language, answer.currency)
    # Sorted by what the cell says: a rate moves by points, anything else by percent.
    points = shown_unit(answer.metric, language) in {"percent", "score"} or change.change_ratio is None
    number = change.change if points else change.change_ratio
    if change.verdict == "same":
        return Cell(say(language, "change.usual", movement=moved), number)
    if change.verdict in {"better", "worse"}:
        moved = say(language, f"change.{change.verdict}", movement=moved)
    return Cell(moved, number)


def _volumes(answer: Answer) -> tuple[str, ...]:
    """The parts beside the value, for a KPI that is made of several."""
    return tuple(answer.parts) if 1 < len(answer.parts) <= MOST_PARTS else ()


def _shares_change(answer: Answer) -> bool:
    """Whether the groups' changes add up to the whole change, so that each has a share of it.

    Changes that cancel each other out have none to speak of: 422 % of a change says nothing.
    """
    whole = _first(answer.comparisons)
    changes = [change.change for row in answer.breakdown or () if (change := _first(row.comparisons))]
    differences = [change for change in changes if change is not None]
    # Rates do not add up, so their groups have no share of the whole change.
    if not whole or not whole.change or not differences or answer.metric.unit not in {"count", "currency"}:
        return False
    adds_up = isclose(sum(differences), whole.change, rel_tol=1e-6)
    return adds_up and max(map(abs, differences)) <= _LARGEST_SHARE * abs(whole.change)


def _first(changes: tuple[Change, ...]) -> Change | None:
    return next((change for change in changes if change.basis != "goal"), None)


def _heading(name: str) -> str:
    return name[:1].upper() + name[1:]
