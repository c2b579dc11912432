"""What both stand-ins for LinkedIn share: its versions, its grants, how it writes errors, and its lists in a query.

Made from learn.microsoft.com/linkedin: shared/authentication (authorization code and programmatic refresh tokens),
shared/api-guide (versioning, errors, Rest.li 2.0) and marketing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

from kpi_core.sources.api.stand_ins.faults import Answered, Asked

CLIENT_ID = "standin0linkedin"
CLIENT_SECRET = "standin0linkedin0secret"  # noqa: S105  (opens nothing but the stand-in)
FIRST_TOKEN = "AQstandin0refresh0first"  # noqa: S105
CODE = "AQstandin0code"
REDIRECT = "https://hanok.example/linkedin"
CODE_ADDRESS = f"{REDIRECT}?code={CODE}&state=kpi"
VERSION = "202608"
_LASTS, _RENEWABLE = timedelta(days=60), timedelta(days=365)
_URN = re.compile(r"urn(:|%3A)li(:|%3A)\w+(:|%3A)\w+")


class RefusalError(Exception):
    """An error as LinkedIn writes it."""

    def __init__(self, status: int, code: str, message: str = "") -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


@dataclass(slots=True)
class Grants:
    """What a member has granted to an app: a code that is good once, a refresh token that ends a year later however
    often it is used, and access tokens of 60 days.
    """

    scope: str
    begun: datetime | None = None
    has_refresh: bool = True
    """Whether the app may renew access: LinkedIn approves that for some."""
    code: str = CODE
    access: dict[str, datetime] = field(default_factory=dict)

    def answer(self, request: Asked, now: datetime) -> Answered:
        form = dict(parse_qsl(request.body.decode()))
        if (form.get("client_id"), form.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
            return _refused("invalid_client", "Client authentication failed", 401)
        self.begun = self.begun or now
        by_code = form.get("grant_type") == "authorization_code" and form.get("code") == self.code != ""
        if by_code and form.get("redirect_uri") != REDIRECT:
            return _refused("invalid_redirect_uri", "The redirect_uri does not match")
        by_token = form.get("grant_type") == "refresh_token" and form.get("refresh_token") == FIRST_TOKEN
        left = self.begun + _RENEWABLE - now
        if not by_code and not (by_token and self.has_refresh and left > timedelta()):
            return _refused("invalid_grant", "The provided token is invalid or has expired")
        self.code = "" if by_code else self.code
        token = f"AQstandin0access{len(self.access):04d}"
        self.access[token] = now + _LASTS
        granted = {"access_token": token, "expires_in": int(_LASTS.total_seconds()), "scope": self.scope}
        if self.has_refresh:
            granted |= {"refresh_token": FIRST_TOKEN, "refresh_token_expires_in": int(left.total_seconds())}
        return Answered(granted)

    def check(self, request: Asked, now: datetime) -> None:
        """RefusalError for a version, a token or a query that LinkedIn does not take."""
        if request.headers.get("linkedin-version") != VERSION:
            raise RefusalError(426, "NONEXISTENT_VERSION", "Requested version is not active")
        if request.headers.get("x-restli-protocol-version") != "2.0.0" or request.method != "GET":
            raise RefusalError(400, "ILLEGAL_ARGUMENT", "No virtual resource found")
        until = self.access.get(request.headers.get("authorization", "").removeprefix("Bearer "))
        if until is None or until <= now:
            code = "INVALID_ACCESS_TOKEN" if until is None else "EXPIRED_ACCESS_TOKEN"
            raise RefusalError(401, code, "The token used in the request is not good any more")
        if "%25" in request.written or "%28" in request.written or any(":" in urn for urn in _urns(request.written)):
            raise RefusalError(400, "ILLEGAL_ARGUMENT", "Invalid query parameters passed to request")


def _urns(written: str) -> list[str]:
    """The URNs of a query as they were written."""
    return [match[0] for match in _URN.finditer(written)]


def _refused(error: str, text: str, status: int = 400) -> Answered:
    return Answered({"error": error, "error_description": text}, None, status)


def error(status: int, code: str, message: str) -> dict[str, Any]:
    return {"status": status, "code": code, "message": message or "An error occurred.", "serviceErrorCode": 100}


def refusal(status: int) -> Any:
    codes = {401: "EXPIRED_ACCESS_TOKEN", 403: "ACCESS_DENIED", 429: "TOO_MANY_REQUESTS"}
    return error(status, codes.get(status, "INTERNAL_SERVER_ERROR"), "An error occurred.")


def paged(elements: list[Any], query: Mapping[str, str], most: int) -> dict[str, Any]:
    """A page of a list whose cursor stands in its metadata; the last page has none."""
    size, token = int(query.get("pageSize", 100)), query.get("pageToken", "")
    start = int(token.removeprefix("DgG")) if token.removeprefix("DgG").isdigit() else 0
    if not 0 < size <= 1_000 or (token and not start):
        raise RefusalError(400, "PARAM_INVALID", "Invalid param.")
    end = start + min(size, most)
    metadata = {"nextPageToken": f"DgG{end}"} if end < len(elements) else {}
    return {"elements": elements[start:end], "metadata": metadata}
