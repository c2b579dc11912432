"""The buttons that answer what a file leaves open."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from bot.additions.added_card import ANSWER
from bot.slack.listeners.readers import Place, own_workspace
from bot.slack.listeners.replying import Inquiry, Reply
from bot.slack.listeners.sending import post_reply
from bot.slack.listeners.underway import answering
from bot.slack.posting import amend
from kpi_core.errors import ServiceError

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext
    from slack_sdk.web.async_client import AsyncWebClient

    from bot.cards.card import Card
    from bot.slack.listeners.services import Services
    from bot.slack.listeners.teams import Teams

ACTION = re.compile(rf"^{ANSWER}(?:\.\d+)?$")


def register_additions(app: AsyncApp, teams: Teams) -> None:
    async def press(
        ack: AsyncAck, body: dict[str, Any], action: dict[str, Any], client: AsyncWebClient, context: AsyncBoltContext
    ) -> None:
        await ack()
        team, trigger = teams.of(context), str(body.get("trigger_id") or "")
        if team is None or not await team.seen.first(trigger):
            return
        channel = str((body.get("channel") or {}).get("id") or "")
        home = str(body["user"].get("team_id") or "")
        place = Place(body["user"]["id"], channel, direct=True, home=home, own=own_workspace(context))
        with answering():
            card = await team.receiving.answer(client, place, str(action.get("value") or ""))
            await _replace(client, place, body, card, team.replying.services)
            await team.seen.answered(trigger)

    app.action(ACTION)(press)


async def _replace(
    client: AsyncWebClient, place: Place, body: Mapping[str, Any], card: Card, services: Services
) -> None:
    """Put the card where its question stood, so that nobody answers it again; below it where that is gone."""
    ts = str((body.get("container") or {}).get("message_ts") or "")
    try:
        await amend(client, place.channel, ts, card)
    except ServiceError:
        await post_reply(client, Inquiry("", place), Reply(card), message_ts=ts, thread_ts=None, services=services)
