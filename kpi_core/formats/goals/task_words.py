"""A goal's task in a reader's words. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpi_core.formats.periods import date_text
from kpi_core.phrases import say

if TYPE_CHECKING:
    from kpi_core.goals.goal_task import GoalTask


def task_text(task: GoalTask, language: str) -> str:
    """Its name, whether it is done, by when it is due, and where it is: "task: cap bids, open, due 31 Dec (https://…)"."""
    state = "gone" if task.gone else "done" if task.done else "open"
    words = say(language, f"task.{state}", name=task.name)
    if task.due is not None and state == "open":
        day = date_text(task.due, language, year=False, short=True)
        words = say(language, "task.due", task=words, day=day)
    return say(language, "task.at", task=words, url=task.url) if task.url and not task.gone else words
