"""Goals typed in the Sheet and set elsewhere, through whole syncs against the local Sheets."""

from __future__ import annotations

from datetime import date

from sheet_team import Team

from kpi_core.settings.values import Goal
from sheets_sync.tabs.goals import HEADER


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
    assert warning.startswith("cac: the target 9 that was set elsewhere does not count")
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
    assert [team.shown(f"Goals!{column}{line}") for column in "ABCHIJK"] == [
        "CAC", "channel=search", "12", "$10.00", "-$2.00", "running", "November 2026 so far",
    ]  # fmt: skip
    assert team.sync().writes == 0


def test_a_remark_in_a_row_that_is_no_goal_any_more_stays(team: Team) -> None:
    """A person empties the goal but not the note beside it: the bot clears its own cells of the row and no other."""
    team.sync(goals=(Goal("sales_revenue", 1000.0, date(2026, 12, 31)), Goal("cac", 12.0, date(2026, 12, 31))))
    assert team.shown("Goals!J5") == "running"
    for cell in ("A5", "C5", "E5"):
        team.person.edit(team.spreadsheet, f"Goals!{cell}", "")
    team.person.edit(team.spreadsheet, "Goals!G5", "ask finance")
    team.sync()
    assert [team.shown(f"Goals!{column}5") for column in "ACEGHIJKL"] == ["", "", "", "ask finance", *[""] * 5]
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
    assert warning.endswith(team.shown("Goals!J4"))
    assert team.store.kept[team.spreadsheet] == []


def test_a_goal_of_kpi_yaml_gets_a_row_that_people_may_change(team: Team) -> None:
    """It stands there once; afterwards the person's target counts and the difference is told."""
    given = (Goal("sales_revenue", 1000.0, date(2026, 12, 31), "mina"),)
    team.sync(goals=given)
    assert [team.shown(f"Goals!{column}4") for column in "ACEFJ"] == [
        "Sales revenue", "$1,000.00", "2026-12-31", "mina", "running",
    ]  # fmt: skip
    assert team.shown("Overview!C11") == "running"
    team.person.edit(team.spreadsheet, "Goals!C4", "300")
    report = team.sync(goals=given)
    assert team.shown("Overview!C11") == "met"
    assert report.warnings == ("kpi.yaml and the Sheet differ about sales_revenue: the Sheet counts.",)
    assert [goal.target for goal in team.store.kept[team.spreadsheet]] == [300.0]
    assert team.sync(goals=given).writes == 0
