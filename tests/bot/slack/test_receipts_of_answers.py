"""What an answer in Slack carries beside its number: a receipt, and the last word of the goal's owner."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from slack_side import NOW, run, said, services

from bot.sandbox.slack import LocalSlack
from kpi_core.deliveries.receipts import receipt_of
from kpi_core.errors import ServiceError
from kpi_core.goals.check_ins import CheckIn
from kpi_core.settings.values import Goal
from kpi_core.state.check_in_rows import add_check_in
from kpi_core.state.store import Store, open_store

GOAL = Goal("cac", 40.0, date(2026, 12, 31), "U0MINA")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store("sqlite:///state.db", tmp_path)
    yield opened
    opened.close()


def name_in(text: str) -> str:
    return text.partition("Receipt ")[2].split()[0]


@pytest.mark.parametrize("question", ["cac last-month", "cac last-month by channel"])
def test_an_answer_can_be_asked_for_again_by_its_receipt(store: Store, question: str) -> None:
    """It names the number, its question and its definition; asked again the same answer has the same name."""

    async def ask(slack: LocalSlack) -> None:
        for count in (1, 2):
            await slack.acting.command("alex", "marketing", "/kpi", question)
            answers = await said(slack, count)
        names = {name_in(answer.text) for answer in answers}
        assert len(names) == 1
        receipt = receipt_of(store, names.pop())
        (number,) = receipt.numbers
        assert (number.query.metric, number.value, receipt.channel) == ("cac", 41.27, "C0MARKET")
        assert f"Receipt {receipt.name}" in str(answers[0].blocks)

    run(ask, replace(services(), store=lambda: store))


def test_an_answer_does_not_fail_with_the_state() -> None:
    """A state that is away costs the receipt, not the answer."""

    def away() -> Store:
        raise ServiceError("The state is away.", code="state_away")

    async def ask(slack: LocalSlack) -> None:
        await slack.acting.command("alex", "marketing", "/kpi", "cac last-month")
        (answer,) = await said(slack)
        assert "$41.3" in answer.text
        assert "Receipt" not in answer.text

    run(ask, replace(services(goals=(GOAL,)), store=away))


@pytest.mark.parametrize("question", ["cac", "goals"])
def test_a_goal_stands_with_its_owner_s_last_word(store: Store, question: str) -> None:
    """How confident they are and why, with its day; the newest word only."""
    for days, confidence, note in ((9, 8, ""), (2, 4, "two campaigns <late>")):
        add_check_in(store, CheckIn(GOAL.key, "cac", NOW - timedelta(days=days), "U0MINA", confidence, note))

    async def ask(slack: LocalSlack) -> None:
        await slack.acting.command("alex", "marketing", "/kpi", question)
        (answer,) = await said(slack)
        assert "confidence 4/10 on 21 Nov: two campaigns &lt;late&gt;" in answer.text
        assert "8/10" not in answer.text

    run(ask, replace(services(goals=(GOAL,)), store=lambda: store))
