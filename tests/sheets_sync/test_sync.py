"""A whole sync through the real gspread against the local Sheets, with a person at work in the same file."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sheet_team import AUDIENCES, HOSTILE, Team, env, patient

from kpi_core.answering.engine import Engine
from kpi_core.errors import KpiBotError, ServiceError, SettingsError
from kpi_core.phrases import say
from sheets_sync.client import open_client
from sheets_sync.refusals import PlanRefused
from sheets_sync.sandbox import LocalSheets


def test_a_first_sync_writes_every_tab_in_one_batch(team: Team) -> None:
    """One read, one write, and the numbers stand there as people read them."""
    report = team.sync()
    assert (report.reads, report.writes) == (1, 1)
    assert team.tabs() == ["Sheet1", "Overview", "Goals", "Trends", "Channels", "Dictionary"]
    assert [team.shown(f"Overview!{cell}") for cell in ("A1", "A10", "B10", "D11")] == [
        "Hanok Goods", "Customer acquisition cost", "$11.50", "+100.0%",
    ]  # fmt: skip
    assert report.to_json().keys() == {
        "spreadsheet", "requests", "bytes_sent", "cells_changed", "conflicts", "warnings", "mended",
    }  # fmt: skip
    assert report.bytes_sent > 1000


def test_a_second_sync_with_the_same_data_reads_twice_and_writes_nothing(team: Team) -> None:
    """Nothing changed means no write at all."""
    team.sync()
    report = team.sync()
    assert (report.reads, report.writes, report.bytes_sent, report.cells_changed) == (2, 0, 0, 0)


def test_a_changed_number_sends_only_its_cells(team: Team) -> None:
    """Revenue of October moves: cells travel, no format, no tab, no chart; and then nothing more."""
    first = team.sync()
    team.data(210.0)
    report = team.sync()
    assert (report.reads, report.writes) == (2, 1)
    assert len(team.batches()) == first.writes
    assert report.bytes_sent < first.bytes_sent / 20
    assert team.sync().writes == 0


def test_renamed_moved_and_hidden_tabs_are_still_found(team: Team) -> None:
    """People may call and place the bot's tabs as they like."""
    team.sync()
    team.person.rename_tab(team.spreadsheet, "Overview", "Zahlen")
    team.person.move_tab(team.spreadsheet, "Zahlen", 0)
    team.data(300.0)
    team.sync()
    assert team.tabs()[0] == "Zahlen"
    assert len(team.tabs()) == 6
    assert team.shown("Zahlen!B11") == "$1,200"


def test_what_people_write_elsewhere_stays(team: Team) -> None:
    """Notes beside the table, formulas and inserted rows in people's own tabs are as they were."""
    team.sync()
    person, book = team.person, team.spreadsheet
    person.edit(book, "Sheet1!A1", "our plan")
    person.edit(book, "Sheet1!A2", "=1+1")
    person.insert_rows(book, "Sheet1", 1)
    person.edit(book, "Overview!Q12", "see finance")
    team.data(300.0)
    team.sync()
    assert [team.shown(cell) for cell in ("Sheet1!A2", "Sheet1!A3", "Overview!Q12")] == ["our plan", "2", "see finance"]
    own = {number for batch in team.batches() for request in batch for number in sheet_ids(request)}
    assert 0 not in own


def sheet_ids(part: Any) -> Iterator[int]:
    """Every tab that a request names."""
    for name, value in part.items() if isinstance(part, dict) else ():
        if name == "sheetId":
            yield value
        for item in value if isinstance(value, list) else [value]:
            yield from sheet_ids(item)


def test_a_note_where_the_table_grows_moves_aside(team: Team) -> None:
    """A KPI more makes the Trends wider: the person's note keeps its text, one column further."""
    team.sync()
    team.person.edit(team.spreadsheet, "Trends!G4", "launch")
    settings = replace(team.engine.settings, audiences=AUDIENCES | {"specialist": ("cac@paid",)})
    team.engine = Engine(settings, team.engine.catalog, team.engine.warehouse)
    team.sync()
    assert team.shown("Trends!H4") == "launch"
    assert team.sync().writes == 0


