"""Carries what the ledger has planned to Slack: posts it with its key, and looks a key up where nobody knows."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from bot.cards.card import Card
from bot.slack.app import SlackAccess
from bot.slack.posting import NOT_TAKEN, UNCERTAIN, attempt, post, slack_client
from kpi_core.deliveries.ledger import Delivery, Lookup, NotNow, Outcome, Refused, Send, Sent, Unknown, deliver
from kpi_core.errors import ServiceError
from kpi_core.state.store import Store

if TYPE_CHECKING:
    from slack_sdk.web.async_client import AsyncWebClient

EVENT_TYPE = "kpi_bot_delivery"
_WAIT = 30.0
_PAGE = 200


def deliver_planned(store: Store, access: SlackAccess, clock: Callable[[], datetime]) -> tuple[Delivery, ...]:
    """One round of the ledger against Slack; the deliveries as they stand after it. Call it outside any event loop."""
    return deliver(store, clock, *carrier(access))


def carrier(access: SlackAccess) -> tuple[Send, Lookup]:
    """What the ledger needs of Slack: to post, and to look a key up. Neither may be called inside an event loop."""

    def send(delivery: Delivery) -> Outcome:
        return asyncio.run(_send(slack_client(access.bot_token, access.api_url), delivery))

    def lookup(channel: str, key: str, oldest: datetime) -> str | None:
        return asyncio.run(_find(slack_client(access.bot_token, access.api_url), channel, key, oldest))

    return send, lookup


async def _send(client: AsyncWebClient, delivery: Delivery) -> Outcome:
    payload = delivery.message.payload
    card = Card(payload["text"], list(payload["blocks"]))
    metadata = {"event_type": EVENT_TYPE, "event_payload": {"key": delivery.key}}
    try:
        posted = await post(client, delivery.message.channel, card, metadata=metadata)
    except ServiceError as error:
        return _outcome(error)
    return Sent(posted.ts)


def _outcome(error: ServiceError) -> Outcome:
    """What a failure says about the message: surely not there and worth another try, surely never, or unknown."""
    if error.code in NOT_TAKEN:
        return NotNow(error.retry_after or _WAIT)
    if error.code in UNCERTAIN:
        return Unknown(error.message)
    return Refused(f"{error.message} {error.hint}".strip())


async def _find(client: AsyncWebClient, channel: str, key: str, oldest: datetime) -> str | None:
    """The ts of our own message that carries the key; None when the channel surely holds none."""
    own = (await attempt(client.auth_test()))["user_id"]
    cursor = ""
    while True:
        page: Any = await attempt(
            client.conversations_history(
                channel=channel,
                oldest=f"{oldest.timestamp():.6f}",
                include_all_metadata=True,
                limit=_PAGE,
                cursor=cursor or None,
            ),
            channel,
        )
        for message in page["messages"]:
            payload = (message.get("metadata") or {}).get("event_payload") or {}
            if payload.get("key") == key and message.get("user") == own:
                return str(message["ts"])
        cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
        if not cursor:
            return None
