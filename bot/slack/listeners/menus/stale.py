"""Presses that nobody listens to: buttons of messages older than this version. They are acknowledged, and told."""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING, Any

from bot.slack.listeners.actions import pressed_at, stale
from bot.slack.listeners.replying import Inquiry
from bot.slack.listeners.sending import post_reply, send_back
from bot.slack.listeners.underway import answering

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext
    from slack_sdk.web.async_client import AsyncWebClient

    from bot.slack.listeners.teams import Teams

EVERYTHING = re.compile(r"")
log = logging.getLogger("kpi_bot.slack")


def register_stale(app: AsyncApp, teams: Teams) -> None:
    async def press(
        ack: AsyncAck, body: dict[str, Any], action: dict[str, Any], client: AsyncWebClient, context: AsyncBoltContext
    ) -> None:
        await ack()
        team = teams.of(context)
        # A press on a link opens it, and wants no answer.
        if team is None or action.get("url"):
            return
        log.info("Nobody listens to the button %s.", str(action.get("action_id"))[:80])
        inquiry = Inquiry("", pressed_at(body, context), pressed=True)
        with answering():
            reply = stale(await team.replying.language(client, inquiry.place))
            if body.get("response_url") or inquiry.place.channel:
                url, services = body.get("response_url", ""), team.replying.services
                await send_back(client, url, inquiry, reply, services=services)
            else:
                # A Home and a view belong to no channel: the person is told in their own conversation.
                place = pressed_at({**body, "channel": {"id": body["user"]["id"]}}, context)
                await post_reply(client, Inquiry("", place, pressed=True), reply, message_ts="", thread_ts=None)

    app.action(EVERYTHING)(press)
