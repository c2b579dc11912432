"""The answer card: the number first, then how it moved, then whether that is good."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.cards.card import Card

if TYPE_CHECKING:
    from kpi_core.answers import Answer


def answer_card(answer: Answer, language: str) -> Card:
    """What Slack shows for one answer: head, movement, goal, chart or table, receipt line, at most 5 buttons."""
    return Card(f"{answer.metric.name(language)}: {answer.value}", [])
