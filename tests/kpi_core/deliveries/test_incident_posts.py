"""When alerts are told: as many a day as a channel bears, none in quiet hours, each once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

import pytest
from state_side import States

from kpi_core.dates.calendars import Calendar
from kpi_core.deliveries.incident_course import Event, Known, known_incidents, open_incident, person_did
from kpi_core.deliveries.incident_posts import is_quiet, tell_incidents
from kpi_core.deliveries.planning import newest
from kpi_core.settings.values import Attention
from kpi_core.state.store import Store, open_store

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
SEOUL = Calendar("Asia/Seoul", holidays="KR")
UTC_DAYS = Calendar("UTC")


@pytest.fixture
def store(states: States) -> Iterator[Store]:
    opened = open_store(states.new(), states.folder)
    yield opened
    opened.close()


def together(lines: Sequence[str], _receipt: str) -> tuple[str, list[dict[str, object]]]:
    return "\n".join(lines), []


def opened(store: Store, name: str, rank: float, now: datetime, *, urgent: bool = False) -> None:
    message = {"text": name, "blocks": [], "line": name, "rank": rank, "urgent": urgent}
    assert open_incident(store, Known(name, "C01", "open", now, "", None, {}), message)


def texts(store: Store) -> list[str]:
    return sorted(delivery.message.text for delivery in newest(store, 20) if hasattr(delivery.message, "text"))


@pytest.mark.parametrize(
    ("attention", "calendar", "at", "quiet"),
    [
        (Attention(), UTC_DAYS, NOON, False),
        (Attention(quiet="22:00-08:00"), UTC_DAYS, NOON.replace(hour=22), True),
        (Attention(quiet="22:00-08:00"), UTC_DAYS, NOON.replace(hour=8), False),
        (Attention(quiet="11:00-13:00"), UTC_DAYS, NOON, True),
        (Attention(quiet="20:00-22:00"), SEOUL, NOON, True),
        (Attention(weekends="wait"), UTC_DAYS, NOON - timedelta(days=1), True),
        (Attention(weekends="wait"), UTC_DAYS, NOON, False),
        (Attention(holidays="wait"), SEOUL, datetime(2026, 9, 25, 3, tzinfo=UTC), True),
    ],
)
def test_quiet_hours(attention: Attention, calendar: Calendar, at: datetime, quiet: bool) -> None:
    """By the workspace's own clock, over midnight too; weekends and holidays as set."""
    assert is_quiet(attention, calendar, at) is quiet


def test_a_channel_bears_so_many_a_day(store: Store) -> None:
    """The gravest stand alone, the others come in one message in their order; a day later there is room again."""
    for number, rank in enumerate((0.2, 0.9, 0.5, 0.7)):
        opened(store, f"a{number}", rank, NOON)
    attention = Attention(per_day=2)
    assert tell_incidents(store, attention, UTC_DAYS, NOON, together) == 3
    assert tell_incidents(store, attention, UTC_DAYS, NOON, together) == 0
    assert texts(store) == ["a1", "a2\na0", "a3"]
    opened(store, "late", 0.9, NOON)
    assert tell_incidents(store, attention, UTC_DAYS, NOON + timedelta(hours=1), together) == 0
    opened(store, "now", 0.1, NOON, urgent=True)
    assert tell_incidents(store, attention, UTC_DAYS, NOON + timedelta(hours=1), together) == 1
    assert tell_incidents(store, attention, UTC_DAYS, NOON + timedelta(days=1), together) == 1
    assert texts(store) == ["a1", "a2\na0", "a3", "late", "now"]


def test_alerts_wait_through_the_night(store: Store) -> None:
    """What came at night is told in the morning; what is urgent at once."""
    night = NOON.replace(hour=23)
    attention = Attention(quiet="22:00-08:00")
    opened(store, "waits", 0.5, night)
    opened(store, "urgent", 0.5, night, urgent=True)
    assert tell_incidents(store, attention, UTC_DAYS, night, together) == 1
    assert tell_incidents(store, attention, UTC_DAYS, night + timedelta(hours=10), together) == 1
    assert texts(store) == ["urgent", "waits"]


def test_people_change_what_is_open(store: Store) -> None:
    """It is seen, rests, goes to somebody else; the state says so, by the beginning of its id."""
    opened(store, "3f2a", 0.5, NOON)
    person_did(store, "3f", Event("", "seen", NOON, "U01"))
    person_did(store, "3f", Event("", "assigned", NOON, "U01", "U02"))
    person_did(store, "3f", Event("", "snoozed", NOON, "U01"), NOON + timedelta(days=1))
    (known,) = known_incidents(store)
    assert (known.state, known.owner, known.until) == ("snoozed", "U02", NOON + timedelta(days=1))
