"""Two processes deliver together and are killed at random: each post reaches its channel once."""

from __future__ import annotations

import asyncio
import json
import random
import sys
from asyncio.subprocess import PIPE, Process
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from state_side import States

from bot.sandbox.slack import LocalSlack, start_slack
from bot.sandbox.slack.web_api.slack_faults import Fault, Kind
from kpi_core.dates.schedule import parse_every
from kpi_core.deliveries.ledger import unsettled
from kpi_core.deliveries.planning import due_now
from kpi_core.state.store import open_store

import long

PROGRAM = Path(__file__).parent.parent / "killed_process.py"
UTC = ZoneInfo("UTC")
START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
A_ROUND = timedelta(seconds=61)
"""Longer than a lease."""
CHANNELS = ("C0MARKET", "C0BOARD")
LAST_BOUNDARY = 18
FAULTS: tuple[Kind, ...] = ("drop_after", "drop_before", "http", "ratelimited", "garbage")
KILLED = -9


@dataclass
class Trial:
    """Posts that fall due one after the other, delivered by processes that die."""

    state: str
    slack: LocalSlack
    program: Process
    chance: random.Random
    clock: list[datetime]
    kills: int = 0
    posts: list[str] = field(default_factory=list)
    kind: str = "summaries"

    async def post(self) -> None:
        """One post for each channel: rounds of two processes, of which the first ones die, until all is settled.

        Of an incident that is its opening and, once it stands in Slack, its end in the thread.
        """
        number = len(self.posts)
        name, due = f"summary:{number}", START + timedelta(days=number)
        self.posts.append(f"post {number}")
        store = open_store(self.state, Path())
        due_now(store, name, parse_every("day 09:00"), due - timedelta(hours=1), UTC)
        if self.chance.random() < 0.5:
            self.slack.faults.put(Fault(self.chance.choice(FAULTS), "chat.postMessage"))
        for turn in range(40):
            self.clock[0] = due + timedelta(seconds=5) + turn * A_ROUND
            dies_at = [self.chance.randint(1, LAST_BOUNDARY) if turn < 2 else 0 for _ in range(2)]
            await self._round(name, due, dies_at, over=self._stands())
            if turn >= 2 and not unsettled(store) and (self.kind == "summaries" or self._stands(" is over")):
                store.close()
                return
        raise AssertionError(f"left behind: {[(each.state, each.error) for each in unsettled(store)]}")

    def _stands(self, ending: str = "") -> bool:
        """Whether the newest post stands in each channel."""
        shown = {
            message.channel for message in self.slack.workspace.messages if message.text == self.posts[-1] + ending
        }
        return shown >= set(CHANNELS)

    async def _round(self, name: str, due: datetime, dies_at: list[int], *, over: bool) -> None:
        task: dict[str, Any] = {
            "kind": self.kind,
            "state": self.state,
            "slack": self.slack.environment,
            "now": self.clock[0].isoformat(),
            "due": due.isoformat(),
            "over": over,
            "schedule": name,
            "every": "day 09:00",
            "text": self.posts[-1],
            "channels": CHANNELS,
            "dies_at": dies_at,
        }
        assert self.program.stdin is not None
        assert self.program.stdout is not None
        self.program.stdin.write(json.dumps(task).encode() + b"\n")
        codes = json.loads(await self.program.stdout.readline())
        assert set(codes) <= {0, KILLED}, codes
        self.kills += codes.count(KILLED)

    def counts(self) -> dict[str, int]:
        """How many posts are lost, and how many messages are one too many."""
        seen = Counter((message.channel, message.text) for message in self.slack.workspace.messages)
        endings = ("",) if self.kind == "summaries" else ("", " is over")
        posts = [(channel, text + ending) for channel in CHANNELS for text in self.posts for ending in endings]
        return {
            "lost": sum(seen[post] == 0 for post in posts),
            "doubled": sum(max(seen[post] - 1, 0) for post in posts),
        }


@asynccontextmanager
async def trial(state: str, kind: str) -> AsyncIterator[Trial]:
    clock = [START]

    def now() -> float:
        return clock[0].timestamp()

    async with start_slack(now=now) as slack:
        program = await asyncio.create_subprocess_exec(sys.executable, str(PROGRAM), stdin=PIPE, stdout=PIPE)
        try:
            yield Trial(state, slack, program, random.Random(0), clock, kind=kind)
        finally:
            assert program.stdin is not None
            program.stdin.close()
            await program.wait()


@pytest.mark.long
@pytest.mark.parametrize("kind", ["summaries", "incidents"])
def test_killed_processes_lose_and_double_nothing(states: States, kind: str) -> None:
    """SIGKILL before or after any commit, send or look-up of either process, with faults of Slack between."""
    kills = long.times({"summaries": 6, "incidents": 2}[kind], {"summaries": 500, "incidents": 100}[kind])

    async def run() -> Trial:
        async with trial(states.new(), kind) as running:
            while running.kills < kills:
                await running.post()
            return running

    done = asyncio.run(run())
    counts = done.counts()
    long.ran(f"kills on {states.system} with two processes, {kind}", done.kills, posts=len(done.posts) * 2, **counts)
    assert counts == {"lost": 0, "doubled": 0}
