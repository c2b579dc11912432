"""An answer shared with a channel: the form that asks where to, and what comes of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.cards.blocks import marked
from bot.cards.views.view import View, channel_field, modal
from bot.slack.listeners.acts.form_life import Outcome, Sent, about
from kpi_core.errors import QuestionError
from kpi_core.phrases import say

if TYPE_CHECKING:
    from bot.slack.listeners.acts.pressing import Press

SHARE = "kpi_share"
"""The callback id of the form."""


async def share_view(press: Press, question: str) -> View:
    """Where to? The channel that the person has open stands there already."""
    language = press.language
    await press.require_member()
    where = channel_field("channel", say(language, "share.channel"), optional=False, open_one=True)
    title, submit = say(language, "share.title"), say(language, "share.submit")
    return modal(title, [where], language, form=SHARE, submit=submit, about=about(question=question))


async def shared(press: Press, sent: Sent) -> Outcome:
    """Post it there, and say so. KpiBotError where it may not stand there."""
    place, language = replace(press.place, channel=sent.typed.get("channel", "")), press.language
    question = sent.about.get("question", "")
    if not place.channel or not question:
        message, hint = say(language, "slack.stale"), say(language, "slack.stale_hint")
        raise QuestionError(message, code="slack_stale", hint=hint)
    await press.team.replying.shared(press.client, place, question, language)
    view = modal(
        say(language, "share.title"), [marked(say(language, "share.done", channel=f"<#{place.channel}>"))], language
    )
    return Outcome(view)
