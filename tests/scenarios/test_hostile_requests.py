"""What Slack did not sign, and what it would never send, is refused before it reaches a listener."""

from __future__ import annotations

import asyncio
import json
import logging
import random
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest
from aiohttp import web
from slack_side import services

from bot.sandbox.slack.envelopes.delivery import signed_headers
from bot.slack.app import SlackAccess, create_app
from bot.slack.transport.signed_requests import LARGEST_BODY, http_app, is_request, runner_of

from long import ran, times

SECRET = "0123456789abcdef0123456789abcdef"
FORM, JSON = "application/x-www-form-urlencoded", "application/json"
COMMAND = {
    "command": "/kpi", "text": "cac", "user_id": "U0ALEX", "channel_id": "C0MARKET", "team_id": "T0KPIBOT",
    "response_url": "http://127.0.0.1:9/response", "trigger_id": "1.2.3", "api_app_id": "A0KPIBOT",
}  # fmt: skip
EVENT: dict[str, Any] = {
    "type": "event_callback", "team_id": "T0KPIBOT", "event_id": "Ev1", "event_time": 1,
    "event": {"type": "app_mention", "user": "U0ALEX", "channel": "C0MARKET", "ts": "1.1", "text": "cac"},
    "authorizations": [{"team_id": "T0KPIBOT", "is_bot": True}],
}  # fmt: skip
PRESS: dict[str, Any] = {
    "type": "block_actions", "user": {"id": "U0ALEX", "team_id": "T0KPIBOT"}, "team": {"id": "T0KPIBOT"},
    "channel": {"id": "C0MARKET"}, "actions": [{"action_id": "ask", "value": "cac"}], "trigger_id": "1.2.3",
}  # fmt: skip
SUBMISSION: dict[str, Any] = {
    "type": "view_submission", "user": {"id": "U0ALEX", "team_id": "T0KPIBOT"}, "team": {"id": "T0KPIBOT"},
    "view": {"id": "V1", "type": "modal", "callback_id": "x", "private_metadata": "{}", "state": {"values": {}}},
}  # fmt: skip
INSIDE = ("user", "thread_ts", "files", "edited", "message", "previous_message", "context", "subtype", "bot_id")
PARTS = ("id", "callback_id", "private_metadata", "state")
Sent = tuple[bytes, dict[str, str]]
WRONG: tuple[Any, ...] = (7, [], ["x"], {"a": 1}, True, 1.5)


def command(fields: dict[str, Any]) -> tuple[bytes, str]:
    return urlencode(fields).encode(), FORM


def event(body: Any) -> tuple[bytes, str]:
    return json.dumps(body).encode(), JSON


def press(body: Any) -> tuple[bytes, str]:
    return urlencode({"payload": json.dumps(body)}).encode(), FORM


@pytest.mark.parametrize(("body", "content"), [command(COMMAND), event(EVENT), press(PRESS)])
def test_what_slack_sends_is_a_request(body: bytes, content: str) -> None:
    """A command, an event, a press; also with what only some workspaces send."""
    assert is_request(body.decode(), content)
    assert is_request(body.decode(), f"{content}; charset=utf-8")


@pytest.mark.parametrize(
    "body",
    [
        {"type": "url_verification", "challenge": "x"},
        EVENT | {"enterprise_id": None, "event": {"type": "app_uninstalled"}},
        {"type": "view_submission", "user": {"id": "U1"}, "team": None, "view": {"id": "V1"}},
        SUBMISSION,
        PRESS | {"actions": [{"action_id": "x", "value": None, "selected_option": None}], "view": None},
        {"type": "shortcut", "user": {"id": "U1"}, "callback_id": "ask"},
    ],
)
def test_other_requests_of_slack_pass(body: dict[str, Any]) -> None:
    """A challenge, an event without a channel, a modal, a shortcut."""
    assert is_request(json.dumps(body), JSON)


def broken(chance: random.Random) -> tuple[bytes, str]:
    """A body that Slack would never send."""
    wrong, left_out = chance.choice(WRONG), chance.choice(REQUIRED)
    ways: tuple[Callable[[], tuple[bytes, str]], ...] = (
        lambda: (event(EVENT)[0][: chance.randrange(1, 120)], JSON),
        lambda: (
            chance.choice([b"", b"null", b"[]", b"7", b'"x"', b"{}", b"{", b"payload=", b"payload={", b"a=%ff"]),
            JSON,
        ),
        lambda: (b"payload=" + chance.choice([b"null", b"7", b"[]", b"{}", b"%00", b"%ff", b"%7B"]), FORM),
        lambda: (b'{"a":' * chance.choice([500, 100_000]), JSON),
        lambda: (b"[" * 50_000, JSON),
        lambda: (b'{"type":"event_callback","n":' + b"9" * 5000 + b"}", JSON),
        lambda: command({key: value for key, value in COMMAND.items() if key != left_out}),
        lambda: command(COMMAND | {chance.choice(REQUIRED): ""}),
        lambda: command(COMMAND | {"text": "cac\x00"}),
        lambda: event(EVENT | {"event": wrong}),
        lambda: event(EVENT | {"team_id": wrong}),
        lambda: event(EVENT | {"event": EVENT["event"] | {chance.choice(["type", "channel", "text", "ts"]): wrong}}),
        lambda: event(EVENT | {"authorizations": chance.choice([7, "x", ["x"], [7], {"a": 1}])}),
        lambda: event(EVENT | {"event_id": "\ud800"}),
        lambda: event(EVENT | {"event_id": "Ev\x00"}),
        lambda: press(PRESS | {"user": chance.choice([7, "U1", {}, {"id": 7}, [], None])}),
        lambda: press(PRESS | {"actions": chance.choice([7, [], [7], [{}], [{"action_id": 7}], "x"])}),
        lambda: press(PRESS | {chance.choice(["team", "channel", "container", "view"]): chance.choice([7, "x", [1]])}),
        lambda: event(EVENT | {"event": EVENT["event"] | {chance.choice(INSIDE): chance.choice([7, ["x"], True])}}),
        lambda: press(PRESS | {"actions": [{"action_id": "ask", "selected_option": chance.choice([7, ["x"], "x"])}]}),
        lambda: press(PRESS | {"actions": [{"action_id": "ask", "value": chance.choice([7, ["x"], {"a": 1}])}]}),
        lambda: press(PRESS | {"message": {chance.choice(["blocks", "text", "thread_ts"]): chance.choice([7, {}])}}),
        lambda: press(SUBMISSION | {"view": SUBMISSION["view"] | {chance.choice(PARTS): chance.choice([7, ["x"]])}}),
        lambda: press(SUBMISSION | {"view": SUBMISSION["view"] | {"state": {"values": chance.choice([7, "x", [1]])}}}),
        lambda: press(PRESS | {"type": chance.choice([7, None, []])}),
    )
    return chance.choice(ways)()


