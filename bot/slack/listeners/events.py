"""Mentions in channels, and messages in the conversation with the bot."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from bot.slack.listeners.installed.leaving import LEAVING
from bot.slack.listeners.places.agent_prompts import CONTEXT
from bot.slack.listeners.readers import Place, own_workspace
from bot.slack.listeners.replying import Inquiry, Reply
from bot.slack.listeners.request import plain_words
from bot.slack.listeners.sending import ask_again, post_reply
from bot.slack.listeners.talks.writers import is_of_app, is_of_person
from bot.slack.listeners.underway import answering
from bot.slack.transport.asked_long_ago import TOO_LATE, age_of, too_old_card, with_age

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncApp, AsyncBoltContext
    from slack_sdk.web.async_client import AsyncWebClient

    from bot.slack.listeners.teams import Team, Teams

EVENTS = ("app_mention", "message.im", "app_home_opened", CONTEXT, *LEAVING)
"""As the manifest names them."""


def register_events(app: AsyncApp, teams: Teams) -> None:
    async def mentioned(
        event: dict[str, Any], body: dict[str, Any], client: AsyncWebClient, context: AsyncBoltContext
    ) -> None:
        # From the ack on: a process that is asked to stop waits for what it has taken.
        with answering():
            await _answer(teams, client, event, body, context, direct=False)

    async def written(
        event: dict[str, Any], body: dict[str, Any], client: AsyncWebClient, context: AsyncBoltContext
    ) -> None:
        if event.get("channel_type") == "im":
            with answering():
                await _answer(teams, client, event, body, context, direct=True)

    app.event("app_mention")(mentioned)
    app.event("message")(written)


def _keys(event: dict[str, Any], body: dict[str, Any]) -> tuple[str, str]:
    """By which a message is known: the event's id, and the message itself, which may come as two events.

    One that was edited is another message.
    """
    edited = str((event.get("edited") or {}).get("ts") or "")
    return str(body.get("event_id") or ""), f"{event.get('channel')}:{event.get('ts')}{edited and f':{edited}'}"


def _place(
    event: dict[str, Any], body: dict[str, Any], context: AsyncBoltContext, *, direct: bool, agent: bool
) -> Place:
    home = event.get("user_team") or event.get("team") or ""
    shared = bool(body.get("is_ext_shared_channel"))
    thread, ts = str(event.get("thread_ts") or ""), str(event["ts"])
    begins = not thread and (agent or not direct)
    return Place(
        str(event.get("user") or ""), event["channel"], direct=direct, home=home, shared=shared,
        own=own_workspace(context),
        thread=ts if begins else thread, begins=begins, ts=ts, bot=context.bot_user_id or "",
    )  # fmt: skip


async def _answer(  # noqa: PLR0913  (what bolt gives of an event)
    teams: Teams,
    client: AsyncWebClient,
    event: dict[str, Any],
    body: dict[str, Any],
    context: AsyncBoltContext,
    *,
    direct: bool,
) -> None:
    """Answer what a person wrote, once. In a team that is not served here nothing can be posted."""
    team = teams.of(context)
    heard = _heard(team, event, context.bot_user_id or "") if team else None
    if team is None or heard is None:
        return
    event, keys = heard, _keys(heard, body)
    if not await team.seen.first(*keys):
        return
    place = _place(event, body, context, direct=direct, agent=team.agent.on)
    files = event.get("files") if direct else None
    words = plain_words(event.get("text") or "", context.bot_user_id or "")
    inquiry = Inquiry(words, place, under=str(event.get("thread_ts") or ""))
    with answering():
        where = {"message_ts": event["ts"], "thread_ts": event.get("thread_ts")}
        if files:
            async for card in team.receiving.cards(client, place, files):
                await post_reply(client, inquiry, Reply(card), services=team.replying.services, **where)
        else:
            reply = await _reply(team, client, inquiry, event)
            if direct and reply.aside:
                team.unanswered.add(event, team.replying.services.clock())
            # To an app nothing can be said alone.
            if not await team.seen.sends(*keys):
                await ask_again(client, inquiry, reply, team.replying.services)
            elif not (event.get("bot_id") and reply.private):
                await post_reply(client, inquiry, reply, services=team.replying.services, **where)
    await team.seen.answered(*keys)


def _heard(team: Team, event: dict[str, Any], own: str) -> dict[str, Any] | None:
    """The message to answer: as it came, or as an edit left it; None of what is not for the bot."""
    services = team.replying.services
    if is_of_person(event) or is_of_app(event, services.settings.apps, own):
        return event
    return team.unanswered.mended(event, services.clock())


async def _reply(team: Team, client: AsyncWebClient, inquiry: Inquiry, event: dict[str, Any]) -> Reply:
    """The answer; to a question that waited, with its age, or in its place that it be asked again."""
    slack_now = team.replying.services.slack_now
    age = age_of(event, slack_now()) if slack_now else timedelta(0)
    if age >= TOO_LATE:
        language = await team.replying.language(client, inquiry.place)
        return Reply(too_old_card(inquiry.typed, age, language), language=language)
    reply = await team.replying.reply(client, inquiry)
    return replace(reply, card=with_age(reply.card, age, reply.language))
