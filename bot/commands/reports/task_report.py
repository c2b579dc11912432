"""kpi goals task: a goal's next step becomes a task on the team's board, and its state is read back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from bot.commands.call import Call
from bot.running.board_tasks import GoalTasks
from kpi_core.access.operator import OPERATOR
from kpi_core.formats.goals.task_words import task_text
from kpi_core.goals.goal_task import GoalTask
from kpi_core.review.goal_review import reviewed_goals
from kpi_core.settings.values import Goal


def make_goal_task(call: Call, goal: Goal) -> int:
    """Make the task of a goal, once: where there is one that is still there, it is shown as it stands now."""
    (reviewed,) = reviewed_goals(call.workspace.door(OPERATOR), [goal], call.now())
    task, is_new = _tasks(call).made(reviewed, call.language, call.options.note)
    if is_new:
        call.audit(f"goals task {goal.kpi}", goal.kpi, goal.where)
    if call.as_json:
        call.show_json({"task": task_json(task)})
    else:
        call.show(task_text(task, call.language))
    return 0


def fresh_tasks(call: Call, goals: Iterable[Goal]) -> dict[str, GoalTask]:
    """The tasks of goals as their board has them now; as they were read last where it does not answer."""
    return _tasks(call).fresh(goal.key for goal in goals)


def _tasks(call: Call) -> GoalTasks:
    return GoalTasks(call.workspace, call.now, call.say)


def task_json(task: GoalTask | None) -> Mapping[str, object] | None:
    """How a goal's task stands; None without one."""
    if task is None:
        return None
    due: date | None = task.due
    return {
        "tool": task.tool,
        "id": task.task,
        "name": task.name,
        "url": task.url,
        "done": task.done,
        "due": due.isoformat() if due else None,
        "gone": task.gone,
        "seen_at": task.seen_at.isoformat(),
    }
