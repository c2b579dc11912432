"""Goals typed in the Sheet and set elsewhere, through whole syncs against the local Sheets."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from sheet_team import NOW, Team

from kpi_core.settings.goal_history import GoalChange, Occasion
from kpi_core.settings.values import Goal
from sheets_sync.tabs.goals.goal_rows import HEADER

END = date(2026, 12, 31)


def test_a_row_inserted_among_goals_moves_them_along(team: Team) -> None:
    """The keys move with their rows, so nothing is lost, doubled or archived."""
    given = (Goal("sales_revenue", 1000.0, date(2026, 12, 31)), Goal("cac", 12.0, date(2026, 12, 31)))
    team.sync(goals=given)
    team.person.insert_rows(team.spreadsheet, "Goals", 5)
    report = team.sync(goals=given)
    assert (report.warnings, report.conflicts) == ((), ())
    assert [team.shown(f"Goals!A{row}") for row in (4, 5, 6)] == ["Sales revenue", "", "Customer acquisition cost"]
    assert team.store.kept[team.spreadsheet] == list(given)
    assert team.sync(goals=given).writes == 0


def test_a_target_set_elsewhere_stands_in_the_sheet(team: Team) -> None:
    """New ones get a row, others their new target; where people changed the row too, theirs counts and that is told."""
    end = date(2026, 12, 31)
    team.sync(goals=(Goal("sales_revenue", 1000.0, end, "mina"),))
    team.store.kept[""] = [Goal("sales_revenue", 1500.0, end, "mina"), Goal("cac", 12.0, end)]
    report = team.sync()
    assert [team.shown(f"Goals!{column}4") for column in "ACF"] == ["Sales revenue", "$1,500.00", "mina"]
    assert [team.shown(f"Goals!{column}5") for column in "AC"] == ["Customer acquisition cost", "$12.00"]
    assert (report.warnings, team.store.kept[""]) == ((), [])
    assert [goal.target for goal in team.store.kept[team.spreadsheet]] == [1500.0, 12.0]
    assert team.sync().writes == 0
    team.store.kept[""] = [Goal("cac", 9.0, end)]
    team.person.edit(team.spreadsheet, "Goals!C5", "11")
    (warning,) = team.sync().warnings
    assert warning.startswith("cac: Target 9, set elsewhere, does not count")
    assert team.shown("Goals!C5") == "$11.00"
    assert team.sync().writes == 0


def test_a_deleted_goals_tab_comes_back_with_its_goals(team: Team) -> None:
    """Deleting a row archives its goal, deleting the tab archives none: typed targets and owners are there again."""
    given = (Goal("sales_revenue", 1000.0, date(2026, 12, 31), "mina"), Goal("cac", 12.0, date(2026, 12, 31)))
    team.sync(goals=given)
    team.person.edit(team.spreadsheet, "Goals!C4", "300")
    team.person.delete_rows(team.spreadsheet, "Goals", 5)
    assert "cac" in "".join(team.sync(goals=given).warnings)
    for column, text in zip("ABCE", ("CAC", "channel=search", "12", "2026-12-31"), strict=True):
        team.person.edit(team.spreadsheet, f"Goals!{column}7", text)
    team.sync(goals=given)
    goals = team.store.kept[team.spreadsheet]
    team.person.delete_tab(team.spreadsheet, "Goals")
    team.sync(goals=given)
    assert team.store.kept[team.spreadsheet] == goals
    assert [team.shown(f"Goals!{column}4") for column in "ACF"] == ["Sales revenue", "$300.00", "mina"]
    assert [team.shown(f"Goals!{column}5") for column in "ABC"] == [
        "Customer acquisition cost",
        "channel=search",
        "$12.00",
    ]
    assert team.sync(goals=given).writes == 0


def test_people_may_put_columns_of_their_own_between_those_of_the_goals(team: Team) -> None:
    """Goals are read by the words above the columns, in whatever order the team has them."""
    team.sync(goals=(Goal("sales_revenue", 1000.0, date(2026, 12, 31)),))
    person, book = team.person, team.spreadsheet
    person.insert_columns(book, "Goals", "C")
    person.edit(book, "Goals!C3", "Team")
    person.edit(book, "Goals!C4", "Berlin")
    sheet = team.guards("Goals")[0]
    move = {"source": {"sheetId": sheet, "dimension": "COLUMNS", "startIndex": 0, "endIndex": 1}, "destinationIndex": 4}
    person.batch(book, [{"moveDimension": move}])
    assert [team.shown(f"Goals!{column}4") for column in "ABCD"] == ["", "Berlin", "$1,000.00", "Sales revenue"]
    person.edit(book, "Goals!C4", "300")
    report = team.sync(goals=(Goal("sales_revenue", 300.0, date(2026, 12, 31)),))
    assert report.warnings == ()
    assert [goal.target for goal in team.store.kept[book]] == [300.0]
    assert [team.shown(f"Goals!{column}4") for column in "BD"] == ["Berlin", "Sales revenue"]
    assert team.sync(goals=(Goal("sales_revenue", 300.0, date(2026, 12, 31)),)).writes == 0


def test_a_typed_goal_is_read_back_and_answered(team: Team) -> None:
    """A person types a goal; the next sync says how it stands, hands it on, and leaves the typing as it is."""
    team.sync()
    line = HEADER + 2
    for column, text in zip("ABCE", ("CAC", "channel=search", "12", "2026-12-31"), strict=True):
        team.person.edit(team.spreadsheet, f"Goals!{column}{line}", text)
    report = team.sync()
    assert report.warnings == ()
    assert team.store.kept[team.spreadsheet] == [Goal("cac", 12.0, date(2026, 12, 31), where={"channel": "search"})]
    assert [team.shown(f"Goals!{column}{line}") for column in "ABCHIGM"] == [
        "CAC", "channel=search", "12", "$10.00", "-$2.00", "running", "November 2026 so far",
    ]  # fmt: skip
    assert team.sync().writes == 0


def test_a_remark_in_a_row_that_is_no_goal_any_more_stays(team: Team) -> None:
    """A person empties the goal but not the note beside it: the bot clears its own cells of the row and no other."""
    team.sync(goals=(Goal("sales_revenue", 1000.0, date(2026, 12, 31)), Goal("cac", 12.0, date(2026, 12, 31))))
    assert team.shown("Goals!G5") == "running"
    for cell in ("A5", "C5", "E5"):
        team.person.edit(team.spreadsheet, f"Goals!{cell}", "")
    team.person.edit(team.spreadsheet, "Goals!N5", "ask finance")
    team.sync()
    assert [team.shown(f"Goals!{column}5") for column in "ACENGHIJKLM"] == ["", "", "", "ask finance", *[""] * 7]
    assert team.sync().writes == 0


def test_a_goal_that_cannot_be_read_says_why_in_its_row(team: Team) -> None:
    """The status cell and the report carry the same sentence; the person's cells stay."""
    team.sync()
    team.person.edit(team.spreadsheet, "Goals!A4", "cacc")
    team.person.edit(team.spreadsheet, "Goals!C4", "40")
    report = team.sync()
    (warning,) = report.warnings
    assert warning.startswith("Goals, row 4: No KPI called cacc. Did you mean cac")
    assert team.shown("Goals!A4") == "cacc"
    assert warning.endswith(team.shown("Goals!G4"))
    assert team.store.kept[team.spreadsheet] == []


