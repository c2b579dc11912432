"""A Slack workspace in memory: people, channels, messages, views, files. Knows nothing of HTTP."""

from __future__ import annotations

import itertools
import mimetypes
import secrets
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

Json = dict[str, Any]

TEAM_ID = "T0KPIBOT"
APP_ID = "A0KPIBOT"
BOT_ID = "B0KPIBOT"
BOT_USER = "U0KPIBOT"
# Slack's limits: a trigger opens one view at once, a response_url takes five posts within half an hour.
TRIGGER_SECONDS = 3.0
RESPONSE_SECONDS = 30 * 60
RESPONSE_USES = 5
MOST_TEXT = 40_000
SCOPES = (
    "app_mentions:read", "assistant:write", "channels:history", "channels:read", "chat:write", "commands",
    "files:read", "files:write",
    "groups:history", "groups:read", "im:history", "im:read", "im:write", "mpim:history", "mpim:read",
    "reactions:write", "team:read", "usergroups:read", "users:read",
)  # fmt: skip


@dataclass(slots=True)
class User:
    id: str
    name: str
    real_name: str
    locale: str = "en-US"
    tz: str = "UTC"
    tz_offset: int = 0
    is_admin: bool = False
    is_bot: bool = False
    is_restricted: bool = False
    """A guest: of several channels, or `is_ultra_restricted` of one."""
    is_ultra_restricted: bool = False
    team: str = TEAM_ID
    """Another workspace's id for somebody who is here through a shared channel."""


@dataclass(slots=True)
class Channel:
    """`kind` is channel, group (private), mpim (of several people) or im, which belongs to one `user`.

    `shared` with another workspace.
    """

    id: str
    name: str
    kind: str = "channel"
    members: set[str] = field(default_factory=set)
    user: str = ""
    shared: bool = False


@dataclass(slots=True)
class Message:
    """`to` names the only reader of an ephemeral message; `metadata` is event_type and event_payload."""

    ts: str
    channel: str
    user: str
    text: str
    blocks: list[Json] = field(default_factory=list)
    metadata: Json | None = None
    thread_ts: str = ""
    to: str = ""
    edited: str = ""
    files: list[Json] = field(default_factory=list)
    reactions: list[str] = field(default_factory=list)


@dataclass(slots=True)
class ResponseUrl:
    channel: str
    user: str
    made: float
    message_ts: str = ""
    uses: int = 0


class Workspace:
    """Everything a workspace remembers. `now` gives seconds since 1970; time stamps of messages never repeat."""

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self.now = now
        self.bot_token = f"xoxb-local-{secrets.token_hex(12)}"
        self.app_token = f"xapp-local-{secrets.token_hex(12)}"
        self.signing_secret = secrets.token_hex(16)
        self.grants: dict[str, Any] = {}
        """Bot token -> whose it is, of those given out beside the first; `refresh_tokens` give new ones, once each."""
        self.refresh_tokens: dict[str, str] = {}
        self.codes: dict[str, str] = {}
        """Of consents that nobody has asked a token for yet: whose each is."""
        self.token_seconds: int | None = None
        """How long new tokens last; None for ever."""
        self.scopes = set(SCOPES)
        self.unsupported: set[str] = set()
        self.users = {user.id: user for user in _people()}
        self.channels = {channel.id: channel for channel in _channels()}
        self.groups: dict[str, set[str]] = {"S0FINANCE": {"U0MINA"}}
        self.messages: list[Message] = []
        self.views: dict[str, Json] = {}
        self.homes: dict[str, Json] = {}
        self.prompts: dict[str, list[Json]] = {}
        """Conversation -> the questions that the agent's view offers there."""
        self.files: dict[str, Json] = {}
        self.uploads: dict[str, bytes] = {}
        self.response_urls: dict[str, ResponseUrl] = {}
        self.triggers: dict[str, float] = {}
        self.askers: dict[str, str] = {}
        """Trigger -> whose act gave it."""
        self.opened: dict[str, list[str]] = {}
        """User -> the ids of the modals open before them, the topmost last."""
        self.watchers: list[Callable[[], None]] = []
        self._numbers = itertools.count(1)
        self._last_ts = 0

    def new_id(self, prefix: str) -> str:
        return f"{prefix}{next(self._numbers):08d}"

    def new_ts(self) -> str:
        """A time stamp of its own for each message, in order."""
        # The stamp is the message's id in its channel, so two within a microsecond still need two.
        self._last_ts = max(self._last_ts + 1, int(self.now() * 1_000_000))
        return f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06d}"

    def new_file(self, user: str, name: str, content: bytes, url: str) -> Json:
        """A file that somebody has sent, as messages and files.info show it; its content is to be fetched at `url`."""
        file_id = self.new_id("F")
        kind = PurePath(name).suffix.removeprefix(".").lower()
        address = f"{url}/files/{TEAM_ID}-{file_id}/{quote(PurePath(name).name)}"
        self.uploads[file_id] = content
        self.files[file_id] = {
            "id": file_id, "name": name, "title": name, "user": user, "size": len(content), "filetype": kind,
            "mimetype": mimetypes.guess_type(name)[0] or "application/octet-stream", "mode": "hosted",
            "is_external": False, "url_private": address, "url_private_download": f"{address}?download",
        }  # fmt: skip
        return self.files[file_id]

    def add(self, message: Message) -> Message:
        self.messages.append(message)
        self.changed()
        return message

    def changed(self) -> None:
        """Tell those who watch that there is something new to see."""
        for watcher in self.watchers:
            watcher()

    def find(self, channel: str, ts: str) -> Message | None:
        return next((message for message in self.messages if message.channel == channel and message.ts == ts), None)

    def remove(self, message: Message) -> None:
        self.messages.remove(message)
        self.changed()

    def in_channel(self, channel: str) -> Iterator[Message]:
        """What everybody in the channel sees, oldest first."""
        return (message for message in self.messages if message.channel == channel and not message.to)

    def direct(self, user: str) -> Channel:
        """The conversation between `user` and the bot; opened when it is first needed."""
        conversation = next(
            (channel for channel in self.channels.values() if channel.kind == "im" and channel.user == user), None
        )
        if conversation is None:
            conversation = Channel(self.new_id("D"), "", "im", {user, BOT_USER}, user)
            self.channels[conversation.id] = conversation
        return conversation

    def channel(self, name: str) -> Channel | None:
        """By id, by #name, or the direct conversation of a user id."""
        if name in self.users and name != BOT_USER:
            return self.direct(name)
        plain = name.removeprefix("#")
        return self.channels.get(name) or next(
            (channel for channel in self.channels.values() if channel.name == plain), None
        )

    def new_trigger(self, user: str = "") -> str:
        trigger = self.new_id("trigger.")
        self.askers[trigger] = user
        self.triggers[trigger] = self.now()
        return trigger

    def use_trigger(self, trigger: str) -> str:
        """Spend a trigger; the error code when it is unknown, spent or older than 3 seconds, else nothing."""
        made = self.triggers.pop(trigger, None)
        if made is None:
            # One in our own form that is no longer here was spent.
            return "exchanged_trigger_id" if trigger.startswith("trigger.") else "invalid_trigger_id"
        return "" if self.now() - made <= TRIGGER_SECONDS else "expired_trigger_id"

    def new_response_url(self, channel: str, user: str, message_ts: str = "") -> str:
        """The id of a response_url for one person in one channel; `message_ts` is the message that was acted on."""
        key = self.new_id("R")
        self.response_urls[key] = ResponseUrl(channel, user, self.now(), message_ts)
        return key


