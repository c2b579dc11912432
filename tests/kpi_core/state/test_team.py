"""What a team decides in Slack, written down: it outlives a restart, in SQLite and in Postgres."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from state_side import States

from kpi_core.settings.values import Alert
from kpi_core.state.store import Store, open_store
from kpi_core.state.team.admissions import admit, dismiss, is_admitted
from kpi_core.state.team.open_homes import first_welcome, home_opened, home_shows, homes_since
from kpi_core.state.team.own_alerts import add_own_alert, all_own_alerts, remove_own_alert
from kpi_core.state.team.pauses import pause, paused, resume

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


@pytest.fixture
def store(states: States) -> Iterator[Store]:
    opened = open_store(states.new(), Path())
    yield opened
    opened.close()


def test_a_channel_is_admitted_until_it_is_dismissed(store: Store) -> None:
    """Each of the two is news once."""
    assert [admit(store, "C1", "U1", NOW), admit(store, "C1", "U2", NOW)] == [True, False]
    assert (is_admitted(store, "C1"), is_admitted(store, "C2")) == (True, False)
    assert [dismiss(store, "C1"), dismiss(store, "C1"), is_admitted(store, "C1")] == [True, False, False]


def test_a_schedule_is_paused_until_it_is_resumed(store: Store) -> None:
    """By the name of its job, with who did it."""
    assert [pause(store, "summary:weekly", "U1", NOW), pause(store, "summary:weekly", "U2", NOW)] == [True, False]
    assert paused(store) == {"summary:weekly": "U1"}
    assert [resume(store, "summary:weekly"), resume(store, "summary:weekly"), paused(store)] == [True, False, {}]


def test_own_alerts_come_back_whole(store: Store) -> None:
    """The same rule of the same person is one; only who set it takes it away, or whoever may take anybody's."""
    rule = Alert("threshold", "D1", "cac", {"channel": "검색"}, above=0.1 + 0.2, per="week", owner="U1")
    made = add_own_alert(store, "U1", rule, direct=True, now=NOW)
    assert add_own_alert(store, "U1", rule, direct=True, now=NOW + timedelta(days=1)) == made
    other = add_own_alert(store, "U2", rule, direct=False, now=NOW + timedelta(days=1))
    assert (all_own_alerts(store), all_own_alerts(store, "U2")) == ((made, other), (other,))
    assert made.rule == rule
    assert [remove_own_alert(store, made.id, "U2"), remove_own_alert(store, made.id, "U1")] == [None, made]
    assert [remove_own_alert(store, other.id), all_own_alerts(store)] == [other, ()]


def test_homes_are_those_opened_lately(store: Store) -> None:
    """The latest first, at most so many; one opened again shows nothing yet; older ones are forgotten."""
    for number, who in enumerate(("U1", "U2", "U3")):
        home_opened(store, who, NOW + timedelta(hours=number))
    home_shows(store, "U2", "v1")
    assert homes_since(store, NOW + timedelta(minutes=1), 10) == {"U3": "", "U2": "v1"}
    assert list(homes_since(store, NOW - timedelta(days=1), 1)) == ["U3"]
    home_opened(store, "U2", NOW + timedelta(hours=9))
    assert homes_since(store, NOW - timedelta(days=1), 10) == {"U2": "", "U3": ""}


def test_a_welcome_comes_once(store: Store) -> None:
    """Whichever process asks."""
    assert [first_welcome(store, NOW), first_welcome(store, NOW)] == [True, False]
