"""What the agent's view offers to begin with: four questions in the person's language, those of the open channel first.

With `features.agent_view` of the manifest the prompts belong to the whole conversation: Slack takes them without a
thread, and four at most.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

from bot.cards import blocks
from bot.slack.listeners.readers import Place, own_workspace
from bot.slack.listeners.talks.often import own_first, uses_of
from bot.slack.listeners.underway import answering
from bot.slack.posting import attempt
from kpi_core.errors import KpiBotError
from kpi_core.phrases import say

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from slack_bolt.async_app import AsyncApp, AsyncBoltContext
    from slack_sdk.web.async_client import AsyncWebClient

    from bot.slack.listeners.teams import Team, Teams
    from kpi_core.metrics import Catalog
    from kpi_core.settings.values import Settings

CONTEXT = "app_context_changed"
"""Slack tells what somebody looks at beside the conversation with the bot."""
MOST = 4
_CHANNEL = "slack#/types/channel_id"
log = logging.getLogger("kpi_bot.slack")


def register_agent(app: AsyncApp, teams: Teams) -> None:
    async def changed(event: dict[str, Any], client: AsyncWebClient, context: AsyncBoltContext) -> None:
        team = teams.of(context)
        if team is not None:
            # Only an app with an agent view hears of it.
            team.agent.on = True
            await offer_prompts(team, client, event, context)

    app.event(CONTEXT)(changed)


async def offer_prompts(team: Team, client: AsyncWebClient, event: dict[str, Any], context: AsyncBoltContext) -> None:
    """Offer questions in the conversation that an event names; nothing where it names none, or no person."""
    user, channel = str(event.get("user") or ""), str(event.get("channel") or "")
    if not user or not channel:
        return
    place = Place(user, channel, direct=True, own=own_workspace(context))
    with answering():
        try:
            language = await team.replying.language(client, place)
            catalog = await team.replying.visible(client, place)
            services = team.replying.services
            own = own_first(await asyncio.to_thread(uses_of, services, user))
            kpis = suggested(services.settings, catalog, open_channel(event), own)
            prompts = list(prompts_of(kpis, language))
            call = client.assistant_threads_setSuggestedPrompts(
                channel_id=channel,
                # The agent's view takes no thread.
                thread_ts=None,
                prompts=prompts,
                title=say(language, "agent.title"),
            )
            await attempt(call, channel)
            team.agent.on = True
        except KpiBotError as error:
            # Nothing is lost with them: whoever types is answered.
            log.info("No questions were offered: %s", error.message)


def open_channel(event: dict[str, Any]) -> str:
    """The channel that the person looks at; empty where Slack does not say."""
    entities = (event.get("context") or {}).get("entities") or ()
    return next((str(entity.get("value")) for entity in entities if entity.get("type") == _CHANNEL), "")


def suggested(settings: Settings, catalog: Catalog, channel: str, own: Sequence[str]) -> list[str]:
    """Two KPIs: of the open channel's summary, what this person asks most, what managers look at."""
    audience = next((summary.audience for summary in settings.summaries if summary.channel == channel), "")
    kpis = [*settings.audiences.get(audience, ())[:2], *own, *settings.audiences.get("manager", ()), *catalog.metrics]
    return [kpi for kpi in dict.fromkeys(kpis) if kpi in catalog.metrics][:2]


def prompts_of(kpis: Sequence[str], language: str) -> Iterator[dict[str, str]]:
    """A number, why it moved, what changed at all, how the goals stand."""
    keys = ("agent.number", "agent.why")
    texts = [say(language, key, kpi=kpi) for key, kpi in zip(keys, [*kpis, *kpis[:1]], strict=False)]
    for text in [*texts, say(language, "agent.changes"), say(language, "agent.goals")][:MOST]:
        yield {"title": blocks.cut(text, blocks.BUTTON), "message": text}
