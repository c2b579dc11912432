"""The buttons of a summary's preview: its owner sends it at once, or holds it back."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from bot.cards.alert import thread_card
from bot.cards.summary import HOLD_BACK, SEND_NOW
from bot.slack.listeners.acts.pressing import Press, presses
from bot.slack.listeners.replying import Reply, write_audit
from kpi_core.deliveries.messages import Posting
from kpi_core.deliveries.previews import Coming, hold_back, previewed, send_early
from kpi_core.errors import KpiBotError
from kpi_core.phrases import say

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncApp

    from bot.cards.card import Card
    from bot.slack.listeners.services import Services
    from bot.slack.listeners.teams import Teams
    from kpi_core.settings.values import Settings
    from kpi_core.state.store import Store

ACTION = re.compile(rf"^(?:{SEND_NOW}|{HOLD_BACK})(?:\.\d+)?$")


def register_previews(app: AsyncApp, teams: Teams) -> None:
    async def decide(press: Press, action: dict[str, Any]) -> Reply:
        await press.require_member()
        services, who = press.team.replying.services, press.place
        write_audit(services, who, f"preview {action['action_id']} {action.get('value')}")
        return Reply(await asyncio.to_thread(decided, services, press.store(), who.user, action), aside=True)

    app.action(ACTION)(presses(teams, decide))


def decided(services: Services, store: Store, who: str, action: dict[str, Any]) -> Card:
    """Write down what its owner decided. KpiBotError for anybody else, and where it has come already."""
    settings, now = services.settings, services.clock()
    if who != settings.owner:
        raise KpiBotError("Only its owner decides that.", code="not_owner", hint="Ask whoever got the preview.")
    name, _bar, at = str(action.get("value") or "").partition("|")
    coming = Coming(name, datetime.fromisoformat(at))
    whole = _whole(previewed(store, coming), name, settings)
    sends = str(action["action_id"]).startswith(SEND_NOW)
    if sends:
        send_early(store, coming, whole, now)
    else:
        hold_back(store, coming, whole, now, held_by=f"Held back by {who}.")
    return thread_card(say(settings.locale, "summary_card.sent_early" if sends else "summary_card.held_back"))


def _whole(preview: Posting, name: str, settings: Settings) -> Posting:
    """The summary itself: without the note above it, and the buttons below."""
    channel = next((each.channel for each in settings.summaries if each.name == name), "")
    if not channel:
        raise KpiBotError("There is no such summary any more.", code="no_preview", hint="kpi summary shows the others.")
    text, series = preview.text.partition("\n")[2], f"summary:{name}"
    return replace(preview, channel=channel, text=text, blocks=preview.blocks[1:-1], series=series)
