"""A frozen period: values that stay, in one tab, whatever data, people and the wire do afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest
from sheet_team import NOW, Team

from kpi_core.access.audiences import Spreadsheet
from kpi_core.access.doorway import Door
from kpi_core.dates.periods import Period
from kpi_core.errors import ServiceError
from sheets_sync.freezing import Frozen, freeze

OCTOBER = Period(date(2026, 10, 1), date(2026, 11, 1), "month")
TITLE = "October 2026, frozen"


def frozen(team: Team) -> Frozen:
    return freeze(team.client, Door(team.engine, Spreadsheet(team.spreadsheet)), team.spreadsheet, OCTOBER, NOW)


def texts(team: Team, title: str) -> list[str]:
    """What people see in the first columns of a tab."""
    return [team.shown(f"'{title}'!{column}{row}") for row in range(1, 14) for column in "ABC"]


def test_a_frozen_month_stays_as_it_was(team: Team) -> None:
    """Restated data, syncs and a second call change nothing in it: no cell, no second tab."""
    team.sync()
    made = frozen(team)
    assert (made.title, made.is_new) == (TITLE, True)
    before = texts(team, TITLE)
    assert {"Sales revenue", "$800.00"} <= set(before)
    assert "Frozen on 23 November 2026" in before[3]
    team.data(300.0)
    team.sync()
    writes = team.client.writes
    again = frozen(team)
    assert (again.title, again.is_new, team.client.writes) == (TITLE, False, writes)
    assert texts(team, TITLE) == before
    assert team.shown("Overview!B11") == "$1,200"
    assert len(team.tabs()) == 7
    assert team.sync().writes == 0


def test_a_frozen_tab_is_known_by_its_mark_and_not_by_its_name(team: Team) -> None:
    """Renamed it is still found; people's own tab of that name is left alone; a deleted one can be made anew."""
    team.person.rename_tab(team.spreadsheet, "Sheet1", TITLE)
    made = frozen(team)
    assert made.title == f"{TITLE} (KPI Bot)"
    team.person.rename_tab(team.spreadsheet, made.title, "Closing")
    assert frozen(team) == Frozen(team.spreadsheet, "Closing", is_new=False)
    team.person.delete_tab(team.spreadsheet, "Closing")
    assert frozen(team).is_new


@pytest.mark.parametrize("copies_metadata", [False, True])
def test_a_persons_copy_is_theirs(team: Team, *, copies_metadata: bool) -> None:
    """A copy that brought the mark along is not taken for the frozen tab once that is gone."""
    frozen(team)
    team.sheets.copy_metadata(team.spreadsheet, copies=copies_metadata)
    team.person.duplicate_tab(team.spreadsheet, TITLE)
    team.person.delete_tab(team.spreadsheet, TITLE)
    assert frozen(team) == Frozen(team.spreadsheet, TITLE, is_new=True)
    assert len(team.tabs()) == 3


def test_a_lost_answer_makes_no_second_tab(team: Team) -> None:
    """The write was applied and its answer lost: the next try is refused, and finds the tab."""
    team.sheets.faults.unavailable, team.sheets.faults.moment = 1, "after"
    team.sheets.faults.only = "batchUpdate"
    assert frozen(team) == Frozen(team.spreadsheet, TITLE, is_new=True)
    assert team.tabs() == ["Sheet1", TITLE]


def test_what_google_keeps_refusing_is_an_error(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three times, then it is told."""
    from sheets_sync.refusals import PlanRefused

    def refusing(spreadsheet: str, requests: Sequence[dict[str, Any]], ranges: Sequence[str] = ()) -> Any:
        raise PlanRefused("Invalid requests[0].addSheet: no", 0, exists=False)

    monkeypatch.setattr(team.client, "write", refusing)
    with pytest.raises(ServiceError, match="refused the new tab"):
        frozen(team)
