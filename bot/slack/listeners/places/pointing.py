"""The shortcut on a message: what it asks, or what the bot's own message is about, answered to one person alone."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from bot.slack.listeners.actions import pressed_at
from bot.slack.listeners.replying import Inquiry
from bot.slack.listeners.request import plain_words
from bot.slack.listeners.sending import send_back
from bot.slack.listeners.talks.beginnings import words_of
from bot.slack.listeners.teams import not_served
from bot.slack.listeners.underway import answering

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext
    from slack_sdk.web.async_client import AsyncWebClient

    from bot.slack.listeners.teams import Teams

SHORTCUT = "kpi_ask_about"
"""The callback id, as the manifest names it."""


def register_pointing(app: AsyncApp, teams: Teams) -> None:
    async def point(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, context: AsyncBoltContext) -> None:
        await ack()
        team, message, url = teams.of(context), body.get("message") or {}, body.get("response_url", "")
        own = bool(context.bot_user_id) and message.get("user") == context.bot_user_id
        typed = words_of(message.get("blocks") or []) if own else ""
        typed = typed or plain_words(str(message.get("text") or ""), context.bot_user_id or "")
        inquiry = Inquiry(typed, pressed_at(body, context), pressed=True)
        if team is None:
            await send_back(client, url, inquiry, not_served())
            return
        with answering():
            if not await team.seen.first(str(body.get("trigger_id") or "")):
                return
            # It was somebody else's message: who pointed at it asks for themselves.
            reply = replace(
                await team.replying.reply(client, replace(inquiry, typed=f"{typed} --private")), private=True
            )
            await send_back(client, url, inquiry, reply, services=team.replying.services)
            await team.seen.answered(str(body.get("trigger_id") or ""))

    app.message_shortcut(SHORTCUT)(point)
