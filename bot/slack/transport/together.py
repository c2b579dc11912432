"""What many ask of the state at once is done in one transaction: fifty requests wait for one write."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from typing import Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")
MOST_AT_ONCE = 200


class Together(Generic[Item, Result]):
    """Calls that come while one is at work are the next one's, in their order.

    `work` gives a result for each item, in a thread of `threads`; what it raises, all who were part of it get.
    """

    def __init__(self, work: Callable[[Sequence[Item]], Sequence[Result]], threads: Executor) -> None:
        self._work = work
        self._threads = threads
        self._waiting: list[tuple[Item, asyncio.Future[Result]]] = []
        self._working: asyncio.Task[None] | None = None

    async def __call__(self, item: Item) -> Result:
        result: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, result))
        if self._working is None or self._working.done():
            self._working = asyncio.create_task(self._work_off())
        return await result

    async def _work_off(self) -> None:
        while self._waiting:
            taken, self._waiting = self._waiting[:MOST_AT_ONCE], self._waiting[MOST_AT_ONCE:]
            items, futures = [item for item, _ in taken], [future for _, future in taken]
            outcome: Sequence[Result] | Exception
            try:
                outcome = await asyncio.get_running_loop().run_in_executor(self._threads, self._work, items)
            except Exception as error:  # noqa: BLE001 - whoever waits gets it
                outcome = error
            except asyncio.CancelledError:
                # The loop ends: nobody who came meanwhile may wait for what is never done.
                for future in (*futures, *(future for _, future in self._waiting)):
                    future.cancel()
                raise
            for number, future in enumerate(futures):
                # One that is done has a caller who gave up.
                if future.done():
                    continue
                if isinstance(outcome, Exception):
                    future.set_exception(outcome)
                else:
                    future.set_result(outcome[number])
