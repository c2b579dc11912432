"""What a sync says of itself: what it put right, once what stands, and the log in the Sheet."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sheet_team import NOW, Team

from kpi_core.access.audiences import Spreadsheet
from kpi_core.access.doorway import Door
from kpi_core.answering.engine import Engine
from kpi_core.deliveries.delivery_states import Refused, Waiting
from kpi_core.deliveries.ledger import deliver
from kpi_core.deliveries.to_owner import Trouble, tell_owner, trouble_over
from kpi_core.settings.values import Goal, SheetSync
from kpi_core.state.sheets.sheet_log import SheetLog
from kpi_core.state.store import open_store
from sheets_sync.sync import SyncReport, sync
from sheets_sync.tabs.goals import goals_tab
from sheets_sync.tabs.overview import HEADER

Synced = Callable[..., SyncReport]
TABS = ("overview", "trends", "sync_log")
DECEMBER = datetime(2026, 12, 2, tzinfo=UTC)


@pytest.fixture
def log(team: Team) -> Iterator[SheetLog]:
    store = open_store("sqlite:///state.db", team.folder)
    yield SheetLog(store, team.spreadsheet)
    store.close()


@pytest.fixture
def synced(team: Team, log: SheetLog) -> Synced:
    """Syncs one after the other, a minute apart."""
    minutes = iter(range(1000))

    def run(tabs: tuple[str, ...] = TABS, goals: tuple[Goal, ...] = ()) -> SyncReport:
        engine = Engine(replace(team.engine.settings, goals=goals), team.engine.catalog, team.engine.warehouse)
        moment = NOW + timedelta(minutes=next(minutes))
        door = Door(engine, Spreadsheet(team.spreadsheet))
        return sync(team.client, door, SheetSync(team.spreadsheet, tabs), moment, team.store, log)

    return run


@pytest.mark.parametrize("typed", ["ask finance", "12", ""])
def test_what_people_typed_over_a_cell_of_the_bot_is_told(team: Team, synced: Synced, typed: str) -> None:
    """Words, another number or nothing: the bot's value is back, the report says where and what, and says it once."""
    synced()
    before = team.shown("Overview!B11")
    team.person.edit(team.spreadsheet, "Overview!B11", typed)
    report = synced()
    assert team.shown("Overview!B11") == before
    (told,) = report.mended
    assert told.startswith("Overview B11")
    assert "Sales revenue / Value" in told
    assert f'"{typed}"' in told or not typed
    assert synced().mended == ()


def october(team: Team) -> tuple[str, str]:
    """The cell of October's revenue in the Trends, and the note at it."""
    sheet = team.sheets.spreadsheet(team.spreadsheet).titled("Trends")
    assert sheet is not None
    entered = {place: cell.get("userEnteredValue", {}) for place, cell in sheet.cells.items()}
    column = next(at for (_row, at), value in entered.items() if value.get("stringValue") == "Sales revenue")
    row = next(row for row in range(40) if team.shown(f"Trends!A{row + 1}") == "2026-10")
    return f"Trends!{'ABCDEF'[column]}{row + 1}", str(sheet.cells[row, column].get("note", ""))


def test_a_number_of_the_past_that_moved_says_what_it_was(team: Team, synced: Synced) -> None:
    """Past its tolerance, in a note of the bot's at the cell, with day and reason; the moves before it stay below."""
    synced()
    team.data(201.0)
    synced()
    cell, note = october(team)
    assert note == ""
    team.data(150.0)
    synced()
    assert october(team) == (cell, "KPI Bot: was $804 until 23 Nov 2026: its rows have changed")
    assert synced().writes == 0
    team.data(199.0)
    synced()
    assert october(team)[1].splitlines() == [
        "KPI Bot: was $600 until 23 Nov 2026: its rows have changed",
        "was $804 until 23 Nov 2026: its rows have changed",
    ]
    # What people typed over it is no number of the past; a note of theirs is none of the bot's.
    team.person.edit(team.spreadsheet, cell, "5")
    team.person.note(team.spreadsheet, cell, "ask finance")
    team.data(100.0)
    synced()
    assert october(team)[1] == "ask finance"
    team.data(300.0)
    synced()
    assert october(team)[1] == "ask finance"


