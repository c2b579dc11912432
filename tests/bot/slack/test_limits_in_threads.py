"""A limited KPI asked in Slack wherever a conversation may go on: what may be read is read by those who may, alone."""

from __future__ import annotations

import pytest
from companies.odd_amounts import tables
from limits_side import (
    BOARD,
    NOT_HERE,
    given_away,
    leaks,
    limited,
    mention,
    press,
    reply,
    secrets_of,
    share_a_channel,
    whole,
)
from slack_side import bot_messages, run

from bot.sandbox.slack import LocalSlack
from bot.sandbox.slack.acting import elements_of
from bot.sandbox.slack.slack_workspace import Message
from bot.sandbox.slack.web_api.slack_faults import Fault
from kpi_core.access.audiences import Channel, Person
from kpi_core.access.limits import Limits
from kpi_core.answering.engine import Engine

from tables import CATALOG, engine_on

LIMITED = "sales_revenue"
ASKED = ("sales_revenue 2026-10", "aov@gross 2026-10 by channel")


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    return engine_on(tmp_path_factory.mktemp("limits") / "kpi.duckdb", tables())


@pytest.fixture(scope="module")
def secrets(plain: Engine) -> list[float]:
    return secrets_of(plain, LIMITED)


def first_button(message: Message) -> str:
    return str(elements_of(message)[0]["action_id"])


def test_in_threads_everybody_reads_what_is_for_them(plain: Engine, secrets: list[float]) -> None:
    """Whoever begins a thread: each answer in it is for whoever asks then, and holds what they may see."""

    async def ask(slack: LocalSlack) -> None:
        share_a_channel(slack)
        for words in ASKED:
            for channel, people in {"marketing": ("mina", "alex", "wei"), "shared": ("wei", "gus", "alex")}.items():
                begun = await mention(slack, people[0], channel, words)
                threads = {begun.thread_ts, slack.workspace.messages[-2].ts} - {""}
                for thread in threads:
                    for user in people:
                        again = await mention(slack, user, channel, words, thread)
                        refused = user in {"alex", "gus"}
                        assert again.channel == begun.channel
                        assert again.to in {"", f"U0{user.upper()}"}
                        assert bool(leaks(secrets, [whole(again)])) is not refused, (user, channel, words)
        wrong, holding = given_away(slack, secrets)
        assert wrong == []
        assert holding > 6

    run(ask, limited(plain, LIMITED))


def test_a_thread_of_the_board_stays_in_its_channel(plain: Engine, secrets: list[float]) -> None:
    """Its answers stand in the thread for all who read there; the same person asks elsewhere and learns nothing."""

    async def ask(slack: LocalSlack) -> None:
        for words in ASKED:
            begun = await mention(slack, "mina", "board", words)
            for user in ("alex", "mina"):
                again = await mention(slack, user, "board", words, begun.thread_ts)
                assert (again.to, again.channel, again.thread_ts) == ("", "C0BOARD", begun.thread_ts)
            pressed = await press(slack, "alex", "board", begun.ts, first_button(begun))
            assert pressed.channel == "C0BOARD"
            # The board's thread named elsewhere: by its time alone, no message of another channel is reached.
            elsewhere = await mention(slack, "alex", "marketing", words, begun.thread_ts)
            assert NOT_HERE in elsewhere.text
            assert NOT_HERE in (await reply(slack, "alex", "dm", words)).text
        wrong, holding = given_away(slack, secrets)
        assert wrong == []
        assert holding >= 8

    run(ask, limited(plain, LIMITED))


def test_a_direct_conversation_goes_on_with_one_person(plain: Engine, secrets: list[float]) -> None:
    """Wei and Mina are answered there, also in a thread and by the buttons; Alex is not, whatever he presses."""

    async def ask(slack: LocalSlack) -> None:
        for user in ("wei", "mina", "alex"):
            begun = await mention(slack, user, "dm", "sales_revenue 2026-10")
            again = await mention(slack, user, "dm", "aov@gross 2026-10", begun.ts)
            answers = [begun, again, await reply(slack, user, "dm", "sales_revenue 2026-10 by channel")]
            open_kpi = await mention(slack, user, "dm", "cac 2026-10")
            answers.append(await press(slack, user, "dm", open_kpi.ts, first_button(open_kpi)))
            assert [bool(leaks(secrets, [whole(answer)])) for answer in answers] == [user != "alex"] * 3 + [False]
            assert [NOT_HERE in answer.text for answer in answers] == [user == "alex"] * 3 + [False]
        assert given_away(slack, secrets)[0] == []

    run(ask, limited(plain, LIMITED))


