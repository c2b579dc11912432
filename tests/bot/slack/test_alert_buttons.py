"""The buttons of an alert, pressed in the local Slack and heard by the real app."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from slack_side import NOW, run, said, services

from bot.cards.alert import ACKNOWLEDGE, ACTED, SNOOZE
from bot.cards.blocks import actions, button, section
from bot.cards.card import Card
from bot.sandbox.slack import LocalSlack
from bot.slack.app import slack_access
from bot.slack.posting import post, slack_client
from kpi_core.deliveries.incident_course import Known, actions_due, known_incidents, open_incident
from kpi_core.state.store import Store, open_store

BUTTONS = [button("Seen", ACKNOWLEDGE, "3f2a"), button("Snooze", SNOOZE, "3f2a:7"), button("Acted", ACTED, "3f2a")]


async def pressed(slack: LocalSlack, user: str, action: str) -> str:
    """Post an alert with its buttons, press one; what the person reads."""
    access = slack_access(slack.environment)
    card = Card("CPC: unusual", [section("CPC: unusual"), *actions(BUTTONS)])
    message = await post(slack_client(access.bot_token, access.api_url), "C0MARKET", card)
    await slack.acting.press(user, "marketing", message.ts, action)
    return (await said(slack, 2))[-1].text


@pytest.mark.parametrize(
    ("action", "state"), [(ACKNOWLEDGE, "acknowledged"), (SNOOZE, "snoozed"), (ACTED, "acknowledged")]
)
def test_a_press_changes_the_incident(tmp_path: Path, action: str, state: str) -> None:
    """It is confirmed in the presser's language, and waits to be told in the thread; an action is looked back at."""
    store = _store(tmp_path)

    async def press(slack: LocalSlack) -> None:
        assert await pressed(slack, "mina", action) == "완료: 알림 스레드에 남겼습니다."

    run(press, replace(services(), store=lambda: store))
    (known,) = known_incidents(store)
    assert known.state == state
    assert known.until == (NOW + timedelta(days=7) if action == SNOOZE else None)
    assert len(actions_due(store, NOW + timedelta(days=8))) == (action == ACTED)
    store.close()


def test_what_is_over_cannot_be_changed(tmp_path: Path) -> None:
    """A press on an alert that the state does not know says so, with the next step."""
    store = open_store("sqlite:///state.db", tmp_path)

    async def press(slack: LocalSlack) -> None:
        assert "3f2a" in await pressed(slack, "alex", ACKNOWLEDGE)

    run(press, replace(services(), store=lambda: store))
    store.close()


def _store(folder: Path) -> Store:
    store = open_store("sqlite:///state.db", folder)
    message = {"text": "CPC", "blocks": [], "line": "CPC", "rank": 0.5, "urgent": False}
    assert open_incident(store, Known("3f2a", "C0MARKET", "open", NOW, "", None, {}), message)
    return store
