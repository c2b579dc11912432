"""What is out of use, and what of it its owner is asked about."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from kpi_core.review.disuse import UNUSED, Standing, Subject, to_propose, unused

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
WEEK = timedelta(weeks=1)


def ago(weeks: float | None) -> datetime | None:
    return None if weeks is None else NOW - weeks * WEEK


def subject(last_use: float | None, kind: str = "summary", spoke: float | None = None) -> Subject:
    return Subject(kind, "weekly", last_use=ago(last_use), spoke_at=ago(spoke))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("there", "last_use", "idle"),
    [
        (20, None, 20),
        (20, 9, 9),
        (20, 7.9, None),
        (7.9, None, None),
        (8, None, 8),
        (3, 20, None),
    ],
)
def test_eight_weeks_from_the_last_use_or_from_the_first_day(there: float, last_use: float, idle: float) -> None:
    """What is younger than that cannot have been forgotten, whatever was of that name before."""
    standings = {"summary:weekly": Standing(NOW - there * WEEK)}
    out = list(unused([subject(last_use)], standings, NOW))
    assert [one.since for one in out] == ([] if idle is None else [NOW - idle * WEEK])


def test_what_is_not_known_yet_is_new() -> None:
    """A thing that was never seen counts from today."""
    assert list(unused([subject(None)], {}, NOW)) == []


@pytest.mark.parametrize(("spoke", "idle"), [(None, False), (7, False), (9, True)])
def test_a_silent_alert_is_no_unused_one(spoke: float | None, idle: bool) -> None:
    """One that had nothing to say for a year is needed as ever; one that nobody answers for eight weeks is not."""
    standings = {"alert:weekly": Standing(NOW - 52 * WEEK)}
    assert bool(list(unused([subject(None, "alert", spoke)], standings, NOW))) is idle


@pytest.mark.parametrize(
    ("proposed", "last_use", "again"), [(None, 20, True), (2, 20, False), (30, 20, True), (12, None, False)]
)
def test_each_is_proposed_once(proposed: float | None, last_use: float | None, again: bool) -> None:
    """Asked about, it is left alone; used since and forgotten once more, it is asked about once more."""
    standings = {"summary:weekly": Standing(NOW - 52 * WEEK, ago(proposed))}
    assert bool(list(to_propose([subject(last_use)], standings, NOW))) is again


def test_two_months() -> None:
    """Eight weeks, as the proposal says."""
    assert timedelta(days=56) == UNUSED
