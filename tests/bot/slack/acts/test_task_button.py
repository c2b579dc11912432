"""The task of a goal in danger, made by a press in Slack on a real board's stand-in, and read back on the cards."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from form_side import button_in
from limits_side import press, reply
from slack_side import NOW, run, services

from bot.cards.onward.buttons import MORE, TASK
from bot.running.board_tasks import GoalTasks
from bot.sandbox.slack import LocalSlack
from bot.sandbox.slack.acting import elements_of
from bot.sandbox.slack.slack_workspace import Message
from bot.slack.app import Services
from bot.workspace import Workspace
from kpi_core.access.audiences import Person
from kpi_core.alerts.incident import Trace
from kpi_core.alerts.record import Record, record_json
from kpi_core.boards.stand_in import PLACE, TOKEN, AsanaBoard
from kpi_core.deliveries.incident_course import Known, open_incident
from kpi_core.errors import KpiBotError
from kpi_core.review.goal_review import reviewed_goals
from kpi_core.settings.values import Board, Goal
from kpi_core.sources.api.stand_ins.loopback import Serving, serving
from kpi_core.state.audit import newest_entries
from kpi_core.state.incidents import events_of
from kpi_core.state.store import Store

from tables import settings

MISSED = Goal("sales_revenue", 100_000.0, date(2026, 10, 31), "U0WEI", {}, "month", "", "cap the bids")
MET = Goal("cac", 10_000.0, date(2026, 12, 31), "U0WEI")


class Side:
    """A workspace whose goals and board are real; `later` moves its clock."""

    def __init__(self, folder: Path, board: AsanaBoard, running: Serving) -> None:
        self.board, self.running, self.later = board, running, timedelta(0)
        environment = {"BOARD_TOKEN": TOKEN, "KPI_ASANA_API_URL": running.url}
        configured = replace(
            settings(state="sqlite:///state.db", goals=(MISSED, MET)),
            folder=folder, tasks=Board("asana", PLACE, "${BOARD_TOKEN}"),
        )  # fmt: skip
        self.workspace = Workspace(configured, environment)

    @property
    def store(self) -> Store:
        return self.workspace.store

    def services(self) -> Services:
        made = services(goals=(MISSED, MET))
        tasks = GoalTasks(self.workspace, lambda: NOW + self.later)
        return replace(made, store=lambda: self.store, tasks=tasks)


@pytest.fixture
def side(tmp_path: Path) -> Iterator[Side]:
    board = AsanaBoard()
    with serving(board) as running:
        made = Side(tmp_path, board, running)
        yield made
        made.workspace.close()


def offers(message: Message) -> list[str]:
    """The goals for which a card offers a task: by a button, or in its menu."""
    buttons = [each["value"] for each in elements_of(message) if each["action_id"].startswith(TASK)]
    menus = [each["options"] for each in elements_of(message) if each["action_id"] == MORE]
    return buttons + [
        option["value"].partition(" ")[2]
        for options in menus
        for option in options
        if option["value"].startswith("task ")
    ]


def test_a_goal_in_danger_gets_its_task_once(side: Side) -> None:
    """Offered for it alone; made once however often it is pressed; every card says how it stands on the board now."""

    async def ask(slack: LocalSlack) -> None:
        listed = await reply(slack, "alex", "marketing", "goals")
        assert offers(listed) == [MISSED.key]
        assert offers(await reply(slack, "alex", "marketing", "revenue last month")) == [MISSED.key]
        first = await press(slack, "alex", "C0MARKET", listed.ts, TASK)
        assert "task: cap the bids, open, due 30 Nov (https://app.asana.com/0/" in first.text
        second = await press(slack, "mina", "C0MARKET", listed.ts, TASK)
        assert second.text.startswith("이미 작업이 있습니다: 작업: cap the bids, 진행 중")
        side.board.finish("1200")
        # Within a minute what was read last still counts: a card waits for no board each time.
        assert "cap the bids, open" in (await reply(slack, "alex", "marketing", "revenue last month")).text
        side.later = timedelta(minutes=2)
        for words in ("revenue last month", "goals"):
            card = await reply(slack, "alex", "marketing", words)
            assert "task: cap the bids, done" in card.text
            assert offers(card) == []

    run(ask, side.services())
    assert len(side.board.tasks) == 1
    assert [(each.who, each.command) for each in newest_entries(side.store) if "task" in each.command] == [
        ("U0ALEX", "goals task sales_revenue")
    ]


def test_a_task_that_is_gone_may_be_made_again(side: Side) -> None:
    """What nobody finds on the board any more is said, and offered anew."""

    async def ask(slack: LocalSlack) -> None:
        listed = await reply(slack, "alex", "marketing", "goals")
        await press(slack, "alex", "C0MARKET", listed.ts, TASK)
        side.board.tasks.clear()
        side.later = timedelta(minutes=2)
        card = await reply(slack, "alex", "marketing", "goals")
        assert "task: cap the bids, no longer on the board" in card.text
        assert offers(card) == [MISSED.key]

    run(ask, side.services())


def test_beneath_an_alert_its_thread_hears_of_the_task(side: Side) -> None:
    """By whom, and where it is; whoever reads the thread need not press again."""
    today, none = NOW.date(), frozenset[str]()
    trace = Trace("target_missed", "sales_revenue", (), "", today, today, None, none, (), none, missing=False)
    body = record_json(Record((trace,), "Sales revenue.", 0.5, urgent=False))
    message = {"text": "Revenue", "blocks": [], "line": "Revenue", "rank": 0.5, "urgent": False}
    assert open_incident(side.store, Known("3f2a", "C0MARKET", "open", NOW, "", None, body), message)

    async def ask(slack: LocalSlack) -> None:
        card = button_in(slack, "C0MARKET", TASK, f"3f2a {MISSED.key}")
        assert "cap the bids, 진행 중" in (await press(slack, "mina", "C0MARKET", card.ts, TASK)).text
        await press(slack, "mina", "C0MARKET", card.ts, TASK)

    run(ask, side.services())
    with side.store.reading() as transaction:
        rows = [row for row in events_of(transaction, "3f2a") if row["what"] != "opened"]
    assert [(row["what"], row["who"]) for row in rows] == [("note", "U0MINA")]
    assert rows[0]["words"].startswith("task: cap the bids, open")


def test_strangers_make_no_tasks(side: Side) -> None:
    """A guest and a goal that is not there any more are told so, and the board hears nothing."""

    async def ask(slack: LocalSlack) -> None:
        gone = button_in(slack, "C0MARKET", TASK, "g000000000")
        assert "not there any more" in (await press(slack, "alex", "C0MARKET", gone.ts, TASK)).text

    run(ask, side.services())
    assert side.running.order.requests == []


def test_a_board_that_does_not_answer_holds_no_card_up(side: Side) -> None:
    """The card comes with what was read last; a task that may have been made is not made again unseen."""

    async def ask(slack: LocalSlack) -> None:
        listed = await reply(slack, "alex", "marketing", "goals")
        await press(slack, "alex", "C0MARKET", listed.ts, TASK)
        side.later = timedelta(minutes=2)
        side.running.order.fault = "broken"
        before = len(side.running.order.requests)
        assert "task: cap the bids, open" in (await reply(slack, "alex", "marketing", "goals")).text
        assert len(side.running.order.requests) == before + 1

    run(ask, side.services())


def test_pressed_by_many_at_once_it_is_made_once(side: Side) -> None:
    """In as many processes as there are: one makes it, the others hear of it or are asked to look again."""
    made = services(goals=(MISSED, MET))
    (reviewed,) = reviewed_goals(made.door(Person("U0ALEX")), [MISSED], NOW)
    tasks, outcomes = GoalTasks(side.workspace, lambda: NOW), list[str]()

    def make() -> None:
        try:
            outcomes.append(tasks.made(reviewed, "en")[0].task)
        except KpiBotError as error:
            outcomes.append(error.code)

    threads = [threading.Thread(target=make) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(side.board.tasks) == 1
    assert set(outcomes) <= {"1200", "task_made"}
