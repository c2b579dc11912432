"""People who are no members: of other workspaces, and guests. They learn nothing until a member lets a channel read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from limits_side import mention, press, reply, share_a_channel, whole
from slack_side import NOW, bot_messages, run, services

from bot.cards.views.admission_card import ADMIT, DISMISS
from bot.sandbox.slack import LocalSlack
from bot.sandbox.slack.acting import elements_of
from bot.sandbox.slack.slack_workspace import BOT_USER, Channel, Message, User
from bot.slack.app import Services
from bot.slack.listeners.request import read_request
from kpi_core.settings.values import Access
from kpi_core.state.audit import newest_entries
from kpi_core.state.store import Store, open_store
from kpi_core.state.team.admissions import admit

CAC, REFUSED = "$41.3", "The bot answers members of its own workspace."
BOARD_ONLY = {"sales_revenue": Access(channels=("C0MARKET", "C0SHARED"))}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store("sqlite:///state.db", tmp_path)
    yield opened
    opened.close()


def with_state(store: Store) -> Services:
    made = services(access=BOARD_ONLY)
    return replace(made, store=lambda: store, settings=replace(made.settings, owner="U0MINA"))


def invite_a_guest(slack: LocalSlack, *, single: bool) -> None:
    """Gil, a guest of this workspace, reads the marketing channel."""
    slack.workspace.users["U0GIL"] = User(
        "U0GIL", "gil", "Gil Gray", is_restricted=not single, is_ultra_restricted=single
    )
    slack.workspace.channels["C0MARKET"].members.add("U0GIL")


def offers(message: Message, action: str) -> bool:
    return any(each["action_id"] == action for each in elements_of(message))


def test_a_stranger_is_refused_alone_wherever_they_ask() -> None:
    """A mention, one in a thread, a command and a button: the channel sees no answer, and not even the refusal."""

    async def ask(slack: LocalSlack) -> None:
        share_a_channel(slack)
        member = await mention(slack, "alex", "shared", "cac 2026-10")
        assert (member.to, CAC in member.text) == ("U0ALEX", True)
        for words in ("cac 2026-10", "list", "goals", "what changed last month", "help", "cacc"):
            for refused in (
                await mention(slack, "gus", "shared", words),
                await mention(slack, "gus", "shared", words, member.ts),
                await reply(slack, "gus", "shared", words),
            ):
                assert (refused.to, refused.text.startswith(REFUSED)) == ("U0GUS", True)
                assert not elements_of(refused)
        card = Message(slack.workspace.new_ts(), "C0SHARED", member.user, "A card", member.blocks)
        slack.workspace.add(card)
        pressed = await press(slack, "gus", "shared", card.ts, elements_of(card)[0]["action_id"])
        assert (pressed.to, pressed.text.startswith(REFUSED)) == ("U0GUS", True)
        assert all(each.to or each is card for each in bot_messages(slack))

    run(ask)


@pytest.mark.parametrize("single", [False, True])
def test_a_guest_is_a_stranger_in_every_place(single: bool) -> None:
    """In channels and alone with the bot, whether Slack's guest of one channel or of several."""

    async def ask(slack: LocalSlack) -> None:
        invite_a_guest(slack, single=single)
        for channel in ("marketing", "dm"):
            for refused in (
                await mention(slack, "gil", channel, "cac 2026-10"),
                await reply(slack, "gil", channel, "cac 2026-10"),
            ):
                assert refused.text.startswith(REFUSED)
                assert channel == "dm" or refused.to == "U0GIL"

    run(ask)


def test_where_a_guest_reads_members_are_answered_alone() -> None:
    """Numbers, lists and what changed; in a channel of members alone everybody reads the answer."""

    async def ask(slack: LocalSlack) -> None:
        invite_a_guest(slack, single=True)
        for words in ("cac 2026-10", "what changed last month", "why cac 2026-10", "cac by channel"):
            alone = await mention(slack, "alex", "marketing", words)
            assert alone.to == "U0ALEX"
        assert (await mention(slack, "alex", "board", "cac 2026-10")).to == ""
        assert sum(each["method"] == "users.list" for each in slack.requests) == 1

    run(ask)


def test_who_reads_in_a_group_conversation_is_asked() -> None:
    """Of members alone all read the answer; without the optional scope, or with a guest, each asker alone."""

    async def ask(slack: LocalSlack) -> None:
        invite_a_guest(slack, single=True)
        for name, others in (("G0TRIO", set()), ("G0GUEST", {"U0GIL"}), ("G0BLIND", set())):
            members = {"U0ALEX", "U0WEI", BOT_USER} | others
            slack.workspace.channels[name] = Channel(name, name.lower(), "mpim", members)
        assert (await mention(slack, "alex", "G0TRIO", "cac 2026-10")).to == ""
        assert (await mention(slack, "alex", "G0GUEST", "cac 2026-10")).to == "U0ALEX"
        slack.workspace.scopes -= {"mpim:read"}
        assert (await mention(slack, "alex", "G0BLIND", "cac 2026-10")).to == "U0ALEX"

    run(ask)


