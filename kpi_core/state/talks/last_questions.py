"""The last question of each thread and direct conversation, for a day: what comes after may go on from it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select

from kpi_core.frozen_dataclass import frozen
from kpi_core.state.schema import last_questions
from kpi_core.state.store import Store

REMEMBERED = timedelta(days=1)
_AT_ONCE = 200


@frozen
class LastQuestion:
    """`query` as JSON values; `private`: it was for its asker alone."""

    query: Mapping[str, Any]
    private: bool = False


def write_last_question(store: Store, place: str, question: LastQuestion, now: datetime) -> None:
    """What was answered last at a place, instead of what stood there; some that are over go."""
    table = last_questions.c
    with store.writing() as transaction:
        transaction.put(last_questions, place=place, at=now, query=dict(question.query), private=question.private)
        # A few at a time, passing over locked ones: tidying up must not hold an answer up.
        over = select(table.place).where(table.at <= now - REMEMBERED).limit(_AT_ONCE)
        gone = [row["place"] for row in transaction.rows(over.with_for_update(skip_locked=True))]
        if gone:
            transaction.run(delete(last_questions).where(table.place.in_(gone)))


def read_last_question(store: Store, places: Iterable[str], now: datetime) -> LastQuestion | None:
    """The newest of these places, None where the last day has none."""
    table = last_questions.c
    query = select(last_questions).where(table.place.in_(list(places)), table.at > now - REMEMBERED)
    with store.reading() as transaction:
        row = transaction.row(query.order_by(table.at.desc(), table.place.desc()).limit(1))
    return LastQuestion(row["query"], row["private"]) if row else None
