"""A press on a button that does something: acknowledged first, done once; what fails is told to whoever pressed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from bot.cards.word_cards import error_card
from bot.slack.listeners.acts.home_upkeep import after_an_act
from bot.slack.listeners.readers import Place, own_workspace
from bot.slack.listeners.replying import Inquiry, Reply, unexpected
from bot.slack.listeners.sending import post_reply, send_back
from bot.slack.listeners.teams import not_served
from bot.slack.listeners.underway import answering
from kpi_core.errors import KpiBotError
from kpi_core.frozen_dataclass import frozen

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncAck, AsyncBoltContext
    from slack_sdk.web.async_client import AsyncWebClient

    from bot.slack.listeners.teams import Team, Teams
    from kpi_core.access.audiences import Person
    from kpi_core.access.doorway import Door
    from kpi_core.metrics import Language
    from kpi_core.state.store import Store


@frozen
class Press:
    """Somebody of a team pressed, or submitted, something at a place."""

    team: Team
    client: AsyncWebClient
    place: Place
    language: Language

    async def require_member(self) -> Person:
        """The one who pressed. QuestionError for guests and people of other workspaces, admitted or not."""
        return await self.team.replying.require_member(self.client, self.place, self.language)

    async def door(self) -> Door:
        """The way to all that the member who pressed may see. QuestionError as `require_member`."""
        member = await self.require_member()
        return await self.team.replying.widest(self.client, self.place, member)

    def store(self) -> Store:
        """The state. KpiBotError where the bot has none."""
        opened = self.team.replying.services.store
        if opened is None:
            raise KpiBotError("This bot keeps no state.", code="no_state", hint="Run it with kpi run.")
        return opened()


Act = Callable[[Press, dict[str, Any]], Awaitable[Reply | None]]
"""What a press does; the reply tells it, none where a view does."""


def place_of(body: dict[str, Any], context: AsyncBoltContext) -> Place:
    """Where something was pressed; in a view there is no channel."""
    channel = str((body.get("channel") or {}).get("id") or (body.get("container") or {}).get("channel_id") or "")
    home = str(body["user"].get("team_id") or "")
    return Place(body["user"]["id"], channel, home=home, own=own_workspace(context))


def presses(teams: Teams, act: Act) -> Callable[..., Awaitable[None]]:
    """A listener for bolt that does `act` once and sends its reply back."""

    async def press(
        ack: AsyncAck, body: dict[str, Any], action: dict[str, Any], client: AsyncWebClient, context: AsyncBoltContext
    ) -> None:
        # Before anything else: after 3 s Slack tells the person that the app failed.
        await ack()
        place, team, url = place_of(body, context), teams.of(context), str(body.get("response_url") or "")
        inquiry, trigger = Inquiry("", place), str(body.get("trigger_id") or "")
        if team is None:
            await send_back(client, url, inquiry, not_served())
            return
        if not await team.seen.first(trigger):
            return
        thread = (body.get("message") or {}).get("thread_ts")
        with answering():
            reply = await done(team, client, place, lambda made: act(made, action))
            if reply is not None:
                await tell(team, client, url, inquiry, reply, thread_ts=thread)
            await team.seen.answered(trigger)
            if not place.channel:
                await after_an_act(team, client, place)

    return press


async def tell(  # noqa: PLR0913 - who is told what, and where
    team: Team, client: AsyncWebClient, url: str, inquiry: Inquiry, reply: Reply, *, thread_ts: str | None = None
) -> None:
    """Send a reply back; a press in the Home stands in no channel, and is answered in the conversation with the bot."""
    if url or inquiry.place.channel:
        await send_back(client, url, inquiry, reply, thread_ts=thread_ts, services=team.replying.services)
        return
    place = replace(inquiry.place, channel=inquiry.place.user, direct=True)
    inquired, services = replace(inquiry, place=place), team.replying.services
    await post_reply(client, inquired, reply, message_ts="", thread_ts=None, services=services)


async def done(
    team: Team, client: AsyncWebClient, place: Place, act: Callable[[Press], Awaitable[Reply | None]]
) -> Reply | None:
    """What came of it; a failure becomes a card for the person alone."""
    language: Language = "en"
    try:
        language = await team.replying.language(client, place)
        return await act(Press(team, client, place, language))
    except KpiBotError as error:
        failure = error
    except Exception as error:  # noqa: BLE001 - whoever pressed reads what became of it
        failure = unexpected(error, language)
    return Reply(await asyncio.to_thread(error_card, failure, language), private=True, aside=True)
