"""A local Slack in a thread of its own, and the ledger that posts there by a clock set by hand."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread

from bot.sandbox.slack import LocalSlack, start_slack
from bot.sandbox.slack.slack_workspace import Message as Shown
from bot.slack.app import SlackAccess, slack_access
from bot.slack.delivering import deliver_planned
from kpi_core.deliveries.delivery_states import Delivery
from kpi_core.deliveries.messages import Message
from kpi_core.deliveries.planning import plan_once
from kpi_core.state.store import Store, open_store

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
CHANNEL = "C0MARKET"


class Team:
    """A channel in a local Slack, and the ledger that posts there by a clock set by hand."""

    def __init__(self, slack: LocalSlack, store: Store, clock: list[datetime]) -> None:
        self.slack = slack
        self.store = store
        self.clock = clock
        self.access: SlackAccess = slack_access(slack.environment)

    def plan(self, message: Message) -> None:
        assert plan_once(self.store, "summary:weekly", [message], self.clock[0]) == 1

    def round(self, minutes: int = 0) -> tuple[Delivery, ...]:
        self.clock[0] += timedelta(minutes=minutes)
        return deliver_planned(self.store, self.access)

    def send(self, message: Message) -> Delivery:
        self.plan(message)
        (delivery,) = self.round()
        assert delivery.state == "sent", delivery.error
        return delivery

    @property
    def shown(self) -> list[Shown]:
        return list(self.slack.workspace.in_channel(CHANNEL))


@contextmanager
def team(folder: Path) -> Iterator[Team]:
    """The local Slack runs in a thread of its own, as the ledger may not be used within an event loop."""
    clock = [NOW]
    loop = asyncio.new_event_loop()
    thread = Thread(target=loop.run_forever, daemon=True)
    thread.start()

    def now() -> float:
        return clock[0].timestamp()

    running = start_slack(now=now)
    store = open_store("sqlite:///state.db", folder)
    try:
        slack = asyncio.run_coroutine_threadsafe(running.__aenter__(), loop).result(30)
        yield Team(slack, store, clock)
    finally:
        asyncio.run_coroutine_threadsafe(running.__aexit__(None, None, None), loop).result(30)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(120)
        loop.close()
        store.close()
