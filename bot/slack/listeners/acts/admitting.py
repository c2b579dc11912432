"""A member lets everybody in a channel read along, or takes that back: said in the channel, for all to see."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Any

from bot.cards.views.admission_card import ADMIT, DISMISS, admitted_card, dismissed_card
from bot.slack.listeners.acts.pressing import Press, presses
from bot.slack.listeners.replying import Reply, write_audit
from kpi_core.errors import KpiBotError
from kpi_core.state.team.admissions import admit, dismiss

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncApp

    from bot.slack.listeners.teams import Teams

ACTION = re.compile(rf"^(?:{ADMIT}|{DISMISS})$")


def register_admission(app: AsyncApp, teams: Teams) -> None:
    async def decide(press: Press, action: dict[str, Any]) -> Reply:
        await press.require_member()
        return await asyncio.to_thread(_decided, press, opens=action["action_id"] == ADMIT)

    app.action(ACTION)(presses(teams, decide))


def _decided(press: Press, *, opens: bool) -> Reply:
    """Written down first: what is said in the channel is so."""
    services, place = press.team.replying.services, press.place
    if not place.channel:
        raise KpiBotError("There is no channel.", code="slack_stale", hint="Ask again with /kpi.")
    store, language = press.store(), services.settings.locale
    if opens:
        # What stands already is told to nobody twice.
        if not admit(store, place.channel, place.user, services.clock()):
            return Reply(admitted_card(place.user, language), private=True, aside=True)
        write_audit(services, place, f"admit strangers to {place.channel}")
        return Reply(admitted_card(place.user, language))
    if not dismiss(store, place.channel):
        message = "Here the bot answers members alone."
        raise KpiBotError(message, code="not_admitted", hint="Nothing is left to do.")
    write_audit(services, place, f"dismiss strangers from {place.channel}")
    return Reply(dismissed_card(place.user, language))
