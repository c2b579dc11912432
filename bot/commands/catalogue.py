"""kpi list and kpi explain: what can be asked, and what a number means."""

from __future__ import annotations

from bot.commands.call import Call
from kpi_core.access.operator import OPERATOR
from kpi_core.formats.answer_json import kpi_list_json


def run_list(call: Call) -> int:
    """Every KPI by stage of the journey; those without data say what is missing."""
    door = call.workspace.door(OPERATOR)
    missing = door.unavailable_kpis()
    if call.as_json:
        call.show_json(kpi_list_json(door.catalog, missing, call.language))
        return 0
    from bot.terminal.card import terminal_list

    call.show(terminal_list(door.catalog, missing, call.language, colour=call.colour))
    return 0


def run_explain(call: Call) -> int:
    """One KPI in full, found by the words that a question would use."""
    door, now = call.workspace.door(OPERATOR), call.now()
    answer = door.answer(call.workspace.question(" ".join(call.options.kpi), now), now)
    if call.as_json:
        from kpi_core.review.definition_json import definition_json

        call.show_json(definition_json(answer.metric, door.catalog, answer.definition))
        return 0
    from bot.terminal.card import terminal_explain

    sql = answer.definition.sql
    call.show(terminal_explain(answer.metric, door.catalog, call.language, sql=sql, colour=call.colour))
    return 0