def test_a_goal_of_kpi_yaml_gets_a_row_that_people_may_change(team: Team) -> None:
    """It stands there once; afterwards the person's target counts and the difference is told."""
    given = (Goal("sales_revenue", 1000.0, date(2026, 12, 31), "mina"),)
    team.sync(goals=given)
    assert [team.shown(f"Goals!{column}4") for column in "ACEFG"] == [
        "Sales revenue", "$1,000.00", "2026-12-31", "mina", "off track",
    ]  # fmt: skip
    assert team.shown("Overview!C11") == "off track"
    team.person.edit(team.spreadsheet, "Goals!C4", "300")
    report = team.sync(goals=given)
    assert team.shown("Overview!C11") == "met"
    assert report.warnings == ("kpi.yaml and the Sheet differ about sales_revenue: the Sheet counts.",)
    assert [goal.target for goal in team.store.kept[team.spreadsheet]] == [300.0]
    assert team.sync(goals=given).writes == 0


def test_a_bad_cell_keeps_the_goal_and_says_so_at_the_cell(team: Team) -> None:
    """The note goes when the cell is mended, moves with its row, and never takes the place of a person's own."""
    given = (Goal("sales_revenue", 1000.0, END), Goal("cac", 12.0, END))
    team.sync(goals=given)
    for cell in ("C4", "C5"):
        team.person.edit(team.spreadsheet, f"Goals!{cell}", "a lot")
    team.person.note(team.spreadsheet, "Goals!C5", "ask finance")
    team.sync(goals=given)
    assert team.store.kept[team.spreadsheet] == list(given)
    assert (note(team, "C4"), note(team, "C5")) == ("KPI Bot: a lot is no number.", "ask finance")
    assert team.shown("Goals!G4") == "a lot is no number. Until then the goal from before counts."
    team.person.insert_rows(team.spreadsheet, "Goals", 4)
    assert team.sync(goals=given).writes == 0
    team.person.edit(team.spreadsheet, "Goals!C5", "900")
    team.person.edit(team.spreadsheet, "Goals!C6", "11")
    team.sync(goals=given)
    assert [goal.target for goal in team.store.kept[team.spreadsheet]] == [900.0, 11.0]
    assert (note(team, "C5"), note(team, "C6")) == ("", "ask finance")
    assert team.sync(goals=given).writes == 0


def note(team: Team, cell: str) -> str:
    """The note at a cell of the goals."""
    sheet = team.sheets.spreadsheet(team.spreadsheet).titled("Goals")
    assert sheet is not None
    row, column = int(cell[1:]) - 1, ord(cell[0]) - ord("A")
    return str(sheet.cells.get((row, column), {}).get("note", ""))


