"""Acting as a person of the workspace: typing a command, pressing a button, submitting a view, writing a message."""

from __future__ import annotations

from collections.abc import Sequence

from bot.sandbox.slack.envelopes import payloads
from bot.sandbox.slack.envelopes.delivery import Ack
from bot.sandbox.slack.slack_workspace import BOT_USER, Channel, Json, Message, User
from bot.sandbox.slack.web_api.backend import Backend
from bot.sandbox.slack.web_api.methods import new_view, refuse_blocks
from bot.sandbox.slack.web_api.responses import show_response

INTERACTIVE = ("accessory", "element")
PICKED = {
    "datepicker": "selected_date",
    "timepicker": "selected_time",
    "users_select": "selected_user",
    "channels_select": "selected_channel",
    "conversations_select": "selected_conversation",
}
"""Where the payload carries what was picked."""


class Acting:
    """What people can do. KeyError with a sentence where there is no such person, channel, message or button."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._workspace = backend.workspace
        self._delivery = backend.delivery

    async def command(self, user: str, channel: str, command: str, text: str = "") -> Ack:
        """Type a slash command; what the ack carries is shown to the typist."""
        who, where = self._user(user), self._channel(user, channel)
        url = self._response_url(where.id, who.id)
        payload = payloads.command(self._workspace, who, where, command, text, url)
        ack = await self._delivery.deliver("slash_commands", payload)
        if ack.body and (ack.body.get("text") or ack.body.get("blocks")):
            show_response(self._workspace, where.id, who.id, ack.body)
        return ack

    async def press(self, user: str, channel: str, ts: str, action_id: str, value: str | None = None) -> Ack:
        """Press a button, or choose an option, of the message `ts`; `value` tells apart what shares an action_id."""
        who, where = self._user(user), self._channel(user, channel)
        message = self._workspace.find(where.id, ts)
        if message is None or (message.to and message.to != who.id):
            raise KeyError(f"{user} sees no message {ts} in {channel}")
        chosen = _chosen(elements_of(message), action_id, value)
        url = self._response_url(where.id, who.id, ts)
        return await self._delivery.deliver("interactive", payloads.action(self._workspace, who, message, chosen, url))

    async def suggest(self, user: str, channel: str, ts: str, action_id: str, typed: str) -> Ack:
        """Type into a field of the message `ts` whose options the app tells; they stand in the ack."""
        who, where = self._user(user), self._channel(user, channel)
        message = self._workspace.find(where.id, ts)
        fields = [field for field in elements_of(message) if field["action_id"] == action_id] if message else []
        if message is None or not fields:
            raise KeyError(f"{user} sees no field {action_id} in {channel}")
        return await self._delivery.deliver("interactive", payloads.suggestion(who, message, fields[0], typed))

    async def submit(self, user: str, view_id: str, values: Json) -> Ack:
        """Submit a view; the app may answer with another view."""
        view = self._view(view_id)
        ack = await self._delivery.deliver("interactive", payloads.view_submission(self._user(user), view, values))
        if ack.acked:
            self._after_submission(self._user(user), view, ack.body or {})
        return ack

    def _after_submission(self, who: User, view: Json, answer: Json) -> None:
        """A submitted view closes, unless the app shows another in its place or says what is wrong with it."""
        action = answer.get("response_action")
        stack = self._workspace.opened.setdefault(who.id, [])
        if action == "clear":
            stack.clear()
        elif action not in {"errors", "push"} and view["id"] in stack:
            stack.remove(view["id"])
        # An update takes the place of the submitted view and its id, a push lies on top of it.
        if action in {"update", "push"}:
            refuse_blocks(self._workspace, answer["view"].get("blocks"), "modal")
            made = new_view(self._workspace, answer["view"], view["root_view_id"])
            if action == "update":
                del self._workspace.views[made["id"]]
                made = self._workspace.views[view["id"]] = {**made, "id": view["id"]}
            stack.append(made["id"])
        self._workspace.changed()

    async def close(self, user: str, view_id: str) -> Ack:
        """Close a modal without submitting it; the app hears of it where the view asked for that."""
        who, view = self._user(user), self._view(view_id)
        stack = self._workspace.opened.get(who.id, [])
        if view_id in stack:
            stack.remove(view_id)
        self._workspace.changed()
        if not view.get("notify_on_close"):
            return Ack(acked=False, seconds=0.0, reason="not_for_the_bot")
        return await self._delivery.deliver("interactive", payloads.view_closed(who, view))

    async def press_in_view(
        self, user: str, view_id: str, action_id: str, value: str | None = None, values: Json | None = None
    ) -> Ack:
        """Press a button, or choose an option, of a modal or of a Home."""
        who, view = self._user(user), self._view(view_id)
        chosen = _chosen(elements_in(view.get("blocks", [])), action_id, value)
        payload = payloads.view_action(self._workspace, who, view, values or {}, chosen)
        return await self._delivery.deliver("interactive", payload)

    async def open_home(self, user: str) -> Ack:
        """Open the app's Home tab; an app that shows one there hears of it."""
        event = payloads.event(self._workspace, payloads.home_opened(self._workspace, self._user(user)))
        return await self._delivery.deliver("events_api", event)

    async def say(self, user: str, channel: str, text: str, thread_ts: str = "", times: int = 1) -> Ack:
        """Write a message; the bot hears mentions where it is a member, and everything in its own conversations.

        `times` above 1 delivers the same event again, as Slack does when it doubts.
        """
        who, where = self._user(user), self._channel(user, channel)
        message = Message(self._workspace.new_ts(), where.id, who.id, text, thread_ts=thread_ts)
        # Everybody in the channel sees it, whether or not the bot hears of it.
        self._workspace.add(message)
        mentioned = f"<@{BOT_USER}>" in text and BOT_USER in where.members
        if where.kind != "im" and not mentioned:
            return Ack(acked=False, seconds=0.0, reason="not_for_the_bot")
        kind = "message" if where.kind == "im" else "app_mention"
        event = payloads.event(self._workspace, payloads.message_event(who, where, message, kind))
        acks = [await self._delivery.deliver("events_api", event) for _ in range(times)]
        return acks[-1]

    async def upload(self, user: str, channel: str, files: Sequence[tuple[str, bytes]], text: str = "") -> Ack:
        """Send files, each by its name; the bot hears of them in its own conversations."""
        who, where = self._user(user), self._channel(user, channel)
        shared = [self._workspace.new_file(who.id, name, content, self._backend.url) for name, content in files]
        message = Message(self._workspace.new_ts(), where.id, who.id, text, files=shared)
        self._workspace.add(message)
        if where.kind != "im":
            return Ack(acked=False, seconds=0.0, reason="not_for_the_bot")
        inner = payloads.message_event(who, where, message, "message")
        return await self._delivery.deliver("events_api", payloads.event(self._workspace, inner))

    def _user(self, user: str) -> User:
        by_id = self._workspace.users.get(user)
        named = next((person for person in self._workspace.users.values() if person.name == user), None)
        if by_id is None and named is None:
            raise KeyError(f"no user {user}")
        return by_id or named  # type: ignore[return-value]

    def _view(self, view_id: str) -> Json:
        view = self._workspace.views.get(view_id)
        if view is None:
            raise KeyError(f"no view {view_id}")
        return view

    def _channel(self, user: str, channel: str) -> Channel:
        """A channel by id or name; `dm` is the user's conversation with the bot."""
        who = self._user(user)
        conversation = self._workspace.direct(who.id) if channel == "dm" else self._workspace.channel(channel)
        if conversation is None or who.id not in conversation.members:
            raise KeyError(f"{user} is in no channel {channel}")
        return conversation

    def _response_url(self, channel: str, user: str, message_ts: str = "") -> str:
        return f"{self._backend.url}/response/{self._workspace.new_response_url(channel, user, message_ts)}"


