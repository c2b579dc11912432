"""The task on which a goal's next step is worked on, and how it stood when its board was last asked."""

from __future__ import annotations

from datetime import date

from sqlalchemy import delete, select

from kpi_core.goals.goal_task import GoalTask
from kpi_core.state.schema import goal_tasks
from kpi_core.state.store import Store


def write_task(store: Store, task: GoalTask) -> None:
    """Write down how a goal's task stands; a goal has one."""
    with store.writing() as transaction:
        transaction.run(delete(goal_tasks).where(goal_tasks.c.goal == task.goal))
        transaction.add(
            goal_tasks,
            goal=task.goal,
            tool=task.tool,
            task=task.task,
            name=task.name,
            url=task.url,
            done=task.done,
            due=task.due.isoformat() if task.due else "",
            seen_at=task.seen_at,
            gone=task.gone,
        )


def goal_tasks_of(store: Store) -> dict[str, GoalTask]:
    """All tasks, by the key of their goal."""
    with store.reading() as transaction:
        rows = transaction.rows(select(goal_tasks))
    return {
        row["goal"]: GoalTask(
            row["goal"],
            row["tool"],
            row["task"],
            row["name"],
            row["url"],
            bool(row["done"]),
            date.fromisoformat(row["due"]) if row["due"] else None,
            row["seen_at"],
            bool(row["gone"]),
        )
        for row in rows
    }
