"""kpi list and kpi explain: what can be asked, and what a number means."""

from __future__ import annotations

from bot.commands.call import Call
from kpi_core.formats.answer_json import kpi_list_json


def run_list(call: Call) -> int:
    """Every KPI by stage of the journey; those without data say what is missing."""
    engine = call.workspace.engine
    missing = engine.unavailable_kpis()
    if call.as_json:
        call.show_json(kpi_list_json(engine.catalog, missing, call.language))
        return 0
    from bot.terminal.card import terminal_list

    call.show(terminal_list(engine.catalog, missing, call.language, colour=call.colour))
    return 0


def run_explain(call: Call) -> int:
    """One KPI in full, found by the words that a question would use."""
    engine, now = call.workspace.engine, call.now()
    answer = engine.answer(call.workspace.question(" ".join(call.options.kpi), now), now)
    if call.as_json:
        from kpi_core.review.definition_json import definition_json

        call.show_json(definition_json(answer.metric, engine, answer.definition))
        return 0
    from bot.terminal.card import terminal_explain

    sql = answer.definition.sql
    call.show(terminal_explain(answer.metric, engine.catalog, call.language, sql=sql, colour=call.colour))
    return 0
