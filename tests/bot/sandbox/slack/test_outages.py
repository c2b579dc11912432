"""The local Slack fails as the real one does: silent sockets, resets, delayed events, missing scopes, ended tokens."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.slack import LocalSlack, start_slack
from bot.sandbox.slack.slack_workspace import Channel
from bot.sandbox.slack.web_api.grants import new_grant

Test = Callable[[LocalSlack, aiohttp.ClientSession], Awaitable[None]]


def beside_slack(test: Test) -> None:
    async def whole() -> None:
        async with start_slack() as slack, aiohttp.ClientSession() as session:
            await asyncio.wait_for(test(slack, session), 60)

    asyncio.run(whole())


def client_of(slack: LocalSlack, token: str = "") -> AsyncWebClient:
    client = AsyncWebClient(token or slack.workspace.bot_token, slack.environment["SLACK_API_URL"], retry_handlers=[])
    client.proxy = None
    return client


async def socket(slack: LocalSlack, session: aiohttp.ClientSession) -> aiohttp.ClientWebSocketResponse:
    opened = await client_of(slack).apps_connections_open(app_token=slack.workspace.app_token)
    connected = await session.ws_connect(str(opened["url"]), autoping=False)
    assert (await connected.receive_json())["type"] == "hello"
    return connected


async def refused(call: Awaitable[object]) -> str:
    with pytest.raises(SlackApiError) as caught:
        await call
    return str(caught.value.response["error"])


def test_a_silent_socket_answers_no_ping_and_stays_open() -> None:
    """Before it does; afterwards a new socket is as good as the first was."""

    async def whole(slack: LocalSlack, session: aiohttp.ClientSession) -> None:
        first = await socket(slack, session)
        await first.ping()
        assert (await first.receive()).type is aiohttp.WSMsgType.PONG
        async with session.post(f"{slack.url}/sandbox/disconnect?reason=silent") as answer:
            assert answer.status == 200
        await first.ping()
        second = await socket(slack, session)
        await second.ping()
        assert (await second.receive()).type is aiohttp.WSMsgType.PONG
        with pytest.raises(TimeoutError):
            await first.receive(0.01)
        assert not first.closed
        assert len(slack.delivery.sockets) == 2

    beside_slack(whole)


def test_a_reset_ends_every_socket_without_a_word() -> None:
    """No close frame comes: the connection is gone."""

    async def whole(slack: LocalSlack, session: aiohttp.ClientSession) -> None:
        first = await socket(slack, session)
        async with session.post(f"{slack.url}/sandbox/disconnect?reason=reset") as answer:
            assert answer.status == 200
        assert (await first.receive()).type in {aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.ERROR}
        await slack.until(lambda: not slack.delivery.sockets)

    beside_slack(whole)


def test_events_that_nobody_took_are_delivered_later_as_they_were() -> None:
    """With their own ids and times, once each; one that is still not taken waits on."""

    async def whole(slack: LocalSlack, session: aiohttp.ClientSession) -> None:
        slack.delivery.retry_delays = ()
        for text in ("first", "second"):
            await slack.acting.say("alex", "marketing", f"<@U0KPIBOT> {text}")
        missed = list(await slack.until(lambda: slack.delivery.missed if len(slack.delivery.missed) == 2 else None))
        own = await socket(slack, session)

        async def acknowledge() -> list[dict[str, object]]:
            taken = []
            for _event in range(2):
                envelope = await own.receive_json()
                taken.append(envelope["payload"])
                await own.send_json({"envelope_id": envelope["envelope_id"]})
            return taken

        acknowledging = asyncio.create_task(acknowledge())
        async with session.post(f"{slack.url}/sandbox/replay") as answer:
            assert [each["acked"] for each in (await answer.json())["acks"]] == [True, True]
        assert await acknowledging == missed
        assert slack.delivery.missed == []

    beside_slack(whole)


def test_scopes_open_what_they_name_and_nothing_else() -> None:
    """A channel's kind decides which scope reads it; without an event's scope the app never hears of it."""

    async def whole(slack: LocalSlack, _session: aiohttp.ClientSession) -> None:
        slack.workspace.channels["G0TRIO"] = Channel("G0TRIO", "", "mpim", {"U0MINA", "U0ALEX", "U0KPIBOT"})
        client = client_of(slack)
        assert (await client.conversations_info(channel="G0TRIO"))["channel"]["is_mpim"]
        for scope, channel in (("channels", "C0MARKET"), ("groups", "C0BOARD"), ("mpim", "G0TRIO")):
            slack.workspace.scopes.discard(f"{scope}:read")
            assert await refused(client.conversations_info(channel=channel)) == "missing_scope"
            slack.workspace.scopes.add(f"{scope}:read")
            await client.conversations_info(channel=channel)
        slack.workspace.scopes -= {"app_mentions:read", "im:history"}
        for channel in ("marketing", "dm"):
            ack = await slack.acting.say("alex", channel, "<@U0KPIBOT> cac")
            assert ack.reason == "missing_scope"

    beside_slack(whole)


def test_a_token_that_has_ended_is_refused_and_a_refresh_token_is_good_once() -> None:
    """As with token rotation: `token_expired`, then a new one for what came with the old."""

    async def whole(_slack: LocalSlack, _session: aiohttp.ClientSession) -> None:
        clock = [1_800_000_000.0]
        async with start_slack(now=lambda: clock[0]) as slack:
            slack.workspace.token_seconds = 43_200
            first = new_grant(slack.workspace, "T0OTHER")
            assert (await client_of(slack, first["access_token"]).auth_test())["team_id"] == "T0OTHER"
            clock[0] += 43_200
            assert await refused(client_of(slack, first["access_token"]).auth_test()) == "token_expired"
            asked = {"client_id": "1.2", "client_secret": "s", "grant_type": "refresh_token"}
            again = client_of(slack, "xoxb-none")
            renewed = await again.oauth_v2_access(**asked, refresh_token=first["refresh_token"])
            assert (await client_of(slack, str(renewed["access_token"])).auth_test())["team_id"] == "T0OTHER"
            spent = again.oauth_v2_access(**asked, refresh_token=first["refresh_token"])
            assert await refused(spent) == "invalid_refresh_token"
            assert await refused(again.oauth_v2_access(client_id="1", client_secret="s", code="x")) == "invalid_code"

    beside_slack(whole)


def test_only_this_machine_under_its_own_name_is_answered() -> None:
    """A name that somebody turns to loopback is no name of this server: 421 on every address."""

    async def whole(slack: LocalSlack, session: aiohttp.ClientSession) -> None:
        for path in ("/", "/api/auth.test", "/sandbox/state", "/oauth/v2/authorize"):
            async with session.get(f"{slack.url}{path}", headers={"Host": "slack.example"}) as answer:
                assert answer.status == 421

    beside_slack(whole)
