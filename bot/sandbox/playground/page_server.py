"""The page's own server, on this machine only: its files, what it shows as JSON, and what a person does on it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import asdict
from importlib.resources import files
from random import Random
from typing import Any

from aiohttp import web

from bot.sandbox.local_product import Playground
from bot.sandbox.playground.change_feed import Changes
from bot.sandbox.playground.completion import completion_json
from bot.sandbox.playground.sheet_side import sheet_json
from bot.sandbox.playground.slack_side import open_conversations, slack_json
from bot.sandbox.playground.strip import strip_json, target_of
from bot.sandbox.playground.troubles import TROUBLES
from bot.sandbox.playground.wire import Wire
from bot.sandbox.slack.control import sent_files
from bot.sandbox.slack.envelopes.delivery import Ack
from bot.slack.listeners.events import EVENTS
from kpi_core.access.operator import OPERATOR
from kpi_core.errors import KpiBotError, ServiceError
from sheets_sync.sandbox.api_errors import ApiError
from sheets_sync.sandbox.person import act
from sheets_sync.sandbox.vandal import vandalise

Json = dict[str, Any]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
LOOPBACK = "127.0.0.1"
PROGRESS_PARTS = 20
NAMES = frozenset({"127.0.0.1", "localhost", "[::1]"})
LARGEST_BODY = 96 * 1024 * 1024
"""A file of 50 MB in base64, and some beside it."""
TYPES = {".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
HEADERS = {
    "Content-Security-Policy": "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


@asynccontextmanager
async def serve_page(playground: Playground, port: int = 0) -> AsyncIterator[str]:
    """Serve the page of a running playground on a loopback port (0: a free one); its address.

    ServiceError if the port is taken.
    """
    page = Page(playground)
    runner = web.AppRunner(page.app(), access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    try:
        await _listen(runner, port)
        yield f"http://{LOOPBACK}:{runner.addresses[0][1]}"
    finally:
        page.close()
        await runner.cleanup()


async def _listen(runner: web.AppRunner, port: int) -> None:
    try:
        await web.TCPSite(runner, LOOPBACK, port).start()
    except OSError as error:
        message = f"Port {port} cannot be opened: {error.strerror}."
        raise ServiceError(message, code="port_taken", hint="Choose another with --port.") from None


class Page:
    """What the page asks for and does. Everything it does goes over the local services' own protocols."""

    def __init__(self, playground: Playground) -> None:
        self._playground = playground
        self._changes = Changes()
        self._wire = Wire(playground.slack, playground.sheets)
        self._moving = asyncio.Lock()
        self._draw = Random(2026)  # noqa: S311 - which edits are drawn is no secret
        open_conversations(playground.slack)
        playground.slack.workspace.watchers.append(self._slack_changed)
        playground.sheets.backend.files.watchers.append(self._sheet_changed)

    def close(self) -> None:
        self._playground.slack.workspace.watchers.remove(self._slack_changed)
        self._playground.sheets.backend.files.watchers.remove(self._sheet_changed)

    def app(self) -> web.Application:
        app = web.Application(client_max_size=LARGEST_BODY, middlewares=[_own_pages_only])
        app.add_routes([
            web.get("/", _file("index.html")),
            web.get("/static/{path:.+}", _static),
            web.get("/events", self._events),
            web.get("/api/slack", _json(self._slack)),
            web.get("/api/sheet", _json(self._sheet)),
            web.get("/api/strip", _json(self._strip)),
            web.get("/api/wire", _json(self._wire_after)),
            web.get("/api/words", _json(self._words)),
            web.post("/api/slack/{act}", _json(self._act)),
            web.post("/api/sheet/{act}", _json(self._edit)),
            web.post("/api/sync", _json(self._sync)),
            web.post("/api/vandalise", _json(self._vandalise)),
            web.post("/api/clock", _json(self._forward)),
            web.post("/api/troubles", _json(self._trouble)),
        ])  # fmt: skip
        return app

    def _slack_changed(self) -> None:
        self._tell("slack", "strip")

    def _sheet_changed(self) -> None:
        self._tell("sheet", "strip")

    def _tell(self, *subjects: str) -> None:
        if self._wire.collect():
            self._changes.tell("wire")
        for subject in subjects:
            self._changes.tell(subject)

    async def _events(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={**HEADERS, "Content-Type": "text/event-stream"})
        await response.prepare(request)
        try:
            async for event in self._changes.events():
                await response.write(event)
        except ConnectionError:
            pass
        return response

    async def _slack(self, _request: web.Request) -> Json:
        return slack_json(self._playground.slack)

    async def _sheet(self, _request: web.Request) -> Json:
        return await asyncio.to_thread(sheet_json, self._playground)

    async def _strip(self, _request: web.Request) -> Json:
        return await asyncio.to_thread(strip_json, self._playground)

    async def _wire_after(self, request: web.Request) -> Json:
        return {"entries": self._wire.after(int(request.query.get("after", 0)))}

    async def _words(self, _request: web.Request) -> Json:
        return await asyncio.to_thread(
            completion_json, self._playground.workspace.door(OPERATOR), self._playground.clock()
        )

    async def _act(self, request: web.Request) -> Json:
        """Do something in Slack as a person, by the names of `Acting`."""
        acting, body = self._playground.slack.acting, await _body(request)
        acts: Mapping[str, Callable[..., Awaitable[Ack]]] = {
            "command": acting.command, "say": acting.say, "press": acting.press, "submit": acting.submit,
            "close": acting.close, "press_in_view": acting.press_in_view, "home": self._home, "upload": self._upload,
            "suggest": acting.suggest,
        }  # fmt: skip
        ack = await acts[request.match_info["act"]](**body)
        return {"ack": asdict(ack)}

    async def _upload(self, user: str, channel: str, files: list[Json]) -> Ack:
        return await self._playground.slack.acting.upload(user, channel, sent_files(files))

    async def _home(self, user: str) -> Ack:
        """Slack tells an app of an opened Home only where its manifest asks for that."""
        if "app_home_opened" not in EVENTS:
            return Ack(acked=False, seconds=0.0, reason="not_subscribed")
        return await self._playground.slack.acting.open_home(user)

    async def _edit(self, request: web.Request) -> Json:
        """Edit the spreadsheet as its owner, by the names of `Person`."""
        body, name = await _body(request), request.match_info["act"]
        arguments = {**body, "spreadsheet": self._playground.spreadsheet}
        await asyncio.to_thread(act, self._playground.sheets.person, name, arguments)
        return {}

    async def _vandalise(self, _request: web.Request) -> Json:
        """Ten random things that people do to the Sheet, the same ones in the same order on every start."""
        sheets, key = self._playground.sheets, self._playground.spreadsheet
        deeds = await asyncio.to_thread(vandalise, sheets.person, key, self._draw)
        return {"deeds": [{"action": deed.action, "tab": deed.tab} for deed in deeds]}

    async def _sync(self, _request: web.Request) -> Json:
        report = await asyncio.to_thread(self._playground.sync)
        self._tell("slack", "strip")
        return report.to_json()

    async def _forward(self, request: web.Request) -> Json:
        to = str((await _body(request)).get("to", ""))
        # Two moves at once would overtake each other, and the clock goes one way.
        loop, growth, parts = asyncio.get_running_loop(), self._playground.growth, [0]

        def tell_progress() -> None:
            # Not each of a hundred steps: a page that draws itself anew takes longer than one of them.
            part = growth.total and PROGRESS_PARTS * growth.done // growth.total
            if part != parts[0]:
                parts[0] = part
                loop.call_soon_threadsafe(self._tell, "strip")

        growth.on_step = tell_progress
        async with self._moving:
            instant = await asyncio.to_thread(target_of, self._playground, to)
            await asyncio.to_thread(self._playground.forward, instant)
        self._tell("slack", "sheet", "strip")
        return {}

    async def _trouble(self, request: web.Request) -> Json:
        body = await _body(request)
        TROUBLES[str(body["name"])].switch(self._playground, bool(body["on"]))
        self._tell("strip")
        return {}