def shown_values(team: Team, tab: str = "Overview") -> dict[str, list[str]]:
    """What stands right of each name, below the words of the header row."""
    sheet = team.sheets.spreadsheet(team.spreadsheet).titled(tab)
    assert sheet is not None
    texts = {place: team.shown(f"{tab}!{chr(65 + place[1])}{place[0] + 1}") for place in sheet.cells}
    header, first = next(place for place, text in texts.items() if text == "KPI")
    columns = [column for row, column in texts if row == header and texts[row, column] and column > first]
    hidden = {column for column, look in sheet.columns.items() if look.get("hiddenByUser")}
    return {
        text: [texts.get((row, each), "") for each in sorted(columns) if each not in hidden]
        for (row, column), text in texts.items()
        if column == first and row > header and text
    }


def test_rows_and_columns_that_people_insert_stay_theirs(team: Team) -> None:
    """A note in an inserted row, a column of theirs, a deleted row: every number is under its name, words stay."""
    team.sync()
    before = shown_values(team)
    person, book = team.person, team.spreadsheet
    person.insert_rows(book, "Overview", 12, 2)
    person.edit(book, "Overview!B12", "ask finance")
    person.delete_rows(book, "Overview", 10)
    person.insert_columns(book, "Overview", "C")
    person.edit(book, "Overview!C13", "agreed")
    person.insert_rows(book, "Overview", 1)
    assert team.sync().writes == 2
    assert {name: values for name, values in shown_values(team).items() if name in before} == before
    assert [team.shown("Overview!B13"), team.shown("Overview!C15")] == ["ask finance", "agreed"]
    assert team.sync().writes == 0


def test_the_scorecards_follow_their_rows(team: Team) -> None:
    """After a row was inserted above, a card still shows its own KPI."""
    team.sync()
    team.person.insert_rows(team.spreadsheet, "Overview", 9)
    team.sync()
    sheet = team.sheets.spreadsheet(team.spreadsheet).titled("Overview")
    assert sheet is not None
    for chart in sheet.objects["charts"]:
        (source,) = chart["spec"]["scorecardChart"]["keyValueData"]["sourceRange"]["sources"]
        assert team.shown(f"Overview!A{source['startRowIndex'] + 1}") == chart["spec"]["title"]


def test_a_sorted_tab_stays_sorted(team: Team) -> None:
    """The order is the people's, notes beside included; new numbers go where their rows are now."""
    team.sync()
    before = shown_values(team)
    person, book = team.person, team.spreadsheet
    person.edit(book, "Overview!Q11", "note on revenue")
    assert team.shown("Overview!A11") == "Sales revenue"
    person.sort(book, "Overview!A9:Z40", "A", descending=True)
    order = list(shown_values(team))
    team.data(300.0)
    team.sync()
    assert list(shown_values(team)) == order != list(before)
    row = next(row for row in range(9, 20) if team.shown(f"Overview!A{row}") == "Sales revenue")
    assert [team.shown(f"Overview!B{row}"), team.shown(f"Overview!Q{row}")] == ["$1,200", "note on revenue"]
    assert team.sync().writes == 0


