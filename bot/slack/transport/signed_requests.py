"""Slack's requests over HTTP: the signature first, then the shape, and only then the app."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

if TYPE_CHECKING:
    from aiohttp import web
    from slack_bolt.async_app import AsyncApp

LARGEST_BODY = 1024 * 1024
"""Bytes of a request; Slack's own stay far below."""
EVENTS_PATH = "/slack/events"
COMMAND = ("command", "user_id", "channel_id", "response_url", "team_id")
"""What each command carries."""
NAMED = ("team_id", "user_id", "channel_id", "event_id", "trigger_id", "enterprise_id", "api_app_id")
"""Ids and the like: a text or nothing."""
_MESSAGE = dict.fromkeys(("user", "text", "ts", "thread_ts", "subtype", "bot_id", "app_id"), str)
EVENT: Mapping[str, Any] = _MESSAGE | {
    "channel": str, "channel_type": str, "team": str, "user_team": str, "tab": str, "files": [{}],
    "edited": {"ts": str}, "message": {**_MESSAGE, "edited": {}}, "previous_message": {"text": str},
    "context": {"entities": [{"type": str}]}, "tokens": {},
}  # fmt: skip
"""What the listeners read of an event, and how Slack sends it."""
INTERACTION: Mapping[str, Any] = {
    "user": {"id": str, "team_id": str}, "team": {"id": str}, "enterprise": {"id": str}, "channel": {"id": str},
    "container": {"message_ts": str, "channel_id": str}, "message": {**_MESSAGE, "blocks": [{}]},
    "view": {"id": str, "callback_id": str, "private_metadata": str, "state": {"values": {}}}, "response_url": str,
    "actions": [{"action_id": str, "value": str, "selected_option": {"value": str}}], "value": str,
}  # fmt: skip
"""The same of a press, a submitted view, a shortcut, a field that suggests."""
NOT_AGAIN = {"X-Slack-No-Retry": "1"}
"""What cannot be read now cannot be read in five minutes, https://docs.slack.dev/apis/events-api/#retries."""
log = logging.getLogger("kpi_bot.slack")


def http_app(app: AsyncApp, signing_secret: str, routes: Sequence[web.RouteDef] = ()) -> web.Application:
    """The web application behind the request URL.

    401 for whatever Slack did not sign, 400 for what is signed and is no request of Slack's, 413 for too much of it.
    """
    from aiohttp import web
    from slack_sdk.signature import SignatureVerifier

    verifier = SignatureVerifier(signing_secret)

    async def receive(request: web.Request) -> web.Response:
        body, headers = await request.read(), dict(request.headers)
        if not is_signed(verifier, body, headers):
            return web.Response(status=401, text="not signed by Slack")
        return await _dispatched(app, body, request.query_string, headers)

    async def alive(_request: web.Request) -> web.Response:
        return web.Response(text="ok")

    made = web.Application(client_max_size=LARGEST_BODY)
    made.add_routes([web.post(EVENTS_PATH, receive), web.get("/healthz", alive), *routes])
    return made


def runner_of(made: web.Application) -> web.AppRunner:
    """Runs it; what a client sends wrongly is told in a line, without a traceback."""
    from aiohttp import web

    return web.AppRunner(made, access_log=None, logger=quiet_logger(), shutdown_timeout=10.0)


def quiet_logger() -> logging.Logger:
    """The logger of the libraries, which print no tracebacks."""
    logger = logging.getLogger("kpi_bot.slack.library")
    logger.setLevel(logging.INFO)
    if not logger.filters:
        logger.addFilter(_worth_telling)
    return logger


def _worth_telling(record: logging.LogRecord) -> bool:
    record.exc_info = None
    record.exc_text = None
    # bolt reads SLACK_BOT_TOKEN by itself, then warns that it is not the one that is used.
    return not record.getMessage().startswith(("As you gave `client`", "As `installation_store`"))


