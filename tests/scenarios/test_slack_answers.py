"""People ask in Slack, the real app answers: bolt and slack_sdk unchanged against the local Slack."""

from __future__ import annotations

import asyncio
import logging
import threading
from datetime import date, timedelta

import pytest
from slack_side import CAC, REVENUE, Trouble, bot_messages, by_channel, first_line, run, said, services

from bot.sandbox.slack import LocalSlack
from bot.sandbox.slack.web_api.slack_faults import Fault
from kpi_core.settings.values import Access

from long import ran, times

BOARD_ONLY = {"sales_revenue": Access(channels=("C0BOARD",), groups=("S0FINANCE",), users=("U0WEI",))}


@pytest.mark.parametrize("http", [False, True], ids=["sockets", "http"])
def test_a_command_is_answered_in_the_channel(http: bool) -> None:
    """`/kpi cac last-month` shows everybody the answer, whichever way Slack delivers."""

    async def ask(slack: LocalSlack) -> None:
        ack = await slack.acting.command("alex", "marketing", "/kpi", "cac last-month")
        assert ack.acked
        assert not ack.body
        (answer,) = await said(slack)
        assert (answer.channel, answer.to) == ("C0MARKET", "")
        assert first_line(answer) == CAC["en"]

    run(ask, http=http)


@pytest.mark.parametrize(("channel", "reader"), [("quiet", "U0MINA"), ("general", ""), ("dm", "")])
def test_a_command_is_answered_where_the_bot_is_no_member(channel: str, reader: str) -> None:
    """In a private channel without the bot nobody says who reads there: the asker alone gets the answer."""

    async def ask(slack: LocalSlack) -> None:
        await slack.acting.command("mina", channel, "/kpi", "cac")
        (answer,) = await said(slack)
        assert answer.to == reader

    run(ask)


@pytest.mark.parametrize(
    ("user", "language"),
    [("alex", "en"), ("mina", "ko"), ("wei", "zh-TW")],
)
def test_everybody_is_answered_in_their_language(user: str, language: str) -> None:
    """The language of a person's Slack is the language of the answer, looked up once."""

    async def ask(slack: LocalSlack) -> None:
        await asyncio.gather(*(slack.acting.command(user, "marketing", "/kpi", "cac") for _ in range(5)))
        answers = await said(slack, 5)
        assert {first_line(answer) for answer in answers} == {CAC[language]}
        assert sum(each["method"] == "users.info" for each in slack.requests) == 1

    run(ask)


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("", "Ask for any KPI in plain words"),
        ("help", "Ask for any KPI in plain words"),
        ("list", "39 of 98 KPIs ready"),
    ],
)
def test_help_and_list_are_for_the_asker_alone(typed: str, shown: str) -> None:
    """`/kpi`, `/kpi help` and `/kpi list` do not fill the channel."""

    async def ask(slack: LocalSlack) -> None:
        await slack.acting.command("alex", "marketing", "/kpi", typed)
        (answer,) = await said(slack)
        assert (first_line(answer), answer.to) == (shown, "U0ALEX")

    run(ask)


def test_a_definition_is_explained() -> None:
    """`/kpi explain cac` says what the KPI is."""

    async def ask(slack: LocalSlack) -> None:
        await slack.acting.command("alex", "marketing", "/kpi", "explain cac")
        (answer,) = await said(slack)
        assert first_line(answer) == "Customer acquisition cost (cac)"

    run(ask)


@pytest.mark.parametrize("typed", ["cac --private", "private cac", "cac —private", "cac 비공개"])
def test_a_private_question_is_answered_to_the_asker_alone_and_stays_private(typed: str) -> None:
    """What was asked in private is answered in private, and so is what its buttons ask."""

    async def ask(slack: LocalSlack) -> None:
        await slack.acting.command("alex", "marketing", "/kpi", typed)
        (answer,) = await said(slack)
        assert answer.to == "U0ALEX"
        assert first_line(answer) == CAC["en"]
        await slack.acting.press("alex", "marketing", answer.ts, *by_channel(answer))
        _, split = await said(slack, 2)
        assert split.to == "U0ALEX"
        assert "social" in split.text

    run(ask)


def test_buttons_ask_and_explain() -> None:
    """The buttons of an answer answer in the same channel."""

    async def ask(slack: LocalSlack) -> None:
        await slack.acting.command("alex", "marketing", "/kpi", "cac")
        (answer,) = await said(slack)
        await slack.acting.press("wei", "marketing", answer.ts, *by_channel(answer))
        split = (await said(slack, 2))[1]
        assert first_line(split) == CAC["zh-TW"].replace("：", " · 依管道：")
        assert "social" in split.text
        await slack.acting.press("wei", "marketing", answer.ts, "kpi_more", "explain cac")
        assert first_line((await said(slack, 3))[2]) == "客戶獲取成本 (cac)"

    run(ask)


