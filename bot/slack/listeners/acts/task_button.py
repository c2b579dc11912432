"""The task of a goal that is in danger, made by a press; beneath an alert its thread hears of it."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Any

from bot.cards.alert import thread_card
from bot.cards.onward.buttons import TASK
from bot.slack.listeners.acts.alert_buttons import Deed, note_deed
from bot.slack.listeners.acts.goal_forms import goal_named
from bot.slack.listeners.acts.pressing import Press, presses
from bot.slack.listeners.replying import Reply, write_audit
from kpi_core.errors import KpiBotError
from kpi_core.formats.goals.task_words import task_text
from kpi_core.phrases import say
from kpi_core.review.goal_review import reviewed_goals

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncApp

    from bot.slack.listeners.services import Tasks
    from bot.slack.listeners.teams import Teams
    from kpi_core.access.doorway import Door
    from kpi_core.goals.goal_task import GoalTask

ACTION = re.compile(rf"^{TASK}(?:\.\d+)?$")


def register_tasks(app: AsyncApp, teams: Teams) -> None:
    app.action(ACTION)(presses(teams, make_task))


async def make_task(press: Press, action: dict[str, Any]) -> Reply:
    """The task of the goal whose key a press carries, behind the id of an incident where it stands beneath one."""
    incident, _space, key = str(action.get("value") or "").rpartition(" ")
    door = await press.door()
    task, is_new = await asyncio.to_thread(_made, press, door, key)
    words = task_text(task, press.language)
    if is_new and incident:
        note = task_text(task, press.team.replying.services.settings.locale)
        await note_deed(press, Deed(incident, "note", note))
    return Reply(thread_card(words if is_new else say(press.language, "task.there", task=words)), aside=True)


def _made(press: Press, door: Door, key: str) -> tuple[GoalTask, bool]:
    services = press.team.replying.services
    goal, tasks = goal_named(door, key), _tasks(press)
    door.require(goal.kpi)
    (reviewed,) = reviewed_goals(door, [goal], services.clock())
    task, is_new = tasks.made(reviewed, services.settings.locale)
    if is_new:
        write_audit(services, press.place, f"goals task {goal.kpi}", kpi=goal.kpi)
    return task, is_new


def _tasks(press: Press) -> Tasks:
    """KpiBotError where the bot makes none."""
    tasks = press.team.replying.services.tasks
    if tasks is None:
        hint = "Add tasks: {tool: asana, place: …, token: ${ASANA_TOKEN}} to kpi.yaml."
        raise KpiBotError("No board is named for tasks.", code="no_board", hint=hint)
    return tasks
