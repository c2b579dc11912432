"""Cards made of words: how to ask, and what went wrong with the next step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.cards.card import Card

if TYPE_CHECKING:
    from kpi_core.errors import KpiBotError


def help_card(language: str) -> Card:
    """How to ask, by example."""
    return Card(f"kpi {language}", [])


def error_card(error: KpiBotError, language: str) -> Card:
    """What happened and the next step, with a button for every suggested question."""
    return Card(f"{error.message} {error.hint} {language}", [])
