"""Refresh tokens that are good once: each renewal brings the next one, which is kept in the state, sealed.

The first one comes from the environment, as it is or as the address that the vendor led the browser to, with its
`code=`. Whoever puts another one there begins anew.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from kpi_core.frozen_dataclass import frozen
from kpi_core.sources import Vault
from kpi_core.sources.api.grants.renewal import Renewal, renewed_apart
from kpi_core.sources.api.grants.sealing import key_of, sealed, unsealed
from kpi_core.sources.api.http import Line
from kpi_core.sources.api.outcomes import RefusedError, Trouble
from kpi_core.sources.api.tokens import scopes_in
from kpi_core.sources.api.value_places import value_at

_EARLY = timedelta(minutes=10)


@frozen
class Tokens:
    """What was granted last. `origin` is by which first token it began; never printed."""

    origin: str
    access: str
    until: datetime
    refresh: str
    """Empty where access cannot be renewed."""
    renewable_until: datetime
    scopes: tuple[str, ...] = ()
    """What they may do, where the service says."""

    def __repr__(self) -> str:
        return f"Tokens(until={self.until!r}, renewable_until={self.renewable_until!r})"

    def to_json(self) -> str:
        moments = {"until": self.until.isoformat(), "renewable_until": self.renewable_until.isoformat()}
        return json.dumps({**asdict(self), **moments})

    @classmethod
    def of_json(cls, text: str) -> Tokens:
        value = json.loads(text)
        moments = {name: datetime.fromisoformat(value[name]) for name in ("until", "renewable_until")}
        return cls(**{**value, **moments, "scopes": tuple(value.get("scopes", ()))})


@dataclass(slots=True)
class RotatingToken:
    """The access token of a source; fetching it may renew it. RefusedError where a person has to grant access anew."""

    line: Line
    """To where tokens are granted; it signs nothing."""
    source: str
    options: Mapping[str, str] = field(repr=False)
    """With client_id, client_secret and refresh_token, the first one."""
    vault: Vault
    learnt: Callable[[str], None]
    """Takes each new secret, so that no error repeats it."""
    _tokens: Tokens | None = field(default=None, repr=False)

    def __call__(self) -> str:
        now = self.line.clock.now()
        if self._tokens is None:
            self._tokens = self.standing()
        if self._tokens is None or now >= self._tokens.until - _EARLY:
            with self.vault.alone(self._name, now) as is_alone:
                if not is_alone:
                    raise RefusedError(Trouble("retry_now", "its access is being renewed by another process"))
                # Another may have renewed it meanwhile, or left an answer that it could not put into the state.
                self._tokens = self._left_behind() or self.standing()
                if self._tokens is None or now >= self._tokens.until - _EARLY:
                    self._tokens = self._renewed(self._tokens, now)
        for secret in filter(None, (self._tokens.access, self._tokens.refresh)):
            self.learnt(secret)
        return self._tokens.access

    def standing(self) -> Tokens | None:
        """The tokens in the state; None where there are none that began with the first one in the environment."""
        # Grants used to be kept by the source alone.
        for name in (self._name, f"source {self.source}"):
            text = self.vault.read(name)
            opened = unsealed(text, self._key, name) if text is not None else None
            tokens = Tokens.of_json(opened) if opened is not None else None
            if tokens is not None and tokens.origin == self._origin:
                return tokens
        return None

    @property
    def _name(self) -> str:
        """Sources that begin with the same token, one for each table, share what it was exchanged for."""
        return f"{self.line.kind} {self._origin}"

    @property
    def _key(self) -> bytes:
        return key_of(self.options["client_secret"], "tokens")

    @property
    def _origin(self) -> str:
        return sha256(self.options["refresh_token"].encode()).hexdigest()[:16]

    @property
    def _file(self) -> Path | None:
        """What takes an answer before it is in the state."""
        if self.vault.folder is None:
            return None
        return self.vault.folder / f".{sha256(self._name.encode()).hexdigest()[:16]}.renewed"

    def _left_behind(self) -> Tokens | None:
        """The tokens of an answer that was written down and never came into the state."""
        file = self._file
        if file is None or not file.exists():
            return None
        text = unsealed(file.read_text("utf-8"), self._key, f"{self._name} {self._origin}")
        if text is None:
            return None
        # When it was granted nobody knows any more, but for its file.
        now = self.line.clock.now()
        return self._taken(json.loads(text), min(now, datetime.fromtimestamp(file.stat().st_mtime, now.tzinfo)))

    def _renewed(self, before: Tokens | None, now: datetime) -> Tokens:
        if before is not None and not before.refresh:
            raise RefusedError(Trouble("reconnect", f"access ended on {before.until:%Y-%m-%d}"))
        call, places = self._asking(before)
        if (file := self._file) is None:
            document = self.line.ask(self.line.forms.calls[call], places)
        else:
            name = f"{self._name} {self._origin}"
            renewal = Renewal(self.line.kind, self.line.base, call, places, str(file), self._key.hex(), name)
            document = renewed_apart(renewal)
        return self._taken(document, now)

    def _asking(self, before: Tokens | None) -> tuple[str, Mapping[str, str]]:
        """The call that renews, and what it is filled with."""
        own, first = self.options, self.options["refresh_token"]
        pair = b64encode(f"{own.get('client_id', '')}:{own['client_secret']}".encode()).decode()
        places = {**own, "basic": pair}
        parts = urlsplit(first) if before is None else None
        if before is not None:
            return "token", {**places, "refresh_token": before.refresh}
        if parts is not None and (codes := parse_qs(parts.query).get("code")):
            address = parts._replace(query="", fragment="").geturl()
            return "first_token", {**places, "code": codes[0], "redirect_uri": address}
        return "token", places

    def _taken(self, document: Any, now: datetime) -> Tokens:
        """The tokens of an answer, once they are in the state."""
        forms = self.line.forms
        granted = value_at(document, forms.granted) if forms.granted else document
        granted = granted if isinstance(granted, dict) else {}
        access, refresh = granted.get("access_token"), granted.get("refresh_token")
        if not access or not (refresh or forms.fixed_end):
            raise RefusedError(Trouble("our_fault", "no token came"))
        lasts = granted.get("expires_in", forms.token_lasts)
        renewable = granted.get("refresh_token_expires_in", forms.renewable) if refresh else lasts
        until, renewable_until = (now + timedelta(seconds=int(seconds)) for seconds in (lasts, renewable))
        scopes = scopes_in(granted)
        tokens = Tokens(self._origin, str(access), until, str(refresh or ""), renewable_until, scopes)
        self.vault.write(self._name, sealed(tokens.to_json(), self._key, self._name), now)
        if (file := self._file) is not None:
            with suppress(FileNotFoundError):
                file.unlink()
        return tokens
