"""The control API under /sandbox/, for tests and for the page: act as somebody, look at everything, order faults."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import asdict
from functools import partial

from aiohttp import web

from bot.sandbox.slack.acting import Acting
from bot.sandbox.slack.page import page
from bot.sandbox.slack.slack_workspace import Json, Message, channel_json, message_json, user_json
from bot.sandbox.slack.web_api.backend import Backend

Act = Callable[[Json], Awaitable[object]]


def control_routes(backend: Backend, acting: Acting) -> Iterable[web.RouteDef]:
    acts: dict[str, Act] = {
        "command": lambda body: acting.command(**{"command": "/kpi", **body}),
        "action": lambda body: acting.press(**body),
        "view": lambda body: acting.submit(**body),
        "view_action": lambda body: acting.press_in_view(**body),
        "view_closed": lambda body: acting.close(**body),
        "home": lambda body: acting.open_home(**body),
        "message": lambda body: acting.say(**body),
        "upload": lambda body: acting.upload(**{**body, "files": sent_files(body["files"])}),
    }
    for name, act in acts.items():
        yield web.post(f"/sandbox/{name}", _acting(act))
    yield web.get("/sandbox/messages", _messages(backend))
    yield web.get("/sandbox/state", _state(backend))
    yield web.get("/sandbox/requests", _requests(backend))
    yield web.post("/sandbox/faults", _faults(backend))
    yield web.delete("/sandbox/faults", _no_faults(backend))
    yield web.post("/sandbox/settings", _settings(backend))
    yield web.post("/sandbox/disconnect", _disconnect(backend))
    yield web.post("/sandbox/replay", _replay(backend))
    yield web.get("/", _page(backend))


def _acting(act: Act) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def handle(request: web.Request) -> web.Response:
        try:
            ack = await act(await _body(request))
        except (KeyError, TypeError, ValueError) as error:
            return web.json_response({"ok": False, "error": str(error.args[0] if error.args else error)}, status=400)
        return web.json_response({"ok": True, "ack": asdict(ack)})  # type: ignore[call-overload]

    return handle


def sent_files(files: list[Json]) -> list[tuple[str, bytes]]:
    """Files as JSON carries them: name, and content in base64."""
    return [(str(file["name"]), b64decode(file["content"], validate=True)) for file in files]


async def _body(request: web.Request) -> Json:
    body = await request.json()
    if not isinstance(body, dict):
        raise TypeError("the body must be a JSON object")
    return body


def _shown(message: Message) -> Json:
    return message_json(message, metadata=True) | {"channel": message.channel, "ephemeral_to": message.to or None}


def _messages(backend: Backend) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def handle(request: web.Request) -> web.Response:
        channel = backend.workspace.channel(request.query["channel"]) if "channel" in request.query else None
        if "channel" in request.query and channel is None:
            return web.json_response({"ok": False, "error": "channel_not_found"}, status=404)
        messages = [
            message for message in backend.workspace.messages if channel is None or message.channel == channel.id
        ]
        return web.json_response({"ok": True, "messages": [_shown(message) for message in messages]})

    return handle


def _state(backend: Backend) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def handle(_request: web.Request) -> web.Response:
        workspace = backend.workspace
        state = {
            "users": [user_json(user, locale=True) for user in workspace.users.values()],
            "channels": [
                channel_json(channel) | {"members": sorted(channel.members)} for channel in workspace.channels.values()
            ],
            "views": list(workspace.views.values()),
            "homes": workspace.homes,
            "files": list(workspace.files.values()),
            "sockets": len(backend.delivery.sockets),
            "request_url": backend.delivery.request_url,
            "unsupported": sorted(workspace.unsupported),
            "faults": [asdict(fault) for fault in backend.faults.waiting],
        }
        return web.json_response({"ok": True, **state})

    return handle


def _requests(backend: Backend) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def handle(request: web.Request) -> web.Response:
        method = request.query.get("method")
        calls = [call for call in backend.requests if method in {None, call["method"]}]
        # A call may carry what JSON does not know, an uploaded file for one.
        return web.json_response({"ok": True, "requests": calls}, dumps=partial(json.dumps, default=str))

    return handle


def _faults(backend: Backend) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def order(body: Json) -> object:
        backend.faults.put_json(body)
        return backend.faults.waiting[-1]

    return _acting(order)


def _no_faults(backend: Backend) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def handle(_request: web.Request) -> web.Response:
        backend.faults.clear()
        return web.json_response({"ok": True})

    return handle


def _settings(backend: Backend) -> Callable[[web.Request], Awaitable[web.Response]]:
    """`request_url` switches to HTTP delivery (null: sockets); `unsupported` lists block types to refuse; `scopes`."""

    async def handle(request: web.Request) -> web.Response:
        body = await request.json()
        if "request_url" in body:
            backend.delivery.request_url = body["request_url"]
        if "unsupported" in body:
            backend.workspace.unsupported = set(body["unsupported"])
        if "scopes" in body:
            backend.workspace.scopes = set(body["scopes"])
        return web.json_response({"ok": True})

    return handle


def _disconnect(backend: Backend) -> Callable[[web.Request], Awaitable[web.Response]]:
    """`reason`: one of Slack's, a `reset`, or `silent` for sockets that stay open and say nothing."""

    async def handle(request: web.Request) -> web.Response:
        reason = request.query.get("reason", "warning")
        if reason == "silent":
            backend.delivery.fall_silent()
        elif reason == "reset":
            backend.delivery.reset()
        else:
            await backend.delivery.disconnect(reason)
        return web.json_response({"ok": True})

    return handle


def _replay(backend: Backend) -> Callable[[web.Request], Awaitable[web.Response]]:
    """Delivers the events that the app took at no attempt."""

    async def handle(_request: web.Request) -> web.Response:
        acks = await backend.delivery.replay()
        return web.json_response({"ok": True, "acks": [asdict(ack) for ack in acks]})

    return handle


def _page(backend: Backend) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def handle(_request: web.Request) -> web.Response:
        return web.Response(text=page(backend.workspace), content_type="text/html")

    return handle
