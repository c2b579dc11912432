"""What stands behind a card: its menu, the view that shares it, buttons of messages older than this version."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from form_side import filled
from slack_side import CAC, bot_messages, first_line, run, said, services

from bot.sandbox.slack import LocalSlack
from bot.sandbox.slack.acting import elements_of
from bot.sandbox.slack.slack_workspace import Message
from kpi_core.settings.values import Access

MENU = "kpi_more"
LIMITED = {"sales_revenue": Access(channels=("C0BOARD",), users=("U0WEI",))}


async def ask(slack: LocalSlack, words: str = "cac last-month", channel: str = "marketing") -> Message:
    await slack.acting.command("alex", channel, "/kpi", words)
    return (await said(slack))[0]  # type: ignore[no-any-return]


async def choose(slack: LocalSlack, answer: Message, value: str, user: str = "alex", count: int = 2) -> Message:
    await slack.acting.press(user, answer.channel, answer.ts, MENU, value)
    return (await said(slack, count))[-1]  # type: ignore[no-any-return]


def values_of(message: Message) -> list[str]:
    return [each["value"] for each in elements_of(message) if "value" in each]


def test_the_exact_value_is_one_press_away() -> None:
    """The amount to the cent with what it is made of, for whoever asks alone."""

    async def test(slack: LocalSlack) -> None:
        exact = await choose(slack, await ask(slack), "exact cac 2026-10", "mina")
        assert exact.to == "U0MINA"
        assert "US$41.27" in exact.text
        assert "US$82.54" in exact.text

    run(test)


def test_an_answer_may_be_held_against_other_periods() -> None:
    """Compare offers the periods before and the year ago; a press holds the number against it, for all to see."""

    async def test(slack: LocalSlack) -> None:
        offered = await choose(slack, await ask(slack), "compare cac 2026-10")
        assert offered.to == "U0ALEX"
        against = [value.partition(" vs ")[2] for value in values_of(offered)]
        assert against == ["2026-09", "2025-10", "2026-08", "2026-07"]
        pressed = elements_of(offered)[1]
        await slack.acting.press("alex", "marketing", offered.ts, pressed["action_id"], pressed["value"])
        assert (await said(slack, 3))[2].to == ""

    run(test)


async def shared(slack: LocalSlack, value: str, channel: str, user: str = "alex") -> str:
    """What the view says after an answer was shared through it."""
    answer = await ask(slack) if not bot_messages(slack) else bot_messages(slack)[0]
    await slack.acting.press(user, answer.channel, answer.ts, MENU, value)
    person = {"alex": "U0ALEX", "wei": "U0WEI"}[user]
    view_id = (await filled(slack, user))["id"]
    values = {"channel": {"field": {"type": "conversations_select", "selected_conversation": channel}}}
    await slack.acting.submit(user, view_id, values)

    def outcome() -> str | None:
        view: dict[str, Any] = slack.workspace.views[slack.workspace.opened[person][-1]]
        text = "\n".join(str(block["text"]["text"]) for block in view["blocks"] if "text" in block)
        return text if "One moment" not in text and "稍候" not in text else None

    text: str = await slack.until(outcome)
    return text


def test_an_answer_is_shared_with_a_channel() -> None:
    """The channel gets the whole card and reads who shared it; whoever shared it is told."""

    async def test(slack: LocalSlack) -> None:
        assert await shared(slack, "share cac 2026-10", "C0BOARD") == "Shared in <#C0BOARD>."
        (posted,) = [each for each in bot_messages(slack) if each.channel == "C0BOARD"]
        assert posted.text.startswith(f"Shared by Alex Reed\n{CAC['en']}")
        assert values_of(posted)

    run(test)


@pytest.mark.parametrize(
    ("value", "channel", "user", "reason"),
    [
        ("share sales_revenue 2026-10", "C0MARKET", "wei", "銷售收入"),
        ("share sales_revenue 2026-10", "C0MARKET", "alex", "Sales revenue is shown only to some people"),
        ("share cac 2026-10", "C0GENERAL", "alex", "invite"),
        ("share cac 2026-10", "", "alex", "older message"),
    ],
)
def test_what_may_not_be_shared_is_not(value: str, channel: str, user: str, reason: str) -> None:
    """A limited KPI reaches no channel whose readers may not see it; a channel without the bot says what to do."""

    async def test(slack: LocalSlack) -> None:
        answer = await ask(slack)
        answer.blocks[-1]["elements"][-1]["options"][0] |= {"value": value}
        before = len(bot_messages(slack))
        assert reason in await shared(slack, value, channel, user)
        assert len(bot_messages(slack)) == before

    run(test, services(access=LIMITED))


OLD = [
    ("a_button_of_long_ago", "cac"),
    ("kpi_ask", ""),
    ("kpi_ask", "\x00<!channel> {"),
    ("kpi_more", "dance cac"),
    ("kpi_more", ""),
]


@pytest.mark.parametrize(("action", "value"), OLD)
def test_a_press_from_long_ago_is_acknowledged_and_told(action: str, value: str) -> None:
    """Whatever an old message still offers, its press is acknowledged and whoever made it hears what to do instead."""

    async def test(slack: LocalSlack) -> None:
        plain = {"type": "plain_text", "text": "Old"}
        option = {"text": plain, "value": value or " "}
        element = (
            {"type": "overflow", "action_id": action, "options": [option]}
            if action == MENU
            else {"type": "button", "action_id": action, "text": plain, "value": value}
        )
        old = Message(
            slack.workspace.new_ts(), "C0MARKET", "U0KPIBOT", "Old", [{"type": "actions", "elements": [element]}]
        )
        slack.workspace.add(old)
        ack = await slack.acting.press("mina", "marketing", old.ts, action)
        assert ack.acked
        _old, told = await said(slack, 2)
        assert told.to == "U0MINA"
        assert "<!" not in told.text

    run(test)


def test_two_presses_on_share_post_once() -> None:
    """A view that is submitted twice shares once."""

    async def test(slack: LocalSlack) -> None:
        await shared(slack, "share cac 2026-10", "C0BOARD")
        view_id = slack.workspace.opened["U0ALEX"][-1]
        first = min(slack.workspace.views)
        values = {"channel": {"field": {"type": "conversations_select", "selected_conversation": "C0BOARD"}}}
        await asyncio.gather(slack.acting.submit("alex", first, values), slack.acting.submit("alex", first, values))
        await slack.acting.command("alex", "marketing", "/kpi", "help")
        await said(slack, 3)
        assert sum(each.channel == "C0BOARD" for each in bot_messages(slack)) == 1
        assert view_id

    run(test)


def test_a_private_answer_has_a_private_menu() -> None:
    """What was asked in private is compared in private, too."""

    async def test(slack: LocalSlack) -> None:
        answer = await ask(slack, "cac last-month --private")
        offered = await choose(slack, answer, "compare cac 2026-10 --private")
        assert all(value.endswith(" --private") for value in values_of(offered))
        explained = await choose(slack, answer, "explain cac --private", count=3)
        assert explained.to == "U0ALEX"
        assert first_line(answer) == CAC["en"]

    run(test)
