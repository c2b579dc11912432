"""Tokens that expire: renewed before they do, once for all threads and processes that share the file."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import time

from bot.slack.installs.installation import (
    END_UNKNOWN,
    Installation,
    finish_writing,
    installation_of,
    read_installation,
    write_installation,
)
from bot.slack.posting import is_loopback
from kpi_core.errors import Problem, ServiceError, SettingsError
from kpi_core.frozen_dataclass import frozen

EARLY_SECONDS = 2 * 3600.0
"""So long before its end a token is renewed: it lasts 12 hours, and Slack may be away for one."""
TIMEOUT_SECONDS = 10
AGAIN_SECONDS = 60.0
"""After a renewal that failed the old token does for so long, before another is tried."""
SPENT = frozenset({"invalid_refresh_token", "token_revoked", "invalid_grant"})
"""Slack revokes a refresh token once it is used, https://docs.slack.dev/authentication/using-token-rotation: where the
answer died with the process that had asked, nothing but another installation gives the next one."""
_HINT = "Install the app in that workspace again."
log = logging.getLogger("kpi_bot.slack")


@frozen
class Credentials:
    """The app's own, by which it installs itself and renews its tokens. Never printed."""

    client_id: str
    client_secret: str
    api_url: str

    def __repr__(self) -> str:
        return f"Credentials(api_url={self.api_url!r})"


def credentials_of(environment: Mapping[str, str], api_url: str) -> Credentials:
    """The app's own. SettingsError naming what is missing."""
    names = ("SLACK_OAUTH_CLIENT_ID", "SLACK_OAUTH_CLIENT_SECRET")
    hint = "Copy it from Basic Information of the app."
    missing = [name for name in names if not environment.get(name, "").strip()]
    if missing:
        problems = [Problem(name, 0, 0, "is not set in the environment.", hint) for name in missing]
        raise SettingsError(problems, code="slack_tokens")
    client_id, client_secret = (environment[name].strip() for name in names)
    return Credentials(client_id, client_secret, api_url)


@dataclass(slots=True)
class OwnToken:
    """The bot token of one installation, whenever it is called. Slow when it has to be renewed."""

    file: Path
    credentials: Credentials
    clock: Callable[[], float] = time
    _turn: threading.Lock = field(default_factory=threading.Lock)
    _failed_at: float | None = None

    def __call__(self) -> str:
        """ServiceError where there is no installation any more, or Slack renews it no more."""
        installation = self._installation()
        if not self._is_due(installation):
            return installation.bot_token
        with self._turn, _alone(self.file):
            finish_writing(self.file)
            # Another may have renewed it while this one waited.
            installation = self._installation()
            return self._renewed(installation) if self._is_due(installation) else installation.bot_token

    def _is_due(self, installation: Installation) -> bool:
        if installation.expires_at is None:
            return False
        left = installation.expires_at - self.clock()
        waits = self._failed_at is not None and 0 <= self.clock() - self._failed_at < AGAIN_SECONDS
        if installation.expires_at == END_UNKNOWN:
            return not waits
        return left <= 0 or (left < EARLY_SECONDS and not waits)

    def _installation(self) -> Installation:
        installation = read_installation(self.file)
        if installation is None:
            raise ServiceError("The bot is not installed there any more.", code="not_installed", hint=_HINT)
        return installation

    def _renewed(self, installation: Installation) -> str:
        """The new token, or the old one while it still lasts and Slack cannot be reached."""
        from slack_sdk.errors import SlackApiError
        from slack_sdk.web import WebClient

        credentials = self.credentials
        client = WebClient(base_url=credentials.api_url.rstrip("/") + "/", timeout=TIMEOUT_SECONDS, retry_handlers=[])
        if is_loopback(credentials.api_url):
            client.proxy = None
        try:
            granted = client.oauth_v2_access(
                client_id=credentials.client_id,
                client_secret=credentials.client_secret,
                grant_type="refresh_token",
                refresh_token=installation.refresh_token,
            )
        except Exception as error:  # noqa: BLE001 - whatever failed, the old token may still do
            refused = error.response.get("error") if isinstance(error, SlackApiError) else None
            return self._still(installation, str(refused or type(error).__name__))
        renewed = installation_of(granted, self.clock(), installation)
        write_installation(self.file, renewed)
        self._failed_at = None
        return renewed.bot_token

    def _still(self, installation: Installation, reason: str) -> str:
        """The old token while it lasts. ServiceError after that."""
        self._failed_at = self.clock()
        ends = installation.expires_at or END_UNKNOWN
        left = "some time" if ends == END_UNKNOWN else f"{max(ends - self.clock(), 0) / 60:.0f} minutes"
        if reason in SPENT:
            log.error("The token is renewed no more (%s), and lasts for %s. %s", reason, left, _HINT)
        else:
            log.warning("The token could not be renewed (%s), and lasts for %s.", reason, left)
        if ends == END_UNKNOWN or ends > self.clock():
            return installation.bot_token
        message = "The bot's token has expired and could not be renewed."
        raise ServiceError(message, code="token_expired", hint=_HINT)


@contextmanager
def _alone(file: Path) -> Iterator[None]:
    """While no other process renews the same token: a refresh token is good once."""
    import fcntl

    with file.with_name(f".{file.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
