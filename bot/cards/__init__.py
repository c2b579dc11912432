"""Cards: what a person reads in Slack, as values. Pure: an Answer in, text and blocks out."""

from bot.cards.answer import answer_card
from bot.cards.card import Card, plainer
from bot.cards.catalogue import explain_card, list_card
from bot.cards.words import error_card, help_card

__all__ = ["Card", "answer_card", "error_card", "explain_card", "help_card", "list_card", "plainer"]
