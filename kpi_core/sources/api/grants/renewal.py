"""A renewal in a process of its own: whatever kills the one that asked for it, the answer is written down.

A refresh token is good once. Between the answer and the state nobody else has the new one, so this small process takes
the answer and writes it, sealed, into a file before it says anything. What is secret comes and goes through pipes.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from kpi_core.frozen_dataclass import frozen
from kpi_core.sources.api.forms import forms_of
from kpi_core.sources.api.grants.sealing import sealed
from kpi_core.sources.api.http import Line
from kpi_core.sources.api.outcomes import RefusedError, Trouble

PATIENCE = 240.0
"""Seconds until the process has answered: four attempts of a minute each."""


@frozen
class Renewal:
    """What is asked, and the file that takes the answer, sealed by `key` (in hexadecimal digits) under `name`."""

    kind: str
    base: str
    call: str
    places: Mapping[str, str]
    file: str
    key: str
    name: str

    def __repr__(self) -> str:
        return f"Renewal({self.kind!r}, {self.call!r})"


def renewed_apart(renewal: Renewal) -> Any:
    """The document of a renewal that a process of its own asks for. RefusedError where there is none."""
    told = asdict(renewal)
    command = [sys.executable, "-m", "kpi_core.sources.api.grants.renewal"]
    # In a session of its own, so that what ends this process and its group does not end that one.
    with subprocess.Popen(  # noqa: S603 - our own program
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True
    ) as process:
        try:
            out, _err = process.communicate(json.dumps(told).encode(), timeout=PATIENCE)
            answer = json.loads(out)
        except (subprocess.TimeoutExpired, ValueError):
            raise RefusedError(Trouble("retry_now", "the renewal did not end")) from None
    if "document" in answer:
        return answer["document"]
    raise RefusedError(Trouble(**answer["trouble"]))


@frozen
class _RealClock:
    def now(self) -> datetime:
        return datetime.now(UTC)

    def wait(self, seconds: float) -> None:
        time.sleep(seconds)


def _answer(renewal: Renewal) -> dict[str, Any]:
    forms = replace(forms_of(renewal.kind), headers={}, rate=0.0)
    secrets = [text for text in renewal.places.values() if len(text) > 7]
    line = Line(renewal.kind, forms, renewal.base, lambda _signing: {}, _RealClock(), secrets)
    try:
        document = line.ask(forms.calls[renewal.call], renewal.places)
    except RefusedError as error:
        trouble = error.trouble
        return {"trouble": {"outcome": trouble.outcome, "reason": trouble.reason}}
    text = json.dumps(document, default=str)
    write_secret(Path(renewal.file), sealed(text, bytes.fromhex(renewal.key), renewal.name))
    return {"document": json.loads(text)}


def write_secret(file: Path, text: str) -> None:
    """Killed anywhere, the file is there whole or not at all; nobody else can read it."""
    beside = file.with_name(f"{file.name}.new")
    with suppress(FileNotFoundError):
        beside.unlink()
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as written:
        written.write(text)
        written.flush()
        os.fsync(written.fileno())
    beside.replace(file)


if __name__ == "__main__":
    out = json.dumps(_answer(Renewal(**json.loads(sys.stdin.read()))))
    # Whoever asked may be gone.
    with suppress(BrokenPipeError):
        sys.stdout.write(out)
        sys.stdout.flush()
