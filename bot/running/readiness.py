"""Whether the process is alive, and whether it is ready: for whoever restarts it, or sends it requests."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus
from time import monotonic
from typing import TYPE_CHECKING, Protocol

from bot.running.wheel import Wheel
from bot.workspace import Workspace
from kpi_core.errors import ServiceError
from kpi_core.frozen_dataclass import frozen

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from aiohttp import web

ALIVE, READY = "/healthz", "/readyz"
NOT_BEGUN: Mapping[str, bool] = {"workspace": False}
"""The parts of one that could not start: its kpi.yaml, or its installation, cannot be read."""
LONGEST_ROUND_SECONDS = 1800.0
"""A round that takes longer hangs: the longest load of a first day takes minutes."""
TOKEN_SECONDS = 60.0
"""A token that was asked after is asked after again no sooner: probes come every few seconds."""
log = logging.getLogger("kpi_bot.schedules")


@frozen
class Readiness:
    """Each part by name, and whether it works; `jobs` are those that failed when last tried, which holds nothing up."""

    parts: Mapping[str, bool]
    jobs: tuple[str, ...]

    @property
    def is_ready(self) -> bool:
        return all(self.parts.values())


@dataclass(slots=True)
class TokenWatch:
    """Whether Slack takes the bot's token: with one that was revoked it reaches nobody, and cannot say so.

    `is_refused` asks Slack, outside any event loop.
    """

    is_refused: Callable[[], bool]
    elapsed: Callable[[], float] = monotonic
    _again: float = -math.inf
    _works: bool = True

    def works(self) -> bool:
        """As of the last minute."""
        if self.elapsed() >= self._again:
            self._works, self._again = not self.is_refused(), self.elapsed() + TOKEN_SECONDS
        return self._works


def readiness(workspace: Workspace, wheel: Wheel, *, connected: bool) -> Readiness:
    """How the parts do right now: Slack, the state, the data, the wheel."""
    parts = {
        "slack": connected,
        "state": _works(lambda: workspace.store.installation_key()),  # noqa: PLW0108 - opening it may fail, too
        "data": _works(lambda: workspace.warehouse.version()),  # noqa: PLW0108 - as above
        "schedules": is_turning(wheel),
    }
    return Readiness(parts, wheel.troubled)


def is_turning(wheel: Wheel) -> bool:
    """Whether the wheel goes round; one that has yet to begin does."""
    return wheel.turned_at is None or monotonic() - wheel.turned_at < LONGEST_ROUND_SECONDS


@asynccontextmanager
async def health_page(
    workspace: Workspace, wheel: Wheel, connected: Callable[[], Awaitable[bool]], host: str, port: int
) -> AsyncIterator[str]:
    """Answer `/healthz` and `/readyz` on a port of its own; its address. ServiceError where the port is taken.

    Nothing in the answers is about the workspace: names of parts and jobs, yes or no.
    """
    from aiohttp import web

    async def ready(_request: web.Request) -> web.Response:
        there = await connected()
        return _told(await asyncio.to_thread(readiness, workspace, wheel, connected=there))

    async with _page(lambda: is_turning(wheel), [web.get(READY, ready)], host, port) as address:
        yield address


class Running(Protocol):
    """A workspace at work, one of several."""

    @property
    def workspace(self) -> Workspace: ...

    @property
    def wheel(self) -> Wheel: ...

    @property
    def watch(self) -> TokenWatch: ...


@asynccontextmanager
async def health_of_teams(
    teams: Callable[[], Mapping[str, Running | None]], connected: Callable[[], Awaitable[bool]], host: str, port: int
) -> AsyncIterator[str]:
    """As `health_page`, of several workspaces: `/readyz/T0123` is one of them, None a team that could not start.

    `/readyz` says how each does, and fails only where none can be answered: one that is broken must not take the
    process from the others.
    """
    from aiohttp import web

    def look(running: Running | None, *, connected: bool) -> Readiness:
        if running is None:
            return Readiness(NOT_BEGUN, ())
        return readiness(running.workspace, running.wheel, connected=connected and running.watch.works())

    async def one(request: web.Request) -> web.Response:
        served, team = teams(), request.match_info["team"]
        if team not in served:
            return web.Response(status=HTTPStatus.NOT_FOUND, text="no such team")
        return _told(await asyncio.to_thread(look, served[team], connected=await connected()))

    async def every(_request: web.Request) -> web.Response:
        there, served = await connected(), teams()
        looks = [asyncio.to_thread(look, running, connected=there) for running in served.values()]
        states = dict(zip(served, await asyncio.gather(*looks), strict=True))
        ready = there and (not states or any(state.is_ready for state in states.values()))
        body = {"ready": ready, "teams": {team: state.is_ready for team, state in states.items()}}
        return web.json_response(body, status=HTTPStatus.OK if ready else HTTPStatus.SERVICE_UNAVAILABLE)

    def alive() -> bool:
        return all(running is None or is_turning(running.wheel) for running in teams().values())

    routes = [web.get(READY, every), web.get(f"{READY}/{{team}}", one)]
    async with _page(alive, routes, host, port) as address:
        yield address


def _told(now: Readiness) -> web.Response:
    from aiohttp import web

    body = {"ready": now.is_ready, "parts": dict(now.parts), "jobs_failing": list(now.jobs)}
    return web.json_response(body, status=HTTPStatus.OK if now.is_ready else HTTPStatus.SERVICE_UNAVAILABLE)


@asynccontextmanager
async def _page(
    is_alive: Callable[[], bool], routes: Sequence[web.RouteDef], host: str, port: int
) -> AsyncIterator[str]:
    from aiohttp import web

    async def alive(_request: web.Request) -> web.Response:
        return web.Response(text="ok") if is_alive() else web.Response(status=503, text="schedules hang")

    page = web.Application()
    page.add_routes([web.get(ALIVE, alive), *routes])
    runner = web.AppRunner(page, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
        address = "http://{}:{}".format(*runner.addresses[0][:2])
        log.info("Health on %s%s and %s.", address, ALIVE, READY)
        yield address
    except OSError as error:
        message = f"Port {port} on {host} cannot be opened: {error.strerror}."
        raise ServiceError(message, code="port_taken", hint="Choose another port with --health.") from None
    finally:
        await runner.cleanup()


def _works(look: Callable[[], object]) -> bool:
    try:
        look()
    except Exception:  # noqa: BLE001 - whatever keeps it from working
        return False
    return True
