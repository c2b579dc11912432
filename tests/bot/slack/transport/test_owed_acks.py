"""Acks come before answers, and what many ask of the state at once is one write."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from slack_bolt.async_app import AsyncBoltRequest
from slack_side import services

from bot.sandbox.slack import start_slack
from bot.sandbox.slack.slack_workspace import TEAM_ID
from bot.slack.app import create_app, slack_access
from bot.slack.listeners.underway import finish_answers
from bot.slack.transport import owed_acks
from bot.slack.transport.owed_acks import OwedAcks
from bot.slack.transport.together import Together
from kpi_core.access.audiences import Audience
from kpi_core.access.doorway import Door
from kpi_core.errors import ServiceError


def command(number: int) -> AsyncBoltRequest:
    """A command as a socket brings it."""
    body = {
        "command": "/kpi", "text": "cac", "user_id": "U0ALEX", "channel_id": "C0MARKET", "team_id": TEAM_ID,
        "response_url": "", "trigger_id": f"t{number}", "api_app_id": "A0",
    }  # fmt: skip
    return AsyncBoltRequest(body=body, mode="socket_mode")


def test_answers_begin_once_everybody_has_an_ack(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of twenty commands at once nothing is computed before the last of them is acknowledged."""
    monkeypatch.setattr(owed_acks, "MOST_SECONDS", 60.0)
    acked, begun = 0, list[int]()

    async def whole() -> None:
        nonlocal acked
        made = services()

        def door(audience: Audience) -> Door:
            begun.append(acked)
            return made.door(audience)

        async with start_slack() as slack:
            app = create_app(replace(made, door=door), slack_access(slack.environment))

            async def asked(number: int) -> None:
                nonlocal acked
                assert (await app.async_dispatch(command(number))).status == 200
                acked += 1

            await asyncio.gather(*map(asked, range(20)))
            await finish_answers(60)

    asyncio.run(whole())
    assert len(begun) >= 20
    assert min(begun) == 20


def test_an_answer_does_not_stand_back_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """While acks follow each other without end it begins all the same."""
    monkeypatch.setattr(owed_acks, "MOST_SECONDS", 0.01)

    async def whole() -> None:
        acks = OwedAcks()
        await acks.paid()
        with acks.owing():
            await acks.paid()

    asyncio.run(whole())


def test_calls_that_come_meanwhile_are_made_together() -> None:
    """Each gets its own result, in the order in which they came; ten that wait for the first are one write."""
    begun, gate, works = threading.Event(), threading.Event(), list[list[int]]()

    def work(items: Sequence[int]) -> Sequence[int]:
        works.append(list(items))
        begun.set()
        assert gate.wait(60)
        return [10 * item for item in items]

    async def whole() -> list[int]:
        with ThreadPoolExecutor(1) as threads:
            together = Together(work, threads)
            first = asyncio.create_task(together(0))
            assert await asyncio.to_thread(begun.wait, 60)
            others = [asyncio.create_task(together(number)) for number in range(1, 11)]
            await asyncio.sleep(0)
            # One who gives up takes nothing from the others.
            others.pop().cancel()
            gate.set()
            return await asyncio.gather(first, *others)

    assert asyncio.run(whole()) == [10 * number for number in range(10)]
    assert works == [[0], list(range(1, 11))]


def test_a_failure_is_told_to_all_who_were_part_of_it() -> None:
    """And the next call is made anew."""
    troubles = [ServiceError("gone", code="state", hint="wait")]

    def work(items: Sequence[str]) -> Sequence[str]:
        if troubles:
            raise troubles.pop()
        return items

    async def whole() -> None:
        with ThreadPoolExecutor(1) as threads:
            together: Together[str, str] = Together(work, threads)
            outcomes: list[Any] = await asyncio.gather(together("a"), together("b"), return_exceptions=True)
            assert [type(each) for each in outcomes] == [ServiceError, ServiceError]
            assert await together("c") == "c"

    asyncio.run(whole())
