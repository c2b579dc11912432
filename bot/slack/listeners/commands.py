"""The slash command."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.slack.listeners.readers import Place, own_workspace
from bot.slack.listeners.replying import Inquiry
from bot.slack.listeners.sending import ask_again, send_back
from bot.slack.listeners.teams import not_served
from bot.slack.listeners.underway import answering

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext
    from slack_sdk.web.async_client import AsyncWebClient

    from bot.slack.listeners.teams import Teams

COMMANDS = ("/kpi",)


def register_commands(app: AsyncApp, teams: Teams) -> None:
    async def answer(ack: AsyncAck, command: dict[str, Any], client: AsyncWebClient, context: AsyncBoltContext) -> None:
        # Before anything else: after 3 s Slack tells the person that the app failed.
        await ack()
        place = Place(command["user_id"], command["channel_id"], own=own_workspace(context))
        inquiry = Inquiry(command.get("text") or "", place)
        team = teams.of(context)
        if team is None:
            await send_back(client, command["response_url"], inquiry, not_served())
            return
        # From here on a process that is asked to stop waits for it.
        with answering():
            key, services = command.get("trigger_id", ""), team.replying.services
            if not await team.seen.first(key):
                return
            reply = await team.replying.reply(client, inquiry)
            if await team.seen.sends(key):
                await send_back(client, command["response_url"], inquiry, reply, services=services)
            else:
                await ask_again(client, inquiry, reply, services)
            await team.seen.answered(key)

    for name in COMMANDS:
        app.command(name)(answer)
