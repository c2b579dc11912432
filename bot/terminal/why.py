"""Why a KPI moved, in the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.cards.reasons.why import why_lines, why_table
from bot.terminal.card import table_lines
from bot.terminal.text import WIDTH, painter, wrapped

if TYPE_CHECKING:
    from kpi_core.metrics import Catalog
    from kpi_core.reasons.why import Why


def terminal_why(
    why: Why, language: str, *, colour: bool = False, width: int = WIDTH, catalog: Catalog | None = None
) -> str:
    """The sentences, then the table; no line longer than `width` columns."""
    lines = [line for text in why_lines(why, language, catalog) for line in wrapped(text, width)]
    if table := why_table(why, language, catalog):
        lines += ["", *table_lines(table, width, painter(colour=colour))]
    return "\n".join(lines)
