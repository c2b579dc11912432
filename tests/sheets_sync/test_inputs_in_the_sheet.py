"""The tab of inputs in the local Sheets: people's below its header, read back whatever they call it."""

from __future__ import annotations

import pytest
from sheet_side import material
from sheet_team import Team

from kpi_core.metrics import LANGUAGES
from kpi_core.sources.inputs.kinds import RANGE, kind_name
from sheets_sync.tabs.inputs.inputs_tab import inputs_tab, with_refusals


def test_what_people_type_is_read_back_and_never_written(team: Team) -> None:
    """Rows, columns and a new title of theirs stay; before the first sync there is nothing to read."""
    person, book = team.person, team.spreadsheet
    assert team.client.read_range(book, RANGE) == []
    team.sync(("inputs",))
    for cell, text in {
        "A4": "2026-11-01",
        "B4": "Tools",
        "C4": "120",
        "J3": "Ours",
        "J4": "x",
        "A6": "2026-11-02",
    }.items():
        person.edit(book, f"Inputs!{cell}", text)
    sheet = team.guards("Inputs")[0]
    renamed = {"updateSheetProperties": {"properties": {"sheetId": sheet, "title": "It's ours"}, "fields": "title"}}
    person.batch(book, [renamed])
    person.insert_rows(book, "It's ours", 4)
    team.sync(("inputs",))
    assert team.sync(("inputs",)).writes == 0
    rows = team.client.read_range(book, RANGE)
    assert rows[2][:4] == ["Day", "What", "Value", "Answers"]
    assert [row[:3] for row in rows[3:]] == [[], [46327, "Tools", 120], [], [46328]]
    assert team.shown("'It''s ours'!J5") == "x"


BAD = {
    4: ("soon", "Tools", "120", "", "A", "day"),
    5: ("2026-11-02", "Tolls", "120", "", "B", "Tools, Agency"),
    6: ("2026-11-03", "Agency", "about ten", "", "C", "number"),
    7: ("2026-11-04", "NPS", "34", "", "D", "how many"),
    8: ("2026-11-04", "CSAT", "34.3%", "50", "C", "whole number of these answers"),
    9: ("", "Agency", "12", "", "A", "day"),
}
GOOD = {10: ("2026-11-05", "Agency", "1,200.50", ""), 11: ("2026-11-05", "CSAT", "34%", "50")}


def notes(team: Team) -> dict[str, str]:
    """The notes in the tab below its header, by cell."""
    sheet = team.sheets.spreadsheet(team.spreadsheet).titled("Inputs")
    assert sheet is not None
    return {
        f"{'ABCDEFG'[column]}{row + 1}": str(cell["note"])
        for (row, column), cell in sheet.cells.items()
        if row > 2 and cell.get("note")
    }


def test_a_figure_that_does_not_count_says_so_at_its_cell(team: Team) -> None:
    """By the reading of the load itself; the note goes when the cell is right, and a person's note stays."""
    team.sync(("inputs",))
    for row, cells in {**BAD, **GOOD}.items():
        for column, text in zip("ABCD", cells[:4], strict=True):
            team.person.edit(team.spreadsheet, f"Inputs!{column}{row}", text)
    team.person.edit(team.spreadsheet, "Inputs!C12", "=40+2")
    team.person.note(team.spreadsheet, "Inputs!B6", "from the invoice")
    team.sync(("inputs",))
    there = notes(team)
    assert there.pop("B6") == "from the invoice"
    assert there.keys() == {f"{cells[4]}{row}" for row, cells in BAD.items()}
    assert all(there[f"{cells[4]}{row}"].startswith("KPI Bot: Not counted: ") for row, cells in BAD.items())
    assert all(cells[5] in there[f"{cells[4]}{row}"] for row, cells in BAD.items())
    assert team.sync(("inputs",)).writes == 0
    team.person.insert_rows(team.spreadsheet, "Inputs", 4)
    team.person.edit(team.spreadsheet, "Inputs!A5", "2026-11-01")
    team.sync(("inputs",))
    assert sorted(notes(team)) == ["A10", "B6", "B7", "C7", "C9", "D8"]
    assert team.sync(("inputs",)).writes == 0


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_refusal_is_in_the_team_s_language(language: str) -> None:
    """One for each column that may not fit, each with what to do, and none where all is well."""
    tab = inputs_tab(material(language, tabs=()))
    places = [(3, "date", False), (4, "date", True), (5, "what", False), (6, "value", False), (7, "answers", False)]
    columns = {"date": 2, "what": 0, "value": 1, "answers": 3}
    noted = with_refusals(tab, places, columns, language).noted
    assert list(noted) == [(3, 2), (4, 2), (5, 0), (6, 1), (7, 3)]
    word = {"en": "Not counted", "ko": "반영되지 않음", "zh-TW": "未計入"}[language]
    assert len(set(noted.values())) == len(noted)
    assert all(text.startswith(word) for text in noted.values())
    assert kind_name("tools", language) in noted[5, 0]
    assert with_refusals(tab, [], columns, language).noted == {}
