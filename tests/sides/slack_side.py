"""What tests of the Slack face share: the real engine on little tables, and the app against a local Slack."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from aiohttp import web

from bot.running.typed_values import TypedValues
from bot.sandbox.slack import LocalSlack, start_slack
from bot.sandbox.slack.acting import elements_of
from bot.sandbox.slack.slack_workspace import Message
from bot.slack.app import Services, create_app, http_app, serve_socket, slack_access
from kpi_core.access.doorway import Door
from kpi_core.answering.engine import Engine
from kpi_core.settings.values import Access, Goal
from kpi_core.sql.places import Sql
from kpi_core.sql.plan import Row
from kpi_core.state.goals import typed_goals
from kpi_core.state.store import Store
from kpi_core.warehouse.duckdb import DuckDBWarehouse

from tables import CATALOG, settings, write_tables

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
CAC = {
    "en": "Customer acquisition cost · October 2026: $41.3",
    "ko": "고객 획득 비용 · 2026년 10월: US$41.3",
    "zh-TW": "客戶獲取成本 · 2026年10月：US$41.3",
}
REVENUE = {
    "en": "Sales revenue · October 2026: $100",
    "ko": "매출 · 2026년 10월: US$100",
    "zh-TW": "銷售收入 · 2026年10月：US$100",
}
TABLES: Mapping[str, list[Mapping[str, object]]] = {
    "ad_performance": [
        {"date": "2026-10-03", "channel": "search", "spend": 60},
        {"date": "2026-10-20", "channel": "social", "spend": 20},
        {"date": "2026-11-20", "channel": "search", "spend": 9},
    ],
    "costs": [
        {"date": "2026-10-01", "category": "tools", "amount": 2.54},
        {"date": "2026-11-20", "category": "tools", "amount": 1},
    ],
    "orders": [
        {"order_id": "a", "customer_id": "kim", "ordered_at": "2026-10-02T12:00", "channel": "search", "revenue": 60},
        {"order_id": "b", "customer_id": "lin", "ordered_at": "2026-10-31T12:00", "channel": "social", "revenue": 40},
        {"order_id": "c", "customer_id": "kim", "ordered_at": "2026-11-20T12:00", "channel": "search", "revenue": 5},
    ],
}
"""In October 80 for ads and 2.54 for tools won two customers, who paid 100."""
Served = Services | Mapping[str, Services]
_folder = TemporaryDirectory()


@cache
def _data() -> Path:
    path = Path(_folder.name) / "kpi.duckdb"
    write_tables(path, TABLES)
    return path


@dataclass
class Trouble:
    """What stands between the engine and its tables: a gate to wait for, or a failure."""

    gate: threading.Event | None = None
    failure: Exception | None = None


class _Tables(DuckDBWarehouse):
    """The little tables, read with some trouble."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(_data())
        self._trouble = trouble

    def rows(self, sql: Sql | str, parameters: Mapping[str, object]) -> list[Row]:
        if self._trouble.gate is not None:
            assert self._trouble.gate.wait(120)
        if self._trouble.failure is not None:
            raise self._trouble.failure
        return super().rows(sql, parameters)


def services(
    trouble: Trouble | None = None,
    access: Mapping[str, Access] | None = None,
    goals: tuple[Goal, ...] = (),
    store: Store | None = None,
) -> Services:
    """With a `store` its goals count, and what is done in Slack is written down there."""
    configured = settings(company="Hanok Goods", access=access or {}, goals=goals)
    engine = Engine(configured, CATALOG, _Tables(trouble or Trouble()), lambda: typed_goals(store) if store else ())
    typed, state = TypedValues(lambda: NOW), (lambda: store) if store else None
    return Services(lambda audience: Door(engine, audience), configured, lambda: NOW, state, typed=typed)


def first_line(message: Message) -> str:
    return message.text.splitlines()[0]


def by_channel(message: Message) -> tuple[str, str]:
    """The button of an answer that splits it by channel: its action and its value."""
    buttons = [button for button in elements_of(message) if "by channel" in str(button.get("value"))]
    return buttons[0]["action_id"], buttons[0]["value"]


@asynccontextmanager
async def over_sockets(made: Served) -> AsyncIterator[LocalSlack]:
    """The real app, connected to a local Slack over Socket Mode."""
    async with start_slack() as slack:
        access, stop = slack_access(slack.environment), asyncio.Event()
        serving = asyncio.create_task(serve_socket(create_app(made, access), access, stop=stop))
        try:
            await slack.delivery.connected()
            yield slack
        finally:
            stop.set()
            await serving


@asynccontextmanager
async def over_http(made: Served) -> AsyncIterator[LocalSlack]:
    """The real app behind a request URL that a local Slack delivers to."""
    async with start_slack() as slack:
        access = slack_access(slack.environment, http=True)
        runner = web.AppRunner(http_app(create_app(made, access), access.signing_secret), access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        slack.delivery.request_url = f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"
        try:
            yield slack
        finally:
            await runner.cleanup()


def bot_messages(slack: LocalSlack) -> list[Message]:
    return [each for each in slack.workspace.messages if each.user == "U0KPIBOT"]


async def said(slack: LocalSlack, count: int = 1) -> list[Message]:
    """The bot's messages, once there are `count`."""
    return await slack.until(lambda: found if len(found := bot_messages(slack)) >= count else None)


def run(
    test: Callable[[LocalSlack], Any], made: Served | None = None, *, http: bool = False, seconds: float = 120
) -> None:
    """Run an asynchronous test against the app, at most `seconds`."""

    async def whole() -> None:
        async with (over_http if http else over_sockets)(made or services()) as slack:
            await asyncio.wait_for(test(slack), seconds)

    asyncio.run(whole())
