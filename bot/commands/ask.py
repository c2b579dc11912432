"""kpi ask: a question in words, the answer as a card in the terminal or as JSON."""

from __future__ import annotations

from dataclasses import replace

from bot.commands.call import Call
from kpi_core.access.operator import OPERATOR
from kpi_core.formats.answer_json import answer_json


def run_ask(call: Call) -> int:
    """Answer one question."""
    door, now = call.workspace.door(OPERATOR), call.now()
    query = call.workspace.question(" ".join(call.options.question), now)
    answer = door.answer(replace(query, whole=call.options.all), now)
    if call.as_json:
        call.show_json(answer_json(answer, call.language))
        return 0
    from bot.terminal.card import terminal_card

    card = terminal_card(answer, call.language, colour=call.colour, catalog=door.catalog)
    call.show(card)
    return 0
