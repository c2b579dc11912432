"""What tests of the playground share: the demo company running under it, in a thread with a loop of its own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.sandbox.local_product import Playground, start_playground
from bot.sandbox.playground import serve_page
from bot.workspace import Workspace

FRIDAY = datetime(2026, 11, 20, 10, tzinfo=ZoneInfo("America/New_York"))
SECONDS = 900.0
"""When a test that can never go on gives up. What goes on is waited for by what happens, however busy the machine."""


@dataclass
class Running:
    """A served playground. `do` runs a coroutine in its loop."""

    playground: Playground
    url: str
    loop: asyncio.AbstractEventLoop
    stop: asyncio.Event = field(default_factory=asyncio.Event)


@contextmanager
def running(workspace: Workspace) -> Iterator[Running]:
    """The playground of a workspace on Friday at ten, served until the block ends."""
    started: list[Running] = []
    ready = threading.Event()

    async def serve() -> None:
        async with start_playground(workspace, lambda: FRIDAY) as playground, serve_page(playground) as url:
            await asyncio.to_thread(playground.wheel.round)
            started.append(Running(playground, url, asyncio.get_running_loop()))
            ready.set()
            await started[0].stop.wait()

    thread = threading.Thread(target=lambda: asyncio.run(serve()), name="playground")
    thread.start()
    try:
        assert ready.wait(SECONDS)
        yield started[0]
    finally:
        if started:
            started[0].loop.call_soon_threadsafe(started[0].stop.set)
        thread.join(SECONDS)
