"""Where a reply goes: back through the response_url, or into the channel, so that it is not lost."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from bot.slack.posting import UNCERTAIN, post, post_ephemeral, respond
from kpi_core.errors import ServiceError

if TYPE_CHECKING:
    from slack_sdk.web.async_client import AsyncWebClient

    from bot.slack.listeners.replying import Inquiry, Reply

LONGEST_WAIT = 60.0
TRIES = 3
log = logging.getLogger("kpi_bot.slack")


async def send_back(
    client: AsyncWebClient, response_url: str, inquiry: Inquiry, reply: Reply, *, thread_ts: str | None = None
) -> None:
    """Answer a command or a press. The response_url works in every channel; where it surely failed, post instead."""
    private = reply.private or reply.aside
    if response_url:
        try:
            await respond(response_url, reply.card, private=private, thread_ts=thread_ts)
        except ServiceError as error:
            # It may stand there already: an answer lost is asked for again, one posted twice cannot be unsaid.
            if error.code in UNCERTAIN:
                _undelivered(error)
                return
        else:
            return
    await _posted(client, inquiry, reply, private=private, thread_ts=thread_ts)


async def post_reply(
    client: AsyncWebClient, inquiry: Inquiry, reply: Reply, *, message_ts: str, thread_ts: str | None
) -> None:
    """Answer a message: in its thread in a channel, plainly in a direct conversation."""
    if reply.private and not inquiry.place.direct:
        await _posted(client, inquiry, reply, private=True, thread_ts=thread_ts)
    else:
        thread = thread_ts if inquiry.place.direct else thread_ts or message_ts
        await _posted(client, inquiry, reply, private=False, thread_ts=thread)


async def _posted(
    client: AsyncWebClient, inquiry: Inquiry, reply: Reply, *, private: bool, thread_ts: str | None
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
                _undelivered(error)
                return
            await asyncio.sleep(wait)
        else:
            return


def _undelivered(error: ServiceError) -> None:
    log.error("An answer was not delivered: %s %s", error.message, error.hint)
