"""What tests of the Slack face share: a small engine with two KPIs, plain cards, and the app against a local Slack."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from aiohttp import web

from bot.cards.card import Card
from bot.sandbox.slack import LocalSlack, start_slack
from bot.sandbox.slack.slack_workspace import Message
from bot.slack.app import Services, create_app, http_app, serve_socket, slack_access
from bot.slack.listeners.services import Cards
from kpi_core.access.doorway import Door
from kpi_core.answers import Answer, Definition, Freshness
from kpi_core.dates.calendars import Calendar
from kpi_core.dates.periods import Period
from kpi_core.errors import KpiBotError, QuestionError
from kpi_core.metrics import Catalog, Input, Metric
from kpi_core.phrases import Notice
from kpi_core.query import MetricQuery
from kpi_core.settings.values import Access, Goal, Settings

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
OCTOBER = Period(date(2026, 10, 1), date(2026, 11, 1), "month")
NAMES = {
    "cac": {"en": "Customer acquisition cost", "ko": "고객 획득 비용", "zh-TW": "顧客獲取成本"},
    "sales_revenue": {"en": "Sales revenue", "ko": "매출", "zh-TW": "銷售額"},
}


def metric(metric_id: str, variant_of: str | None = None) -> Metric:
    return Metric(
        id=metric_id, names=NAMES[metric_id.partition("@")[0]], aliases=(), description={"en": "x"}, type="simple",
        formula="x", inputs={"x": Input("x", "41.27")}, unit="currency", direction="lower", stage="acquisition",
        cadence="monthly", indicator="lagging", vanity=False, audiences=(), reading={}, variant_of=variant_of,
    )  # fmt: skip


CATALOG = Catalog(
    {"cac": metric("cac"), "cac@paid": metric("cac@paid", "cac"), "sales_revenue": metric("sales_revenue")}, {}, {}
)


@dataclass
class SmallEngine:
    """Answers 41.27 to everything, or raises `fails`; waits for `gate` first where there is one."""

    fails: Exception | None = None
    gate: Any = None
    catalog: Catalog = CATALOG
    asked: list[MetricQuery] = field(default_factory=list)
    settings: Settings = field(default_factory=lambda: settings({}))

    def answers(self, queries: Sequence[MetricQuery], now: datetime) -> list[Answer]:
        return [self._answer(query) for query in queries]

    def _answer(self, query: MetricQuery) -> Answer:
        self.asked.append(query)
        if self.gate is not None:
            assert self.gate.wait(10)
        if self.fails is not None:
            raise self.fails
        return Answer(
            query, self.catalog.metrics[query.metric], "USD", True, 41.27, {}, (), None, None, (),
            Freshness(None, False), (), Definition("x", "1", ""),
        )  # fmt: skip

    def unavailable_kpis(self) -> Mapping[str, Notice]:
        return {}

    def goals(self) -> tuple[Goal, ...]:
        return ()

    def reading_of(self, metric_id: str) -> Metric:
        return self.catalog.metrics[metric_id]

    def coverage(self, now: datetime) -> dict[str, Any]:
        return {}

    def today(self, now: datetime) -> date:
        return now.date()

    def vocabulary(self) -> Any:
        return None


def parse(words: str, door: Door, now: datetime) -> MetricQuery:
    """The first word is the KPI's id; anything else is unknown."""
    known = words.split(maxsplit=1)[0].casefold()
    if known not in CATALOG.metrics:
        raise QuestionError(f"No KPI called {words}.", code="test_unknown", suggestions=["cac last-month"])
    return MetricQuery(known, OCTOBER, question=words)


def button(label: str, action_id: str, value: str) -> dict[str, Any]:
    return {"type": "button", "text": {"type": "plain_text", "text": label}, "action_id": action_id, "value": value}


def actions(*buttons: dict[str, Any]) -> dict[str, Any]:
    return {"type": "actions", "elements": list(buttons)}


def section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "plain_text", "text": text}}


def answer_card(answer: Answer, language: str, catalog: Catalog) -> Card:
    name, asked = answer.metric.name(language), answer.query.question
    line = f"{name}: {answer.value} [{asked}]"
    by = button("By channel", "kpi_ask", f"{asked} by channel")
    return Card(line, [section(line), actions(by, button("Explain", "kpi_explain", answer.metric.id))])


def error_card(error: KpiBotError, language: str) -> Card:
    line = f"{error.message} {error.hint}".strip()
    asks = [button(each, f"kpi_ask.{index}", each) for index, each in enumerate(error.suggestions)]
    return Card(line, [section(line), *([actions(*asks)] if asks else [])])


def list_card(catalog: Catalog, unavailable: Mapping[str, Notice], language: str, limited: int = 0) -> Card:
    return Card("KPIs: " + ", ".join(each.name(language) for each in catalog.kpis()), [])


CARDS = Cards(
    answer=answer_card,
    list=list_card,
    help=lambda language: Card(f"How to ask ({language})", []),
    explain=lambda metric, catalog, language, sql=(): Card(f"What {metric.name(language)} is", []),
    error=error_card,
)


def settings(access: Mapping[str, Access] | None = None) -> Settings:
    return Settings(
        "Hanok Goods", Calendar(timezone="UTC"), "en", "USD", "duckdb:///x", "sqlite:///x", Path(), access=access or {}
    )


def services(engine: SmallEngine | None = None, access: Mapping[str, Access] | None = None) -> Services:
    answering = engine or SmallEngine()
    answering.settings = settings(access)
    return Services(lambda audience: Door(answering, audience), answering.settings, lambda: NOW, CARDS, parse)


@asynccontextmanager
async def over_sockets(made: Services) -> AsyncIterator[LocalSlack]:
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
async def over_http(made: Services) -> AsyncIterator[LocalSlack]:
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


def run(test: Callable[[LocalSlack], Any], made: Services | None = None, *, http: bool = False) -> None:
    """Run an asynchronous test against the app."""

    async def whole() -> None:
        async with (over_http if http else over_sockets)(made or services()) as slack:
            await asyncio.wait_for(test(slack), 30)

    asyncio.run(whole())
