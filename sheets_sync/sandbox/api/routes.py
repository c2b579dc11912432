"""The HTTP side: which path is which call, who may make it, and what is written down about it."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import unquote

from aiohttp import web

from sheets_sync.sandbox.api import drive_calls as drive_api
from sheets_sync.sandbox.api import sheets_calls as sheets_api
from sheets_sync.sandbox.api.api_call import Call
from sheets_sync.sandbox.api.backend import Backend
from sheets_sync.sandbox.api.discovery import request_problems
from sheets_sync.sandbox.api.request_log import LoggedRequest, call_kind
from sheets_sync.sandbox.api.service_account import DRIVE_SCOPES, SHEETS_SCOPE
from sheets_sync.sandbox.api_errors import ApiError, insufficient_scope, internal, invalid, not_local
from sheets_sync.sandbox.document.masks import parse_mask, pick

TOKEN_PATH = "/token"  # noqa: S105  the name of a path


LOGGER = logging.getLogger(__name__)


Action = Callable[[Call], Any]


Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


SPREADSHEET_CALLS: dict[tuple[str, str], Action] = {
    ("GET", ""): sheets_api.get,
    ("POST", ":batchUpdate"): sheets_api.batch_update,
    ("POST", ":getByDataFilter"): sheets_api.get_by_data_filter,
    ("POST", "/developerMetadata:search"): sheets_api.search_metadata,
    ("GET", "/values:batchGet"): sheets_api.values_batch_get,
    ("POST", "/values:batchUpdate"): sheets_api.values_batch_update,
    ("POST", "/values:batchClear"): sheets_api.values_batch_clear,
    ("POST", "/values:batchGetByDataFilter"): sheets_api.values_batch_get_by_filter,
    ("POST", "/values:batchUpdateByDataFilter"): sheets_api.values_batch_update_by_filter,
    ("POST", "/values:batchClearByDataFilter"): sheets_api.values_batch_clear_by_filter,
}


RANGE_CALLS: dict[tuple[str, str], Action] = {
    ("GET", ""): sheets_api.values_get,
    ("PUT", ""): sheets_api.values_update,
    ("POST", ":append"): sheets_api.values_append,
    ("POST", ":clear"): sheets_api.values_clear,
}


def add_routes(app: web.Application, backend: Backend) -> None:
    """Serve the token, Sheets and Drive calls."""
    app.router.add_post(TOKEN_PATH, _token_handler(backend))
    sheets_handler = _api_handler(backend, _sheets_action, frozenset([SHEETS_SCOPE]) | DRIVE_SCOPES, drive=False)
    app.router.add_route("*", "/v4/spreadsheets{rest:.*}", sheets_handler)
    drive_handler = _api_handler(backend, drive_api.action, DRIVE_SCOPES, drive=True)
    app.router.add_route("*", "/drive/v3/files{rest:.*}", drive_handler)
    app.router.add_route("*", "/upload/drive/v2/files{rest:.*}", drive_handler)


def _token_handler(backend: Backend) -> Handler:
    async def token(request: web.Request) -> web.Response:
        form = {name: str(value) for name, value in (await request.post()).items()}
        try:
            return web.json_response(backend.account.grant(form, backend.token_uri, backend.files.clock()))
        except ApiError as refusal:
            return web.json_response(refusal.body(), status=refusal.code)

    return token


def _sheets_action(method: str, rest: str) -> tuple[Action, dict[str, str]]:
    """The call and the parts of its path. Raises a 501 for one that is not here."""
    # pygsheets and others end some paths with a slash, and Google does not mind.
    rest = rest.rstrip("/")
    if (method, rest) == ("POST", ""):
        return sheets_api.create, {}
    spreadsheet, slash, tail = rest.lstrip("/").partition("/")
    spreadsheet, colon, verb = spreadsheet.partition(":")
    path = {"spreadsheet": unquote(spreadsheet)}
    action = SPREADSHEET_CALLS.get((method, colon + verb + slash + tail))
    if action:
        return action, path
    family, _, last = tail.partition("/")
    if family == "values" and last:
        name, colon, verb = last.rpartition(":")
        # Any other colon is a part of the range.
        if verb not in ("append", "clear"):
            name, colon, verb = last, "", ""
        action = RANGE_CALLS.get((method, colon + verb))
        path["range"] = unquote(name)
    elif family == "sheets" and last.endswith(":copyTo") and method == "POST":
        action, path["sheet"] = sheets_api.copy_to, last.removesuffix(":copyTo")
    elif family == "developerMetadata" and method == "GET":
        action, path["metadata"] = sheets_api.get_metadata, last
    if action is None:
        raise not_local(f"{method} /v4/spreadsheets{unquote(rest)}")
    return action, path


def _api_handler(
    backend: Backend,
    route: Callable[[str, str], tuple[Action, dict[str, str]]],
    scopes: frozenset[str],
    *,
    drive: bool,
) -> Handler:
    """Answers each call under the token's scopes and the faults that are switched on, and logs it."""

    async def handle(request: web.Request) -> web.Response:
        raw = await request.read()
        if backend.faults.latency:
            await asyncio.sleep(backend.faults.latency)
        body: Any = None
        try:
            body = _body(request, raw)
            answer, status = _answered(backend, route, scopes, request, body), 200
        except ApiError as refusal:
            answer, status = (refusal.drive_body() if drive else refusal.body()), refusal.code
        except Exception:
            # Google answers 500 to what it did not foresee; here the reason goes to the log.
            LOGGER.exception("%s %s", request.method, request.path)
            answer, status = (internal().drive_body() if drive else internal().body()), 500
        response = _response(answer, status)
        sent = len(response.body) if isinstance(response.body, bytes) else 0
        query = _query(request)
        logged = LoggedRequest(request.method, request.path, query, body, response.status, answer, sent, len(raw))
        backend.log.append(logged)
        backend.files.changed()
        return response

    return handle


