"""Tells open pages what has changed, so that they look again."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

COALESCE_SECONDS = 0.03
PING_SECONDS = 15.0


class Changes:
    """What changed, by subject, for any number of listeners. `tell` may be called in any thread."""

    def __init__(self) -> None:
        """Call it inside the running loop that serves the listeners."""
        self._loop = asyncio.get_running_loop()
        self._listeners: list[_Listener] = []

    def tell(self, subject: str) -> None:
        self._loop.call_soon_threadsafe(self._tell, subject)

    def _tell(self, subject: str) -> None:
        for listener in self._listeners:
            listener.subjects.add(subject)
            listener.woken.set()

    async def events(self) -> AsyncIterator[bytes]:
        """Server-Sent Events: each names the subjects that changed since the last; a comment while nothing does."""
        listener = _Listener()
        self._listeners.append(listener)
        try:
            yield b": hello\n\n"
            while True:
                yield await listener.next()
        finally:
            self._listeners.remove(listener)


class _Listener:
    def __init__(self) -> None:
        self.subjects: set[str] = set()
        self.woken = asyncio.Event()

    async def next(self) -> bytes:
        try:
            await asyncio.wait_for(self.woken.wait(), PING_SECONDS)
        except TimeoutError:
            # Only by writing to it does one learn that a page was closed.
            return b": still here\n\n"
        # What changes in one go, an answer and its log for instance, makes a page look once.
        await asyncio.sleep(COALESCE_SECONDS)
        self.woken.clear()
        subjects, self.subjects = sorted(self.subjects), set()
        return f"event: changed\ndata: {json.dumps(subjects)}\n\n".encode()
