"""What tests of forms share: a button somewhere, the form it opens, what people fill in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bot.cards import blocks
from bot.sandbox.slack import LocalSlack
from bot.sandbox.slack.envelopes.delivery import Ack
from bot.sandbox.slack.slack_workspace import BOT_USER, Message

Json = dict[str, Any]


def button_in(slack: LocalSlack, channel: str, action: str, value: str) -> Message:
    """A message of the bot with one button."""
    card = blocks.actions([blocks.button("Press", action, value)])
    return slack.workspace.add(Message(slack.workspace.new_ts(), channel, BOT_USER, "A card", card))


async def opened(slack: LocalSlack, user: str, channel: str, action: str, value: str) -> Json:
    """The modal before somebody who pressed such a button, once it is filled."""
    message = button_in(slack, slack.acting._channel(user, channel).id, action, value)
    before = len(slack.workspace.opened.get(f"U0{user.upper()}") or [])
    await slack.acting.press(user, channel, message.ts, action)
    return await filled(slack, user, before)


async def filled(slack: LocalSlack, user: str, before: int = 0) -> Json:
    """The topmost modal before somebody, once there are more than `before` and it says more than to wait a moment."""
    workspace = slack.workspace
    waiting = {"One moment …", "잠시만요 …", "請稍候 …"}

    def look() -> Json | None:
        stack = workspace.opened.get(f"U0{user.upper()}") or []
        view = workspace.views[stack[-1]] if len(stack) > before else None
        return None if view is None or waiting & set(texts(view)) else view

    return await slack.until(look)


async def sent(slack: LocalSlack, user: str, view: Json, **typed: str | None) -> Ack:
    """Submit a modal with what stands in it, and what was typed instead."""
    values = {name: {"field": element} for name, element in fields(view).items()}
    for name, text in typed.items():
        values[name]["field"] = _entered(values[name]["field"], text)
    return await slack.acting.submit(user, view["id"], values)


def fields(view: Json) -> Json:
    """Field -> its element as a submission carries it, with what it began with."""
    return {each["block_id"]: _begun(each["element"]) for each in view["blocks"] if each["type"] == "input"}


def _begun(element: Json) -> Json:
    kind = element["type"]
    if kind == "plain_text_input":
        return {"type": kind, "value": element.get("initial_value")}
    if kind == "users_select":
        return {"type": kind, "selected_user": element.get("initial_user")}
    if kind == "conversations_select":
        return {"type": kind, "selected_conversation": element.get("initial_conversation")}
    return {"type": kind, "selected_option": element.get("initial_option"), "options": element["options"]}


def _entered(element: Json, text: str | None) -> Json:
    if "value" in element:
        return element | {"value": text}
    if "options" in element:
        chosen = next((option for option in element["options"] if option["value"] == text), None)
        return element | {"selected_option": chosen}
    return element | {next(key for key in element if key.startswith("selected_")): text}


def begun_with(view: Json) -> dict[str, str | None]:
    """Field -> what stands in it before anybody types."""
    return {name: _text(element) for name, element in fields(view).items()}


def _text(element: Json) -> str | None:
    chosen = (element.get("selected_option") or {}).get("value")
    return chosen or element.get("value") or element.get("selected_user") or element.get("selected_conversation")


def texts(node: Any) -> Iterator[str]:
    """Every text that a view or a message shows."""
    if isinstance(node, dict):
        if isinstance(node.get("text"), str):
            yield node["text"]
        for value in node.values():
            yield from texts(value)
    elif isinstance(node, list):
        for each in node:
            yield from texts(each)
