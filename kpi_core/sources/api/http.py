"""The one door to services over HTTP: addresses, signatures, pace, patience, and no secret in any error or log.

Only a vendor's own hosts are called, redirects are refused, and neither `.netrc` nor cookies sign anything. In tests
and in the playground KPI_<TYPE>_API_URL leads all calls of a type to a stand-in.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

from kpi_core.errors import DataError
from kpi_core.sources import Clock
from kpi_core.sources.api.forms import Call, Forms, filled
from kpi_core.sources.api.outcomes import RefusedError, Reply, Trouble, judged, quota_in
from kpi_core.sources.api.signing import Signer, Signing

TIMEOUT = 60.0
"""Seconds for an answer to come."""
ATTEMPTS = 4
LONGEST_PAUSE = 300.0
"""Seconds: whoever wants to be asked later than that is asked by a later load."""
_HOUR = 3600.0
_MOST_BYTES = 64 * 1024 * 1024
_HOST = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*|::1")
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(slots=True)
class Line:
    """A connection to one service. `signer` signs; `secrets` are the texts that must never be repeated."""

    kind: str
    forms: Forms
    base: str
    signer: Signer
    clock: Clock
    secrets: list[str] = field(default_factory=list, repr=False)
    scopes: list[str] = field(default_factory=list)
    """What its token may do, where that was said when it was fetched."""
    timeout: float = TIMEOUT
    calls: int = 0
    """How many requests were sent."""
    quota: str = ""
    """What the last answer said of the calls that are left, in its own words."""
    _session: Any = field(default=None, repr=False)
    _free_at: datetime | None = None

    def ask(
        self,
        call: Call,
        places: Mapping[str, str],
        moved: Mapping[str, Any] | None = None,
        *,
        attempts: int | None = None,
    ) -> Any:
        """The document of a good answer; RefusedError after some attempts, or at once where they are of no use.

        `moved` are the parameters of paging, those of the body by their dotted places after `body:`.
        """
        from urllib3.exceptions import MaxRetryError
        from urllib3.util.retry import Retry

        retries = Retry(total=(attempts or ATTEMPTS) - 1, backoff_factor=1, backoff_max=60, backoff_jitter=0.5)
        while True:
            trouble: Trouble
            try:
                reply = self._sent(call, places, moved or {})
                self.quota = quota_in(reply, self.forms.quota) or self.quota
                return judged(reply, self.forms.errors, self.clock.now())
            except RefusedError as error:
                trouble = replace(error.trouble, reason=self._without_secrets(error.trouble.reason))
            if trouble.outcome != "retry_now" or trouble.smaller:
                raise RefusedError(trouble)
            if trouble.pause is not None and trouble.pause > LONGEST_PAUSE:
                raise RefusedError(replace(trouble, outcome="retry_tomorrow" if trouble.pause > _HOUR else "retry_now"))
            try:
                retries = retries.increment(call.method, call.path)
            except MaxRetryError:
                raise RefusedError(trouble) from None
            self.clock.wait(retries.get_backoff_time() if trouble.pause is None else trouble.pause)

    def _sent(self, call: Call, places: Mapping[str, str], moved: Mapping[str, Any]) -> Reply:
        self._keep_pace()
        path = filled(call.path, places)
        query = {**filled(call.query, places), **{name: value for name, value in moved.items() if ":" not in name}}
        body = filled(call.body, places)
        for name, value in moved.items():
            if name.startswith("body:"):
                body = _with(body, name.removeprefix("body:").split("."), value)
        signing = Signing(call.method, path, self.clock.now(), places.get("account", ""))
        headers = {**filled(self.forms.headers, places), **filled(call.headers, places), **self.signer(signing)}
        url = f"{self.base}{path}" + (f"?{urlencode(query, safe=self.forms.unencoded)}" if query else "")
        return self._over_the_wire(call.method, url, headers, body)

    def _over_the_wire(self, method: str, url: str, headers: Mapping[str, str], body: Any) -> Reply:
        import requests

        if self._session is None:
            self._session = requests.Session()
            # Without a way to sign of its own, requests would take whatever .netrc has for the host.
            self._session.auth = _unsigned
        data = None
        if body is not None:
            is_form = headers.get("Content-Type", "").startswith("application/x-www-form-urlencoded")
            data = urlencode(body) if is_form else json.dumps(body)
            headers = {"Content-Type": "application/json", **headers}
        self.calls += 1
        try:
            with self._session.request(
                method, url, headers=headers, data=data, timeout=self.timeout, allow_redirects=False, stream=True
            ) as answer:
                content = answer.raw.read(_MOST_BYTES + 1, decode_content=True)
                named = {name.lower(): value for name, value in answer.headers.items()}
                self._session.cookies.clear()
        except Exception as error:  # drivers quote the address, which may hold a secret
            if not _is_of_the_wire(error):
                raise
            raise RefusedError(Trouble("retry_now", _plain(error))) from None
        if len(content) > _MOST_BYTES:
            raise RefusedError(Trouble("our_fault", "the answer is too large"))
        return Reply(answer.status_code, named, content)

    def _keep_pace(self) -> None:
        if not self.forms.rate:
            return
        now = self.clock.now()
        if self._free_at is not None and self._free_at > now:
            self.clock.wait((self._free_at - now).total_seconds())
            now = self._free_at
        self._free_at = now + timedelta(seconds=1 / self.forms.rate)

    def _without_secrets(self, text: str) -> str:
        for secret in self.secrets:
            if len(secret) > 3:
                text = text.replace(secret, "…")
        return text


def _unsigned(request: Any) -> Any:
    return request


def _is_of_the_wire(error: Exception) -> bool:
    import requests
    import urllib3

    return isinstance(error, requests.RequestException | urllib3.exceptions.HTTPError | OSError)


def _plain(error: Exception) -> str:
    """What broke, without an address."""
    name = type(error).__name__
    return "no answer in time" if "Timeout" in name else "the connection broke"


def _with(body: Any, steps: list[str], value: Any) -> Any:
    """A body with a value put at its place."""
    first, *rest = steps
    if isinstance(body, list):
        place = int(first)
        return [*body[:place], _with(body[place], rest, value) if rest else value, *body[place + 1 :]]
    own = dict(body or {})
    own[first] = _with(own.get(first), rest, value) if rest else value
    return own


def base_of(
    kind: str, base: str, hosts: tuple[str, ...], places: Mapping[str, str], environment: Mapping[str, str]
) -> str:
    """The address that all calls begin with. DataError where it leads to a host that is none of the vendor's."""
    name = f"KPI_{kind.upper()}_API_URL"
    led = environment.get(name, "")
    base = led or filled(base, places)
    parts = urlsplit(base)
    host = parts.hostname or ""
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and host in _LOOPBACK)
    is_own = bool(led) or host in {filled(pattern, places).lower() for pattern in hosts}
    is_plain = bool(_HOST.fullmatch(host)) and not (parts.username or parts.password or parts.query or parts.fragment)
    if is_safe and is_own and is_plain:
        return base.rstrip("/")
    message = f"{name if led else kind} leads to an address that is not the service's."
    raise DataError(message, code="source_host", hint="Check the options of the source in kpi.yaml.")
