"""Three bots over HTTP behind a plain proxy, one state in Postgres: killed at random, they lose and double nothing."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import random
import socket
import sys
from asyncio.subprocess import DEVNULL, Process
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from postgres_side import Postgres

from bot.cli import main
from bot.sandbox.slack import LocalSlack, start_slack
from bot.sandbox.slack.slack_workspace import Message
from kpi_core.formats.periods import date_text
from kpi_core.state.audit import newest_entries
from kpi_core.state.store import open_store

import long

PROGRAM = Path(__file__).parents[1] / "sides" / "hasty_process.py"
SETTINGS = """\
company: Small shop
timezone: UTC
currency: USD
locale: en
warehouse: duckdb:///kpi.duckdb
state: '{state}'
sources:
  - {{name: shop, type: csv, path: orders.csv, table: orders}}
audiences: {{exec: [sales_revenue]}}
summaries: [{{name: often, channel: C0MARKET, audience: exec, every: "day {at}"}}]
"""
FIRST = date(2025, 11, 1)
DAYS = 380
IN_DOUBT = "Slack gave no word"
SUMMARY = "Sales revenue"


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


@dataclass
class Bots:
    """The processes, each at a port of its own, and who asked what of them."""

    folder: Path
    environment: Mapping[str, str]
    slack: LocalSlack
    ports: tuple[int, ...] = field(default_factory=lambda: tuple(free_port() for _ in range(3)))
    running: dict[int, Process] = field(default_factory=dict)
    days: itertools.count[int] = field(default_factory=itertools.count)
    asked: dict[str, bool] = field(default_factory=dict)
    """By its question: whether Slack got its ack."""

    async def start(self, port: int) -> None:
        """Start a process; it is there once it answers."""
        words = ("run", "--config", str(self.folder / "kpi.yaml"), "--http", "--port", str(port))
        self.running[port] = await asyncio.create_subprocess_exec(
            sys.executable, str(PROGRAM), *words, env={**os.environ, **self.environment}, stdout=DEVNULL, stderr=DEVNULL
        )
        async with aiohttp.ClientSession() as session, asyncio.timeout(120):
            while True:
                try:
                    async with session.get(f"http://127.0.0.1:{port}/healthz"):
                        return
                except aiohttp.ClientError:
                    await asyncio.sleep(0.1)

    async def kill(self, port: int) -> None:
        process = self.running.pop(port)
        process.kill()
        await process.wait()

    @asynccontextmanager
    async def stopping(self) -> AsyncIterator[None]:
        """Whatever becomes of the test, no process outlives it."""
        try:
            yield
        finally:
            for process in self.running.values():
                process.terminate()
            await asyncio.gather(*(process.wait() for process in self.running.values()))

    async def ask(self, number: int) -> None:
        """One question, of a day that no other asks about: as a command, as a mention, in the conversation."""
        question = f"sales revenue {FIRST + timedelta(days=next(self.days)):%Y-%m-%d}"
        if number % 3 == 0:
            ack = await self.slack.acting.command("alex", "marketing", "/kpi", question)
            self.asked[question] = ack.acked
            return
        channel, words = ("marketing", f"<@U0KPIBOT> {question}") if number % 3 == 1 else ("dm", question)
        await self.slack.acting.say("alex", channel, words)
        # What is not acknowledged Slack sends again.
        self.asked[question] = True

    def counts(self) -> dict[str, int]:
        """How many are lost, doubled and owned up to: those whose asker was told that the answer is in doubt."""
        answers, doubts = Counter[str](), Counter[str]()
        for message in self.slack.workspace.messages:
            if message.user == "U0KPIBOT":
                (doubts if IN_DOUBT in message.text else answers).update(self.questions_of(message))
        lost = [each for each, acked in self.asked.items() if acked and not answers[each] and not doubts[each]]
        return {
            "lost": len(lost),
            "doubled": sum(max(count - 1, 0) for count in answers.values()),
            "in_doubt": sum(doubts.values()),
        }

    def questions_of(self, message: Message) -> list[str]:
        """The question that a message answers, by the day in its first line, or that its button asks again."""
        if IN_DOUBT in message.text:
            shown = json.dumps(message.blocks)
            return [each for each in self.asked if each in shown]
        return [each for each in self.asked if f" {shown_day(each)}:" in message.text.partition("\n")[0]]


def shown_day(question: str) -> str:
    return date_text(date.fromisoformat(question[-10:]), "en")


@asynccontextmanager
async def proxy(ports: tuple[int, ...]) -> AsyncIterator[str]:
    """A plain one: each request to the next process, past one that takes no connection."""
    turn = itertools.cycle(ports)

    async def passed_on(request: web.Request) -> web.Response:
        body, headers = await request.read(), {k: v for k, v in request.headers.items() if k != "Host"}
        for port in itertools.islice(turn, len(ports)):
            try:
                url = f"http://127.0.0.1:{port}{request.path_qs}"
                async with session.post(url, data=body, headers=headers) as answer:
                    kind = answer.content_type
                    return web.Response(body=await answer.read(), status=answer.status, content_type=kind)
            except aiohttp.ClientConnectorError:
                continue
            except aiohttp.ClientError:
                break
        return web.Response(status=502)

    made = web.Application()
    made.add_routes([web.post("/slack/events", passed_on)])
    runner = web.AppRunner(made, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    async with aiohttp.ClientSession() as session:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"
    await runner.cleanup()


@pytest.mark.long
@pytest.mark.skipif(long.share() is None, reason="three bots take a minute to be killed and started again")
def test_killed_bots_answer_everything_once(postgres: Postgres, tmp_path: Path) -> None:
    """Commands, mentions and messages, of each one answer; a summary that falls due meanwhile is posted once.

    Of an answer that was being sent as its process was killed, the asker is told that it is in doubt.
    """
    kills, state = long.times(1, 60), postgres.url("three_bots")
    due = datetime.now(UTC) + timedelta(seconds=100)
    write_shop(tmp_path, state, f"{due:%H:%M}")
    bots = asyncio.run(scenario(tmp_path, kills, due))
    counts = bots.counts()
    summaries = [each for each in bots.slack.workspace.messages if is_summary(each)]
    long.ran("kills of three bots over HTTP", kills, questions=len(bots.asked), posts=len(summaries), **counts)
    assert (counts["lost"], counts["doubled"], len(summaries)) == (0, 0, 1)
    store = open_store(state, tmp_path)
    assert {entry.who for entry in newest_entries(store)} <= {"U0ALEX", ""}
    store.close()


def write_shop(folder: Path, state: str, at: str) -> None:
    rows = [f"o{n},kim,{FIRST + timedelta(days=n)} 12:00,search,{100 + n}" for n in range(DAYS)]
    (folder / "orders.csv").write_text("\n".join(("order_id,customer_id,ordered_at,channel,revenue", *rows)), "utf-8")
    (folder / "kpi.yaml").write_text(SETTINGS.format(state=state, at=at), "utf-8")
    assert main(["load", "--config", str(folder / "kpi.yaml")]) == 0


def is_summary(message: Message) -> bool:
    return message.user == "U0KPIBOT" and message.channel == "C0MARKET" and "Small shop" in message.text


async def scenario(folder: Path, kills: int, due: datetime) -> Bots:
    chance = random.Random(kills)
    async with start_slack() as slack:
        bots = Bots(folder, slack.environment, slack)
        slack.delivery.retry_delays = (0.0, 0.5, 1.0, 2.0)
        await asyncio.gather(*map(bots.start, bots.ports))
        async with bots.stopping(), proxy(bots.ports) as url:
            slack.delivery.request_url = url
            for _kill in range(kills):
                asking = [asyncio.create_task(bots.ask(number)) for number in range(6)]
                await asyncio.sleep(chance.random() * 0.6)
                port = chance.choice(bots.ports)
                await bots.kill(port)
                await asyncio.gather(*asking)
                await bots.start(port)
            await slack.until(lambda: not bots.counts()["lost"] or None, seconds=60)
            left = (due.replace(second=0) - datetime.now(UTC)).total_seconds()
            await slack.until(lambda: any(map(is_summary, slack.workspace.messages)) or None, seconds=max(left, 0) + 90)
            # Time enough for whoever would send anything twice.
            await asyncio.sleep(10)
        return bots
