"""What an app calls over HTTP: the Web API, its socket, response_url and uploads."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from urllib.parse import urlencode

from aiohttp import web

from bot.sandbox.slack.slack_workspace import TEAM_ID, Json, Workspace
from bot.sandbox.slack.web_api.backend import Backend
from bot.sandbox.slack.web_api.grants import access_granted, is_over, new_code, team_of_token
from bot.sandbox.slack.web_api.methods import Refusal, call
from bot.sandbox.slack.web_api.responses import use_response_url
from bot.sandbox.slack.web_api.slack_faults import Fault

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
CARRIED_OUT = frozenset({"delay", "drop_after"})
"""Faults under which the call is carried out all the same."""


def app_routes(backend: Backend) -> Iterable[web.RouteDef]:
    yield web.get("/socket", backend.delivery.serve_socket)
    yield web.post("/response/{key}", _response_handler(backend))
    yield web.post("/upload/{file}", _upload_handler(backend.workspace))
    yield web.get("/files/{team}-{file}/{name}", _download_handler(backend))
    yield web.get("/signin", _sign_in)
    yield web.get("/oauth/v2/authorize", _consent_handler(backend))
    yield web.route("*", "/api/{method}", _api_handler(backend))


def _api_handler(backend: Backend) -> Handler:
    async def handle(request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        params = await _params(request)
        fault = backend.faults.take(method)
        if fault is not None and fault.kind not in CARRIED_OUT:
            backend.log(method, params, f"fault:{fault.kind}")
            return _broken(request, fault)
        if fault is not None and fault.kind == "delay":
            await asyncio.sleep(fault.seconds)
        token = _token(request, params)
        answer = _answer(backend, method, params, token)
        backend.log(method, params, str(answer.get("error", "")), team_of_token(backend.workspace, token))
        if fault is not None and fault.kind == "drop_after":
            return _broken(request, fault)
        return web.json_response(answer, headers={"x-oauth-scopes": ",".join(sorted(backend.workspace.scopes))})

    return handle


def _answer(backend: Backend, method: str, params: Json, token: str) -> Json:
    try:
        refused = _token_problem(backend.workspace, method, token)
        if refused:
            return {"ok": False, "error": refused}
        if method == "oauth.v2.access":
            return access_granted(backend.workspace, params)
        if method == "apps.connections.open":
            ticket = backend.delivery.new_ticket()
            return {"ok": True, "url": f"{backend.url.replace('http', 'ws', 1)}/socket?ticket={ticket}"}
        team = team_of_token(backend.workspace, token)
        return call(backend.workspace, method, params | {"base_url": backend.url, "token_team": team})
    except Refusal as refusal:
        return refusal.answer
    # A number that is none, such as `limit=many`.
    except ValueError:
        return {"ok": False, "error": "invalid_arguments"}


def _token_problem(workspace: Workspace, method: str, token: str) -> str:
    """The error code by which the token is refused for this method; nothing when it is good."""
    if method in {"api.test", "oauth.v2.access"}:
        return ""
    if not token:
        return "not_authed"
    if token != workspace.app_token and not team_of_token(workspace, token):
        return "invalid_auth"
    if is_over(workspace, token):
        return "token_expired"
    right = (token == workspace.app_token) == (method == "apps.connections.open")
    return "" if right else "not_allowed_token_type"


def _response_handler(backend: Backend) -> Handler:
    async def handle(request: web.Request) -> web.StreamResponse:
        body = await _params(request)
        fault = backend.faults.take("response_url")
        if fault is not None and fault.kind not in CARRIED_OUT:
            backend.log("response_url", body, f"fault:{fault.kind}")
            return _broken(request, fault)
        status, text = use_response_url(backend.workspace, request.match_info["key"], body)
        backend.log("response_url", body, "" if status == 200 else text)
        if fault is not None and fault.kind == "drop_after":
            return _broken(request, fault)
        return web.Response(status=status, text=text)

    return handle


def _upload_handler(workspace: Workspace) -> Handler:
    async def handle(request: web.Request) -> web.StreamResponse:
        file_id = request.match_info["file"]
        if file_id not in workspace.files:
            return web.Response(status=404, text="no such upload")
        if request.content_type.startswith("multipart/"):
            form = await request.post()
            part = next(iter(form.values()), "")
            content = part.file.read() if isinstance(part, web.FileField) else str(part).encode()
        else:
            content = await request.read()
        workspace.uploads[file_id] = content
        return web.Response(text=f"OK - {len(content)}")

    return handle


def _download_handler(backend: Backend) -> Handler:
    """A file for whoever may read it; everybody else is led to where people sign in, as at files.slack.com."""

    async def handle(request: web.Request) -> web.StreamResponse:
        workspace, file_id = backend.workspace, request.match_info["file"]
        fault = backend.faults.take("files")
        may_read = _token(request, {}) == workspace.bot_token and "files:read" in workspace.scopes
        error = f"fault:{fault.kind}" if fault is not None else "" if may_read else "no_access"
        backend.log("files", {"file": file_id}, error)
        if fault is not None:
            return _broken(request, fault)
        if not may_read:
            raise web.HTTPFound("/signin")
        if file_id not in workspace.uploads:
            return web.Response(status=404, text="no such file")
        kind = str(workspace.files[file_id].get("mimetype"))
        return web.Response(body=workspace.uploads[file_id], headers={"Content-Type": kind})

    return handle


def _consent_handler(backend: Backend) -> Handler:
    """Somebody of a team (`team`, else the first) agrees at once, and is led back to the app."""

    async def handle(request: web.Request) -> web.StreamResponse:
        team = request.query.get("team") or TEAM_ID
        own = str(backend.delivery.request_url or "").removesuffix("/slack/events") + "/slack/oauth_redirect"
        back = request.query.get("redirect_uri") or own
        answer = urlencode({"code": new_code(backend.workspace, team), "state": request.query.get("state", "")})
        raise web.HTTPFound(f"{back}?{answer}")

    return handle


async def _sign_in(_request: web.Request) -> web.StreamResponse:
    return web.Response(text="<!DOCTYPE html><title>Sign in</title>", content_type="text/html")


async def _params(request: web.Request) -> Json:
    """The parameters of a call, from its query and its JSON or form."""
    if request.content_type == "application/json":
        try:
            body = await request.json()
        except ValueError:
            body = {}
        fields = body if isinstance(body, dict) else {}
    else:
        fields = dict(await request.post())
    return dict(request.query) | fields


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
        # aiohttp wants an answer all the same; this one reaches nobody.
        request.transport.abort()
    return web.Response(status=500)
