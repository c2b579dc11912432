"""Numbers in single cells of people's own tabs: their formula, looked up in a hidden tab of the bot's."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from sheet_side import VOCABULARY, settings
from sheet_team import NOW, Team

from kpi_core.access.audiences import Spreadsheet
from kpi_core.access.doorway import Door
from kpi_core.answering.engine import Engine
from kpi_core.dates.calendars import Calendar
from kpi_core.metrics import LANGUAGES
from kpi_core.phrases import say
from kpi_core.questions.period_words import parse_period
from kpi_core.settings.values import Access, SheetSync
from sheets_sync.sync import SyncReport, sync
from sheets_sync.tabs.single_cells import PERIODS, Reader, cell_questions

TABS = ("overview", "cells")


def looked_up(words: str) -> str:
    return f'=XLOOKUP("{words}",KpiQuestions,KpiValues)'


def synced(team: Team, *questions: str) -> SyncReport:
    door = Door(team.engine, Spreadsheet(team.spreadsheet))
    return sync(team.client, door, SheetSync(team.spreadsheet, TABS, cells=questions), NOW, team.store)


def test_a_formula_of_peoples_shows_the_number_and_follows_it(team: Team) -> None:
    """Written once by a person, never by the bot; it moves with the data, upper and lower case are one."""
    synced(team)
    team.person.edit(team.spreadsheet, "Sheet1!B2", looked_up("sales_revenue last month"))
    team.person.edit(team.spreadsheet, "Sheet1!B3", looked_up("Sales_Revenue LAST MONTH"))
    assert [team.shown(f"Sheet1!B{row}") for row in (2, 3)] == ["800", "800"]
    team.data(300.0)
    assert synced(team).writes == 1
    assert team.shown("Sheet1!B2") == "1200"
    assert synced(team).writes == 0


def test_no_data_is_an_error_in_the_cell_and_never_0(team: Team) -> None:
    """A KPI without a number, an unknown one and one that cannot be read: #N/A, and so is what is computed from it."""
    synced(team, "cacc last month")
    team.person.edit(team.spreadsheet, "Sheet1!B2", looked_up("repeat_purchase_rate yesterday"))
    team.person.edit(team.spreadsheet, "Sheet1!B3", looked_up("cacc last month"))
    team.person.edit(team.spreadsheet, "Sheet1!B4", looked_up("nobody last month") + "+1")
    assert [team.shown(f"Sheet1!B{row}") for row in (2, 3, 4)] == ["#N/A"] * 3


def test_a_team_adds_questions_of_its_own(team: Team) -> None:
    """`cells:` takes whatever can be asked in Slack, segments included; the tab says what each was read as."""
    synced(team, "revenue october 2026 where channel=search")
    team.person.edit(team.spreadsheet, "Sheet1!B2", looked_up("revenue october 2026 where channel=search"))
    assert team.shown("Sheet1!B2") == "200"


def test_the_tab_is_hidden_and_may_be_torn_about(team: Team) -> None:
    """Columns inserted, rows sorted, the tab renamed or deleted: after a sync every formula is right again."""
    synced(team)
    person, book = team.person, team.spreadsheet
    sheet = team.sheets.spreadsheet(book).titled("KPI cells")
    assert sheet is not None
    assert sheet.properties["hidden"]
    person.edit(book, "Sheet1!B2", looked_up("sales_revenue last month"))
    person.insert_columns(book, "KPI cells", "B")
    person.sort(book, "KPI cells!A4:Z40", "A", descending=True)
    person.rename_tab(book, "KPI cells", "Numbers")
    team.data(300.0)
    synced(team)
    assert team.shown("Sheet1!B2") == "1200"
    person.delete_tab(book, "Numbers")
    synced(team)
    person.edit(book, "Sheet1!B3", looked_up("sales_revenue last month"))
    assert team.shown("Sheet1!B3") == "1200"
    assert synced(team).writes == 0


def test_a_name_that_people_gave_away_is_theirs(team: Team) -> None:
    """A named range of the team's own with that name stays as it is."""
    where = {"sheetId": 0, "startRowIndex": 0, "endRowIndex": 2, "startColumnIndex": 0, "endColumnIndex": 1}
    team.person.batch(team.spreadsheet, [{"addNamedRange": {"namedRange": {"name": "KpiValues", "range": where}}}])
    synced(team)
    ranges = {each["name"]: each["range"]["sheetId"] for each in team.sheets.spreadsheet(team.spreadsheet).named_ranges}
    assert ranges["KpiValues"] == 0
    assert synced(team).writes == 0


@pytest.mark.parametrize("language", ["en", "ko", "zh-TW"])
def test_the_usual_periods_are_words_that_slack_reads_too(language: str) -> None:
    """Each names one period, no two the same."""
    calendar, today = Calendar("Asia/Seoul"), date(2026, 11, 23)
    periods = [parse_period(say(language, f"sheet.cells.{each}"), calendar, today) for each in PERIODS]
    assert len(set(periods)) == len(PERIODS)
    english = [parse_period(each.replace("_", " "), calendar, today) for each in PERIODS]
    assert periods == english


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("words", ["cacc last month", "cac last fortnightly", "cac where colour=red", "이탈률 지난달"])
def test_a_question_that_cannot_be_read_says_so_in_the_language_of_the_team(language: str, words: str) -> None:
    """What is wrong with it stands beside it in the tab, never in English alone."""
    reader = Reader(settings(language), VOCABULARY, date(2026, 11, 23))
    (question,) = cell_questions((), (words,), reader)
    assert question.query is None
    (english,) = cell_questions((), (words,), replace(reader, settings=settings("en")))
    assert question.problem
    assert (question.problem == english.problem) is (language == "en")


def test_a_limited_kpi_is_not_looked_up(team: Team) -> None:
    """Its row says that it is not shown here; a formula shows #N/A, and the number is nowhere in the spreadsheet."""
    access = {"sales_revenue": Access(channels=("C9",))}
    team.engine = Engine(replace(team.engine.settings, access=access), team.engine.catalog, team.engine.warehouse)
    synced(team, "revenue october 2026", "cac last month")
    team.person.edit(team.spreadsheet, "Sheet1!B2", looked_up("revenue october 2026"))
    assert team.shown("Sheet1!B2") == "#N/A"
    rows = [[team.shown(f"'KPI cells'!{column}{row}") for column in "ABC"] for row in range(4, 45)]
    (row,) = (row for row in rows if row[0] == "revenue october 2026")
    assert row[1:] == ["#N/A", "not shown here"]
    assert not any("800" in text for row in rows for text in row)
