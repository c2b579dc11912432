"""The local Slack as a server on this machine only: the app's calls, people to act as, the page, the control API."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from email.utils import formatdate
from typing import TypeVar

from aiohttp import web

from bot.sandbox.slack.acting import Acting
from bot.sandbox.slack.control import control_routes
from bot.sandbox.slack.envelopes.delivery import Delivery
from bot.sandbox.slack.slack_workspace import Json, Workspace
from bot.sandbox.slack.web_api.backend import Backend
from bot.sandbox.slack.web_api.routes import app_routes
from bot.sandbox.slack.web_api.slack_faults import Faults

Sight = TypeVar("Sight")
LOOPBACK = "127.0.0.1"
LOOPBACK_NAMES = frozenset({"127.0.0.1", "localhost", "[::1]"})
# An upload comes in one piece, and aiohttp takes 1 MB by itself.
LARGEST_BODY = 64 * 1024 * 1024


class LocalSlack:
    """A running workspace. `url` is its address, `environment` what points the product at it."""

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self.workspace = Workspace(now)
        self.delivery = Delivery(self.workspace)
        self.backend = Backend(self.workspace, self.delivery)
        self.acting = Acting(self.backend)
        self._runner: web.AppRunner | None = None
        self._changed = asyncio.Event()
        self.workspace.watchers.append(self._changed.set)

    async def start(self, port: int = 0) -> None:
        """Listen on 127.0.0.1; port 0 takes a free one. OSError if the port is taken."""
        app = web.Application(client_max_size=LARGEST_BODY, middlewares=[_own_pages_only])
        app.on_response_prepare.append(self._dated)
        app.add_routes([*app_routes(self.backend), *control_routes(self.backend, self.acting)])
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        await web.TCPSite(self._runner, LOOPBACK, port).start()
        self.backend.url = f"http://{LOOPBACK}:{self._runner.addresses[0][1]}"

    async def _dated(self, _request: web.Request, response: web.StreamResponse) -> None:
        # As all that it says, by its own clock.
        response.headers["Date"] = formatdate(self.workspace.now(), usegmt=True)

    async def close(self) -> None:
        """Close the sockets and stop listening; what happened stays readable."""
        await self.delivery.close()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    @property
    def url(self) -> str:
        return self.backend.url

    @property
    def faults(self) -> Faults:
        return self.backend.faults

    @property
    def requests(self) -> list[Json]:
        """The calls of the app so far, oldest first."""
        return self.backend.requests

    @property
    def environment(self) -> dict[str, str]:
        """The environment variables by which the product talks to this workspace."""
        return {
            "SLACK_API_URL": f"{self.url}/api/",
            "SLACK_BOT_TOKEN": self.workspace.bot_token,
            "SLACK_APP_TOKEN": self.workspace.app_token,
            "SLACK_SIGNING_SECRET": self.workspace.signing_secret,
        }

    async def until(self, look: Callable[[], Sight | None], seconds: float = 120.0) -> Sight:
        """What `look` sees, as soon as it sees something; looked again at each change. TimeoutError if never."""
        async with asyncio.timeout(seconds):
            while True:
                self._changed.clear()
                sight = look()
                if sight:
                    return sight
                await self._changed.wait()


@asynccontextmanager
async def start_slack(port: int = 0, now: Callable[[], float] = time.time) -> AsyncIterator[LocalSlack]:
    """A local Slack for as long as the block runs."""
    slack = LocalSlack(now)
    await slack.start(port)
    try:
        yield slack
    finally:
        await slack.close()


@web.middleware
async def _own_pages_only(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """A page of another site, open in the same browser, may not act here, nor read here by a name of its own."""
    # Without this a name that its owner turns to loopback would make this server a part of their site.
    host = request.host
    # `[::1]` without a port ends in a bracket and has colons of its own.
    if (host if host.endswith("]") else host.rsplit(":", 1)[0]) not in LOOPBACK_NAMES:
        return web.Response(status=421, text="This server answers on loopback only.")
    # A program sends no Origin; a browser sends one with whatever a page posts to another site.
    origin = request.headers.get("Origin")
    if origin is not None and origin != f"http://{request.host}":
        return web.Response(status=403, text="other origins may not act here")
    return await handler(request)
