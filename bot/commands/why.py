"""kpi why: what a change is made of, exactly."""

from __future__ import annotations

from bot.commands.call import Call
from kpi_core.access.operator import OPERATOR
from kpi_core.formats.why_json import why_json
from kpi_core.questions.asking_why import without_why
from kpi_core.reasons.why import explained


def run_why(call: Call) -> int:
    """Take the change of a question apart: `kpi why "cac last-month"`."""
    door, now = call.workspace.door(OPERATOR), call.now()
    query = call.workspace.question(without_why(" ".join(call.options.question)), now)
    dimensions = door.vocabulary().splits_of(query.metric)
    why = explained(lambda queries: door.answers(queries, now), query, dimensions)
    if call.as_json:
        call.show_json(why_json(why, call.language))
        return 0
    from bot.terminal.why import terminal_why

    call.show(terminal_why(why, call.language, colour=call.colour, catalog=door.catalog))
    return 0
