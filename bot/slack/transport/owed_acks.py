"""Acks come before answers: Slack waits 3 seconds for an ack and half an hour for an answer.

Both are made by one interpreter. While somebody waits for an ack no answer begins; of those that have begun, each gives
way soon.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

MOST_SECONDS = 0.3
"""How long an answer stands back: acks that follow each other without end must not keep it for ever."""
SWITCH_SECONDS = 0.0005
"""How long a thread that computes keeps all others waiting. An ack hands over and takes back the interpreter some ten
times; at Python's own 5 ms, with five threads computing on a busy machine, 50 acks took ten times as long."""


def let_acks_through() -> None:
    """For a process that serves Slack."""
    sys.setswitchinterval(SWITCH_SECONDS)


class OwedAcks:
    """Counts the requests of one app that have no ack yet."""

    def __init__(self) -> None:
        self._owed = 0
        self._paid = asyncio.Event()
        self._paid.set()

    @contextmanager
    def owing(self) -> Iterator[None]:
        """While a request is on its way to its ack."""
        self._owed += 1
        self._paid.clear()
        try:
            yield
        finally:
            self._owed -= 1
            if not self._owed:
                self._paid.set()

    async def paid(self) -> None:
        """Return once nobody waits, at the latest after `MOST_SECONDS`."""
        with suppress(TimeoutError):
            async with asyncio.timeout(MOST_SECONDS):
                await self._paid.wait()
