"""kpi goals task: a goal's next step becomes a task on the team's board, and its state is read back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from bot.cards.lines import goal_line, headline, title
from bot.commands.call import Call
from bot.running.loading import PassingClock
from kpi_core.access.operator import OPERATOR
from kpi_core.boards.board import NewTask, Task, make_task, read_task
from kpi_core.errors import KpiBotError, UsageError
from kpi_core.formats.goals.task_words import task_text
from kpi_core.goals.goal_task import GoalTask
from kpi_core.phrases import say
from kpi_core.review.goal_review import reviewed_goals
from kpi_core.settings.values import Board, Goal
from kpi_core.state.team.goal_tasks import goal_tasks_of, write_task


def make_goal_task(call: Call, goal: Goal) -> int:
    """Make the task of a goal, once: where there is one that is still there, it is shown as it stands now."""
    board = call.workspace.settings.tasks
    if board is None:
        hint = "Add tasks: {tool: asana, place: …, token: ${ASANA_TOKEN}} to kpi.yaml."
        raise UsageError("No board is named for tasks.", code="no_board", hint=hint)
    before = fresh_tasks(call, [goal]).get(goal.key)
    if before is None or before.gone:
        before = _made(call, board, goal)
    if call.as_json:
        call.show_json({"task": task_json(before)})
    else:
        call.show(task_text(before, call.language))
    return 0


def _made(call: Call, board: Board, goal: Goal) -> GoalTask:
    (reviewed,) = reviewed_goals(call.workspace.door(OPERATOR), [goal], call.now())
    if reviewed.answer is None:
        raise UsageError(say(call.language, "goals_command.no_kpi"), code="no_goal", hint="See kpi goals.")
    answer, language = reviewed.answer, call.language
    about = title(answer, language, call.workspace.catalog)
    name = call.options.note or goal.action or say(language, "task.name", about=about)
    notes = "\n".join(filter(None, [f"{about}: {headline(answer, language)}", goal_line(answer, language) or ""]))
    call.audit(f"goals task {goal.kpi}", goal.kpi, goal.where)
    made = make_task(board, NewTask(name, notes, goal.by), call.environment, PassingClock(call.now()))
    task = _seen(call, board, goal.key, made)
    write_task(call.workspace.store, task)
    return task


def fresh_tasks(call: Call, goals: list[Goal]) -> dict[str, GoalTask]:
    """The tasks of goals as their board has them now; as they were read last where it does not answer."""
    board, store = call.workspace.settings.tasks, call.workspace.store
    tasks = goal_tasks_of(store)
    for goal in goals if board is not None else ():
        before = tasks.get(goal.key)
        if board is None or before is None or before.done or before.gone or before.tool != board.tool:
            continue
        try:
            now = read_task(board, before.task, call.environment, PassingClock(call.now()))
        except KpiBotError as error:
            call.say(f"{error.message} {error.hint}")
            continue
        tasks[goal.key] = _gone(before) if now is None else _seen(call, board, goal.key, now)
        write_task(store, tasks[goal.key])
    return tasks


def _seen(call: Call, board: Board, goal: str, task: Task) -> GoalTask:
    return GoalTask(goal, board.tool, task.id, task.name, task.url, task.done, task.due, call.now())


def _gone(task: GoalTask) -> GoalTask:
    return replace(task, gone=True)


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
