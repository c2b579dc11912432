"""Numbers that have moved since they were posted: what a message says of them from then on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.cards import blocks
from bot.cards.card import Card
from bot.cards.lines import filters_of
from kpi_core.formats.movements import restated_text
from kpi_core.formats.numbers import told_apart, worth_text
from kpi_core.formats.periods import date_text, period_label
from kpi_core.phrases import say

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from kpi_core.deliveries.restatements import Restatement

MOST_LINE = 370
"""Signs of a line: the seven of a summary and their head fit into one section."""


def restatement_line(restated: Restatement, language: str) -> str:
    """Such as "CAC · October 2026: $43.0, was $41.3 (rows of meta came or changed since)"."""
    answer = restated.answer
    name = " · ".join(
        [answer.metric.name(language), *filters_of(answer, language), period_label(answer.query.period, language)]
    )
    before, after = _both(restated, language)
    if restated.is_equal:
        return say(language, "restated.same", name=name, before=before)
    return say(
        language, "restated.line", name=name, before=before, after=after, reason=restated_text(restated, language)
    )


def amended_card(original: Card, moved: Sequence[Restatement], day: date, receipt: str, language: str) -> Card:
    """A message as it was first, with what has moved until `day` at its end."""
    head = say(language, "restated.title", day=date_text(day, language, short=True))
    foot = say(language, "card.receipt", receipt=receipt)
    lines = [head, *(restatement_line(restated, language) for restated in moved)]
    block = blocks.marked("\n".join(blocks.escaped(line, MOST_LINE) for line in lines))
    added = blocks.escaped("\n".join([*lines, foot]))
    return Card(f"{original.text}\n{added}", [*original.blocks, block, blocks.context([foot])])


def _both(restated: Restatement, language: str) -> tuple[str, str]:
    """With as many digits as it takes to tell them apart."""
    answer, before, after = restated.answer, restated.posted.value, restated.value
    if before is not None and after is not None and not restated.is_equal:
        told = told_apart(before, after, answer.metric, answer.currency, language)
        return told[0], told[1]
    both = [worth_text(value, answer.metric, answer.currency, language) for value in (before, after)]
    return both[0], both[1]
