"""Lines of the log: one request or job each under its id, as text or JSON, never with a secret.

whole = logging.StreamHandler(sys.stderr)
whole.setFormatter(JsonLines(Secrets(["xoxb-1"])))
with under_an_id(): ...
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from secrets import token_hex

SHORTEST = 6
"""A secret of fewer signs would hide half the words of a line."""
HIDDEN = "***"
_SHAPES = (
    # Slack's tokens, whoever typed them where.
    re.compile(r"\bxox[a-z]-[\w-]+|\bxapp-[\w-]+|\bxoxe[.\w-]+"),
    # Those of assistants.
    re.compile(r"\bkpi-[\w-]{30,}"),
    re.compile(r"(?<=://)[^\s/@:]*:[^\s/@]+(?=@)"),
    re.compile(r"(?i)(?<=bearer )[\w.~+/=-]+"),
)
_own_id: ContextVar[str] = ContextVar("log_id", default="")


@contextmanager
def under_an_id() -> Iterator[str]:
    """All that is logged inside, in threads begun from here too, carries one id; the id."""
    before = _own_id.set(token_hex(4))
    try:
        yield _own_id.get()
    finally:
        _own_id.reset(before)


def current_id() -> str:
    """The id of what is being worked on; empty outside."""
    return _own_id.get()


class Secrets:
    """What no line may hold: these texts, and whatever has the shape of a token or of a password in an address."""

    def __init__(self, texts: Iterable[str]) -> None:
        # Longest first: one may begin like another.
        self._texts = sorted({text for text in texts if len(text) >= SHORTEST}, key=len, reverse=True)

    def hide(self, line: str) -> str:
        for text in self._texts:
            line = line.replace(text, HIDDEN)
        for shape in _SHAPES:
            line = shape.sub(HIDDEN, line)
        return line


class TextLines(logging.Formatter):
    """A line for people: time, id, message."""

    def __init__(self, secrets: Secrets) -> None:
        super().__init__()
        self._secrets = secrets

    def format(self, record: logging.LogRecord) -> str:
        name = f" [{current_id()}]" if current_id() else ""
        return f"{_at(record):%Y-%m-%d %H:%M:%S}{name} {self._secrets.hide(record.getMessage())}"


class JsonLines(logging.Formatter):
    """An object a line: `at` (UTC), `level`, `part`, `id` and `message`. Tracebacks are left out: they hold values."""

    def __init__(self, secrets: Secrets) -> None:
        super().__init__()
        self._secrets = secrets

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": _at(record).astimezone(UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "part": record.name.removeprefix("kpi_bot."),
            "id": current_id() or None,
            "message": self._secrets.hide(record.getMessage()),
        }
        return json.dumps(line, ensure_ascii=False)


def _at(record: logging.LogRecord) -> datetime:
    return datetime.fromtimestamp(record.created, UTC).astimezone()
