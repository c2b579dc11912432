"""Posts over a Slack that fails often, refuses for a while, or is away for days: each comes once."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from slack_team import CHANNEL, Team, team

from bot.running.owners.owner import follow
from bot.sandbox.slack.web_api.slack_faults import Fault, Kind
from bot.slack.posting import FOR_A_PERSON, NOT_TAKEN, UNCERTAIN
from bot.workspace import Workspace, settings_of
from kpi_core.deliveries.ledger import unsettled
from kpi_core.deliveries.messages import Posting
from kpi_core.deliveries.planning import plan_once
from kpi_core.errors import ServiceError

import long

FAULTS: tuple[Kind, ...] = ("ratelimited", "error", "http", "drop_before", "drop_after", "garbage")
SHARE = 0.12
AT_ONCE = 20
CODES = sorted((NOT_TAKEN | UNCERTAIN | FOR_A_PERSON) - {"slack_unreachable", "slack_no_answer", "slack_server_error"})
POSTS = "chat.postMessage"


@pytest.fixture
def marketing(tmp_path: Path) -> Iterator[Team]:
    with team(tmp_path) as running:
        yield running


def settled(marketing: Team) -> None:
    """Rounds until nothing is left to send; one in which Slack does not even tell the time is lost, as in `kpi run`."""
    for _ in range(200):
        with suppress(ServiceError):
            marketing.round(minutes=6)
        if not unsettled(marketing.store):
            return
    raise AssertionError([(each.state, each.error) for each in unsettled(marketing.store)])


@pytest.mark.long
def test_every_eighth_call_fails(marketing: Team) -> None:
    """Limits, refusals, broken pages, calls and answers lost, in 12 of 100 calls: nothing lost, nothing doubled."""
    count = long.times(20, 2_000)
    for kind in FAULTS:
        # Each in turn befalls what the ones before have spared.
        marketing.slack.faults.put(Fault(kind, times=10**9, share=SHARE / len(FAULTS)))
    for start in range(0, count, AT_ONCE):
        texts = [f"post {number}" for number in range(start, min(start + AT_ONCE, count))]
        marketing.clock[0] += timedelta(minutes=1)
        for text in texts:
            plan_once(marketing.store, text, [Posting(CHANNEL, text)], marketing.clock[0])
        settled(marketing)
    seen = Counter(message.text for message in marketing.shown)
    lost = sum(not seen[f"post {number}"] for number in range(count))
    doubled = sum(each - 1 for each in seen.values())
    long.ran("posts over a Slack that fails in 12 of 100 calls", count, lost=lost, doubled=doubled)
    assert (lost, doubled) == (0, 0)


@pytest.mark.long
def test_each_refusal_passes(marketing: Team, tmp_path: Path) -> None:
    """Refused with any of Slack's codes until that has passed or somebody has mended it: then it comes, once.

    Its owner hears of it once where somebody is to act, and not at all where it passes by itself.
    """
    (tmp_path / "kpi.yaml").write_text("company: Hanok\ntimezone: UTC\ncurrency: USD\nowner: U0MINA\n", "utf-8")
    workspace = Workspace(settings_of(tmp_path / "kpi.yaml"), {})
    chance = random.Random(0)
    codes = [code for _ in range(10) for code in chance.sample(CODES, len(CODES))][: long.times(8, 10 * len(CODES))]
    heard = 0
    for number, code in enumerate(codes):
        times = chance.randint(1, 3)
        marketing.slack.faults.put(Fault("error", POSTS, times=times, error=code))
        marketing.clock[0] += timedelta(minutes=1)
        plan_once(marketing.store, "summary:weekly", [Posting(CHANNEL, f"post {number}")], marketing.clock[0])
        while unsettled(marketing.store):
            for delivery in marketing.round(minutes=70):
                follow(workspace, delivery, marketing.clock[0])
        heard += code in FOR_A_PERSON
    slack = marketing.slack.workspace
    told = len(list(slack.in_channel(slack.direct("U0MINA").id)))
    seen = Counter(message.text for message in marketing.shown)
    assert seen == Counter(f"post {number}" for number in range(len(codes)))
    long.ran("refusals that pass or are mended", len(codes), lost=0, doubled=0, told_owner=told)
    assert told == heard
    workspace.close()
