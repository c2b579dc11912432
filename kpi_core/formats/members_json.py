"""The values of a dimension as JSON values."""

from __future__ import annotations

from typing import Any

from kpi_core.answers import Members


def members_json(members: Members) -> dict[str, Any]:
    """Ids, half-open days and the values, each by its dimension; `more` where not all of them are listed."""
    query, period = members.query, members.query.period
    return {
        "dimensions": list(query.dimensions),
        "period": {"start": period.start.isoformat(), "end": period.end.isoformat()} if period else None,
        "where": {clause.dimension: list(clause.values) for clause in query.filters if not clause.excludes},
        "where_not": {clause.dimension: list(clause.values) for clause in query.filters if clause.excludes},
        "values": [dict(zip(query.dimensions, group, strict=True)) for group in members.groups],
        "more": members.more,
    }
