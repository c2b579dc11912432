"""A field that finds a KPI while somebody types: what they ask for most comes first, then what all ask for."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from bot.cards import blocks
from bot.cards.onward.buttons import FIND
from bot.slack.listeners.actions import answer_press, pressed_at
from bot.slack.listeners.replying import Inquiry
from bot.slack.listeners.talks.often import uses_of
from kpi_core.questions.wording import plain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext
    from slack_sdk.web.async_client import AsyncWebClient

    from bot.slack.listeners.teams import Teams
    from kpi_core.metrics import Catalog, Metric

MOST = 100


def register_suggesting(app: AsyncApp, teams: Teams) -> None:
    async def suggest(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, context: AsyncBoltContext) -> None:
        team, place = teams.of(context), pressed_at(body, context)
        if team is None:
            await ack(options=[])
            return
        language = await team.replying.language(client, place)
        catalog = await team.replying.visible(client, place)
        uses = await asyncio.to_thread(uses_of, team.replying.services, place.user)
        metrics = suggestions(catalog, str(body.get("value") or ""), uses)
        await ack(options=[option(metric, language) for metric in metrics])

    async def choose(
        ack: AsyncAck, body: dict[str, Any], action: dict[str, Any], client: AsyncWebClient, context: AsyncBoltContext
    ) -> None:
        await ack()
        value = str((action.get("selected_option") or {}).get("value") or "")
        await answer_press(teams, client, context, body, Inquiry(value, pressed_at(body, context), pressed=True))

    app.options(FIND)(suggest)
    app.action(FIND)(choose)


def suggestions(catalog: Catalog, typed: str, uses: Mapping[str, int]) -> Sequence[Metric]:
    """The KPIs that a beginning of words may mean: by how well they fit, then by use, then as the catalogue has them.

    The KPI comes before its variants.
    """
    words = plain(typed)
    ranked = []
    for number, metric in enumerate(catalog.metrics.values()):
        names = [metric.id, *metric.names.values(), *metric.aliases]
        rank = min((_fit(plain(name), words) for name in names), default=3)
        if rank < 3:
            ranked.append((rank, -uses.get(metric.id, 0), metric.variant_of is not None, number, metric))
    return [rank[-1] for rank in sorted(ranked, key=lambda rank: rank[:-1])[:MOST]]


def option(metric: Metric, language: str) -> dict[str, Any]:
    """A choice of the field: the name in the reader's language, the id to ask by."""
    return {"text": blocks.plain(f"{metric.name(language)} · {metric.id}", blocks.BUTTON), "value": metric.id}


def _fit(name: str, words: str) -> int:
    """0 for the name itself, 1 for its beginning or that of one of its words, 2 for a part of it, 3 for nothing."""
    if name == words:
        return 0
    if name.startswith(words) or f" {words}" in name:
        return 1
    return 2 if words in name else 3
