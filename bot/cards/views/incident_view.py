"""The forms of an alert's buttons: what was done about it, a note, how long it rests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.cards import blocks
from bot.cards.views.view import View, choice_field, modal, text_field, words_view
from kpi_core.phrases import say

if TYPE_CHECKING:
    from bot.cards.card import Block

ACTED_FORM, NOTE_FORM, REST_FORM = "kpi_alert_acted_form", "kpi_alert_note_form", "kpi_alert_rest_form"
"""Callback ids of the modals."""
RESTS = (1, 3, 7, 14, 30)
"""Days for which an alert may rest."""
LONGEST = 1_000
"""Characters of what somebody says of an alert; its thread shows them."""


def acted_view(line: str, language: str, about: str) -> View:
    """What was done; it may stay unsaid."""
    words = text_field("words", say(language, "form.what_was_done"), optional=True, long=True, most=LONGEST)
    return _form("acted", ACTED_FORM, line, [words], language, about)


def note_view(line: str, language: str, about: str) -> View:
    """A word for whoever reads the alert's thread."""
    words = text_field("words", say(language, "form.note"), long=True, most=LONGEST)
    return _form("alert_note", NOTE_FORM, line, [words], language, about)


def rest_view(line: str, language: str, about: str) -> View:
    """For how long, and why."""
    choices = {str(days): say(language, "form.days", count=days) for days in RESTS}
    days = choice_field("days", say(language, "form.for_how_long"), choices, str(RESTS[0]))
    words = text_field("words", say(language, "form.why"), optional=True, long=True, most=LONGEST)
    return _form("snooze", REST_FORM, line, [days, words], language, about)


def told_view(language: str) -> View:
    return words_view(say(language, "form.saved"), [say(language, "alert.done")], language)


def _form(name: str, form: str, line: str, fields: list[Block], language: str, about: str) -> View:  # noqa: PLR0913, PLR0917 - the parts of a form
    head = [blocks.section(line)] if line else []
    title, submit = say(language, f"button.{name}"), say(language, "form.save")
    return modal(title, [*head, *fields], language, form=form, submit=submit, about=about)
