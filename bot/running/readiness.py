"""Whether the process is alive, and whether it is ready: for whoever restarts it, or sends it requests."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING

from bot.running.wheel import Wheel
from bot.workspace import Workspace
from kpi_core.errors import ServiceError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from aiohttp import web

ALIVE, READY = "/healthz", "/readyz"
LONGEST_ROUND_SECONDS = 1800.0
"""A round that takes longer hangs: the longest load of a first day takes minutes."""
log = logging.getLogger("kpi_bot.schedules")


@dataclass(frozen=True, slots=True)
class Readiness:
    """Each part by name, and whether it works; `jobs` are those that failed when last tried, which holds nothing up."""

    parts: Mapping[str, bool]
    jobs: tuple[str, ...]

    @property
    def is_ready(self) -> bool:
        return all(self.parts.values())


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

    async def alive(_request: web.Request) -> web.Response:
        return web.Response(text="ok") if is_turning(wheel) else web.Response(status=503, text="schedules hang")

    async def ready(_request: web.Request) -> web.Response:
        there = await connected()
        now = await asyncio.to_thread(readiness, workspace, wheel, connected=there)
        body = {"ready": now.is_ready, "parts": dict(now.parts), "jobs_failing": list(now.jobs)}
        return web.json_response(body, status=200 if now.is_ready else 503)

    page = web.Application()
    page.add_routes([web.get(ALIVE, alive), web.get(READY, ready)])
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
