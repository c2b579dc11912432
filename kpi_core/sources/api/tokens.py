"""Access tokens that have to be fetched: from a refresh token, or from the key file of a Google service account."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from kpi_core.errors import DataError
from kpi_core.sources.api.forms import Call
from kpi_core.sources.api.http import Line
from kpi_core.sources.api.outcomes import RefusedError, Trouble

_EARLY = timedelta(minutes=2)
_HOUR = timedelta(hours=1)


@dataclass(slots=True)
class AccessToken:
    """A token that is fetched by `call` when there is none, or when it is about to end."""

    line: Line
    call: Call
    places: Callable[[], Mapping[str, str]]
    learnt: Callable[[str], None]
    """Takes each new token, so that no error repeats it."""
    scopes: list[str] = field(default_factory=list)
    """Takes what a token may do, where the service says."""
    _token: str = ""
    _until: datetime | None = None

    def __call__(self) -> str:
        now = self.line.clock.now()
        if self._until is None or now >= self._until - _EARLY:
            document = self.line.ask(self.call, self.places())
            token = document.get("access_token") if isinstance(document, dict) else None
            if not token:
                raise RefusedError(Trouble("our_fault", "no token came"))
            seconds = document.get("expires_in")
            self._until = now + (timedelta(seconds=seconds) if isinstance(seconds, int) else _HOUR)
            self._token = str(token)
            self.scopes[:] = scopes_in(document)
            self.learnt(self._token)
        return self._token


def scopes_in(granted: Mapping[str, Any]) -> tuple[str, ...]:
    """What an answer says was granted: a list, or a text with commas or spaces between."""
    listed = granted.get("scopes") or granted.get("scope") or ()
    return tuple(listed.replace(",", " ").split() if isinstance(listed, str) else map(str, listed))


def google_assertion(source: str, path: Path, scope: str, now: datetime) -> str:
    """A signed claim of a service account, to be exchanged for a token. DataError where its key file is none.

    Source: developers.google.com/identity/protocols/oauth2/service-account, "Preparing to make an authorized API call".
    """
    import google.auth.crypt
    import google.auth.jwt

    # Its functions have no types.
    crypt: Any = google.auth.crypt
    jwt: Any = google.auth.jwt
    try:
        info: Any = json.loads(path.read_text("utf-8"))
        signer = crypt.RSASigner.from_service_account_info(info)
        address = info["client_email"]
    except (OSError, ValueError, KeyError, TypeError):
        message = f"Source {source}: its key file is none of a Google service account."
        hint = "Make a JSON key for the service account and name its file."
        raise DataError(message, code="source_key_file", hint=hint) from None
    issued = int(now.timestamp())
    claims = {
        "iss": address,
        "scope": scope,
        "aud": "https://oauth2.googleapis.com/token",
        "iat": issued,
        "exp": issued + 3600,
    }
    return str(jwt.encode(signer, claims).decode())
