"""What the owners of goals said of them; nothing is overwritten."""

from __future__ import annotations

from sqlalchemy import func, select

from kpi_core.goals.check_ins import CheckIn
from kpi_core.state.schema import check_ins
from kpi_core.state.store import Store
from kpi_core.state.transactions import Row


def add_check_in(store: Store, check_in: CheckIn) -> None:
    """Append one."""
    with store.writing() as transaction:
        transaction.add(
            check_ins,
            goal=check_in.goal,
            kpi=check_in.kpi,
            at=check_in.at,
            who=check_in.who,
            confidence=check_in.confidence,
            note=check_in.note,
        )


def newest_check_ins(store: Store) -> dict[str, CheckIn]:
    """The last word on each goal, by its key."""
    newest = select(func.max(check_ins.c.id)).group_by(check_ins.c.goal)
    with store.reading() as transaction:
        rows = transaction.rows(select(check_ins).where(check_ins.c.id.in_(newest)))
    return {row["goal"]: _check_in(row) for row in rows}


def check_ins_of(store: Store, goal: str) -> tuple[CheckIn, ...]:
    """All that was said of a goal, the newest first."""
    query = select(check_ins).where(check_ins.c.goal == goal).order_by(check_ins.c.id.desc())
    with store.reading() as transaction:
        rows = transaction.rows(query)
    return tuple(map(_check_in, rows))


def _check_in(row: Row) -> CheckIn:
    return CheckIn(row["goal"], row["kpi"], row["at"], row["who"], row["confidence"], row["note"])