def test_a_card_carried_elsewhere_answers_whoever_presses_it_there(plain: Engine, secrets: list[float]) -> None:
    """A message with the buttons of the board's card, as when somebody shares it: a stranger's press is refused."""

    async def ask(slack: LocalSlack) -> None:
        share_a_channel(slack)
        public = await mention(slack, "mina", "board", "sales_revenue 2026-10")
        for channel in ("C0MARKET", "C0SHARED"):
            workspace = slack.workspace
            shared = Message(workspace.new_ts(), channel, public.user, "A card of the board", public.blocks[-1:])
            workspace.add(shared)
            for user in ("alex", "wei", "gus" if channel == "C0SHARED" else "mina"):
                pressed = await press(slack, user, channel, shared.ts, first_button(shared))
                assert pressed.to.endswith(user.upper())
                assert bool(leaks(secrets, [whole(pressed)])) is (user in {"wei", "mina"})
        assert given_away(slack, secrets)[0] == []

    run(ask, limited(plain, LIMITED))


@pytest.mark.parametrize("kind", ["error", "http", "garbage"])
def test_of_whom_slack_says_nothing_nothing_limited_is_shown(plain: Engine, secrets: list[float], kind: str) -> None:
    """Named in kpi.yaml or not, by every way to ask; what is open is answered, and once Slack speaks all is."""

    async def ask(slack: LocalSlack) -> None:
        share_a_channel(slack)
        slack.faults.put(Fault(kind, "users.info", times=10_000))  # type: ignore[arg-type]
        for user, channel in (("wei", "marketing"), ("mina", "marketing"), ("gus", "shared"), ("alex", "marketing")):
            for words in (*ASKED, "explain aov@gross"):
                for answer in (
                    await reply(slack, user, channel, words),
                    await mention(slack, user, channel, words),
                ):
                    assert "Slack does not say who you are" in answer.text or "members of its own" in answer.text
            private = await reply(slack, user, "dm", ASKED[0]) if user != "gus" else None
            assert private is None or "Slack does not say who you are" in private.text
        assert "`sales_revenue`" not in whole(await reply(slack, "wei", "marketing", "list"))
        assert NOT_HERE not in (await reply(slack, "wei", "marketing", "cac 2026-10")).text
        assert leaks(secrets, map(whole, bot_messages(slack))) == []
        slack.faults.clear()
        assert leaks(secrets, [whole(await reply(slack, "wei", "marketing", ASKED[0]))])

    run(ask, limited(plain, LIMITED))


def test_a_channel_of_which_slack_says_nothing_is_not_answered_as_a_whole(plain: Engine, secrets: list[float]) -> None:
    """Whoever may read the board's number there gets it alone; once Slack speaks, the whole channel does."""

    async def ask(slack: LocalSlack) -> None:
        slack.faults.put(Fault("error", "conversations.info", times=10_000, error="channel_not_found"))
        for user in ("mina", "alex"):
            alone = await reply(slack, user, "board", ASKED[0])
            assert alone.to.endswith(user.upper())
            assert leaks(secrets, [whole(alone)])
        assert (await reply(slack, "alex", "board", "cac 2026-10")).to == "U0ALEX"
        slack.faults.put(Fault("error", "users.info", times=10_000))
        # Mina was looked up before, Wei was not.
        slack.workspace.channels["C0BOARD"].members.add("U0WEI")
        assert "Slack does not say who you are" in (await reply(slack, "wei", "board", ASKED[0])).text
        slack.faults.clear()
        assert (await reply(slack, "mina", "board", ASKED[0])).to == ""

    run(ask, limited(plain, LIMITED))


def test_a_channel_that_others_read_shows_all_who_read_there_nothing(plain: Engine, secrets: list[float]) -> None:
    """The board's own channel, shared with another firm since: its members are answered alone, the guest not at all."""

    async def ask(slack: LocalSlack) -> None:
        share_a_channel(slack)
        board = slack.workspace.channels["C0BOARD"]
        board.shared = True
        board.members.add("U0GUS")
        for asking in (reply, mention):
            for user in ("mina", "alex", "gus"):
                answer = await asking(slack, user, "board", ASKED[0])
                # A refusal to a mention tells no number, so it may stand in the thread.
                assert bool(leaks(secrets, [whole(answer)])) is (user != "gus")
                assert user == "gus" or answer.to.endswith(user.upper())
        assert given_away(slack, secrets) == ([], 4)

    run(ask, limited(plain, LIMITED))


@pytest.mark.parametrize(
    "audience",
    [
        Person("U0WEI", frozenset({"S0FINANCE"}), "C0BOARD", unverified=True),
        Person("U0WEI", frozenset({"S0FINANCE"}), "C0BOARD", foreign=True),
        Channel("C0BOARD", unverified=True),
        Channel("C0BOARD", shared=True),
    ],
)
def test_whoever_is_not_sure_to_be_meant_sees_no_limited_kpi(audience: Person | Channel) -> None:
    """Every name and place that a limit allows at once, and still nothing of what it closes."""
    limits = Limits({LIMITED: BOARD}, CATALOG)
    closed = limits.closed_to(audience)
    assert {LIMITED, "aov", "aov@gross", "mer"} <= closed
    assert not limits.may_see(LIMITED, audience)
