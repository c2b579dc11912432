"""Who is a guest of the workspace, and whether one reads in a channel: looked up, and remembered for a while."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from bot.slack.posting import attempt
from kpi_core.errors import ServiceError

if TYPE_CHECKING:
    from slack_sdk.web.async_client import AsyncWebClient

# Short, for a guest may be invited to a channel at any time.
REMEMBERED = timedelta(minutes=10)
MOST_CHANNELS = 10_000
PAGE, MOST_PAGES = 1000, 100
log = logging.getLogger("kpi_bot.slack")


def is_guest(person: Mapping[str, Any]) -> bool:
    """Whether Slack's description of somebody is that of a guest, of one or of several channels."""
    return any(person.get(mark) for mark in ("is_restricted", "is_ultra_restricted", "is_stranger"))


class Guests:
    """Many questions at once look a channel up once."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._looked_up: dict[str, tuple[datetime, asyncio.Future[frozenset[str] | None]]] = {}

    async def read_in(self, client: AsyncWebClient, channel: str, own: frozenset[str]) -> bool | None:
        """Whether a guest, or somebody of none of the workspaces `own`, reads there; None where Slack does not tell."""
        outsiders, members = await asyncio.gather(
            self._remembered("", lambda: _outsiders(client, own)),
            self._remembered(channel, lambda: _members(client, channel)),
        )
        if outsiders is None or members is None:
            return None
        return not outsiders.isdisjoint(members)

    async def _remembered(
        self, name: str, look_up: Callable[[], Awaitable[frozenset[str] | None]]
    ) -> frozenset[str] | None:
        now = self._clock()
        seen = self._looked_up.get(name)
        # A look-up that another event loop began can never be awaited in this one.
        if seen is None or now - seen[0] > REMEMBERED or seen[1].get_loop() is not asyncio.get_running_loop():
            if len(self._looked_up) >= MOST_CHANNELS:
                self._looked_up.clear()
            seen = (now, asyncio.ensure_future(look_up()))
            self._looked_up[name] = seen
        people = await asyncio.shield(seen[1])
        if people is None:
            # The next question asks Slack again.
            self._looked_up.pop(name, None)
        return people


async def _outsiders(client: AsyncWebClient, own: frozenset[str]) -> frozenset[str] | None:
    def pages(cursor: str | None) -> Awaitable[Any]:
        return client.users_list(limit=PAGE, cursor=cursor)

    try:
        return frozenset(
            [
                str(person["id"])
                async for person in _all(pages, "members")
                if not person.get("deleted") and not person.get("is_bot") and _is_outside(person, own)
            ]
        )
    except ServiceError as error:
        log.warning("The guests of the workspace are not known: %s", error.message)
        return None


def _is_outside(person: Mapping[str, Any], own: frozenset[str]) -> bool:
    theirs = {person.get("team_id"), (person.get("enterprise_user") or {}).get("enterprise_id")} - {None, ""}
    return is_guest(person) or bool(own and theirs and own.isdisjoint(theirs))


async def _members(client: AsyncWebClient, channel: str) -> frozenset[str] | None:
    def pages(cursor: str | None) -> Awaitable[Any]:
        return client.conversations_members(channel=channel, limit=PAGE, cursor=cursor)

    try:
        return frozenset([str(member) async for member in _all(pages, "members")])
    except ServiceError as error:
        log.info("Who reads channel %s is not known: %s", channel, error.message)
        return None


async def _all(pages: Callable[[str | None], Awaitable[Any]], key: str) -> AsyncIterator[Any]:
    """Every item of a paged list. ServiceError for one without end: what is not seen whole is not known."""
    cursor: str | None = None
    for _page in range(MOST_PAGES):
        answer = await attempt(pages(cursor))
        for item in answer.get(key) or ():
            yield item
        cursor = (answer.get("response_metadata") or {}).get("next_cursor") or None
        if cursor is None:
            return
    raise ServiceError("Slack's list has no end.", code="slack_no_end", hint="Ask again in a few minutes.")
