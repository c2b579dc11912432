"""How long Slack waits for an acknowledgement while 50 people ask at once: the bot, which computes, and bare bolt.

Each app runs in a process of its own behind signed HTTP and is asked by a local Slack, in turns. Slack gives up after 3
seconds; what counts here is the 99th percentile beside that of an app that does nothing but acknowledge.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.demo_workspace import demo_workspace
from bot.sandbox.slack import LocalSlack, start_slack
from bot.slack.app import Services, create_app, http_app, slack_access

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
    parser.add_argument("--serve", choices=("bare", "kpi"))
    options = parser.parse_args()
    asyncio.run(serve(options.serve) if options.serve else measure(options.rounds))


@dataclass(frozen=True, slots=True)
class AskedApp:
    """One of the apps, and the local Slack that its commands come from."""

    slack: LocalSlack
    answers: bool


async def measure(rounds: int) -> None:
    """Ask both apps in turns, all questions of a round at once."""
    seconds: dict[str, list[float]] = {"bare": [], "kpi": []}
    async with asked_app("bare") as bare, asked_app("kpi") as kpi:
        await ask_at_once(kpi)  # the first answers import and compile
        for _ in range(rounds):
            seconds["bare"] += await ask_at_once(bare)
            seconds["kpi"] += await ask_at_once(kpi)
    figures = {name: statistics.quantiles(found, n=100) for name, found in seconds.items()}
    print(f"{AT_ONCE} at once, {rounds} rounds{'p50 ms':>12}{'p99 ms':>10}")
    for name, found in figures.items():
        print(f"{name:<22}{found[49] * 1000:>12.0f}{found[98] * 1000:>10.0f}")
    print(f"p99, the bot to bare bolt: {figures['kpi'][98] / figures['bare'][98]:.2f} × (aim 1.2 ×)")


async def ask_at_once(app: AskedApp) -> list[float]:
    """Seconds until each of 50 commands was acknowledged; waits for the answers, where there are any."""
    slack = app.slack
    before = len(slack.workspace.messages)
    asked = (slack.acting.command("U0ALEX", "C0MARKET", "/kpi", QUESTIONS[n % len(QUESTIONS)]) for n in range(AT_ONCE))
    acks = await asyncio.gather(*asked)
    assert all(ack.acked for ack in acks), "a command was not acknowledged in 3 seconds"
    if app.answers:
        await slack.until(lambda: len(slack.workspace.messages) >= before + AT_ONCE, 120.0)
    return [ack.seconds for ack in acks]


@asynccontextmanager
async def asked_app(name: str) -> AsyncIterator[AskedApp]:
    """A local Slack whose commands go to one of the apps, in a process of its own."""
    async with start_slack() as slack:
        environment = {**os.environ, **slack.environment}
        command = [sys.executable, __file__, "--serve", name]
        process = await asyncio.create_subprocess_exec(*command, env=environment, stdout=subprocess.PIPE)
        assert process.stdout is not None
        slack.delivery.request_url = (await process.stdout.readline()).decode().strip()
        try:
            yield AskedApp(slack, answers=name == "kpi")
        finally:
            process.terminate()
            await process.wait()


async def serve(name: str) -> None:
    """One of the apps on a free port; prints its request URL."""
    from aiohttp import web
    from slack_bolt.async_app import AsyncAck, AsyncApp

    access = slack_access(http=True)
    if name == "kpi":
        now = datetime.now(UTC)
        workspace = demo_workspace(os.environ, now.date(), lambda _step, _done, _total: None)
        app = create_app(Services(workspace.door, workspace.settings, lambda: now), access)
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
