"""Whose messages are answered: people's, those of apps that kpi.yaml names, and an edit of what was not understood."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

FILES = "file_share"
"""The subtype of a message with files."""
OF_PEOPLE = frozenset({None, "", FILES, "me_message", "thread_broadcast"})
"""Subtypes of what people write: plainly, with files, with /me, in a thread and to its channel at once."""
CHANGED = "message_changed"
EDITED_WITHIN = timedelta(minutes=5)
MOST = 2_000


def is_of_person(event: dict[str, Any]) -> bool:
    """Whether a person wrote it or sent files just now: no bot, no edit, no notice of Slack's own."""
    return bool(event.get("user")) and not event.get("bot_id") and event.get("subtype") in OF_PEOPLE


def is_of_app(event: dict[str, Any], apps: Collection[str], own: str) -> bool:
    """Whether an app or workflow wrote it that kpi.yaml names, by any of its ids; never the bot itself."""
    if not event.get("bot_id") or event.get("subtype") not in {None, "", "bot_message", FILES}:
        return False
    ids = {str(event.get(key) or "") for key in ("app_id", "bot_id", "user")} - {""}
    return own not in ids and not ids.isdisjoint(apps)


class Unanswered:
    """Messages of the last minutes that got no number; their writer may mend them."""

    def __init__(self) -> None:
        self._keys: OrderedDict[str, datetime] = OrderedDict()

    def add(self, event: dict[str, Any], now: datetime) -> None:
        self._keys[_key(event)] = now
        while len(self._keys) > MOST:
            self._keys.popitem(last=False)

    def mended(self, event: dict[str, Any], now: datetime) -> dict[str, Any] | None:
        """The message as an edit left it, where it is a person's and waits for an answer; else None.

        Slack tells of an edit also when it adds a preview of a link: then the text is as it was.
        """
        message, before = event.get("message") or {}, event.get("previous_message") or {}
        if event.get("subtype") != CHANGED or not message.get("edited") or message.get("text") == before.get("text"):
            return None
        whole = {**message, "channel": event.get("channel"), "channel_type": event.get("channel_type")}
        since = self._keys.get(_key(whole))
        if since is None or now - since > EDITED_WITHIN or not is_of_person(whole):
            return None
        del self._keys[_key(whole)]
        return whole


def _key(event: dict[str, Any]) -> str:
    return f"{event.get('channel')}:{event.get('ts')}"
