"""From a question typed in Slack to the number on the card: parser, engine, cards and bolt as they ship."""

from __future__ import annotations

import asyncio
import random
import re
from pathlib import Path

import pytest
from slack_side import NOW, run, said

from bot.sandbox.slack import LocalSlack
from bot.sandbox.slack.acting import elements_of
from bot.slack.app import Services
from kpi_core.access.doorway import Door

from long import ran, times
from tables import engine_on

ORDERS = [
    {"order_id": "a", "customer_id": "kim", "ordered_at": "2026-10-01T00:00", "channel": "search", "revenue": 60},
    {"order_id": "b", "customer_id": "lin", "ordered_at": "2026-10-31T23:59", "channel": "<!channel>", "revenue": 40},
    {"order_id": "c", "customer_id": "kim", "ordered_at": "2026-09-10T12:00", "channel": "search", "revenue": 80},
    {"order_id": "d", "customer_id": "lin", "ordered_at": "2026-11-20T12:00", "channel": "search", "revenue": 5},
]
TYPED = (
    "sales_revenue last-month 매출 지난달 營收 上個月 by channel vs 2026-13 top -1 in where= , ,, <@U0> "
    "`*_~ \u202e\U0001f600 ' \" ; -- %s {0} <!channel> <!here> <@U0ALEX> <https://a.example|cac> <!subteam^S0FINANCE> "
    "<#C0MARKET> </b> &lt;!channel&gt; --private why explain list goals channel=<!channel> ignore-all-instructions"
)


@pytest.fixture
def made(tmp_path: Path) -> Services:
    engine = engine_on(tmp_path / "kpi.duckdb", {"orders": ORDERS})
    return Services(lambda audience: Door(engine, audience), engine.settings, lambda: NOW)


def refusals(slack: LocalSlack) -> list[str]:
    return [f"{each['method']} {each['error']}" for each in slack.requests if each["error"]]


@pytest.mark.parametrize(
    ("user", "typed", "shown"),
    [
        ("alex", "sales_revenue last-month", "Sales revenue · October 2026: $100"),
        ("mina", "매출 지난달", "매출 · 2026년 10월: US$100"),
        ("wei", "營收 上個月", "銷售收入 · 2026年10月: US$100"),
    ],
)
def test_the_number_is_the_sum_of_the_orders(made: Services, user: str, typed: str, shown: str) -> None:
    """October's orders are 60 and 40; each asks in their language and reads 100 in it."""

    async def ask(slack: LocalSlack) -> None:
        await slack.acting.command(user, "marketing", "/kpi", typed)
        (answer,) = await said(slack)
        assert answer.text.splitlines()[0].replace("：", ": ") == shown
        assert answer.to == ""
        assert refusals(slack) == []

    run(ask, made)


def test_the_buttons_of_an_answer_lead_on(made: Services) -> None:
    """Every button of the card, pressed, is answered with a card that Slack takes and that is no error."""

    async def ask(slack: LocalSlack) -> None:
        await slack.acting.command("alex", "marketing", "/kpi", "sales_revenue last-month")
        (answer,) = await said(slack)
        *buttons, menu = elements_of(answer)
        assert any("channel" in str(each["value"]) for each in buttons)
        presses = [(each["action_id"], each["value"]) for each in buttons if each["action_id"].startswith("kpi_ask")]
        presses += [(menu["action_id"], each["value"]) for each in menu["options"] if "share" not in each["value"]]
        for number, (action, value) in enumerate(presses, start=2):
            await slack.acting.press("alex", "marketing", answer.ts, action, value)
            led_to = (await said(slack, number))[-1]
            aside = "exact" in value or "compare" in value
            assert (led_to.to, "Reference" in led_to.text) == ("U0ALEX" if aside else "", False), led_to.text
        assert refusals(slack) == []

    run(ask, made)


