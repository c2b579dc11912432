"""Cards: what a person reads in Slack, as values. Pure: an Answer in, text and blocks out.

Buttons carry the action id `kpi_ask` (value: a whole question) or `kpi_explain` (value: a metric id). Slack wants ids to be
unique in a row, so the second is `kpi_ask.2` and so on: listen with ACTION_ASK and ACTION_EXPLAIN.
"""

import re

from bot.cards.answer import ASK, EXPLAIN, answer_card
from bot.cards.card import Card, plainer
from bot.cards.catalogue import explain_card, list_card
from bot.cards.words import error_card, help_card

ACTION_ASK = re.compile(rf"{ASK}(\.\d+)?")
ACTION_EXPLAIN = re.compile(rf"{EXPLAIN}(\.\d+)?")

__all__ = [
    "ACTION_ASK",
    "ACTION_EXPLAIN",
    "Card",
    "answer_card",
    "error_card",
    "explain_card",
    "help_card",
    "list_card",
    "plainer",
]
