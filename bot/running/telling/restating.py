"""Posts whose numbers have moved since: amended where they stand, with the reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.cards.blocks import is_user_id
from bot.cards.card import Card
from bot.cards.restated import amended_card
from bot.workspace import Workspace
from kpi_core.access.audiences import Audience, Channel
from kpi_core.access.doorway import Door
from kpi_core.answering.layout import models_of
from kpi_core.answers import Answer
from kpi_core.deliveries.messages import Amendment, Message, Posting
from kpi_core.deliveries.planning import first_post
from kpi_core.deliveries.posted import Post, posts_since
from kpi_core.deliveries.posted_number import PostedNumber, posted_number
from kpi_core.deliveries.receipts import receipt_name
from kpi_core.deliveries.restatements import Restatement, moved_too_far, restatement
from kpi_core.errors import KpiBotError

LOOKED_AFTER = timedelta(days=60)
"""Ads are restated for about a month, an invoice comes in the next one; after that a post is history."""
EVERY = "day 08:00"


def amendments(workspace: Workspace, now: datetime) -> list[Message]:
    """What the posts of the last 60 days must say from now on, those of which a number has moved past its tolerance."""
    posts = posts_since(workspace.store, now - LOOKED_AFTER)
    return [message for post in posts if (message := _amendment(workspace, post, now)) is not None]


def replayed(
    workspace: Workspace, audience: Audience, numbers: Sequence[PostedNumber], at: datetime
) -> list[Restatement | None]:
    """Each number as it is answered today by the clock of `at`; None where its KPI is gone, or is not theirs to see."""
    door = workspace.door(audience)
    askable = [number for number in numbers if number.query.metric in door.catalog.metrics]
    answers = dict(zip(map(id, askable), _answers(door, askable, at), strict=True))
    return [_restatement(door, number, answers.get(id(number)), at) for number in numbers]


def _answers(door: Door, numbers: Sequence[PostedNumber], at: datetime) -> list[Answer | None]:
    """All at once, which is far less work; one by one only where one of them cannot be asked any more."""
    # Of an answer only its number counts: nothing beside it is worked out.
    queries = [replace(number.query, comparisons=(), trended=False, judged=False) for number in numbers]
    try:
        return list(door.answers(queries, at))
    except KpiBotError:
        # A dimension or a model of it is gone: there is nothing to hold it against.
        return [None] if len(queries) == 1 else [_answers(door, [number], at)[0] for number in numbers]


def _restatement(door: Door, number: PostedNumber, answer: Answer | None, at: datetime) -> Restatement | None:
    if answer is None:
        return None
    answer = replace(answer, query=number.query)
    tables = [
        table
        for model in models_of(answer.metric, door.definitions)
        for table in (model, *door.definitions.models[model].reads)
    ]
    return restatement(number, answer, tables, door.health(), at)


def _amendment(workspace: Workspace, post: Post, now: datetime) -> Message | None:
    # What one person read beforehand is no message to look after, and Slack changes none by a member's id.
    if is_user_id(post.channel):
        return None
    first = first_post(workspace.store, post.channel, post.ts)
    if first is None or not isinstance(first.message, Posting):
        return None
    # Held against what it said first, so that a message names each number of its own at most once.
    original = first.message.numbers
    today = replayed(workspace, Channel(post.channel), original, first.planned_at)
    shown = [_shown_from_now_on(*each) for each in zip(post.numbers, today, strict=False)]
    if len(shown) != len(original) or tuple(shown) == post.numbers:
        return None
    moved = [
        each
        for each, number, before in zip(today, shown, original, strict=True)
        if each is not None and moved_too_far(before.value, number.value)
    ]
    language, day = workspace.settings.locale, workspace.door(Channel(post.channel)).today(now)
    card = Card(first.message.text, [dict(block) for block in first.message.blocks])
    if moved:
        card = amended_card(card, moved, day, receipt_name(shown), language)
    return Amendment(post.channel, post.ts, card.text, tuple(card.blocks), tuple(shown))


def _shown_from_now_on(shown: PostedNumber, today: Restatement | None) -> PostedNumber:
    if today is None or not moved_too_far(shown.value, today.value):
        return shown
    return posted_number(today.answer)
