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