def message_json(message: Message, *, metadata: bool = False) -> Json:
    """A message as the Web API shows it; its metadata only when asked for."""
    by_bot = message.user == BOT_USER
    fields: Json = {"type": "message", "user": message.user, "text": message.text, "ts": message.ts, "team": TEAM_ID}
    if by_bot:
        fields |= {"bot_id": BOT_ID, "app_id": APP_ID}
    optional: Mapping[str, Any] = {
        "blocks": message.blocks,
        "thread_ts": message.thread_ts,
        "files": message.files,
        "reactions": [{"name": name, "count": 1, "users": [BOT_USER]} for name in message.reactions],
        "edited": {"user": message.user, "ts": message.edited} if message.edited else None,
        "metadata": message.metadata if metadata else None,
    }
    return fields | {key: value for key, value in optional.items() if value}


def user_json(user: User, *, locale: bool = False) -> Json:
    fields: Json = {
        "id": user.id,
        "team_id": user.team,
        "name": user.name,
        "real_name": user.real_name,
        "deleted": False,
        "tz": user.tz,
        "tz_offset": user.tz_offset,
        "is_admin": user.is_admin,
        "is_owner": user.is_admin,
        "is_restricted": user.is_restricted,
        "is_ultra_restricted": user.is_ultra_restricted,
        "is_bot": user.is_bot,
        "profile": {"real_name": user.real_name, "display_name": user.name},
    }
    return fields | {"locale": user.locale} if locale else fields


def channel_json(channel: Channel) -> Json:
    """A conversation as the bot sees it."""
    fields: Json = {
        "id": channel.id,
        "is_channel": channel.kind == "channel",
        "is_group": False,
        "is_im": channel.kind == "im",
        "is_mpim": channel.kind == "mpim",
        "is_private": channel.kind != "channel",
        "is_archived": False,
        "is_ext_shared": channel.shared,
        "context_team_id": TEAM_ID,
    }
    if channel.kind == "im":
        return fields | {"user": channel.user}
    in_it = BOT_USER in channel.members
    return fields | {"name": channel.name, "is_member": in_it, "num_members": len(channel.members)}


def _people() -> Iterable[User]:
    return (
        User("U0MINA", "mina", "Mina Kim", "ko-KR", "Asia/Seoul", 32400, is_admin=True),
        User("U0ALEX", "alex", "Alex Reed", "en-US", "America/New_York", -18000),
        User("U0WEI", "wei", "Wei Chen", "zh-TW", "Asia/Taipei", 28800),
        User(BOT_USER, "kpi", "KPI Bot", is_bot=True),
    )


def _channels() -> Iterable[Channel]:
    everybody = {"U0MINA", "U0ALEX", "U0WEI"}
    return (
        Channel("C0MARKET", "marketing", "channel", everybody | {BOT_USER}),
        Channel("C0GENERAL", "general", "channel", set(everybody)),
        Channel("C0BOARD", "board", "group", {"U0MINA", "U0ALEX", BOT_USER}),
        Channel("C0SECRET", "quiet", "group", {"U0MINA"}),
    )
