"""A value split into groups: the largest first, the tail folded into "other" where it can be added up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from kpi_core.answering.changes import change_of
from kpi_core.answering.layout import leaves
from kpi_core.answering.resolved import Resolved, Window
from kpi_core.answering.values import Values
from kpi_core.answers import BreakdownRow, Change
from kpi_core.formula import Value
from kpi_core.sql.plan import Group


@dataclass(frozen=True, slots=True)
class Breakdown:
    """`total` groups in all; `additive` says whether the rows together give the total, so that a tail can be folded."""

    rows: tuple[BreakdownRow, ...]
    total: int
    additive: bool


def break_down(resolved: Resolved, values: Values) -> Breakdown:
    """The groups of the asked period, by value, highest first: for a KPI to be kept low that is worst first.

    With `top N` the rest is one row whose measures are added up before the formula is applied.
    """
    groups = _groups(resolved, values)
    rows = sorted((_row(resolved, values, group) for group in groups), key=_highest_first)
    additive = _adds_up(resolved)
    top = resolved.query.top
    if top is None or len(rows) <= top:
        return Breakdown(tuple(rows), len(rows), additive)
    shown = rows[:top]
    if additive:
        shown.append(_folded(resolved, values, [row.keys for row in rows[top:]]))
    return Breakdown(tuple(shown), len(rows), additive)


def _groups(resolved: Resolved, values: Values) -> set[Group]:
    """The groups seen in the asked period or in one it is compared with."""
    periods = [resolved.query.period]
    periods += [window.pairing.other for window in resolved.windows if window.pairing is not None]
    return {group for period in periods for group in values.groups(resolved.of(period, split=True))}


def _row(resolved: Resolved, values: Values, group: Group) -> BreakdownRow:
    value, parts = values.value(resolved.of(resolved.query.period, split=True), group)
    changes = tuple(change_of(window, resolved, values, group) for window in resolved.windows)
    return BreakdownRow(group, value, parts, changes)


def _highest_first(row: BreakdownRow) -> tuple[bool, float, tuple[tuple[bool, str], ...]]:
    """Rows without a value last, equal ones by name, the group without a name after the named ones."""
    names = tuple((key is None, key or "") for key in row.keys)
    return row.value is None, -(row.value or 0.0), names


def _adds_up(resolved: Resolved) -> bool:
    catalog = resolved.context.catalog
    measures = (catalog.models[leaf.model].measures[leaf.measure] for leaf in leaves(resolved.metric, catalog))
    return all(measure.adds_over_groups for measure in measures)


def _folded(resolved: Resolved, values: Values, groups: Sequence[Group]) -> BreakdownRow:
    value, parts = values.sum_of(resolved.of(resolved.query.period, split=True), groups)
    changes = tuple(_folded_change(window, resolved, values, groups) for window in resolved.windows)
    keys: Group = tuple("other" for _ in resolved.query.dimensions)
    return BreakdownRow(keys, value, parts, changes, folded=len(groups))


def _folded_change(window: Window, resolved: Resolved, values: Values, groups: Sequence[Group]) -> Change:
    """The change of the folded groups together, on the days on which the whole is compared."""
    whole = change_of(window, resolved, values)
    if window.pairing is None:
        return whole
    then: Value = values.sum_of(resolved.of(window.pairing.other, split=True), groups)[0]
    now: Value = values.sum_of(resolved.of(window.pairing.current, split=True), groups)[0]
    change = now - then if now is not None and then is not None else None
    ratio = change / abs(then) if change is not None and then and whole.change_ratio is not None else None
    return replace(whole, value=then, current=now, change=change, change_ratio=ratio, verdict=None, notice=None)
