"""Questions that waited: through an outage, of Slack or of the bot, events are delayed and delivered afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from bot.cards import blocks
from bot.cards.answer import ASK
from bot.cards.card import Card
from kpi_core.phrases import say

if TYPE_CHECKING:
    from kpi_core.metrics import Language

LATE = timedelta(minutes=5)
"""From here on the answer says when it was asked: whoever asked has gone on meanwhile."""
TOO_LATE = timedelta(days=1)
"""From here on it is not answered: its "yesterday" was another day, and nobody waits any more."""
MOST_BLOCKS = 50
LONGEST_BUTTON = 2000


def age_of(event: Mapping[str, Any], now: datetime) -> timedelta:
    """How long ago an event's message was written; zero where that cannot be told."""
    try:
        written = datetime.fromtimestamp(float(event.get("ts") or ""), UTC)
    except (ValueError, OverflowError, OSError, TypeError):
        return timedelta(0)
    return max(now - written, timedelta(0))


def with_age(card: Card, age: timedelta, language: Language) -> Card:
    """The card, saying when it was asked if that was long ago."""
    if age < LATE:
        return card
    line = age_text(age, language)
    return Card(f"{blocks.escaped(line)}\n{card.text}", [blocks.context([line]), *card.blocks][:MOST_BLOCKS])


def too_old_card(typed: str, age: timedelta, language: Language) -> Card:
    """What is said instead of an answer, with a button that asks it now."""
    line = f"{age_text(age, language)} {say(language, 'slack.too_old')}"
    asks = typed and len(typed) <= LONGEST_BUTTON
    again = [blocks.button(say(language, "slack.ask_again"), ASK, typed)] if asks else []
    return Card(blocks.escaped(line), [blocks.section(line), *blocks.actions(again)])


def age_text(age: timedelta, language: Language) -> str:
    """Such as: Asked 52 minutes ago."""
    minutes = int(age.total_seconds() // 60)
    if minutes < 120:
        return say(language, "slack.asked_minutes", count=minutes)
    if age < 2 * TOO_LATE:
        return say(language, "slack.asked_hours", count=minutes // 60)
    return say(language, "slack.asked_days", count=age.days)
