"""What was handled already: Slack may deliver the same event again, to this process or to another.

The state knows what any process has answered. While it cannot be reached, what this process remembers has to do: to
answer twice is better than not to answer.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from typing import TYPE_CHECKING

from kpi_core.errors import KpiBotError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from kpi_core.state.store import Store

MOST = 20_000
log = logging.getLogger("kpi_bot.slack")


class Seen:
    """Remembers keys: the newest `most` in this process, and in `store` those of all processes.

    Both may be asked only after Slack got its ack: the state may keep one waiting. Empty keys are left out.
    """

    def __init__(
        self, clock: Callable[[], datetime], store: Callable[[], Store] | None = None, most: int = MOST
    ) -> None:
        self._clock = clock
        self._store = store
        self._most = most
        self._keys: OrderedDict[str, None] = OrderedDict()

    async def first(self, *keys: str) -> bool:
        """Whether none of the keys came before; they are remembered."""

        def claim(store: Store) -> bool:
            from kpi_core.state.answered_events import claim_events

            return claim_events(store, written, self._clock())

        written = [key for key in keys if key]
        # This process first, without waiting: the same event delivered again meanwhile finds the key already.
        return self._new_here(written) and await self._in_state(claim, written) is not False

    async def answered(self, *keys: str) -> None:
        """What `first` took is done: nobody need answer it again, whatever happens to this process."""

        def write(store: Store) -> None:
            from kpi_core.state.answered_events import write_answered

            write_answered(store, written, self._clock())

        written = [key for key in keys if key]
        await self._in_state(write, written)

    def _new_here(self, keys: list[str]) -> bool:
        fresh = not any(key in self._keys for key in keys)
        for key in keys:
            self._keys[key] = None
            self._keys.move_to_end(key)
        while len(self._keys) > self._most:
            self._keys.popitem(last=False)
        return fresh

    async def _in_state(self, work: Callable[[Store], bool | None], keys: list[str]) -> bool | None:
        """What the state says, in a thread; None where there is none, or it cannot be reached."""
        opened = self._store
        if opened is None or not keys:
            return None
        try:
            return await asyncio.to_thread(lambda: work(opened()))
        except KpiBotError as error:
            log.error("What was answered is remembered by this process alone: %s", error.message)  # noqa: TRY400
            return None
