"""What changed in a period, as a card: a line for each KPI that moved beyond its usual swing, the furthest first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.cards import blocks
from bot.cards.card import Card
from bot.cards.lines import health_lines
from kpi_core.formats.movements import comparison_text
from kpi_core.formats.numbers import worth_text
from kpi_core.formats.periods import period_label
from kpi_core.phrases import say

if TYPE_CHECKING:
    from kpi_core.reasons.movers import Changes, Mover

MOST = 10
"""Lines of KPIs; the others are counted."""


def changes_lines(changes: Changes, language: str) -> list[str]:
    """Title, the KPIs that moved, how many did not; plain text."""
    title = say(language, "changes.title", period=period_label(changes.period, language))
    shown, more = changes.movers[:MOST], len(changes.movers) - MOST
    lines = [title, *(_line(mover, language) for mover in shown)]
    if more > 0:
        lines.append(say(language, "changes.more", count=more))
    rest = changes.compared - len(changes.movers)
    if rest or not shown:
        lines.append(say(language, "changes.rest" if shown else "changes.none", count=rest))
    notes = dict.fromkeys(note for mover in shown for note in mover.answer.health)
    return [*lines, *health_lines(notes, language)]


def changes_card(changes: Changes, language: str) -> Card:
    """The same for Slack."""
    title, *lines = changes_lines(changes, language)
    text = "\n".join([title, *lines])
    return Card(blocks.escaped(text), [blocks.header(title), blocks.section("\n".join(lines))])


def _line(mover: Mover, language: str) -> str:
    answer, metric = mover.answer, mover.answer.metric
    number = worth_text(mover.change.current, metric, answer.currency, language)
    moved = comparison_text(mover.change, metric, language, answer.currency, answer.query.period)
    return f"{metric.name(language)}   {number}   {moved}"
