"""Goals set, changed and checked in on from Slack, through the real bolt: read as in the Sheet, written down."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from form_side import begun_with, button_in, opened, sent, texts
from limits_side import reply, share_a_channel
from slack_side import NOW, bot_messages, run, services

from bot.cards.onward.buttons import SET_GOAL
from bot.cards.views.goal_view import CHECK_IN, EDIT_GOAL, NO_QUESTION
from bot.sandbox.slack import LocalSlack
from bot.sandbox.slack.acting import elements_of
from bot.sandbox.slack.web_api.slack_faults import Fault
from kpi_core.goals.check_ins import CheckIn
from kpi_core.settings.goal_history import Occasion
from kpi_core.settings.values import Access, Goal
from kpi_core.state.audit import newest_entries
from kpi_core.state.check_in_rows import add_check_in, check_ins_of, newest_check_ins
from kpi_core.state.goals import changes_of_goals, set_goal, typed_goals
from kpi_core.state.store import Store, open_store

YEAR_END = date(2026, 12, 31)
GOAL = Goal("cac", 40.0, YEAR_END, "U0WEI", {"channel": "search"}, None, "agreed", "cap the bids")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = open_store("sqlite:///state.db", tmp_path)
    yield made
    made.close()


def test_a_goal_is_set_for_what_was_asked(store: Store) -> None:
    """The form knows KPI and segment; mistakes stand at their fields, all at once; then it counts."""

    async def ask(slack: LocalSlack) -> None:
        form = await opened(slack, "alex", "marketing", SET_GOAL, "cac last-month in channel=search")
        begun = begun_with(form)
        assert (begun["kpi"], begun["where"], begun["target"], begun["owner"]) == (
            "cac",
            "channel=search",
            None,
            "U0ALEX",
        )
        wrong = await sent(slack, "alex", form, target="many", by="someday", where="planet=mars")
        assert wrong.body is not None
        assert sorted(wrong.body["errors"]) == ["by", "target", "where"]
        assert "many is no number." in wrong.body["errors"]["target"]
        assert typed_goals(store) == ()
        right = await sent(slack, "alex", form, target="$38.50", by="year end", note="board", action="cap bids")
        assert right.body is not None
        shown = " ".join(texts(right.body["view"]))
        assert "at most $38.5" in shown
        assert "stands in the Sheet after its next sync" in shown

    run(ask, services(store=store))
    goal = Goal("cac", 38.5, YEAR_END, "U0ALEX", {"channel": "search"}, None, "board", "cap bids")
    assert typed_goals(store) == (goal,)
    (change,) = changes_of_goals(store)
    assert (change.occasion, change.before) == (Occasion(NOW, "U0ALEX", "slack"), None)
    assert [(each.who, each.metric) for each in newest_entries(store, 1)] == [("U0ALEX", "cac")]


@pytest.mark.parametrize(
    ("user", "kpi", "target", "by", "number"),
    [
        ("mina", "전환율", "3.5%", "12월 31일", 0.035),
        ("wei", "銷售收入", "1200萬", "年底", 12_000_000.0),
        ("alex", "sales revenue", "1.2m", "31 Dec 2026", 1_200_000.0),
    ],
)
def test_a_goal_for_anything_is_typed_in_the_readers_language(
    store: Store, user: str, kpi: str, target: str, by: str, number: float
) -> None:
    """From the list of goals, in words that the Sheet would take."""

    async def ask(slack: LocalSlack) -> None:
        form = await opened(slack, user, "dm", SET_GOAL, NO_QUESTION)
        ack = await sent(slack, user, form, kpi=kpi, target=target, by=by, owner=None, per="month")
        assert ack.body is not None
        assert "errors" not in ack.body

    run(ask, services(store=store))
    (goal,) = typed_goals(store)
    assert (goal.target, goal.by, goal.owner, goal.per) == (number, YEAR_END, "", "month")


def test_a_goal_is_changed_and_its_history_says_by_whom(store: Store) -> None:
    """From the list of goals, which names owners; what it is about stays, what is emptied is empty."""
    set_goal(store, GOAL, Occasion(NOW, "terminal", "terminal"))

    async def ask(slack: LocalSlack) -> None:
        listed = await reply(slack, "alex", "marketing", "goals")
        assert [each["action_id"] for each in elements_of(listed)] == [EDIT_GOAL, CHECK_IN, SET_GOAL]
        assert f"owner {slack.workspace.users['U0WEI'].real_name}" in listed.text
        form = await opened(slack, "alex", "marketing", EDIT_GOAL, elements_of(listed)[0]["value"])
        own = {"owner": "U0WEI", "action": "cap the bids", "note": "agreed"}
        assert begun_with(form) == {"where": "channel=search", "target": "40", "by": "2026-12-31"} | own
        wrong = await sent(slack, "alex", form, target="1,2,3")
        assert wrong.body is not None
        assert list(wrong.body["errors"]) == ["target"]
        done = await sent(slack, "alex", form, target="37.25", note=None)
        assert done.body is not None
        assert "at most $37.3" in " ".join(texts(done.body["view"]))

    run(ask, services(store=store))
    assert typed_goals(store) == (
        Goal("cac", 37.25, YEAR_END, "U0WEI", {"channel": "search"}, None, "", "cap the bids"),
    )
    change = changes_of_goals(store)[0]
    assert (change.fields(), change.occasion.who) == (("target", "note"), "U0ALEX")


def test_a_goal_is_moved_to_another_day_and_segment(store: Store) -> None:
    """With its history and what was said of it; where such a goal is already, that stands at the field."""
    other = replace(GOAL, where={"channel": "social"})
    for goal in (GOAL, other):
        set_goal(store, goal, Occasion(NOW, "terminal", "terminal"))
    add_check_in(store, CheckIn(GOAL.key, "cac", NOW, "U0WEI", 7, "on it"))

    async def move(slack: LocalSlack) -> None:
        form = await opened(slack, "wei", "dm", EDIT_GOAL, GOAL.key)
        there = await sent(slack, "wei", form, where="channel=social")
        assert there.body is not None
        assert there.body["errors"]["by"].startswith("已有相同的目標。")
        wrong = await sent(slack, "wei", form, by="哪天", where="planet=mars")
        assert wrong.body is not None
        assert sorted(wrong.body["errors"]) == ["by", "where"]
        done = await sent(slack, "wei", form, by="2027-03-31", where="", target="35")
        assert done.body is not None
        assert "errors" not in done.body

    run(move, services(store=store))
    moved = replace(GOAL, by=date(2027, 3, 31), where={}, target=35.0)
    assert {goal.key: goal for goal in typed_goals(store)} == {goal.key: goal for goal in (moved, other)}
    change = changes_of_goals(store)[0]
    assert (change.before, change.after) == (GOAL, moved)
    assert (change.fields(), change.occasion.who) == (("target", "by", "where"), "U0WEI")
    assert newest_check_ins(store)[moved.key].note == "on it"


def test_a_form_sent_twice_counts_once(store: Store) -> None:
    """Delivered again while it is under way: one check-in, the same answer."""
    set_goal(store, GOAL)

    async def check_in(slack: LocalSlack) -> None:
        form = await opened(slack, "wei", "dm", CHECK_IN, GOAL.key)
        both = await asyncio.gather(*(sent(slack, "wei", form, confidence="8") for _ in range(2)))
        assert all(ack.body and ack.body["response_action"] == "update" for ack in both)

    run(check_in, services(store=store))
    assert len(check_ins_of(store, GOAL.key)) == 1


INJECTED = "<!channel> <@U0MINA> <http://evil.example|cac> *bold* \u202eRTL &lt;!here&gt; 🎯"


LONG = (INJECTED * 60)[:3000]


def test_what_people_type_into_a_goal_calls_nobody(store: Store) -> None:
    """Owner, action and note with mentions, links and marks: in lists, forms and answers they are words."""
    for number in range(3):
        goal = replace(GOAL, owner=INJECTED, note=LONG, action=LONG, where={}, by=YEAR_END + timedelta(days=number))
        set_goal(store, goal)
        add_check_in(store, CheckIn(goal.key, "cac", NOW, "U0WEI", 7, LONG))

    async def look(slack: LocalSlack) -> None:
        for words in ("goals", "cac last-month vs goal", "cac this month"):
            for user in ("alex", "mina", "wei"):
                said = await reply(slack, user, "marketing", words)
                assert "<!" not in said.text
                assert "<@" not in said.text
                for text in marked_texts(said.blocks):
                    assert "<!" not in text
                    assert "<@" not in text
                    assert "<http" not in text
        # Whatever the length: nothing had to be sent in a plainer form.
        assert [each["error"] for each in slack.requests if each["error"]] == []

    run(look, services(store=store))


def marked_texts(node: object) -> Iterator[str]:
    """Every text in which Slack reads marks."""
    if isinstance(node, dict):
        if node.get("type") == "mrkdwn":
            yield str(node["text"])
        for value in node.values():
            yield from marked_texts(value)
    elif isinstance(node, list):
        for each in node:
            yield from marked_texts(each)


def test_a_check_in_is_written_down(store: Store) -> None:
    """How sure, why, by whom; the form says which goal it is about and how that stands."""
    set_goal(store, GOAL)

    async def ask(slack: LocalSlack) -> None:
        form = await opened(slack, "wei", "dm", CHECK_IN, GOAL.key)
        assert any("客戶獲取成本" in text for text in texts(form))
        done = await sent(slack, "wei", form, confidence="8", note="新素材上線")
        assert done.body is not None
        assert any("8/10" in text and "新素材上線" in text for text in texts(done.body["view"]))

    run(ask, services(store=store))
    check_in = newest_check_ins(store)[GOAL.key]
    assert (check_in.who, check_in.confidence, check_in.note, check_in.at) == ("U0WEI", 8, "新素材上線", NOW)


def test_who_may_not_see_a_kpi_sets_no_goal_for_it(store: Store) -> None:
    """The form for it says why not; its name typed into another form is refused at the field; its goal is not there."""
    hidden = Goal("sales_revenue", 100.0, YEAR_END, "", {}, "month")
    set_goal(store, hidden)

    async def ask(slack: LocalSlack) -> None:
        for action, value in ((SET_GOAL, "sales_revenue last-month"), (EDIT_GOAL, hidden.key), (CHECK_IN, hidden.key)):
            refused = await opened(slack, "alex", "marketing", action, value)
            assert "callback_id" not in refused
            assert "100" not in " ".join(texts(refused))
        form = await opened(slack, "alex", "marketing", SET_GOAL, NO_QUESTION)
        for kpi in ("sales revenue", "매출", "aov"):
            ack = await sent(slack, "alex", form, kpi=kpi, target="5", by="2026-12-31")
            assert ack.body is not None
            assert "is shown only to some people." in ack.body["errors"]["kpi"]
        allowed = await opened(slack, "wei", "marketing", EDIT_GOAL, hidden.key)
        assert begun_with(allowed)["target"] == "100"

    run(ask, services(access={"sales_revenue": Access(users=("U0WEI",))}, store=store))
    assert typed_goals(store) == (hidden,)


def test_strangers_set_nothing(store: Store) -> None:
    """Not even where a member lets them read: the form says so, and one that is sent all the same changes nothing."""
    set_goal(store, GOAL)

    async def ask(slack: LocalSlack) -> None:
        share_a_channel(slack)
        for action, value in ((SET_GOAL, "cac"), (EDIT_GOAL, GOAL.key), (CHECK_IN, GOAL.key)):
            refused = await opened(slack, "gus", "shared", action, value)
            assert any("members of its own workspace" in text for text in texts(refused))
            of_a_member = await opened(slack, "alex", "shared", action, value)
            done = await sent(slack, "gus", of_a_member)
            assert done.body is not None
            assert any("members of its own workspace" in text for text in texts(done.body))

    run(ask, services(store=store))
    assert (typed_goals(store), newest_check_ins(store)) == ((GOAL,), {})


def test_a_form_that_opens_too_late_is_told(store: Store) -> None:
    """Slack lets a form open within three seconds: whoever waited longer reads what to do, alone."""

    async def ask(slack: LocalSlack) -> None:
        slack.faults.put(Fault("error", "views.open", error="expired_trigger_id"))
        message = button_in(slack, "C0MARKET", SET_GOAL, "cac")
        await slack.acting.press("mina", "marketing", message.ts, SET_GOAL)
        told = await slack.until(lambda: bot_messages(slack)[1:] or None)
        assert (told[0].to, told[0].text) == ("U0MINA", "입력 창을 제때 열지 못했습니다.\n버튼을 다시 누르세요.")

    run(ask, services(store=store))


def test_a_goal_that_is_gone_is_told() -> None:
    """A press on an old card, a question that cannot be read, a bot without state: words, no silence."""

    async def ask(slack: LocalSlack) -> None:
        for action, value, words in (
            (EDIT_GOAL, "g000000000", "This goal is not there any more."),
            (SET_GOAL, "nothing like it", "No KPI"),
        ):
            view = await opened(slack, "alex", "marketing", action, value)
            assert any(words in text for text in texts(view)), (list(texts(view)), words)

    run(ask)
