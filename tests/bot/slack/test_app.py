"""The app starts only with real tokens, hears only Slack, and says in a sentence why it cannot start."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from urllib.parse import urlencode

import aiohttp
import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st
from slack_sdk.signature import SignatureVerifier
from slack_side import run, said, services

from bot.sandbox.slack import LocalSlack, start_slack
from bot.sandbox.slack.envelopes.delivery import signed_headers
from bot.sandbox.slack.web_api.slack_faults import Fault
from bot.slack.app import SlackAccess, create_app, http_app, serve_http, serve_socket, slack_access
from bot.slack.transport.signed_requests import is_signed
from kpi_core.errors import ServiceError, SettingsError

import long

GOOD = {
    "SLACK_BOT_TOKEN": "xoxb-1-2-abcdefgh",
    "SLACK_APP_TOKEN": "xapp-1-2-abcdefgh",
    "SLACK_SIGNING_SECRET": "0123456789ab",
}
SECRET = GOOD["SLACK_SIGNING_SECRET"]


def test_the_environment_points_the_app_at_slack() -> None:
    """Real tokens are taken; SLACK_API_URL re-addresses every call."""
    assert slack_access(GOOD).api_url == "https://slack.com/api/"
    assert slack_access(GOOD | {"SLACK_API_URL": "http://127.0.0.1:1/api"}).api_url == "http://127.0.0.1:1/api"


@pytest.mark.parametrize(
    ("changed", "http", "named"),
    [
        ({"SLACK_BOT_TOKEN": ""}, False, ["SLACK_BOT_TOKEN: is not set"]),
        ({"SLACK_BOT_TOKEN": "xoxb-your-token-here"}, False, ["SLACK_BOT_TOKEN: is still a placeholder"]),
        ({"SLACK_BOT_TOKEN": "xoxb-..."}, False, ["SLACK_BOT_TOKEN: is still a placeholder"]),
        ({"SLACK_BOT_TOKEN": "xoxp-1-2-abcdefgh"}, False, ["SLACK_BOT_TOKEN: does not start with xoxb-"]),
        ({"SLACK_APP_TOKEN": "<token>"}, False, ["SLACK_APP_TOKEN: is still a placeholder"]),
        ({"SLACK_SIGNING_SECRET": "changeme"}, True, ["SLACK_SIGNING_SECRET: is still a placeholder"]),
        (
            {"SLACK_BOT_TOKEN": "", "SLACK_APP_TOKEN": ""},
            False,
            ["SLACK_BOT_TOKEN: is not set", "SLACK_APP_TOKEN: is not set"],
        ),
    ],
)
def test_missing_and_placeholder_tokens_are_refused(changed: dict[str, str], http: bool, named: list[str]) -> None:
    """Each bad token is named with where to find a good one, and no token is repeated."""
    with pytest.raises(SettingsError) as caught:
        slack_access(GOOD | changed, http=http)
    for line in named:
        assert line in caught.value.message
    assert "of the app." in caught.value.message
    assert not any(value and value in caught.value.message for value in changed.values())


def test_each_way_of_serving_asks_only_for_its_own_tokens() -> None:
    """Socket Mode needs no signing secret, HTTP no app-level token, a post neither."""
    assert slack_access({"SLACK_BOT_TOKEN": GOOD["SLACK_BOT_TOKEN"]}, only_posts=True)
    assert slack_access({**GOOD, "SLACK_SIGNING_SECRET": ""})
    assert slack_access({**GOOD, "SLACK_APP_TOKEN": ""}, http=True)


def test_the_library_takes_no_other_way_to_its_token(monkeypatch: pytest.MonkeyPatch) -> None:
    """With credentials under the names that the library looks for, the bot answers by its token all the same."""
    monkeypatch.setenv("SLACK_CLIENT_ID", "1.2")
    monkeypatch.setenv("SLACK_CLIENT_SECRET", "secret")

    async def ask(slack: LocalSlack) -> None:
        await slack.acting.command("alex", "marketing", "/kpi", "cac")
        await slack.acting.say("alex", "marketing", "<@U0KPIBOT> cac")
        await said(slack, 2)

    run(ask)


def test_tokens_are_not_printed() -> None:
    """Printing the access shows no token."""
    shown = repr(slack_access(GOOD))
    assert not any(value in shown for value in GOOD.values())


@pytest.mark.parametrize("serve", [serve_socket, serve_http])
def test_an_unreachable_slack_ends_the_start_with_a_sentence(serve: Callable[..., Awaitable[None]]) -> None:
    """Nobody listens at SLACK_API_URL: a ServiceError (exit 3) at once, no traceback, no endless retry."""

    async def start() -> None:
        async with start_slack() as slack:
            access = slack_access(slack.environment)
        await serve(create_app(services(), access), access)

    with pytest.raises(ServiceError, match="cannot be reached") as caught:
        asyncio.run(start())
    assert caught.value.exit_code == 3


@pytest.mark.parametrize(
    ("method", "error", "said"),
    [
        ("auth.test", "invalid_auth", "does not know this token"),
        ("apps.connections.open", "invalid_auth", "SLACK_APP_TOKEN: Slack does not know this token. Make an app-level"),
        ("apps.connections.open", "internal_error", "refused the call: internal_error"),
    ],
)
def test_a_refused_token_ends_the_start_with_a_sentence(method: str, error: str, said: str) -> None:
    """What Slack refuses at the start is told with what to do."""

    async def start() -> None:
        async with start_slack() as slack:
            slack.faults.put(Fault("error", method, error=error))
            access = slack_access(slack.environment)
            await serve_socket(create_app(services(), access), access)

    with pytest.raises(ServiceError) as caught:
        asyncio.run(start())
    assert said in f"{caught.value.message} {caught.value.hint}"


def test_a_taken_port_is_told() -> None:
    """The port stands in the sentence."""

    async def start() -> None:
        async with start_slack() as slack:
            port = int(slack.url.rpartition(":")[2])
            access = slack_access(slack.environment)
            await serve_http(create_app(services(), access), access, port=port)

    with pytest.raises(ServiceError, match=r"Port \d+ on 127\.0\.0\.1 cannot be opened"):
        asyncio.run(start())


BODY = urlencode({"command": "/kpi", "text": "cac"})


def headers(**changed: str) -> dict[str, str]:
    return signed_headers(SECRET, BODY, time.time()) | {key.replace("_", "-"): value for key, value in changed.items()}


FORGED: dict[str, tuple[dict[str, str], bytes]] = {
    "no signature": ({}, BODY.encode()),
    "wrong secret": (signed_headers("another", BODY, time.time()), BODY.encode()),
    "another body": (headers(), BODY.encode() + b"&text=roi"),
    "old": (signed_headers(SECRET, BODY, time.time() - 301), BODY.encode()),
    "from the future": (signed_headers(SECRET, BODY, time.time() + 3600), BODY.encode()),
    "stamp not a number": (headers(X_Slack_Request_Timestamp="soon"), BODY.encode()),
    "stamp without end": (headers(X_Slack_Request_Timestamp="9" * 5000), BODY.encode()),
    "stamp too large": (headers(X_Slack_Request_Timestamp="9" * 400), BODY.encode()),
    "signature not ASCII": (headers(X_Slack_Signature="v0=서명"), BODY.encode()),
    "empty signature": (headers(X_Slack_Signature=""), BODY.encode()),
    "body not text": (headers(), b"\xff\xfe\x00payload=%00"),
}


@pytest.mark.parametrize("case", FORGED)
def test_a_request_that_slack_did_not_sign_is_answered_with_401(case: str, caplog: pytest.LogCaptureFixture) -> None:
    """Forged, old and malformed requests are refused alike, without a traceback."""
    sent, body = FORGED[case]

    async def whole() -> None:
        app = create_app(services(), SlackAccess(GOOD["SLACK_BOT_TOKEN"], signing_secret=SECRET))
        runner = web.AppRunner(http_app(app, SECRET), access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        url = f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        async with aiohttp.ClientSession() as session, session.post(url, data=body, headers=sent | form) as answer:
            assert answer.status == 401
            assert await answer.text() == "not signed by Slack"
        await runner.cleanup()

    asyncio.run(whole())
    assert "Traceback" not in caplog.text


@long.examples("made-up signatures", 40, 100_000)
@given(stamp=st.text(), signature=st.text(), body=st.binary())
def test_no_made_up_signature_passes_or_raises(stamp: str, signature: str, body: bytes) -> None:
    """Whatever stands in the headers: not signed, and nothing raised."""
    made_up = {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": signature}
    assert not is_signed(SignatureVerifier(SECRET), body, made_up)


def test_http_tells_that_it_is_alive() -> None:
    """`/healthz` answers without a signature."""

    async def look(slack: object) -> None:
        url = str(slack.delivery.request_url).replace("/slack/events", "/healthz")  # type: ignore[attr-defined]
        async with aiohttp.ClientSession() as session, session.get(url) as answer:
            assert await answer.text() == "ok"

    run(look, http=True)
