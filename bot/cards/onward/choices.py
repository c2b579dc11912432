"""Small cards that a menu leads to: what an answer may be held against, and its exact amounts."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.cards import blocks
from bot.cards.card import Card
from bot.cards.lines import formula_in_words, goal_line, title, warnings
from bot.cards.onward.buttons import ASK
from kpi_core.dates.periods import previous, year_ago
from kpi_core.formats.numbers import worth_text
from kpi_core.formats.periods import period_label
from kpi_core.phrases import say
from kpi_core.query import Comparison
from kpi_core.questions.spelled import can_be_asked, question_of

if TYPE_CHECKING:
    from kpi_core.answers import Answer
    from kpi_core.dates.calendars import Calendar
    from kpi_core.metrics import Catalog

TEXT = 3000
_BEFORE = 3


def exact_card(answer: Answer, language: str, catalog: Catalog | None = None) -> Card:
    """The amounts of an answer to the last digit that people count, and what they are made of."""
    metric, currency = answer.metric, answer.currency
    value = worth_text(answer.value, metric, currency, language, "exact")
    head = say(language, "card.text", title=title(answer, language, catalog), value=value)
    lines = [
        say(
            language,
            "card.text",
            title=period_label(change.period, language),
            value=worth_text(change.value, metric, currency, language, "exact"),
        )
        for change in answer.comparisons
        if change.basis != "goal" and change.value is not None
    ]
    lines += [line for line in (formula_in_words(answer, language), *warnings(answer, language)) if line]
    drawn = [blocks.section(head)]
    return Card(blocks.escaped("\n".join([head, *lines]), TEXT), [*drawn, blocks.context(lines)] if lines else drawn)


def compare_card(answer: Answer, language: str, calendar: Calendar, catalog: Catalog | None = None) -> Card:
    """What an answer may be held against: the periods before it, the year ago, its goal. Each is one press away."""
    query = answer.query
    heading = say(language, "compare.title", title=title(answer, language, catalog))
    before = [previous(query.period, calendar)]
    while len(before) < _BEFORE:
        before.append(previous(before[-1], calendar))
    bases = {
        say(language, "compare.against", base=period_label(period, language)): Comparison("period", period)
        for period in (before[0], year_ago(query.period, calendar), *before[1:])
    }
    if goal_line(answer, language):
        bases[say(language, "compare.against_goal")] = Comparison("goal")
    buttons = [
        blocks.button(
            base,
            ASK,
            question_of(replace(query, comparisons=(comparison,)), over=answer.complete),
        )
        for base, comparison in bases.items()
        if can_be_asked(query)
    ]
    text = "\n".join([heading, *(button["text"]["text"] for button in buttons)])
    return Card(blocks.escaped(text, TEXT), [blocks.section(heading), *blocks.actions(buttons)])
