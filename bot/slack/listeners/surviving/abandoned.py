"""What a process that was killed had taken: Slack has its ack and sends it no more, so another process answers it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from kpi_core.errors import KpiBotError

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncApp

    from bot.slack.listeners.services import Services

LOOK_SECONDS = 20.0
log = logging.getLogger("kpi_bot.slack")


async def answering_abandoned(app: AsyncApp, served: Callable[[], Iterable[Services]], stop: asyncio.Event) -> None:
    """Look now and then until `stop`; the listeners claim what is found as anything that comes from Slack."""
    while not stop.is_set():
        for services in list(served()):
            await answer_abandoned(app, services)
        try:
            await asyncio.wait_for(stop.wait(), LOOK_SECONDS)
        except TimeoutError:
            continue


async def answer_abandoned(app: AsyncApp, services: Services) -> None:
    """Answer what is abandoned in one workspace. While its state cannot be reached, nothing is."""
    from slack_bolt.async_app import AsyncBoltRequest

    from kpi_core.state.answered_events import abandoned_requests

    opened = services.store
    if opened is None:
        return
    try:
        requests = await asyncio.to_thread(lambda: abandoned_requests(opened(), services.clock()))
    except KpiBotError as error:
        log.error("What others left unanswered cannot be read: %s", error.message)  # noqa: TRY400 - the message alone
        return
    for request in requests:
        # It came signed when it was taken; this one says so, as those of a socket do.
        await app.async_dispatch(AsyncBoltRequest(body=dict(request), mode="socket_mode"))
