"""A question that waited through an outage is answered once and says when it was asked; a day old it is asked back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from slack_bolt.async_app import AsyncBoltRequest
from slack_side import CAC, bot_messages, said, services

from bot.cards.card import Card
from bot.sandbox.slack import LocalSlack, start_slack
from bot.sandbox.slack.acting import elements_of
from bot.slack.app import create_app, slack_access
from bot.slack.listeners.underway import finish_answers
from bot.slack.transport.asked_long_ago import age_of, age_text, with_age
from kpi_core.state.store import open_store

WRITTEN = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
AGES: dict[tuple[timedelta, str], str] = {
    (timedelta(minutes=52), "en"): "Asked 52 minutes ago.",
    (timedelta(minutes=52), "ko"): "52분 전에 하신 질문입니다.",
    (timedelta(minutes=52), "zh-TW"): "52 分鐘前的提問。",
    (timedelta(minutes=119, seconds=59), "en"): "Asked 119 minutes ago.",
    (timedelta(hours=2), "en"): "Asked 2 hours ago.",
    (timedelta(hours=47), "en"): "Asked 47 hours ago.",
    (timedelta(days=3, hours=5), "en"): "Asked 3 days ago.",
}


@pytest.mark.parametrize(("age", "language"), AGES)
def test_an_age_is_told_in_words(age: timedelta, language: str) -> None:
    """In minutes, hours or days, whichever is read at a glance."""
    assert age_text(age, language) == AGES[age, language]  # type: ignore[arg-type]


@pytest.mark.parametrize("ts", ["", "soon", None, "9" * 400, "nan", "inf", "-1"])
def test_a_stamp_that_cannot_be_read_has_no_age(ts: Any) -> None:
    """Nor has one of the future: a clock that is a little off makes no question old."""
    assert age_of({"ts": ts}, WRITTEN) == timedelta(0) or ts == "-1"
    assert age_of({"ts": str(WRITTEN.timestamp() + 60)}, WRITTEN) == timedelta(0)


def test_a_fresh_answer_says_nothing_of_its_age() -> None:
    """Slack's own retries come within five minutes."""
    card = Card("CAC", [])
    assert with_age(card, timedelta(minutes=4, seconds=59), "en") == card


def delayed(test: Callable[[LocalSlack], Any], tmp_path: Path, after: timedelta) -> None:
    """A question is written while the app is away, and delivered to it `after`: twice, then to its next process."""

    async def whole() -> None:
        clock = [WRITTEN]

        def now() -> datetime:
            return clock[-1]

        async with start_slack(now=lambda: now().timestamp()) as slack:
            slack.delivery.retry_delays = ()
            await slack.acting.say("mina", "marketing", "<@U0KPIBOT> cac")
            (event,) = await slack.until(lambda: slack.delivery.missed)
            clock.append(WRITTEN + after)
            store = open_store("sqlite:///state.db", tmp_path)
            for _process in range(2):
                made = replace(services(), store=lambda: store, slack_now=now)
                app = create_app(made, slack_access(slack.environment))
                for _time in range(2):
                    await app.async_dispatch(AsyncBoltRequest(body=event, mode="socket_mode"))
                await said(slack)
                await finish_answers(30)
            await test(slack)
            store.close()

    asyncio.run(whole())


def test_a_question_that_waited_is_answered_once_with_its_age(tmp_path: Path) -> None:
    """After 52 minutes the answer says so, in the asker's language; delivered again it is not answered again."""

    async def look(slack: LocalSlack) -> None:
        (answer,) = bot_messages(slack)
        assert answer.text.splitlines()[:2] == ["52분 전에 하신 질문입니다.", CAC["ko"]]
        assert answer.blocks[0]["elements"][0]["text"] == "52분 전에 하신 질문입니다."

    delayed(look, tmp_path, timedelta(minutes=52))


def test_a_question_older_than_a_day_is_to_be_asked_again(tmp_path: Path) -> None:
    """No number: one button that asks it now."""

    async def look(slack: LocalSlack) -> None:
        (answer,) = bot_messages(slack)
        assert answer.text.startswith("25시간 전에 하신 질문입니다.")
        (button,) = elements_of(answer)
        assert button["value"].strip() == "cac"

    delayed(look, tmp_path, timedelta(hours=25))
