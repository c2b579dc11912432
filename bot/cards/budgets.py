"""The pacing of budgets as a card: one row a channel, the total last."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.cards import blocks
from bot.cards.card import Card
from bot.cards.table import Cell, Table
from kpi_core.formats.budget_words import pacing_lines, pacing_note, pacing_table, pacing_title

if TYPE_CHECKING:
    from kpi_core.goals.budget_pacing import BudgetPacing


def budgets_card(pacing: BudgetPacing, currency: str, language: str) -> Card:
    """Budget, spend, month-end with its interval, what a day may still bring, and the day a cap is hit."""
    title, note = pacing_title(pacing.month, language), pacing_note(pacing, language)
    header, *rows = pacing_table(pacing, currency, language)
    cells = [tuple(map(Cell, row)) for row in rows]
    table = Table(title, tuple(header), tuple(cells[:-1]), cells[-1], keys=1)
    lines = pacing_lines(pacing, currency, language)
    drawn = [blocks.header(title), blocks.data_table(table)[0], blocks.context([note])]
    return Card(blocks.escaped("\n".join([title, *lines, note])), drawn)