def elements_of(message: Message) -> list[Json]:
    """Everything in a message that can be pressed, each with the block_id it stands in."""
    return elements_in(message.blocks)


def elements_in(blocks: Sequence[Json]) -> list[Json]:
    """Everything in blocks that can be pressed, each with the block_id it stands in."""
    pressable: list[Json] = []
    for index, block in enumerate(blocks):
        inside = [*block.get("elements", ()), *(block[key] for key in INTERACTIVE if key in block)]
        for child in block.get("child_blocks", ()):
            inside += [*child.get("elements", ()), *(child[key] for key in INTERACTIVE if key in child)]
        # Slack makes up a block_id where the app gave none, and a press names it.
        block_id = block.get("block_id", f"block-{index}")
        pressable += [
            {**element, "block_id": block_id}
            for element in inside
            if isinstance(element, dict) and "action_id" in element
        ]
    return pressable


def _chosen(elements: Sequence[Json], action_id: str, value: str | None) -> Json:
    """The pressed element as the payload carries it."""
    for element in elements:
        if element["action_id"] != action_id:
            continue
        identity = {key: element[key] for key in ("type", "action_id", "block_id")}
        if element["type"] == "external_select" and value is not None:
            # Its options are the app's own: whatever was suggested may be chosen.
            return {**identity, "selected_option": {"text": {"type": "plain_text", "text": value}, "value": value}}
        if element["type"] in PICKED and value is not None:
            return {**identity, PICKED[element["type"]]: value}
        groups = element.get("option_groups", ())
        options = [*element.get("options", ()), *(option for group in groups for option in group["options"])]
        if options:
            option = next((choice for choice in options if value in {None, choice.get("value")}), None)
            if option is not None:
                return {**identity, "selected_option": option}
        elif value is None or element.get("value") == value:
            return identity | {key: element[key] for key in ("value", "text") if key in element}
    raise KeyError(f"no button {action_id}" + (f" with value {value}" if value else ""))
