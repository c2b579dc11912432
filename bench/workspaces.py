"""Many workspaces in one process: how long acks and answers take, the memory, and what an answer costs.

`kpi run --workspaces` serves folders of small shops, each with data of its own. Signed commands come at random moments,
each to a workspace at random, as from Slack; answers come back to a response URL of their own, and one kind of them
holds a number that only that workspace has. Everything is on loopback.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import hmac
import itertools
import os
import random
import shutil
import socket
import statistics
import sys
import tempfile
import time
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import duckdb

from bot.cli import main as kpi
from bot.slack.installs.installation import Installation, write_installation

if TYPE_CHECKING:
    import aiohttp
    from aiohttp import web

SECRET = "0123456789abcdef0123456789abcdef"
SETTINGS = """\
company: Shop {number}
timezone: UTC
currency: USD
locale: en
sources: [{{name: shop, type: csv, path: orders.csv, table: orders}}]
"""
DAYS = 60
QUESTIONS = ("aov last month", "sales revenue last month", "sales revenue last 30 days by channel", "orders last week")
TELLING = QUESTIONS[0]
"""Asked most often: its answer tells whose data it is of."""


def main() -> None:
    """Print a line for each rate."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workspaces", type=int, default=1000)
    parser.add_argument("--rates", type=float, nargs="+", default=[50.0, 200.0, 800.0], help="commands a minute in all")
    parser.add_argument("--minutes", type=float, default=1.0, help="for each rate")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="kpi-workspaces-") as name:
        begun = time.perf_counter()
        make_workspaces(Path(name), options.workspaces)
        print(f"{options.workspaces} workspaces made in {time.perf_counter() - begun:.0f} s")
        asyncio.run(measure(Path(name), options.workspaces, options.rates, options.minutes))


def team_of(number: int) -> str:
    return f"T0{number:06}"


def revenue_of(number: int) -> int:
    """What each order of a workspace is worth: no two have the same."""
    return 1000 + number


def make_workspaces(folder: Path, count: int) -> None:
    """A folder each: settings, an installation, and the same orders at prices of its own."""
    model = folder / "model"
    model.mkdir()
    first = datetime.now(UTC).date() - timedelta(days=DAYS)
    rows = [f"o{day},c{day % 9},{first + timedelta(days=day)} 12:00,{'ab'[day % 2]},1" for day in range(DAYS)]
    (model / "orders.csv").write_text("\n".join(("order_id,customer_id,ordered_at,channel,revenue", *rows)), "utf-8")
    (model / "kpi.yaml").write_text(SETTINGS.format(number=0), "utf-8")
    if kpi(["load", "--config", str(model / "kpi.yaml")]) != 0:
        raise SystemExit("the orders could not be loaded")
    for number in range(count):
        own = folder / "teams" / team_of(number)
        own.mkdir(parents=True)
        (own / "kpi.yaml").write_text(SETTINGS.format(number=number), "utf-8")
        shutil.copyfile(model / "kpi.duckdb", own / "kpi.duckdb")
        with duckdb.connect(str(own / "kpi.duckdb")) as data:
            data.execute(f'UPDATE loaded."source shop" SET revenue = {revenue_of(number)}')
        write_installation(own / "slack.json", Installation(team_of(number), f"xoxb-{number:08}-of-this-run"))


@dataclass
class Slack:
    """What stands in for Slack: it says yes to every call, and takes in the answers."""

    url: str = ""
    answers: dict[str, float] = field(default_factory=dict)
    """By the number of a command, when its answer came."""
    came: asyncio.Event = field(default_factory=asyncio.Event)
    foreign: int = 0
    expected: dict[str, str] = field(default_factory=dict)
    """By the number of a command, what its answer must hold."""

    async def call(self, request: web.Request) -> web.Response:
        from aiohttp import web

        method = request.path.rpartition("/")[2]
        return web.json_response({"ok": True, **_REPLIES.get(method, {})})

    async def take(self, request: web.Request) -> web.Response:
        from aiohttp import web

        command, text = request.match_info["command"], await request.text()
        self.answers.setdefault(command, time.perf_counter())
        if command in self.expected and self.expected[command] not in text:
            self.foreign += 1
        self.came.set()
        return web.Response(text="ok")

    async def all_of(self, commands: Iterable[str]) -> None:
        """Until each of them has its answer."""
        for command in commands:
            while command not in self.answers:
                self.came.clear()
                await self.came.wait()


