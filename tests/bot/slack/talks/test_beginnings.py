"""Where a thread begins: what a message of the bot's own is about, read from its buttons."""

from __future__ import annotations

import pytest
from answer_examples import CAC_BY_CHANNEL, CAC_OCTOBER, CATALOG, SUMMARY

from bot.cards.answer import answer_card
from bot.cards.blocks import actions, button
from bot.cards.card import Card
from bot.cards.summary import summary_card
from bot.cards.word_cards import help_card
from bot.slack.listeners.talks.beginnings import words_of

ALERT_BUTTON = button("Seen", "kpi_alert_seen", "3f")


@pytest.mark.parametrize(
    ("card", "words"),
    [
        (answer_card(CAC_OCTOBER, "ko", CATALOG), "cac 2026-10"),
        (answer_card(CAC_BY_CHANNEL, "en", CATALOG), "cac 2026-10 by channel"),
        (summary_card(SUMMARY, "en"), "cac 2026-10"),
        (Card("alert", actions([ALERT_BUTTON, button("Why?", "kpi_ask", "why cac 2026-11-19")])), "cac 2026-11-19"),
        (Card("nothing", []), ""),
        (Card("goals", actions([button("All", "kpi_ask", "list")])), ""),
    ],
)  # fmt: skip
def test_a_message_says_what_it_is_about(card: Card, words: str) -> None:
    """An answer its own question, a summary the KPI that needs eyes with its days, an alert what it asks why of."""
    assert words_of(card.blocks) == words


def test_help_is_about_an_example() -> None:
    """Below the help words go on from its first example."""
    assert words_of(help_card("en").blocks) == "cac last-month"
