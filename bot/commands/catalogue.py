"""kpi list and kpi explain: what can be asked, and what a number means."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.commands.call import Call
from kpi_core.access.operator import OPERATOR
from kpi_core.formats.answer_json import kpi_list_json
from kpi_core.formats.source_facts import source_json

if TYPE_CHECKING:
    from kpi_core.query import MetricQuery


def run_list(call: Call) -> int:
    """Every KPI by stage of the journey; what is missing or incomplete, and the health of the sources."""
    door = call.workspace.door(OPERATOR)
    missing, incomplete, health = door.unavailable_kpis(), door.incomplete_kpis(call.now()), door.health()
    if call.as_json:
        sources = [source_json(source, health, call.language) for source in health.sources]
        kpis = kpi_list_json(door.catalog, missing, call.language, incomplete)
        call.show_json(kpis | {"sources": sources})
        return 0
    from bot.terminal.card import terminal_list

    call.show(terminal_list(door.catalog, missing, call.language, incomplete, health, colour=call.colour))
    return 0


def run_values(call: Call) -> int:
    """The values of a dimension; as JSON, or a line each."""
    return show_values(call, " ".join(call.options.words))


def show_values(call: Call, words: str) -> int:
    """Show the values of the dimensions that the words name."""
    door = call.workspace.door(OPERATOR)
    members = door.members(words, call.now())
    if call.as_json:
        from kpi_core.formats.members_json import members_json

        call.show_json(members_json(members))
        return 0
    from bot.cards.dimension_values import member_lines, members_heading

    lines = [members_heading(members, call.language, door.catalog), *member_lines(members, call.language)]
    # What a source wrote may hold anything that a terminal would act upon.
    call.show("\n".join("".join(sign if sign.isprintable() else " " for sign in line) for line in lines))
    return 0


def run_explain(call: Call) -> int:
    """One KPI in full, found by the words that a question would use."""
    return explain(call, " ".join(call.options.kpi))


def explain(call: Call, words: str) -> int:
    """Show what a KPI means; as JSON with how the words were read."""
    return show_definition(call, call.workspace.question(words, call.now()))


def show_definition(call: Call, query: MetricQuery) -> int:
    """Show what the KPI of a query means."""
    door, now = call.workspace.door(OPERATOR), call.now()
    answer = door.answer(query, now)
    if call.as_json:
        from kpi_core.review.definition_json import definition_json

        reading = {"intent": "explain", "kpi": answer.metric.id}
        call.show_json(definition_json(answer.metric, door.catalog, answer.definition) | {"reading": reading})
        return 0
    from bot.terminal.card import terminal_explain

    sql = answer.definition.sql
    call.show(terminal_explain(answer.metric, door.catalog, call.language, sql=sql, colour=call.colour))
    return 0
