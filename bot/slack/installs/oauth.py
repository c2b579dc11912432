"""How a workspace installs the bot by itself: to Slack's consent and back, for the browser that began it.

https://docs.slack.dev/authentication/installing-with-oauth
"""

from __future__ import annotations

import hmac
import logging
from collections.abc import Awaitable, Callable, Iterable
from secrets import token_hex
from time import time
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from bot.slack.installs.cut_off import Begun
from bot.slack.installs.installation import Installation, installation_of
from bot.slack.installs.rotation import Credentials
from bot.slack.manifest import ALL_SCOPES
from bot.slack.posting import SLACK_API_URL, attempt, slack_client
from kpi_core.errors import KpiBotError

if TYPE_CHECKING:
    from aiohttp import web
    from slack_sdk.web.async_slack_response import AsyncSlackResponse

INSTALL_PATH, RETURN_PATH = "/slack/install", "/slack/oauth_redirect"
COOKIE = "kpi-bot-install"
STATE_SECONDS = 600
CODE_USED = frozenset({"invalid_code", "code_already_used"})
"""Slack takes the code of a consent once, https://docs.slack.dev/reference/methods/oauth.v2.access."""
Install = Callable[[Installation], Awaitable[None]]
"""Takes an installation; KpiBotError for a workspace that is not served."""
log = logging.getLogger("kpi_bot.slack")


def install_routes(credentials: Credentials, install: Install, begun: Begun) -> Iterable[web.RouteDef]:
    """The two addresses; the second is the app's redirect URL. `begun` outlives a process that dies over one."""
    from aiohttp import web

    async def begin(_request: web.Request) -> web.Response:
        state = new_state(credentials.client_secret, time())
        consent = {"client_id": credentials.client_id, "scope": ",".join(sorted(ALL_SCOPES)), "state": state}
        answer = web.Response(status=302, headers={"Location": f"{_consent_url(credentials)}?{urlencode(consent)}"})
        answer.set_cookie(COOKIE, state, max_age=STATE_SECONDS, httponly=True, secure=True, samesite="Lax")
        return answer

    async def finish(request: web.Request) -> web.Response:
        state, code = request.query.get("state", ""), request.query.get("code", "")
        # Only the browser that began may end it: else one could be led to install the bot for somebody else.
        if not hmac.compare_digest(request.cookies.get(COOKIE, "").encode(), state.encode()) or not is_state(
            state, credentials.client_secret, time()
        ):
            return web.Response(status=400, text=f"This installation began elsewhere. Begin at {INSTALL_PATH}.")
        if not code:
            return web.Response(status=400, text="Nothing was installed.")
        cut_off = begun.was_cut_off(state)
        try:
            with begun.under_way(state):
                await install(installation_of(await _granted(credentials, code), time()))
        except KpiBotError as error:
            log.warning("An installation was refused: %s", error.message)
            if error.code in CODE_USED:
                return web.Response(status=409, text=_used(cut_off=cut_off))
            return web.Response(status=403, text=f"{error.message} {error.hint}".strip())
        return web.Response(text="KPI Bot is installed. Type /kpi in Slack.")

    return [web.get(INSTALL_PATH, begin), web.get(RETURN_PATH, finish)]


async def _granted(credentials: Credentials, code: str) -> AsyncSlackResponse:
    """What Slack gives for the code. ServiceError where it refuses."""
    names = {"client_id": credentials.client_id, "client_secret": credentials.client_secret}
    return await attempt(slack_client("", credentials.api_url).oauth_v2_access(**names, code=code))


def _used(*, cut_off: bool) -> str:
    """What whoever comes back a second time reads: nothing is lost but a click."""
    happened = "The installation was cut off before it was written down." if cut_off else "This link was used already."
    return f"{happened} If /kpi is not there in Slack, begin again at {INSTALL_PATH}: Slack gives a new token."


def new_state(secret: str, now: float) -> str:
    """A text that only this app can have made, and that says when: any of its processes knows it again."""
    stamp = f"{int(now)}.{token_hex(16)}"
    return f"{stamp}.{_signature(secret, stamp)}"


def is_state(state: str, secret: str, now: float) -> bool:
    """Whether it was made by `new_state` within ten minutes."""
    stamp, _dot, signature = state.rpartition(".")
    made = stamp.partition(".")[0]
    is_ours = hmac.compare_digest(signature.encode(), _signature(secret, stamp).encode())
    return is_ours and made.isdigit() and 0 <= now - int(made) <= STATE_SECONDS


def _signature(secret: str, stamp: str) -> str:
    return hmac.new(secret.encode(), f"install:{stamp}".encode(), "sha256").hexdigest()


def _consent_url(credentials: Credentials) -> str:
    root = (
        "https://slack.com"
        if credentials.api_url == SLACK_API_URL
        else credentials.api_url.rstrip("/").removesuffix("/api")
    )
    return f"{root}/oauth/v2/authorize"
