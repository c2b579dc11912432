"""The local Slack behaves as Slack does, to the real slack_sdk and to whoever drives it over HTTP."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_side import run, said

from bot.sandbox.slack import LocalSlack, start_slack
from bot.sandbox.slack.web_api.slack_faults import Fault, Faults

Test = Callable[[LocalSlack, AsyncWebClient], Awaitable[None]]
CHANNEL = "C0MARKET"
VIEW = {
    "type": "modal",
    "title": {"type": "plain_text", "text": "Set goal"},
    "blocks": [{"type": "section", "text": {"type": "plain_text", "text": "x"}}],
}


class Clock:
    def __init__(self) -> None:
        self.now = 1_795_000_000.0

    def __call__(self) -> float:
        return self.now


def in_workspace(test: Test, clock: Clock | None = None) -> None:
    async def whole() -> None:
        async with start_slack(now=clock or Clock()) as slack:
            client = AsyncWebClient(slack.workspace.bot_token, slack.environment["SLACK_API_URL"], retry_handlers=[])
            await asyncio.wait_for(test(slack, client), 120)

    asyncio.run(whole())


async def refused(call: Awaitable[Any]) -> str:
    """The error code that a call is refused with."""
    with pytest.raises(SlackApiError) as caught:
        await call
    return str(caught.value.response["error"])


def test_tokens_are_checked() -> None:
    """No token, an unknown one and one of the wrong kind are refused with Slack's codes."""

    async def whole(slack: LocalSlack, client: AsyncWebClient) -> None:
        assert (await client.auth_test())["bot_id"] == "B0KPIBOT"
        assert await refused(client.auth_test(token="xoxb-unknown")) == "invalid_auth"
        assert await refused(client.auth_test(token=slack.workspace.app_token)) == "not_allowed_token_type"
        assert (
            await refused(client.apps_connections_open(app_token=slack.workspace.bot_token)) == "not_allowed_token_type"
        )
        assert await refused(AsyncWebClient(base_url=client.base_url).auth_test()) == "not_authed"
        assert (await AsyncWebClient(base_url=client.base_url).api_test())["ok"]
        assert await refused(client.api_call("admin.users.list")) == "unknown_method"

    in_workspace(whole)


def test_channels_are_seen_as_a_bot_sees_them() -> None:
    """Private channels exist for members only; in public ones a bot must be a member to write."""

    async def whole(_slack: LocalSlack, client: AsyncWebClient) -> None:
        assert await refused(client.chat_postMessage(channel="C0NOWHERE", text="x")) == "channel_not_found"
        assert await refused(client.chat_postMessage(channel="C0SECRET", text="x")) == "channel_not_found"
        assert await refused(client.chat_postMessage(channel="C0GENERAL", text="x")) == "not_in_channel"
        assert (await client.chat_postMessage(channel="#marketing", text="x"))["channel"] == CHANNEL
        listed = await client.conversations_list(types="public_channel,private_channel")
        assert [each["name"] for each in listed["channels"]] == ["marketing", "general", "board"]
        mine = await client.users_conversations(types="public_channel,private_channel")
        assert [each["name"] for each in mine["channels"]] == ["marketing", "board"]
        assert "U0ALEX" in (await client.conversations_members(channel=CHANNEL))["members"]

    in_workspace(whole)


def test_messages_can_be_changed_found_and_removed() -> None:
    """Update, permalink, reaction, thread, delete."""

    async def whole(slack: LocalSlack, client: AsyncWebClient) -> None:
        ts = str((await client.chat_postMessage(channel=CHANNEL, text="first"))["ts"])
        await client.chat_update(channel=CHANNEL, ts=ts, text="second")
        await client.chat_postMessage(channel=CHANNEL, text="below", thread_ts=ts)
        await client.reactions_add(channel=CHANNEL, timestamp=ts, name="eyes")
        assert await refused(client.reactions_add(channel=CHANNEL, timestamp=ts, name="eyes")) == "already_reacted"
        thread = (await client.conversations_replies(channel=CHANNEL, ts=ts))["messages"]
        assert [each["text"] for each in thread] == ["second", "below"]
        assert "edited" in thread[0]
        history = (await client.conversations_history(channel=CHANNEL))["messages"]
        assert [each["text"] for each in history] == ["second"]
        link = (await client.chat_getPermalink(channel=CHANNEL, message_ts=ts))["permalink"]
        assert str(link).endswith("/p" + ts.replace(".", ""))
        await client.chat_delete(channel=CHANNEL, ts=ts)
        assert await refused(client.chat_delete(channel=CHANNEL, ts=ts)) == "message_not_found"
        await slack.acting.say("alex", "marketing", "mine")
        assert (
            await refused(client.chat_delete(channel=CHANNEL, ts=slack.workspace.messages[-1].ts))
            == "cant_delete_message"
        )

    in_workspace(whole)


