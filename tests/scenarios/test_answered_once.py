"""What Slack delivers again, to the same process, another or the next, is answered once."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from slack_bolt.async_app import AsyncBoltRequest
from slack_side import bot_messages, said, services
from state_side import States

from bot.cli import main
from bot.sandbox.slack import LocalSlack, start_slack
from bot.sandbox.slack.envelopes import payloads
from bot.sandbox.slack.slack_workspace import APP_ID, TEAM_ID
from bot.slack.app import create_app, slack_access
from bot.slack.listeners.surviving.abandoned import answer_abandoned
from bot.slack.listeners.underway import finish_answers
from kpi_core.state.answered_events import CLAIMED, claim_events, write_sending
from kpi_core.state.audit import newest_entries
from kpi_core.state.store import Store, open_store

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncApp


def mention(number: int) -> dict[str, Any]:
    """An event that tells of a mention."""
    event = {
        "type": "app_mention", "user": "U0ALEX", "channel": "C0MARKET", "channel_type": "channel",
        "ts": f"{number}.000100", "text": "<@U0KPIBOT> cac",
    }  # fmt: skip
    return {
        "type": "event_callback", "team_id": TEAM_ID, "api_app_id": APP_ID, "event_id": f"Ev{number}", "event": event,
    }  # fmt: skip


async def deliver(app: AsyncApp, body: dict[str, Any]) -> None:
    answer = await app.async_dispatch(AsyncBoltRequest(body=body, mode="socket_mode"))
    assert answer.status == 200


def process(slack: LocalSlack, store: Callable[[], Store]) -> AsyncApp:
    """The app as one process has it."""
    return create_app(replace(services(), store=store), slack_access(slack.environment))


def test_events_are_answered_once_by_all_processes(states: States) -> None:
    """Delivered to two processes at once, then to one that has just started: one answer to each event."""
    url = states.new()

    async def whole() -> None:
        stores = [open_store(url, Path()) for _ in range(3)]
        async with start_slack() as slack:
            one, two, next_one = (process(slack, lambda store=store: store) for store in stores)
            await asyncio.gather(deliver(one, mention(1)), deliver(two, mention(1)))
            await said(slack)
            await deliver(next_one, mention(1))
            await deliver(next_one, mention(2))
            await said(slack, 2)
            await finish_answers(10)
            assert len(bot_messages(slack)) == 2
        for store in stores:
            store.close()

    asyncio.run(whole())


@pytest.mark.parametrize(
    ("sending", "said_of_it"), [(False, "Customer acquisition cost"), (True, "Slack gave no word")]
)
def test_what_a_killed_process_had_taken_another_answers_once(sending: bool, said_of_it: str, tmp_path: Path) -> None:
    """After its ack Slack sends it no more; where the answer may stand already, the asker is told so instead."""
    store, killed_at = open_store("sqlite:///state.db", tmp_path), services().clock() - CLAIMED
    claim_events(store, ["request Ev1"], killed_at, mention(1))
    claim_events(store, ["Ev1"], killed_at)
    if sending:
        write_sending(store, ["Ev1"])

    async def whole() -> None:
        async with start_slack() as slack:
            others = [replace(services(), store=lambda: store) for _ in range(2)]
            apps = [create_app(each, slack_access(slack.environment)) for each in others]
            await asyncio.gather(*(answer_abandoned(app, each) for app, each in zip(apps, others, strict=True)))
            (answer,) = await said(slack)
            assert said_of_it in answer.text
            await finish_answers(10)
            await asyncio.gather(*(answer_abandoned(app, each) for app, each in zip(apps, others, strict=True)))
            await finish_answers(10)
            assert len(bot_messages(slack)) == 1

    asyncio.run(whole())
    store.close()


def test_without_its_state_a_question_is_answered(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """While the state cannot be reached the answer still comes, once for what this process has seen."""

    async def whole() -> None:
        async with start_slack() as slack:
            app = process(slack, lambda: open_store("sqlite:///nowhere/state.db", tmp_path))
            await deliver(app, mention(1))
            await said(slack)
            await deliver(app, mention(1))
            await deliver(app, mention(2))
            await said(slack, 2)
            await finish_answers(10)
            assert len(bot_messages(slack)) == 2

    asyncio.run(whole())
    assert "remembered by this process alone" in caplog.text


def test_who_asked_what_is_written_down(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each question with who asked it, its KPI and filters, never what it was answered; kpi audit shows them."""
    (tmp_path / "kpi.yaml").write_text("company: x\ntimezone: UTC\ncurrency: USD\n", "utf-8")
    store = open_store("sqlite:///state.db", tmp_path)

    async def whole() -> None:
        async with start_slack() as slack:
            app = process(slack, lambda: store)
            event = mention(1)
            event["event"]["text"] = "<@U0KPIBOT> cac where channel=search"
            await deliver(app, event)
            unknown = mention(2)
            unknown["event"]["text"] = "<@U0KPIBOT> \x1b[31m nothing of ours"
            await deliver(app, unknown)
            await said(slack, 2)
            await finish_answers(10)

    asyncio.run(whole())
    entries = {entry.metric: entry for entry in newest_entries(store)}
    store.close()
    assert set(entries) == {"cac", ""}
    assert (entries["cac"].who, entries["cac"].filters) == ("U0ALEX", {"channel": "search"})
    monkeypatch.chdir(tmp_path)
    assert main(["audit", "--who", "U0ALEX"]) == 0
    shown = capsys.readouterr().out
    assert "U0ALEX cac where channel=search" in " ".join(shown.split())
    assert "\x1b" not in shown
    assert main(["audit", "--who", "U0NOBODY", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"entries": []}


@pytest.mark.parametrize("kind", ["mention", "command"])
def test_what_was_acknowledged_is_answered_before_the_process_ends(kind: str, tmp_path: Path) -> None:
    """Asked to stop while the state is still slow to say whether it is the first, the process answers and then ends."""
    gate, opened = threading.Event(), open_store("sqlite:///state.db", tmp_path)

    def slow() -> Store:
        assert gate.wait(60)
        return opened

    async def whole() -> None:
        async with start_slack() as slack:
            app = process(slack, slow)
            if kind == "mention":
                await deliver(app, mention(1))
            else:
                user, channel = slack.workspace.users["U0ALEX"], slack.workspace.channels["C0MARKET"]
                url = f"{slack.url}/response/{slack.workspace.new_response_url(channel.id, user.id)}"
                await deliver(app, payloads.command(slack.workspace, user, channel, "/kpi", "cac", url))
            ending = asyncio.create_task(finish_answers(60))
            await asyncio.sleep(0)
            gate.set()
            await ending
            assert len(bot_messages(slack)) == 1

    asyncio.run(whole())
    opened.close()
