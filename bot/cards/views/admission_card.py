"""Whether strangers may read along in a channel: what a member is offered, and what the channel is told."""

from __future__ import annotations

from dataclasses import replace

from bot.cards import blocks
from bot.cards.card import Card
from kpi_core.phrases import say

ADMIT, DISMISS = "kpi_admit", "kpi_dismiss"
"""Action ids of the buttons; where they are pressed says the channel."""


def with_admission(card: Card, language: str) -> Card:
    """An answer for one alone, with why it is and the way to change that."""
    why = say(language, "admission.alone")
    offer = blocks.actions([blocks.button(say(language, "admission.admit"), ADMIT, "-")])
    text = f"{card.text}\n{blocks.escaped(why)}"
    return replace(card, text=text, blocks=[*card.blocks, blocks.context([why]), *offer])


def admitted_card(user: str, language: str) -> Card:
    """Said in the channel, with the way back."""
    words = say(language, "admission.admitted", user=blocks.mention(user))
    back = blocks.actions([blocks.button(say(language, "admission.dismiss"), DISMISS, "-")])
    return Card(words, [blocks.marked(words), *back])


def dismissed_card(user: str, language: str) -> Card:
    words = say(language, "admission.dismissed", user=blocks.mention(user))
    return Card(words, [blocks.marked(words)])
