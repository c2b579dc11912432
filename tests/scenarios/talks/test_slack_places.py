"""Where people ask: with /me, in a thread and its channel at once, by an edit, through another app, at a message."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from slack_side import CAC, first_line, run, said, services

from bot.sandbox.slack import LocalSlack
from bot.sandbox.slack.envelopes import payloads
from bot.sandbox.slack.slack_workspace import Message
from bot.slack.app import Services
from bot.slack.listeners.places.suggesting import suggestions
from kpi_core.settings.values import Access, Summary

from tables import CATALOG

BOT = "<@U0KPIBOT>"
LIMITED = {"sales_revenue": Access(users=("U0WEI",))}


async def hear(slack: LocalSlack, **inner: Any) -> None:
    """An event of Slack's, whole."""
    common = {"type": "message", "ts": slack.workspace.new_ts(), "team": "T0KPIBOT"}
    ack = await slack.delivery.deliver("events_api", payloads.event(slack.workspace, common | inner))
    assert ack.acked


def direct(slack: LocalSlack, user: str = "U0ALEX") -> dict[str, Any]:
    return {"channel": slack.workspace.direct(user).id, "channel_type": "im", "user": user}


@pytest.mark.parametrize("subtype", ["me_message", "thread_broadcast"])
def test_whatever_a_person_writes_is_answered(subtype: str) -> None:
    """With /me, and in a thread and to its channel at once."""

    async def test(slack: LocalSlack) -> None:
        await hear(slack, **direct(slack), subtype=subtype, text="cac last-month")
        (answer,) = await said(slack)
        assert first_line(answer) == CAC["en"]

    run(test)


def test_an_edit_mends_what_was_not_understood() -> None:
    """Corrected within minutes a message is answered; an answered one, a preview of a link and a notice are not."""

    async def test(slack: LocalSlack) -> None:
        place, ts = direct(slack), slack.workspace.new_ts()
        await hear(slack, **place, ts=ts, text="caaac of the moon")
        await said(slack)

        async def edit(text: str, before: str) -> None:
            edited = {"user": "U0ALEX", "ts": slack.workspace.new_ts()}
            message = {"type": "message", "user": "U0ALEX", "ts": ts, "text": text, "edited": edited}
            both = {"message": message, "previous_message": {**message, "text": before}}
            where = {key: place[key] for key in ("channel", "channel_type")}
            await hear(slack, **where, subtype="message_changed", **both)

        await edit("caaac of the moon", "caaac of the moon")
        await edit("cac last-month", "caaac of the moon")
        assert first_line((await said(slack, 2))[1]) == CAC["en"]
        await edit("cac 2026-11", "cac last-month")
        await slack.acting.command("alex", "marketing", "/kpi", "help")
        assert len(await said(slack, 3)) == 3

    run(test)


def with_apps(*apps: str, access: dict[str, Access] | None = None) -> Services:
    made = services(access=access)
    return replace(made, settings=replace(made.settings, apps=apps))


@pytest.mark.parametrize(
    ("apps", "answered"),
    [((), False), (("A0FLOW",), True), (("B0FLOW",), True), (("A0OTHER",), False), (("U0KPIBOT", "B0KPIBOT"), False)],
)
def test_other_apps_are_answered_where_kpi_yaml_names_them(apps: tuple[str, ...], answered: bool) -> None:
    """A workflow that mentions the bot is answered by its ids alone, and the bot never answers itself."""

    async def test(slack: LocalSlack) -> None:
        own = {"bot_id": "B0KPIBOT", "app_id": "A0KPIBOT", "user": "U0KPIBOT"}
        for writer in ({"bot_id": "B0FLOW", "app_id": "A0FLOW", "subtype": "bot_message"}, own):
            await hear(slack, type="app_mention", channel="C0MARKET", text=f"{BOT} cac last-month", **writer)
        await slack.acting.command("alex", "marketing", "/kpi", "help")
        messages = await said(slack, 2 if answered else 1)
        assert [first_line(each) for each in messages if not each.to] == [CAC["en"]] * answered

    run(test, with_apps(*apps))


def test_an_app_learns_nothing_that_its_channel_may_not_see() -> None:
    """To an app nothing can be said alone, so what is limited stays unsaid."""

    async def test(slack: LocalSlack) -> None:
        text = f"{BOT} sales_revenue 2026-10"
        await hear(slack, type="app_mention", channel="C0MARKET", text=text, bot_id="B0FLOW", app_id="A0FLOW")
        await slack.acting.command("alex", "marketing", "/kpi", "help")
        assert all("$" not in each.text for each in await said(slack))

    run(test, with_apps("A0FLOW", access=LIMITED))


def shortcut(slack: LocalSlack, user: str, message: dict[str, Any]) -> dict[str, Any]:
    url = f"{slack.url}/response/{slack.workspace.new_response_url('C0MARKET', user, message['ts'])}"
    return {
        "type": "message_action", "callback_id": "kpi_ask_about", "trigger_id": slack.workspace.new_trigger(user),
        "message_ts": message["ts"], "response_url": url, "team": payloads.TEAM, "token": "local",
        "user": {"id": user, "team_id": "T0KPIBOT"}, "channel": {"id": "C0MARKET", "name": "marketing"},
        "message": message, "api_app_id": "A0KPIBOT",
    }  # fmt: skip


