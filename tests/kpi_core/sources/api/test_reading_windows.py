"""Which days a load asks for: no gap, the newest again and again, the history in pieces, whenever loads come."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from kpi_core.sources.api.reading_windows import OVERLAP, Progress, Reach, reading_of

import long

DAY = timedelta(days=1)
REACHES = st.builds(
    lambda recent, more, history, piece: Reach(recent, recent + more, recent + more + history, piece),
    st.integers(7, 40),
    st.integers(0, 60),
    st.integers(0, 300),
    st.integers(OVERLAP + 1, 90),
)
BREAKS = st.lists(st.integers(0, 50), max_size=12)
"""Days between loads."""


def days_of(windows: tuple[tuple[date, date], ...]) -> set[date]:
    return {first + timedelta(days=n) for first, last in windows for n in range((last - first).days + 1)}


@long.examples("schedules of loads from services", 60, 3_000)
@given(REACHES, BREAKS)
def test_no_day_is_left_out(reach: Reach, breaks: list[int]) -> None:
    """Between the oldest and the newest day that were read every day was, windows are short enough, and none is ahead.

    Each new day reads the recent ones anew, and what came since the load before.
    """
    progress, today, read = Progress(), date(2026, 11, 27), set[date]()
    for pause in (0, *breaks):
        today += timedelta(days=pause)
        reading = reading_of(progress, today, reach)
        own = days_of(reading.windows)
        assert all((last - first).days < reach.piece for first, last in reading.windows)
        assert max(own) < today
        assert min(own) >= today - timedelta(days=reach.history)
        if pause and progress.through is not None:
            young = range(min(reach.recent, (today - (progress.back or today)).days))
            assert {today - (n + 1) * DAY for n in young} <= own
        read |= own
        progress = Progress.of_json(reading.after.to_json())
        assert progress.through == today - DAY
        assert progress.back is not None
        assert {progress.back + n * DAY for n in range((today - progress.back).days)} <= read


@given(REACHES)
def test_the_history_comes_to_its_end(reach: Reach) -> None:
    """On one day load after load brings older days, until all are there, and says so."""
    progress, today, read = Progress(), date(2026, 11, 27), set[date]()
    for _load in range(reach.history + 2):
        reading = reading_of(progress, today, reach)
        older = days_of(reading.windows) - read
        assert older
        read |= older
        progress = reading.after
        if not reading.unfinished:
            break
    assert read == {today - (n + 1) * DAY for n in range(reach.history)}


@given(REACHES, st.integers(1, 400))
def test_a_clock_that_goes_back(reach: Reach, back: int) -> None:
    """A machine whose clock was ahead asks for nothing that has not been, and forgets no day that it knows."""
    today = date(2026, 11, 27)
    progress = reading_of(Progress(), today, reach).after
    reading = reading_of(progress, today - timedelta(days=back), reach)
    assert max(days_of(reading.windows)) < today - timedelta(days=back)
    assert reading.after.through == progress.through


def test_since() -> None:
    """`--since` reads from that day on, beside what is due."""
    reach, today = Reach(28, 90, 400, 30), date(2026, 11, 27)
    progress = Progress(today - DAY, today - timedelta(days=200), today, today)
    own = days_of(reading_of(progress, today, reach, date(2026, 8, 1)).windows)
    assert {date(2026, 8, 1) + n * DAY for n in range((today - date(2026, 8, 1)).days)} <= own


def test_what_is_no_progress() -> None:
    """A state that somebody has spoilt is as none."""
    assert Progress.of_json({"through": "soon", "back": None, "rows": None}) == Progress()
