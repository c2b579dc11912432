"""The buttons of cards: each asks a question again, or explains a KPI."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from bot.cards.answer import ASK, EXPLAIN
from bot.cards.word_cards import error_card
from bot.slack.listeners.readers import Place, own_workspace
from bot.slack.listeners.replying import Inquiry, Reply
from bot.slack.listeners.sending import ask_again, send_back
from bot.slack.listeners.talks.last_question import DIRECT
from bot.slack.listeners.teams import not_served
from bot.slack.listeners.underway import answering
from kpi_core.errors import KpiBotError
from kpi_core.phrases import say

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext
    from slack_sdk.web.async_client import AsyncWebClient

    from bot.slack.listeners.teams import Teams
    from kpi_core.metrics import Language

SUFFIX = r"(?:[:._/-].*|\d+)?"
ACTIONS = (re.compile(rf"^{ASK}{SUFFIX}$"), re.compile(rf"^{EXPLAIN}{SUFFIX}$"))
"""A card may hold several buttons that ask; what follows the name tells them apart."""


def register_actions(app: AsyncApp, teams: Teams) -> None:
    async def press(
        ack: AsyncAck, body: dict[str, Any], action: dict[str, Any], client: AsyncWebClient, context: AsyncBoltContext
    ) -> None:
        # Before anything else: after 3 s Slack tells the person that the app failed.
        await ack()
        await answer_press(
            teams, client, context, body, Inquiry(_typed(action), pressed_at(body, context), pressed=True)
        )

    for action_id in ACTIONS:
        app.action(action_id)(press)


async def answer_press(
    teams: Teams, client: AsyncWebClient, context: AsyncBoltContext, body: dict[str, Any], inquiry: Inquiry
) -> None:
    """Answer an acknowledged press, once, where it was made."""
    team, message = teams.of(context), body.get("message") or {}
    thread = message.get("thread_ts")
    inquiry = replace(inquiry, under=str(thread or message.get("ts") or ""))
    if team is None:
        await send_back(client, body.get("response_url", ""), inquiry, not_served())
        return
    with answering():
        key = body.get("trigger_id", "")
        if not await team.seen.first(key):
            return
        if inquiry.typed.strip():
            reply = await team.replying.reply(client, inquiry)
        else:
            reply = stale(await team.replying.language(client, inquiry.place))
        url, services = body.get("response_url", ""), team.replying.services
        if await team.seen.sends(key):
            await send_back(client, url, inquiry, reply, thread_ts=thread, services=services)
        else:
            await ask_again(client, inquiry, reply, services)
        await team.seen.answered(key)


def pressed_at(body: dict[str, Any], context: AsyncBoltContext) -> Place:
    """Who pressed, and where."""
    home, thread = body["user"].get("team_id") or "", (body.get("message") or {}).get("thread_ts")
    return Place(
        body["user"]["id"], _channel(body), home=home, own=own_workspace(context), thread=_thread(body, thread)
    )


def stale(language: Language) -> Reply:
    """What somebody is told who pressed what nobody answers any more."""
    message, hint = say(language, "slack.stale"), say(language, "slack.stale_hint")
    return Reply(error_card(KpiBotError(message, code="slack_stale", hint=hint), language), aside=True)


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
