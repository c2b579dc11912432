"""What is written down about each call."""

from __future__ import annotations

from typing import Any

from kpi_core.frozen_dataclass import frozen
from sheets_sync.sandbox.document.spreadsheet import Json

READS = frozenset(["GET", ":getByDataFilter", ":search", ":batchGetByDataFilter"])


@frozen
class LoggedRequest:
    """One call of the Sheets or Drive API; `sent` and `received` count the bytes of the answer and of the body."""

    method: str
    path: str
    query: dict[str, list[str]]
    body: Any
    status: int
    answer: Any
    sent: int
    received: int

    @property
    def kind(self) -> str:
        """Which quota it counts against: "Read" or "Write"."""
        return call_kind(self.method, self.path)

    def to_json(self) -> Json:
        names = ("method", "path", "query", "body", "status", "kind", "sent", "received")
        return {name: getattr(self, name) for name in names}


def call_kind(method: str, path: str) -> str:
    # What needs a body to say what it reads is a POST, too.
    return "Read" if method == "GET" or path[path.rfind(":") :] in READS else "Write"
