"""Answers being made: a process that is asked to stop finishes them first."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from weakref import WeakSet

from bot.log_lines import under_an_id

_tasks: WeakSet[asyncio.Task[object]] = WeakSet()


@contextmanager
def answering() -> Iterator[None]:
    """While the current task makes and sends an answer."""
    task = asyncio.current_task()
    if task is None or task in _tasks:
        # Within another: that one ends it, and its id is the one.
        yield
        return
    _tasks.add(task)
    try:
        with under_an_id():
            yield
    finally:
        _tasks.discard(task)


async def finish_answers(seconds: float) -> None:
    """Wait until the answers of this loop are sent, at most `seconds`."""
    here = asyncio.get_running_loop()
    mine = [task for task in _tasks if task.get_loop() is here]
    if mine:
        await asyncio.wait(mine, timeout=seconds)
