"""The buttons of cards: each asks a question again, or explains a KPI."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from bot.cards.answer import ASK, EXPLAIN
from bot.slack.listeners.readers import Place, own_workspace
from bot.slack.listeners.replying import Inquiry
from bot.slack.listeners.sending import send_back
from bot.slack.listeners.talks.last_question import DIRECT
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
        thread = (body.get("message") or {}).get("thread_ts")
        place = Place(
            body["user"]["id"], _channel(body), home=home, own=own_workspace(context), thread=_thread(body, thread)
        )
        inquiry = Inquiry(_typed(action), place, pressed=True)
        team = teams.of(context)
        if team is None:
            await send_back(client, body.get("response_url", ""), inquiry, not_served())
            return
        if not await team.seen.first(body.get("trigger_id", "")):
            return
        with answering():
            reply = await team.replying.reply(client, inquiry)
            await send_back(client, body.get("response_url", ""), inquiry, reply, thread_ts=thread)
            await team.seen.answered(body.get("trigger_id", ""))

    for action_id in ACTIONS:
        app.action(action_id)(press)


def _typed(action: dict[str, Any]) -> str:
    """The words that a press stands for."""
    value = str(action.get("value") or (action.get("selected_option") or {}).get("value") or "")
    return f"explain {value}" if action["action_id"].startswith(EXPLAIN) else value


def _thread(body: dict[str, Any], thread: str | None) -> str:
    """The thread that a press belongs to: that of its message, or the one that may begin under it."""
    if thread or _channel(body).startswith(DIRECT):
        return thread or ""
    return str((body.get("container") or {}).get("message_ts") or "")


def _channel(body: dict[str, Any]) -> str:
    return str((body.get("channel") or {}).get("id") or (body.get("container") or {}).get("channel_id") or "")
