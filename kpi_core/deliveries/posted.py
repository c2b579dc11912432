"""Posted numbers: kept with all that they were an answer to, so that one that moves later can be amended in place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kpi_core.answers import Answer
from kpi_core.dates.periods import period_from, period_values
from kpi_core.query import Comparison, Filter, MetricQuery
from kpi_core.state.delivery_rows import add_posted_number, forget_posted_numbers, numbers_since
from kpi_core.state.store import Store
from kpi_core.state.transactions import Transaction


@dataclass(frozen=True, slots=True)
class PostedNumber:
    """One number as people saw it; `version` is that of its definition."""

    query: MetricQuery
    value: float | None
    version: str


@dataclass(frozen=True, slots=True)
class Post:
    """A message in a channel with the numbers in it."""

    channel: str
    ts: str
    posted_at: datetime
    numbers: tuple[PostedNumber, ...]


def posted_number(answer: Answer) -> PostedNumber:
    return PostedNumber(answer.query, answer.value, answer.definition.version)


def keep_posted(
    transaction: Transaction, channel: str, ts: str, numbers: Sequence[PostedNumber], posted_at: datetime
) -> None:
    """Write down what a message says, once."""
    for position, number in enumerate(numbers):
        add_posted_number(
            transaction,
            channel=channel,
            ts=ts,
            position=position,
            posted_at=posted_at,
            metric=number.query.metric,
            query=query_json(number.query),
            value=number.value,
            version=number.version,
        )


def amend_posted(
    transaction: Transaction, channel: str, ts: str, numbers: Sequence[PostedNumber], amended_at: datetime
) -> None:
    """Write down what a message says after a change, in place of what it said; it stays posted when it was."""
    posted_at = forget_posted_numbers(transaction, channel, ts)
    keep_posted(transaction, channel, ts, numbers, posted_at or amended_at)


def posts_since(store: Store, since: datetime) -> tuple[Post, ...]:
    """Every post with numbers from `since` on, oldest first."""
    with store.reading() as transaction:
        rows = numbers_since(transaction, since)
    posts: dict[tuple[str, str, datetime], list[PostedNumber]] = {}
    for row in rows:
        number = PostedNumber(query_of(row["query"]), row["value"], row["version"])
        posts.setdefault((row["channel"], row["ts"], row["posted_at"]), []).append(number)
    return tuple(Post(channel, ts, at, tuple(numbers)) for (channel, ts, at), numbers in posts.items())


def number_json(number: PostedNumber) -> dict[str, Any]:
    return {"query": query_json(number.query), "value": number.value, "version": number.version}


def number_of(data: Mapping[str, Any]) -> PostedNumber:
    return PostedNumber(query_of(data["query"]), data["value"], data["version"])


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
        "whole": query.whole,
        "grain": query.grain,
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
        whole=data.get("whole", False),
        grain=data["grain"],
        question=data["question"],
        # Rows of earlier releases do not say.
        trended=data.get("trended", True),
    )
