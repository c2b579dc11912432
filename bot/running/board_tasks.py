"""Tasks of goals on the team's board: made once, whoever asks and from wherever, and read back as they stand there."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from secrets import token_hex

from bot.cards.lines import goal_line, headline, title
from bot.running.loading import PassingClock
from bot.workspace import Workspace
from kpi_core.boards.board import NewTask, Task, make_task, read_task
from kpi_core.errors import KpiBotError, UsageError
from kpi_core.frozen_dataclass import frozen
from kpi_core.goals.goal_task import GoalTask
from kpi_core.metrics import Catalog
from kpi_core.phrases import say
from kpi_core.review.goal_review import ReviewedGoal
from kpi_core.settings.values import Board
from kpi_core.state.leases import release_lease, take_lease
from kpi_core.state.team.goal_tasks import goal_tasks_of, write_task

FRESH = timedelta(minutes=1)
"""So long what a board said last is taken for what it says now."""
LEASE_SECONDS = 120.0
WITHOUT_DAY = timedelta(days=7)
"""By when a task is due whose goal is over."""
log = logging.getLogger("kpi_bot.tasks")


@frozen
class GoalTasks:
    """The tasks of one workspace's goals. All of it is slow: it asks the board."""

    workspace: Workspace
    clock: Callable[[], datetime]
    tell: Callable[[str], object] = log.warning
    """Hears why a board did not answer."""

    @property
    def offered(self) -> bool:
        """Whether kpi.yaml names a board."""
        return self.workspace.settings.tasks is not None

    def made(self, reviewed: ReviewedGoal, language: str, name: str = "") -> tuple[GoalTask, bool]:
        """The task of a goal, and whether it was made just now: where there is one that is still there, that one.

        UsageError without a board or a KPI, ServiceError where the board does not take it.
        """
        goal, board = reviewed.goal, self._board()
        store, lease, holder = self.workspace.store, f"task {goal.key}", token_hex(8)
        if not take_lease(store, lease, holder, self.clock(), LEASE_SECONDS):
            message = "The task is being made."
            raise KpiBotError(message, code="task_made", hint="Look again in a minute.")
        try:
            before = self.fresh([goal.key]).get(goal.key)
            if before is not None and not before.gone:
                return before, False
            today = self.workspace.settings.calendar.today(self.clock())
            new = _new_task(reviewed, language, name, self.workspace.catalog, today)
            task = self._seen(board, goal.key, make_task(board, new, self.workspace.environment, self._passing()))
            write_task(store, task)
            return task, True
        finally:
            release_lease(store, lease, holder)

    def fresh(self, goals: Iterable[str], *, patient: bool = True) -> dict[str, GoalTask]:
        """The tasks of goals, by their keys, as the board has them now; as they were read last where it is silent.

        Who is not `patient` takes what was read within a minute, and asks once.
        """
        board, store = self.workspace.settings.tasks, self.workspace.store
        keys = set(goals)
        tasks = {key: task for key, task in goal_tasks_of(store).items() if key in keys}
        for key, before in tasks.items():
            recent = not patient and timedelta(0) <= self.clock() - before.seen_at < FRESH
            if board is None or before.done or before.gone or before.tool != board.tool or recent:
                continue
            attempts = None if patient else 1
            try:
                now = read_task(board, before.task, self.workspace.environment, self._passing(), attempts)
            except KpiBotError as error:
                self.tell(f"{error.message} {error.hint}")
                if not patient:
                    # The others stand on the same board.
                    return tasks
                continue
            tasks[key] = replace(before, gone=True) if now is None else self._seen(board, key, now)
            write_task(store, tasks[key])
        return tasks

    def _board(self) -> Board:
        board = self.workspace.settings.tasks
        if board is None:
            hint = "Add tasks: {tool: asana, place: …, token: ${ASANA_TOKEN}} to kpi.yaml."
            raise UsageError("No board is named for tasks.", code="no_board", hint=hint)
        return board

    def _passing(self) -> PassingClock:
        return PassingClock(self.clock())

    def _seen(self, board: Board, goal: str, task: Task) -> GoalTask:
        return GoalTask(goal, board.tool, task.id, task.name, task.url, task.done, task.due, self.clock())


def _new_task(reviewed: ReviewedGoal, language: str, name: str, catalog: Catalog, today: date) -> NewTask:
    answer, goal = reviewed.answer, reviewed.goal
    if answer is None:
        raise UsageError(say(language, "goals_command.no_kpi"), code="no_goal", hint="See kpi goals.")
    about = title(answer, language, catalog)
    notes = "\n".join(filter(None, [f"{about}: {headline(answer, language)}", goal_line(answer, language) or ""]))
    due = goal.by if goal.by > today else today + WITHOUT_DAY
    return NewTask(name or goal.action or say(language, "task.name", about=about), notes, due)
