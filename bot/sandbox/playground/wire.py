"""What went over the wire between the bot and the local services, in the order in which it happened."""

from __future__ import annotations

import json
import threading
import time
from collections import deque
from typing import Any

from bot.sandbox.slack import LocalSlack
from kpi_core.frozen_dataclass import frozen
from sheets_sync.sandbox.api.request_log import LoggedRequest
from sheets_sync.sandbox.running import LocalSheets

Json = dict[str, Any]
LENGTH = 400
MOST_TEXT = 20_000
SECRETS = frozenset({"token", "response_url", "trigger_id", "assertion"})


@frozen
class Entry:
    """One call. `detail` is what it carried, `answer` what came back where that is worth showing."""

    number: int
    at: float
    sender: str
    receiver: str
    what: str
    ok: bool
    note: str
    detail: Any
    answer: Any = None

    def to_json(self) -> Json:
        names = ("number", "at", "sender", "receiver", "what", "ok", "note", "detail", "answer")
        return {name: getattr(self, name) for name in names}


class Wire:
    """Collects the services' own logs into one; `collect` is called at each change, in whatever thread."""

    def __init__(self, slack: LocalSlack, sheets: LocalSheets) -> None:
        self._slack, self._sheets = slack, sheets
        self._lock = threading.Lock()
        self._entries: deque[Entry] = deque(maxlen=LENGTH)
        self._number = 0
        self._seen_calls = 0
        self._last_delivery: Json | None = None
        self._last_request: LoggedRequest | None = None

    def after(self, number: int) -> list[Json]:
        """The entries later than `number`, oldest first."""
        self.collect()
        with self._lock:
            return [entry.to_json() for entry in self._entries if entry.number > number]

    def collect(self) -> bool:
        """Take over what the services have logged since the last time; whether there was anything."""
        with self._lock:
            before = self._number
            for delivery in _newer(self._slack.delivery.log, self._last_delivery):
                self._last_delivery = delivery
                self._add(*_delivered(delivery))
            calls = self._slack.requests[self._seen_calls :]
            self._seen_calls += len(calls)
            for call in calls:
                self._add(*_called(call))
            for request in _newer(self._sheets.backend.log, self._last_request):
                self._last_request = request
                self._add(*_requested(request))
            return self._number > before

    def _add(self, sender: str, receiver: str, what: str, ok: bool, note: str, detail: Any, answer: Any) -> None:  # noqa: PLR0913, PLR0917 - the fields of an entry
        self._number += 1
        readable = _shown(detail)
        self._entries.append(
            Entry(self._number, time.time(), sender, receiver, what, ok, note, readable, _shown(answer))
        )


def _newer(log: deque[Any], last: Any) -> list[Any]:
    """What was appended to `log` after `last`."""
    newer: list[Any] = []
    # From the end, and by identity: the log forgets its oldest, so no count holds, and two calls may be equal.
    for record in reversed(list(log)):
        if record is last:
            break
        newer.append(record)
    return newer[::-1]


def _delivered(delivery: Json) -> tuple[str, str, str, bool, str, Any, Any]:
    note = f"{delivery['seconds'] * 1000:.0f} ms" if delivery["acked"] else str(delivery["reason"])
    if delivery["attempt"]:
        note += f" · retry {delivery['attempt']}"
    payload = delivery["payload"]
    kind = str(payload.get("command") or payload.get("event", {}).get("type") or payload.get("type") or "")
    return "Slack", "bot", f"{delivery['kind']} {kind}", bool(delivery["acked"]), note, payload, delivery["body"]


def _called(call: Json) -> tuple[str, str, str, bool, str, Any, Any]:
    return "bot", "Slack", str(call["method"]), not call["error"], str(call["error"] or "ok"), call["params"], None


def _requested(request: LoggedRequest) -> tuple[str, str, str, bool, str, Any, Any]:
    what = f"{request.method} spreadsheets{_verb(request.path)}"
    # A write costs what it sends, a read what comes back.
    size = request.received if request.kind == "Write" else request.sent
    note = f"{request.status} · {size:,} bytes"
    return "bot", "Sheets", what, request.status < 400, note, request.body, request.answer


def _verb(path: str) -> str:
    """The part of a path behind the spreadsheet's id."""
    rest = path.partition("/spreadsheets/")[2]
    cut = next((place for place, sign in enumerate(rest) if sign in ":/"), len(rest))
    return rest[cut:]


def _shown(value: Any) -> Any:
    """A value without secrets, JSON inside text opened, long texts cut."""
    if isinstance(value, dict):
        return {key: "…" if key in SECRETS else _shown(inside) for key, inside in value.items()}
    if isinstance(value, list | tuple):
        return [_shown(inside) for inside in value]
    if isinstance(value, str):
        if value[:1] in {"[", "{"}:
            try:
                return _shown(json.loads(value))
            except ValueError:
                pass
        return value if len(value) <= MOST_TEXT else value[:MOST_TEXT] + "…"
    return value if isinstance(value, int | float | bool | None) else str(value)
