"""The buttons of an alert, pressed in the local Slack and heard by the real app; what needs words opens a form."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from form_side import button_in, opened, sent, texts
from limits_side import press, share_a_channel
from slack_side import NOW, run, services

from bot.cards.alert import ACKNOWLEDGE, ACTED, NOTE, REST, SNOOZE
from bot.sandbox.slack import LocalSlack
from bot.slack.app import Services
from kpi_core.alerts.incident import Trace
from kpi_core.alerts.record import Record, record_json
from kpi_core.deliveries.incident_course import Known, actions_due, known_incidents, open_incident
from kpi_core.settings.values import Access
from kpi_core.state.incidents import events_of
from kpi_core.state.store import Store, open_store

LINE = "Sales revenue. $100, where about $60 was expected."
DONE = "완료: 알림 스레드에 남겼습니다."


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = open_store("sqlite:///state.db", tmp_path)
    today, none = NOW.date(), frozenset[str]()
    trace = Trace("anomaly", "sales_revenue", (), "", today, today, None, none, (), none, missing=False)
    body = record_json(Record((trace,), LINE, 0.5, urgent=False))
    message = {"text": "CPC", "blocks": [], "line": "CPC", "rank": 0.5, "urgent": False}
    assert open_incident(made, Known("3f2a", "C0MARKET", "open", NOW, "", None, body), message)
    yield made
    made.close()


def at_work(store: Store) -> Services:
    return replace(services(access={"sales_revenue": Access(channels=("C0MARKET",))}), store=lambda: store)


async def at_once(slack: LocalSlack, user: str, action: str, value: str, channel: str = "C0MARKET") -> str:
    """What the person reads who pressed such a button."""
    card = button_in(slack, channel, action, value)
    return (await press(slack, user, channel, card.ts, action)).text


def happened(store: Store) -> list[tuple[str, str, str]]:
    with store.reading() as transaction:
        rows = [row for row in events_of(transaction, "3f2a") if row["what"] != "opened"]
        return [(row["what"], row["who"], row["words"]) for row in rows]


@pytest.mark.parametrize(
    ("action", "value", "state"), [(ACKNOWLEDGE, "3f2a", "acknowledged"), (SNOOZE, "3f2a:7", "snoozed")]
)
def test_a_press_changes_the_incident(store: Store, action: str, value: str, state: str) -> None:
    """It is confirmed in the presser's language, and waits to be told in the thread; old snoozes carry their days."""

    async def test(slack: LocalSlack) -> None:
        for _press in range(2):
            assert await at_once(slack, "mina", action, value) == DONE

    run(test, at_work(store))
    assert len(happened(store)) == 1
    (known,) = known_incidents(store)
    assert (known.state, known.until) == (state, NOW + timedelta(days=7) if action == SNOOZE else None)


ACTS: tuple[tuple[str, str, dict[str, str | None], str, str], ...] = (
    ("wei", ACTED, {"words": None}, "acted", "acknowledged"),
    ("mina", ACTED, {"words": "새 소재로 교체 <!channel>"}, "acted", "acknowledged"),
    ("alex", NOTE, {"words": "agency <@U0MINA> asked"}, "note", "acknowledged"),
    ("mina", REST, {"days": "14", "words": "known: Black Friday"}, "snoozed", "snoozed"),
    ("wei", REST, {"days": "1", "words": None}, "snoozed", "snoozed"),
)


def test_words_are_typed_into_a_form(store: Store) -> None:
    """It says which alert it is about; what was typed stands in the thread, where it calls nobody."""

    async def test(slack: LocalSlack) -> None:
        for user, action, typed, _what, state in ACTS:
            form = await opened(slack, user, "marketing", action, "3f2a")
            assert LINE in list(texts(form))
            ack = await sent(slack, user, form, **typed)
            assert ack.body is not None
            assert "callback_id" not in ack.body["view"]
            (known,) = known_incidents(store)
            days = int(typed.get("days") or 0)
            assert (known.state, known.until) == (state, NOW + timedelta(days=days) if days else None)

    run(test, at_work(store))
    expected = [(what, f"U0{user.upper()}", typed["words"] or "") for user, _action, typed, what, _state in ACTS]
    assert sorted(happened(store)) == sorted(expected)
    assert len(actions_due(store, NOW + timedelta(days=30))) == 2
    with store.reading() as transaction:
        messages = "\n".join(row["message"]["text"] for row in events_of(transaction, "3f2a"))
    assert all((typed["words"] or "").partition(" <")[0] in messages for _user, _action, typed, *_rest in ACTS)
    assert "<!" not in messages
    assert messages.count("<@U0MINA>") == 2


def test_a_note_says_something(store: Store) -> None:
    """An empty one stands at its field, and nothing is written."""

    async def test(slack: LocalSlack) -> None:
        form = await opened(slack, "wei", "marketing", NOTE, "3f2a")
        ack = await sent(slack, "wei", form, words="  ")
        assert ack.body == {"response_action": "errors", "errors": {"words": "請寫點內容。"}}

    run(test, at_work(store))
    assert happened(store) == []


FORGED = ["", ":7", "3f", "%", "3f2b", "3f2a' --", "\x00", "3f2a" * 400]


def test_no_other_value_means_an_incident(store: Store) -> None:
    """Not even the beginning of its id, or none at all: it is told, and nothing is written."""

    async def test(slack: LocalSlack) -> None:
        for value in FORGED:
            for action in (ACKNOWLEDGE, SNOOZE):
                assert (await at_once(slack, "alex", action, value or " ")).startswith("This alert is not there")
            form = await opened(slack, "alex", "dm", NOTE, value or " ")
            assert "This alert is not there any more." in list(texts(form))

    run(test, at_work(store))
    assert happened(store) == []


def test_a_rest_is_one_that_was_offered(store: Store) -> None:
    """Whatever a forged button says, it rests for a day."""

    async def test(slack: LocalSlack) -> None:
        for days in ("0", "-1", "9999999999", "many", "1e9", "91", "٣"):
            await at_once(slack, "alex", SNOOZE, "3f2a:7")
            await at_once(slack, "alex", SNOOZE, f"3f2a:{days}")
            assert known_incidents(store)[0].until == NOW + timedelta(days=1)

    run(test, at_work(store))


def test_only_members_who_see_the_alert_act_on_it(store: Store) -> None:
    """A stranger, a guest, and a member in another channel who may not see its KPI change nothing and read nothing."""

    async def test(slack: LocalSlack) -> None:
        share_a_channel(slack)
        slack.workspace.users["U0WEI"].is_restricted = True
        for user, channel in (("gus", "C0SHARED"), ("wei", "C0MARKET"), ("alex", "C0BOARD")):
            assert "$100" not in await at_once(slack, user, ACKNOWLEDGE, "3f2a", channel)
            for action in (ACTED, NOTE, REST):
                form = await opened(slack, user, channel, action, "3f2a")
                assert "$100" not in " ".join(texts(form))
                assert "callback_id" not in form
        form = await opened(slack, "alex", "C0MARKET", NOTE, "3f2a")
        await sent(slack, "wei", form, words="let me in")

    run(test, at_work(store))
    assert happened(store) == []
