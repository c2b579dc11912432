"""Words that go on from a question: which one that is, and what they make of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from bot.slack.listeners.request import HELP, read_request
from bot.slack.listeners.talks.beginnings import first_words
from bot.slack.listeners.talks.last_question import LastQuestions, talk_of
from kpi_core.access.audiences import Channel
from kpi_core.errors import KpiBotError
from kpi_core.frozen_dataclass import frozen

if TYPE_CHECKING:
    from datetime import datetime

    from slack_sdk.web.async_client import AsyncWebClient

    from bot.slack.listeners.readers import Place
    from bot.slack.listeners.request import Kind, Request
    from bot.slack.listeners.services import Services
    from kpi_core.access.doorway import Door
    from kpi_core.query import MetricQuery

GOES_ON = frozenset({"question", "why", "explain", "normal", "exact"})
Read = Callable[["Door"], tuple["Kind", "MetricQuery"]]


@frozen
class Before:
    """The question that words go on from; `private` where its answer was for one person alone."""

    query: MetricQuery
    private: bool


class Talks:
    """What threads and direct conversations are about."""

    def __init__(self, services: Services) -> None:
        self._last = LastQuestions(services.clock, services.store)

    async def remember(self, place: Place, query: MetricQuery, *, private: bool) -> None:
        """What comes after in this talk goes on from the query."""
        await self._last.remember(place, query, private=private)

    async def before(self, client: AsyncWebClient, place: Place, request: Request, services: Services) -> Before | None:
        """What a request goes on from; None where it stands by itself or nothing was asked before."""
        if not talk_of(place) or place.begins or not _may_go_on(request, place):
            return None
        row = await self._last.before(place)
        if row is None and (words := await first_words(client, place)):
            door = services.door(Channel(place.channel))
            row = await asyncio.to_thread(_first_query, door, words, services.clock())
        door = services.door(Channel(place.channel))
        # A KPI may have left the catalogue since.
        return Before(*row) if row and row[0].metric in door.definitions.metrics else None


def reading_of(request: Request, before: Before | None, now: datetime) -> Read:
    """How a request is read at a door: by itself, or after another question."""

    def alone(door: Door) -> tuple[Kind, MetricQuery]:
        return request.kind, door.question(request.words, now)

    def after(door: Door) -> tuple[Kind, MetricQuery]:
        assert before is not None
        if request.kind == "help":
            return "explain", before.query
        if request.kind in {"normal", "exact"}:
            words = request.words
            return request.kind, door.following(before.query, words, now)[1] if words else before.query
        return door.following(before.query, request.text, now)

    return alone if before is None else after


def _may_go_on(request: Request, place: Place) -> bool:
    """Whether words may need what was asked before: "explain" without a name does, a call for help does not.

    Outside a thread "what changed" is about everything.
    """
    if request.kind == "help":
        return request.text.casefold() not in HELP
    return request.kind in GOES_ON or (request.kind == "changes" and bool(place.thread))


def _first_query(door: Door, words: str, now: datetime) -> tuple[MetricQuery, bool] | None:
    try:
        return door.question(read_request(words).words, now), False
    except KpiBotError:
        return None
