"""What `kpi goals budget` prints: each channel's budget, spend, month-end, and what a day may still bring."""

from __future__ import annotations

from bot.commands.call import Call
from bot.terminal.text import grid
from kpi_core.access.operator import OPERATOR
from kpi_core.formats.budget_words import pacing_json, pacing_note, pacing_table, pacing_title
from kpi_core.review.budget_review import reviewed_budgets


def show_budgets(call: Call) -> int:
    """As a table, or as JSON. QuestionError where the month has no budget."""
    door, language = call.workspace.door(OPERATOR), call.language
    pacing = reviewed_budgets(door, call.now())
    if call.as_json:
        call.show_json(pacing_json(pacing))
        return 0
    call.show(pacing_title(pacing.month, language))
    call.show("\n".join(grid(pacing_table(pacing, door.settings.currency, language), {1, 2, 3, 4})))
    call.show(pacing_note(pacing, language))
    return 0
