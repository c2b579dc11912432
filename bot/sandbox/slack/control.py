"""The control API under /sandbox/, for tests and for the page: act as somebody, look at everything, order faults."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import asdict
from typing import TYPE_CHECKING

from aiohttp import web

from bot.sandbox.slack.page import page
from bot.sandbox.slack.workspace import Json, Message, channel_json, message_json, user_json

if TYPE_CHECKING:
    from bot.sandbox.slack.server import LocalSlack

Act = Callable[[Json], Awaitable[object]]


def control_routes(slack: LocalSlack) -> Iterable[web.RouteDef]:
    acting = slack.acting
    acts: dict[str, Act] = {
        "command": lambda body: acting.command(**{"command": "/kpi", **body}),
        "action": lambda body: acting.press(**body),
        "view": lambda body: acting.submit(**body),
        "view_action": lambda body: acting.press_in_view(**body),
        "view_closed": lambda body: acting.close(**body),
        "home": lambda body: acting.open_home(**body),
        "message": lambda body: acting.say(**body),
    }
    for name, act in acts.items():
        yield web.post(f"/sandbox/{name}", _acting(act))
    yield web.get("/sandbox/messages", _messages(slack))
    yield web.get("/sandbox/state", _state(slack))
    yield web.get("/sandbox/requests", _requests(slack))
    yield web.post("/sandbox/faults", _faults(slack))
    yield web.delete("/sandbox/faults", _no_faults(slack))
    yield web.post("/sandbox/settings", _settings(slack))
    yield web.post("/sandbox/disconnect", _disconnect(slack))
    yield web.get("/", _page(slack))


def _acting(act: Act) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def handle(request: web.Request) -> web.Response:
        try:
            ack = await act(await _body(request))
        except (KeyError, TypeError, ValueError) as error:
            return web.json_response({"ok": False, "error": str(error.args[0] if error.args else error)}, status=400)
        return web.json_response({"ok": True, "ack": asdict(ack)})  # type: ignore[call-overload]

    return handle


async def _body(request: web.Request) -> Json:
    body = await request.json()
    if not isinstance(body, dict):
        raise TypeError("the body must be a JSON object")
    return body


def _shown(message: Message) -> Json:
    return message_json(message, metadata=True) | {"channel": message.channel, "ephemeral_to": message.to or None}


def _messages(slack: LocalSlack) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def handle(request: web.Request) -> web.Response:
        channel = slack.workspace.channel(request.query["channel"]) if "channel" in request.query else None
        if "channel" in request.query and channel is None:
            return web.json_response({"ok": False, "error": "channel_not_found"}, status=404)
        kept = [each for each in slack.workspace.messages if channel is None or each.channel == channel.id]
        return web.json_response({"ok": True, "messages": [_shown(each) for each in kept]})

    return handle


def _state(slack: LocalSlack) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def handle(_request: web.Request) -> web.Response:
        workspace = slack.workspace
        state = {
            "users": [user_json(user, locale=True) for user in workspace.users.values()],
            "channels": [
                channel_json(each) | {"members": sorted(each.members)} for each in workspace.channels.values()
            ],
            "views": list(workspace.views.values()),
            "homes": workspace.homes,
            "files": list(workspace.files.values()),
            "sockets": len(slack.delivery.sockets),
            "request_url": slack.delivery.request_url,
            "unsupported": sorted(workspace.unsupported),
            "faults": [asdict(fault) for fault in slack.faults.waiting],
        }
        return web.json_response({"ok": True, **state})

    return handle


def _requests(slack: LocalSlack) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def handle(request: web.Request) -> web.Response:
        method = request.query.get("method")
        kept = [each for each in slack.requests if method in {None, each["method"]}]
        return web.json_response({"ok": True, "requests": kept}, dumps=_dumps)

    return handle


def _dumps(value: object) -> str:
    import json

    return json.dumps(value, default=str)


def _faults(slack: LocalSlack) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def order(body: Json) -> object:
        slack.faults.put_json(body)
        return slack.faults.waiting[-1]

    return _acting(order)


def _no_faults(slack: LocalSlack) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def handle(_request: web.Request) -> web.Response:
        slack.faults.clear()
        return web.json_response({"ok": True})

    return handle


def _settings(slack: LocalSlack) -> Callable[[web.Request], Awaitable[web.Response]]:
    """`request_url` switches to HTTP delivery (null: sockets); `unsupported` lists block types to refuse; `scopes`."""

    async def handle(request: web.Request) -> web.Response:
        body = await request.json()
        if "request_url" in body:
            slack.delivery.request_url = body["request_url"]
        if "unsupported" in body:
            slack.workspace.unsupported = set(body["unsupported"])
        if "scopes" in body:
            slack.workspace.scopes = set(body["scopes"])
        return web.json_response({"ok": True})

    return handle


def _disconnect(slack: LocalSlack) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def handle(request: web.Request) -> web.Response:
        await slack.delivery.disconnect(request.query.get("reason", "warning"))
        return web.json_response({"ok": True})

    return handle


def _page(slack: LocalSlack) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def handle(_request: web.Request) -> web.Response:
        return web.Response(text=page(slack.workspace), content_type="text/html")

    return handle
