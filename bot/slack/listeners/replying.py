"""From what a person asked to the card they get. Slow work runs in threads; whatever fails becomes a card."""

from __future__ import annotations

import asyncio
import logging
import secrets
import traceback
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from bot.cards.answer import ASK
from bot.cards.card import Card
from bot.slack.listeners.access import Showing, limits_of, showing
from bot.slack.listeners.people import in_any_group
from bot.slack.listeners.request import read_request
from kpi_core.errors import KpiBotError, QuestionError
from kpi_core.phrases import say

if TYPE_CHECKING:
    from slack_sdk.web.async_client import AsyncWebClient

    from bot.slack.listeners.people import People
    from bot.slack.listeners.request import Request
    from bot.slack.listeners.services import Services
    from kpi_core.metrics import Language, Metric

MOST_CHARACTERS = 1_000
log = logging.getLogger("kpi_bot.slack")


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody typed or pressed, and where.

    `direct`: nobody but the person and the bot reads there. A command does not tell, so it counts as a channel.
    """

    typed: str
    user: str
    channel: str
    direct: bool = False


@dataclass(frozen=True, slots=True)
class Reply:
    """`private`: nobody but the asker may see it. `aside`: help, list or an error, of no use to the others."""

    card: Card
    private: bool = False
    aside: bool = False


class Replying:
    """Turns what people ask into replies; raises nothing."""

    def __init__(self, services: Services, people: People) -> None:
        self._services = services
        self._people = people

    async def reply(self, client: AsyncWebClient, asked: Asked) -> Reply:
        """The reply in the asker's language."""
        language: Language = "en"
        request = read_request(asked.typed)
        try:
            language = await self._people.language(client, asked.user, self._services.clock())
            made = await self._made(client, asked, request, language)
        except KpiBotError as error:
            made = await self._failed(_for_explain(error, request), language)
        except Exception as error:  # noqa: BLE001 - the asker gets a card, whatever failed
            made = await self._failed(_unexpected(error, language), language)
        private = made.private or request.private
        return replace(made, private=private, card=_kept_private(made.card) if private else made.card)

    async def _made(self, client: AsyncWebClient, asked: Asked, request: Request, language: Language) -> Reply:
        cards, engine = self._services.cards, self._services.engine
        if len(request.words) > MOST_CHARACTERS:
            message = say(language, "slack.too_long", most=MOST_CHARACTERS)
            raise QuestionError(message, code="slack_too_long", hint=say(language, "error.too_long_hint"))
        if request.kind == "help":
            return Reply(cards.help(language), aside=True)
        if request.kind == "list":
            return Reply(await asyncio.to_thread(self._list, language), aside=True)
        now = self._services.clock()
        query = await asyncio.to_thread(self._services.parse, request.words, engine, self._services.settings, now)
        metric = engine.catalog.metrics[query.metric]
        if request.kind == "explain":
            return Reply(await asyncio.to_thread(cards.explain, metric, engine.catalog, language))
        to = await self._showing(client, asked, metric)
        if to == "nobody":
            raise QuestionError(
                say(language, "slack.not_allowed", kpi=metric.name(language)),
                code="slack_not_allowed",
                hint=say(language, "slack.not_allowed_hint"),
            )
        answer = await asyncio.to_thread(engine.answer, query, now)
        return Reply(await asyncio.to_thread(cards.answer, answer, language, engine.catalog), private=to == "asker")

    def _list(self, language: Language) -> Card:
        engine = self._services.engine
        return self._services.cards.list(engine.catalog, engine.unavailable_kpis(), language)

    async def _showing(self, client: AsyncWebClient, asked: Asked, metric: Metric) -> Showing:
        limits = limits_of(self._services.settings, metric, self._services.engine.catalog)
        allowed = True
        for access in limits:
            if asked.channel not in access.channels and asked.user not in access.users:
                allowed = allowed and await in_any_group(client, asked.user, access.groups)
        return showing(limits, asked.channel, direct=asked.direct, asker_allowed=allowed)

    async def _failed(self, error: KpiBotError, language: Language) -> Reply:
        return Reply(await asyncio.to_thread(self._services.cards.error, error, language), aside=True)


def _for_explain(error: KpiBotError, request: Request) -> KpiBotError:
    """Suggestions of an explanation lead to explanations."""
    if request.kind == "explain":
        error.suggestions = tuple(f"explain {suggestion}" for suggestion in error.suggestions)
    return error


def _unexpected(error: Exception, language: Language) -> KpiBotError:
    """An error to show for one that nobody foresaw; the log says where, not what: messages may carry secrets."""
    reference = secrets.token_hex(3)
    frames = traceback.extract_tb(error.__traceback__)[-3:]
    where = " < ".join(f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in reversed(frames))
    log.error("Reference %s: %s at %s", reference, type(error).__name__, where)
    return KpiBotError(
        say(language, "slack.unexpected", reference=reference),
        code="slack_unexpected",
        hint=say(language, "slack.unexpected_hint"),
    )


def _kept_private(card: Card) -> Card:
    """The card with every button that asks again asking in private too."""
    return replace(card, blocks=[_private_inside(block) for block in card.blocks])


def _private_inside(node: Any) -> Any:
    if isinstance(node, list):
        return [_private_inside(item) for item in node]
    if not isinstance(node, dict):
        return node
    inside = {key: _private_inside(value) for key, value in node.items()}
    asks = str(node.get("action_id", "")).startswith(ASK) and isinstance(node.get("value"), str)
    return inside | {"value": f"{node['value']} --private"} if asks else inside
