"""Modals and Homes of the local Slack, with a real bolt app behind them: opened, filled in, pushed, refused, closed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.slack import LocalSlack, start_slack

Json = dict[str, Any]


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def view(title: str, **more: Any) -> Json:
    """A modal with a number to fill in and a button beside it."""
    field = {"type": "number_input", "action_id": "value", "is_decimal_allowed": True}
    help_button = {"type": "button", "action_id": "help", "text": plain("Help"), "value": title}
    day = {"type": "datepicker", "action_id": "day"}
    return {
        "type": "modal", "callback_id": "goal", "title": plain(title), "submit": plain("Save"),
        "blocks": [
            {"type": "input", "block_id": "target", "label": plain("Target"), "element": field},
            {"type": "actions", "block_id": "more", "elements": [help_button, day]},
        ],
        **more,
    }  # fmt: skip


def listeners(app: AsyncApp, heard: list[Json]) -> None:
    """An app that opens a modal on /kpi and answers a submission by the number that was entered."""

    async def opening(ack: Any, body: Json, client: AsyncWebClient) -> None:
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=view("Goal", notify_on_close=True))

    async def submitted(ack: Any, body: Json) -> None:
        heard.append(body)
        entered = body["view"]["state"]["values"]["target"]["value"]["value"]
        answers: dict[str, Json] = {
            "0": {"response_action": "errors", "errors": {"target": "must not be 0"}},
            "1": {"response_action": "update", "view": view("Updated")},
            "2": {"response_action": "push", "view": view("Pushed")},
            "3": {"response_action": "clear"},
        }
        await ack(**answers.get(entered, {}))

    async def told(ack: Any, body: Json) -> None:
        await ack()
        heard.append(body)

    app.command("/kpi")(opening)
    app.view("goal")(submitted)
    app.view_closed("goal")(told)
    app.action("help")(told)
    app.action("day")(told)
    app.event("app_home_opened")(told)


def with_app(test: Callable[[LocalSlack, list[Json]], Awaitable[None]]) -> None:
    async def whole() -> None:
        async with start_slack() as slack:
            heard: list[Json] = []
            client = AsyncWebClient(slack.workspace.bot_token, slack.environment["SLACK_API_URL"])
            app = AsyncApp(client=client, signing_secret=slack.workspace.signing_secret)
            listeners(app, heard)
            handler = AsyncSocketModeHandler(app, slack.workspace.app_token)
            await handler.connect_async()  # type: ignore[no-untyped-call]
            try:
                await slack.delivery.connected()
                await asyncio.wait_for(test(slack, heard), 120)
            finally:
                await handler.close_async()  # type: ignore[no-untyped-call]

    asyncio.run(whole())


async def opened(slack: LocalSlack) -> str:
    """The id of the modal that /kpi opens for Mina."""
    await slack.acting.command("mina", "marketing", "/kpi")
    stack = await slack.until(lambda: slack.workspace.opened.get("U0MINA"))
    return stack[-1]


def titles(slack: LocalSlack) -> list[str]:
    """The modals before Mina, the topmost last."""
    return [slack.workspace.views[each]["title"]["text"] for each in slack.workspace.opened["U0MINA"]]


def entered(number: str) -> Json:
    return {"target": {"value": {"type": "number_input", "value": number}}}


@pytest.mark.parametrize(
    ("number", "left"), [("0", ["Goal"]), ("1", ["Updated"]), ("2", ["Goal", "Pushed"]), ("3", []), ("40", [])]
)
def test_what_the_app_answers_decides_what_stays_open(number: str, left: list[str]) -> None:
    """Errors leave the modal, an update replaces it, a push lies on it, a clear and a plain ack close."""

    async def whole(slack: LocalSlack, heard: list[Json]) -> None:
        ack = await slack.acting.submit("mina", await opened(slack), entered(number))
        assert ack.acked
        assert titles(slack) == left
        assert heard[0]["user"]["id"] == "U0MINA"

    with_app(whole)


def test_only_who_asked_sees_the_modal() -> None:
    """A modal opens before the person whose act gave the trigger."""

    async def whole(slack: LocalSlack, heard: list[Json]) -> None:
        await opened(slack)
        assert list(slack.workspace.opened) == ["U0MINA"]

    with_app(whole)


def test_a_closed_modal_is_told_where_it_was_asked_for() -> None:
    """Closing without submitting reaches the app that asked for it with notify_on_close."""

    async def whole(slack: LocalSlack, heard: list[Json]) -> None:
        assert (await slack.acting.close("mina", await opened(slack))).acked
        assert titles(slack) == []
        assert heard[0]["type"] == "view_closed"

    with_app(whole)


def test_buttons_and_pickers_in_a_modal_carry_what_was_chosen() -> None:
    """A press in a view tells the view, what is filled in, and what was pressed or picked."""

    async def whole(slack: LocalSlack, heard: list[Json]) -> None:
        modal = await opened(slack)
        assert (await slack.acting.press_in_view("mina", modal, "help", None, entered("5"))).acked
        assert (await slack.acting.press_in_view("mina", modal, "day", "2026-12-31")).acked
        pressed, picked = heard
        assert pressed["container"] == {"type": "view", "view_id": modal}
        assert pressed["view"]["state"]["values"] == entered("5")
        assert pressed["actions"][0]["value"] == "Goal"
        assert picked["actions"][0]["selected_date"] == "2026-12-31"

    with_app(whole)


def test_an_opened_home_is_told() -> None:
    """Opening the Home tab reaches the app with the person and their conversation."""

    async def whole(slack: LocalSlack, heard: list[Json]) -> None:
        assert (await slack.acting.open_home("wei")).acked
        event = heard[0]["event"]
        assert (event["type"], event["user"], event["tab"]) == ("app_home_opened", "U0WEI", "home")
        assert event["channel"] == slack.workspace.direct("U0WEI").id

    with_app(whole)


def test_every_delivery_is_kept_to_be_looked_at() -> None:
    """What was delivered is logged with how the app took it."""

    async def whole(slack: LocalSlack, heard: list[Json]) -> None:
        await opened(slack)
        assert [each["kind"] for each in slack.delivery.log] == ["slash_commands"]
        assert slack.delivery.log[0]["acked"]

    with_app(whole)
