"""The local Slack as a server on this machine only: Web API, sockets, response_url, uploads, and people to act as."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from aiohttp import web

from bot.sandbox.slack.acting import Acting
from bot.sandbox.slack.delivery import Delivery
from bot.sandbox.slack.faults import Fault, Faults
from bot.sandbox.slack.methods import Refusal, call, checked, truth
from bot.sandbox.slack.workspace import (
    BOT_USER,
    MOST_TEXT,
    RESPONSE_SECONDS,
    RESPONSE_USES,
    Json,
    Message,
    Workspace,
)

Found = TypeVar("Found")
LOOPBACK = "127.0.0.1"
LARGEST_BODY = 64 * 1024 * 1024


class LocalSlack:
    """A running workspace. `url` is its address, `environment` what points the product at it."""

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self.workspace = Workspace(now)
        self.delivery = Delivery(self.workspace)
        self.faults = Faults()
        self.requests: list[Json] = []
        self.acting = Acting(self)
        self.url = ""
        self._runner: web.AppRunner | None = None
        self._changed = asyncio.Event()
        self.workspace.watchers.append(self._changed.set)

    async def start(self, port: int = 0) -> None:
        """Listen on 127.0.0.1; port 0 takes a free one. OSError if the port is taken."""
        from bot.sandbox.slack.control import control_routes

        app = web.Application(client_max_size=LARGEST_BODY, middlewares=[_own_pages_only])
        app.add_routes([
            web.get("/socket", self.delivery.serve_socket),
            web.post("/response/{key}", self._respond),
            web.post("/upload/{file}", self._upload),
            web.route("*", "/api/{method}", self._api),
            *control_routes(self),
        ])  # fmt: skip
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        await web.TCPSite(self._runner, LOOPBACK, port).start()
        self.url = f"http://{LOOPBACK}:{self._runner.addresses[0][1]}"

    async def close(self) -> None:
        """Close the sockets and stop listening; what happened stays readable."""
        await self.delivery.close()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    @property
    def environment(self) -> dict[str, str]:
        """The environment variables by which the product talks to this workspace."""
        return {
            "SLACK_API_URL": f"{self.url}/api/",
            "SLACK_BOT_TOKEN": self.workspace.bot_token,
            "SLACK_APP_TOKEN": self.workspace.app_token,
            "SLACK_SIGNING_SECRET": self.workspace.signing_secret,
        }

    async def until(self, look: Callable[[], Found | None], seconds: float = 10.0) -> Found:
        """What `look` finds, as soon as it finds something; looked again at each change. TimeoutError if never."""
        async with asyncio.timeout(seconds):
            while True:
                self._changed.clear()
                found = look()
                if found:
                    return found
                await self._changed.wait()

    async def _api(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        params = await _params(request)
        fault = self.faults.take(method)
        if fault is not None and fault.kind not in {"delay", "drop_after"}:
            self._log(method, params, f"fault:{fault.kind}")
            return _broken(request, fault)
        if fault is not None and fault.kind == "delay":
            await asyncio.sleep(fault.seconds)
        answer = self._answer(method, params, _token(request, params))
        self._log(method, params, str(answer.get("error", "")))
        if fault is not None and fault.kind == "drop_after":
            return _broken(request, fault)
        return web.json_response(answer, headers={"x-oauth-scopes": ",".join(sorted(self.workspace.scopes))})

    def _answer(self, method: str, params: Json, token: str) -> Json:
        try:
            refused = self._token_problem(method, token)
            if refused:
                return {"ok": False, "error": refused}
            if method == "apps.connections.open":
                ticket = self.delivery.new_ticket()
                return {"ok": True, "url": f"{self.url.replace('http', 'ws', 1)}/socket?ticket={ticket}"}
            return call(self.workspace, method, params | {"base_url": self.url})
        except Refusal as refusal:
            return refusal.answer
        except ValueError:
            return {"ok": False, "error": "invalid_arguments"}

    def _token_problem(self, method: str, token: str) -> str:
        """The error code by which the token is refused for this method; nothing when it is good."""
        if method == "api.test":
            return ""
        if not token:
            return "not_authed"
        if token not in {self.workspace.bot_token, self.workspace.app_token}:
            return "invalid_auth"
        right = (token == self.workspace.app_token) == (method == "apps.connections.open")
        return "" if right else "not_allowed_token_type"

    async def _respond(self, request: web.Request) -> web.StreamResponse:
        body = await _params(request)
        fault = self.faults.take("response_url")
        if fault is not None and fault.kind not in {"delay", "drop_after"}:
            self._log("response_url", body, f"fault:{fault.kind}")
            return _broken(request, fault)
        status, text = self._use_response_url(request.match_info["key"], body)
        self._log("response_url", body, "" if status == 200 else text)
        if fault is not None and fault.kind == "drop_after":
            return _broken(request, fault)
        return web.Response(status=status, text=text)

    def _use_response_url(self, key: str, body: Json) -> tuple[int, str]:
        target = self.workspace.response_urls.get(key)
        if target is None:
            return 404, '{"ok":false,"error":"no_such_url"}'
        if self.workspace.now() - target.made > RESPONSE_SECONDS:
            return 404, '{"ok":false,"error":"expired_url"}'
        if target.uses >= RESPONSE_USES:
            return 404, '{"ok":false,"error":"used_url"}'
        target.uses += 1
        try:
            self.show_response(target.channel, target.user, body, target.message_ts)
        except Refusal as refusal:
            return 400, str(refusal)
        return 200, "ok"

    def show_response(self, channel: str, user: str, body: Json, original: str = "") -> None:
        """Show what an app answered to one person's command or press; ephemeral unless it says in_channel."""
        message = self.workspace.find(channel, original) if original else None
        if message is not None and truth(body.get("delete_original")):
            self.workspace.remove(message)
            return
        text, blocks = checked(self.workspace, body)
        if message is not None and truth(body.get("replace_original")):
            message.text, message.blocks, message.edited = text, blocks, self.workspace.new_ts()
            self.workspace.changed()
            return
        to = "" if body.get("response_type") == "in_channel" else user
        thread = str(body.get("thread_ts") or "")
        ts = self.workspace.new_ts()
        self.workspace.add(Message(ts, channel, BOT_USER, text[:MOST_TEXT], blocks, None, thread, to))

    async def _upload(self, request: web.Request) -> web.StreamResponse:
        file_id = request.match_info["file"]
        if file_id not in self.workspace.files:
            return web.Response(status=404, text="no such upload")
        if request.content_type.startswith("multipart/"):
            form = await request.post()
            part = next(iter(form.values()), "")
            content = part.file.read() if isinstance(part, web.FileField) else str(part).encode()
        else:
            content = await request.read()
        self.workspace.uploads[file_id] = content
        return web.Response(text=f"OK - {len(content)}")

    def _log(self, method: str, params: Mapping[str, Any], error: str) -> None:
        shown = {key: value for key, value in params.items() if key not in {"token", "base_url"}}
        self.requests.append({"method": method, "at": self.workspace.now(), "params": shown, "error": error})
        self.workspace.changed()


