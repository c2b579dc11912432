"""A question goes on: in a thread, in a direct conversation, under an answer, over restarts."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from slack_side import NOW, bot_messages, by_channel, first_line, run, said, services
from state_side import States

from bot.sandbox.slack import LocalSlack, start_slack
from bot.sandbox.slack.slack_workspace import Message
from bot.slack.app import Services, create_app, slack_access
from kpi_core.settings.values import Access
from kpi_core.state.store import open_store

BOT = "<@U0KPIBOT>"


def is_split(message: Message) -> bool:
    return "search" in message.text and "social" in message.text


async def mention(slack: LocalSlack, user: str, words: str, thread: str = "", channel: str = "marketing") -> Message:
    """What the bot says to a mention."""
    before = len(bot_messages(slack))
    await slack.acting.say(user, channel, f"{BOT} {words}", thread)
    messages: list[Message] = await said(slack, before + 1)
    return messages[-1]


@pytest.mark.parametrize(
    ("user", "words", "shown"),
    [
        ("alex", "by channel", "cac 2026-10 by channel"),
        ("mina", "그럼 채널별로는?", "cac 2026-10 by channel"),
        ("wei", "按管道", "cac 2026-10 by channel"),
        ("alex", "and last year?", "cac 2025-10"),
        ("wei", "只看 search", "cac 2026-10 where channel=search"),
        ("mina", "왜?", "설명할 변화가 없습니다"),
        ("alex", "explain", "(cac)"),
        ("alex", "is cac normal?", "October 2026"),
        ("alex", "exactly?", "$41.27"),
        ("mina", "정확한 값 2026-10", "US$82.54"),
        ("wei", "營收 2026-09", "2026年9月"),
    ],
)
def test_a_thread_goes_on_from_its_last_question(user: str, words: str, shown: str) -> None:
    """A few words in a thread change its last question, whoever says them; the answer says how they were read."""

    async def ask(slack: LocalSlack) -> None:
        first = await mention(slack, "alex", "cac last-month")
        second = await mention(slack, user, words, first.thread_ts)
        assert second.thread_ts == first.thread_ts
        assert shown in second.text + str(second.blocks)

    run(ask)


def test_each_thread_has_a_question_of_its_own() -> None:
    """Two threads and a new mention do not mix: what is asked nowhere before is asked back."""

    async def ask(slack: LocalSlack) -> None:
        cost = await mention(slack, "alex", "cac last-month")
        sales = await mention(slack, "alex", "sales_revenue 2026-10")
        assert "Customer acquisition cost" in (await mention(slack, "alex", "by channel", cost.thread_ts)).text
        assert "Sales revenue" in (await mention(slack, "alex", "by channel", sales.thread_ts)).text
        alone = await mention(slack, "alex", "by channel")
        assert "Customer" not in first_line(alone)
        assert "$" not in first_line(alone)

    run(ask)


def test_a_direct_conversation_goes_on_without_a_mention() -> None:
    """In the conversation with the bot, in its threads and after its command alike."""

    async def ask(slack: LocalSlack) -> None:
        await slack.acting.say("alex", "dm", "cac last-month")
        (first,) = await said(slack)
        await slack.acting.say("alex", "dm", "by channel")
        assert is_split((await said(slack, 2))[1])
        await slack.acting.say("alex", "dm", "only search", first.ts)
        narrowed = (await said(slack, 3))[2]
        assert narrowed.thread_ts == first.ts
        assert "channel search" in first_line(narrowed)
        await slack.acting.command("wei", "dm", "/kpi", "sales_revenue 2026-10")
        await said(slack, 4)
        await slack.acting.say("wei", "dm", "按管道")
        assert is_split((await said(slack, 5))[4])

    run(ask)


def test_a_thread_begins_with_what_its_message_says() -> None:
    """Under an answer to a command, of which nobody told the bot where it stands, words go on from that answer."""

    async def ask(slack: LocalSlack) -> None:
        await slack.acting.command("alex", "marketing", "/kpi", "cac last-month")
        (answer,) = await said(slack)
        split = await mention(slack, "wei", "按管道", answer.ts)
        assert is_split(split)

    run(ask)


def test_a_press_is_the_last_question_of_its_thread() -> None:
    """After a press on the button of an answer, words go on from what was pressed."""

    async def ask(slack: LocalSlack) -> None:
        first = await mention(slack, "alex", "cac last-month")
        await slack.acting.press("wei", "marketing", first.ts, *by_channel(first))
        await said(slack, 2)
        earlier = await mention(slack, "alex", "and 2026-11?", first.thread_ts)
        assert is_split(earlier) or "channel" in earlier.text
        assert "2026-11 by channel" in earlier.text

    run(ask)


LIMITED = {"sales_revenue": Access(channels=("C0BOARD",), users=("U0WEI",))}


def test_what_is_limited_is_asked_for_whoever_speaks() -> None:
    """In a thread an allowed person goes on alone, and nobody else learns a number or what was asked."""

    async def ask(slack: LocalSlack) -> None:
        first = await mention(slack, "alex", "cac last-month")
        private = await mention(slack, "wei", "sales_revenue 2026-10", first.thread_ts)
        assert private.to == "U0WEI"
        on = await mention(slack, "wei", "按管道", first.thread_ts)
        assert on.to == "U0WEI"
        assert is_split(on)
        other = await mention(slack, "alex", "by channel", first.thread_ts)
        assert other.to == ""
        assert "Customer acquisition cost" in first_line(other)
        refused = await mention(slack, "alex", "and sales_revenue?", first.thread_ts)
        assert "$" not in refused.text

    run(ask, services(access=LIMITED))


def test_what_was_private_stays_private() -> None:
    """Words that go on from a private question are answered in private."""

    async def ask(slack: LocalSlack) -> None:
        first = await mention(slack, "alex", "cac last-month")
        await mention(slack, "alex", "sales_revenue 2026-10 --private", first.thread_ts)
        on = await mention(slack, "alex", "by channel", first.thread_ts)
        assert (on.to, "Sales revenue" in first_line(on)) == ("U0ALEX", True)

    run(ask)


def test_what_cannot_be_read_offers_what_goes_on() -> None:
    """A slip in words that go on is offered as the whole question, period and all."""

    async def ask(slack: LocalSlack) -> None:
        first = await mention(slack, "alex", "cac 2026-09")
        error = await mention(slack, "alex", "by chanel or region or so", first.thread_ts)
        offered = [each["value"] for block in error.blocks for each in block.get("elements", ()) if "value" in each]
        assert all(value.startswith("cac 2026-09") for value in offered)

    run(ask)


def test_a_talk_is_remembered_for_a_day_by_every_process(states: States) -> None:
    """One process answers, another goes on after a restart; a day later nobody remembers."""
    url, now = states.new(), [NOW]

    def process(slack: LocalSlack) -> tuple[Services, object]:
        store = open_store(url, Path())
        made = replace(services(), store=lambda: store, clock=lambda: now[0])
        return made, create_app(made, slack_access(slack.environment))

    async def whole() -> None:
        async with start_slack() as slack:
            for step, (words, hours) in enumerate([("cac last-month", 0), ("by channel", 20), ("by channel", 30)]):
                now[0] += timedelta(hours=hours)
                made, app = process(slack)
                await deliver(app, slack, words, step)
                await said(slack, step + 1)
                assert made.store is not None
                made.store().close()
            assert is_split(bot_messages(slack)[1])
            assert not is_split(bot_messages(slack)[2])

    asyncio.run(whole())


async def deliver(app: object, slack: LocalSlack, words: str, number: int) -> None:
    """A message in the conversation of one person."""
    from slack_bolt.async_app import AsyncBoltRequest

    channel = slack.workspace.direct("U0ALEX").id
    event = {
        "type": "message", "user": "U0ALEX", "channel": channel, "channel_type": "im", "ts": f"{number}.1",
        "text": words,
    }  # fmt: skip
    body = {"type": "event_callback", "team_id": "T0KPIBOT", "event_id": f"Ev{number}", "event": event}
    answer = await app.async_dispatch(AsyncBoltRequest(body=body, mode="socket_mode"))  # type: ignore[attr-defined]
    assert answer.status == 200
