"""What was handled already: Slack may deliver the same event again, to this process or to another.

The state knows what any process has answered. While it cannot be reached, what this process remembers has to do: to
answer twice is better than not to answer.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from typing import TYPE_CHECKING, Any, TypeVar

from bot.slack.transport.together import Together
from kpi_core.errors import KpiBotError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence
    from datetime import datetime

    from bot.slack.transport.owed_acks import OwedAcks
    from kpi_core.state.answered_events import Asked, Claim
    from kpi_core.state.store import Store

MOST = 20_000
BEFORE_ACK_SECONDS = 1.0
"""Of the 3 within which Slack wants its ack."""
RENEWED_SECONDS = 60.0
"""A third of a claim."""
_REQUEST = "request "
Result = TypeVar("Result")
_first_in = ThreadPoolExecutor(4, thread_name_prefix="kpi-received")
"""Threads of their own: answers may keep all others busy."""
log = logging.getLogger("kpi_bot.slack")


class Seen:
    """Remembers keys: the newest `most` in this process, and in `store` those of all processes.

    Both may be asked only after Slack got its ack: the state may keep one waiting. Empty keys are left out.
    """

    def __init__(
        self,
        clock: Callable[[], datetime],
        store: Callable[[], Store] | None = None,
        acks: OwedAcks | None = None,
        most: int = MOST,
    ) -> None:
        """What is new stands back while one of `acks` is owed."""
        self._acks = acks
        self._clock = clock
        self._store = store
        self._most = most
        self._keys: OrderedDict[str, None] = OrderedDict()
        self._in_doubt: set[str] = set()
        self._shared: bool | None = None
        """Whether the state is one that several processes share; None until it was opened."""
        self._writing: dict[str, asyncio.Task[Claim | None]] = {}
        """Requests that are being written down, by their keys."""
        self._claims = Together(self._claimed, _first_in)
        self._sendings = Together(self._written_sending, _first_in)
        self._ends = Together(self._written_answered, _first_in)

    async def received(self, key: str, request: Mapping[str, Any]) -> None:
        """Write down what Slack asks before it gets its ack, so that another process can answer it should this one end.

        A state that several processes share is waited for, shortly; any other is written meanwhile.
        """
        from kpi_core.state.answered_events import Asked

        if self._store is None or not key:
            return
        wish = Asked([f"{_REQUEST}{key}"], _without_secrets(request))
        writing = asyncio.create_task(self._in_state(self._claims(wish)))
        self._writing[key] = writing
        writing.add_done_callback(lambda _task: self._writing.pop(key, None))
        if self._shared is not False:
            await asyncio.wait({writing}, timeout=BEFORE_ACK_SECONDS)

    async def first(self, *keys: str) -> bool:
        """Whether none of the keys came before; they are remembered.

        The claim lasts for as long as the current task is at it.
        """
        from kpi_core.state.answered_events import Asked

        written = [key for key in keys if key]
        # This process first, without waiting: the same event delivered again meanwhile finds the key already.
        if not self._new_here(written):
            return False
        if self._acks is not None:
            await self._acks.paid()
        if self._store is None or not written:
            return True
        try:
            claim = await self._claims(Asked(written))
        except KpiBotError as error:
            _alone(error)
        else:
            if claim is None:
                return False
            if claim.in_doubt:
                self._in_doubt.update(written)
        self._hold(_with_requests(written))
        return True

    def _hold(self, keys: list[str]) -> None:
        """Renew the claims for as long as the task that answers is at it."""

        def renew() -> None:
            from kpi_core.state.answered_events import renew_claims

            assert self._store is not None
            renew_claims(self._store(), keys, self._clock())

        async def renewing() -> None:
            while True:
                await asyncio.sleep(RENEWED_SECONDS)
                await self._in_state(asyncio.to_thread(renew))

        answering = asyncio.current_task()
        assert answering is not None
        held = asyncio.create_task(renewing())
        answering.add_done_callback(lambda _task: held.cancel())

    async def sends(self, *keys: str) -> bool:
        """Whether the answer may be sent now; not where it may stand there already, sent by a process that is gone."""
        written = [key for key in keys if key]
        if self._in_doubt.intersection(written):
            self._in_doubt.difference_update(written)
            return False
        if self._store is not None and written:
            await self._in_state(self._sendings(written))
        return True

    async def answered(self, *keys: str) -> None:
        """What `first` took is done: nobody need answer it again, whatever happens to this process."""
        written = [key for key in keys if key]
        # Written down after it was answered, a request would be taken for one that is open.
        await asyncio.gather(*(self._writing[key] for key in written if key in self._writing))
        if self._store is not None and written:
            await self._in_state(self._ends(_with_requests(written)))

    def _claimed(self, wishes: Sequence[Asked]) -> Sequence[Claim | None]:
        from kpi_core.state.answered_events import claim_all

        assert self._store is not None
        store = self._store()
        self._shared = store.engine.dialect.name == "postgresql"
        return claim_all(store, wishes, self._clock())

    def _written_sending(self, written: Sequence[list[str]]) -> Sequence[None]:
        from kpi_core.state.answered_events import write_sending

        assert self._store is not None
        write_sending(self._store(), chain.from_iterable(written))
        return [None] * len(written)

    def _written_answered(self, written: Sequence[list[str]]) -> Sequence[None]:
        from kpi_core.state.answered_events import write_answered

        assert self._store is not None
        write_answered(self._store(), chain.from_iterable(written), self._clock())
        return [None] * len(written)

    def _new_here(self, keys: list[str]) -> bool:
        fresh = not any(key in self._keys for key in keys)
        for key in keys:
            self._keys[key] = None
            self._keys.move_to_end(key)
        while len(self._keys) > self._most:
            self._keys.popitem(last=False)
        return fresh

    async def _in_state(self, work: Awaitable[Result]) -> Result | None:
        """What the state says; None where it cannot be reached."""
        try:
            return await work
        except KpiBotError as error:
            _alone(error)
            return None


def _alone(error: KpiBotError) -> None:
    log.error("What was answered is remembered by this process alone: %s", error.message)


def _without_secrets(request: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """The request without the word by which Slack once proved itself."""
    return None if request is None else {name: value for name, value in request.items() if name != "token"}


def _with_requests(keys: list[str]) -> list[str]:
    """The keys, and those under which their requests stand."""
    return [*keys, *(f"{_REQUEST}{key}" for key in keys)]