def test_the_overview_says_what_its_numbers_were_until_its_month_is_over(
    team: Team, synced: Synced, log: SheetLog
) -> None:
    """At the month's number and at those that it is held against; a note of October's does not stay at November's."""

    def notes() -> dict[str, str]:
        sheet = team.sheets.spreadsheet(team.spreadsheet).titled("Overview")
        assert sheet is not None
        header = {at: cell for (row, at), cell in sheet.cells.items() if row == HEADER}
        titles = {at: cell.get("userEnteredValue", {}).get("stringValue", "") for at, cell in header.items()}
        return {
            f"{team.shown(f'Overview!A{row + 1}')} {titles[at]}": cell["note"]
            for (row, at), cell in sheet.cells.items()
            if row > HEADER and cell.get("note")
        }

    def month_later() -> SyncReport:
        door = Door(team.engine, Spreadsheet(team.spreadsheet))
        return sync(team.client, door, SheetSync(team.spreadsheet, ("overview",)), DECEMBER, team.store, log)

    synced(("overview",))
    team.data(150.0)
    synced(("overview",))
    assert notes() == {"Sales revenue Value": "KPI Bot: was $800 until 23 Nov 2026: its rows have changed"}
    team.person.note(team.spreadsheet, "Overview!C10", "ask finance")
    month_later()
    assert list(notes().values()) == ["ask finance"]
    assert month_later().writes == 0
    team.data(100.0)
    month_later()
    assert "Sales revenue Previous" in notes()


def test_new_numbers_are_no_mending(team: Team, synced: Synced) -> None:
    """What the bot itself changes is not told as what people had done."""
    synced()
    team.data(210.0)
    report = synced()
    assert report.cells_changed > 0
    assert report.mended == ()


def test_a_deleted_row_and_column_are_told_when_they_are_back(team: Team, synced: Synced) -> None:
    """By their names, and not once more cell by cell."""
    synced()
    team.person.delete_rows(team.spreadsheet, "Overview", 11)
    team.person.delete_columns(team.spreadsheet, "Overview", "D")
    assert synced().mended == (
        "Overview: deleted, and back again: Sales revenue.",
        "Overview: columns deleted, and back again: Change.",
    )
    assert synced().writes == 0


def test_rows_sorted_apart_from_their_keys_are_told(team: Team, synced: Synced) -> None:
    """People sort what they see; the rows are known by their names, and their hidden keys follow."""
    synced()
    order = [team.shown(f"Overview!A{row}") for row in range(10, 12)]
    # The last column with words in the header row is the hidden one.
    seen = [letter for letter in "ABCDEFGHIJKLMNOPQ" if team.shown(f"Overview!{letter}8")][-2]
    team.person.sort(team.spreadsheet, f"Overview!A10:{seen}11", "A", descending=True)
    assert [team.shown(f"Overview!A{row}") for row in range(10, 12)] == order[::-1]
    assert synced().mended == ("Overview: 2 rows had been sorted apart from their keys and are known again.",)
    assert synced().writes == 0


def test_a_clock_of_another_zone_writes_no_row_twice(team: Team, log: SheetLog) -> None:
    """The first sync by New York's clock, the next by UTC: the first one's row is there, and nothing to be written."""
    door, sheet = (
        Door(team.engine, Spreadsheet(team.spreadsheet)),
        SheetSync(team.spreadsheet, ("sync_log", "overview")),
    )
    for moment, writes in ((NOW.astimezone(ZoneInfo("America/New_York")), 1), (NOW + timedelta(minutes=1), 0)):
        assert sync(team.client, door, sheet, moment, team.store, log).writes == writes


def test_two_syncs_at_one_moment_are_two(team: Team, log: SheetLog) -> None:
    """On a clock that stands still neither takes the other's place in the log."""
    door = Door(team.engine, Spreadsheet(team.spreadsheet))
    for text in ("", "typed"):
        if text:
            team.person.edit(team.spreadsheet, "Overview!B11", text)
        sync(team.client, door, SheetSync(team.spreadsheet, TABS), NOW, team.store, log)
    assert [team.shown(f"'Sync log'!A{row}") for row in (4, 5, 6)] == [*["2026-11-23 09:00"] * 2, "⋯"]
    assert len(log.entries()) == 2


def test_many_changes_are_summed_up(team: Team, synced: Synced) -> None:
    """Five one by one, the rest as a count."""
    synced(("dictionary",))
    for cell in (f"{column}{row}" for column in "CD" for row in range(4, 8)):
        team.person.edit(team.spreadsheet, f"Dictionary!{cell}", "?")
    report = synced(("dictionary",))
    assert len(report.mended) == 6
    assert report.mended[-1] == "Dictionary: 3 more cells of the bot had been changed; its values are back."


