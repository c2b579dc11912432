"""The Slack app: made from services, served over Socket Mode or HTTP."""

from __future__ import annotations

import asyncio
import logging
import os
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.slack.installs.authorizing import TokenOf, authorizing
from bot.slack.listeners import register
from bot.slack.listeners.services import Services
from bot.slack.listeners.underway import finish_answers
from bot.slack.posting import SLACK_API_URL, attempt, is_loopback, slack_client
from bot.slack.transport.owed_acks import OwedAcks, let_acks_through
from bot.slack.transport.signed_requests import EVENTS_PATH, http_app, quiet_logger, runner_of
from bot.slack.transport.sockets import PATIENCE, Patience, Sockets
from kpi_core.errors import Problem, ServiceError, SettingsError
from kpi_core.frozen_dataclass import frozen
from kpi_core.phrases import say

if TYPE_CHECKING:
    from aiohttp import web
    from slack_bolt.async_app import AsyncApp, AsyncBoltContext, AsyncBoltRequest
    from slack_bolt.response import BoltResponse
    from slack_sdk.web.async_slack_response import AsyncSlackResponse

__all__ = [
    "Connection", "Services", "SlackAccess", "create_app", "http_app", "serve_http", "serve_socket", "slack_access",
]  # fmt: skip

LAST_ANSWERS_SECONDS = 10.0
PLACEHOLDER = re.compile(
    r"your|change.?me|placeholder|example|secret-here|token-here|todo|xxx|\.\.\.|…|[<>\s]", re.IGNORECASE
)
TOKENS: Mapping[str, tuple[str, str]] = {
    "SLACK_BOT_TOKEN": ("xoxb-", "Copy the Bot User OAuth Token from OAuth & Permissions of the app."),
    "SLACK_APP_TOKEN": ("xapp-", "Make an app-level token with connections:write under Basic Information of the app."),
    "SLACK_SIGNING_SECRET": ("", "Copy the Signing Secret from Basic Information of the app."),
}
LIBRARY_CREDENTIALS = {"SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET"}
GONE = frozenset({"invalid_auth", "account_inactive", "token_revoked", "not_installed", "team_access_not_granted"})
"""Of a token that no waiting mends."""
log = logging.getLogger("kpi_bot.slack")


@frozen
class SlackAccess:
    """How to reach Slack, and what proves who is who. Never printed."""

    bot_token: str
    app_token: str = ""
    signing_secret: str = ""
    api_url: str = SLACK_API_URL
    renewed: Callable[[], str] | None = None
    """Gives the bot token of the moment, where it expires. Slow when it has to be renewed."""

    @property
    def token(self) -> str:
        """The bot token to use for this call."""
        return self.bot_token if self.renewed is None else self.renewed()

    def __repr__(self) -> str:
        return f"SlackAccess(api_url={self.api_url!r})"


def slack_access(
    environ: Mapping[str, str] = os.environ, *, http: bool = False, only_posts: bool = False, installs: bool = False
) -> SlackAccess:
    """What the environment gives; SettingsError naming each token that is missing, a placeholder or of another kind.

    Socket Mode needs the app-level token, `http` the signing secret, and who `only_posts` neither of them. Where each
    workspace `installs` the bot it comes with its own token.
    """
    needed = ["SLACK_SIGNING_SECRET"] if installs else ["SLACK_BOT_TOKEN"]
    if not only_posts and not installs:
        needed.append("SLACK_SIGNING_SECRET" if http else "SLACK_APP_TOKEN")
    problems = [problem for name in needed if (problem := _token_problem(name, environ.get(name, "").strip()))]
    if problems:
        raise SettingsError(problems, code="slack_tokens")
    values = {name: environ.get(name, "").strip() for name in TOKENS}
    return SlackAccess(
        values["SLACK_BOT_TOKEN"],
        values["SLACK_APP_TOKEN"],
        values["SLACK_SIGNING_SECRET"],
        environ.get("SLACK_API_URL", "").strip() or SLACK_API_URL,
    )


def _token_problem(name: str, value: str) -> Problem | None:
    prefix, hint = TOKENS[name]
    if not value:
        return Problem(name, 0, 0, "is not set in the environment.", hint)
    # Slack's own are far longer: what is this short was typed by hand.
    if PLACEHOLDER.search(value) or len(value) < len(prefix) + 8:
        return Problem(name, 0, 0, "is still a placeholder.", hint)
    # One that Slack renews has a sign of its own in front.
    if not value.removeprefix("xoxe.").startswith(prefix):
        return Problem(name, 0, 0, f"does not start with {prefix}", hint)
    return None


def create_app(
    served: Services | Mapping[str, Services], access: SlackAccess | None = None, tokens: TokenOf | None = None
) -> AsyncApp:
    """The app with all its listeners; `access` comes from the environment by default. Call it inside a running loop.

    Each request is answered by the services of its team: those under the team's id, or the only ones. `tokens` says by
    which token, where each team has its own.
    """
    access = access or slack_access()
    # The library would leave the token aside where it sees credentials of its own kind in the environment.
    if tokens is None and (access.renewed is not None or os.environ.keys() >= LIBRARY_CREDENTIALS):
        tokens = lambda _team, _enterprise: access.token  # noqa: E731 - one of two ways to the same
    logger = quiet_logger()
    client = slack_client(access.bot_token if tokens is None else "", access.api_url, logger)
    acks = OwedAcks()
    app = _app_class(acks)(
        client=client,
        signing_secret=access.signing_secret,
        logger=logger,
        name="kpi_bot",
        before_authorize=_past_proxies if is_loopback(access.api_url) else None,
        authorize=None if tokens is None else authorizing(tokens, access.api_url),
        user_facing_authorize_error_message=say("en", "slack.not_served"),
    )
    app.error(_log_error)
    register(app, served, acks)
    return app


