"""kpi ask: a question in words, the answer as a card in the terminal, as JSON or as a file."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import replace

from bot.commands.call import Call
from kpi_core.access.operator import OPERATOR
from kpi_core.formats.answer_json import answer_json
from kpi_core.questions.intents.asking_why import asks_why, without_why
from kpi_core.questions.intents.definition_words import kpi_to_explain

STDOUT = "-"
"""Where --csv writes to without a file."""


def run_ask(call: Call) -> int:
    """Answer one question: with a number, with what a change is made of, or with what a KPI means."""
    words, csv_file = _question(call.options)
    if csv_file or call.options.xlsx:
        # What writes files is no part of the way to a card.
        from bot.commands.reports.answer_files import ask_into_file

        return ask_into_file(call, words, None if csv_file == STDOUT else csv_file)
    if asks_why(words) and without_why(words):
        from bot.commands.why import explain_change

        return explain_change(call, words)
    if kpi := kpi_to_explain(words):
        from bot.commands.catalogue import explain

        return explain(call, kpi)
    door, now = call.workspace.door(OPERATOR), call.now()
    answer = door.answer(replace(call.workspace.question(words, now), whole=call.options.all), now)
    if call.as_json:
        call.show_json(answer_json(answer, call.language))
        return 0
    from bot.terminal.card import terminal_card

    call.show(terminal_card(answer, call.language, colour=call.colour, catalog=door.catalog))
    return 0


def _question(options: Namespace) -> tuple[str, str | None]:
    """The words, and where CSV goes: what follows --csv and is no name of a file is the question's first word."""
    words, csv_file = list(options.question), options.csv
    if csv_file is None or csv_file == STDOUT or csv_file.casefold().endswith(".csv"):
        return " ".join(words), csv_file
    return " ".join([csv_file, *words]), STDOUT
