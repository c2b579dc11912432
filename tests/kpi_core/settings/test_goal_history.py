"""Changes of goals, and two changes of one goal brought together."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st

from kpi_core.settings.goal_history import (
    FIELDS,
    Occasion,
    changes_between,
    goal_document,
    goal_of_document,
    merged,
)
from kpi_core.settings.values import Goal

NOW = Occasion(datetime(2026, 11, 23, 9, 0, tzinfo=UTC), "", "sheet")
WORDS = st.sampled_from(["", "mina", "jun"])
GOALS = st.builds(
    Goal,
    st.sampled_from(["cac", "roas"]),
    st.sampled_from([1.0, 2.0, 3.0]),
    st.sampled_from([date(2026, 11, 30), date(2026, 12, 31)]),
    WORDS,
    st.sampled_from([{}, {"channel": "search"}]),
    st.just(None),
    WORDS,
    WORDS,
)
LISTS = st.lists(GOALS, max_size=5, unique_by=lambda goal: goal.key)


@given(LISTS, LISTS)
def test_changes_lead_from_one_list_to_the_other(before: list[Goal], after: list[Goal]) -> None:
    """Applied to the first, they give the second; what stayed as it was is in none of them."""
    there = {goal.key: goal for goal in before}
    for change in changes_between(before, after, NOW):
        assert change.before != change.after
        if change.before:
            assert there.pop(change.before.key) == change.before
        if change.after:
            there[change.after.key] = change.after
    assert there == {goal.key: goal for goal in after}


@given(GOALS, GOALS, GOALS)
def test_no_change_is_lost_in_silence(agreed: Goal, typed: Goal, elsewhere: Goal) -> None:
    """Each value changed in one place counts; where both changed, the typed one does and the other is named."""
    typed, elsewhere = (replace(agreed, **{name: getattr(new, name) for name in FIELDS}) for new in (typed, elsewhere))
    both = merged(agreed, typed, elsewhere)
    for name in FIELDS:
        value, own, other, base = (getattr(goal, name) for goal in (both.goal, typed, elsewhere, agreed))
        assert value in (own, other)
        assert own in (value, base)
        assert other in (value, base, both.lost.get(name))
    assert set(both.lost) <= set(FIELDS)


@given(GOALS)
def test_a_goal_survives_the_way_into_json_and_back(goal: Goal) -> None:
    """As the history keeps it."""
    assert goal_of_document(goal_document(goal)) == goal