def test_the_log_has_a_row_for_each_sync_that_did_something(team: Team, synced: Synced) -> None:
    """The newest at the end, its time above; an unchanged sync writes nothing; notes and ticks stay beside theirs."""
    synced()
    assert team.shown("'Sync log'!A4") == "2026-11-23 09:00"
    assert int(team.shown("'Sync log'!B4").replace(",", "")) > 50
    team.person.edit(team.spreadsheet, "'Sync log'!E4", "TRUE")
    team.person.edit(team.spreadsheet, "'Sync log'!H4", "the first one")
    assert synced().writes == 0
    team.person.edit(team.spreadsheet, "Overview!B11", "ask finance")
    assert synced().writes == 1
    assert [team.shown(f"'Sync log'!A{row}") for row in (4, 5, 6)] == ["2026-11-23 09:00", "2026-11-23 09:02", "⋯"]
    assert team.shown("'Sync log'!A2").startswith("Last entry: 2026-11-23 09:02. ")
    assert "ask finance" in team.shown("'Sync log'!C5")
    assert [team.shown(f"'Sync log'!{cell}") for cell in ("E4", "H4", "E5", "H5")] == [
        "TRUE",
        "the first one",
        "",
        "",
    ]
    assert synced().writes == 0


def test_a_changed_sync_with_its_log_is_one_write(team: Team, synced: Synced) -> None:
    """Two reads and a write of a few thousand bytes: no copy of the tab, and no list of what the log held before."""
    synced()
    for october in range(201, 204):
        team.data(float(october))
        report = synced()
        assert (report.reads, report.writes) == (2, 1)
        assert report.bytes_sent < 6_000
    shown = [team.shown(f"'Sync log'!A{row}")[-5:] for row in range(4, 10)]
    assert shown == [*(f"09:{minute:02}" for minute in range(4)), "⋯", "⋯"]


@pytest.mark.parametrize(("cell", "act"), [("A4", "type"), ("C26", "insert_rows"), ("B4", "insert_columns")])
def test_what_people_do_to_the_log_in_the_second_of_a_write_is_safe(
    team: Team, synced: Synced, monkeypatch: pytest.MonkeyPatch, cell: str, act: str
) -> None:
    """Text typed below the header or below all rows, rows and columns inserted: the entry comes, and nothing goes."""
    tabs = ("sync_log", "dictionary")
    synced(tabs)
    team.person.delete_rows(team.spreadsheet, "Sync log", 4)
    team.person.insert_rows(team.spreadsheet, "Sync log", 4)

    def late(write: Callable[..., Any]) -> Callable[..., Any]:
        def after(*call: Any) -> Any:
            if "in that second" not in column_texts(team, "Sync log"):
                team.person.edit(team.spreadsheet, f"'Sync log'!{cell}", "in that second")
                if act == "insert_rows":
                    team.person.insert_rows(team.spreadsheet, "Sync log", 2)
                elif act == "insert_columns":
                    team.person.insert_columns(team.spreadsheet, "Sync log", "B")
            return write(*call)

        return after

    for name in ("write", "write_values"):
        monkeypatch.setattr(team.client, name, late(getattr(team.client, name)))
    team.person.edit(team.spreadsheet, "Dictionary!B6", "?")
    synced(tabs)
    texts = column_texts(team, "Sync log")
    assert texts.count("in that second") == 1
    assert {"2026-11-23 09:00", "2026-11-23 09:01"} <= set(texts)
    synced(tabs)
    assert column_texts(team, "Sync log").count("in that second") == 1
    assert synced(tabs).writes == 0


class Killed(Exception):  # noqa: N818 - no error of the product
    """The process is gone."""


