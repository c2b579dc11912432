"""The menu of an answer: explain, compare, share, the exact value; and the view that shares."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any, cast

from bot.cards.onward.buttons import MENU, MORE
from bot.slack.listeners.actions import answer_press, pressed_at
from bot.slack.listeners.menus.sharing import SHARE, message_view, share_view, shared_in
from bot.slack.listeners.readers import Place, own_workspace
from bot.slack.listeners.replying import Inquiry, unexpected
from bot.slack.listeners.underway import answering
from bot.slack.posting import attempt
from kpi_core.errors import KpiBotError, ServiceError
from kpi_core.phrases import say
from kpi_core.questions.errors import error_words

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext
    from slack_sdk.web.async_client import AsyncWebClient

    from bot.slack.listeners.replying import Verb
    from bot.slack.listeners.teams import Team, Teams
    from kpi_core.metrics import Language


ACK_SECONDS = 2.0
"""Slack waits three."""


def register_menus(app: AsyncApp, teams: Teams) -> None:
    async def choose(
        ack: AsyncAck, body: dict[str, Any], action: dict[str, Any], client: AsyncWebClient, context: AsyncBoltContext
    ) -> None:
        await ack()
        value = str((action.get("selected_option") or {}).get("value") or "")
        verb, _, about = value.partition(" ")
        place, team = pressed_at(body, context), teams.of(context)
        if verb == "sheet":
            return
        if verb == "share" and about and team is not None:
            await _open(client, team, place, body, about)
            return
        if verb not in MENU:
            about = ""
        typed = f"explain {about}" if verb == "explain" else about
        wish = cast("Verb", verb) if verb in {"compare", "exact"} else None
        await answer_press(teams, client, context, body, Inquiry(typed, place, pressed=True, verb=wish))

    async def share(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, context: AsyncBoltContext) -> None:
        team, view = teams.of(context), body["view"]
        question, language = _metadata(view)
        if team is None or not await team.seen.first(f"share {view['id']}"):
            await ack()
            return
        home = str(body["user"].get("team_id") or "")
        place = Place(body["user"]["id"], shared_in(view), home=home, own=own_workspace(context))
        with answering():
            sharing = asyncio.create_task(_shared(client, team, place, question, language))
            # An ack leaves a moment after it is given: what is done by then goes with it, so that nothing overtakes it.
            done, _ = await asyncio.wait({sharing}, timeout=ACK_SECONDS)
            text = sharing.result() if done else say(language, "share.busy")
            await ack(response_action="update", view=message_view(text, language))
            if not done:
                await _say_in_view(client, place, str(view["id"]), await sharing, language)

    app.action(MORE)(choose)
    app.view(SHARE)(share)


async def _open(client: AsyncWebClient, team: Team, place: Place, body: dict[str, Any], question: str) -> None:
    language = await team.replying.language(client, place)
    view = share_view(question, language)
    try:
        await attempt(client.views_open(trigger_id=str(body.get("trigger_id") or ""), view=view))
    except ServiceError as error:
        # Slack takes a view for three seconds; what comes later is told, for nothing opens.
        await team.replying.tell(client, place, error, language)


async def _shared(client: AsyncWebClient, team: Team, place: Place, question: str, language: Language) -> str:
    """What is said of it, in mrkdwn."""
    from bot.cards.blocks import escaped

    try:
        await team.replying.shared(client, place, question, language)
    except KpiBotError as error:
        return escaped("\n".join(filter(None, error_words(error, language))), 2900)
    except Exception as error:  # noqa: BLE001 - whoever shares is told, whatever failed
        return escaped(str(unexpected(error, language)))
    return say(language, "share.done", channel=f"<#{place.channel}>")


async def _say_in_view(client: AsyncWebClient, place: Place, view_id: str, text: str, language: Language) -> None:
    """In the view; where that was closed meanwhile, in the person's own conversation."""
    from bot.cards.blocks import marked
    from bot.cards.card import Card
    from bot.slack.posting import post

    try:
        await attempt(client.views_update(view_id=view_id, view=message_view(text, language)))
    except ServiceError:
        await post(client, place.user, Card(text, [marked(text)]))


def _metadata(view: dict[str, Any]) -> tuple[str, Language]:
    try:
        metadata = json.loads(view.get("private_metadata") or "{}")
        return str(metadata["question"]), cast("Language", str(metadata["language"]))
    except (ValueError, KeyError, TypeError):
        return "", "en"