_USER = {"id": "U0ALEX", "name": "alex", "locale": "en-US", "tz": "UTC", "is_bot": False, "profile": {}}
_REPLIES: Mapping[str, Mapping[str, object]] = {
    "users.info": {"user": _USER},
    "auth.test": {"user_id": "U0KPIBOT", "bot_id": "B0KPIBOT", "url": "http://127.0.0.1/"},
    "conversations.info": {"channel": {"id": "C0MARKET", "name": "marketing", "is_member": True}},
    "conversations.members": {"members": ["U0ALEX"], "response_metadata": {"next_cursor": ""}},
    "chat.postEphemeral": {"message_ts": "1.1"},
    "chat.postMessage": {"ts": "1.1", "channel": "C0MARKET"},
}


@asynccontextmanager
async def standing_in() -> AsyncIterator[Slack]:
    from aiohttp import web

    slack, made = Slack(), web.Application()
    made.add_routes([web.post("/answers/{command}", slack.take), web.route("*", "/api/{method:.*}", slack.call)])
    runner = web.AppRunner(made, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    slack.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield slack
    finally:
        await runner.cleanup()


@dataclass(frozen=True, slots=True)
class Bot:
    """The process that is measured."""

    process: Process
    url: str

    def cpu_seconds(self) -> float:
        fields = Path(f"/proc/{self.process.pid}/stat").read_text("utf-8").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory(self) -> float:
        """Resident, in MB."""
        lines = Path(f"/proc/{self.process.pid}/status").read_text("utf-8").splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024


@asynccontextmanager
async def serving(folder: Path, slack: Slack) -> AsyncIterator[Bot]:
    """The bot, once all workspaces are served."""
    import aiohttp

    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = os.environ | {
        "SLACK_API_URL": f"{slack.url}/api/",
        "SLACK_SIGNING_SECRET": SECRET,
        "SLACK_OAUTH_CLIENT_ID": "1234567890.1234567890",
        "SLACK_OAUTH_CLIENT_SECRET": SECRET,
    }
    words = ("-m", "bot.cli", "run", "--workspaces", str(folder / "teams"), "--port", str(port))
    process = await asyncio.create_subprocess_exec(sys.executable, *words, env=environment, stdout=DEVNULL, stderr=PIPE)
    assert process.stderr is not None
    reading = asyncio.create_task(_counted(process.stderr))
    url = f"http://127.0.0.1:{port}"
    async with aiohttp.ClientSession() as session, asyncio.timeout(1800):
        while process.returncode is None:
            try:
                async with session.get(f"{url}/healthz"):
                    break
            except aiohttp.ClientError:
                await asyncio.sleep(0.5)
    try:
        yield Bot(process, f"{url}/slack/events")
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()
        for line, count in (await reading).most_common(5):
            print(f"  the bot's log, {count} x: {line}")


async def _counted(stream: asyncio.StreamReader) -> Counter[str]:
    """The lines of a log that tell of trouble."""
    lines = Counter[str]()
    async for line in stream:
        text = line.decode(errors="replace").strip()
        if " is served." not in text:
            lines[text[24:160]] += 1
    return lines


async def measure(folder: Path, count: int, rates: list[float], minutes: float) -> None:
    """Start the bot, then ask at each rate."""
    import aiohttp

    begun = time.perf_counter()
    async with standing_in() as slack, serving(folder, slack) as bot:
        print(f"served after {time.perf_counter() - begun:.0f} s, {bot.cpu_seconds():.0f} s of processor")
        idle, since = bot.cpu_seconds(), time.perf_counter()
        await asyncio.sleep(20)
        share = (bot.cpu_seconds() - idle) / (time.perf_counter() - since)
        print(f"at rest {bot.memory():,.0f} MB, {share:.1%} of a processor")
        heads = ("a minute", "asked", "answered", "foreign", "ack p50", "p99 ms", "answer p50", "p99 s", "CPU ms", "MB")
        print("".join(f"{head:>11}" for head in heads))
        numbers = itertools.count()
        async with aiohttp.ClientSession() as session:
            for rate in rates:
                await _at_rate(_Asking(slack, bot, session, numbers, count), rate, minutes)


@dataclass(frozen=True, slots=True)
class _Asking:
    slack: Slack
    bot: Bot
    session: aiohttp.ClientSession
    numbers: itertools.count[int]
    workspaces: int


async def _at_rate(asking: _Asking, rate: float, minutes: float) -> None:
    """Ask for so long; print what came of it."""
    chance, bot, slack = random.Random(rate), asking.bot, asking.slack
    cpu, foreign, end = bot.cpu_seconds(), slack.foreign, time.perf_counter() + 60 * minutes
    asked: list[asyncio.Task[tuple[str, float, float]]] = []
    while time.perf_counter() < end:
        await asyncio.sleep(chance.expovariate(rate / 60))
        asked.append(asyncio.create_task(_ask(asking, chance.randrange(asking.workspaces), chance)))
    commands = await asyncio.gather(*asked)
    with suppress(TimeoutError):
        async with asyncio.timeout(120):
            await slack.all_of(name for name, _at, _ack in commands)
    acks = [ack * 1000 for _name, _at, ack in commands]
    waits = [slack.answers[name] - at for name, at, _ack in commands if name in slack.answers]
    figures = [rate, len(commands), len(waits), slack.foreign - foreign, *_percentiles(acks), *_percentiles(waits)]
    figures += [(bot.cpu_seconds() - cpu) * 1000 / max(len(commands), 1), bot.memory()]
    print(
        "".join(
            f"{figure:>11,.{places}f}" for figure, places in zip(figures, (0, 0, 0, 0, 0, 0, 2, 2, 0, 0), strict=True)
        )
    )


def _percentiles(values: list[float]) -> tuple[float, float]:
    if len(values) < 2:
        return 0.0, 0.0
    parts = statistics.quantiles(values, n=100)
    return parts[49], parts[98]


async def _ask(asking: _Asking, number: int, chance: random.Random) -> tuple[str, float, float]:
    """A command of somebody in a workspace: its name, when it was sent, and the seconds until its ack."""
    name, question = str(next(asking.numbers)), chance.choice((TELLING, *QUESTIONS))
    if question == TELLING:
        asking.slack.expected[name] = f"{revenue_of(number):,}"
    fields = {
        "team_id": team_of(number), "user_id": "U0ALEX", "user_name": "alex", "channel_id": "C0MARKET",
        "channel_name": "marketing", "command": "/kpi", "text": question, "trigger_id": f"1.{name}",
        "api_app_id": "A0KPI", "response_url": f"{asking.slack.url}/answers/{name}",
    }  # fmt: skip
    body, at = urlencode(fields), str(int(time.time()))
    sign = hmac.new(SECRET.encode(), f"v0:{at}:{body}".encode(), hashlib.sha256).hexdigest()
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "X-Slack-Request-Timestamp": at,
        "X-Slack-Signature": f"v0={sign}",
    }
    begun = time.perf_counter()
    async with asking.session.post(asking.bot.url, data=body, headers=headers) as ack:
        await ack.read()
        if ack.status != 200:
            print(f"refused: {ack.status}")
    return name, begun, time.perf_counter() - begun


if __name__ == "__main__":
    main()
