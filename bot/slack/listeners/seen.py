"""What was handled already: Slack may deliver the same event again, to this process or to another.

The state knows what any process has answered. While it cannot be reached, what this process remembers has to do: to
answer twice is better than not to answer.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from kpi_core.errors import KpiBotError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from kpi_core.state.store import Store

MOST = 20_000
RENEWED_SECONDS = 60.0
"""A third of a claim."""
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
        self._in_doubt: set[str] = set()

    async def first(self, *keys: str, request: Mapping[str, Any] | None = None) -> bool:
        """Whether none of the keys came before; they are remembered.

        With its `request` it is taken up by another process, should this one end before it is `answered`.
        """

        def claim(store: Store) -> bool:
            from kpi_core.state.answered_events import claim_events

            claimed = claim_events(store, written, self._clock(), _without_secrets(request))
            if claimed is not None and claimed.in_doubt:
                self._in_doubt.update(written)
            return claimed is not None

        written = [key for key in keys if key]
        # This process first, without waiting: the same event delivered again meanwhile finds the key already.
        if not self._new_here(written) or await self._in_state(claim, written) is False:
            return False
        if request is not None:
            self._hold(written)
        return True

    def _hold(self, keys: list[str]) -> None:
        """Keep the claim for as long as the task that answers is at it."""

        def renew(store: Store) -> None:
            from kpi_core.state.answered_events import renew_claims

            renew_claims(store, keys, self._clock())

        async def renewing() -> None:
            while True:
                await asyncio.sleep(RENEWED_SECONDS)
                await self._in_state(renew, keys)

        answering = asyncio.current_task()
        assert answering is not None
        held = asyncio.create_task(renewing())
        answering.add_done_callback(lambda _task: held.cancel())

    async def sends(self, *keys: str) -> bool:
        """Whether the answer may be sent now; not where it may stand there already, sent by a process that is gone."""

        def write(store: Store) -> None:
            from kpi_core.state.answered_events import write_sending

            write_sending(store, written)

        written = [key for key in keys if key]
        if self._in_doubt.intersection(written):
            self._in_doubt.difference_update(written)
            return False
        await self._in_state(write, written)
        return True

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


def _without_secrets(request: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """The request without the word by which Slack once proved itself."""
    return None if request is None else {name: value for name, value in request.items() if name != "token"}
