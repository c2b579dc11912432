"""Of which days and rows each measure of a question is taken."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from datetime import date, timedelta

from kpi_core.answering.balances import days_up_to, last_moments_of
from kpi_core.answering.days.moved import moved_days
from kpi_core.answering.layout import ONE_DAY, Context, Layout, Leaf, filter_layout, leaves
from kpi_core.dates.periods import Days, Period, add_months, pair, previous, year_ago
from kpi_core.frozen_dataclass import frozen
from kpi_core.metrics import Catalog, Matures, Metric, Model
from kpi_core.query import Filter
from kpi_core.sql.plan import Group, Need


@frozen
class Slice:
    """The rows asked about: a period, split by dimensions, kept by filters; with `chosen` only those groups apart."""

    period: Period
    dimensions: tuple[str, ...] = ()
    filters: tuple[Filter, ...] = ()
    chosen: tuple[Group, ...] | None = None

    # Slices of one question differ in their days first; the rest of a period tells hardly any two apart.
    def __hash__(self) -> int:
        return hash((self.period.start, self.period.end, self.dimensions, self.filters))


def days_of(leaf: Leaf, period: Period, context: Context) -> Days | None:
    """The days of which a leaf is taken when a period is asked; None when none of them can be known yet."""
    model = context.catalog.models[leaf.model]
    chosen = _chosen(leaf, period, context)
    if chosen is None:
        return None
    moved = moved_days(chosen, leaf, context) if leaf.taken or leaf.over else chosen
    if moved is None:
        return None
    start, end = _mature(moved, model, leaf, context)
    if model.measures[leaf.measure].spread and not model.measures[leaf.measure].ahead:
        # A month's budget is compared with what the elapsed part of it should have taken.
        end = min(end, context.complete_through + ONE_DAY)
    if model.measures[leaf.measure].last_per is not None:
        return days_up_to(min(end, context.today + ONE_DAY), model.measures[leaf.measure])
    if model.measures[leaf.measure].at is not None:
        # The state at an end that lies ahead is the state at the end of the data.
        last = context.coverage[leaf.model].last
        end = min(end, last + ONE_DAY) if last else end
    return (start, end) if start < end else None


def _chosen(leaf: Leaf, period: Period, context: Context) -> Days | None:
    basis = leaf.offset or leaf.beside
    if basis is not None:
        other = (previous if basis == "previous_period" else year_ago)(period, context.calendar)
        pairing = pair(period, other, context.complete_through)
        if pairing is None:
            return None
        period = pairing.other if leaf.offset else pairing.current
    if leaf.trailing_months is not None:
        end = min(period.end, context.complete_through + ONE_DAY)
        return add_months(end, -leaf.trailing_months), end
    return period.start, period.end


def _mature(days: Days, model: Model, leaf: Leaf, context: Context) -> Days:
    """Only days whose outcome is known, where the measure leaves the others out."""
    matures = model.measures[leaf.measure].matures
    if matures is None or matures.keep:
        return days
    return days[0], min(days[1], known_until(matures, leaf.model, context))


def cohorts(metric: Metric, catalog: Catalog) -> Iterator[tuple[str, Matures]]:
    """Of a metric's measures those whose outcome takes its time: their model, and how long."""
    for leaf in leaves(metric, catalog):
        matures = catalog.models[leaf.model].measures[leaf.measure].matures
        if matures is not None:
            yield leaf.model, matures


def known_until(matures: Matures, model: str, context: Context) -> date:
    """The day from which on outcomes are not known yet: N days, or N whole months, after it are not complete."""
    # New rows may pause while the table of outcomes goes on: nobody installs an app that many use.
    outcomes = context.coverage[model].outcomes
    after = (min(outcomes, context.today - ONE_DAY) if outcomes else context.complete_through) + ONE_DAY
    if matures.months:
        return add_months(after.replace(day=1), -matures.months)
    return after - timedelta(days=matures.days)


Needs = tuple[Need, ...]
"""What one leaf takes: itself first, then what filters it or tells its age; empty when none of its days are known yet.
"""


def needs_of(leaf: Leaf, cut: Slice, days: Days | None, context: Context, *, compared: bool) -> Needs:
    """What must be fetched for a leaf: itself, by the filtering dimension too, and the measure it is filtered by.

    Of a balance that is told or compared as a whole, also how old its members' rows are.
    """
    if days is None:
        return ()
    model = context.catalog.models[leaf.model]
    measure = model.measures[leaf.measure]
    if measure.last_per is not None and compared and not cut.dimensions:
        own = Need(leaf.model, leaf.measure, days, cut.dimensions, cut.filters)
        return own, last_moments_of(model, measure, cut.filters, days[1])
    if leaf.where is None:
        return (Need(leaf.model, leaf.measure, days, cut.dimensions, cut.filters, cut.chosen),)
    by = with_dimension(cut.dimensions, model.column_of(leaf.where.by))
    own = Need(leaf.model, leaf.measure, days, by, cut.filters)
    others = [
        _filtering(other, leaf, days, cut.period, context)
        for other in filter_layout(leaf.where, context.catalog).leaves
    ]
    return (own, *(need for need in others if need is not None)) if None not in others else ()


def _filtering(other: Leaf, leaf: Leaf, days: Days, period: Period, context: Context) -> Need | None:
    """What tells of each group whether it counts, of the same days; None where those are not known yet."""
    assert leaf.where is not None
    if not leaf.where.lenient:
        moved = replace(
            other,
            offset=leaf.offset or other.offset,
            beside=leaf.beside or other.beside,
            trailing_months=leaf.trailing_months or other.trailing_months,
            taken=(*leaf.taken, *other.taken),
            over=leaf.over or other.over,
        )
        own = days_of(moved, period, context)
        if own is None:
            return None
        days = own
    by = context.catalog.models[other.model].column_of(leaf.where.by)
    return Need(other.model, other.measure, days, (by,))


def needed(
    layout: Layout, slices: Iterable[Slice], context: Context, compared: Collection[Period]
) -> dict[Slice, tuple[Needs, ...]]:
    """What must be fetched for some slices of a metric: of each, the needs of every leaf.

    `compared` are the periods that are told or held against each other, beside those of the trend.
    """
    needs_by_cut: dict[Slice, tuple[Needs, ...]] = {}
    days: dict[Period, list[Days | None]] = {}
    for cut in slices:
        if cut not in needs_by_cut:
            leaf_days = days.get(cut.period)
            if leaf_days is None:
                leaf_days = days[cut.period] = [days_of(leaf, cut.period, context) for leaf in layout.leaves]
            needs_by_cut[cut] = tuple(
                needs_of(leaf, cut, own, context, compared=cut.period in compared)
                for leaf, own in zip(layout.leaves, leaf_days, strict=True)
            )
    return needs_by_cut


def with_dimension(dimensions: tuple[str, ...], by: str) -> tuple[str, ...]:
    return dimensions if by in dimensions else (*dimensions, by)
