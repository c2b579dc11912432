"""The buttons of alerts: seen, acted on, let rest. What is pressed stands in the alert's thread, for all to see."""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from bot.cards.alert import ACKNOWLEDGE, ACTED, SNOOZE, person_card, thread_card
from bot.cards.word_cards import error_card
from bot.slack.listeners.readers import Place, own_workspace
from bot.slack.listeners.replying import Inquiry, Reply, write_audit
from bot.slack.listeners.sending import send_back
from bot.slack.listeners.teams import not_served
from bot.slack.listeners.underway import answering
from kpi_core.deliveries.incident_course import Event, Step, person_did
from kpi_core.errors import KpiBotError
from kpi_core.phrases import say

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext
    from slack_sdk.web.async_client import AsyncWebClient

    from bot.cards.card import Card
    from bot.slack.listeners.services import Services
    from bot.slack.listeners.teams import Team, Teams

ACTION = re.compile(rf"^(?:{ACKNOWLEDGE}|{SNOOZE}|{ACTED})(?:\.\d+)?$")
_STEPS: dict[str, Step] = {ACKNOWLEDGE: "seen", SNOOZE: "snoozed", ACTED: "acted"}


def register_alerts(app: AsyncApp, teams: Teams) -> None:
    async def press(
        ack: AsyncAck, body: dict[str, Any], action: dict[str, Any], client: AsyncWebClient, context: AsyncBoltContext
    ) -> None:
        await ack()
        channel = str((body.get("channel") or {}).get("id") or "")
        home = str(body["user"].get("team_id") or "")
        place = Place(body["user"]["id"], channel, home=home, own=own_workspace(context))
        team, inquiry = teams.of(context), Inquiry("", place)
        if team is None:
            await send_back(client, body.get("response_url", ""), inquiry, not_served())
            return
        trigger = str(body.get("trigger_id") or "")
        if not await team.seen.first(trigger):
            return
        with answering():
            card = await _card(team, client, place, action)
            url, services = body.get("response_url", ""), team.replying.services
            await send_back(client, url, inquiry, Reply(card, aside=True), services=services)
            await team.seen.answered(trigger)

    app.action(ACTION)(press)


async def _card(team: Team, client: AsyncWebClient, place: Place, action: dict[str, Any]) -> Card:
    """What the person reads who pressed."""
    language = await team.replying.language(client, place)
    try:
        await team.replying.require_member(client, place, language)
        await asyncio.to_thread(press_down, team.replying.services, place, action)
    except KpiBotError as error:
        return await asyncio.to_thread(error_card, error, language)
    return thread_card(say(language, "alert.done"))


def press_down(services: Services, place: Place, action: dict[str, Any]) -> None:
    """Write down what somebody did with an alert. KpiBotError where that cannot be done any more."""
    if services.store is None:
        raise KpiBotError("This bot keeps no state.", code="no_state", hint="Run it with kpi run.")
    name = str(action["action_id"]).partition(".")[0]
    incident, _colon, days = str(action.get("value") or "").partition(":")
    step, now = _STEPS[name], services.clock()
    until = now + timedelta(days=int(days or services.settings.attention.look_back))
    write_audit(services, place, f"alert {incident} {step}")
    settings = services.settings
    card = person_card(step, place.user, "", settings.calendar.today(until), settings.locale)
    message, due = {"text": card.text, "blocks": card.blocks}, until if step == "acted" else None
    person_did(services.store(), incident, Event("", step, now, place.user, message=message, due=due), until)
