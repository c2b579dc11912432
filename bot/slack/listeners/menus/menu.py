"""The menu of an answer: explain, compare, share, the exact value; and the form that shares."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from bot.cards.onward.buttons import MENU, MORE
from bot.slack.listeners.actions import answer_press, pressed_at
from bot.slack.listeners.acts.form_life import open_form, submits
from bot.slack.listeners.acts.pressing import presses
from bot.slack.listeners.acts.task_button import make_task
from bot.slack.listeners.menus.sharing import SHARE, share_view, shared
from bot.slack.listeners.replying import Inquiry

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext
    from slack_sdk.web.async_client import AsyncWebClient

    from bot.slack.listeners.replying import Verb
    from bot.slack.listeners.teams import Teams


def register_menus(app: AsyncApp, teams: Teams) -> None:
    making = presses(teams, make_task)

    async def choose(
        ack: AsyncAck, body: dict[str, Any], action: dict[str, Any], client: AsyncWebClient, context: AsyncBoltContext
    ) -> None:
        value = str((action.get("selected_option") or {}).get("value") or "")
        verb, _, about = value.partition(" ")
        if verb == "task":
            await making(ack, body, {"value": about}, client, context)
            return
        await ack()
        if verb == "sheet":
            return
        if verb == "share" and about:
            await open_form(teams, client, context, body, lambda press: share_view(press, about))
            return
        if verb not in MENU:
            about = ""
        typed = f"explain {about}" if verb == "explain" else about
        wish = cast("Verb", verb) if verb in {"compare", "exact"} else None
        place = pressed_at(body, context)
        await answer_press(teams, client, context, body, Inquiry(typed, place, pressed=True, verb=wish))

    app.action(MORE)(choose)
    app.view(SHARE)(submits(teams, shared))
