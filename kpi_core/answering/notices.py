"""What must be said beside a number: missing tables, days without data, unfinished periods, lumpy costs, folds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from kpi_core.answering.breakdown import Breakdown
from kpi_core.answering.layout import leaves
from kpi_core.answering.resolved import Asked
from kpi_core.answering.spans import days_of, known_until
from kpi_core.dates.periods import MONTHS
from kpi_core.formula import Value, divisor_of, formula_of
from kpi_core.metrics import Catalog
from kpi_core.phrases import Notice, Param
from kpi_core.warehouse.coverage import is_stale

_SHORTEST_MONTH = 28


def notices_of(
    asked: Asked, parts: Mapping[str, Value], breakdown: Breakdown | None, catalog: Catalog, today: date
) -> tuple[Notice, ...]:
    """Every notice of an answer, the gravest first."""
    if not asked.readable:
        return tuple(_unreadable(asked))
    found = [
        *_fallen_back(asked),
        *_outside(asked),
        *_zero_divisor(asked, parts),
        *_starts_late(asked),
        *_short_history(asked, catalog),
        *_unfinished(asked, today),
        *_moved_holidays(asked),
        *_immature(asked, catalog),
        *_lumpy(asked, catalog),
        *(_folds(asked, breakdown) if breakdown else ()),
    ]
    if is_stale(asked.through, today) and asked.through is not None:
        found.append(Notice("warning.stale", {"through": asked.through.isoformat()}))
    return tuple(found)


def _unreadable(asked: Asked) -> Iterator[Notice]:
    for table in asked.coverages:
        if table.missing:
            yield Notice("warning.table_missing", {"table": table.table})
        elif table.first is None:
            yield Notice("warning.table_empty", {"table": table.table})


def _outside(asked: Asked) -> Iterator[Notice]:
    days = (asked.query.period.start, asked.query.period.end)
    for table in asked.coverages:
        if not table.holds(days) and table.first is not None and table.last is not None:
            params = {"table": table.table, "first": table.first.isoformat(), "last": table.last.isoformat()}
            yield Notice("warning.outside_coverage", params)


def _zero_divisor(asked: Asked, parts: Mapping[str, Value]) -> Iterator[Notice]:
    divisor = divisor_of(formula_of(asked.metric.formula))
    if divisor is not None and parts.get(divisor) == 0:
        yield Notice("warning.zero_denominator", {"part": divisor})


def _starts_late(asked: Asked) -> Iterator[Notice]:
    period = asked.query.period
    for table in asked.coverages:
        if table.first is not None and period.start < table.first < period.end:
            yield Notice("warning.starts_late", {"table": table.table, "first": table.first.isoformat()})


def _short_history(asked: Asked, catalog: Catalog) -> Iterator[Notice]:
    """Parts that look back over months of which the table has only some: they come out too low."""
    found: dict[tuple[str, int], Notice] = {}
    for leaf in leaves(asked.metric, catalog):
        table = asked.context.coverage[leaf.model]
        days = days_of(leaf, asked.query.period, asked.context) if leaf.trailing_months else None
        if days and leaf.trailing_months and table.first is not None and days[0] < table.first < days[1]:
            params: dict[str, Param] = {"table": table.table, "months": leaf.trailing_months}
            params["first"] = table.first.isoformat()
            found[table.table, leaf.trailing_months] = Notice("warning.short_history", params)
    yield from found.values()


def _unfinished(asked: Asked, today: date) -> Iterator[Notice]:
    """The period goes on, or its last days have not arrived; a period wholly ahead has no "so far"."""
    period = asked.query.period
    if not asked.complete and asked.through is not None and period.start <= min(asked.through, today):
        params = {"through": asked.through.isoformat(), "last": period.last_day.isoformat()}
        yield Notice("warning.incomplete", params)


def _moved_holidays(asked: Asked) -> Iterator[Notice]:
    """What makes a comparison's percentage mislead although its days are fair."""
    said: list[Notice] = []
    for window in asked.windows:
        if window.remark is not None and window.remark not in said:
            said.append(window.remark)
    yield from said


def _fallen_back(asked: Asked) -> Iterator[Notice]:
    if asked.instead_of is not None:
        yield Notice("warning.fallback", {"reading": asked.metric.reading})


def _immature(asked: Asked, catalog: Catalog) -> Iterator[Notice]:
    """Rows too young to know their outcome: whether they are left out, and since when they began."""
    period = asked.query.period
    found = (catalog.models[leaf.model].measures[leaf.measure].matures for leaf in leaves(asked.metric, catalog))
    waits = [matures for matures in found if matures is not None]
    if not waits:
        return
    until = min(known_until(matures, asked.context) for matures in waits)
    if until >= min(period.end, asked.complete_through + timedelta(days=1)):
        return
    through = {"through": (until - timedelta(days=1)).isoformat()}
    if any(matures.keep for matures in waits):
        yield Notice("warning.still_open", through)
    elif until <= period.start:
        yield Notice("warning.too_young")
    else:
        yield Notice("warning.immature", through)


def _lumpy(asked: Asked, catalog: Catalog) -> Iterator[Notice]:
    period = asked.query.period
    short = period.grain not in MONTHS and period.days < _SHORTEST_MONTH
    if (short or not asked.complete) and any(catalog.models[table.model].lumpy for table in asked.coverages):
        yield Notice("warning.lumpy_costs")


def _folds(asked: Asked, breakdown: Breakdown) -> Iterator[Notice]:
    top = asked.query.top
    if top is not None and breakdown.total > top:
        params: dict[str, Param] = {
            "shown": top,
            "total": breakdown.total,
            "dimension": ", ".join(asked.query.dimensions),
        }
        yield Notice("warning.top_folded" if breakdown.additive else "warning.top_not_folded", params)
    elif not breakdown.additive:
        yield Notice("warning.not_additive")
