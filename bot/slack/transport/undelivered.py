"""An answer that its place did not take: it goes to the person another way, and never only into the log.

First as a message that they alone see, then into their conversation with the bot, then into the ledger, which brings it
there as soon as Slack takes it.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from typing import TYPE_CHECKING

from bot.cards import blocks
from bot.cards.answer import ASK
from bot.cards.card import Card
from bot.slack.posting import UNCERTAIN, post, post_ephemeral
from kpi_core.deliveries.messages import Posting
from kpi_core.errors import KpiBotError, ServiceError
from kpi_core.frozen_dataclass import frozen
from kpi_core.phrases import say

if TYPE_CHECKING:
    from datetime import datetime

    from slack_sdk.web.async_client import AsyncWebClient

    from kpi_core.metrics import Language
    from kpi_core.state.store import Store

LONGEST_BUTTON = 2000
"""Characters of a button's value, https://docs.slack.dev/reference/block-kit/block-elements/button-element."""
Later = Callable[[Posting], None]
log = logging.getLogger("kpi_bot.slack")


@frozen
class Undelivered:
    """An answer to `user`, who asked `typed` in `channel`. `tried`: ways that Slack has already refused."""

    user: str
    channel: str
    typed: str
    card: Card
    language: Language
    tried: frozenset[str] = frozenset()


async def bring(client: AsyncWebClient, lost: Undelivered, later: Later | None) -> None:
    """Bring the answer to the person; `later` takes what nothing takes now."""
    line = say(lost.language, "slack.elsewhere")
    moved = Card(f"{blocks.escaped(line)}\n{lost.card.text}", [blocks.context([line]), *lost.card.blocks][:50])
    if "ephemeral" not in lost.tried and await _taken(post_ephemeral, client, lost.channel, lost.user, lost.card):
        return
    if "direct" not in lost.tried and await _taken(post, client, lost.user, moved):
        return
    _plan(lost, moved, later)


async def own_up(client: AsyncWebClient, lost: Undelivered, later: Later | None) -> None:
    """Say that an answer may not have arrived: sent again it might stand there twice, which cannot be unsaid."""
    line = say(lost.language, "slack.in_doubt")
    asks = lost.typed and len(lost.typed) <= LONGEST_BUTTON
    again = [blocks.button(say(lost.language, "slack.ask_again"), ASK, lost.typed)] if asks else []
    note = Card(blocks.escaped(line), [blocks.section(line), *blocks.actions(again)])
    if await _taken(post_ephemeral, client, lost.channel, lost.user, note):
        return
    if await _taken(post, client, lost.user, note):
        return
    _plan(lost, note, later)


async def _taken(send: Callable[..., object], *arguments: object) -> bool:
    """Whether Slack took it, or may have."""
    try:
        await send(*arguments)  # type: ignore[misc]
    except ServiceError as error:
        return error.code in UNCERTAIN
    return True


def _plan(lost: Undelivered, card: Card, later: Later | None) -> None:
    if later is None:
        log.error("An answer reached nobody: Slack takes nothing, and there is no ledger.")
        return
    try:
        later(Posting(lost.user, card.text, tuple(card.blocks)))
    except KpiBotError as error:
        log.error("An answer reached nobody: %s", error.message)  # noqa: TRY400 - the message alone


def into_ledger(store: Callable[[], Store], clock: Callable[[], datetime]) -> Later:
    """Plans a message that goes out once, as soon as Slack takes it."""

    def plan(message: Posting) -> None:
        from kpi_core.deliveries.planning import plan_once

        plan_once(store(), f"answer:{secrets.token_hex(4)}", [message], clock())

    return plan
