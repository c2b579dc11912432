"""What a delivery brings to Slack: a new message, a change of an earlier one, or a file. Finished when it is planned.

The ledger keeps them as JSON with a version, so that a row written by any earlier release is still delivered.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Mapping
from typing import Any

from kpi_core.deliveries.posted_number import PostedNumber
from kpi_core.errors import DataError
from kpi_core.frozen_dataclass import frozen

Block = Mapping[str, Any]
VERSION = 2
"""Version 1 knew new messages alone and did not name itself."""


@frozen
class Posting:
    """A new message in a channel, or in the thread that begins with the message `thread`."""

    channel: str
    text: str
    blocks: tuple[Block, ...] = ()
    thread: str = ""
    numbers: tuple[PostedNumber, ...] = ()
    series: str = ""
    """Of several posts of one series that have not come, the newest stands for all; "" belongs to none."""
    about: str = ""
    """The period it is about, such as `2026-11-16/2026-11-23`."""

    @property
    def parts(self) -> tuple[str, ...]:
        """What sets it apart from others of the same schedule, time and channel."""
        return ("thread", self.thread) if self.thread else ()


@frozen
class Amendment:
    """What our message `ts` of a channel says from now on. Done twice it says the same."""

    channel: str
    ts: str
    text: str
    blocks: tuple[Block, ...] = ()
    numbers: tuple[PostedNumber, ...] = ()
    """All numbers that the message shows now."""

    @property
    def parts(self) -> tuple[str, ...]:
        return ("amend", self.ts)


@frozen
class FileUpload:
    """A file in a channel or a thread, `text` beside it. It counts as sent when Slack shows it."""

    channel: str
    name: str
    """With its ending; part of the delivery's key is put before that, by which it is found again."""
    content: bytes
    title: str = ""
    text: str = ""
    thread: str = ""
    numbers: tuple[PostedNumber, ...] = ()

    @property
    def parts(self) -> tuple[str, ...]:
        return ("file", self.name, self.thread)


Message = Posting | Amendment | FileUpload


def message_json(message: Message) -> dict[str, Any]:
    """The payload as JSON values; channel and numbers have columns of their own."""
    match message:
        case Posting():
            own = {
                "kind": "post",
                "text": message.text,
                "blocks": list(message.blocks),
                "thread": message.thread,
                "series": message.series,
                "about": message.about,
            }
        case Amendment():
            own = {"kind": "amend", "ts": message.ts, "text": message.text, "blocks": list(message.blocks)}
        case FileUpload():
            own = {
                "kind": "file",
                "name": message.name,
                "content": b64encode(message.content).decode(),
                "title": message.title,
                "text": message.text,
                "thread": message.thread,
            }
    return {"version": VERSION, **own}


def message_from(channel: str, payload: Mapping[str, Any], numbers: tuple[PostedNumber, ...]) -> Message:
    """The message of a payload of any version. DataError for one of a later release."""
    version, kind = payload.get("version", 1), payload.get("kind", "post")
    if version > VERSION:
        message = "A post was planned by a newer version of KPI Bot."
        raise DataError(message, code="state_newer", hint="Start that version, or newer, again.")
    if kind == "file":
        content = b64decode(payload["content"])
        rest = {name: payload[name] for name in ("title", "text", "thread")}
        return FileUpload(channel, payload["name"], content, **rest, numbers=numbers)
    text, blocks = payload.get("text", ""), tuple(payload.get("blocks", ()))
    if kind == "amend":
        return Amendment(channel, payload["ts"], text, blocks, numbers)
    rest = {name: payload.get(name, "") for name in ("thread", "series", "about")}
    return Posting(channel, text, blocks, **rest, numbers=numbers)
