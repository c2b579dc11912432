"""Mentions in channels, and messages in the conversation with the bot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.slack.listeners.readers import Place, own_workspace
from bot.slack.listeners.replying import Asked
from bot.slack.listeners.request import plain_words
from bot.slack.listeners.sending import post_reply
from bot.slack.listeners.underway import answering

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncApp, AsyncBoltContext
    from slack_sdk.web.async_client import AsyncWebClient

    from bot.slack.listeners.replying import Replying
    from bot.slack.listeners.seen import Seen

EVENTS = ("app_mention", "message.im")
"""As the manifest names them."""


def register_events(app: AsyncApp, replying: Replying, seen: Seen) -> None:
    async def mentioned(
        event: dict[str, Any], body: dict[str, Any], client: AsyncWebClient, context: AsyncBoltContext
    ) -> None:
        if _from_person(event) and await seen.first(*_keys(event, body)):
            await _answer(replying, client, event, _place(event, body, context, direct=False), context)
            await seen.answered(*_keys(event, body))

    async def written(
        event: dict[str, Any], body: dict[str, Any], client: AsyncWebClient, context: AsyncBoltContext
    ) -> None:
        if event.get("channel_type") != "im":
            return
        if _from_person(event) and await seen.first(*_keys(event, body)):
            await _answer(replying, client, event, _place(event, body, context, direct=True), context)
            await seen.answered(*_keys(event, body))

    app.event("app_mention")(mentioned)
    app.event("message")(written)


def _from_person(event: dict[str, Any]) -> bool:
    """Whether a person wrote it just now: no bot, no edit, no notice of Slack's own."""
    return bool(event.get("user")) and not event.get("bot_id") and not event.get("subtype")


def _keys(event: dict[str, Any], body: dict[str, Any]) -> tuple[str, str]:
    """By which a message is known: the event's id, and the message itself, which may come as two events."""
    return str(body.get("event_id") or ""), f"{event.get('channel')}:{event.get('ts')}"


def _place(event: dict[str, Any], body: dict[str, Any], context: AsyncBoltContext, *, direct: bool) -> Place:
    home = event.get("user_team") or event.get("team") or ""
    shared = bool(body.get("is_ext_shared_channel"))
    return Place(event["user"], event["channel"], direct=direct, home=home, shared=shared, own=own_workspace(context))


async def _answer(
    replying: Replying, client: AsyncWebClient, event: dict[str, Any], place: Place, context: AsyncBoltContext
) -> None:
    asked = Asked(plain_words(event.get("text") or "", context.bot_user_id or ""), place)
    with answering():
        reply = await replying.reply(client, asked)
        await post_reply(client, asked, reply, message_ts=event["ts"], thread_ts=event.get("thread_ts"))
