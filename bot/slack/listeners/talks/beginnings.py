"""Where a thread begins: under a message of the bot's own it goes on from what that message's buttons ask."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from bot.cards.answer import ASK, SET_GOAL
from bot.slack.posting import attempt
from kpi_core.errors import ServiceError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from slack_sdk.web.async_client import AsyncWebClient

    from bot.slack.listeners.readers import Place

WHY = "why "
log = logging.getLogger("kpi_bot.slack")


async def first_words(client: AsyncWebClient, place: Place) -> str:
    """The question that the first message of a thread answers, in words; empty where it is none of the bot's."""
    if not place.thread or not place.bot:
        return ""
    try:
        answer: Any = await attempt(
            client.conversations_replies(channel=place.channel, ts=place.thread, limit=1), place.channel
        )
    except ServiceError as error:
        log.info("Where a thread begins is not known: %s", error.message)
        return ""
    first = next(iter(answer.get("messages") or ()), None) or {}
    if first.get("user") != place.bot or first.get("ts") != place.thread:
        return ""
    return words_of(first.get("blocks") or [])


def words_of(blocks: list[dict[str, Any]]) -> str:
    """What a card is about, by its buttons: the question that it answers, else the first that it offers."""
    buttons = list(_buttons(blocks))
    own = (value for action, value in buttons if action == SET_GOAL)
    offered = (value for action, value in buttons if action.startswith(ASK) and " " in value)
    return next(own, "") or next(offered, "").removeprefix(WHY)


def _buttons(blocks: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    for block in blocks:
        for element in block.get("elements") or ():
            if isinstance(element, dict) and element.get("value"):
                yield str(element.get("action_id") or ""), str(element["value"])