def test_an_unknown_kpi_offers_buttons_that_ask() -> None:
    """A mistyped KPI shows the typist what was meant; pressing it asks that in the channel."""

    async def ask(slack: LocalSlack) -> None:
        await slack.acting.command("alex", "marketing", "/kpi", "cacc last-month")
        (error,) = await said(slack)
        assert (first_line(error), error.to) == ("No KPI called “cacc”.", "U0ALEX")
        await slack.acting.press("alex", "marketing", error.ts, "kpi_ask", "cac last-month")
        _, answer = await said(slack, 2)
        assert (first_line(answer), answer.to) == (CAC["en"], "")

    run(ask)


def test_suggestions_of_an_explanation_explain() -> None:
    """What is suggested for `explain cacc` explains, too."""

    async def ask(slack: LocalSlack) -> None:
        await slack.acting.command("alex", "marketing", "/kpi", "explain cacc")
        (error,) = await said(slack)
        await slack.acting.press("alex", "marketing", error.ts, "kpi_ask", "explain cac")
        _, answer = await said(slack, 2)
        assert first_line(answer) == "Customer acquisition cost (cac)"

    run(ask)


@pytest.mark.parametrize("http", [False, True], ids=["sockets", "http"])
def test_a_mention_is_answered_in_its_thread_once(http: bool) -> None:
    """A mention delivered three times is answered once, in the mention's thread."""

    async def ask(slack: LocalSlack) -> None:
        await slack.acting.say("alex", "marketing", "<@U0KPIBOT> cac &amp; <http://last-month|last-month>", times=3)
        await slack.acting.command("alex", "marketing", "/kpi", "help")
        answers = await said(slack, 2)
        question = slack.workspace.messages[0]
        mentioned = [each for each in answers if each.thread_ts]
        assert [each.thread_ts for each in mentioned] == [question.ts]
        assert first_line(mentioned[0]) == CAC["en"]

    run(ask, http=http)


def test_a_direct_message_is_answered_plainly() -> None:
    """In the conversation with the bot words are enough, and the bot does not hear itself."""

    async def ask(slack: LocalSlack) -> None:
        await slack.acting.say("mina", "dm", "cac")
        (answer,) = await said(slack)
        assert (answer.thread_ts, answer.to) == ("", "")
        assert first_line(answer) == CAC["ko"]

    run(ask)


@pytest.mark.parametrize(
    ("user", "channel", "typed", "to", "shown"),
    [
        ("alex", "board", "sales_revenue", "", REVENUE["en"]),
        ("mina", "marketing", "sales_revenue", "U0MINA", REVENUE["ko"]),
        ("wei", "marketing", "sales_revenue", "U0WEI", REVENUE["zh-TW"]),
        ("alex", "marketing", "sales_revenue", "U0ALEX", "Sales revenue is shown only to some people, and not here."),
        ("alex", "marketing", "cac", "", CAC["en"]),
    ],
)
def test_a_limited_kpi_is_shown_where_all_readers_may_see_it(
    user: str, channel: str, typed: str, to: str, shown: str
) -> None:
    """Public in its channels, elsewhere only to those who are allowed, and refused to all others."""

    async def ask(slack: LocalSlack) -> None:
        await slack.acting.command(user, channel, "/kpi", typed)
        (answer,) = await said(slack)
        assert answer.to == to
        assert answer.text.startswith(shown)

    run(ask, services(access=BOARD_ONLY))


def test_budgets_are_told_to_whom_both_sides_are_open() -> None:
    """How budgets run is answered in the channel; with a limit on budgets to those alone who may see them."""

    async def ask(slack: LocalSlack) -> None:
        await slack.acting.command("mina", "marketing", "/kpi", "예산 페이스")
        (answer,) = await said(slack)
        assert first_line(answer).startswith(("예산 페이스", "2026-"))

    run(ask)

    async def ask_limited(slack: LocalSlack) -> None:
        await slack.acting.command("alex", "marketing", "/kpi", "budget pacing")
        (refused,) = await said(slack)
        assert refused.to == "U0ALEX"
        assert "$" not in refused.text
        await slack.acting.command("wei", "marketing", "/kpi", "budget pacing")
        assert [each.to for each in await said(slack, 2)] == ["U0ALEX", "U0WEI"]

    run(ask_limited, services(access={"budget": Access(users=("U0WEI",))}))


def test_a_limited_kpi_does_not_leak_through_its_variants_or_mentions() -> None:
    """A variant is limited as its KPI; a mention by an allowed person is answered to that person alone."""

    async def ask(slack: LocalSlack) -> None:
        await slack.acting.say("wei", "marketing", "<@U0KPIBOT> cac@paid")
        (answer,) = await said(slack)
        assert answer.to == "U0WEI"
        await slack.acting.press("wei", "marketing", answer.ts, *by_channel(answer))
        assert [each.to for each in await said(slack, 2)] == ["U0WEI", "U0WEI"]
        await slack.acting.say("alex", "marketing", "<@U0KPIBOT> cac")
        refused = (await said(slack, 3))[2]
        assert "$" not in refused.text

    run(ask, services(access={"cac": Access(users=("U0WEI",))}))


