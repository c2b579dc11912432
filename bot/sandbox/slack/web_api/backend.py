"""What all routes of the local Slack share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.slack.envelopes.delivery import Delivery
from bot.sandbox.slack.slack_workspace import Json, Workspace
from bot.sandbox.slack.web_api.slack_faults import Faults

NOT_LOGGED = frozenset({"token", "base_url", "client_secret", "refresh_token", "code"})


@dataclass(slots=True)
class Backend:
    """`requests` holds each call of the app, oldest first; `url` is where the server listens."""

    workspace: Workspace
    delivery: Delivery
    faults: Faults = field(default_factory=Faults)
    requests: list[Json] = field(default_factory=list)
    url: str = ""

    def log(self, method: str, params: Mapping[str, Any], error: str, team: str = "") -> None:
        """Write a call down, without its token, with whose it was; `error` is empty for one that was carried out."""
        carried = {key: value for key, value in params.items() if key not in NOT_LOGGED}
        self.requests.append(
            {"method": method, "at": self.workspace.now(), "params": carried, "error": error, "team": team}
        )
        self.workspace.changed()
