"""What comes by itself, with its next times: paused, resumed and sent now by whoever may."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from bot.cards import blocks
from bot.cards.card import Card
from kpi_core.formats.periods import date_text, weekday_text
from kpi_core.frozen_dataclass import frozen
from kpi_core.phrases import say

if TYPE_CHECKING:
    from bot.cards.card import Block

PAUSE, RESUME, RUN_NOW = "kpi_pause", "kpi_resume", "kpi_run_now"
"""Action ids of buttons, in a row going on as `kpi_pause.2`. The value is the name of a job."""
MOST_JOBS = 20
"""Jobs with lines of their own; the others are counted."""


@frozen
class Coming:
    """A job that comes by itself: how its times are written, in which zone, its next ones there, who paused it."""

    name: str
    every: str
    zone: str
    fires: tuple[datetime, ...]
    paused_by: str = ""


def schedule_card(jobs: Sequence[Coming], language: str, done: str = "") -> Card:
    """Each job with its next times; `said` is what has just been done."""
    heading = say(language, "schedule.title")
    if not jobs:
        none = say(language, "schedule.none")
        return Card(blocks.escaped(none), [blocks.section(none)])
    drawn: list[Block] = [blocks.header(heading)]
    lines = [heading]
    if done:
        drawn.append(blocks.context([done]))
        lines.insert(0, done)
    for job in jobs[:MOST_JOBS]:
        words = _words(job, language)
        lines.append(words)
        drawn += [blocks.section(words), *blocks.actions(_buttons(job, language))]
    if len(jobs) > MOST_JOBS:
        lines.append(say(language, "schedule.more", count=len(jobs) - MOST_JOBS))
        drawn.append(blocks.context([lines[-1]]))
    return Card(blocks.escaped("\n".join(lines)), drawn)


def _words(job: Coming, language: str) -> str:
    zone = "" if job.zone in job.every else f", {job.zone}"
    first = f"{job.name}  ({job.every}{zone})"
    if job.paused_by:
        return f"{first}\n{say(language, 'schedule.paused')}"
    times = [
        f"{weekday_text(fire.date(), language)}, {date_text(fire.date(), language)} {fire:%H:%M}" for fire in job.fires
    ]
    return "\n".join([first, *times])


def _buttons(job: Coming, language: str) -> list[Block]:
    if job.paused_by:
        return [blocks.button(say(language, "button.resume"), RESUME, job.name)]
    run = "button.send_now" if job.name.startswith(("summary:", "reminder:")) else "button.run_now"
    return [
        blocks.button(say(language, "button.pause"), PAUSE, job.name),
        blocks.button(say(language, run), RUN_NOW, job.name),
    ]
