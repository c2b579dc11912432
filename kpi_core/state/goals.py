"""Goals that people typed in a spreadsheet, for the answers given outside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import delete, select

from kpi_core.settings.values import Goal
from kpi_core.state.schema import goals
from kpi_core.state.store import Store
from kpi_core.state.transactions import Row

SET_ELSEWHERE = ""
"""In place of a spreadsheet's id: goals that no Sheet has taken in yet. They sort first, and count."""


def replace_goals(store: Store, spreadsheet: str, typed: Sequence[Goal]) -> None:
    """Make `typed` all the goals of that spreadsheet, in its order."""
    with store.writing() as transaction:
        # A delete does not see the rows that another process has just put in their place: both lists would mix.
        transaction.write_alone(goals)
        transaction.run(delete(goals).where(goals.c.spreadsheet == spreadsheet))
        for position, goal in enumerate(typed):
            # By place in the tab: nothing else of a row is sure to be its own.
            transaction.add(goals, spreadsheet=spreadsheet, position=position, **_columns(goal))


def goals_of(store: Store, spreadsheet: str) -> tuple[Goal, ...]:
    """The goals last typed in one spreadsheet, in the order of its rows."""
    with store.reading() as transaction:
        rows = transaction.rows(select(goals).where(goals.c.spreadsheet == spreadsheet).order_by(goals.c.position))
    return tuple(_goal(row) for row in rows)


def typed_goals(store: Store) -> tuple[Goal, ...]:
    """Every goal typed in a spreadsheet, in the order of its rows."""
    with store.reading() as transaction:
        rows = transaction.rows(select(goals).order_by(goals.c.spreadsheet, goals.c.position))
    return tuple(_goal(row) for row in rows)


@dataclass(frozen=True, slots=True)
class SheetGoals:
    """The goals of spreadsheets in a state database, for whoever syncs them."""

    store: Store

    def replace(self, spreadsheet: str, typed: Sequence[Goal]) -> None:
        replace_goals(self.store, spreadsheet, typed)

    def last(self, spreadsheet: str) -> tuple[Goal, ...]:
        return goals_of(self.store, spreadsheet)

    def coming(self) -> tuple[Goal, ...]:
        return goals_of(self.store, SET_ELSEWHERE)

    def settle(self, taken: Sequence[Goal]) -> None:
        if taken:
            left = [goal for goal in self.coming() if goal not in taken]
            replace_goals(self.store, SET_ELSEWHERE, left)


def set_goal(store: Store, goal: Goal) -> None:
    """Make this the goal for its KPI, segment, period and date, at once; the next sync of a Sheet takes it in there."""
    others = [each for each in goals_of(store, SET_ELSEWHERE) if _about(each) != _about(goal)]
    replace_goals(store, SET_ELSEWHERE, [*others, goal])


def _about(goal: Goal) -> tuple[object, ...]:
    return goal.kpi, sorted(goal.where.items()), goal.per, goal.by


def _columns(goal: Goal) -> dict[str, object]:
    return {
        "kpi": goal.kpi,
        "target": goal.target,
        "by": goal.by.isoformat(),
        "owner": goal.owner,
        "filters": dict(goal.where),
        "per": goal.per,
        "note": goal.note,
    }


def _goal(row: Row) -> Goal:
    by = date.fromisoformat(row["by"])
    return Goal(row["kpi"], row["target"], by, row["owner"], row["filters"], row["per"], row["note"])
