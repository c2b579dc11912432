"""What a question was read as, for a program that wants to see it or to go on from it. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kpi_core.query import DEFAULT_COMPARISONS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kpi_core.dates.periods import Period
    from kpi_core.query import Comparison, Filter, MetricQuery


def reading_json(query: MetricQuery) -> dict[str, Any]:
    """Ids and half-open days, no words; what the question does not say is None or empty.

    `grain` is a unit, or a list of the two whose edges both cut.
    `having` is there where groups are asked for by their value: which side of which limit, in the KPI's unit.
    `vs` is a basis, or days, of a comparison that was named; a list of them where there are several.
    """
    return {
        "intent": _intent(query),
        "kpi": query.metric,
        "period": _days(query.period),
        "where": _members(clause for clause in query.filters if not clause.excludes),
        "where_not": _members(clause for clause in query.filters if clause.excludes),
        "by": list(query.dimensions),
        "top": query.top,
        "order": query.order or ("best" if query.top else None),
        "grain": [query.grain, query.cut_by] if query.cut_by else query.grain,
        "vs": _versus(query.comparisons),
    } | ({"having": {bound.kind: bound.limit for bound in query.bounds}} if query.bounds else {})


def _intent(query: MetricQuery) -> str:
    """What the asker is after, by the most special thing the question says."""
    if query.dimensions:
        return "breakdown"
    if any(comparison.basis == "goal" for comparison in query.comparisons):
        return "goal"
    return "trend" if query.grain else "value"


def _members(filters: Iterable[Filter]) -> dict[str, list[str | None]]:
    return {clause.dimension: list(clause.values) for clause in filters}


def _versus(comparisons: tuple[Comparison, ...]) -> Any:
    if comparisons == DEFAULT_COMPARISONS:
        return None
    named = [_days(other.period) if other.period else other.basis for other in comparisons]
    return named[0] if len(named) == 1 else named


def _days(period: Period) -> dict[str, str]:
    return {"start": period.start.isoformat(), "end": period.end.isoformat()}