def test_a_member_lets_a_channel_read_and_takes_it_back(store: Store) -> None:
    """Said in the channel by name, with the way back; limited KPIs stay hidden; both are in the audit log."""

    async def ask(slack: LocalSlack) -> None:
        share_a_channel(slack)
        alone = await reply(slack, "alex", "shared", "cac 2026-10")
        assert offers(alone, ADMIT)
        said = await press(slack, "alex", "shared", alone.ts, ADMIT)
        assert (said.to, "<@U0ALEX>" in said.text, offers(said, DISMISS)) == ("", True, True)
        for user in ("alex", "gus"):
            answer = await mention(slack, user, "shared", "cac 2026-10")
            assert (answer.to, CAC in answer.text, offers(answer, ADMIT)) == ("", True, False)
            limited = await mention(slack, user, "shared", "sales_revenue 2026-10")
            # kpi.yaml names the channel, but not for those whom a member has let in.
            assert ("$100" in limited.text, limited.to) == (user == "alex", f"U0{user.upper()}")
            assert ("`sales_revenue`" in whole(await mention(slack, user, "shared", "list"))) is (user == "alex")
        # Pressed again, it is told to nobody else.
        assert (await press(slack, "alex", "shared", alone.ts, ADMIT)).to == "U0ALEX"
        back = await press(slack, "wei", "shared", said.ts, DISMISS)
        assert (back.to, "<@U0WEI>" in back.text) == ("", True)
        assert (await press(slack, "alex", "shared", said.ts, DISMISS)).to == "U0ALEX"
        assert (await mention(slack, "gus", "shared", "cac 2026-10")).text.startswith(REFUSED)
        assert (await mention(slack, "alex", "shared", "cac 2026-10")).to == "U0ALEX"

    run(ask, with_state(store))
    decided = [(each.who, each.command) for each in newest_entries(store) if "strangers" in each.command]
    assert decided == [("U0WEI", "dismiss strangers from C0SHARED"), ("U0ALEX", "admit strangers to C0SHARED")]


def test_what_was_shown_is_taken_back_by_a_word(store: Store) -> None:
    """By any member, in their language, told to all; by a stranger never; where nothing is shown that is said."""
    user, words = "wei", "在此停止公開"
    assert {read_request(each).kind for each in (words, "Hide here", "여기서 숨기기")} == {"hide"}

    async def ask(slack: LocalSlack) -> None:
        share_a_channel(slack)
        assert (await reply(slack, user, "shared", words)).to == f"U0{user.upper()}"
        admit(store, "C0SHARED", "U0ALEX", NOW)
        assert (await mention(slack, "gus", "shared", words)).text.startswith(REFUSED)
        assert (await mention(slack, "gus", "shared", "cac 2026-10")).to == ""
        back = await reply(slack, user, "shared", words)
        assert (back.to, f"<@U0{user.upper()}>" in back.text) == ("", True)
        assert (await mention(slack, "gus", "shared", "cac 2026-10")).text.startswith(REFUSED)

    run(ask, with_state(store))
    assert "dismiss strangers from C0SHARED" in [each.command for each in newest_entries(store)]


def test_only_members_decide_who_reads_along(store: Store) -> None:
    """A stranger's and a guest's press on the button change nothing, in whichever channel the button stands."""

    async def ask(slack: LocalSlack) -> None:
        share_a_channel(slack)
        invite_a_guest(slack, single=False)
        offer = await reply(slack, "alex", "shared", "cac 2026-10")
        for user, channel in (("gus", "C0SHARED"), ("gil", "C0MARKET")):
            card = slack.workspace.add(
                Message(slack.workspace.new_ts(), channel, offer.user, "A card", offer.blocks[-1:])
            )
            assert (await press(slack, user, channel, card.ts, ADMIT)).text.startswith(REFUSED)
            assert (await mention(slack, user, channel, "cac 2026-10")).text.startswith(REFUSED)
            assert (await mention(slack, "alex", channel, "cac 2026-10")).to == "U0ALEX"

    run(ask, with_state(store))


def test_a_refusal_names_whom_to_ask(store: Store) -> None:
    """The owner of kpi.yaml by name, and to nobody but the one who asked."""

    async def ask(slack: LocalSlack) -> None:
        refused = await mention(slack, "alex", "board", "sales_revenue 2026-10")
        assert refused.to == "U0ALEX"
        assert "ask Mina Kim for access" in refused.text
        assert "U0MINA" not in json.dumps(refused.blocks)

    run(ask, with_state(store))
