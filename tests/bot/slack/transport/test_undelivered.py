"""An answer that Slack does not take where it was asked for reaches the person another way."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from slack_side import CAC, bot_messages, first_line, run, said, services

from bot.sandbox.slack import LocalSlack
from bot.sandbox.slack.slack_workspace import Message
from bot.sandbox.slack.web_api.slack_faults import Fault
from bot.slack.app import slack_access
from bot.slack.delivering import deliver_planned
from bot.slack.listeners.underway import finish_answers
from kpi_core.state.store import open_store

ELSEWHERE = "That channel did not take my answer, so here it is."
IN_DOUBT = "Slack gave no word whether my answer arrived. If it is not there, ask again."


def dead_url(slack: LocalSlack) -> None:
    slack.workspace.new_response_url = lambda *_args: "R-unknown"  # type: ignore[method-assign]


def test_where_the_channel_takes_nothing_the_answer_comes_directly() -> None:
    """Neither the response_url nor the channel, where the bot is no member: it comes in the person's conversation."""

    async def ask(slack: LocalSlack) -> None:
        dead_url(slack)
        await slack.acting.command("alex", "general", "/kpi", "cac")
        (answer,) = await said(slack)
        assert answer.text.splitlines()[:2] == [ELSEWHERE, CAC["en"]]
        assert slack.workspace.channels[answer.channel].user == "U0ALEX"

    run(ask)


def test_where_the_channel_takes_no_post_the_asker_sees_it_alone() -> None:
    """A channel that lets nobody post shows the answer to whoever asked."""

    async def ask(slack: LocalSlack) -> None:
        slack.faults.put(Fault("error", "chat.postMessage", error="restricted_action"))
        await slack.acting.say("alex", "marketing", "<@U0KPIBOT> cac")
        (answer,) = await said(slack)
        assert (first_line(answer), answer.to) == (CAC["en"], "U0ALEX")

    run(ask)


def about(messages: list[Message]) -> list[tuple[str, str]]:
    return [(first_line(each), each.to) for each in messages]


@pytest.mark.parametrize("fault", ["drop_after", "garbage"])
def test_an_answer_in_doubt_is_owned_up_to(fault: str) -> None:
    """Whether or not it arrived, it is not sent again: the asker alone is told, with a button that asks again."""

    async def ask(slack: LocalSlack) -> None:
        slack.faults.put(Fault(fault, "response_url"))  # type: ignore[arg-type]
        await slack.acting.command("alex", "marketing", "/kpi", "cac")
        note = await slack.until(lambda: next((each for each in bot_messages(slack) if each.to), None))
        assert about([note]) == [(IN_DOUBT, "U0ALEX")]
        assert note.blocks[-1]["elements"][0]["value"] == "cac"
        arrived = [(CAC["en"], "")] if fault == "drop_after" else []
        assert about([each for each in bot_messages(slack) if not each.to]) == arrived

    run(ask)


def test_what_slack_takes_nowhere_waits_in_the_ledger(tmp_path: Path) -> None:
    """While Slack refuses every call the answer is planned; the first round after that brings it, once."""
    store = open_store("sqlite:///state.db", tmp_path)
    asked = datetime.now(UTC) - timedelta(minutes=5)

    async def ask(slack: LocalSlack) -> None:
        dead_url(slack)
        for method in ("chat.postMessage", "chat.postEphemeral"):
            slack.faults.put(Fault("error", method, times=3, error="service_unavailable"))
        await slack.acting.command("alex", "marketing", "/kpi", "cac")
        await slack.until(lambda: len([each for each in slack.requests if each["error"]]) >= 3)
        await finish_answers(30)
        slack.faults.clear()
        for _round in range(2):
            await asyncio.to_thread(deliver_planned, store, slack_access(slack.environment))
        (answer,) = bot_messages(slack)
        assert answer.text.splitlines()[:2] == [ELSEWHERE, CAC["en"]]
        assert slack.workspace.channels[answer.channel].user == "U0ALEX"

    run(ask, replace(services(), store=lambda: store, clock=lambda: asked))
    store.close()


def test_a_workspace_that_takes_the_bot_out_is_written_down(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Uninstalled, or its token revoked: in the log with what mends it, in the audit log, and told to who runs it.

    The token of a person is none of the bot's.
    """
    from bot.sandbox.slack.envelopes import payloads
    from kpi_core.state.audit import newest_entries

    store, left, both = open_store("sqlite:///state.db", tmp_path), [], {"app_uninstalled", "tokens_revoked"}

    def gone() -> bool:
        left.append(1)
        return True

    async def written() -> None:
        while {entry.command for entry in await asyncio.to_thread(newest_entries, store)} != both:
            pass

    async def leave(slack: LocalSlack) -> None:
        for event in (
            {"type": "tokens_revoked", "tokens": {"oauth": ["U0ALEX"], "bot": []}},
            {"type": "tokens_revoked", "tokens": {"oauth": [], "bot": ["U0KPIBOT"]}},
            {"type": "app_uninstalled"},
        ):
            envelope = payloads.event(slack.workspace, event)
            for _time in range(2):
                assert (await slack.delivery.deliver("events_api", envelope)).acked
        await asyncio.wait_for(written(), 60)

    run(leave, replace(services(), store=lambda: store, left=gone))
    assert len(left) == 2
    assert "Install the app there again" in caplog.text
    store.close()