REQUIRED = ("user_id", "channel_id", "team_id", "response_url")


def signed(body: bytes, content: str, at: float | None = None) -> dict[str, str]:
    text = body.decode("latin-1") if b"\xff" in body else body.decode()
    return signed_headers(SECRET, text, time.time() if at is None else at) | {"Content-Type": content}


def forged(chance: random.Random) -> Sent:
    """A true request whose signature is not Slack's for it."""
    body, content = chance.choice([command(COMMAND), event(EVENT), press(PRESS)])
    good, now = signed(body, content), time.time()
    digits = "".join(chance.choices("0123456789abcdef", k=64))
    changes: tuple[dict[str, str | None], ...] = (
        {"X-Slack-Signature": None},
        {"X-Slack-Request-Timestamp": None},
        {"X-Slack-Signature": f"v0={digits}"},
        {"X-Slack-Signature": chance.choice(["", "v0=", "v1=" + digits, "v0=서명", "v0=" + "f" * 7000])},
        {"X-Slack-Request-Timestamp": chance.choice(["", "soon", "-1", "1e9", "9" * 400, "0x10", "٣", " ", "nan"])},
        dict(signed(body, content, now - chance.randint(301, 10**6))),
        dict(signed(body, content, now + chance.randint(301, 10**6))),
        dict(signed_headers("another secret", body.decode(), now)),
    )
    changed = good | chance.choice(changes)  # type: ignore[operator]
    if chance.random() < 0.2:
        return body + b"&text=roi", good
    return body, {name: value for name, value in changed.items() if value is not None}


def misshapen(chance: random.Random) -> Sent:
    """Signed, and too much in one place or another, or no request at all."""
    body, content = broken(chance)
    headers = signed(body, content)
    match chance.randrange(12):
        case 0:
            return body, headers | {"X-Padding": "a" * chance.choice([9_000, 60_000])}
        case 1:
            return body, headers | {"Content-Type": chance.choice(["", "text/plain; charset=none", "a" * 200, ";;;"])}
        case 2 if chance.random() < 0.05:
            large = b"text=" + b"a" * (LARGEST_BODY + 1)
            return large, signed(large, FORM)
        case 3:
            raw = b"\xff\xfe" + body[:50]
            return raw, signed(raw, content)
    return body, headers


@pytest.mark.long
def test_no_hostile_request_is_accepted(caplog: pytest.LogCaptureFixture) -> None:
    """Forged, malformed and oversized: each gets one 4xx, no listener hears of it, the log has no traceback."""
    chance, count = random.Random(20261123), times(400, 3_000)
    heard: list[object] = []

    async def whole() -> None:
        app = create_app(services(), SlackAccess("xoxb-1-2-abcdefgh", signing_secret=SECRET))
        app.use(_taken_down(heard))
        runner = runner_of(http_app(app, SECRET))
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        url = f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"
        async with aiohttp.ClientSession() as session:
            for _number in range(count):
                body, headers = (forged if chance.random() < 0.5 else misshapen)(chance)
                status = await _status(session, url, body, headers)
                assert 400 <= status < 500, (status, body[:200], headers)
        await runner.cleanup()

    asyncio.run(whole())
    assert heard == []
    assert "Traceback" not in caplog.text
    assert [each for each in caplog.records if each.levelno >= logging.ERROR and each.exc_info] == []
    ran("forged or malformed requests", count, accepted=0)


def _taken_down(heard: list[object]) -> Callable[..., Any]:
    async def hear(body: dict[str, Any], next: Callable[[], Any]) -> None:  # noqa: A002 - bolt's name
        heard.append(body)
        await next()

    return hear


async def _status(session: aiohttp.ClientSession, url: str, body: bytes, headers: dict[str, str]) -> int:
    try:
        async with session.post(url, data=body, headers=headers) as answer:
            return answer.status
    except ValueError:
        # The client itself sends no such header.
        return 400