def test_fifty_commands_at_once_are_all_acknowledged_in_time() -> None:
    """While every thread is busy, each of 50 commands is acknowledged within 3 seconds, and each is answered."""
    gate = threading.Event()
    days = [date(2026, 10, 1) + timedelta(days=number) for number in range(50)]

    async def ask(slack: LocalSlack) -> None:
        acks = await asyncio.gather(*(slack.acting.command("alex", "marketing", "/kpi", f"cac {day}") for day in days))
        assert all(ack.acked for ack in acks)
        assert not bot_messages(slack)
        gate.set()
        answers = await said(slack, 50)
        assert len({first_line(answer).partition(":")[0] for answer in answers}) == 50

    run(ask, services(Trouble(gate=gate)))


@pytest.mark.long
def test_while_others_are_computed_every_command_is_acknowledged() -> None:
    """However many people ask at once for what has to be computed: Slack has its word in 3 seconds, each an answer."""
    count = times(20, 200)
    days = [date(2026, 10, 1) + timedelta(days=number % 50) for number in range(count)]
    kpis = ("cac", "sales_revenue", "ad_spend", "roas", "aov")

    async def ask(slack: LocalSlack) -> None:
        typed = [f"{kpis[number % 5]} {day} by channel" for number, day in enumerate(days)]
        acks = await asyncio.gather(*(slack.acting.command("alex", "marketing", "/kpi", each) for each in typed))
        assert [each for each in acks if not each.acked] == []
        assert len(await said(slack, count)) == count
        ran("commands at once that compute", count, unacknowledged=0)

    run(ask, seconds=600)


def test_answers_under_way_are_sent_before_the_process_ends() -> None:
    """Asked to stop while it computes, the app sends the answer first."""
    gate = threading.Event()
    kept: list[LocalSlack] = []

    async def ask(slack: LocalSlack) -> None:
        kept.append(slack)
        await slack.acting.command("alex", "marketing", "/kpi", "cac")
        asyncio.get_running_loop().call_later(0.05, gate.set)

    run(ask, services(Trouble(gate=gate)))
    assert [first_line(each) for each in bot_messages(kept[0])] == [CAC["en"]]


def test_an_unforeseen_failure_gives_a_reference_and_no_secret(caplog: pytest.LogCaptureFixture) -> None:
    """The asker gets a card with a reference, the log the same reference; neither says what the error said."""
    trouble = Trouble(failure=RuntimeError("postgresql://kpi:hunter2@db/kpi"))

    async def ask(slack: LocalSlack) -> None:
        with caplog.at_level(logging.INFO):
            await slack.acting.command("alex", "marketing", "/kpi", "cac")
            (error,) = await said(slack)
        assert error.to == "U0ALEX"
        reference = error.text.partition("Reference: ")[2].split()[0]
        assert f"Reference {reference}: RuntimeError at slack_side.py" in caplog.text
        assert "hunter2" not in caplog.text + error.text
        assert "Traceback" not in caplog.text
        assert slack.workspace.bot_token not in caplog.text

    run(ask, services(trouble))


def test_a_spent_response_url_does_not_lose_the_answer() -> None:
    """When the response_url refuses, the answer is posted into the channel."""

    async def ask(slack: LocalSlack) -> None:
        slack.workspace.new_response_url = lambda *_args: "R-unknown"  # type: ignore[method-assign]
        await slack.acting.command("alex", "marketing", "/kpi", "cac")
        (answer,) = await said(slack)
        assert first_line(answer) == CAC["en"]
        assert slack.requests[-1]["method"] == "chat.postMessage"

    run(ask)


def test_an_answer_that_may_have_arrived_is_not_sent_twice() -> None:
    """When Slack took the answer and its own answer was lost, there is one, and a word to the asker alone."""

    async def ask(slack: LocalSlack) -> None:
        slack.faults.put(Fault("drop_after", "response_url"))
        await slack.acting.command("alex", "marketing", "/kpi", "cac")
        await said(slack, 2)
        slack.faults.put(Fault("drop_after", "chat.postMessage"))
        await slack.acting.say("alex", "marketing", "<@U0KPIBOT> cac")
        await said(slack, 4)
        answers = [each for each in bot_messages(slack) if not each.to]
        assert [first_line(each) for each in answers] == [CAC["en"], CAC["en"]]

    run(ask)


def test_a_rate_limit_delays_an_answer_and_loses_none() -> None:
    """Slack took nothing when it asks to wait, so the answer is posted after that."""

    async def ask(slack: LocalSlack) -> None:
        slack.faults.put(Fault("ratelimited", "chat.postMessage", retry_after=0))
        await slack.acting.say("alex", "marketing", "<@U0KPIBOT> cac")
        (answer,) = await said(slack)
        assert first_line(answer) == CAC["en"]

    run(ask)


def test_a_socket_that_slack_closes_is_replaced() -> None:
    """After Slack's warning the app comes again, and commands are answered as before."""

    async def ask(slack: LocalSlack) -> None:
        first = slack.delivery.sockets[0]
        await slack.delivery.disconnect("refresh_requested")
        await slack.until(lambda: slack.delivery.sockets and first not in slack.delivery.sockets)
        await slack.acting.command("alex", "marketing", "/kpi", "cac")
        await said(slack)

    run(ask)
