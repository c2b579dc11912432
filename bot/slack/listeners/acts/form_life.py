"""A form: opened within 3 seconds of a press, filled when its content is ready, answered once when it is sent."""

from __future__ import annotations

import asyncio
import json
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import field, replace
from typing import TYPE_CHECKING, Any

from bot.cards.blocks import cut, escaped, section
from bot.cards.card import Card
from bot.cards.views.view import View, values_of, waiting_view, words_view
from bot.slack.listeners.acts.home_upkeep import after_an_act
from bot.slack.listeners.acts.pressing import Press, done, place_of, tell
from bot.slack.listeners.readers import Place, own_workspace
from bot.slack.listeners.replying import Inquiry, Reply, unexpected
from bot.slack.listeners.sending import post_reply, send_back
from bot.slack.listeners.teams import not_served
from bot.slack.listeners.underway import answering
from bot.slack.showing import change_view, open_view
from kpi_core.errors import KpiBotError, ServiceError
from kpi_core.frozen_dataclass import frozen
from kpi_core.questions.errors import error_words

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncAck, AsyncBoltContext
    from slack_sdk.web.async_client import AsyncWebClient

    from bot.slack.listeners.teams import Teams
    from kpi_core.metrics import Language

MOST = 2_000
"""Forms whose outcome is remembered."""
LONGEST_WORDS, MISTAKE = 3_000, 250
"""Characters of a message, and of what is wrong with a field: it may repeat what was typed."""
PATIENCE = 2.0
"""Seconds that a submission may take before the form says that it takes a moment; Slack waits for 3."""
log = logging.getLogger("kpi_bot.slack")
Filled = Callable[[Press, dict[str, Any]], Awaitable[View]]


@frozen
class Sent:
    """What somebody sent: field -> what stands in it, and what travelled with the form."""

    typed: Mapping[str, str]
    about: Mapping[str, str]


@frozen
class Outcome:
    """What stands there afterwards; with `errors`, field -> what is wrong, the form again with all that was typed."""

    view: View
    errors: Mapping[str, str] = field(default_factory=dict)


Work = Callable[[Press, Sent], Awaitable[Outcome]]


def opens(teams: Teams, fill: Filled) -> Callable[..., Awaitable[None]]:
    """A listener for bolt that opens a form for a press; what `fill` raises stands in it in words."""

    async def press(
        ack: AsyncAck, body: dict[str, Any], action: dict[str, Any], client: AsyncWebClient, context: AsyncBoltContext
    ) -> None:
        await ack()
        await open_form(teams, client, context, body, lambda made: fill(made, action))

    return press


async def open_form(
    teams: Teams,
    client: AsyncWebClient,
    context: AsyncBoltContext,
    body: dict[str, Any],
    fill: Callable[[Press], Awaitable[View]],
) -> None:
    """Open a form for an acknowledged press."""
    place, team, trigger = place_of(body, context), teams.of(context), str(body.get("trigger_id") or "")
    url, inquiry = str(body.get("response_url") or ""), Inquiry("", place)
    if team is None:
        await send_back(client, url, inquiry, not_served())
        return
    with answering():
        # Nothing may come before it, not even the reader's language; a trigger opens once, so a press counts once.
        waiting = waiting_view(team.replying.services.settings.locale)
        opening = asyncio.ensure_future(open_view(client, trigger, waiting))

        async def form(made: Press) -> Reply | None:
            view_id = await opening
            await change_view(client, view_id, await in_words(made, fill(made)))
            return None

        reply = await done(team, client, place, form)
        if reply is not None:
            await tell(team, client, url, inquiry, reply)


