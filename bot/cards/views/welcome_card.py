"""The first message to whoever has installed the bot: three things to try."""

from __future__ import annotations

from bot.cards import blocks
from bot.cards.answer import ASK
from bot.cards.card import Card
from kpi_core.phrases import say

TRY = ("first", "second", "third")


def welcome_card(language: str) -> Card:
    """What to try, each with a button, and how the others join in."""
    head = say(language, "welcome.head")
    tries = [(say(language, f"welcome.{name}"), say(language, f"welcome.{name}_says")) for name in TRY]
    lines = [f"{question}: {says}" for question, says in tries]
    invite = say(language, "welcome.invite")
    row = [blocks.button(question, ASK, question) for question, _says in tries]
    drawn = [blocks.section("\n".join([head, *lines])), *blocks.actions(row), blocks.context([invite])]
    return Card(blocks.escaped("\n".join([head, *lines, invite])), drawn)
