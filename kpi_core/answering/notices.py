"""What must be said beside a number: missing tables, days without data, unfinished periods, lumpy costs, folds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta

from kpi_core.answering.layout import leaves
from kpi_core.answering.resolved import Resolved
from kpi_core.answering.spans import cohorts, days_of, known_until
from kpi_core.answering.splits.breakdown import Breakdown, is_lowest_first, order_of
from kpi_core.dates.periods import MONTHS, Days
from kpi_core.formula import Value, divisor_of, formula_of
from kpi_core.metrics import Catalog
from kpi_core.phrases import Notice, Param
from kpi_core.warehouse.coverage import Coverage, is_stale

_SHORTEST_MONTH = 28


def notices_of(
    resolved: Resolved, parts: Mapping[str, Value], breakdown: Breakdown | None, catalog: Catalog, today: date
) -> tuple[Notice, ...]:
    """Every notice of an answer, the gravest first."""
    if not resolved.readable:
        return (*unreadable(resolved.coverages), *column_notices(resolved.lacking))
    found = [
        *_fallen_back(resolved),
        *_outside(resolved),
        *_without_tables(resolved.coverages),
        *_zero_divisor(resolved, parts),
        *_starts_late(resolved),
        *_short_history(resolved),
        *_short_window(resolved),
        *_unfinished(resolved, today),
        *_moved_holidays(resolved),
        *_immature(resolved, catalog),
        *_lumpy(resolved, catalog),
        *((*_order(resolved), *_folds(resolved, breakdown)) if breakdown else ()),
    ]
    if is_stale(resolved.through, today) and resolved.through is not None:
        found.append(Notice("warning.stale", {"through": resolved.through.isoformat()}))
    return tuple(found)


def unreadable(coverages: Iterable[Coverage]) -> Iterator[Notice]:
    """Of the tables of a metric, those that are not there and those without a row."""
    for table in coverages:
        if table.missing:
            yield Notice("warning.table_missing", {"table": table.table})
        elif table.first is None:
            yield Notice("warning.table_empty", {"table": table.table})


def column_notices(places: Iterable[str]) -> Iterator[Notice]:
    """Columns, as `table.column`, that a metric needs and that no source fills."""
    for place in places:
        table, _, column = place.partition(".")
        yield Notice("warning.column_unknown", {"table": table, "column": column})


def _without_tables(coverages: Iterable[Coverage]) -> Iterator[Notice]:
    """Tables that would tell more and are not there."""
    for name in dict.fromkeys(name for table in coverages for name in table.without):
        yield Notice("warning.without_table", {"table": name})


def _outside(resolved: Resolved) -> Iterator[Notice]:
    for table in resolved.coverages:
        days = _days_read(resolved, table.model)
        if not table.holds(days) and table.first is not None and table.last is not None:
            params = {"table": table.table, "first": table.first.isoformat(), "last": table.last.isoformat()}
            yield Notice("warning.outside_coverage", params)


def _days_read(resolved: Resolved, model: str) -> Days:
    """The asked days, and where only balances are read those whose rows may stand for the last of them."""
    period = resolved.query.period
    if not resolved.ground.balances.get(model, False):
        return period.start, period.end
    found = [leaf for leaf in leaves(resolved.metric, resolved.context.catalog) if leaf.model == model]
    days = [days_of(leaf, period, resolved.context) for leaf in found if leaf.offset is None and not leaf.taken]
    return next((each for each in days if each is not None), (period.start, period.end))


def _zero_divisor(resolved: Resolved, parts: Mapping[str, Value]) -> Iterator[Notice]:
    divisor = divisor_of(formula_of(resolved.metric.formula))
    if divisor is not None and parts.get(divisor) == 0:
        yield Notice("warning.zero_denominator", {"part": divisor})


def _starts_late(resolved: Resolved) -> Iterator[Notice]:
    period = resolved.query.period
    for table in resolved.coverages:
        if table.first is not None and period.start < table.first < period.end:
            yield Notice("warning.starts_late", {"table": table.table, "first": table.first.isoformat()})


def _short_history(resolved: Resolved) -> Iterator[Notice]:
    """Parts that look back over months of which the table has only some: they come out too low."""
    found: dict[tuple[str, int], Notice] = {}
    for leaf in resolved.ground.of_other_days:
        table = resolved.context.coverage[leaf.model]
        days = days_of(leaf, resolved.query.period, resolved.context) if leaf.trailing_months else None
        if days and leaf.trailing_months and table.first is not None and days[0] < table.first < days[1]:
            params: dict[str, Param] = {"table": table.table, "months": leaf.trailing_months}
            params["first"] = table.first.isoformat()
            found[table.table, leaf.trailing_months] = Notice("warning.short_history", params)
    yield from found.values()


def _short_window(resolved: Resolved) -> Iterator[Notice]:
    """Parts that look back over a length of time whose first days the table does not have."""
    for leaf in resolved.ground.of_other_days:
        table = resolved.context.coverage[leaf.model]
        windows = [step.window for step in leaf.taken if step.window is not None and not step.window.all_time]
        to_date = any(step.grain_to_date for step in leaf.taken)
        days = days_of(leaf, resolved.query.period, resolved.context) if windows or to_date else None
        if days and table.first is not None and days[0] < table.first < days[1]:
            since = {"since": days[0].isoformat(), "first": table.first.isoformat()}
            yield Notice("warning.short_window", {"table": table.table, **since})


def _unfinished(resolved: Resolved, today: date) -> Iterator[Notice]:
    """The period goes on, or its last days have not arrived; a period wholly ahead has no "so far"."""
    period = resolved.query.period
    if not resolved.complete and resolved.through is not None and period.start <= min(resolved.through, today):
        params = {"through": resolved.through.isoformat(), "last": period.last_day.isoformat()}
        yield Notice("warning.incomplete", params)


def _moved_holidays(resolved: Resolved) -> Iterator[Notice]:
    """What makes a comparison's percentage mislead although its days are fair."""
    said: list[Notice] = []
    for window in resolved.windows:
        if window.remark is not None and window.remark not in said:
            said.append(window.remark)
    yield from said


