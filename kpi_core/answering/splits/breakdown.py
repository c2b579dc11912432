"""A value split into groups: the largest first, the tail folded into "other" where it can be added up."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from kpi_core.answering.changes import change_of
from kpi_core.answering.layout import leaves
from kpi_core.answering.resolved import Resolved, Window
from kpi_core.answering.splits.times import groups_with_times, in_order_of_time, of_calendar
from kpi_core.answering.values import Values
from kpi_core.answering.verdicts.swing import Swing
from kpi_core.answers import BreakdownRow, Change
from kpi_core.formula import Value, divisor_of, formula_of
from kpi_core.frozen_dataclass import frozen
from kpi_core.query import MetricQuery, Order
from kpi_core.sql.plan import REST, Group

MOST_GROUPS = 300
"""Up to so many are all listed unless asked otherwise: nobody reads more, and as JSON they stay far below 1 MB."""
FIRST_GROUPS = 20
"""So many are listed of more than that."""


@frozen
class Breakdown:
    """`shown` groups of `total`; `additive` says whether the rows together give the whole: a tail can be folded."""

    rows: tuple[BreakdownRow, ...]
    shown: int
    total: int
    additive: bool


def break_down(resolved: Resolved, values: Values, swings: Sequence[Swing | None]) -> Breakdown:
    """The groups of the asked period, by value, highest first: for a KPI to be kept low that is worst first.

    `swings` are those of the whole, one a window: a group swings the more the smaller it is.

    Ranked, the named groups come first: with `top N` the N best, the lowest where lower is better, and none without a
    value takes a place that others are left out for. With limits only the groups within them stand apart. The rest,
    there and where there are more groups than anybody reads, is one row whose measures are added up before the formula
    is applied.
    """
    groups = groups_with_times(resolved, _groups(resolved, values))
    total = resolved.largest.total if resolved.largest else len(groups)
    most = shown_of(resolved.query, total)
    ranked = order_of(resolved.query) is not None
    order = _highest_first if not ranked else _ranked_lowest if is_lowest_first(resolved) else _ranked_highest
    rows = sorted(_rows(resolved, values, groups, swings), key=order)
    if not ranked:
        rows = in_order_of_time(resolved, rows)
    additive = _adds_up(resolved)
    if resolved.query.bounds:
        rows = sorted(rows, key=lambda row: not _is_within(row, resolved.query))
        most = min(most, sum(_is_within(row, resolved.query) for row in rows))
    shown = rows[:most]
    if resolved.query.top is not None and most < total:
        shown = [row for row in shown if row.value is not None] or shown
        most = len(shown)
    if additive and most < total:
        apart = {row.keys for row in shown}
        rest = [REST] if resolved.largest else [row.keys for row in rows if row.keys not in apart]
        shown = [*shown, replace(_folded(resolved, values, rest), folded=total - most)]
    return Breakdown(tuple(shown), most, total, additive)


def _is_within(row: BreakdownRow, query: MetricQuery) -> bool:
    """Whether a group has a value on the asked side of every limit."""
    return row.value is not None and all(bound.holds(row.value) for bound in query.bounds)


def shown_of(query: MetricQuery, total: int) -> int:
    """How many of a split's groups stand apart."""
    if query.top is not None:
        return min(query.top, total)
    return total if query.whole or total <= MOST_GROUPS else FIRST_GROUPS


def is_lowest_first(resolved: Resolved) -> bool:
    """Whether a ranking begins with the lowest value; of a KPI without a direction the best is the highest."""
    lower_is_better = resolved.metric.direction == "lower"
    match order_of(resolved.query):
        case "best":
            return lower_is_better
        case "worst":
            return not lower_is_better
        case order:
            return order == "least"


def order_of(query: MetricQuery) -> Order | None:
    """What the groups are ranked by; None where they are not."""
    return query.order or ("best" if query.top is not None else None)


