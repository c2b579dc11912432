"""Where a reply goes: back through the response_url, or into the channel, so that it is not lost."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from bot.slack.posting import UNCERTAIN, post, post_ephemeral, respond, slack_failure
from bot.slack.transport.undelivered import Undelivered, bring, into_ledger, own_up
from kpi_core.errors import ServiceError

if TYPE_CHECKING:
    from slack_sdk.web.async_client import AsyncWebClient

    from bot.slack.listeners.replying import Inquiry, Reply
    from bot.slack.listeners.services import Services

LONGEST_WAIT = 60.0
TRIES = 3
log = logging.getLogger("kpi_bot.slack")


async def send_back(  # noqa: PLR0913 - what is sent, and where
    client: AsyncWebClient,
    response_url: str,
    inquiry: Inquiry,
    reply: Reply,
    *,
    thread_ts: str | None = None,
    services: Services | None = None,
) -> None:
    """Answer a command or a press. The response_url works in every channel; where it surely failed, post instead.

    `services` have the ledger, which takes what Slack takes nowhere.
    """
    private = reply.private or reply.aside
    if response_url:
        try:
            await respond(response_url, reply.card, private=private, thread_ts=thread_ts)
        except ServiceError as error:
            # It may stand there already: an answer in doubt is asked for again, one posted twice cannot be unsaid.
            if error.code in UNCERTAIN:
                await _not_there(client, inquiry, reply, error, services)
                return
        else:
            return
    await _posted(client, inquiry, reply, private=private, thread_ts=thread_ts, services=services)


async def post_reply(  # noqa: PLR0913 - what is sent, and where
    client: AsyncWebClient,
    inquiry: Inquiry,
    reply: Reply,
    *,
    message_ts: str,
    thread_ts: str | None,
    services: Services | None = None,
) -> None:
    """Answer a message: in its thread in a channel and in the agent's view, plainly in a direct conversation."""
    private = reply.private and not inquiry.place.direct
    begins = not private and (not inquiry.place.direct or inquiry.place.begins)
    thread = thread_ts or (message_ts if begins else None)
    await _posted(client, inquiry, reply, private=private, thread_ts=thread, services=services)


async def _posted(  # noqa: PLR0913 - as above
    client: AsyncWebClient,
    inquiry: Inquiry,
    reply: Reply,
    *,
    private: bool,
    thread_ts: str | None,
    services: Services | None,
) -> None:
    """Post into the channel; where Slack asks to wait, wait and post again, since it took nothing."""
    for tries_left in reversed(range(TRIES)):
        try:
            if private:
                await post_ephemeral(client, inquiry.place.channel, inquiry.place.user, reply.card, thread_ts=thread_ts)
            else:
                await post(client, inquiry.place.channel, reply.card, thread_ts=thread_ts)
        except ServiceError as error:
            wait = LONGEST_WAIT if error.retry_after is None else error.retry_after
            if error.code != "ratelimited" or not tries_left or wait > LONGEST_WAIT:
                await _not_there(client, inquiry, reply, error, services)
                return
            await asyncio.sleep(wait)
        else:
            return


async def ask_again(client: AsyncWebClient, inquiry: Inquiry, reply: Reply, services: Services) -> None:
    """In the place of an answer that may stand there already: that it is in doubt, and a button."""
    await _not_there(client, inquiry, reply, slack_failure("slack_no_answer", what="its process ended"), services)


async def _not_there(
    client: AsyncWebClient, inquiry: Inquiry, reply: Reply, error: ServiceError, services: Services | None
) -> None:
    """The person hears of it another way: of an answer in doubt, that it is; else the answer itself."""
    log.error("An answer was not delivered: %s %s", error.message, error.hint)
    place = inquiry.place
    # To somebody whom Slack names nowhere nothing can be said.
    if not place.user:
        return
    later = into_ledger(services.store, services.clock) if services and services.store else None
    tried = frozenset({"direct", "ephemeral"} if place.direct else ())
    lost = Undelivered(place.user, place.channel, inquiry.typed, reply.card, reply.language, tried)
    await (own_up if error.code in UNCERTAIN else bring)(client, lost, later)