def test_history_is_paged_newest_first_within_its_window() -> None:
    """The real client pages through everything; oldest and latest bound it."""

    async def whole(_slack: LocalSlack, client: AsyncWebClient) -> None:
        stamps = [str((await client.chat_postMessage(channel=CHANNEL, text=str(n)))["ts"]) for n in range(5)]
        pages = await client.conversations_history(channel=CHANNEL, limit=2)
        texts = [each["text"] async for page in pages for each in page["messages"]]
        assert texts == ["4", "3", "2", "1", "0"]
        inside = await client.conversations_history(channel=CHANNEL, oldest=stamps[1], latest=stamps[3])
        assert [each["text"] for each in inside["messages"]] == ["2"]
        edges = await client.conversations_history(channel=CHANNEL, oldest=stamps[1], latest=stamps[3], inclusive=True)
        assert [each["text"] for each in edges["messages"]] == ["3", "2", "1"]

    in_workspace(whole)


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ({"text": ""}, "no_text"),
        ({"text": "x" * 40_001}, "msg_too_long"),
        ({"text": "x", "blocks": "not json"}, "invalid_blocks_format"),
        ({"text": "x", "blocks": [{"type": "header"}]}, "invalid_blocks"),
        ({"text": "x", "metadata": {"event_type": ""}}, "invalid_metadata_schema"),
    ],
)
@pytest.mark.filterwarnings("ignore:The top-level `text`")
def test_what_slack_refuses_is_refused_with_its_code(message: dict[str, Any], code: str) -> None:
    """Codes are Slack's; for blocks the answer says what is wrong and where."""

    async def whole(_slack: LocalSlack, client: AsyncWebClient) -> None:
        with pytest.raises(SlackApiError) as caught:
            await client.chat_postMessage(channel=CHANNEL, **message)
        answer: Any = caught.value.response.data
        assert answer["error"] == code
        if code == "invalid_blocks":
            line = "missing required field: text [json-pointer:/blocks/0]"
            assert answer["errors"] == [line]
            assert answer["response_metadata"]["messages"] == [f"[ERROR] {line}"]

    in_workspace(whole)


def test_people_have_a_locale_when_asked_for() -> None:
    """users.info tells the locale only with include_locale."""

    async def whole(_slack: LocalSlack, client: AsyncWebClient) -> None:
        assert (await client.users_info(user="U0MINA", include_locale=True))["user"]["locale"] == "ko-KR"
        assert "locale" not in (await client.users_info(user="U0MINA"))["user"]
        assert await refused(client.users_info(user="U0NOBODY")) == "user_not_found"
        assert len((await client.users_list())["members"]) == 4
        odd = client.api_call("users.info", json={"user": "U0MINA", "include_locale": []})
        assert await refused(odd) == "invalid_arguments"
        assert (await client.usergroups_users_list(usergroup="S0FINANCE"))["users"] == ["U0MINA"]

    in_workspace(whole)


def test_a_file_is_uploaded_in_slacks_three_steps() -> None:
    """The real client's upload arrives in the channel with its bytes."""

    async def whole(slack: LocalSlack, client: AsyncWebClient) -> None:
        await client.files_upload_v2(channel=CHANNEL, filename="kpi.csv", content="a,b\n1,2\n", initial_comment="table")
        (message,) = slack.workspace.messages
        assert (message.text, message.files[0]["name"]) == ("table", "kpi.csv")
        assert slack.workspace.uploads[message.files[0]["id"]] == b"a,b\n1,2\n"

    in_workspace(whole)


def test_a_trigger_opens_one_view_within_three_seconds() -> None:
    """The second use and a late one are refused; a view can be changed and published."""
    clock = Clock()

    async def whole(slack: LocalSlack, client: AsyncWebClient) -> None:
        trigger = slack.workspace.new_trigger()
        opened = await client.views_open(trigger_id=trigger, view=VIEW)
        assert await refused(client.views_open(trigger_id=trigger, view=VIEW)) == "exchanged_trigger_id"
        late = slack.workspace.new_trigger()
        clock.now += 3.1
        assert await refused(client.views_open(trigger_id=late, view=VIEW)) == "expired_trigger_id"
        await client.views_update(view_id=opened["view"]["id"], view=VIEW | {"private_metadata": "m"})
        assert slack.workspace.views[opened["view"]["id"]]["private_metadata"] == "m"
        await client.views_publish(user_id="U0MINA", view={"type": "home", "blocks": VIEW["blocks"]})
        assert slack.workspace.homes["U0MINA"]["type"] == "home"
        long = VIEW | {"title": {"type": "plain_text", "text": "x" * 25}}
        assert (
            await refused(client.views_open(trigger_id=slack.workspace.new_trigger(), view=long)) == "invalid_arguments"
        )

    in_workspace(whole, clock)


