"""Tables of orders that no layout knows: which of their lines are rightly none, by what the column of states says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from kpi_core.adding.attempt import Attempt
from kpi_core.adding.look import Look
from kpi_core.adding.questions import Choice, Question
from kpi_core.adding.understanding import Understanding, understand
from kpi_core.layouts.words_of_states import TABLES, order_states, says_states
from kpi_core.phrases import Notice, Param

_SHOWN = 8


def state_headers(look: Look) -> tuple[str, ...]:
    """The columns of a table of orders or their lines that may say what became of each."""
    if look.meaning is None or look.table not in TABLES:
        return ()
    taken = set(look.meaning.columns.values())
    return tuple(text for text in look.header if text not in taken and says_states(text))


def with_states(
    look: Look, entry: dict[str, Any], there: Mapping[str, Any], attempt: Attempt
) -> tuple[dict[str, Any], Understanding]:
    """The entry of a table and what it gives, without the lines that are rightly none; `there` are keys of its source.

    A word that nobody knows is asked about: whatever it says, its lines would count.
    """
    headers = state_headers(look)
    result = understand(look, {**there, **entry}, attempt, headers)
    states = [order_states(header, texts) for header, texts in result.texts if texts]
    rules = [*there.get("leave_out", ()), *({state.header: list(state.none)} for state in states if state.none)]
    rules = [rule for number, rule in enumerate(rules) if rule not in rules[:number]]
    if rules != [*there.get("leave_out", ())]:
        entry = {**entry, "leave_out": rules}
        result = understand(look, {**there, **entry}, attempt)
    unknown = next((state for state in states if state.unknown), None)
    if unknown is None or "states" in attempt.answers:
        return entry, result
    params: dict[str, Param] = {
        "column": unknown.header,
        "words": ", ".join(unknown.unknown[:_SHOWN]),
        "count": len(unknown.unknown),
    }
    question = Question("states", Notice("add.ask_states", params), (Choice("yes"), Choice("no")))
    return entry, replace(result, questions=(*result.questions, question))
