"""What owners say of their goals: the last word stands, all of it stays."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from state_side import States

from kpi_core.errors import UsageError
from kpi_core.goals.check_ins import CheckIn, confidence_typed
from kpi_core.state.check_in_rows import add_check_in, check_ins_of, newest_check_ins
from kpi_core.state.store import open_store

START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def test_the_last_word_counts_and_all_stay(states: States) -> None:
    """Of two goals each its own; the history is newest first."""
    store = open_store(states.new(), Path())
    said = [
        CheckIn(goal, "cac", START + timedelta(days=day), "U1", confidence, "bids capped" if day else "")
        for day, (goal, confidence) in enumerate([("g1", 3), ("g2", 9), ("g1", 7)])
    ]
    for check_in in said:
        add_check_in(store, check_in)
    assert newest_check_ins(store) == {"g1": said[2], "g2": said[1]}
    assert check_ins_of(store, "g1") == (said[2], said[0])
    store.close()


@pytest.mark.parametrize(
    ("text", "confidence"), [("7", 7), (" 7/10", 7), ("0", 0), ("10", 10), ("High", 8), ("보통", 5), ("低", 2)]
)
def test_confidence_as_people_write_it(text: str, confidence: int) -> None:
    """A number of ten, or a word in three languages."""
    assert confidence_typed(text) == confidence


@pytest.mark.parametrize("text", ["", "11", "-1", "7.5", "sure", "٧", "100%"])
def test_anything_else_is_refused(text: str) -> None:
    """What is no number from 0 to 10 is asked for again, never rounded."""
    with pytest.raises(UsageError):
        confidence_typed(text)
