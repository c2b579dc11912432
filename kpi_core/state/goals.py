"""Goals that people typed in a spreadsheet or set elsewhere, and the history of every change of one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import delete, func, select, update

from kpi_core.errors import KpiBotError
from kpi_core.frozen_dataclass import frozen
from kpi_core.settings.goal_history import (
    Coming,
    GoalChange,
    Moved,
    Occasion,
    archived_by,
    changes_between,
    counting,
    goal_document,
    goal_of_document,
    goal_of_row,
    moved_by,
    with_last_words,
    with_unsaid,
)
from kpi_core.settings.values import Goal
from kpi_core.state.owner_names import names_of_people
from kpi_core.state.schema import check_ins, goal_changes, goal_readings, goals
from kpi_core.state.store import Store
from kpi_core.state.transactions import Row, Transaction

SET_ELSEWHERE = ""
"""In place of a spreadsheet's id: goals that no Sheet has taken in yet. They sort first, and count."""


def replace_goals(store: Store, spreadsheet: str, typed: Sequence[Goal]) -> None:
    """Make `typed` all the goals of that spreadsheet, in its order, without a word in the history."""
    with store.writing() as transaction:
        # A delete does not see the rows that another process has just put in their place: both lists would mix.
        transaction.write_alone(goals)
        _replace(transaction, spreadsheet, typed)


def take_in(store: Store, typed: Sequence[Goal], coming: Coming, occasion: Occasion) -> None:
    """Make `typed` all the goals of the spreadsheet `occasion.place`, which has taken in what came from elsewhere.

    What differs from its last sync, and from what came, goes into the history as a change of that occasion.
    """
    spreadsheet = occasion.place
    with store.writing() as transaction:
        transaction.write_alone(goals)
        from_elsewhere = {goal.key: goal for goal in coming.goals}
        before = _before(transaction, spreadsheet, typed) | from_elsewhere
        _write_down(transaction, changes_between(tuple(before.values()), typed, occasion))
        pending = _goals_of(transaction, SET_ELSEWHERE)
        # What was set again while the sync ran waits for the next one.
        left = [goal for goal in pending if from_elsewhere.get(goal.key) != goal]
        if len(left) < len(pending):
            _replace(transaction, SET_ELSEWHERE, left)
        _replace(transaction, spreadsheet, typed)
        transaction.put(goal_readings, spreadsheet=spreadsheet, at=occasion.at, change=coming.through)


def coming_to(store: Store, spreadsheet: str) -> Coming:
    """What a spreadsheet has not taken in yet: goals that are in no Sheet, and its own as other places changed them."""
    with store.reading() as transaction:
        pending = {goal.key: goal for goal in _goals_of(transaction, SET_ELSEWHERE)}
        through = transaction.row(select(func.coalesce(func.max(goal_changes.c.id), 0).label("last")))
        seen = transaction.row(select(goal_readings.c.change).where(goal_readings.c.spreadsheet == spreadsheet))
        changed: dict[str, Goal] = {}
        moved = _moved(transaction, seen["change"] if seen else 0)
        if seen is not None:
            own = {goal.key for goal in _goals_of(transaction, spreadsheet)}
            later = select(goal_changes).where(goal_changes.c.id > seen["change"]).order_by(goal_changes.c.id)
            # Not as a condition of the query: no database takes as many keys as a spreadsheet may have goals.
            for row in (row for row in transaction.rows(later) if row["goal"] in own):
                after = _change(row).after
                # The last word on a goal counts; its own words the spreadsheet has itself.
                changed.pop(row["goal"], None)
                if after is not None and row["place"] != spreadsheet:
                    changed[row["goal"]] = after
        assert through is not None
        return Coming(tuple((changed | pending).values()), through["last"], moved)


def last_reading(store: Store, spreadsheet: str) -> datetime | None:
    """When a spreadsheet's goals were last read; None for never."""
    with store.reading() as transaction:
        row = transaction.row(select(goal_readings.c.at).where(goal_readings.c.spreadsheet == spreadsheet))
    return row["at"] if row else None


