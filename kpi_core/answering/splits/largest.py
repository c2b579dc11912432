"""Which groups of a split stand apart, where there are more than one would fetch: picked by the database."""

from __future__ import annotations

from dataclasses import replace

from kpi_core.answering.layout import Layout, Reading, layout_of
from kpi_core.answering.resolved import Largest, Resolved
from kpi_core.answering.spans import Needs, needed
from kpi_core.answering.splits.breakdown import MOST_GROUPS, is_lowest_first, order_of, shown_of
from kpi_core.answering.tables import Tables
from kpi_core.answering.values import empty_of, is_known
from kpi_core.formula import Value
from kpi_core.sql.plan import Fetch, plan
from kpi_core.sql.ranked import Column, LeafPlace, Ranking, leaf_column
from kpi_core.sql.until_now import Clock


def can_be_picked(resolved: Resolved) -> bool:
    """Whether only some groups of the question's split are shown, and the database can tell which.

    It cannot where the split takes part in a number (groups in which another measure is above 0), nor of balances,
    of which a group without a row is not one with 0.
    """
    query = resolved.query
    if not query.dimensions or query.bounds or not resolved.readable or query.whole or (query.top or 0) > MOST_GROUPS:
        return False
    layout = layout_of(resolved.metric, resolved.context.catalog)
    models = resolved.context.catalog.models
    return bool(layout.leaves) and all(
        leaf.where is None and models[leaf.model].measures[leaf.measure].last_per is None for leaf in layout.leaves
    )


def with_largest(resolved: Resolved, tables: Tables, clock: Clock) -> tuple[Resolved, str]:
    """The question with its largest groups picked, where there are more than it shows; and the query that told."""
    layout = layout_of(resolved.metric, resolved.context.catalog)
    slices = [resolved.of(period, split=True) for period in resolved.split_periods()]
    needs = needed(layout, slices, resolved.context, ())
    fetches = plan((need for leaves in needs.values() for own in leaves for need in own), tables.known.models)
    if not fetches:
        return resolved, ""
    ranking = _ranking(resolved, layout, needs[slices[0]], fetches)
    sql, rows = tables.ranked(fetches, ranking, clock)
    total = int(rows[0][-1]) if rows else 0
    shown = shown_of(resolved.query, total)
    if shown == total:
        return resolved, sql
    picked = rows[:shown]
    if resolved.query.top is not None:
        # As `break_down` has it: what is picked is apart from the rest, so it is decided here.
        picked = [row for row in picked if row[-2] is not None] or picked
    return replace(resolved, largest=Largest(tuple(tuple(row[:-2]) for row in picked), total)), sql


def _ranking(resolved: Resolved, layout: Layout, needs: tuple[Needs, ...], fetches: list[Fetch]) -> Ranking:
    places: list[LeafPlace] = []
    numbers: list[Column | None] = []
    for number, (leaf, own) in enumerate(zip(layout.leaves, needs, strict=True)):
        if not own or not is_known(leaf, own, resolved.context):
            numbers.append(None)
            continue
        (need,) = own
        fetch = next(place for place, fetch in enumerate(fetches) if need in fetch.needs)
        buckets = tuple(fetches[fetch].answering(need))
        places.append(LeafPlace(number, fetch, fetches[fetch].measures.index(need.measure), buckets))
        numbers.append(leaf_column(number, or_zero=empty_of(leaf, resolved.context) is not None))
    value = layout.evaluate(Reading(_as_values(numbers), resolved.query.period, resolved.context))[0]
    # Groups without a value are in the order of their names.
    text = "CAST(NULL AS DOUBLE)" if value is None else value.sql if isinstance(value, Column) else repr(float(value))
    query = resolved.query
    return Ranking(
        tuple(places),
        text,
        query.top or MOST_GROUPS + 1,
        lowest_first=is_lowest_first(resolved),
        named_first=order_of(query) is not None,
    )


def _as_values(numbers: list[Column | None]) -> list[Value]:
    """Columns take part in arithmetic as the numbers do that stand in them."""
    return numbers  # type: ignore[return-value]  # that is what `Column` is for