def test_an_owner_may_be_a_chip(team: Team) -> None:
    """A person's chip is read as the mail address behind it, and stays a chip."""
    team.sync(goals=(Goal("cac", 12.0, END),))
    chip = {"chipRuns": [{"startIndex": 0, "chip": {"personProperties": {"email": "mina@firm.example"}}}]}
    cell = {"userEnteredValue": {"stringValue": "@"}, **chip}
    start = {"sheetId": team.guards("Goals")[0], "rowIndex": 3, "columnIndex": 5}
    fields = "userEnteredValue,chipRuns"
    update = {"updateCells": {"start": start, "rows": [{"values": [cell]}], "fields": fields}}
    team.person.batch(team.spreadsheet, [update])
    team.sync()
    assert [goal.owner for goal in team.store.kept[team.spreadsheet]] == ["mina@firm.example"]
    assert team.shown("Goals!F4") == "@"
    assert team.shown("Goals!P4").endswith("Owner: – → mina@firm.example")
    assert team.sync().writes == 0


def test_owners_are_shown_by_name(team: Team) -> None:
    """Whoever kpi.yaml names by an id stands there by name; a typed name is that member; unknown ones stay words."""
    given = (Goal("cac", 12.0, END, "U0MINA"), Goal("sales_revenue", 1000.0, END, "U0JUN"))
    team.store.people.update({"U0MINA": "Mina Kim", "U0LEE1": "Lee", "U0LEE2": "Lee"})
    team.sync(goals=given)
    assert [team.shown(f"Goals!F{row}") for row in (4, 5)] == ["Mina Kim", "U0JUN"]
    assert team.store.kept[team.spreadsheet] == list(given)
    team.store.people["U0JUN"] = "Jun Park"
    report = team.sync(goals=given)
    assert ([team.shown(f"Goals!F{row}") for row in (4, 5)], report.warnings) == (["Mina Kim", "Jun Park"], ())
    for cell, text in {"F4": "@jun park", "F5": "Lee"}.items():
        team.person.edit(team.spreadsheet, f"Goals!{cell}", text)
    team.sync(goals=given)
    assert [goal.owner for goal in team.store.kept[team.spreadsheet]] == ["U0JUN", "Lee"]
    assert team.shown("Goals!P4").endswith("Owner: Mina Kim → Jun Park")
    assert team.sync(goals=given).writes == 0


def test_a_plan_by_month_is_typed_in_columns_of_peoples_own(team: Team) -> None:
    """Titles that are months make goals of what stands below; what is set elsewhere for such a month counts there.

    Of a month that people changed as well theirs counts, and the other is told; the owner is the whole row's.
    """
    team.sync(goals=(Goal("cac", 12.0, END),))
    for cell, text in {"R3": "2026-11", "S3": "2026-12", "A5": "Sales revenue", "R5": "500", "S5": "700"}.items():
        team.person.edit(team.spreadsheet, f"Goals!{cell}", text)
    report = team.sync()
    assert report.warnings == ()
    november, december = (
        Goal("sales_revenue", target, day, per="month") for target, day in ((500.0, date(2026, 11, 30)), (700.0, END))
    )
    assert team.store.kept[team.spreadsheet] == [Goal("cac", 12.0, END), november, december]
    assert (note(team, "R3"), team.shown("Goals!G5")) == ("KPI Bot: Targets of this month.", "on track")
    assert team.sync().writes == 0
    team.store.kept[""] = [replace(december, target=800.0)]
    report = team.sync()
    assert (report.warnings, report.overruled, report.mended) == ((), (), ())
    assert [team.shown(f"Goals!{cell}5") for cell in "RS"] == ["500", "800"]
    assert team.store.kept[team.spreadsheet] == [Goal("cac", 12.0, END), november, replace(december, target=800.0)]
    assert team.sync().writes == 0
    team.store.kept[""] = [replace(november, target=600.0), replace(december, target=900.0, owner="jun")]
    lost = GoalChange(Occasion(NOW, "U0JUN01", "slack"), november, team.store.kept[""][0])
    team.store.changed[november.key] = lost
    team.person.edit(team.spreadsheet, "Goals!R5", "550")
    report = team.sync()
    assert [team.shown(f"Goals!{cell}5") for cell in "FRS"] == ["", "550", "900"]
    since = "set elsewhere, does not count, for the Sheet has changed since and says"
    assert report.warnings == (
        f"sales_revenue 2026-11: Target 600, {since} 550.",
        f"sales_revenue 2026-12: Owner jun, {since} –.",
    )
    assert [setter for _goal, _words, setter in report.overruled] == ["U0JUN01", ""]
    assert team.sync().writes == 0
    # What nobody can read stays as it is typed, and what was set counts until then.
    team.person.edit(team.spreadsheet, "Goals!S5", "a lot")
    team.store.kept[""] = [replace(december, target=950.0)]
    team.sync()
    assert team.shown("Goals!S5") == "a lot"
    assert team.store.kept[team.spreadsheet][-1].target == 950.0
