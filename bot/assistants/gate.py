"""The tools over HTTP: no request passes without the token of one person, or Slack's signature and its word for one."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, MutableMapping
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any

from bot.assistants.protocol import PERSON
from bot.slack.transport.signed_requests import is_slacks
from kpi_core.errors import ServiceError
from kpi_core.frozen_dataclass import frozen

if TYPE_CHECKING:
    from mcp.server.lowlevel import Server
    from starlette.types import ASGIApp

PATH = "/mcp"
LARGEST_BODY = 64 * 1024
LONGEST_TOKEN = 200
MOST_AT_ONCE, LAST_REPLIES_SECONDS = 200, 5
NOBODY = ""
"""In place of a person, where only the tools are described."""
PersonOf = Callable[[str], str | None]
"""Whose token it is. Slow."""
Message = MutableMapping[str, Any]
log = logging.getLogger("kpi_bot.assistants")


@frozen
class SlackIdentity:
    """Slack's own client, which signs each request and says in it who asks
    (https://docs.slack.dev/ai/slackbot-mcp-client, *Slack identity auth*).

    `caller` is the name of a person of these ids (user, team, organisation); None for somebody of no team that is
    served.
    """

    signing_secret: str
    caller: Callable[[str, str, str], str | None]


def assistants_app(server: Server[Any], person_of: PersonOf, slack: SlackIdentity | None = None) -> ASGIApp:
    """The server behind its gate: 401 without a good token or Slack's signature, whatever else the request is."""
    from mcp.server.transport_security import TransportSecuritySettings

    # Each request carries its own token, so there are no sessions for another to take over; and no page of another
    # site has a token, by whatever name it reaches this machine.
    inner = server.streamable_http_app(
        streamable_http_path=PATH,
        json_response=True,
        stateless_http=True,
        max_request_body_size=LARGEST_BODY,
        transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False),
    )

    async def gate(scope: Any, receive: Any, send: Callable[[Message], Awaitable[None]]) -> None:
        if scope["type"] != "http":
            await inner(scope, receive, send)
            return
        token = _token(scope)
        person = await asyncio.to_thread(person_of, token) if token else None
        if not token and slack is not None and _header(scope, b"x-slack-signature"):
            body = await _whole(receive)
            person, receive = _signed_by_slack(slack, scope, body), _again(body)
        if person is None:
            await _refuse(
                send, 401, (b"www-authenticate", b"Bearer"), b"A token is needed: kpi mcp token USER makes one."
            )
            return
        if scope["method"] != "POST":
            # A stream would be held open for news of which there is none, and hold up the end of the process.
            await _refuse(send, 405, (b"allow", b"POST"), b"")
            return
        await inner({**scope, PERSON: person}, receive, send)

    return gate


def _token(scope: Any) -> str:
    """The one token of the request; empty where there is none, or more than one."""
    kind, _space, token = _header(scope, b"authorization").partition(b" ")
    good = kind.lower() == b"bearer" and len(token) <= LONGEST_TOKEN and token.isascii()
    return token.decode("ascii").strip() if good else ""


def _signed_by_slack(slack: SlackIdentity, scope: Any, body: bytes | None) -> str | None:
    """Who asks, by what Slack signed; "" where it only asks which tools there are, None for what it did not sign."""
    names = ("x-slack-signature", "x-slack-request-timestamp")
    headers = {name: _header(scope, name.encode()).decode("latin-1") for name in names}
    if body is None or not is_slacks(slack.signing_secret, body, headers):
        return None
    try:
        call = json.loads(body)
        calls_a_tool = call["method"] == "tools/call"
        says = (call["params"]["_meta"]["slack"] if calls_a_tool else {}) or {}
        ids = [says.get(name) or "" for name in ("user_id", "team_id", "enterprise_id")]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
    if not calls_a_tool:
        return NOBODY
    return slack.caller(*ids) if all(isinstance(each, str) for each in ids) and ids[0] else None


def _header(scope: Any, name: bytes) -> bytes:
    """The one header of a name; empty where there is none, or more than one."""
    values = [value for key, value in scope["headers"] if key == name]
    return values[0] if len(values) == 1 else b""


async def _whole(receive: Callable[[], Awaitable[Message]]) -> bytes | None:
    """The body of a request; None for one that is too large, or breaks off."""
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if message["type"] != "http.request" or len(body) > LARGEST_BODY:
            return None
        if not message.get("more_body"):
            return bytes(body)


def _again(body: bytes | None) -> Callable[[], Awaitable[Message]]:
    """Gives a body that was read once more; after it the client is gone."""
    messages = iter([{"type": "http.request", "body": body or b"", "more_body": False}])

    async def receive() -> Message:
        return next(messages, {"type": "http.disconnect"})

    return receive


async def _refuse(
    send: Callable[[Message], Awaitable[None]], status: int, header: tuple[bytes, bytes], body: bytes
) -> None:
    headers = [(b"content-type", b"text/plain"), header]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


@asynccontextmanager
async def serving_assistants(app: ASGIApp, host: str, port: int) -> AsyncIterator[str]:
    """Serve on a port of its own as long as the block runs; its address. ServiceError where the port is taken."""
    import socket

    import uvicorn

    class Quiet(uvicorn.Server):
        @contextmanager
        def capture_signals(self) -> Iterator[None]:
            # The process has a way of its own to end.
            yield

    listening = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen()
    except OSError as error:
        listening.close()
        message = f"Port {port} on {host} cannot be opened: {error.strerror}."
        raise ServiceError(message, code="port_taken", hint="Choose another port with --mcp.") from None
    settings = uvicorn.Config(
        app, log_config=None, access_log=False, server_header=False, lifespan="on", log_level="warning",
        limit_concurrency=MOST_AT_ONCE, timeout_graceful_shutdown=LAST_REPLIES_SECONDS,
    )  # fmt: skip
    server = Quiet(settings)
    serving = asyncio.create_task(server.serve([listening]))
    try:
        address = "http://{}:{}{}".format(*listening.getsockname()[:2], PATH)
        log.info("Assistants on %s.", address)
        yield address
    finally:
        server.should_exit = True
        await serving