def _app_class(acks: OwedAcks) -> type[AsyncApp]:
    """The library's, which counts what it owes: there is no other way in for what both transports bring."""
    from slack_bolt.async_app import AsyncApp

    class CountingApp(AsyncApp):
        async def async_dispatch(self, req: AsyncBoltRequest) -> BoltResponse:
            with acks.owing():
                return await super().async_dispatch(req)

    return CountingApp


async def team_of(access: SlackAccess) -> str:
    """The id of the team, or of the whole organisation, that the bot's token is for. ServiceError as serve_socket."""
    answer = await _token_test(access)
    whole = bool(answer.get("is_enterprise_install"))
    return str((answer.get("enterprise_id") if whole else answer.get("team_id")) or "")


async def _token_test(access: SlackAccess) -> AsyncSlackResponse:
    token = await asyncio.to_thread(lambda: access.token)
    return await attempt(slack_client(token, access.api_url).auth_test())


def is_refused(access: SlackAccess) -> bool:
    """Whether Slack says that the bot's token is good for nothing any more. Call it outside any event loop."""
    try:
        asyncio.run(_token_test(access))
    except ServiceError as error:
        return error.code in GONE
    return False


@dataclass(slots=True)
class Connection:
    """The way on which Slack reaches the bot, for whoever asks whether it is there."""

    sockets: Sockets | None = None
    listening: bool = False
    installed: bool = True

    async def is_up(self) -> bool:
        """Whether a question would be heard and answered: a socket answers, or the port listens."""
        if not self.installed:
            return False
        return await self.sockets.is_up() if self.sockets is not None else self.listening


async def serve_socket(  # noqa: PLR0913 - until when, how, and who is told
    app: AsyncApp,
    access: SlackAccess,
    *,
    stop: asyncio.Event | None = None,
    connection: Connection | None = None,
    count: int = 1,
    patience: Patience = PATIENCE,
) -> None:
    """Serve over `count` sockets until `stop` is set or the task is cancelled.

    ServiceError when Slack cannot be reached at the start or refuses a token; later losses are mended by reconnecting.
    """
    let_acks_through()
    # A refused token ends the start, instead of the first question.
    await _token_test(access)
    await _check_app_token(app, access)
    sockets = Sockets(app, access.app_token, is_loopback(access.api_url), count, patience)
    if connection is not None:
        connection.sockets = sockets
    try:
        await sockets.open()
        log.info("Connected to Slack over Socket Mode.")
        await (stop or asyncio.Event()).wait()
    finally:
        # Closed first: no new question comes, and answers go out by calls of their own.
        await sockets.close()
        await finish_answers(LAST_ANSWERS_SECONDS)


async def _check_app_token(app: AsyncApp, access: SlackAccess) -> None:
    """The library would try a refused token for ever."""
    try:
        await attempt(app.client.apps_connections_open(app_token=access.app_token))
    except ServiceError as error:
        if error.code not in {"invalid_auth", "not_allowed_token_type", "missing_scope", "token_revoked"}:
            raise
        name = "SLACK_APP_TOKEN"
        raise ServiceError(f"{name}: {error.message}", code=error.code, hint=TOKENS[name][1]) from None


async def serve_http(  # noqa: PLR0913 - where, until when, and who is told
    app: AsyncApp,
    access: SlackAccess,
    *,
    host: str = "127.0.0.1",
    port: int = 3000,
    stop: asyncio.Event | None = None,
    connection: Connection | None = None,
    routes: Sequence[web.RouteDef] = (),
) -> None:
    """Serve signed requests of Slack until `stop` is set or the task is cancelled. ServiceError as serve_socket.

    `routes` stand beside the one for requests: by which workspaces install the bot.
    """
    from aiohttp import web

    let_acks_through()
    # Workspaces that install the bot by themselves come with a token each.
    if not routes:
        await _token_test(access)
    runner = runner_of(http_app(app, access.signing_secret, routes))
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
        if connection is not None:
            connection.listening = True
        log.info("Listening for Slack on http://%s:%s%s.", *runner.addresses[0][:2], EVENTS_PATH)
        await (stop or asyncio.Event()).wait()
    except OSError as error:
        message = f"Port {port} on {host} cannot be opened: {error.strerror}."
        raise ServiceError(message, code="port_taken", hint="Choose another port with --port.") from None
    finally:
        await runner.cleanup()
        await finish_answers(LAST_ANSWERS_SECONDS)


async def _past_proxies(context: AsyncBoltContext, next: Callable[[], Awaitable[None]]) -> None:  # noqa: A002 - bolt's name
    """A Slack on this machine is reached directly; bolt's client of each request would ask the environment again."""
    context.client.proxy = None
    await next()


async def _log_error(error: Exception) -> None:
    """What no listener caught: its kind alone, since messages may carry secrets."""
    log.error("A listener failed: %s", type(error).__name__)
