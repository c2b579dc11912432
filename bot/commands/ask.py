"""kpi ask: a question in words, the answer as a card in the terminal, as JSON or as a file."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import replace
from typing import TYPE_CHECKING

from bot.commands.call import Call
from kpi_core.access.operator import OPERATOR
from kpi_core.formats.answer_json import answer_json

if TYPE_CHECKING:
    from kpi_core.query import MetricQuery
    from kpi_core.questions.intents import Spoken

STDOUT = "-"
"""Where --csv writes to without a file."""


def run_ask(call: Call) -> int:
    """Answer one question: with a number, with what a change is made of, with what a KPI means, or with all of them."""
    words, csv_file = _question(call.options)
    if csv_file or call.options.xlsx:
        # What writes files is no part of the way to a card.
        from bot.commands.reports.answer_files import ask_into_file

        return ask_into_file(call, words, None if csv_file == STDOUT else csv_file)
    if call.options.after:
        asked, query = call.workspace.following(call.options.after, words, call.now())
        return _show(call, asked, query)
    heard = call.workspace.spoken(words, call.now())
    if heard.intent in {"list", "goals", "budgets", "changes", "values"}:
        return _overall(call, heard)
    return _show(call, heard.intent, call.workspace.question(heard.words, call.now()))


def _show(call: Call, asked: str, query: MetricQuery) -> int:
    if asked == "why":
        from bot.commands.why import show_change

        return show_change(call, query)
    if asked == "normal":
        from bot.commands.normal import show_band

        return show_band(call, query)
    if asked == "truths":
        from bot.commands.reports.truth_report import show_truths

        return show_truths(call, query)
    if asked == "explain":
        from bot.commands.catalogue import show_definition

        return show_definition(call, query)
    door, now = call.workspace.door(OPERATOR), call.now()
    answer = door.answer(replace(query, whole=call.options.all), now)
    if call.as_json:
        call.show_json(answer_json(answer, call.language))
        return 0
    from bot.terminal.card import terminal_card

    call.show(terminal_card(answer, call.language, colour=call.colour, catalog=door.catalog))
    return 0


def _overall(call: Call, heard: Spoken) -> int:
    """All KPIs, all goals, the budgets, the values of a dimension, or the KPIs that moved."""
    if heard.intent == "list":
        from bot.commands.catalogue import run_list

        return run_list(call)
    if heard.intent == "goals":
        from bot.commands.goals import list_goals

        return list_goals(call)
    if heard.intent == "budgets":
        from bot.commands.reports.budget_table import show_budgets

        return show_budgets(call)
    if heard.intent == "values":
        from bot.commands.catalogue import show_values

        return show_values(call, heard.words)
    assert heard.period is not None
    from bot.commands.movers import show_changes

    return show_changes(call, heard.words, heard.period)


def _question(options: Namespace) -> tuple[str, str | None]:
    """The words, and where CSV goes: what follows --csv and is no name of a file is the question's first word."""
    words, csv_file = list(options.question), options.csv
    if csv_file is None or csv_file == STDOUT or csv_file.casefold().endswith(".csv"):
        return " ".join(words), csv_file
    return " ".join([csv_file, *words]), STDOUT
