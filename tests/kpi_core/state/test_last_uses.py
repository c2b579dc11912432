"""The last use of each thing, read from what people did."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from state_side import States

from kpi_core.deliveries.incident_course import Event, Known, open_incident, person_did
from kpi_core.goals.check_ins import CheckIn
from kpi_core.settings.goal_history import Occasion
from kpi_core.settings.values import Goal
from kpi_core.state.audit import AuditEntry, record
from kpi_core.state.check_in_rows import add_check_in
from kpi_core.state.goals import set_goal
from kpi_core.state.in_use.last_uses import LastUses, last_uses
from kpi_core.state.in_use.subject_rows import begin_anew, mark_proposed, see_subjects
from kpi_core.state.store import open_store

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
DAY = timedelta(days=1)
GOAL = Goal("cac", 40.0, date(2026, 12, 31))


def test_the_newest_of_each(states: States) -> None:
    """Questions, presses, changes, check-ins and answers to alerts count; what the bot did by itself does not."""
    store = open_store(states.new(), Path())
    assert last_uses(store) == LastUses()
    for days, metric, under in ((9, "ctr", ""), (5, "ctr", "summary:weekly"), (7, "", "alert:3f")):
        record(store, AuditEntry(NOW - days * DAY, "U1", "words", metric, {}, under))
    set_goal(store, GOAL, Occasion(NOW - 6 * DAY, "U1", "terminal"))
    add_check_in(store, CheckIn(GOAL.key, "cac", NOW - 3 * DAY, "U1", 7))
    for name in ("3f", "4a"):
        open_incident(store, Known(name, "C1", "open", NOW - 9 * DAY, "", None, {}), {"text": "CPC", "blocks": []})
    person_did(store, "3f", Event("", "seen", NOW - 8 * DAY, "U1"))
    assert last_uses(store) == LastUses(
        kpis={"ctr": NOW - 5 * DAY, "cac": NOW - 3 * DAY},
        posts={"summary:weekly": NOW - 5 * DAY, "alert:3f": NOW - 7 * DAY},
        goals={GOAL.key: NOW - 3 * DAY},
        incidents={"3f": NOW - 8 * DAY},
    )
    store.close()


def test_things_are_there_since_they_were_first_seen(states: States) -> None:
    """They keep their day and the note that their owner was asked, until they are gone."""
    store = open_store(states.new(), Path())
    with store.writing() as transaction:
        see_subjects(transaction, ["a", "b"], NOW - 9 * DAY)
        mark_proposed(transaction, ["a"], NOW - 2 * DAY)
        rows = [tuple(row.values()) for row in see_subjects(transaction, ["a", "c"], NOW)]
        assert rows == [("a", NOW - 9 * DAY, NOW - 2 * DAY), ("c", NOW, None)]
        begin_anew(transaction, NOW + DAY)
        assert {row["since"] for row in see_subjects(transaction, ["a", "c"], NOW)} == {NOW + DAY}
    store.close()