def _answered(
    backend: Backend,
    route: Callable[[str, str], tuple[Action, dict[str, str]]],
    scopes: frozenset[str],
    request: web.Request,
    body: Any,
) -> Any:
    now = backend.files.clock()
    if not backend.account.scopes(request.headers.get("Authorization", ""), now) & scopes:
        raise insufficient_scope()
    fault = backend.faults.take(request.path, call_kind(request.method, request.path), now)
    if fault and fault[0] == "before":
        raise fault[1]
    prefix = request.match_info.route.resource
    assert prefix is not None
    # Undecoded: a slash or a colon in a tab's title must not end a part of the path.
    rest = request.rel_url.raw_path[len(prefix.canonical.split("{")[0]) :]
    action, path = route(request.method, rest)
    query = _query(request)
    if backend.strict:
        _refuse_unknown(request, query, body)
    with backend.files.lock:
        answer = action(Call(backend.files, backend.account.client_email, path, query, body))
    # Carried out, and the answer lost: whoever tries again does it twice.
    if fault:
        raise fault[1]
    fields = query.get("fields", [""])[-1]
    return pick(answer, parse_mask(fields)) if fields and isinstance(answer, dict) else answer


def _refuse_unknown(request: web.Request, query: dict[str, list[str]], body: Any) -> None:
    problems = request_problems(request.method, request.path, query, body)
    if problems:
        raise invalid(f"Invalid JSON payload received. Unknown name or value: {'; '.join(problems)}")


def _query(request: web.Request) -> dict[str, list[str]]:
    return {name: [str(value) for value in request.query.getall(name)] for name in request.query}


def _body(request: web.Request, raw: bytes) -> Any:
    if not raw:
        return {}
    if request.content_type != "application/json":
        return {"media": raw.decode(request.charset or "utf-8")}
    try:
        # Python would read NaN and Infinity, which are not JSON.
        body = json.loads(raw, parse_constant=_refuse_constant)
    except ValueError as error:
        raise invalid(f"Invalid JSON payload received. {error}") from error
    if not isinstance(body, dict):
        raise invalid("Invalid JSON payload received. Root element must be a message.")
    whole = dict(_without_nulls(body))
    if "requests" in whole:
        whole["requests"] = _flat(whole["requests"])
    return whole


def _flat(requests: Any) -> list[Any]:
    """One list: Google reads lists in lists and a single request alike, and some clients send them."""
    if not isinstance(requests, list):
        return [requests]
    return [flat for item in requests for flat in (_flat(item) if isinstance(item, list) else [item])]


def _without_nulls(value: Any) -> Any:
    """A field that is null is a field that is not there; a null in a list (a cell to skip) stays."""
    if isinstance(value, list):
        return [_without_nulls(item) for item in value]
    if isinstance(value, dict):
        return {name: _without_nulls(item) for name, item in value.items() if item is not None}
    return value


def _refuse_constant(name: str) -> None:
    raise ValueError(f"Unexpected token: {name}")


def _response(answer: Any, status: int) -> web.Response:
    if isinstance(answer, web.Response):
        return answer
    if answer is None:
        return web.Response(status=204)
    return web.json_response(answer, status=status)
