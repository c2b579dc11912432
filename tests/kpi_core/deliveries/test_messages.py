"""Messages that the ledger carries: new ones, changes of earlier ones, files."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert
from state_side import States

from kpi_core.dates.periods import Period
from kpi_core.deliveries.delivery_states import Delivery, NotNow, Outcome, Sent, Unknown, delivery_key
from kpi_core.deliveries.ledger import claim, deliver, unsettled
from kpi_core.deliveries.messages import Amendment, FileUpload, Message, Posting, message_from, message_json
from kpi_core.deliveries.planning import newest, plan_once
from kpi_core.deliveries.posted import posts_since
from kpi_core.deliveries.posted_number import PostedNumber
from kpi_core.errors import DataError
from kpi_core.query import MetricQuery
from kpi_core.state.schema import deliveries
from kpi_core.state.store import Store, open_store

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
WEEK = Period(date(2026, 11, 16), date(2026, 11, 23), "week")
NUMBER = PostedNumber(MetricQuery("cac", WEEK), 41.25, "v1")
BLOCKS = ({"type": "section", "text": {"type": "plain_text", "text": "고객 획득 비용"}},)
MESSAGES: tuple[Message, ...] = (
    Posting("C1", "cac 41", BLOCKS, numbers=(NUMBER,)),
    Posting("C1", "an answer", thread="1.5"),
    Posting("C1", "week 47", series="summary:weekly", about="2026-11-16/2026-11-23"),
    Amendment("C1", "1.5", "cac 43, after late conversions", BLOCKS, (NUMBER,)),
    FileUpload("C1", "weekly.csv", "매출,₩\n".encode(), "This week", "As asked", "1.5"),
)


@pytest.fixture
def store(states: States) -> Iterator[Store]:
    opened = open_store(states.new(), Path())
    yield opened
    opened.close()


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: type(message).__name__)
def test_a_message_comes_back_whole(message: Message) -> None:
    """Through JSON and back, whatever kind it is."""
    payload = json.loads(json.dumps(message_json(message)))
    assert message_from(message.channel, payload, message.numbers) == message


def test_rows_of_the_first_release_are_delivered(store: Store) -> None:
    """A payload that names neither its version nor its kind is a new message."""
    row = {
        "key": "k", "schedule": "summary:weekly", "channel": "C1", "due": NOW, "planned_at": NOW, "wait_until": NOW,
        "payload": {"text": "old", "blocks": list(BLOCKS)}, "numbers": [], "state": "pending", "attempts": 0,
        "error": "",
    }  # fmt: skip
    with store.writing() as transaction:
        transaction.run(insert(deliveries).values(row))
    claimed = claim(store, NOW)
    assert claimed is not None
    assert claimed.message == Posting("C1", "old", BLOCKS)


def test_a_message_of_a_newer_release_is_refused() -> None:
    """Nobody guesses what a later version meant."""
    with pytest.raises(DataError, match="newer version") as caught:
        message_from("C1", {"version": 3, "kind": "poem"}, ())
    assert caught.value.hint


def test_messages_of_one_time_have_keys_of_their_own(store: Store) -> None:
    """A post, an answer in a thread, a change and a file for one channel at one time are four deliveries."""
    assert plan_once(store, "summary:weekly", MESSAGES, NOW) == 4
    assert plan_once(store, "summary:weekly", MESSAGES, NOW) == 0
    plain = delivery_key(store.installation_key(), "summary:weekly", NOW, "C1")
    by_message = {type(each.message): each.key for each in newest(store, 9) if each.message != MESSAGES[1]}
    assert by_message[Posting] == plain
    assert len({each.key for each in newest(store, 9)}) == 4


class Slack:
    """Answers as it is told to, and shows what stands in each message."""

    def __init__(self, *outcomes: Outcome | None) -> None:
        self.outcomes = list(outcomes)
        self.shown: dict[str, list[str]] = {}

    def send(self, delivery: Delivery) -> Outcome:
        message = delivery.message
        outcome = self.outcomes.pop(0) if self.outcomes else None
        if not isinstance(outcome, NotNow):
            self.shown.setdefault(getattr(message, "ts", delivery.key), []).append(message.text)
        return outcome or Sent(getattr(message, "ts", delivery.key))

    def lookup(self, delivery: Delivery) -> str | None:
        raise AssertionError("a change is never looked up")


def amend(store: Store, text: str, due: datetime, ts: str = "1.5") -> None:
    assert plan_once(store, "amend", [Amendment("C1", ts, text, numbers=(NUMBER,))], due) == 1


def test_a_change_of_unknown_fate_is_made_again(store: Store) -> None:
    """Nobody looks whether it arrived: made twice it says the same."""
    amend(store, "43", NOW)
    slack = Slack(Unknown("timeout"))
    assert [each.state for each in deliver(store, lambda: NOW, slack.send, slack.lookup)] == ["uncertain"]
    later = NOW + timedelta(hours=3)
    assert [each.state for each in deliver(store, lambda: later, slack.send, slack.lookup)] == ["sent"]
    assert slack.shown == {"1.5": ["43", "43"]}


def test_changes_of_one_message_keep_their_order(store: Store) -> None:
    """A later change waits for an earlier one that is open, so that the message ends with the later; others go on."""
    amend(store, "first", NOW)
    amend(store, "second", NOW + timedelta(seconds=1))
    amend(store, "another", NOW + timedelta(seconds=2), ts="9.5")
    slack = Slack(NotNow(30))
    at = NOW + timedelta(seconds=5)
    assert [each.state for each in deliver(store, lambda: at, slack.send, slack.lookup)] == ["pending", "sent"]
    assert slack.shown == {"9.5": ["another"]}
    later = at + timedelta(seconds=31)
    assert [each.state for each in deliver(store, lambda: later, slack.send, slack.lookup)] == ["sent", "sent"]
    assert slack.shown["1.5"] == ["first", "second"]
    assert unsettled(store) == ()


def test_a_changed_message_shows_its_new_numbers(store: Store) -> None:
    """What is remembered of a post after a change is what people see now, posted when it was posted."""
    clock, slack = [NOW], Slack()
    old, new = (PostedNumber(NUMBER.query, value, "v1") for value in (41.25, 43.5))
    plan_once(store, "weekly", [Posting("C1", "41", numbers=(old, old))], NOW)
    (sent,) = deliver(store, lambda: clock[0], slack.send, slack.lookup)
    clock[0] += timedelta(days=3)
    plan_once(store, "amend", [Amendment("C1", str(sent.ts), "43", numbers=(new,))], clock[0])
    deliver(store, lambda: clock[0], slack.send, slack.lookup)
    (post,) = posts_since(store, NOW)
    assert (post.ts, post.posted_at, post.numbers) == (sent.ts, NOW, (new,))