@asynccontextmanager
async def start_slack(port: int = 0, now: Callable[[], float] = time.time) -> AsyncIterator[LocalSlack]:
    """A local Slack for as long as the block runs."""
    slack = LocalSlack(now)
    await slack.start(port)
    try:
        yield slack
    finally:
        await slack.close()


@web.middleware
async def _own_pages_only(request: web.Request, handler: Callable[[web.Request], Any]) -> web.StreamResponse:
    """A page of another site, open in the same browser, may not act here."""
    origin = request.headers.get("Origin")
    if origin is not None and origin != f"http://{request.host}":
        return web.Response(status=403, text="other origins may not act here")
    answer: web.StreamResponse = await handler(request)
    return answer


async def _params(request: web.Request) -> Json:
    """What a call was given, as JSON, form or query."""
    if request.content_type == "application/json":
        try:
            body = await request.json()
        except ValueError:
            body = {}
        given = body if isinstance(body, dict) else {}
    else:
        given = dict(await request.post())
    return dict(request.query) | given


def _token(request: web.Request, params: Json) -> str:
    header = request.headers.get("Authorization", "")
    return header.removeprefix("Bearer ").strip() or str(params.get("token") or "")


def _broken(request: web.Request, fault: Fault) -> web.StreamResponse:
    """The answer a fault gives instead of the true one."""
    if fault.kind == "ratelimited":
        headers = {"Retry-After": str(fault.retry_after)}
        return web.json_response({"ok": False, "error": "ratelimited"}, status=429, headers=headers)
    if fault.kind == "error":
        return web.json_response({"ok": False, "error": fault.error})
    if fault.kind == "http":
        return web.Response(status=fault.status, text="upstream failed")
    if fault.kind == "garbage":
        return web.Response(text="<html>maintenance</html>", content_type="text/html")
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=500)
