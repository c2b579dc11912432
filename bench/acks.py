"""How long Slack waits for an acknowledgement while 50 people ask at once: the bot, which computes, and bare bolt.

Each app runs in a process of its own behind signed HTTP and is asked by a local Slack, in turns. The bot writes what it
is asked into a state, as in service: SQLite, or the Postgres of --state. Slack gives up after 3 seconds; what counts
here is the 99th percentile beside that of an app that does nothing but acknowledge.
"""

from __future__ import annotations

import argparse
import asyncio
import math
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bot.demo_workspace import demo_workspace
from bot.sandbox.slack import LocalSlack, start_slack
from bot.slack.app import Services, create_app, http_app, slack_access
from bot.slack.transport.owed_acks import let_acks_through
from kpi_core.state.store import open_store

AT_ONCE = 50
QUESTIONS = (
    "cac last-month by channel",
    "revenue last-month",
    "roas last-week",
    "매출 지난달 채널별",
    "mql this month",
)


def main() -> None:
    """Print both percentiles and their ratio; with --serve, be one of the two apps."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--at-once", type=int, default=AT_ONCE)
    parser.add_argument("--state", default="", help="address of an empty state, instead of a new SQLite file")
    parser.add_argument("--serve", choices=("bare", "kpi"))
    options = parser.parse_args()
    if options.serve:
        asyncio.run(serve(options.serve, options.state))
    else:
        with tempfile.TemporaryDirectory() as folder:
            asyncio.run(measure(options.rounds, options.at_once, options.state or f"sqlite:///{folder}/state.db"))


@dataclass(frozen=True, slots=True)
class AskedApp:
    """One of the apps, and the local Slack that its commands come from."""

    slack: LocalSlack
    answers: bool
    at_once: int


async def measure(rounds: int, at_once: int, state: str) -> None:
    """Ask both apps in turns, all questions of a round at once."""
    seconds: dict[str, list[list[float]]] = {"bare": [], "kpi": []}
    async with asked_app("bare", at_once) as bare, asked_app("kpi", at_once, state) as kpi:
        await ask_at_once(kpi)  # the first answers import and compile
        for _ in range(rounds):
            seconds["bare"].append(await ask_at_once(bare))
            seconds["kpi"].append(await ask_at_once(kpi))
    # A median over the rounds: another process at work for a moment is no property of either app.
    p50, p99, most = ({name: over_rounds(found, rank) for name, found in seconds.items()} for rank in (0.5, 0.99, 1.0))
    print(f"{at_once} at once, {rounds} rounds{'p50 ms':>12}{'p99 ms':>10}{'most ms':>10}")
    for name in seconds:
        print(f"{name:<22}{p50[name] * 1000:>12.0f}{p99[name] * 1000:>10.0f}{most[name] * 1000:>10.0f}")
    print(f"p99, the bot to bare bolt: {p99['kpi'] / p99['bare']:.2f} × (aim 1.2 ×)")


def over_rounds(rounds: Sequence[Sequence[float]], rank: float) -> float:
    """The median of what a share `rank` of each round's acks needed at most."""
    return statistics.median(sorted(each)[math.ceil(rank * len(each)) - 1] for each in rounds)


async def ask_at_once(app: AskedApp) -> list[float]:
    """Seconds until each command was acknowledged; waits for the answers, where there are any."""
    slack, count = app.slack, app.at_once
    before = len(slack.workspace.messages)
    asked = (slack.acting.command("U0ALEX", "C0MARKET", "/kpi", QUESTIONS[n % len(QUESTIONS)]) for n in range(count))
    acks = await asyncio.gather(*asked)
    assert all(ack.acked for ack in acks), "a command was not acknowledged in 3 seconds"
    if app.answers:
        await slack.until(lambda: len(slack.workspace.messages) >= before + count, 240.0)
    return [ack.seconds for ack in acks]


@asynccontextmanager
async def asked_app(name: str, at_once: int, state: str = "") -> AsyncIterator[AskedApp]:
    """A local Slack whose commands go to one of the apps, in a process of its own."""
    async with start_slack() as slack:
        environment = {**os.environ, **slack.environment}
        command = [sys.executable, __file__, "--serve", name, "--state", state]
        process = await asyncio.create_subprocess_exec(*command, env=environment, stdout=subprocess.PIPE)
        assert process.stdout is not None
        slack.delivery.request_url = (await process.stdout.readline()).decode().strip()
        try:
            yield AskedApp(slack, name == "kpi", at_once)
        finally:
            process.terminate()
            await process.wait()


async def serve(name: str, state: str) -> None:
    """One of the apps on a free port; prints its request URL."""
    from aiohttp import web
    from slack_bolt.async_app import AsyncAck, AsyncApp

    access = slack_access(http=True)
    let_acks_through()
    if name == "kpi":
        now = datetime.now(UTC)
        workspace = demo_workspace(os.environ, now.date(), lambda _step, _done, _total: None)
        store = open_store(state, Path.cwd())
        app = create_app(Services(workspace.door, workspace.settings, lambda: now, lambda: store), access)
    else:
        app = AsyncApp(token=access.bot_token, signing_secret=access.signing_secret)
        app.client.base_url = access.api_url

        async def acknowledge(ack: AsyncAck) -> None:
            await ack()

        app.command("/kpi")(acknowledge)
    runner = web.AppRunner(http_app(app, access.signing_secret), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    main()
