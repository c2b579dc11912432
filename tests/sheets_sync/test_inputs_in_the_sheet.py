"""The tab of inputs in the local Sheets: people's below its header, read back whatever they call it."""

from __future__ import annotations

from sheet_team import Team

from kpi_core.sources.inputs.kinds import RANGE


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
