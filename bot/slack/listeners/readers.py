"""To whom a reply goes: who asks, from which workspace and in which groups, and who else reads there."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bot.slack.listeners.outsiders.guests import Guests
from bot.slack.posting import attempt
from kpi_core.access.audiences import Channel, Person
from kpi_core.errors import KpiBotError, ServiceError
from kpi_core.frozen_dataclass import frozen
from kpi_core.state.team.admissions import is_admitted

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncBoltContext
    from slack_sdk.web.async_client import AsyncWebClient

    from bot.slack.listeners.people import People
    from bot.slack.listeners.services import Services
    from kpi_core.access.audiences import Audience

# Short, for a channel may be shared with another firm at any time, and numbers must not follow it there for long.
REMEMBERED = timedelta(minutes=10)
MOST_CHANNELS = 10_000
log = logging.getLogger("kpi_bot.slack")


@frozen
class Place:
    """Where somebody asks, as Slack's payload tells it.

    `own` holds the ids of the bot's workspace and organisation, `home` is the asker's; empty where Slack is silent.
    `direct`: nobody but the person and the bot reads there. A command does not tell, so it counts as a channel.
    `shared`: people of another workspace read there, too. `thread` is the ts of the thread's first message, empty
    outside any; `begins`: it is the asker's own message that begins it. `ts` is that of what they wrote, `bot` the
    bot's own id.
    """

    user: str
    channel: str
    direct: bool = False
    own: frozenset[str] = frozenset()
    home: str = ""
    shared: bool = False
    thread: str = ""
    begins: bool = False
    ts: str = ""
    bot: str = ""


def own_workspace(context: AsyncBoltContext) -> frozenset[str]:
    """The ids of the workspace and the organisation in which the bot is installed."""
    return frozenset(name for name in (context.team_id, context.enterprise_id) if name)


class Audiences:
    """Asks Slack what a payload leaves open, and remembers for a while which channels are shared."""

    def __init__(self, people: People, services: Services) -> None:
        self._people, self._services, self._clock = people, services, services.clock
        self._guests = Guests(services.clock)
        self._shared: dict[str, tuple[datetime, bool]] = {}
        self._conversations: dict[str, str] = {}

    async def readers(self, client: AsyncWebClient, place: Place) -> Audience:
        """All who will read what is said there for everybody."""
        if place.direct or await self._is_conversation(client, place):
            return await self.asker(client, place)
        shared = place.shared or await self._is_shared(client, place.channel)
        if not shared:
            guests = await self._guests.read_in(client, place.channel, place.own)
            # Of a channel that Slack describes and whose members it does not list, too little is known.
            shared = None if shared is None or guests is None else guests
        admitted = shared is not False and await self._is_admitted(place.channel)
        return Channel(place.channel, shared=bool(shared), unverified=shared is None, admitted=admitted)

    async def asker(self, client: AsyncWebClient, place: Place, groups: Iterable[str] = ()) -> Person:
        """The one who asks, with those of `groups` that they are in."""
        mine = frozenset([group for group in groups if await is_in_group(client, place.user, group)])
        profile = await self._people.profile(client, place.user, self._clock())
        theirs = {profile.team, profile.enterprise} - {""}
        foreign = profile.guest or _is_foreign(place, theirs or {place.home} - {""})
        admitted = foreign and await self._is_admitted(place.channel)
        # The payload alone opens no limit: in a shared channel its team need not be the person's.
        return Person(place.user, mine, place.channel, foreign=foreign, unverified=not theirs, admitted=admitted)

    async def _is_admitted(self, channel: str) -> bool:
        """Whether a member has let everybody read there; not so while the state cannot be reached."""
        opened = self._services.store
        if opened is None or not channel:
            return False
        try:
            return await asyncio.to_thread(lambda: is_admitted(opened(), channel))
        except KpiBotError as error:
            log.warning("Whether strangers may read in %s is not known: %s", channel, error.message)
            return False

    async def _is_conversation(self, client: AsyncWebClient, place: Place) -> bool:
        """Whether only the person and the bot read there; two people's own conversation looks alike by its id."""
        return place.channel.startswith("D") and await self.conversation(client, place.user) == place.channel

    async def conversation(self, client: AsyncWebClient, user: str) -> str:
        """The id of somebody's conversation with the bot; empty where Slack does not say it."""
        if user not in self._conversations:
            try:
                answer = await attempt(client.conversations_open(users=user))
            except ServiceError as error:
                log.info("The conversation with %s is not known: %s", user, error.message)
                return ""
            if len(self._conversations) >= MOST_CHANNELS:
                self._conversations.clear()
            self._conversations[user] = str((answer.get("channel") or {}).get("id") or "")
        return self._conversations[user]

    async def _is_shared(self, client: AsyncWebClient, channel: str) -> bool | None:
        """Whether another workspace reads the channel; None where Slack does not tell."""
        now = self._clock()
        seen = self._shared.get(channel)
        if seen is not None and now - seen[0] <= REMEMBERED:
            return seen[1]
        shared = await _is_shared(client, channel)
        if shared is not None:
            if len(self._shared) >= MOST_CHANNELS:
                self._shared.clear()
            self._shared[channel] = (now, shared)
        return shared


def _is_foreign(place: Place, theirs: set[str]) -> bool:
    """Whether somebody of these workspaces belongs to another one, and to none of the same organisation."""
    return place.own.isdisjoint(theirs) if place.own and theirs else place.shared


async def _is_shared(client: AsyncWebClient, channel: str) -> bool | None:
    try:
        answer = await attempt(client.conversations_info(channel=channel))
    except ServiceError as error:
        log.info("Whether channel %s is shared is not known: %s", channel, error.message)
        return None
    description = answer.get("channel") or {}
    return bool(description.get("is_ext_shared") or description.get("is_pending_ext_shared"))


async def is_in_group(client: AsyncWebClient, user: str, group: str) -> bool:
    """Whether the person is in the user group now; not so when Slack does not tell."""
    try:
        answer = await attempt(client.usergroups_users_list(usergroup=group))
    except ServiceError as error:
        log.warning("The members of group %s are not known: %s %s", group, error.message, error.hint)
        return False
    return user in (answer.get("users") or ())