def set_goal(store: Store, goal: Goal, occasion: Occasion | None = None, *, whole: bool = False) -> None:
    """Make this the goal for its KPI, segment, period and date, at once; the next sync of a Sheet takes it in there.

    An owner, a note or an action that it does not name stays as it was, unless the `whole` goal is set.
    """
    with store.writing() as transaction:
        transaction.write_alone(goals)
        before = next((other for other in _counting(transaction) if other.key == goal.key), None)
        goal = goal if whole else with_unsaid(goal, before)
        if occasion is not None and before != goal:
            _write_down(transaction, [GoalChange(occasion, before, goal)])
        others = [other for other in _goals_of(transaction, SET_ELSEWHERE) if other.key != goal.key]
        _replace(transaction, SET_ELSEWHERE, [*others, goal])


def move_goal(store: Store, before: Goal, goal: Goal, occasion: Occasion) -> None:
    """Make this the goal in the place of another of another date, period or segment; what was said of it goes along.

    It counts at once; a Sheet takes it over in its row at its next sync. KpiBotError `goal_there` where one like it is.
    """
    with store.writing() as transaction:
        transaction.write_alone(goals)
        if any(other.key == goal.key for other in _counting(transaction)):
            message = "There is such a goal already."
            raise KpiBotError(message, code="goal_there", hint="Edit that one, or choose another day or segment.")
        _write_down(transaction, [GoalChange(occasion, before, goal)])
        columns = {**_columns(goal), "changed_at": occasion.at}
        for row in transaction.rows(select(goals).where(goals.c.spreadsheet != SET_ELSEWHERE)):
            if goal_of_row(row).key == before.key:
                place = (goals.c.spreadsheet == row["spreadsheet"]) & (goals.c.position == row["position"])
                transaction.run(update(goals).where(place).values(**columns))
        others = [other for other in _goals_of(transaction, SET_ELSEWHERE) if other.key != before.key]
        _replace(transaction, SET_ELSEWHERE, [*others, goal])
        transaction.run(update(check_ins).where(check_ins.c.goal == before.key).values(goal=goal.key))


def goals_of(store: Store, spreadsheet: str) -> tuple[Goal, ...]:
    """The goals last typed in one spreadsheet, in the order of its rows."""
    with store.reading() as transaction:
        return _goals_of(transaction, spreadsheet)


def typed_goals(store: Store) -> tuple[Goal, ...]:
    """Every goal that counts, in the order of the rows of spreadsheets; one in several counts as it changed last."""
    with store.reading() as transaction:
        return _counting(transaction)


def archived_goals(store: Store) -> frozenset[str]:
    """The keys of goals that people archived or moved: kpi.yaml may still name them, and they count no more."""
    columns = goal_changes.c.goal, goal_changes.c.was, goal_changes.c.after
    with store.reading() as transaction:
        rows = transaction.rows(select(*columns).order_by(goal_changes.c.id))
    return archived_by((row["goal"], row["was"], row["after"] is None) for row in rows)


def changes_of_goals(store: Store, limit: int = 100, kpi: str | None = None) -> tuple[GoalChange, ...]:
    """The newest changes of goals, newest first: of all, or of one KPI's."""
    query = select(goal_changes) if kpi is None else select(goal_changes).where(goal_changes.c.kpi == kpi)
    with store.reading() as transaction:
        rows = transaction.rows(query.order_by(goal_changes.c.id.desc()).limit(limit))
    return tuple(_change(row) for row in rows)


def last_changes(store: Store) -> dict[str, GoalChange]:
    """The last change of every goal, by key."""
    newest = select(func.max(goal_changes.c.id)).group_by(goal_changes.c.goal)
    with store.reading() as transaction:
        rows = transaction.rows(select(goal_changes).where(goal_changes.c.id.in_(newest)))
    return {row["goal"]: _change(row) for row in rows}


@frozen
class SheetGoals:
    """The goals of spreadsheets in a state database, for whoever syncs them."""

    store: Store

    def last(self, spreadsheet: str) -> tuple[Goal, ...]:
        return goals_of(self.store, spreadsheet)

    def coming(self, spreadsheet: str) -> Coming:
        return coming_to(self.store, spreadsheet)

    def names(self) -> Mapping[str, str]:
        return names_of_people(self.store)

    def changes(self) -> Mapping[str, GoalChange]:
        return last_changes(self.store)

    def take_in(self, typed: Sequence[Goal], coming: Coming, occasion: Occasion) -> None:
        take_in(self.store, typed, coming, occasion)