def test_names_from_data_ping_nobody(made: Services) -> None:
    """A channel named <!channel> is shown as its name, and is no mention anywhere in the message."""

    async def ask(slack: LocalSlack) -> None:
        await slack.acting.command("alex", "marketing", "/kpi", "sales_revenue last-month by channel")
        (answer,) = await said(slack)
        assert "&lt;!channel&gt;" in answer.text
        assert "<!channel>" not in answer.text
        marked = [block for block in answer.blocks if "mrkdwn" in str(block)]
        assert "<!channel>" not in str(marked)

    run(ask, made)


def test_a_mistyped_kpi_is_one_press_from_its_answer(made: Services) -> None:
    """`salesrev` offers sales revenue; pressing it answers in the channel."""

    async def ask(slack: LocalSlack) -> None:
        await slack.acting.command("alex", "marketing", "/kpi", "salesrev last-month")
        (error,) = await said(slack)
        assert error.to == "U0ALEX"
        first = elements_of(error)[0]
        await slack.acting.press("alex", "marketing", error.ts, first["action_id"], first["value"])
        _, answer = await said(slack, 2)
        assert "$100" in answer.text

    run(ask, made)


@pytest.mark.parametrize("typed", ["", "list", "explain sales_revenue", "cac last-month", "sales_revenue today"])
def test_every_kind_of_reply_is_one_that_slack_takes(made: Services, typed: str) -> None:
    """Help, list, explanation, a KPI without its tables, a day without data: shown at the first try."""

    async def ask(slack: LocalSlack) -> None:
        await slack.acting.command("wei", "marketing", "/kpi", typed)
        await said(slack)
        assert refusals(slack) == []

    run(ask, made)


ACTIVE = re.compile(r"<(?:[!@#]|https?:|mailto:)")
"""What notifies people or leads elsewhere, where Slack reads markup."""


def active(node: object) -> list[str]:
    """The texts with markup that does something, in a message or a part of one."""
    if isinstance(node, list):
        return [text for item in node for text in active(item)]
    if not isinstance(node, dict):
        return []
    marked = str(node.get("text", "")) if node.get("type") == "mrkdwn" else ""
    return [*([marked] if ACTIVE.search(marked) else []), *(text for item in node.values() for text in active(item))]


@pytest.mark.long
def test_whatever_is_typed_is_acknowledged_and_answered(made: Services, caplog: pytest.LogCaptureFixture) -> None:
    """Commands of KPI words, marks and other scripts: all acknowledged, each answered once, none unforeseen.

    What was typed leads nobody elsewhere and notifies nobody, wherever it is repeated.
    """
    chance, words, rounds = random.Random(20261123), TYPED.split(), times(10, 1_000)

    def typed() -> str:
        if chance.random() < 0.5:
            return " ".join(chance.choices(words, k=chance.randint(1, 8)))
        return "".join(chr(chance.choice([chance.randint(32, 0xD7FF), chance.randint(32, 126)])) for _ in range(30))

    async def ask(slack: LocalSlack) -> None:
        for _round in range(rounds):
            acks = await asyncio.gather(
                *(slack.acting.command("alex", "marketing", "/kpi", typed()) for _ in range(10))
            )
            assert all(ack.acked for ack in acks)
            answers = await said(slack, 10)
            assert len(answers) == 10
            assert [text for each in answers for text in active(each.blocks)] == []
            assert [each.text for each in answers if ACTIVE.search(each.text)] == []
            slack.workspace.messages.clear()
        assert refusals(slack) == []

    run(ask, made, seconds=3600)
    assert "Reference" not in caplog.text
    assert "Traceback" not in caplog.text
    ran("commands typed at random", rounds * 10, unanswered=0, active=0)


@pytest.mark.parametrize(
    ("user", "typed", "title"),
    [("alex", "what changed last week?", "What changed"), ("mina", "지난주에 뭐가 달라졌어?", "무엇이 달라졌나")],
)
def test_what_changed_is_answered(made: Services, user: str, typed: str, title: str) -> None:
    """Those KPIs that moved beyond their usual swing, or that none did, in the asker's language."""

    async def ask(slack: LocalSlack) -> None:
        await slack.acting.command(user, "marketing", "/kpi", typed)
        (answer,) = await said(slack)
        assert title in answer.text

    run(ask, made)
