"""The Home: published when somebody opens it; what is asked there is answered in the conversation with the bot."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from bot.cards.views.home_view import HOME_ASK
from bot.slack.listeners.acts.home_upkeep import show_home
from bot.slack.listeners.acts.pressing import Press, presses
from bot.slack.listeners.places.agent_prompts import offer_prompts
from bot.slack.listeners.readers import Place, own_workspace
from bot.slack.listeners.replying import Inquiry
from bot.slack.listeners.underway import answering

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncApp, AsyncBoltContext
    from slack_sdk.web.async_client import AsyncWebClient

    from bot.slack.listeners.replying import Reply
    from bot.slack.listeners.teams import Teams

EVENT = "app_home_opened"
ACTION = re.compile(rf"^{HOME_ASK}(?:\.\d+)?$")


def register_home(app: AsyncApp, teams: Teams) -> None:
    async def opened(event: dict[str, Any], client: AsyncWebClient, context: AsyncBoltContext) -> None:
        team = teams.of(context)
        if team is None or not event.get("user"):
            return
        # The tab with the messages is opened by the same event.
        if event.get("tab") != "home":
            await offer_prompts(team, client, event, context)
            return
        place = Place(event["user"], "", own=own_workspace(context))
        with answering():
            await show_home(team, client, place)

    app.event(EVENT)(opened)
    app.action(ACTION)(presses(teams, _ask))


async def _ask(press: Press, action: dict[str, Any]) -> Reply:
    """Asked in the Home, answered in the conversation with the bot: the Home itself shows no answer."""
    replying = press.team.replying
    channel = await replying.conversation(press.client, press.place.user)
    # There the next words go on from it.
    inquiry = Inquiry(str(action.get("value") or ""), replace(press.place, channel=channel, direct=True), pressed=True)
    return await replying.reply(press.client, inquiry)