def _moved(transaction: Transaction, since: int) -> tuple[Moved, ...]:
    """What was moved outside any spreadsheet after a change: a move that people made in one is that one's own."""
    books = {row["spreadsheet"] for row in transaction.rows(select(goal_readings.c.spreadsheet))}
    later = select(goal_changes).where(goal_changes.c.id > since).order_by(goal_changes.c.id)
    changes = [(row["was"], _change(row)) for row in transaction.rows(later) if row["place"] not in books]
    return tuple(moved_by((was, change.before, change.after) for was, change in changes))


def _before(transaction: Transaction, spreadsheet: str, typed: Sequence[Goal]) -> dict[str, Goal]:
    """The goals as the last sync left them. What another spreadsheet has is neither new here nor archived here."""
    rows = transaction.rows(select(goals).where(goals.c.spreadsheet.not_in([spreadsheet, SET_ELSEWHERE])))
    others = {goal.key: goal for goal in counting(rows)}
    own = {goal.key: goal for goal in _goals_of(transaction, spreadsheet)}
    there = {goal.key for goal in typed}
    new_here = {key: goal for key, goal in others.items() if key in there}
    return new_here | {key: goal for key, goal in own.items() if key in there or key not in others}


def _counting(transaction: Transaction) -> tuple[Goal, ...]:
    rows = transaction.rows(select(goals).order_by(goals.c.spreadsheet, goals.c.position))
    return with_last_words(counting(rows), _unheard(transaction))


def _unheard(transaction: Transaction) -> dict[str, Goal | None]:
    """By key, what became of the goals that were changed after some spreadsheet was read last.

    Such a change counts, though the one that had taken it in has let the goal go since.
    """
    read = select(func.min(goal_readings.c.change)).scalar_subquery()
    # The newest of each alone: a spreadsheet that is synced no more has heard of nothing since.
    newest = select(func.max(goal_changes.c.id)).where(goal_changes.c.id > read).group_by(goal_changes.c.goal)
    rows = transaction.rows(select(goal_changes.c.goal, goal_changes.c.after).where(goal_changes.c.id.in_(newest)))
    return {row["goal"]: goal_of_document(row["after"]) for row in rows}


def _goals_of(transaction: Transaction, spreadsheet: str) -> tuple[Goal, ...]:
    rows = transaction.rows(select(goals).where(goals.c.spreadsheet == spreadsheet).order_by(goals.c.position))
    return tuple(goal_of_row(row) for row in rows)


def _replace(transaction: Transaction, spreadsheet: str, typed: Sequence[Goal]) -> None:
    last = select(goal_changes.c.goal, func.max(goal_changes.c.at).label("at")).group_by(goal_changes.c.goal)
    times = {row["goal"]: row["at"] for row in transaction.rows(last)}
    transaction.run(delete(goals).where(goals.c.spreadsheet == spreadsheet))
    # By place in the tab: nothing else of a row is sure to be its own.
    places = (
        {"spreadsheet": spreadsheet, "position": position, "changed_at": times.get(goal.key)}
        for position, goal in enumerate(typed)
    )
    transaction.add_all(goals, [{**place, **_columns(goal)} for place, goal in zip(places, typed, strict=True)])


def _write_down(transaction: Transaction, changes: Iterable[GoalChange]) -> None:
    rows = [
        {
            "at": change.occasion.at,
            "who": change.occasion.who,
            "place": change.occasion.place,
            "goal": change.goal.key,
            "was": change.before.key if change.before else "",
            "kpi": change.goal.kpi,
            "before": goal_document(change.before),
            "after": goal_document(change.after),
        }
        for change in changes
    ]
    if rows:
        transaction.connection.execute(goal_changes.insert(), rows)


def _change(row: Row) -> GoalChange:
    occasion = Occasion(row["at"], row["who"], row["place"])
    return GoalChange(occasion, goal_of_document(row["before"]), goal_of_document(row["after"]))


def _columns(goal: Goal) -> dict[str, object]:
    return {
        "kpi": goal.kpi,
        "target": goal.target,
        "by": goal.by.isoformat(),
        "owner": goal.owner,
        "filters": dict(goal.where),
        "per": goal.per,
        "note": goal.note,
        "action": goal.action,
    }