def _json(answer: Callable[[web.Request], Awaitable[Json]]) -> Handler:
    """What is refused is told in words, with the status that says whose turn it is."""

    async def handle(request: web.Request) -> web.StreamResponse:
        try:
            return web.json_response(await answer(request), headers=HEADERS)
        except KpiBotError as error:
            return _refused(409, error.message, error.hint)
        except ApiError as error:
            return _refused(400, error.message)
        except (KeyError, TypeError, ValueError) as error:
            return _refused(400, str(error.args[0] if error.args else error))

    return handle


def _refused(status: int, message: str, hint: str = "") -> web.Response:
    return web.json_response({"error": {"message": message, "hint": hint}}, status=status, headers=HEADERS)


async def _body(request: web.Request) -> Json:
    """The request's JSON object; a form of another site cannot send one."""
    if request.content_type != "application/json":
        raise ValueError("Send JSON.")
    body = await request.json()
    if not isinstance(body, dict):
        raise TypeError("Send a JSON object.")
    return body


def _file(path: str) -> Handler:
    async def handle(_request: web.Request) -> web.StreamResponse:
        return _static_response(path)

    return handle


async def _static(request: web.Request) -> web.StreamResponse:
    return _static_response(request.match_info["path"])


def _static_response(path: str) -> web.Response:
    """A file of the package; nothing outside its folder."""
    parts = path.split("/")
    kind = TYPES.get("." + parts[-1].rpartition(".")[2])
    file = files("bot.sandbox.playground").joinpath("static", *parts)
    if kind is None or any(part in {"", ".", ".."} for part in parts) or not file.is_file():
        return web.Response(status=404, text="not here", headers=HEADERS)
    return web.Response(body=file.read_bytes(), content_type=kind, charset="utf-8", headers=HEADERS)


@web.middleware
async def _own_pages_only(request: web.Request, handler: Handler) -> web.StreamResponse:
    """No page of another site, and no foreign name that leads to this machine, may look or act here."""
    host = request.headers.get("Host", "")
    # `[::1]` without a port ends in a bracket and has colons of its own.
    name = host if host.endswith("]") else host.rpartition(":")[0] or host
    origin = request.headers.get("Origin")
    # A link to the page may stand on any site; only what the page fetches and does is its own.
    foreign = request.headers.get("Sec-Fetch-Site") in {"cross-site", "same-site"} and request.path != "/"
    if name not in NAMES or (origin is not None and origin != f"http://{host}") or foreign:
        return web.Response(status=403, text="This page answers to this machine alone.", headers=HEADERS)
    return await handler(request)