def test_a_response_url_ends_after_five_uses_or_thirty_minutes() -> None:
    """The sixth answer and a late one are refused; replacing and deleting the original work."""
    clock = Clock()

    async def whole(slack: LocalSlack, client: AsyncWebClient) -> None:
        ts = str((await client.chat_postMessage(channel=CHANNEL, text="asked"))["ts"])

        async def use(url: str, **body: Any) -> tuple[int, str]:
            async with aiohttp.ClientSession() as session, session.post(url, json=body) as answer:
                return answer.status, await answer.text()

        url = f"{slack.url}/response/{slack.workspace.new_response_url(CHANNEL, 'U0ALEX', ts)}"
        assert await use(url, text="new", replace_original=True) == (200, "ok")
        assert [each.text for each in slack.workspace.messages] == ["new"]
        assert await use(url, text="to all", response_type="in_channel") == (200, "ok")
        assert await use(url, blocks=[{"type": "header"}]) == (400, "invalid_blocks")
        assert await use(url, delete_original=[True]) == (400, "invalid_arguments")
        assert await use(url, delete_original=True) == (200, "ok")
        assert [each.text for each in slack.workspace.messages] == ["to all"]
        assert await use(url, text="sixth") == (404, '{"ok":false,"error":"used_url"}')
        late = f"{slack.url}/response/{slack.workspace.new_response_url(CHANNEL, 'U0ALEX')}"
        clock.now += 1801
        assert await use(late, text="late") == (404, '{"ok":false,"error":"expired_url"}')

    in_workspace(whole, clock)


def test_faults_come_when_ordered_and_pass() -> None:
    """A limit, a refusal, a broken page and a lost answer befall as many calls as were ordered."""

    async def whole(slack: LocalSlack, client: AsyncWebClient) -> None:
        slack.faults.put(Fault("ratelimited", "auth.test", times=2, retry_after=9))
        for _ in range(2):
            with pytest.raises(SlackApiError) as caught:
                await client.auth_test()
            assert caught.value.response.status_code == 429
            assert caught.value.response.headers["Retry-After"] == "9"
        assert (await client.auth_test())["ok"]
        slack.faults.put(Fault("drop_after", "chat.postMessage"))
        with pytest.raises(aiohttp.ClientError):
            await client.chat_postMessage(channel=CHANNEL, text="taken all the same")
        assert [each.text for each in slack.workspace.messages] == ["taken all the same"]
        assert [each["method"] for each in slack.requests] == ["auth.test"] * 3 + ["chat.postMessage"]
        assert "token" not in str([each["params"].keys() for each in slack.requests])

    in_workspace(whole)


def test_random_faults_repeat_with_their_seed() -> None:
    """The same seed gives the same run."""

    def outcomes(faults: Faults) -> list[bool]:
        faults.clear(seed=7)
        faults.put(Fault("http", times=1000, share=0.12))
        return [faults.take("chat.postMessage") is not None for _ in range(500)]

    first, second = outcomes(Faults()), outcomes(Faults())
    assert first == second
    assert 30 < sum(first) < 90


def test_a_missing_scope_is_named() -> None:
    """Needed and provided stand in the answer."""

    async def whole(slack: LocalSlack, client: AsyncWebClient) -> None:
        slack.workspace.scopes = {"commands"}
        with pytest.raises(SlackApiError) as caught:
            await client.chat_postMessage(channel=CHANNEL, text="x")
        answer: Any = caught.value.response.data
        assert (answer["error"], answer["needed"], answer["provided"]) == ("missing_scope", "chat:write", "commands")

    in_workspace(whole)


def test_an_app_that_is_not_there_is_told() -> None:
    """A command without an app is not acknowledged."""

    async def whole(slack: LocalSlack, _client: AsyncWebClient) -> None:
        ack = await slack.acting.command("alex", "marketing", "/kpi", "cac")
        assert (ack.acked, ack.reason) == (False, "no_socket")

    in_workspace(whole)