def _groups(resolved: Resolved, values: Values) -> set[Group]:
    """The groups seen in the asked period or in one it is compared with."""
    if resolved.largest:
        return set(resolved.largest.groups)
    # What a calendar tells of other days is no group of these.
    periods = [resolved.query.period] if of_calendar(resolved) else resolved.split_periods()
    return {group for period in periods for group in values.groups(resolved.of(period, split=True))}


def _rows(
    resolved: Resolved, values: Values, groups: Iterable[Group], swings: Sequence[Swing | None]
) -> Iterator[BreakdownRow]:
    asked, is_timed = resolved.of(resolved.query.period, split=True), bool(resolved.of_time)
    windows = () if of_calendar(resolved) else tuple(zip(resolved.windows, swings, strict=True))
    for group in groups:
        changes = tuple(
            change_of(window, resolved, values, _own_swing(swing, window, resolved, values, group), group)
            for window, swing in windows
        )
        if is_timed:
            # One hour against one hour: chance moves it more than anything that could be called better or worse.
            changes = tuple(replace(change, verdict=None) for change in changes)
        yield BreakdownRow(group, *values.value(asked, group), changes)


def _own_swing(whole: Swing | None, window: Window, resolved: Resolved, values: Values, group: Group) -> Swing | None:
    """The swing of a group, by its share of the whole in what it is held against; None where it has none."""
    if whole is None or window.pairing is None:
        return None
    part, all_parts = (
        values.value(resolved.of(window.pairing.other, split=True), group),
        values.value(resolved.of(window.pairing.other)),
    )
    divisor = divisor_of(formula_of(resolved.metric.formula))
    size, total = (end[1].get(divisor) if divisor else end[0] for end in (part, all_parts))
    if not size or not total or not 0 < size <= total:
        return None
    return whole.of_part(size / total)


def _highest_first(row: BreakdownRow) -> tuple[bool, float, tuple[tuple[bool, str], ...]]:
    """Rows without a value last, equal ones by name, the group without a name after the named ones."""
    names = tuple((key is None, key or "") for key in row.keys)
    return row.value is None, -(row.value or 0.0), names


def _ranked_highest(row: BreakdownRow) -> tuple[object, ...]:
    """Groups without a name win no ranking, but still have a row where there is room for all."""
    return None in row.keys, *_highest_first(row)


def _ranked_lowest(row: BreakdownRow) -> tuple[object, ...]:
    valueless, highest, names = _highest_first(row)
    return None in row.keys, valueless, -highest, names


def _adds_up(resolved: Resolved) -> bool:
    catalog = resolved.context.catalog
    measures = (catalog.models[leaf.model].measures[leaf.measure] for leaf in leaves(resolved.metric, catalog))
    return all(measure.adds_over_groups for measure in measures)


def _folded(resolved: Resolved, values: Values, groups: Sequence[Group]) -> BreakdownRow:
    value, parts = values.sum_of(resolved.of(resolved.query.period, split=True), groups)
    changes = tuple(_folded_change(window, resolved, values, groups) for window in resolved.windows)
    keys: Group = tuple("other" for _ in resolved.query.dimensions)
    return BreakdownRow(keys, value, parts, changes)


def _folded_change(window: Window, resolved: Resolved, values: Values, groups: Sequence[Group]) -> Change:
    """The change of the folded groups together, on the days on which the whole is compared."""
    whole = change_of(window, resolved, values, None)
    if window.pairing is None:
        return replace(whole, value=None)
    then: Value = values.sum_of(resolved.of(window.pairing.other, split=True), groups)[0]
    now: Value = values.sum_of(resolved.of(window.pairing.current, split=True), groups)[0]
    change = now - then if now is not None and then is not None else None
    ratio = change / abs(then) if change is not None and then and whole.change_ratio is not None else None
    return replace(
        whole, value=then, current=now, change=change, change_ratio=ratio, verdict=None, notice=None, usual=None
    )
