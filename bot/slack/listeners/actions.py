"""The buttons of cards: each asks a question again, or explains a KPI."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from bot.cards.answer import ASK, EXPLAIN
from bot.slack.listeners.readers import Place, own_workspace
from bot.slack.listeners.replying import Inquiry
from bot.slack.listeners.sending import send_back
from bot.slack.listeners.teams import not_served
from bot.slack.listeners.underway import answering

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext
    from slack_sdk.web.async_client import AsyncWebClient

    from bot.slack.listeners.teams import Teams

SUFFIX = r"(?:[:._/-].*|\d+)?"
ACTIONS = (re.compile(rf"^{ASK}{SUFFIX}$"), re.compile(rf"^{EXPLAIN}{SUFFIX}$"))
"""A card may hold several buttons that ask; what follows the name tells them apart."""


def register_actions(app: AsyncApp, teams: Teams) -> None:
    async def press(
        ack: AsyncAck, body: dict[str, Any], action: dict[str, Any], client: AsyncWebClient, context: AsyncBoltContext
    ) -> None:
        # Before anything else: after 3 s Slack tells the person that the app failed.
        await ack()
        home = body["user"].get("team_id") or ""
        place = Place(body["user"]["id"], _channel(body), home=home, own=own_workspace(context))
        pressed = body.get("message") or {}
        inquiry = Inquiry(_typed(action), place, under=str(pressed.get("thread_ts") or pressed.get("ts") or ""))
        team = teams.of(context)
        if team is None:
            await send_back(client, body.get("response_url", ""), inquiry, not_served())
            return
        thread = (body.get("message") or {}).get("thread_ts")
        with answering():
            if not await team.seen.first(body.get("trigger_id", "")):
                return
            reply = await team.replying.reply(client, inquiry)
            url, services = body.get("response_url", ""), team.replying.services
            await send_back(client, url, inquiry, reply, thread_ts=thread, services=services)
            await team.seen.answered(body.get("trigger_id", ""))

    for action_id in ACTIONS:
        app.action(action_id)(press)


def _typed(action: dict[str, Any]) -> str:
    """The words that a press stands for."""
    value = str(action.get("value") or (action.get("selected_option") or {}).get("value") or "")
    return f"explain {value}" if action["action_id"].startswith(EXPLAIN) else value


def _channel(body: dict[str, Any]) -> str:
    return str((body.get("channel") or {}).get("id") or (body.get("container") or {}).get("channel_id") or "")
