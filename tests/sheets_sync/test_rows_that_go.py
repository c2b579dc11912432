"""Rows that the bot deletes while people insert, delete and type, over the wire: theirs are safe, ours go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from sheet_team import AUDIENCES, NOW, Team

from kpi_core.access.audiences import Spreadsheet
from kpi_core.access.doorway import Door
from kpi_core.answering.engine import Engine
from kpi_core.settings.values import SheetSync
from sheets_sync.sync import preview


class Killed(Exception):  # noqa: N818 - no error of the product
    """The process is gone."""


def without_revenue(team: Team) -> None:
    """From now on nobody wants the row of the revenue."""
    settings = replace(team.engine.settings, audiences=AUDIENCES | {"exec": ("cac",)})
    team.engine = Engine(settings, team.engine.catalog, team.engine.warehouse)


def names(team: Team) -> list[str]:
    """The first column of the Overview."""
    return [text for row in range(1, 25) if (text := team.shown(f"Overview!A{row}"))]


def test_a_row_goes_and_leaves_no_copy_behind(team: Team) -> None:
    """The row is deleted by one write; another clears the copy away that stood by."""
    team.sync()
    before, tabs = names(team), team.tabs()
    without_revenue(team)
    report = team.sync()
    assert (report.reads, report.writes) == (2, 2)
    assert [name for name in before if name not in names(team)][-1:] == ["Sales revenue"]
    assert team.tabs() == tabs
    assert team.sync().writes == 0


def test_a_row_of_peoples_where_the_bot_s_was_is_not_deleted(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    """Inserted above in that very second, it lies where the row to be deleted lay: it is there with all its cells."""
    team.sync()
    without_revenue(team)
    row = next(row for row in range(1, 25) if team.shown(f"Overview!A{row}") == "Sales revenue")
    write, once = team.client.write, [True]

    def late(spreadsheet: str, requests: Sequence[dict[str, Any]], ranges: Sequence[str] = ()) -> Any:
        if once.pop() if once else False:
            team.person.insert_rows(team.spreadsheet, "Overview", row)
            team.person.edit(team.spreadsheet, f"Overview!B{row}", "ours to keep")
            team.person.note(team.spreadsheet, f"Overview!B{row}", "agreed")
        return write(spreadsheet, requests, ranges)

    monkeypatch.setattr(team.client, "write", late)
    tabs = team.tabs()
    team.sync()
    sheet = team.sheets.spreadsheet(team.spreadsheet).titled("Overview")
    assert sheet is not None
    (mine,) = (cell for cell in sheet.cells.values() if "ours to keep" in str(cell.get("userEnteredValue", "")))
    assert mine["note"] == "agreed"
    assert "Sales revenue" not in names(team)
    assert team.tabs() == tabs
    assert team.sync().writes == 0


@pytest.mark.parametrize("cell", ["T12", "R3", "B2"])
def test_what_is_typed_before_a_slipped_write_is_undone_stays(
    team: Team, monkeypatch: pytest.MonkeyPatch, cell: str
) -> None:
    """A person inserts a row in the second of the write and types in the second after: both are there."""
    team.sync()
    without_revenue(team)
    row = next(row for row in range(1, 25) if team.shown(f"Overview!A{row}") == "Sales revenue")
    write, calls = team.client.write, [0]

    def meanwhile(spreadsheet: str, requests: Sequence[dict[str, Any]], ranges: Sequence[str] = ()) -> Any:
        calls[0] += 1
        if calls[0] == 1:
            team.person.insert_rows(team.spreadsheet, "Overview", row)
            team.person.edit(team.spreadsheet, f"Overview!T{row}", "before")
        answer = write(spreadsheet, requests, ranges)
        if calls[0] == 1:
            team.person.edit(team.spreadsheet, f"Overview!{cell}", "in between")
        return answer

    monkeypatch.setattr(team.client, "write", meanwhile)
    team.sync()
    sheet = team.sheets.spreadsheet(team.spreadsheet).titled("Overview")
    assert sheet is not None
    texts = [str(held["userEnteredValue"]) for held in sheet.cells.values() if "userEnteredValue" in held]
    assert [sum(word in text for text in texts) for word in ("before", "in between")] == [1, 1]
    assert "Sales revenue" not in names(team)
    assert team.sync().writes == 0


def test_a_sync_that_dies_after_a_deletion_is_finished_by_the_next(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next one finds the copy, sees by it that all went well, and clears it away; a preview leaves it where it is.

    What people have typed since the death, a day ago perhaps, is nobody's to undo.
    """
    team.sync()
    tabs = team.tabs()
    without_revenue(team)
    write = team.client.write

    def dying(spreadsheet: str, requests: Sequence[dict[str, Any]], ranges: Sequence[str] = ()) -> Any:
        write(spreadsheet, requests, ranges)
        raise Killed

    monkeypatch.setattr(team.client, "write", dying)
    with pytest.raises(Killed):
        team.sync()
    monkeypatch.setattr(team.client, "write", write)
    assert len(team.tabs()) > len(tabs)
    door, writes = Door(team.engine, Spreadsheet(team.spreadsheet)), team.client.writes
    preview(team.client, door, SheetSync(team.spreadsheet, ("overview",)), NOW)
    assert team.client.writes == writes
    team.person.edit(team.spreadsheet, "Overview!R11", "typed since")
    team.sync()
    assert team.shown("Overview!R11") == "typed since"
    assert team.tabs() == tabs
    assert "Sales revenue" not in names(team)
    assert len(names(team)) == len(set(names(team)))
    assert team.sync().writes == 0
