"""Carries what the ledger has planned to Slack: posts it with its key, and looks a key up where nobody knows."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from bot.cards.card import Card
from bot.slack.app import SlackAccess
from bot.slack.posting import (
    FOR_A_PERSON,
    NOT_TAKEN,
    UNCERTAIN,
    amend,
    attempt,
    post,
    refusal_words,
    slack_client,
    upload,
)
from bot.slack.slack_clock import slack_clock
from kpi_core.deliveries.delivery_states import Delivery, Lookup, NotNow, Outcome, Refused, Send, Sent, Unknown, Waiting
from kpi_core.deliveries.ledger import LOOKUP_AGAIN, anything_open, deliver
from kpi_core.deliveries.messages import Amendment, FileUpload, Posting
from kpi_core.errors import ServiceError
from kpi_core.state.store import Store

if TYPE_CHECKING:
    from slack_sdk.web.async_client import AsyncWebClient

EVENT_TYPE = "kpi_bot_delivery"
PEOPLE = ("U", "W")
"""How the ids of people begin; a message to one is a direct message."""
_WAIT = 30.0
_PAGE = 200


def deliver_planned(
    store: Store,
    access: SlackAccess,
    language: str = "en",
    settled: Callable[[Delivery], None] = lambda _delivery: None,
) -> tuple[Delivery, ...]:
    """One round of the ledger against Slack; the deliveries as they stand after it. Call it outside any event loop.

    `language` is that in which the owner reads what is in the way; `settled` hears of each before the next is tried.
    ServiceError where something is on its way and Slack cannot be reached.
    """
    if not anything_open(store):
        return ()
    return deliver(store, slack_clock(access), *carrier(access, language), settled)


def carrier(access: SlackAccess, language: str = "en") -> tuple[Send, Lookup]:
    """What the ledger needs of Slack: to post, and to look a key up. Neither may be called inside an event loop."""

    # A client of its own for each call: it belongs to the event loop that first used it, and each call runs a new one.
    def send(delivery: Delivery) -> Outcome:
        return asyncio.run(_send(slack_client(access.token, access.api_url), delivery, language))

    def lookup(delivery: Delivery) -> Outcome | None:
        return asyncio.run(_looked_up(slack_client(access.token, access.api_url), delivery, language))

    return send, lookup


def write_directly(access: SlackAccess, member: str, text: str) -> None:
    """Write to a member past the ledger, which keeps nothing from coming twice or never. Errors as `post`."""
    asyncio.run(post(slack_client(access.token, access.api_url), member, Card(text, [])))


async def _send(client: AsyncWebClient, delivery: Delivery, language: str) -> Outcome:
    try:
        return Sent(await _sent(client, delivery))
    except ServiceError as error:
        return _outcome(error, language)


async def _sent(client: AsyncWebClient, delivery: Delivery) -> str:
    """The ts of the message, once Slack has it. ServiceError as `posting`."""
    message = delivery.message
    match message:
        case Posting():
            metadata = {"event_type": EVENT_TYPE, "event_payload": {"key": delivery.key}}
            thread = message.thread or None
            posted = await post(client, message.channel, _card(message), metadata=metadata, thread_ts=thread)
            return posted.ts
        case Amendment():
            return (await amend(client, message.channel, message.ts, _card(message))).ts
        case FileUpload():
            await upload(
                client,
                message.channel,
                file_name(delivery),
                message.content,
                title=message.title or message.name,
                text=message.text,
                thread_ts=message.thread or None,
            )
            # Slack does not say where it shows a file, and may take a moment: it is sent all the same.
            return await _found_soon(client, delivery)


def file_name(delivery: Delivery) -> str:
    """What a file is called in Slack: a file carries no metadata, so its name carries a part of the key."""
    assert isinstance(delivery.message, FileUpload)
    name = PurePath(delivery.message.name)
    return f"{name.stem}-{delivery.key[:8]}{name.suffix}"


def _card(message: Posting | Amendment) -> Card:
    return Card(message.text, [dict(block) for block in message.blocks])


async def _found_soon(client: AsyncWebClient, delivery: Delivery) -> str:
    try:
        return await _find(client, delivery) or ""
    except ServiceError:
        return ""


def _outcome(error: ServiceError, language: str = "en") -> Outcome:
    """What a failure says about the message: surely not there and worth another try, surely never, or unknown."""
    if error.code in NOT_TAKEN:
        return NotNow(error.retry_after or _WAIT)
    message, hint = refusal_words(error, language)
    if error.code in UNCERTAIN:
        return Unknown(message)
    reason = f"{message} {hint}".strip()
    return Waiting(reason) if error.code in FOR_A_PERSON else Refused(reason)


async def _looked_up(client: AsyncWebClient, delivery: Delivery, language: str) -> Outcome | None:
    """Sent where the message stands; None where it surely does not, or why that cannot be seen now."""
    try:
        ts = await _find(client, delivery)
    except ServiceError as error:
        why, again = _outcome(error, language), LOOKUP_AGAIN.total_seconds()
        return why if isinstance(why, Waiting) else Unknown(refusal_words(error, language)[0], again)
    return Sent(ts) if ts is not None else None


async def _find(client: AsyncWebClient, delivery: Delivery) -> str | None:
    """The ts of our own message that carries the key; None when channel and thread surely hold none."""
    own = (await attempt(client.auth_test()))["user_id"]
    async for message in _messages(client, delivery):
        if message.get("user") == own and _carries_key(message, delivery):
            return str(message["ts"])
    return None


def _carries_key(message: Mapping[str, Any], delivery: Delivery) -> bool:
    if isinstance(delivery.message, FileUpload):
        return any(file.get("name") == file_name(delivery) for file in message.get("files") or ())
    payload = (message.get("metadata") or {}).get("event_payload") or {}
    return bool(payload.get("key") == delivery.key)


async def _messages(client: AsyncWebClient, delivery: Delivery) -> AsyncIterator[Mapping[str, Any]]:
    """What stands where the delivery goes, from `delivery.oldest` on."""
    channel, thread = delivery.message.channel, getattr(delivery.message, "thread", "")
    if channel.startswith(PEOPLE):
        # Slack posts to a person by that id, and shows what was posted by that of the conversation alone.
        opened: Any = await attempt(client.conversations_open(users=channel), channel)
        channel = str(opened["channel"]["id"])
    cursor = ""
    while True:
        place = {"channel": channel, "oldest": f"{delivery.oldest.timestamp():.6f}", "cursor": cursor or None}
        common: dict[str, Any] = {**place, "include_all_metadata": True, "limit": _PAGE}
        call = client.conversations_replies(ts=thread, **common) if thread else client.conversations_history(**common)
        try:
            page: Any = await attempt(call, channel)
        except ServiceError as error:
            # Its first message was deleted, and all replies with it.
            if error.code == "thread_not_found":
                return
            raise
        for message in page["messages"]:
            yield message
        cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
        if not cursor:
            return