def submits(teams: Teams, work: Work) -> Callable[..., Awaitable[None]]:
    """A listener for bolt that does the work of a submitted form, once, and shows what came of it."""
    doings: OrderedDict[tuple[str, str], asyncio.Future[Outcome]] = OrderedDict()

    def doing(press: Press, sent: Sent, view_id: str) -> asyncio.Future[Outcome]:
        """What the same form sent again finds under way or done; with mistakes in it, it is another."""
        key = press.place.user, view_id
        before = doings.get(key)
        over = before is not None and before.done() and (before.cancelled() or bool(before.result().errors))
        if before is None or over or before.get_loop() is not asyncio.get_running_loop():
            before = doings[key] = asyncio.ensure_future(_outcome(press, work, sent))
            while len(doings) > MOST:
                doings.popitem(last=False)
        return before

    async def submit(
        ack: AsyncAck, body: dict[str, Any], view: dict[str, Any], client: AsyncWebClient, context: AsyncBoltContext
    ) -> None:
        team, about = teams.of(context), about_of(view)
        home = str(body["user"].get("team_id") or "")
        place = Place(body["user"]["id"], about.get("channel", ""), home=home, own=own_workspace(context))
        if team is None:
            await ack(response_action="update", view=words_view("KPI Bot", [not_served().card.text], "en"))
            return
        with answering():
            language = await team.replying.language(client, place)
            press = Press(team, client, place, language)
            outcome = doing(press, Sent(values_of(view), about), str(view.get("id") or ""))
            ready, _waiting = await asyncio.wait({outcome}, timeout=PATIENCE)
            if not ready:
                await ack(response_action="update", view=waiting_view(language))
                await _show(press, str(view["id"]), await outcome)
            elif errors := dict(outcome.result().errors):
                cut_short = {name: cut(line, MISTAKE) for name, line in errors.items()}
                await ack(response_action="errors", errors=cut_short)
            else:
                await ack(response_action="update", view=outcome.result().view)
            await after_an_act(team, client, place)

    return submit


async def _show(press: Press, view_id: str, outcome: Outcome) -> None:
    """What came of it, in the form that waits; where that was closed or Slack fails, to the person alone."""
    try:
        if await change_view(press.client, view_id, outcome.view):
            return
    except ServiceError as error:
        log.warning("A form could not say what came of it: %s", error.message)
    mistakes = [section(line) for line in outcome.errors.values()]
    drawn = mistakes or [block for block in outcome.view["blocks"] if block["type"] == "section"]
    texts = (block["text"] for block in drawn)
    words = (text["text"] if text["type"] == "mrkdwn" else escaped(text["text"]) for text in texts)
    card = Card(cut("\n".join(words), LONGEST_WORDS), drawn)
    place = replace(press.place, channel=press.place.user, direct=True)
    services = press.team.replying.services
    await post_reply(press.client, Inquiry("", place), Reply(card), message_ts="", thread_ts=None, services=services)


async def _outcome(press: Press, work: Work, sent: Sent) -> Outcome:
    try:
        return await work(press, sent)
    except KpiBotError as error:
        await press.team.replying.name_owner(press.client, error)
        return Outcome(_failure(error, press.language))
    except Exception as error:  # noqa: BLE001 - whoever sent it reads what became of it
        return Outcome(_failure(unexpected(error, press.language), press.language))


async def in_words(press: Press, view: Awaitable[View]) -> View:
    """The view, or why there is none."""
    try:
        return await view
    except KpiBotError as error:
        await press.team.replying.name_owner(press.client, error)
        return _failure(error, press.language)
    except Exception as error:  # noqa: BLE001 - an open form must not wait for ever
        return _failure(unexpected(error, press.language), press.language)


def _failure(error: KpiBotError, language: Language) -> View:
    message, hint = error_words(error, language)
    return words_view("KPI Bot", [message, hint], language)


def about(**facts: str) -> str:
    """What travels with a form: where it was opened, what it is about."""
    return json.dumps(facts, ensure_ascii=False)


def about_of(view: Mapping[str, Any]) -> dict[str, str]:
    try:
        facts = json.loads(str(view.get("private_metadata") or "{}"))
    except ValueError:
        return {}
    return {str(name): str(value) for name, value in facts.items()} if isinstance(facts, dict) else {}
