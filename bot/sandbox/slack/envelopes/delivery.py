"""How an envelope reaches the app: over one of its sockets, or as a signed request to its address."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import uuid
from asyncio import FIRST_COMPLETED
from collections import deque
from collections.abc import Sequence
from typing import Any, Literal
from urllib.parse import urlencode

import aiohttp
from aiohttp import web

from bot.sandbox.slack.slack_workspace import APP_ID, Json, Workspace
from kpi_core.frozen_dataclass import frozen

Kind = Literal["slash_commands", "interactive", "events_api"]
ACK_SECONDS = 3.0
# Slack tries an event again at once, after a minute and after five, then gives it up.
RETRY_DELAYS = (0.0, 60.0, 300.0)
LOG_LENGTH = 2000


@frozen
class Ack:
    """Whether the app acknowledged within 3 seconds, after how long, and what it answered with."""

    acked: bool
    seconds: float
    body: Json | None = None
    reason: str = ""


class _Line:
    """The connection under a socket."""

    def __init__(self, transport: asyncio.Transport | None) -> None:
        self.silent = asyncio.Event()
        self._transport = transport

    def abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    async def lost(self) -> None:
        """Wait until the other side is gone."""
        while self._transport is not None and not self._transport.is_closing():  # noqa: ASYNC110 - nothing tells of it
            await asyncio.sleep(0.05)


async def cancelled(task: asyncio.Task[Any]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def _hears(scopes: set[str], event: Json) -> bool:
    kinds = {"im": "im", "channel": "channels", "group": "groups", "mpim": "mpim"}
    kind = kinds.get(str(event.get("channel_type")), "")
    needed = {"app_mention": "app_mentions:read", "message": f"{kind}:history" if kind else ""}
    scope = needed.get(str(event.get("type")), "")
    return not scope or scope in scopes


def signed_headers(secret: str, body: str, now: float) -> dict[str, str]:
    """The headers by which an app knows that a request is Slack's (version 0)."""
    stamp = str(int(now))
    digest = hmac.new(secret.encode(), f"v0:{stamp}:{body}".encode(), hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={digest}"}


class Delivery:
    """The app's connections. With a `request_url` everything goes there, else over the sockets in turn."""

    def __init__(self, workspace: Workspace, retry_delays: Sequence[float] = RETRY_DELAYS) -> None:
        self.workspace = workspace
        self.retry_delays = tuple(retry_delays)
        self.request_url: str | None = None
        self.sockets: list[web.WebSocketResponse] = []
        self.tickets: set[str] = set()
        self.log: deque[Json] = deque(maxlen=LOG_LENGTH)
        """What was delivered: kind, payload, attempt, at, and how the app took it."""
        self._connected = asyncio.Event()
        self._waiting: dict[str, asyncio.Future[Json | None]] = {}
        self._again: set[asyncio.Task[None]] = set()
        self.missed: list[Json] = []
        """Events that the app took at no attempt; `replay` delivers them, as Slack's delayed events do."""
        self._lines: dict[web.WebSocketResponse, _Line] = {}

    def new_ticket(self) -> str:
        """The right to open one socket."""
        ticket = uuid.uuid4().hex
        self.tickets.add(ticket)
        return ticket

    async def connected(self, seconds: float = 120.0) -> None:
        """Wait until the app has a socket; TimeoutError if it opens none."""
        await asyncio.wait_for(self._connected.wait(), seconds)

    async def serve_socket(self, request: web.Request) -> web.StreamResponse:
        """One socket of the app, from hello to close."""
        if request.query.get("ticket") not in self.tickets:
            return web.Response(status=403, text="unknown ticket")
        self.tickets.discard(request.query["ticket"])
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.sockets.append(socket)
        await socket.send_json(self._hello())
        self._connected.set()
        self.workspace.changed()
        line = self._lines[socket] = _Line(request.transport)
        reading, falling = asyncio.create_task(self._read(socket)), asyncio.create_task(line.silent.wait())
        try:
            await asyncio.wait({reading, falling}, return_when=FIRST_COMPLETED)
            if not reading.done():
                # Nothing is read any more, so no ping is answered, and nobody hangs up.
                await cancelled(reading)
                await line.lost()
        finally:
            await cancelled(reading)
            await cancelled(falling)
            del self._lines[socket]
            self.sockets.remove(socket)
            if not self.sockets:
                self._connected.clear()
            self.workspace.changed()
        return socket

    async def _read(self, socket: web.WebSocketResponse) -> None:
        async for frame in socket:
            if frame.type is aiohttp.WSMsgType.TEXT:
                self._take_ack(frame.data)

    async def disconnect(self, reason: str = "warning") -> None:
        """Ask each socket's owner to come again, as Slack does before it closes one."""
        for socket in list(self.sockets):
            await socket.send_json({"type": "disconnect", "reason": reason, "debug_info": {"host": "local"}})

    def fall_silent(self) -> None:
        """The sockets there are stay open and give no sign of life, as behind a firewall that forgot them."""
        for line in self._lines.values():
            line.silent.set()

    def reset(self) -> None:
        """Every socket ends without a word, as when a machine is switched off."""
        for line in self._lines.values():
            line.abort()

    async def replay(self) -> list[Ack]:
        """Deliver what no attempt delivered, the oldest first, with its own ids and times."""
        missed, self.missed = self.missed, []
        return [await self.deliver("events_api", payload) for payload in missed]

    async def close(self) -> None:
        for task in self._again:
            task.cancel()
        # A copy, for a socket that closes takes itself out of the list.
        for socket in list(self.sockets):
            await socket.close()

    async def deliver(self, kind: Kind, payload: Json) -> Ack:
        """Deliver once and wait for the ack. An event that gets none is delivered again later.

        An event of which the app's scopes give it no word is not delivered at all.
        """
        if kind == "events_api" and not _hears(self.workspace.scopes, payload.get("event") or {}):
            return Ack(acked=False, seconds=0.0, reason="missing_scope")
        ack = await self._once(kind, payload, 0)
        if kind == "events_api" and not ack.acked:
            task = asyncio.create_task(self._again_and_again(payload, ack.reason))
            # The loop alone would not keep the task from being thrown away before it ran.
            self._again.add(task)
            task.add_done_callback(self._again.discard)
        return ack

    async def _again_and_again(self, payload: Json, reason: str) -> None:
        for attempt, delay in enumerate(self.retry_delays, start=1):
            await asyncio.sleep(delay)
            ack = await self._once("events_api", payload, attempt, reason)
            if ack.acked:
                return
            reason = ack.reason
        self.missed.append(payload)
        self.workspace.changed()

    async def _once(self, kind: Kind, payload: Json, attempt: int, reason: str = "") -> Ack:
        ack = await self._tried(kind, payload, attempt, reason)
        taken = {"acked": ack.acked, "seconds": round(ack.seconds, 3), "body": ack.body, "reason": ack.reason}
        self.log.append({"kind": kind, "payload": payload, "attempt": attempt, "at": self.workspace.now()} | taken)
        self.workspace.changed()
        return ack

    async def _tried(self, kind: Kind, payload: Json, attempt: int, reason: str) -> Ack:
        loop = asyncio.get_running_loop()
        begun = loop.time()
        send = self._by_request if self.request_url else self._by_socket
        try:
            body = await asyncio.wait_for(send(kind, payload, attempt, reason), ACK_SECONDS)
        except TimeoutError:
            return Ack(acked=False, seconds=loop.time() - begun, reason="timeout")
        except (aiohttp.ClientError, ConnectionError) as error:
            return Ack(acked=False, seconds=loop.time() - begun, reason=str(error) or "connection_failed")
        return Ack(acked=True, seconds=loop.time() - begun, body=body)

    async def _by_socket(self, kind: Kind, payload: Json, attempt: int, reason: str) -> Json | None:
        if not self.sockets:
            raise ConnectionError("no_socket")
        # However many sockets an app has, an envelope goes to one of them.
        self.sockets.append(self.sockets.pop(0))
        envelope: Json = {"envelope_id": str(uuid.uuid4()), "type": kind, "payload": payload}
        # An event cannot be answered in its ack; what the app has to say to it, it posts.
        envelope["accepts_response_payload"] = kind != "events_api"
        if kind == "events_api":
            envelope |= {"retry_attempt": attempt, "retry_reason": reason}
        waiting: asyncio.Future[Json | None] = asyncio.get_running_loop().create_future()
        self._waiting[envelope["envelope_id"]] = waiting
        try:
            await self.sockets[-1].send_json(envelope)
            return await waiting
        finally:
            del self._waiting[envelope["envelope_id"]]

    async def _by_request(self, kind: Kind, payload: Json, attempt: int, reason: str) -> Json | None:
        # Slack's own mixture: an event is JSON, a command a form, an interaction JSON in a field of a form.
        if kind == "events_api":
            body, content = json.dumps(payload), "application/json"
        else:
            fields = payload if kind == "slash_commands" else {"payload": json.dumps(payload)}
            body, content = urlencode(fields), "application/x-www-form-urlencoded"
        headers = signed_headers(self.workspace.signing_secret, body, self.workspace.now()) | {"Content-Type": content}
        if attempt:
            headers |= {"X-Slack-Retry-Num": str(attempt), "X-Slack-Retry-Reason": reason}
        async with (
            aiohttp.ClientSession() as session,
            session.post(str(self.request_url), data=body, headers=headers) as response,
        ):
            answer = await response.text()
            if response.status != 200:
                raise ConnectionError(f"http_error {response.status}")
            return _answer(answer)

    def _take_ack(self, data: str) -> None:
        message = json.loads(data)
        waiting = self._waiting.get(message.get("envelope_id", ""))
        # An ack may come after the three seconds, when nobody waits for it any more.
        if waiting is not None and not waiting.done():
            payload = message.get("payload")
            waiting.set_result({"text": payload} if isinstance(payload, str) else payload)

    def _hello(self) -> Json:
        return {
            "type": "hello",
            "num_connections": len(self.sockets),
            "connection_info": {"app_id": APP_ID},
            "debug_info": {"host": "local", "approximate_connection_time": 18060},
        }


def _answer(body: str) -> Json | None:
    """What an app put into the body of its 200: JSON, or a text to show."""
    if not body.strip():
        return None
    try:
        answer = json.loads(body)
    except ValueError:
        return {"text": body}
    return answer if isinstance(answer, dict) else {"text": body}
