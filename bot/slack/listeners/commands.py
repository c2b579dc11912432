"""The slash command."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.slack.listeners.readers import Place, own_workspace
from bot.slack.listeners.replying import Asked
from bot.slack.listeners.sending import send_back
from bot.slack.listeners.underway import answering

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext
    from slack_sdk.web.async_client import AsyncWebClient

    from bot.slack.listeners.replying import Replying
    from bot.slack.listeners.seen import Seen

COMMANDS = ("/kpi",)


def register_commands(app: AsyncApp, replying: Replying, seen: Seen) -> None:
    async def answer(ack: AsyncAck, command: dict[str, Any], client: AsyncWebClient, context: AsyncBoltContext) -> None:
        await ack()
        if not await seen.first(command.get("trigger_id", "")):
            return
        place = Place(command["user_id"], command["channel_id"], own=own_workspace(context))
        asked = Asked(command.get("text") or "", place)
        with answering():
            await send_back(client, command["response_url"], asked, await replying.reply(client, asked))
            await seen.answered(command.get("trigger_id", ""))

    for name in COMMANDS:
        app.command(name)(answer)