def test_an_event_without_an_ack_is_delivered_again() -> None:
    """Slack tries three times more; a retry carries its number and the same event id."""
    tried: list[tuple[str | None, str]] = []

    async def fail(request: web.Request) -> web.Response:
        tried.append((request.headers.get("X-Slack-Retry-Num"), (await request.json())["event_id"]))
        return web.Response(status=500 if len(tried) < 3 else 200)

    async def whole(slack: LocalSlack, _client: AsyncWebClient) -> None:
        app = web.Application()
        app.add_routes([web.post("/", fail)])
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        slack.delivery.retry_delays = (0, 0, 0)
        slack.delivery.request_url = f"http://127.0.0.1:{runner.addresses[0][1]}/"
        await slack.acting.say("alex", "dm", "cac")
        await asyncio.gather(*slack.delivery._again)
        await runner.cleanup()
        assert [number for number, _ in tried] == [None, "1", "2"]
        assert len({event_id for _, event_id in tried}) == 1

    in_workspace(whole)


def test_the_control_api_acts_looks_and_orders_faults() -> None:
    """Over HTTP alone: ask, see the answer, press its button, read the log, order a fault."""

    async def whole(slack: LocalSlack) -> None:
        async with aiohttp.ClientSession(slack.url) as session:

            async def send(path: str, **body: Any) -> dict[str, Any]:
                async with session.post(f"/sandbox/{path}", json=body) as answer:
                    return dict(await answer.json())

            async def get(path: str) -> dict[str, Any]:
                async with session.get(f"/sandbox/{path}") as answer:
                    return dict(await answer.json())

            asked = await send("command", user="alex", channel="marketing", text="cac")
            assert asked["ack"]["acked"] is True
            await said(slack)
            (answer,) = (await get("messages?channel=marketing"))["messages"]
            assert answer["ephemeral_to"] is None
            await send("action", user="alex", channel="marketing", ts=answer["ts"], action_id="kpi_more")
            await said(slack, 2)
            await send("message", user="mina", channel="dm", text="cac")
            await said(slack, 3)
            state = await get("state")
            assert (state["sockets"], len(state["users"])) == (1, 4)
            assert len((await get("requests?method=response_url"))["requests"]) == 2
            await send("faults", kind="ratelimited", method="chat.postMessage")
            assert (await get("state"))["faults"][0]["kind"] == "ratelimited"
            wrong = await send("command", user="nobody", channel="marketing", text="x")
            assert (wrong["ok"], wrong["error"]) == (False, "no user nobody")
            assert (await send("faults", kind="x", colour="red"))["ok"] is False

    run(whole)


def test_the_page_shows_messages_and_runs_none_of_them() -> None:
    """What stands in the channels is legible and escaped; pages of other sites may not act."""

    async def whole(slack: LocalSlack, client: AsyncWebClient) -> None:
        rows = [
            [{"type": "raw_text", "text": "channel"}],
            [{"type": "raw_text", "text": "<img src=x onerror=alert(1)>"}],
        ]
        table = {"type": "data_table", "caption": "CAC", "rows": rows}
        await client.chat_postMessage(channel=CHANNEL, text="x", blocks=[table])
        await slack.acting.say("alex", "marketing", "<script>alert(1)</script> R&amp;D <@U0MINA>")
        async with aiohttp.ClientSession() as session:
            async with session.get(slack.url) as answer:
                shown = await answer.text()
            async with session.get(slack.url, headers={"Origin": "https://elsewhere.example"}) as answer:
                assert answer.status == 403
            async with session.get(slack.url, headers={"Host": "elsewhere.example"}) as answer:
                assert answer.status == 421
        assert "&lt;script&gt;alert(1)&lt;/script&gt; R&amp;D @mina" in shown
        assert "<script" not in shown
        assert "<img" not in shown
        assert "<th>channel</th>" in shown

    in_workspace(whole)


def test_it_starts_alone_and_tells_how_to_use_it() -> None:
    """`python -m bot.sandbox.slack` prints the environment that points the product at it."""
    command = [sys.executable, "-m", "bot.sandbox.slack", "--port", "0"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=os.environ
    ) as process:
        assert process.stdout is not None
        printed = [process.stdout.readline() for _ in range(4)]
        process.terminate()
    assert printed[0].startswith("export SLACK_API_URL=http://127.0.0.1:")
    assert [line.partition("=")[0] for line in printed[1:]] == [
        "export SLACK_BOT_TOKEN",
        "export SLACK_APP_TOKEN",
        "export SLACK_SIGNING_SECRET",
    ]


def test_a_taken_port_is_told_without_a_traceback() -> None:
    """Exit 1 and one sentence."""

    async def whole(slack: LocalSlack, _client: AsyncWebClient) -> None:
        port = slack.url.rpartition(":")[2]
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot.sandbox.slack", "--port", port, stderr=asyncio.subprocess.PIPE
        )
        _, printed = await process.communicate()
        assert process.returncode == 1
        assert printed.decode().startswith(f"Port {port} cannot be opened")

    in_workspace(whole)
