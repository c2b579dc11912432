"""A number that a message says, with all that it was an answer to, and both as JSON values. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import date
from typing import Any

from kpi_core.answers import Answer
from kpi_core.dates.periods import period_from, period_values
from kpi_core.frozen_dataclass import frozen
from kpi_core.query import Bound, Comparison, Filter, MetricQuery


@frozen
class PostedNumber:
    """One number as people saw it; `version` is that of its definition."""

    query: MetricQuery
    value: float | None
    version: str
    parts: Mapping[str, float | None] = field(default_factory=dict)
    """The amounts of its formula, where its readers may see them."""
    data_through: date | None = None
    """The last day that all of its tables had."""


def posted_number(answer: Answer) -> PostedNumber:
    through = answer.freshness.data_through
    return PostedNumber(answer.query, answer.value, answer.definition.version, answer.parts, through)


def number_json(number: PostedNumber) -> dict[str, Any]:
    return {
        "query": query_json(number.query),
        "value": number.value,
        "version": number.version,
        "parts": dict(number.parts),
        "data_through": number.data_through.isoformat() if number.data_through else None,
    }


def number_of(data: Mapping[str, Any]) -> PostedNumber:
    # Rows of earlier releases know neither parts nor how far the data went.
    through = data.get("data_through")
    return PostedNumber(
        query_of(data["query"]),
        data["value"],
        data["version"],
        data.get("parts", {}),
        date.fromisoformat(through) if through else None,
    )


def query_json(query: MetricQuery) -> dict[str, Any]:
    """A query as JSON values, from which `query_of` makes it again."""
    return {
        "metric": query.metric,
        "period": period_values(query.period),
        "comparisons": [
            {"basis": comparison.basis, "period": period_values(comparison.period) if comparison.period else None}
            for comparison in query.comparisons
        ],
        "dimensions": list(query.dimensions),
        "filters": [
            {"dimension": clause.dimension, "values": list(clause.values), "excludes": clause.excludes}
            for clause in query.filters
        ],
        "top": query.top,
        "order": query.order,
        "bounds": [[bound.kind, bound.limit, bound.percent] for bound in query.bounds],
        "whole": query.whole,
        "grain": query.grain,
        "cut_by": query.cut_by,
        "question": query.question,
        "trended": query.trended,
    }


def query_of(data: Mapping[str, Any]) -> MetricQuery:
    return MetricQuery(
        metric=data["metric"],
        period=period_from(data["period"]),
        comparisons=tuple(
            Comparison(comparison["basis"], period_from(comparison["period"]) if comparison["period"] else None)
            for comparison in data["comparisons"]
        ),
        dimensions=tuple(data["dimensions"]),
        filters=tuple(
            # Rows of earlier releases know no exclusion.
            Filter(clause["dimension"], tuple(clause["values"]), clause.get("excludes", False))
            for clause in data["filters"]
        ),
        top=data["top"],
        order=data.get("order"),
        bounds=tuple(Bound(*bound) for bound in data.get("bounds", ())),
        whole=data.get("whole", False),
        grain=data["grain"],
        cut_by=data.get("cut_by"),
        question=data["question"],
        # Rows of earlier releases do not say.
        trended=data.get("trended", True),
    )