def _fallen_back(resolved: Resolved) -> Iterator[Notice]:
    if resolved.instead_of is not None:
        yield Notice("warning.fallback", {"reading": resolved.metric.reading})


def _immature(resolved: Resolved, catalog: Catalog) -> Iterator[Notice]:
    """Rows too young to know their outcome: whether they are left out, and since when they began."""
    period = resolved.query.period
    waits = list(cohorts(resolved.metric, catalog))
    if not waits:
        return
    until = min(known_until(matures, model, resolved.context) for model, matures in waits)
    if until >= min(period.end, resolved.complete_through + timedelta(days=1)):
        return
    through = {"through": (until - timedelta(days=1)).isoformat()}
    if any(matures.keep for _model, matures in waits):
        yield Notice("warning.still_open", through)
    elif until <= period.start:
        yield Notice("warning.too_young")
    else:
        yield Notice("warning.immature", through)


def _lumpy(resolved: Resolved, catalog: Catalog) -> Iterator[Notice]:
    period = resolved.query.period
    short = period.grain not in MONTHS and period.days < _SHORTEST_MONTH
    if (short or not resolved.complete) and any(catalog.models[table.model].lumpy for table in resolved.coverages):
        yield Notice("warning.lumpy_costs")


def _folds(resolved: Resolved, breakdown: Breakdown) -> Iterator[Notice]:
    shown, total = breakdown.shown, breakdown.total
    if shown < total:
        params: dict[str, Param] = {"shown": shown, "total": total, "dimension": ", ".join(resolved.query.dimensions)}
        asked = order_of(resolved.query) is not None or bool(resolved.query.bounds)
        rest = "folded" if breakdown.additive else "not_folded"
        yield Notice(f"warning.top_{rest}" if asked else f"warning.more_{rest}", params | {"more": total - shown})
    elif not breakdown.additive:
        yield Notice("warning.not_additive")


def _order(resolved: Resolved) -> Iterator[Notice]:
    """Which end of a ranking comes first, where that is not plain: the highest first, and better, is."""
    order = resolved.query.order if resolved.query.dimensions else None
    lowest, lower_is_better = is_lowest_first(resolved), resolved.metric.direction == "lower"
    if order in {"best", "worst"} and lower_is_better:
        yield Notice("warning.lowest_best" if lowest else "warning.highest_worst")
    elif order is not None and lowest:
        yield Notice("warning.lowest_first")
