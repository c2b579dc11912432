"""The control API under /sandbox: what happened, what there is, and troubles and people to switch on.

GET    /sandbox/requests                      each API call: method, path, kind, status, bytes
DELETE /sandbox/requests                      forget them
GET    /sandbox/state                         every spreadsheet with its cells
POST   /sandbox/create                        {"title", "locale", "time_zone"} -> {"spreadsheet", "url"}
POST   /sandbox/share, /sandbox/unshare       {"spreadsheet"}
POST   /sandbox/faults                        {"quota", "unavailable", "moment", "latency", "only",
                                                   "refusal", "refuses_new_files"}
POST   /sandbox/person/{action}               {"spreadsheet", …}, as the methods of Person, by the file's owner
POST   /sandbox/editor/{action}               the same by somebody who may edit what no protection closes
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiohttp import web

from sheets_sync.sandbox.api.backend import Backend
from sheets_sync.sandbox.api.sheets_faults import REFUSALS
from sheets_sync.sandbox.api_errors import ApiError, invalid
from sheets_sync.sandbox.contents.spreadsheet_json import spreadsheet_json
from sheets_sync.sandbox.document.spreadsheet import Json
from sheets_sync.sandbox.drive_files import EDITOR, PERSON
from sheets_sync.sandbox.person import Person, act

Answer = Callable[[Backend, Json, web.Request], Json]


def requests(backend: Backend, _body: Json, _request: web.Request) -> Json:
    return {"requests": [logged.to_json() for logged in backend.log]}


def forget(backend: Backend, _body: Json, _request: web.Request) -> Json:
    backend.log.clear()
    return {}


def state(backend: Backend, _body: Json, _request: web.Request) -> Json:
    now = backend.files.clock()
    files = [
        {**spreadsheet_json(file.spreadsheet, now, grid_data=True), "permissions": file.permissions}
        for file in backend.files.all()
    ]
    return {"spreadsheets": files, "client_email": backend.account.client_email}


def create(backend: Backend, body: Json, _request: web.Request) -> Json:
    names = {"title": "title", "locale": "locale", "time_zone": "timeZone"}
    properties = {field: body[name] for name, field in names.items() if name in body}
    file = backend.files.create(properties, PERSON)
    backend.files.share(file.file_id, backend.account.client_email)
    return {"spreadsheet": file.file_id, "url": file.spreadsheet.url}


def share(backend: Backend, body: Json, _request: web.Request) -> Json:
    return backend.files.share(body.get("spreadsheet", ""), backend.account.client_email, body.get("role", "writer"))


def unshare(backend: Backend, body: Json, _request: web.Request) -> Json:
    backend.files.unshare(body.get("spreadsheet", ""), backend.account.client_email)
    return {}


def faults(backend: Backend, body: Json, _request: web.Request) -> Json:
    switches = ("quota", "unavailable", "moment", "latency", "only", "refusal")
    if body.get("refusal") and body["refusal"] not in REFUSALS:
        raise invalid(f"Unknown refusal: {body['refusal']}; known: {', '.join(REFUSALS)}.")
    for name, value in body.items():
        if name == "refuses_new_files":
            backend.files.refuses_new_files = bool(value)
        # A latency of 2 seconds comes without a decimal point, hence `| int`.
        elif name not in switches or not isinstance(value, type(getattr(backend.faults, name)) | int):
            raise invalid(f"Unknown fault: {name}")
        else:
            setattr(backend.faults, name, value)
    return {name: getattr(backend.faults, name) for name in switches}


def person(backend: Backend, body: Json, request: web.Request) -> Json:
    act(Person(backend.files), request.match_info["action"], body)
    return {}


def editor(backend: Backend, body: Json, request: web.Request) -> Json:
    act(Person(backend.files, EDITOR), request.match_info["action"], body)
    return {}


ROUTES: dict[tuple[str, str], Answer] = {
    ("GET", "/sandbox/requests"): requests,
    ("DELETE", "/sandbox/requests"): forget,
    ("GET", "/sandbox/state"): state,
    ("POST", "/sandbox/create"): create,
    ("POST", "/sandbox/share"): share,
    ("POST", "/sandbox/unshare"): unshare,
    ("POST", "/sandbox/faults"): faults,
    ("POST", "/sandbox/person/{action}"): person,
    ("POST", "/sandbox/editor/{action}"): editor,
}


def add_routes(app: web.Application, backend: Backend) -> None:
    """Serve ROUTES. A change must come as JSON, so that no web page elsewhere can send one unasked."""
    for (method, path), answer in ROUTES.items():
        app.router.add_route(method, path, _handler(backend, answer))


def _handler(backend: Backend, answer: Answer) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def handle(request: web.Request) -> web.Response:
        try:
            body = await _json(request)
            with backend.files.lock:
                return web.json_response(answer(backend, body, request))
        except ApiError as refusal:
            return web.json_response(refusal.body(), status=refusal.code)

    return handle


async def _json(request: web.Request) -> Json:
    if request.method != "POST":
        return {}
    if request.content_type != "application/json":
        raise invalid("Send JSON, with the content type application/json.")
    try:
        body = await request.json()
    except ValueError as error:
        raise invalid(f"This is no JSON: {error}") from error
    if not isinstance(body, dict):
        raise invalid("Send a JSON object.")
    return body