def test_a_message_is_asked_about_in_private() -> None:
    """What somebody wrote is read as a question; the bot's own message as what it is about. Only the asker sees it."""

    async def test(slack: LocalSlack) -> None:
        theirs = {"type": "message", "user": "U0WEI", "ts": "1.1", "text": "how was our cac last month?"}
        ack = await slack.delivery.deliver("interactive", shortcut(slack, "U0ALEX", theirs))
        assert ack.acked
        (answer,) = await said(slack)
        assert (answer.to, first_line(answer)) == ("U0ALEX", CAC["en"])
        own = {"type": "message", "user": "U0KPIBOT", "ts": "1.2", "text": "x", "blocks": answer.blocks}
        await slack.delivery.deliver("interactive", shortcut(slack, "U0MINA", own))
        again = (await said(slack, 2))[1]
        assert (again.to, first_line(again)) == ("U0MINA", CAC["ko"])

    run(test)


def test_the_list_is_searched_while_typing() -> None:
    """The field of the list finds a KPI by a beginning in any language; a choice asks for it."""

    async def test(slack: LocalSlack) -> None:
        await slack.acting.command("wei", "marketing", "/kpi", "list")
        (listed,) = await said(slack)
        field = listed.blocks[1]["elements"][0]
        assert field["type"] == "external_select"
        ack = await slack.acting.suggest("wei", "marketing", listed.ts, field["action_id"], "客戶獲取")
        offered = [each["value"] for each in (ack.body or {})["options"]]
        assert offered[0] == "cac"
        assert all(len(each["text"]["text"]) <= 75 for each in (ack.body or {})["options"])
        await slack.acting.press("wei", "marketing", listed.ts, field["action_id"], "cac")
        assert first_line((await said(slack, 2))[1]) == CAC["zh-TW"]

    run(test)


@pytest.mark.parametrize(
    ("typed", "uses", "first"),
    [
        ("cac", {}, ["cac"]),
        ("roi", {"campaign_roi": 5000}, ["roi"]),
        ("전환", {"conversion_rate": 3}, ["conversion_rate"]),
        ("", {"aov": 1000, "cac": 3000}, ["cac", "aov"]),
        ("zzzz", {}, []),
    ],
)
def test_what_is_asked_most_comes_first(typed: str, uses: dict[str, int], first: list[str]) -> None:
    """The KPI of that very name, then by use; nothing where nothing fits."""
    found = [metric.id for metric in suggestions(CATALOG, typed, uses)]
    assert found[: len(first)] == first
    assert len(found) <= 100


@pytest.mark.parametrize("event", [{"type": "app_context_changed"}, {"type": "app_home_opened", "tab": "messages"}])
def test_the_agents_view_offers_questions_of_the_open_channel(event: dict[str, str]) -> None:
    """Four at most, in the person's language, the KPI of the channel's summary first; each is answered."""
    made = services(access=LIMITED)
    weekly = Summary("weekly", "C0BOARD", "exec", "monday 09:00")
    audiences = {"exec": ("sales_revenue", "ad_spend"), "manager": ("cac",)}
    made = replace(made, settings=replace(made.settings, summaries=(weekly,), audiences=audiences))

    async def test(slack: LocalSlack) -> None:
        channel = slack.workspace.direct("U0MINA").id
        looks_at = {"entities": [{"type": "slack#/types/channel_id", "value": "C0BOARD", "team_id": "T0KPIBOT"}]}
        await hear(slack, **event, user="U0MINA", channel=channel, context=looks_at)
        prompts = await slack.until(lambda: slack.workspace.prompts.get(channel))
        assert len(prompts) == 4
        assert prompts[0]["message"] == "ad_spend 지난달 채널별"
        for number, prompt in enumerate(prompts, start=1):
            await slack.acting.command("mina", "marketing", "/kpi", prompt["message"])
            answer = (await said(slack, number))[-1]
            assert "알 수 없" not in first_line(answer)

    run(test, made)


def test_in_the_agents_view_an_answer_stays_with_its_question() -> None:
    """Each message begins a thread there: the answer is in it, and so is what goes on from it; not in a plain talk."""

    async def test(slack: LocalSlack) -> None:
        place = direct(slack)
        plain = slack.workspace.new_ts()
        await hear(slack, **place, ts=plain, text="cac last-month")
        assert (await said(slack, 1))[-1].thread_ts == ""
        entity = {"type": "slack#/types/channel_id", "value": "C0MARKET", "team_id": "T0KPIBOT"}
        looking = {"type": "app_context_changed", "user": "U0ALEX", "channel": place["channel"]}
        await hear(slack, **looking, context={"entities": [entity]})
        root = slack.workspace.new_ts()
        slack.workspace.add(Message(root, place["channel"], "U0ALEX", "cac 2026-10"))
        await hear(slack, **place, ts=root, text="cac 2026-10")
        assert (await said(slack, 2))[-1].thread_ts == root
        await hear(slack, **place, thread_ts=root, text="by channel")
        split = (await said(slack, 3))[-1]
        assert (split.thread_ts, "by channel" in first_line(split)) == (root, True)

    run(test)