def test_a_row_inserted_while_a_sync_runs_is_seen_at_once(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between reading and writing: the answer to the write shows it, and the same sync puts it right."""
    team.sync()
    team.data(300.0)
    once = [True]

    def late(write: Callable[..., Any]) -> Callable[..., Any]:
        def later(*what: Any) -> Any:
            if once.pop() if once else False:
                team.person.insert_rows(team.spreadsheet, "Overview", 12)
                team.person.edit(team.spreadsheet, "Overview!A12", "mine")
            return write(*what)

        return later

    for form in ("write", "write_values"):
        monkeypatch.setattr(team.client, form, late(getattr(team.client, form)))
    report = team.sync()
    assert (report.reads, report.writes) == (4, 2)
    assert [team.shown(f"Overview!{column}12") for column in "ABCD"] == ["mine", "", "", ""]
    assert shown_values(team)["Sales revenue"][0] == "$1,200"
    assert team.sync().writes == 0


@pytest.mark.parametrize("copies_metadata", [False, True])
def test_a_duplicated_tab_is_left_alone(team: Team, *, copies_metadata: bool) -> None:
    """A person's copy keeps the old numbers, whether it brought our metadata along or not; only ours moves on."""
    team.sync()
    team.sheets.copy_metadata(team.spreadsheet, copies=copies_metadata)
    team.person.duplicate_tab(team.spreadsheet, "Overview")
    copy = next(
        title
        for title in team.tabs()
        if title not in {"Sheet1", "Overview", "Goals", "Trends", "Channels", "Dictionary"}
    )
    team.person.move_tab(team.spreadsheet, copy, len(team.tabs()))
    team.data(300.0)
    team.sync()
    assert team.shown("Overview!B11") == "$1,200"
    assert team.shown(f"'{copy}'!B11") == "$800.00"
    assert len(team.tabs()) == 7


def test_a_protection_that_a_person_removed_stays_away(team: Team) -> None:
    """Nor does it stop a sync: in another language the guard's words change, where there still is one."""
    team.sync()
    overview, guards = team.guards("Overview")
    team.person.batch(team.spreadsheet, [{"deleteProtectedRange": {"protectedRangeId": guards[0]["protectedRangeId"]}}])
    team.data(300.0, "ko")
    team.sync()
    assert team.shown("Overview!A1") == "Hanok Goods"
    assert team.shown("Overview!B11") == "US$1,200"
    assert team.guards("Overview") == (overview, [])
    assert [guard["description"] for guard in team.guards("Goals")[1]] == [say("ko", "sheet.protected")]


def test_conditional_formats_of_people_stay_where_they_are(team: Team) -> None:
    """When ours change (other words in another language), theirs keep their order and looks."""
    team.sync()
    sheet_id, ours = team.rules("Overview")
    own = [rule_of(sheet_id, "TEXT_EQ", "off track", 0), rule_of(sheet_id, "NUMBER_GREATER", "1000", 1)]
    add = [
        {"addConditionalFormatRule": {"rule": rule, "index": place}} for rule, place in zip(own, (0, 2), strict=True)
    ]
    team.person.batch(team.spreadsheet, add)
    before = team.rules("Overview")[1]
    assert team.sync().writes == 0
    team.data(201.0, "ko")
    team.sync()
    after = team.rules("Overview")[1]
    theirs = [rule for rule in before if rule not in ours]
    assert len(theirs) == 2
    assert [rule for rule in after if rule in theirs] == theirs
    assert len(after) == len(ours) + 2
    assert not [rule for rule in after if rule in ours]
    team.data(202.0, "en")
    team.sync()
    again = team.rules("Overview")[1]
    assert [rule for rule in again if rule not in theirs] == ours


def rule_of(sheet_id: int, kind: str, value: str, column: int) -> dict[str, Any]:
    """A format that a person set."""
    return {
        "ranges": [{"sheetId": sheet_id, "startRowIndex": 3, "endRowIndex": 30, "startColumnIndex": column}],
        "booleanRule": {
            "condition": {"type": kind, "values": [{"userEnteredValue": value}]},
            "format": {"backgroundColorStyle": {"rgbColor": {"red": 1.0, "green": 0.9}}},
        },
    }


def test_a_change_refused_in_a_later_batch_names_the_tab_it_was_for(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Plans of several batches: the refused request is looked up in its own batch."""
    monkeypatch.setattr("sheets_sync.spreadsheet.batches.LARGEST_BATCH", 3_000)
    team.sync()
    team.data(300.0, "ko")
    batches, refused = [], []
    write = team.client.write

    def refusing(spreadsheet: str, requests: list[dict[str, Any]], ranges: Sequence[str]) -> Any:
        batches.append(requests)
        if len(batches) % 3 == 0:
            request = len(requests) - 1
            refused.append(requests[request])
            raise PlanRefused(f"Invalid requests[{request}].updateCells: no", request, exists=False)
        return write(spreadsheet, requests, ranges)

    monkeypatch.setattr(team.client, "write", refusing)
    with pytest.raises(ServiceError, match="refused a change in the tab") as caught:
        team.sync()
    assert len(refused) == 3
    named = re.search(r"in the tab '(\w+)'", caught.value.message)
    assert named is not None
    sheets = {sheet.sheet_id: sheet.properties["title"] for sheet in team.sheets.spreadsheet(team.spreadsheet).sheets}
    (sheet_id,) = set(re.findall(r"'sheetId': (\d+)", str(refused[-1])))
    title = sheets[int(sheet_id)]
    assert say("en", f"sheet.tab.{named[1]}") == title or say("ko", f"sheet.tab.{named[1]}") == title


def test_a_deleted_tab_is_made_again_with_a_warning(team: Team) -> None:
    """The tab returns, and the report says why."""
    team.sync()
    team.person.delete_tab(team.spreadsheet, "Trends")
    report = team.sync()
    assert report.warnings == ("The tab Trends was deleted; it has been made again.",)
    assert "Trends" in team.tabs()
    assert team.sync().writes == 0


def test_text_from_data_that_looks_like_a_formula_stays_text(team: Team) -> None:
    """A channel called =HYPERLINK(…) is shown as it is called."""
    team.sync()
    assert HOSTILE in [team.shown(f"Channels!A{row}") for row in range(4, 9)]


@pytest.mark.parametrize(("locale", "title"), [("ko", "개요"), ("zh-TW", "總覽")])
def test_the_words_are_the_workspaces_own(team: Team, locale: str, title: str) -> None:
    """Tabs, headers and statuses are in the language of kpi.yaml."""
    team.data(300.0, locale)
    team.sync()
    assert title in team.tabs()


def test_a_sheet_that_is_not_shared_names_the_account_to_share_it_with(team: Team) -> None:
    """The message carries the service account's address, the hint says what to press."""
    team.sheets.unshare(team.spreadsheet)
    with pytest.raises(SettingsError) as refused:
        team.sync()
    assert refused.value.code == "sheet_not_shared"
    assert team.sheets.client_email in refused.value.message
    assert "as Editor" in refused.value.hint
    assert refused.value.exit_code == 1


def test_a_wrong_address_is_told_apart_from_a_missing_share(team: Team) -> None:
    """A spreadsheet that does not exist asks for another address."""
    team.spreadsheet = "nothing-here"
    with pytest.raises(SettingsError) as refused:
        team.sync()
    assert refused.value.code == "sheet_not_found"


def test_a_server_that_cannot_be_reached_is_a_failed_service(sheets: LocalSheets, team: Team) -> None:
    """Nobody listens: exit code 3, with the address that was tried."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{unused.getsockname()[1]}"
        team.client = open_client(env(sheets) | {"KPI_SHEETS_API_URL": address}, patient())
        with pytest.raises(ServiceError) as failed:
            team.sync()
    team.client.close()
    assert failed.value.exit_code == 3
    assert address in failed.value.message


@pytest.mark.parametrize("trouble", ["unavailable", "quota"])
def test_a_short_outage_is_waited_out(team: Team, trouble: str) -> None:
    """Two answers of 503 or 429, then success: the sync goes through and counts what it sent."""
    setattr(team.sheets.faults, trouble, 1)
    report = team.sync()
    assert (report.reads, report.writes) == (2, 1)
    assert "Overview" in team.tabs()


def test_a_long_outage_ends_as_a_failed_service(team: Team) -> None:
    """After five more attempts the sync gives up, having written nothing."""
    team.sheets.faults.unavailable = 100
    with pytest.raises(ServiceError) as failed:
        team.sync()
    assert failed.value.code == "sheets_unavailable"
    assert len(team.sheets.requests) == 6
    assert team.tabs() == ["Sheet1"]


def test_an_answer_that_was_lost_doubles_nothing(team: Team) -> None:
    """The batch was applied, its answer was not heard: it is sent again, refused as already there, and all is well."""
    team.sheets.faults.only, team.sheets.faults.moment = ":batchUpdate", "after"
    team.sheets.faults.unavailable = 1
    report = team.sync()
    assert team.tabs() == ["Sheet1", "Overview", "Goals", "Trends", "Channels", "Dictionary"]
    assert report.cells_changed > 0
    assert report.warnings == ()
    assert team.sync().writes == 0


def test_an_unknown_tab_is_refused_before_anything_is_sent(team: Team) -> None:
    """A slip in kpi.yaml costs no request."""
    with pytest.raises(SettingsError):
        team.sync(tabs=("overview", "trend"))
    assert team.sheets.requests == []


@pytest.mark.parametrize("content", [None, "{", '{"type": "service_account"}'])
def test_unusable_credentials_say_what_to_point_at(tmp_path: Path, content: str | None) -> None:
    """A missing file, broken JSON, or a key file without a key."""
    path = tmp_path / "key.json"
    if content is not None:
        path.write_text(content, "utf-8")
    with pytest.raises(KpiBotError) as refused:
        open_client({"GOOGLE_APPLICATION_CREDENTIALS": str(path)})
    assert refused.value.code == "sheets_no_credentials"
    assert "GOOGLE_APPLICATION_CREDENTIALS" in refused.value.hint