def test_what_a_dead_sync_wrote_upon_is_put_back_by_the_next(
    team: Team, synced: Synced, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows moved in the second of its write, and it was killed before it saw that: people's words come back."""
    tabs = ("overview", "sync_log")
    synced(tabs)
    team.person.insert_rows(team.spreadsheet, "Overview", 11)
    for cell, text in {"A11": "Plan", "B11": "ask finance", "C11": "7"}.items():
        team.person.edit(team.spreadsheet, f"Overview!{cell}", text)
    synced(tabs)
    team.data(300.0)
    with monkeypatch.context() as dying:
        for name in ("write", "write_values"):
            dying.setattr(team.client, name, _late_and_killed(team, getattr(team.client, name)))
        with pytest.raises(Killed):
            synced(tabs)
    assert "ask finance" not in column_texts(team, "Overview")
    report = synced(tabs)
    row = next(row for row in range(8, 15) if team.shown(f"Overview!A{row}") == "Plan")
    assert [team.shown(f"Overview!{column}{row}") for column in "ABC"] == ["Plan", "ask finance", "7"]
    assert any(line.startswith("Overview:") for line in report.mended)
    assert synced(tabs).writes == 0


def _late_and_killed(team: Team, write: Callable[..., Any]) -> Callable[..., Any]:
    def late(*call: Any) -> Any:
        team.person.insert_rows(team.spreadsheet, "Overview", 10)
        write(*call)
        raise Killed

    return late


def test_two_bots_on_one_spreadsheet_hear_of_each_other(team: Team, synced: Synced, tmp_path: Path) -> None:
    """Both, once each has written after the other; a bot that takes a spreadsheet over hears of nothing."""
    synced(("overview",))
    store = open_store("sqlite:///other.db", tmp_path)
    other = SheetLog(store, team.spreadsheet)

    def second(minute: int) -> SyncReport:
        door = Door(team.engine, Spreadsheet(team.spreadsheet))
        at = NOW + timedelta(hours=1, minutes=minute)
        return sync(team.client, door, SheetSync(team.spreadsheet, ("overview",)), at, team.store, other)

    assert second(0).warnings == ()
    assert second(1).writes == 0
    (told,) = synced(("overview",)).warnings
    assert "Another KPI Bot" in told
    assert second(2).warnings == (told,)
    assert second(3).warnings == ()
    store.close()


def column_texts(team: Team, title: str) -> list[str]:
    """All texts of a tab."""
    sheet = team.sheets.spreadsheet(team.spreadsheet).titled(title)
    assert sheet is not None
    return [str(cell.get("userEnteredValue", {}).get("stringValue", "")) for cell in sheet.cells.values()]


def log_times(team: Team) -> list[str]:
    """The times in the log, from the top."""
    sheet = team.sheets.spreadsheet(team.spreadsheet).titled("Sync log")
    assert sheet is not None
    first = {row: cell.get("userEnteredValue", {}) for (row, column), cell in sheet.cells.items() if column == 0}
    return [
        str(first[row].get("stringValue"))
        for row in sorted(first)
        if str(first[row].get("stringValue")).startswith("2026")
    ]


def test_a_log_that_people_sorted_or_thinned_out_goes_on(team: Team, synced: Synced) -> None:
    """Sorted, its rows deleted, its hidden keys deleted: the newest comes at the end, and each entry stands once."""
    synced()
    for number, act in enumerate(("sort", "delete", "keys"), start=1):
        if act == "sort":
            team.person.sort(team.spreadsheet, "'Sync log'!A4:F23", "A", descending=False)
        elif act == "delete":
            team.person.delete_rows(team.spreadsheet, "Sync log", 4)
        else:
            team.person.delete_columns(team.spreadsheet, "Sync log", "F")
        team.data(200.0 + number)
        synced()
        times = log_times(team)
        assert times == sorted(set(times))
        assert len(times) == number + 1
        assert synced().writes == 0


def test_what_people_write_into_waiting_rows_stays(team: Team, synced: Synced) -> None:
    """Words in the next one, a note at the one after it, a tick, one deleted: the entry takes the next free one."""
    synced()
    team.person.edit(team.spreadsheet, "'Sync log'!B5", "when is it?")
    team.person.edit(team.spreadsheet, "'Sync log'!A6", "a plan")
    team.person.note(team.spreadsheet, "'Sync log'!C7", "mine")
    team.person.edit(team.spreadsheet, "'Sync log'!E8", "TRUE")
    team.person.edit(team.spreadsheet, "'Sync log'!H9", "beside")
    team.person.delete_rows(team.spreadsheet, "Sync log", 10)
    for number in range(1, 4):
        team.data(200.0 + number)
        assert synced().mended == ()
        shown = [team.shown(f"'Sync log'!{cell}") for cell in ("A5", "B5", "A6", "A7", "A8", "E8", "A9", "H9")]
        assert shown == ["⋯", "when is it?", "a plan", "⋯", "⋯", "TRUE", "⋯", "beside"]
        times = log_times(team)
        assert times == sorted(set(times))
        assert len(times) == number + 1
    assert synced().writes == 0


def test_a_difference_between_kpi_yaml_and_the_sheet_is_told_once(team: Team, synced: Synced) -> None:
    """When it begins, and again when it has been settled in between."""
    tabs = (*TABS, "goals")
    goals = (Goal("sales_revenue", 1000.0, date(2026, 12, 31), "mina"),)
    differ = "kpi.yaml and the Sheet differ about sales_revenue: the Sheet counts."
    synced(tabs, goals)
    team.person.edit(team.spreadsheet, "Goals!C4", "300")
    assert synced(tabs, goals).warnings == (differ,)
    assert synced(tabs, goals).warnings == ()
    team.person.edit(team.spreadsheet, "Goals!C4", "1000")
    assert synced(tabs, goals).warnings == ()
    team.person.edit(team.spreadsheet, "Goals!C4", "300")
    assert synced(tabs, goals).warnings == (differ,)


def test_archived_goals_stay_archived_however_many_there_are(
    team: Team, synced: Synced, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Past what a tab's metadata may hold the state knows which goals of kpi.yaml had a row, deleted ones included."""
    monkeypatch.setattr(goals_tab, "MOST_PLACED", 2)
    goals = tuple(Goal("sales_revenue", 1000.0, date(2027, month, 28)) for month in range(1, 7))
    synced(("goals",), goals)
    team.person.delete_rows(team.spreadsheet, "Goals", 5, 4)
    for _turn in range(2):
        synced(("goals",), goals)
        ends = [goal.by.month for goal in team.store.kept[team.spreadsheet]]
        assert ends == [1, 6]
    synced(("goals",), (*goals, Goal("cac", 12.0, date(2027, 1, 28))))
    assert [goal.kpi for goal in team.store.kept[team.spreadsheet]] == ["sales_revenue", "sales_revenue", "cac"]


def test_a_failed_sync_is_in_the_log_once(team: Team, synced: Synced, log: SheetLog) -> None:
    """The same failure again and again is one entry; the next good sync shows it, and the state forgets it."""
    synced()
    at = NOW + timedelta(seconds=30)
    for second in range(3):
        log.fail(at + timedelta(seconds=second), "Google's quota is used up until 09:01.")
    assert log.state().error == "Google's quota is used up until 09:01."
    assert [entry.at for entry in log.entries()] == [at, NOW]
    synced()
    assert team.shown("'Sync log'!D5") == "Google's quota is used up until 09:01."
    assert (log.state().error, log.state().at) == ("", NOW + timedelta(minutes=1))


def test_the_newest_entries_stay(log: SheetLog) -> None:
    """220 of them, each as it was written."""
    moments = [datetime(2026, 1, 1, tzinfo=NOW.tzinfo) + timedelta(hours=hour) for hour in range(223)]
    for number, moment in enumerate(moments):
        log.fail(moment, f"failure {number}")
    entries = log.entries()
    assert [entry.at for entry in entries] == moments[:2:-1]
    assert entries[0].error == "failure 222"


@pytest.mark.parametrize("owner", ["U0ALEX", ""])
def test_what_slack_does_not_carry_is_told_in_the_sheet(team: Team, synced: Synced, log: SheetLog, owner: str) -> None:
    """A revoked token reaches nobody in Slack: the Overview says so above all else, the log once, until it is over."""
    tell_owner(log.store, owner, Trouble("post:C0123", "A post for <#C0123> waits. Install the app again."), NOW)
    told = "A post for C0123 waits. Install the app again."
    if owner:
        assert synced().warnings == ()
        deliver(log.store, lambda: NOW, lambda _message: Waiting("token_revoked"), lambda _message: None)
    assert synced().warnings == (told,)
    assert team.shown("Overview!A2").startswith(f"{told} · ")
    assert told in [team.shown(f"'Sync log'!D{row}") for row in range(4, 8)]
    trouble_over(log.store, "post:C0123")
    assert synced().warnings == ()
    assert told not in team.shown("Overview!A2")


def test_what_slack_refuses_for_good_is_told_in_the_sheet_while_it_is_true(log: SheetLog) -> None:
    """A message to an owner who is nobody there; what happened once and reaches nobody waits no longer than that."""
    tell_owner(log.store, "U0GONE", Trouble("job:load:meta", "load:meta does not work.", "x"), NOW)
    deliver(log.store, lambda: NOW, lambda _message: Refused("user_not_found"), lambda _message: None)
    assert log.untold() == ("load:meta does not work.",)
    trouble_over(log.store, "job:load:meta")
    assert log.untold() == ()