async def _dispatched(app: AsyncApp, body: bytes, query: str, headers: Mapping[str, str]) -> web.Response:
    """The app's answer to a signed body."""
    from aiohttp import web
    from slack_bolt.adapter.aiohttp import to_aiohttp_response
    from slack_bolt.async_app import AsyncBoltRequest

    # Signed, so it is UTF-8: other bytes do not pass the verifier. The header's charset is not asked.
    text = body.decode()
    if not is_request(text, headers.get("Content-Type", "")):
        log.warning("A signed request is not one of Slack's; it was refused.")
        return web.Response(status=400, text="not a request of Slack", headers=NOT_AGAIN)
    try:
        answer = await app.async_dispatch(AsyncBoltRequest(body=text, query=query, headers=dict(headers)))
    except Exception as error:  # noqa: BLE001 - whatever the library stumbles over, which is no request either
        log.warning("A signed request could not be read (%s); it was refused.", type(error).__name__)
        return web.Response(status=400, text="not a request of Slack", headers=NOT_AGAIN)
    return await to_aiohttp_response(answer)


def is_slacks(signing_secret: str, body: bytes, headers: Mapping[str, str]) -> bool:
    """As `is_signed`, by the app's secret; the names of the headers are in lower case."""
    from slack_sdk.signature import SignatureVerifier

    return is_signed(SignatureVerifier(signing_secret), body, headers)


def is_signed(verifier: Any, body: bytes, headers: Mapping[str, str]) -> bool:
    """Whether Slack signed the body within 5 minutes; a malformed stamp, signature or body was not signed by Slack."""
    try:
        return bool(verifier.is_valid_request(body, headers))
    except (ValueError, TypeError, OverflowError):
        return False


def is_request(text: str, content_type: str) -> bool:
    """Whether a signed body has the shape of a command, an interaction or an event of Slack's.

    https://docs.slack.dev/interactivity/implementing-slash-commands, /interactivity/handling-user-interaction,
    /apis/events-api
    """
    try:
        body = _parsed(text, content_type)
        # As it is written down and answered: neither a database nor Slack takes half a character or a NUL.
        legible = "\\u0000" not in json.dumps(body) and bool(json.dumps(body, ensure_ascii=False).encode())
    except (ValueError, RecursionError):
        return False
    if (
        not legible
        or not isinstance(body, dict)
        or not all(isinstance(body.get(name, ""), str | None) for name in NAMED)
    ):
        return False
    if "command" in body:
        return all(isinstance(body.get(name), str) and body[name] for name in COMMAND)
    kind = body.get("type")
    if kind == "event_callback":
        return _is_event(body)
    if kind == "url_verification":
        return isinstance(body.get("challenge"), str)
    return _is_interaction(body) if "user" in body else "ssl_check" in body


def _parsed(text: str, content_type: str) -> Any:
    """ValueError for what is neither JSON nor a form."""
    if text.startswith("{") or content_type.partition(";")[0].strip().lower() == "application/json":
        return json.loads(text)
    form = dict(parse_qsl(text, keep_blank_values=True, errors="strict"))
    return json.loads(form["payload"]) if "payload" in form else form


def _is_event(body: Mapping[str, Any]) -> bool:
    event = body.get("event")
    return (
        isinstance(event, dict)
        and isinstance(event.get("type"), str)
        and isinstance(body.get("team_id"), str)
        and fits(body.get("authorizations") or [], [{}])
        and fits(event, EVENT)
        and (event["type"] not in {"app_mention", "message"} or isinstance(event.get("channel"), str))
    )


def _is_interaction(body: Mapping[str, Any]) -> bool:
    actions = body.get("actions", [])
    return (
        isinstance(body.get("type"), str)
        and fits(body, INTERACTION)
        and isinstance(body["user"], dict)
        and isinstance(body["user"].get("id"), str)
        and (body["type"] != "block_actions" or bool(actions))
        and all(isinstance(press.get("action_id"), str) for press in actions)
    )


def fits(node: Any, shape: Any) -> bool:
    """Whether JSON has a shape: of an object the named fields that are there, of a list every item, else a type."""
    if isinstance(shape, dict):
        return isinstance(node, dict) and all(
            node.get(name) is None or fits(node[name], inside) for name, inside in shape.items()
        )
    if isinstance(shape, list):
        return isinstance(node, list) and all(fits(each, shape[0]) for each in node)
    return isinstance(node, shape)
