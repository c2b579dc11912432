"""One installation of the bot: its token, and what renews it, in a file that nobody but the bot's user can read."""

from __future__ import annotations

import json
import os
import re
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from kpi_core.errors import SettingsError
from kpi_core.frozen_dataclass import frozen

FILE = "slack.json"
"""Beside the workspace's kpi.yaml."""
TEAM = re.compile(r"[TE][A-Z0-9]{2,20}")
"""Of a team, or of an organisation that installed the bot in all of its teams."""

END_UNKNOWN = 0.0
"""In place of when a token ends that came without its end."""


@frozen
class Installation:
    """`expires_at` is in seconds since 1970; None for a token that does not expire. Never printed."""

    team: str
    bot_token: str
    refresh_token: str = ""
    expires_at: float | None = None

    def __repr__(self) -> str:
        return f"Installation(team={self.team!r})"


def read_installation(file: Path) -> Installation | None:
    """The installation of a file; None where there is no file. SettingsError for one that is none of ours."""
    try:
        return Installation(**json.loads(file.read_text("utf-8")))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError):
        # Without the text: it may hold a token.
        raise SettingsError([], code="slack_installation") from None


def finish_writing(file: Path) -> None:
    """Put what a killed process had written out, and not yet put in its place, there.

    It may hold the only token that still renews. Nobody else may write meanwhile.
    """
    beside = _beside(file)
    with suppress(SettingsError):
        left = read_installation(beside)
        now = read_installation(file)
        if left and now and left.team == now.team and (left.expires_at or 0.0) > (now.expires_at or 0.0):
            beside.replace(file)


def _beside(file: Path) -> Path:
    return file.with_name(f".{file.name}.new")


def write_installation(file: Path, installation: Installation) -> None:
    """Killed anywhere, the file is the old one or the new one; it is never readable for others.

    Killed before its last step, `finish_writing` does that.
    """
    beside = _beside(file)
    with suppress(FileNotFoundError):
        beside.unlink()
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as written:
        json.dump(asdict(installation), written)
        written.flush()
        os.fsync(written.fileno())
    beside.replace(file)


def installation_of(granted: Any, now: float, before: Installation | None = None) -> Installation:
    """What Slack's answer to oauth.v2.access grants (https://docs.slack.dev/authentication/using-token-rotation)."""
    team = (granted.get("team") or {}).get("id") or (granted.get("enterprise") or {}).get("id") or ""
    lasts = granted.get("expires_in")
    made = Installation(
        str(team),
        str(granted["access_token"]),
        str(granted.get("refresh_token") or ""),
        now + float(lasts) if lasts else None,
    )
    return replace(made, team=before.team) if before else made
