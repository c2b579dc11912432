"""Check-ins by comment: one comment a goal that is off track, a reply is the check-in, on the local Sheets."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest
from sheet_team import NOW, TABS, Team

from kpi_core.access.audiences import Spreadsheet
from kpi_core.access.doorway import Door
from kpi_core.answering.engine import Engine
from kpi_core.goals.check_ins import CheckIn
from kpi_core.settings.values import Goal, SheetSync
from sheets_sync.commenting import reply_read, talk_over_goals
from sheets_sync.sync import sync

GOAL = Goal("sales_revenue", 1000.0, date(2026, 12, 31), "mina@firm.example")


def talk(team: Team, goal: Goal = GOAL, taken: tuple[CheckIn, ...] = ()) -> list[CheckIn]:
    """A sync, and the talk after it; `taken` are check-ins that were taken in before."""
    engine = Engine(replace(team.engine.settings, goals=(goal,)), team.engine.catalog, team.engine.warehouse)
    door = Door(engine, Spreadsheet(team.spreadsheet))
    sync(team.client, door, SheetSync(team.spreadsheet, TABS, comments=True), NOW, team.store)
    return talk_over_goals(team.client, door, team.spreadsheet, lambda _goal: {each.at for each in taken})


def threads(team: Team) -> list[dict[str, Any]]:
    return team.sheets.spreadsheet(team.spreadsheet).comments


def reply(team: Team, text: str) -> None:
    (thread,) = threads(team)
    post = {"commentId": thread["commentId"], "post": {"content": text}}
    team.person.batch(team.spreadsheet, [{"addCommentReply": post}])


def test_an_off_track_goal_gets_one_comment_assigned_to_its_owner(team: Team) -> None:
    """On its row, by the owner's mail address, and no second one at the next sync, moved or resolved."""
    assert talk(team) == []
    (thread,) = threads(team)
    assert thread["headPost"]["assignee"] == "mina@firm.example"
    assert "Sales revenue is off track" in thread["headPost"]["content"]
    team.person.insert_rows(team.spreadsheet, "Goals", 2)
    writes = team.client.writes
    talk(team)
    assert len(threads(team)) == 1
    assert team.client.writes - writes <= 1


def test_a_reply_becomes_the_check_in_once(team: Team) -> None:
    """Its number is the confidence, the rest the note; a reply without a number is asked back, once."""
    talk(team)
    reply(team, "we will see")
    assert talk(team) == []
    assert threads(team)[0]["replies"][-1]["by"] == team.sheets.client_email
    talk(team)
    assert len(threads(team)[0]["replies"]) == 2
    reply(team, "6/10, new landing page on Monday")
    (check_in,) = talk(team)
    assert (check_in.goal, check_in.kpi, check_in.confidence, check_in.note) == (
        GOAL.key, "sales_revenue", 6, "new landing page on Monday",
    )  # fmt: skip
    assert isinstance(check_in.at, datetime)
    assert check_in.at.tzinfo
    assert talk(team, taken=(check_in,)) == []


def test_a_goal_on_track_and_an_owner_without_a_mail_address(team: Team) -> None:
    """No comment where nothing is off track; one without an assignee where nobody's address is known."""
    talk(team, replace(GOAL, target=1.0))
    assert threads(team) == []


def test_an_owner_without_a_mail_address_is_not_assigned(team: Team) -> None:
    """The comment is there for all who read the row."""
    talk(team, replace(GOAL, owner="Mina"))
    assert [thread["headPost"].get("assignee") for thread in threads(team)] == [None]


def test_what_others_say_on_the_row_is_no_check_in(team: Team) -> None:
    """Only replies to the bot's own comments count."""
    talk(team, replace(GOAL, target=1.0))
    goals = team.sheets.spreadsheet(team.spreadsheet).titled("Goals")
    assert goals is not None
    where = {"sheetId": goals.sheet_id, "rowIndex": 3, "columnIndex": 0}
    team.person.batch(team.spreadsheet, [{"insertComment": {"coordinate": where, "content": "5 what is this?"}}])
    reply(team, "7 is my number")
    assert talk(team, replace(GOAL, target=1.0)) == []


@pytest.mark.parametrize(
    ("text", "reading"),
    [
        ("7", (7, "")),
        ("8/10: sure", (8, "sure")),
        ("10 — done", (10, "done")),
        ("11 no", None),
        ("높음, 새 캠페인", (8, "새 캠페인")),
        ("low", (2, "")),
        ("good luck", None),
        ("2026-12-01 is the day", None),
        ("", None),
    ],
)
def test_a_reply_begins_with_a_confidence(text: str, reading: tuple[int, str] | None) -> None:
    """0 to 10 or a word for it; anything else is asked back, and no number is invented."""
    assert reply_read(text) == reading
