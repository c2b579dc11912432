"""Posting: a refused card becomes plainer and is never lost, and each failure says what to do."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from bot.cards.card import Card
from bot.sandbox.slack import LocalSlack, start_slack
from bot.sandbox.slack.web_api.slack_faults import Fault
from bot.slack.posting import Posted, post, post_ephemeral, respond, slack_client
from kpi_core.errors import ServiceError

CHART = {
    "type": "data_visualization",
    "title": "CAC",
    "chart": {
        "type": "line",
        "series": [{"name": "CAC", "data": [{"label": "Oct", "value": 41}]}],
        "axis_config": {"categories": ["Oct"]},
    },
}
ROWS = [[{"type": "raw_text", "text": "channel"}], [{"type": "raw_text", "text": "search"}]]
TABLE = {"type": "data_table", "caption": "CAC by channel", "rows": ROWS}
HEAD = {"type": "header", "text": {"type": "plain_text", "text": "CAC"}}
CARD = Card("CAC: 41", [HEAD, CHART, TABLE])
CHANNEL = "C0MARKET"


def posted(card: Card = CARD, prepare: Callable[[LocalSlack], None] = lambda _slack: None) -> tuple[Posted, LocalSlack]:
    """Post `card` to a local Slack made ready by `prepare`."""

    async def whole() -> tuple[Posted, LocalSlack]:
        async with start_slack() as slack:
            prepare(slack)
            client = slack_client(slack.workspace.bot_token, slack.environment["SLACK_API_URL"])
            return await post(client, CHANNEL, card), slack

    return asyncio.run(whole())


def unsupported(*kinds: str) -> Callable[[LocalSlack], None]:
    return lambda slack: slack.workspace.unsupported.update(kinds)


def kinds(slack: LocalSlack) -> list[str]:
    (message,) = slack.workspace.messages
    return [block["type"] for block in message.blocks]


@pytest.mark.parametrize(
    ("refused", "shown"),
    [
        ((), ["header", "data_visualization", "data_table"]),
        (("data_visualization",), ["header", "data_table"]),
        (("data_visualization", "data_table"), ["header", "table"]),
        (("data_visualization", "data_table", "table"), ["header", "section"]),
        (("data_visualization", "data_table", "table", "header"), []),
    ],
)
def test_a_card_becomes_plainer_until_slack_takes_it(refused: tuple[str, ...], shown: list[str]) -> None:
    """Chart, then table, then text: the answer arrives in a workspace that knows none of the new blocks."""
    where, slack = posted(prepare=unsupported(*refused))
    assert kinds(slack) == shown
    assert slack.workspace.messages[0].text == "CAC: 41"
    assert where.ts == slack.workspace.messages[0].ts
    assert [block["type"] for block in where.card.blocks] == shown


def test_a_text_too_long_for_slack_is_cut_and_still_arrives() -> None:
    """41,000 characters are more than Slack takes; the beginning arrives."""
    _, slack = posted(Card("x" * 41_000, []))
    assert slack.workspace.messages[0].text == "x" * 3_899 + "…"


FAILURES: list[tuple[str, Fault, str, str]] = [
    ("channel_not_found", Fault("error", error="channel_not_found"), "no channel C0MARKET", "/invite"),
    ("not_in_channel", Fault("error", error="not_in_channel"), "not in the channel C0MARKET", "/invite"),
    ("invalid_auth", Fault("error", error="invalid_auth"), "does not know this token", "SLACK_BOT_TOKEN"),
    ("ratelimited", Fault("ratelimited", retry_after=7), "slow down", "7 seconds"),
    ("slack_server_error", Fault("http", status=503), "status 503", "try again"),
    ("slack_no_answer", Fault("drop_before"), "no answer", "Look into the channel"),
    ("slack_no_answer", Fault("garbage"), "no answer", "Look into the channel"),
    ("some_new_code", Fault("error", error="some_new_code"), "some_new_code", "documentation"),
]


@pytest.mark.parametrize(("code", "fault", "message", "hint"), FAILURES, ids=[each[0] for each in FAILURES])
def test_a_failure_says_what_happened_and_what_to_do(code: str, fault: Fault, message: str, hint: str) -> None:
    """Every failure of Slack is a ServiceError (exit 3) in words, and the call is made once."""

    def prepare(slack: LocalSlack) -> None:
        calls.append(slack)
        slack.faults.put(fault)

    calls: list[LocalSlack] = []
    with pytest.raises(ServiceError) as caught:
        posted(prepare=prepare)
    assert (caught.value.code, caught.value.exit_code) == (code, 3)
    assert message in caught.value.message
    assert hint in caught.value.hint
    assert len(calls[0].requests) == 1
    if code == "ratelimited":
        assert caught.value.retry_after == 7


def test_a_missing_scope_is_named() -> None:
    """The scope to add stands in the message."""
    with pytest.raises(ServiceError, match=r"lacks the scope chat:write") as caught:
        posted(prepare=lambda slack: slack.workspace.scopes.clear())
    assert "reinstall" in caught.value.hint


def test_an_unreachable_slack_is_said_in_a_sentence() -> None:
    """Nobody listens there: exit 3, the address, what to check, nothing sent."""

    async def whole() -> None:
        async with start_slack() as slack:
            url = slack.environment["SLACK_API_URL"]
        await post(slack_client("xoxb-1234567890", url), CHANNEL, CARD)

    with pytest.raises(ServiceError, match=r"Slack cannot be reached \(127\.0\.0\.1") as caught:
        asyncio.run(whole())
    assert (caught.value.code, caught.value.exit_code) == ("slack_unreachable", 3)
    assert "SLACK_API_URL" in caught.value.hint


def in_workspace(test: Callable[[LocalSlack, Any], Awaitable[None]]) -> None:
    async def whole() -> None:
        async with start_slack() as slack:
            client = slack_client(slack.workspace.bot_token, slack.environment["SLACK_API_URL"])
            await test(slack, client)

    asyncio.run(whole())


def test_metadata_travels_with_the_message() -> None:
    """Metadata is kept, and shown only to those who ask for it."""

    async def whole(_slack: LocalSlack, client: Any) -> None:
        metadata = {"event_type": "kpi_delivery", "event_payload": {"key": "abc"}}
        await post(client, CHANNEL, CARD, metadata=metadata)
        shown = await client.conversations_history(channel=CHANNEL, include_all_metadata=True)
        assert shown["messages"][0]["metadata"] == metadata
        hidden = await client.conversations_history(channel=CHANNEL)
        assert "metadata" not in hidden["messages"][0]

    in_workspace(whole)


def test_an_ephemeral_post_is_seen_by_one_person() -> None:
    """Only its reader sees it; the history does not know it."""

    async def whole(slack: LocalSlack, client: Any) -> None:
        await post_ephemeral(client, CHANNEL, "U0ALEX", CARD)
        assert slack.workspace.messages[0].to == "U0ALEX"
        assert (await client.conversations_history(channel=CHANNEL))["messages"] == []

    in_workspace(whole)


def test_a_response_url_takes_the_plainer_card_too_and_five_answers() -> None:
    """A response_url refuses unknown blocks as the Web API does; the sixth use is refused in words."""

    async def whole(slack: LocalSlack, _client: Any) -> None:
        slack.workspace.unsupported.update({"data_visualization", "data_table"})
        url = f"{slack.url}/response/{slack.workspace.new_response_url(CHANNEL, 'U0ALEX')}"
        await respond(url, CARD, private=False)
        assert kinds(slack) == ["header", "table"]
        await respond(url, Card("second", []), private=True)
        assert [each.to for each in slack.workspace.messages] == ["", "U0ALEX"]
        await respond(url, Card("third", []), private=True)
        with pytest.raises(ServiceError) as caught:
            await respond(url, CARD, private=False)
        assert caught.value.code == "response_url_spent"

    in_workspace(whole)
