"""What people put over the bot's tabs: protections, filters, names, other languages; and a second bot."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from sheet_team import AUDIENCES, NOW, Team

from kpi_core.access.audiences import Spreadsheet
from kpi_core.access.doorway import Door
from kpi_core.answering.engine import Engine
from kpi_core.settings.values import Goal, SheetSync
from sheets_sync.sandbox.person import Person
from sheets_sync.sync import tabs_alone

TABS = ("overview", "goals", "trends")
GOAL = Goal("sales_revenue", 1000.0, date(2026, 12, 31), "mina")


def shut(team: Team, title: str) -> int:
    """An editor keeps some rows of a tab to themselves; answers the protection's id."""
    where = {"sheetId": team.guards(title)[0], "startRowIndex": 2, "endRowIndex": 12}
    editor: Person = team.sheets.editor
    editor.batch(team.spreadsheet, [{"addProtectedRange": {"protectedRange": {"range": where}}}])
    guard: int = team.guards(title)[1][-1]["protectedRangeId"]
    return guard


def october(team: Team) -> list[str]:
    """All that the Trends show of October."""
    row = next(row for row in range(40) if team.shown(f"Trends!A{row + 1}") == "2026-10")
    return [team.shown(f"Trends!{column}{row + 1}") for column in "BCDE"]


def test_a_tab_that_somebody_has_shut_holds_no_other_up(team: Team) -> None:
    """It is told whom to let in; the others are written, and it is right once it is open again."""
    team.sync(TABS)
    guard = shut(team, "Overview")
    team.data(250.0)
    report = team.sync(TABS)
    (told,) = report.conflicts
    assert told.startswith("Overview is not updated: ")
    assert team.client.email in told
    assert "$1,000" in october(team)
    assert "$800.00" in [team.shown(f"Overview!B{row}") for row in range(8, 14)]
    unlock = {"deleteProtectedRange": {"protectedRangeId": guard}}
    team.person.batch(team.spreadsheet, [unlock])
    assert team.sync(TABS).conflicts == ()
    assert "$1,000" in [team.shown(f"Overview!B{row}") for row in range(8, 14)]
    assert team.sync(TABS).writes == 0


def test_goals_of_a_shut_tab_stay(team: Team) -> None:
    """A goal that could not be placed is not taken for one that people deleted."""
    team.sync(TABS)
    shut(team, "Goals")
    before = team.store.last(team.spreadsheet)
    assert len(team.sync(TABS, (GOAL,)).conflicts) == 1
    assert team.store.last(team.spreadsheet) == before
    for guard in team.guards("Goals")[1][1:]:
        team.person.batch(team.spreadsheet, [{"deleteProtectedRange": {"protectedRangeId": guard["protectedRangeId"]}}])
    assert team.sync(TABS, (GOAL,)).conflicts == ()
    assert [goal.key for goal in team.store.last(team.spreadsheet)] == [GOAL.key]


def test_filters_and_names_of_people_stay_theirs(team: Team) -> None:
    """A filter, a filter view and a named range over our rows: rows go and come below them, and they are there."""
    team.sync(TABS)
    where = {"sheetId": team.guards("Overview")[0], "startRowIndex": 7, "endRowIndex": 12, "endColumnIndex": 4}
    hidden = {"0": {"hiddenValues": ["Sales revenue"]}}
    requests: list[dict[str, Any]] = [
        {"setBasicFilter": {"filter": {"range": where, "criteria": hidden}}},
        {"addFilterView": {"filter": {"title": "mine", "range": where}}},
        {"addNamedRange": {"namedRange": {"name": "mine", "range": where}}},
    ]
    team.person.batch(team.spreadsheet, requests)
    team.engine.settings = replace(team.engine.settings, audiences=AUDIENCES | {"exec": ("cac",)})
    team.sync(TABS)
    assert team.sync(TABS).writes == 0
    spreadsheet = team.sheets.spreadsheet(team.spreadsheet)
    sheet = spreadsheet.titled("Overview")
    assert sheet is not None
    assert sheet.basic_filter is not None
    assert sheet.basic_filter["criteria"] == hidden
    assert [view["title"] for view in sheet.objects["filterViews"]] == ["mine"]
    assert [each["name"] for each in spreadsheet.named_ranges] == ["mine"]


def test_another_language_of_the_spreadsheet_changes_nothing(team: Team) -> None:
    """Between two syncs, and its time zone with it: no cell is written anew, and a target typed now is read by it."""
    team.sync(TABS, (GOAL,))
    spoken = {"locale": "de_DE", "timeZone": "Europe/Berlin"}
    change = {"updateSpreadsheetProperties": {"properties": spoken, "fields": "locale,timeZone"}}
    team.person.batch(team.spreadsheet, [change])
    assert team.sync(TABS, (GOAL,)).writes == 0
    team.person.edit(team.spreadsheet, "Goals!C4", "1.234,5")
    team.sync(TABS, (GOAL,))
    assert [goal.target for goal in team.store.last(team.spreadsheet)] == [1234.5]


def test_a_workbook_calls_owners_by_their_names(team: Team) -> None:
    """As the spreadsheet does: whoever reads the file knows no ids."""
    engine = Engine(
        replace(team.engine.settings, goals=(replace(GOAL, owner="U0MINA"),)),
        team.engine.catalog,
        team.engine.warehouse,
    )
    door = Door(engine, Spreadsheet(team.spreadsheet))
    tabs = tabs_alone(door, SheetSync(team.spreadsheet, TABS), NOW, people={"U0MINA": "Mina Kim"})
    texts = [str(cell) for tab in tabs for row in tab.rows for cell in row]
    assert any("Mina Kim" in text for text in texts)
    assert not any("U0MINA" in text for text in texts)
