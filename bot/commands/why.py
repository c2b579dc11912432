"""kpi why: what a change is made of, exactly."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.commands.call import Call
from kpi_core.access.operator import OPERATOR
from kpi_core.formats.reading_json import reading_json
from kpi_core.formats.why_json import why_json
from kpi_core.questions.intents.asking_why import without_why
from kpi_core.reasons.why import explained

if TYPE_CHECKING:
    from kpi_core.query import MetricQuery


def run_why(call: Call) -> int:
    """Take the change of a question apart: `kpi why "cac last-month"`."""
    return explain_change(call, " ".join(call.options.question))


def explain_change(call: Call, words: str) -> int:
    """Show what a change is made of; as JSON with how the words were read."""
    return show_change(call, call.workspace.question(without_why(words), call.now()))


def show_change(call: Call, query: MetricQuery) -> int:
    """Show what the change of a query is made of."""
    door, now = call.workspace.door(OPERATOR), call.now()
    dimensions = door.vocabulary().splits_of(query.metric)
    why = explained(lambda queries: door.answers(queries, now), query, dimensions)
    if call.as_json:
        call.show_json(why_json(why, call.language) | {"reading": reading_json(query) | {"intent": "why"}})
        return 0
    from bot.terminal.why import terminal_why

    call.show(terminal_why(why, call.language, colour=call.colour, catalog=door.catalog))
    return 0
