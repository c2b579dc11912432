"""Socket Mode: one connection or several, each watched, and replaced where the library does not come back by itself."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING

from kpi_core.frozen_dataclass import frozen

if TYPE_CHECKING:
    from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
    from slack_bolt.async_app import AsyncApp


@frozen
class Patience:
    """Seconds. A peer that is silent is noticed after `ping` and half of it more, and replaced within as much again;
    the watchdog looks each `look` and takes a socket that was down for `dead` as one that stays so. All within 20.
    """

    ping: float = 5.0
    look: float = 2.0
    dead: float = 9.0
    open: float = 15.0


PATIENCE = Patience()
MOST = 10
"""Sockets of an app, https://docs.slack.dev/apis/events-api/using-socket-mode."""
log = logging.getLogger("kpi_bot.slack")


@dataclass(slots=True)
class Sockets:
    """The connections of one app. With two, Slack goes on by the other while one is replaced.

    `direct`: no proxy leads to this Slack.
    """

    app: AsyncApp
    app_token: str
    direct: bool = False
    count: int = 1
    patience: Patience = PATIENCE
    _lines: list[AsyncSocketModeHandler] = field(default_factory=list)
    _watchers: list[asyncio.Task[None]] = field(default_factory=list)

    async def open(self) -> None:
        """Connect, and watch from then on."""
        for number in range(max(1, min(self.count, MOST))):
            self._lines.append(self._handler())
            await self._lines[number].connect_async()  # type: ignore[no-untyped-call]
            self._watchers.append(asyncio.create_task(self._watch(number)))

    async def is_up(self) -> bool:
        """Whether a question would be heard."""
        return any([await line.client.is_connected() for line in self._lines])

    async def close(self) -> None:
        for watcher in self._watchers:
            watcher.cancel()
        await asyncio.gather(*(line.close_async() for line in self._lines))  # type: ignore[no-untyped-call]

    def _handler(self) -> AsyncSocketModeHandler:
        from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler

        handler = AsyncSocketModeHandler(self.app, self.app_token, ping_interval=self.patience.ping)
        if self.direct:
            # The library takes a proxy from the environment, which knows no way back to this machine.
            handler.client.proxy = None
        return handler

    async def _watch(self, number: int) -> None:
        """The library looks by the machine's clock, and waits for an answer without end: neither is relied upon."""
        alive = monotonic()
        while True:
            await asyncio.sleep(self.patience.look)
            if await self._lines[number].client.is_connected():
                alive = monotonic()
            elif monotonic() - alive >= self.patience.dead:
                log.warning("A connection to Slack stays dead; another one is opened.")
                await self._replace(number)

    async def _replace(self, number: int) -> None:
        old, self._lines[number] = self._lines[number], self._handler()
        with suppress(Exception):
            await asyncio.wait_for(old.close_async(), self.patience.look)  # type: ignore[no-untyped-call]
        with suppress(TimeoutError):
            await asyncio.wait_for(self._lines[number].connect_async(), self.patience.open)  # type: ignore[no-untyped-call]
