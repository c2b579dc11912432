"""The tools over HTTP: no request passes without the token of one person."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, MutableMapping
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any

from bot.assistants.protocol import PERSON
from kpi_core.errors import ServiceError

if TYPE_CHECKING:
    from mcp.server.lowlevel import Server
    from starlette.types import ASGIApp

PATH = "/mcp"
LARGEST_BODY = 64 * 1024
LONGEST_TOKEN = 200
MOST_AT_ONCE, LAST_REPLIES_SECONDS = 200, 5
PersonOf = Callable[[str], str | None]
"""Whose token it is. Slow."""
Message = MutableMapping[str, Any]
log = logging.getLogger("kpi_bot.assistants")


def assistants_app(server: Server[Any], person_of: PersonOf) -> ASGIApp:
    """The server behind its gate: 401 without a good token, whatever else the request is."""
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
    values = [value for name, value in scope["headers"] if name == b"authorization"]
    kind, _space, token = (values[0] if len(values) == 1 else b"").partition(b" ")
    good = kind.lower() == b"bearer" and len(token) <= LONGEST_TOKEN and token.isascii()
    return token.decode("ascii").strip() if good else ""


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
