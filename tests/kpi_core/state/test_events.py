"""An event of Slack is answered once, by whichever process gets it."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select
from state_side import States

from kpi_core.state import schema
from kpi_core.state.answered_events import (
    CLAIMED,
    REMEMBERED,
    WORTH_AN_ANSWER,
    Asked,
    Claim,
    abandoned_requests,
    claim_all,
    claim_events,
    renew_claims,
    write_answered,
    write_sending,
)
from kpi_core.state.store import Store, open_store

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
KEYS = ("Ev1", "C1:1.5")


@pytest.fixture
def url(states: States) -> str:
    return states.new()


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    opened = open_store(url, Path())
    yield opened
    opened.close()


def test_an_event_is_claimed_once(store: Store) -> None:
    """By its id or by the message it tells of: what is claimed is nobody else's, what is new is."""
    assert claim_events(store, KEYS, NOW)
    assert not claim_events(store, KEYS[:1], NOW)
    assert not claim_events(store, ("Ev2", KEYS[1]), NOW)
    assert claim_events(store, ("Ev3", "C1:2.5"), NOW)


def test_what_a_killed_process_claimed_is_answered_later(store: Store) -> None:
    """A claim without an answer holds for its time; whoever gets the event after that answers it."""
    assert claim_events(store, KEYS, NOW)
    assert not claim_events(store, KEYS, NOW + CLAIMED - timedelta(microseconds=1))
    assert claim_events(store, KEYS, NOW + CLAIMED)


def test_what_was_answered_is_remembered_then_forgotten(store: Store, url: str) -> None:
    """An answered event stays answered across a restart while Slack may send it again, then leaves no trace."""
    claim_events(store, KEYS, NOW)
    write_answered(store, KEYS, NOW)
    again = open_store(url, Path())
    assert not claim_events(again, KEYS, NOW + REMEMBERED - timedelta(seconds=1))
    later = NOW + REMEMBERED
    claim_events(again, ["Ev9"], later)
    write_answered(again, ["Ev9"], later)
    with again.reading() as transaction:
        rows = transaction.rows(select(func.count().label("count")).select_from(schema.events))
    assert rows[0]["count"] == 1
    again.close()


def test_of_many_at_once_one_gets_it(url: str) -> None:
    """However many processes get an event at the same moment, and in whatever order its keys are named."""
    stores = [open_store(url, Path()) for _ in range(4)]
    claims: list[bool] = []

    def claim(number: int, store: Store) -> None:
        keys = [*KEYS, "Ev7"] if number % 2 else ["Ev7", *reversed(KEYS)]
        claims.append(claim_events(store, keys, NOW) is not None)

    threads = [threading.Thread(target=claim, args=numbered) for numbered in enumerate(stores)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(claims) == [False, False, False, True]
    for store in stores:
        store.close()


REQUEST = {"command": "/kpi", "text": "cac", "trigger_id": "Ev1"}


def test_what_was_left_is_taken_up_once_more(store: Store) -> None:
    """An acknowledged request whose process is gone, with what it asked; not a third time, nor when it is too late."""
    assert claim_events(store, KEYS, NOW, REQUEST)
    later = NOW + CLAIMED
    assert abandoned_requests(store, later - timedelta(seconds=1)) == []
    assert abandoned_requests(store, NOW + CLAIMED + WORTH_AN_ANSWER) == []
    assert abandoned_requests(store, later) == [REQUEST]
    assert claim_events(store, KEYS, later, REQUEST) == Claim()
    assert abandoned_requests(store, later + CLAIMED) == []


def test_a_request_that_is_still_at_work_is_nobody_elses(store: Store) -> None:
    """However long its answer takes: its process renews the claim."""
    claim_events(store, KEYS, NOW, REQUEST)
    renew_claims(store, KEYS, NOW + timedelta(minutes=2))
    assert abandoned_requests(store, NOW + CLAIMED) == []
    assert claim_events(store, KEYS, NOW + CLAIMED, REQUEST) is None


def test_an_answer_that_may_stand_there_is_in_doubt(store: Store) -> None:
    """Its process ended while it was sending: whoever takes it up knows that it is not to be sent plainly."""
    claim_events(store, KEYS, NOW, REQUEST)
    write_sending(store, KEYS)
    assert claim_events(store, KEYS, NOW + CLAIMED, REQUEST) == Claim(in_doubt=True)


def test_doubt_outlives_whatever_comes_between(store: Store) -> None:
    """Another process tidies up, whoever takes it up ends as well: it is never sent plainly."""
    claim_events(store, ["request Ev1"], NOW, REQUEST)
    claim_events(store, KEYS, NOW)
    write_sending(store, KEYS)
    later = NOW + CLAIMED
    claim_events(store, ["Ev9"], later)
    write_answered(store, ["Ev9"], later)
    assert abandoned_requests(store, later) == [REQUEST]
    assert claim_events(store, KEYS, later) == Claim(in_doubt=True)
    assert claim_events(store, KEYS, later + CLAIMED) == Claim(in_doubt=True)


def test_of_what_was_answered_no_word_stays(store: Store) -> None:
    """Who asked what is the audit's to say."""
    claim_events(store, KEYS, NOW, REQUEST)
    write_answered(store, KEYS, NOW)
    with store.reading() as transaction:
        assert [row["request"] for row in transaction.rows(select(schema.events))] == [None, None]


def test_tidying_up_leaves_what_is_to_be_taken_up(store: Store) -> None:
    """Another answer that is written down meanwhile forgets only what nobody takes up any more."""
    claim_events(store, KEYS, NOW, REQUEST)
    later = NOW + CLAIMED
    claim_events(store, ["Ev9"], later)
    write_answered(store, ["Ev9"], later)
    assert abandoned_requests(store, later) == [REQUEST]


def test_claims_made_together_are_claims_made_one_after_the_other(states: States) -> None:
    """Whoever of them came first has what several name."""
    chance = random.Random(20261128)
    for _round in range(5):
        asked = [Asked(chance.sample(["a", "b", "c", "d", "e", "f"], chance.randint(1, 3))) for _ in range(6)]
        one, other = open_store(states.new(), Path()), open_store(states.new(), Path())
        claim_events(one, ["f"], NOW)
        claim_events(other, ["f"], NOW)
        together = claim_all(one, asked, NOW)
        assert together == [claim_events(other, each.keys, NOW) for each in asked]
        one.close()
        other.close()
