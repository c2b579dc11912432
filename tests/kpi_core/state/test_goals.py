"""Goals of spreadsheets and of elsewhere in one state: what counts, what is still to come, who changed what."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, update
from sqlalchemy.exc import DBAPIError
from state_side import States

from kpi_core.settings.goal_history import GoalChange, Occasion
from kpi_core.settings.values import Goal
from kpi_core.state import schema
from kpi_core.state.goals import (
    archived_goals,
    changes_of_goals,
    coming_to,
    goals_of,
    last_reading,
    set_goal,
    take_in,
    typed_goals,
)
from kpi_core.state.sqlite_goals import archived_in_file, goals_of_file
from kpi_core.state.store import Store, open_store

START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
END = date(2026, 12, 31)
CAC = Goal("cac", 40.0, END, "mina", {"channel": "search"}, None, "agreed", "cap the bids")
SALES = Goal("sales_revenue", 1000.0, END, per="month")


@pytest.fixture
def store(states: States) -> Iterator[Store]:
    opened = open_store(states.new(), Path())
    yield opened
    opened.close()


def at(hours: int, place: str = "sheet", who: str = "") -> Occasion:
    return Occasion(START + timedelta(hours=hours), who, place)


def sync(store: Store, hours: int, place: str, typed: Sequence[Goal]) -> None:
    """A sync of a spreadsheet that ends up with these goals."""
    take_in(store, typed, coming_to(store, place), at(hours, place))


def test_every_change_is_in_the_history(store: Store) -> None:
    """Who, when, where, from and to, newest first; a goal moved to another day is the same goal, moved."""
    later = replace(CAC, by=date(2027, 3, 31))
    sync(store, 0, "sheet", [CAC, SALES])
    set_goal(store, replace(CAC, target=38.0), at(1, "terminal", "terminal"))
    sync(store, 2, "sheet", [replace(CAC, target=38.0), SALES])
    sync(store, 3, "sheet", [replace(later, target=38.0)])
    assert changes_of_goals(store) == (
        GoalChange(at(3), SALES, None),
        GoalChange(at(3), replace(CAC, target=38.0), replace(later, target=38.0)),
        GoalChange(at(1, "terminal", "terminal"), CAC, replace(CAC, target=38.0)),
        GoalChange(at(0), None, SALES),
        GoalChange(at(0), None, CAC),
    )
    assert [change.fields() for change in changes_of_goals(store, kpi="cac")] == [("by",), ("target",), ()]
    assert last_reading(store, "sheet") == at(3).at
    for change in (delete(schema.goal_changes), update(schema.goal_changes).values(who="U9")):
        with pytest.raises(DBAPIError, match="only grows"), store.writing() as transaction:
            transaction.run(change)


def test_a_sync_without_a_change_writes_no_history(store: Store) -> None:
    """Nor does setting a goal to what it is."""
    sync(store, 0, "sheet", [CAC])
    sync(store, 1, "sheet", [CAC])
    set_goal(store, CAC, at(2, "terminal"))
    assert len(changes_of_goals(store)) == 1


def test_what_is_set_counts_at_once_and_comes_to_every_sheet_that_has_the_goal(store: Store) -> None:
    """The first sync takes it in; another sheet's row of the same goal hears of it too, once, in whatever order."""
    sync(store, 0, "one", [CAC])
    sync(store, 0, "two", [CAC, SALES])
    new = replace(CAC, target=38.0)
    set_goal(store, new, at(1, "terminal", "terminal"))
    assert [goal.target for goal in typed_goals(store)] == [38.0, 1000.0]
    sync(store, 2, "one", [new])
    assert coming_to(store, "one").goals == ()
    assert coming_to(store, "two").goals == (new,)
    sync(store, 3, "two", [new, SALES])
    assert coming_to(store, "two").goals == ()
    typed = replace(CAC, target=35.0)
    sync(store, 4, "two", [typed, SALES])
    # What was typed last counts, also before the other sheet has heard of it.
    assert [goal.target for goal in typed_goals(store)] == [35.0, 1000.0]
    assert (coming_to(store, "one").goals, coming_to(store, "two").goals) == ((typed,), ())
    assert len(changes_of_goals(store, kpi="cac")) == 3


def test_what_nobody_speaks_of_stays(store: Store) -> None:
    """Whoever sets a target leaves the owner, the note and the action as they were."""
    sync(store, 0, "one", [CAC])
    set_goal(store, Goal("cac", 38.0, END, where={"channel": "search"}, note="less"), at(1, "terminal"))
    assert typed_goals(store) == (replace(CAC, target=38.0, note="less"),)


def test_what_is_set_while_a_sync_runs_waits_for_the_next(store: Store) -> None:
    """It is neither lost nor taken for what the sync has just written."""
    first, second = replace(CAC, target=38.0), replace(CAC, target=36.0)
    set_goal(store, first, at(0, "terminal"))
    coming = coming_to(store, "sheet")
    set_goal(store, second, at(1, "terminal"))
    take_in(store, [first], coming, at(2))
    assert typed_goals(store) == (second,)
    assert coming_to(store, "sheet").goals == (second,)


def test_a_goal_that_went_is_archived_until_somebody_sets_it_again(store: Store) -> None:
    """So that kpi.yaml, which may still name it, does not bring it back; one moved to another day went, too."""
    sync(store, 0, "sheet", [CAC, SALES])
    moved = replace(CAC, by=date(2027, 3, 31))
    sync(store, 1, "sheet", [moved])
    assert archived_goals(store) == {CAC.key, SALES.key}
    set_goal(store, SALES, at(2, "terminal"))
    assert archived_goals(store) == {CAC.key}


def test_the_short_way_says_the_same(tmp_path: Path) -> None:
    """Goals and archived keys read without the store are those that the store reads."""
    store = open_store("sqlite:///state.db", tmp_path)
    sync(store, 0, "one", [CAC, SALES])
    sync(store, 1, "one", [CAC])
    sync(store, 2, "two", [replace(CAC, target=38.0)])
    path = tmp_path / "state.db"
    assert goals_of_file(path) == typed_goals(store) == (replace(CAC, target=38.0),)
    assert archived_in_file(path) == archived_goals(store) == {SALES.key}
    assert goals_of(store, "one") == (CAC,)
