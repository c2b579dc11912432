"""What a talk goes on from: the last question of a thread or of a direct conversation, remembered for a day.

The state knows it for all processes; without a state, or while it cannot be reached, this process does.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from typing import TYPE_CHECKING

from kpi_core.deliveries.posted_number import query_json, query_of
from kpi_core.errors import KpiBotError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from bot.slack.listeners.readers import Place
    from kpi_core.query import MetricQuery
    from kpi_core.state.store import Store
    from kpi_core.state.talks.last_questions import LastQuestion

MOST = 5_000
DIRECT = "D"
"""How the ids of direct conversations begin."""
log = logging.getLogger("kpi_bot.slack")


def talk_of(place: Place) -> str:
    """The name of the talk at a place: its thread, or the direct conversation; empty where nothing goes on."""
    if place.thread or place.direct or place.channel.startswith(DIRECT):
        return f"{place.channel}:{place.thread}"
    return ""


class LastQuestions:
    """Reads and writes down what was asked last; asks the state only after Slack got its ack."""

    def __init__(self, clock: Callable[[], datetime], store: Callable[[], Store] | None = None) -> None:
        self._clock = clock
        self._store = store
        self._here: OrderedDict[str, tuple[datetime, MetricQuery, bool]] = OrderedDict()

    async def before(self, place: Place) -> tuple[MetricQuery, bool] | None:
        """The question to go on from, and whether it was private: the talk's, or what this person was told alone."""
        names = _names(place)
        if not names:
            return None
        if self._store is not None:
            from kpi_core.state.talks.last_questions import read_last_question

            try:
                row = await asyncio.to_thread(self._read, lambda store: read_last_question(store, names, self._clock()))
            except KpiBotError as error:
                log.error("The last question is remembered by this process alone: %s", error.message)  # noqa: TRY400
            else:
                return (query_of(row.query), row.private) if row else None
        return self._newest_here(names)

    async def remember(self, place: Place, query: MetricQuery, *, private: bool) -> None:
        """The next words of the talk go on from this query; of a private one those of its asker."""
        names = _names(place)
        if not names:
            return
        name = names[-1] if private else names[0]
        self._here[name] = (self._clock(), query, private)
        self._here.move_to_end(name)
        while len(self._here) > MOST:
            self._here.popitem(last=False)
        if self._store is not None:
            try:
                await asyncio.to_thread(self._write, name, query, private)
            except KpiBotError as error:
                log.error("The last question is remembered by this process alone: %s", error.message)  # noqa: TRY400

    def _read(self, work: Callable[[Store], LastQuestion | None]) -> LastQuestion | None:
        assert self._store is not None
        return work(self._store())

    def _write(self, name: str, query: MetricQuery, private: bool) -> None:
        from kpi_core.state.talks.last_questions import LastQuestion, write_last_question

        assert self._store is not None
        write_last_question(self._store(), name, LastQuestion(query_json(query), private), self._clock())

    def _newest_here(self, names: tuple[str, ...]) -> tuple[MetricQuery, bool] | None:
        from kpi_core.state.talks.last_questions import REMEMBERED

        since = self._clock() - REMEMBERED
        rows = (row for name, row in reversed(self._here.items()) if name in names and row[0] > since)
        newest = next(rows, None)
        return newest[1:] if newest else None


def _names(place: Place) -> tuple[str, ...]:
    """Under which names a talk is remembered: what all read, then what one person was told alone."""
    talk = talk_of(place)
    return (talk, f"{talk}:{place.user}") if talk else ()
