"""Tabs that grow: at the top rows are inserted, at the end they stand ready; no row of people's is written over."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sheet_history import Team, text_in
from sheet_side import empty_state, settings, state_after
from sheet_team import env, patient

from kpi_core.settings.sheet_record import SheetEntry
from sheets_sync.client import open_client
from sheets_sync.sandbox import LocalSheets
from sheets_sync.sandbox.document.spreadsheet import Sheet
from sheets_sync.spreadsheet.drawing import Author
from sheets_sync.spreadsheet.growth import grown
from sheets_sync.spreadsheet.plan import Plan, make_plan
from sheets_sync.spreadsheet.state import read_state, with_cells
from sheets_sync.sync import Draft, write_until_right
from sheets_sync.tabs.cells import Cell, Number, Text
from sheets_sync.tabs.logs.sync_log import sync_log_tab
from sheets_sync.tabs.tab import Column, Tab

import long

AUTHOR = Author("en")
MOMENT = datetime(2026, 11, 23, tzinfo=UTC)
Json = dict[str, Any]


def log(newest: int, oldest: int = 0, grows: int = 200) -> Tab:
    """A row for each number, the newest on top."""
    numbers = range(newest, oldest - 1, -1)
    rows = [(Text(title), Text("")) for title in ("Log", "The newest on top.")]
    rows += [(Text("When"), Text("What")), *((Text(f"at {each}"), Text(f"did {each}")) for each in numbers)]
    columns = (Column("at", "When"), Column("what", "What"))
    return Tab("log", "Log", columns, tuple(rows), 2, keys=tuple(str(each) for each in numbers), grows=grows)


def table(scattered: float = 0.0) -> Tab:
    """120 x 12 numbers, of which every seventh may be another."""
    columns = (Column("kpi", "KPI"), *(Column(f"c{at}", f"C {at}") for at in range(12)))
    rows = [
        (Text(f"KPI {row}"), *(Number(row + at / 8 + (scattered if (row * 12 + at) % 7 == 0 else 0), None)
                              for at in range(12)))
        for row in range(120)
    ]  # fmt: skip
    return Tab("overview", "Overview", columns, (tuple(Text(each.title) for each in columns), *rows), 0)


def requests_of(plan: Plan, batch: int = 0) -> Sequence[Json]:
    return [request for step in plan.batches[batch] for request in step.requests]


def test_a_new_row_is_inserted_with_its_cells_and_no_copy_stands_by() -> None:
    """One batch; of the rows that are there none is written on, so what people type in that moment is safe."""
    before = [log(3)]
    plan = make_plan(state_after(make_plan(empty_state(), before, AUTHOR), before), [log(5)], AUTHOR)
    assert len(plan.batches) == 1
    requests = requests_of(plan)
    assert [
        request["insertDimension"]["range"]["startIndex"] for request in requests if "insertDimension" in request
    ] == [3]
    assert not any("duplicateSheet" in request or "deleteDimension" in request for request in requests)
    values = [
        each["updateCells"] for each in requests if "userEnteredValue" in each.get("updateCells", {}).get("fields", "")
    ]
    assert {each["start"]["rowIndex"] + row for each in values for row in range(len(each["rows"]))} == {3, 4}
    inserted = next(at for at, request in enumerate(requests) if "insertDimension" in request)
    assert all(requests.index({"updateCells": each}) > inserted for each in values)


@pytest.mark.parametrize(("scattered", "calls"), [(0.0, 1), (0.5, 2)])
def test_many_scattered_numbers_travel_as_values_and_the_row_behind_them(scattered: float, calls: int) -> None:
    """Where all together is small it is a single write."""
    before = [table(), log(3)]
    state = state_after(make_plan(empty_state(), before, AUTHOR), before)
    plan = make_plan(state, [table(scattered), log(4)], AUTHOR)
    assert len(plan.batches) == calls
    if calls == 2:
        assert [bool(step.values) for step in plan.batches[0]] == [True]
        assert {step.block for step in plan.batches[1]} == {"log"}
    assert any("insertDimension" in request for request in requests_of(plan, calls - 1))


def test_old_rows_go_together_and_not_one_with_each_that_comes() -> None:
    """Of 200 listed, the rows past them stay until there are more than 20."""
    state = state_after(make_plan(empty_state(), [log(199)], AUTHOR), [log(199)])
    block = state.blocks["log"]
    assert len(grown(log(210), block).keys) == 211
    full = state_after(make_plan(empty_state(), [log(219, grows=220)], AUTHOR), [log(219, grows=220)]).blocks["log"]
    assert len(grown(log(219), full).keys) == 220
    assert grown(log(220), full).keys == tuple(str(each) for each in range(220, 20, -1))
    assert grown(log(220), None).keys == tuple(str(each) for each in range(220, 20, -1))


def ten_tabs(draw: Random) -> list[Tab]:
    """Tabs of 50 rows by 12 columns: a name, and numbers."""
    columns = (Column("name", "Name"), *(Column(f"c{at}", f"Column {at}") for at in range(11)))
    header = tuple(Text(column.title) for column in columns)
    return [
        Tab(f"t{number}", f"Tab{number}", columns, (header, *(_campaign(row, draw) for row in range(50))), 0)
        for number in range(10)
    ]


def _campaign(row: int, draw: Random) -> tuple[Cell, ...]:
    return (Text(f"campaign {row}"), *(Number(round(draw.uniform(1, 9_000), 2)) for _ in range(11)))


def changed(tabs: Sequence[Tab], draw: Random) -> list[Tab]:
    """The tabs with 30 numbers each changed, one cell in twenty, wherever they stand."""
    others = []
    for tab in tabs:
        rows = [list(row) for row in tab.rows]
        for place in draw.sample(range(550), 30):
            rows[1 + place // 11][1 + place % 11] = Number(round(draw.uniform(1, 9_000), 2))
        others.append(replace(tab, rows=tuple(map(tuple, rows))))
    return others


def entries(count: int) -> Iterable[SheetEntry]:
    """The newest first."""
    return (SheetEntry(MOMENT + timedelta(days=number), 300 + number) for number in reversed(range(count)))


def test_a_changed_sync_with_its_log_takes_three_requests_and_20_kb(sheets: LocalSheets) -> None:
    """At the wire, ten tabs of 50 by 12: all at first, nothing unchanged, then 5 % of the cells each time."""
    client, book, draw = open_client(env(sheets), patient()), sheets.create("Marketing"), Random(5)
    tabs = ten_tabs(draw)

    def synced(tabs: Sequence[Tab], logged: int) -> tuple[int, int]:
        def drafted(attempt: int, slips: Any) -> Draft:
            state = read_state(client.spreadsheet(book))
            ours = [block.sheet_id for block in state.blocks.values()]
            state = with_cells(state, client.cells(book, ours)) if ours else state
            log = sync_log_tab(settings(), entries(logged))
            return Draft(state, make_plan(state, tabs, AUTHOR, attempt, slips, lambda *_all: log))

        sheets.backend.log.clear()
        write_until_right(client, book, drafted)
        return len(sheets.requests), sum(call.received for call in sheets.requests)

    assert synced(tabs, 1)[0] <= 3
    assert (synced(tabs, 1)[0], client.writes) == (2, 1)
    for number in range(2, 5):
        tabs = changed(tabs, draw)
        requests, size = synced(tabs, number)
        assert requests == 3
        assert size <= 20_000
    client.close()


def waiting_log(newest: int) -> Tab:
    """A row for each number, the newest at the end, where three rows stand ready."""
    on_top = log(newest)
    rows = (*on_top.rows[:3], *on_top.rows[:2:-1])
    return replace(on_top, rows=rows, keys=on_top.keys[::-1], waits=3)


def first_column(team: Team) -> list[str]:
    sheet = team.sheet("log")
    assert sheet is not None
    return [text_in(sheet.cells.get((row, 0), {})) for row in range(3, 12)]


def test_an_entry_takes_the_row_that_stands_ready_and_more_are_made_together() -> None:
    """One write a sync; the rows that come are inserted once none is left, or where the write inserts anyway."""
    team = Team()
    team.sync([waiting_log(0)])
    assert first_column(team) == ["at 0", "⋯", "⋯", "⋯", *[""] * 5]
    for newest in (1, 2, 3):
        plan = make_plan(team.read(), [table(), waiting_log(newest)], AUTHOR)
        assert not any("insertDimension" in request for request in requests_of(plan) if newest == 1)
        team.sync([waiting_log(newest)])
    assert first_column(team) == [*(f"at {number}" for number in range(4)), *[""] * 5]
    team.sync([waiting_log(4)])
    assert first_column(team) == [*(f"at {number}" for number in range(5)), "⋯", "⋯", "⋯", ""]


DEEDS = st.tuples(
    st.sampled_from(("type", "type", "insert", "delete", "sort", "keys", "copy")), st.integers(0, 9), st.integers(0, 4)
)


def requests_for(deed: str, at: int, to: int, sheet: Sheet, mark: str) -> list[Json]:
    """What a person does to a log: types below its header wherever no entry stands, moves rows, sorts what is seen."""
    row = 3 + at
    where = {"sheetId": sheet.sheet_id, "dimension": "ROWS", "startIndex": row, "endIndex": row + 1}
    if deed == "type":
        entry = text_in(sheet.cells.get((row, 0), {})).startswith("at ")
        taken = "m" in text_in(sheet.cells.get((row, to), {})) or (entry and to < 2)
        hidden = sheet.columns.get(to, {}).get("hiddenByUser")
        start = {"sheetId": sheet.sheet_id, "rowIndex": row, "columnIndex": to}
        cells = [{"values": [{"userEnteredValue": {"stringValue": mark}}]}]
        typed = {"updateCells": {"start": start, "rows": cells, "fields": "userEnteredValue"}}
        return [] if taken or hidden else [typed]
    if deed == "sort":
        area = {"sheetId": sheet.sheet_id, "startRowIndex": 3, "startColumnIndex": 0, "endColumnIndex": 2}
        order = "DESCENDING" if to % 2 else "ASCENDING"
        return [{"sortRange": {"range": area, "sortSpecs": [{"dimensionIndex": 0, "sortOrder": order}]}}]
    if deed == "copy":
        rows = [{"sheetId": sheet.sheet_id, "startRowIndex": top, "endRowIndex": top + 1} for top in (row, row + 1)]
        free = not any("m" in text_in(cell) for (there, _at), cell in sheet.cells.items() if there in {row, row + 1})
        waits = text_in(sheet.cells.get((row, 0), {})) == "⋯"
        copied = {"copyPaste": {"source": rows[0], "destination": rows[1], "pasteType": "PASTE_NORMAL"}}
        after = text_in(sheet.cells.get((row + 1, 0), {}))
        return [copied] if free and waits and not after.startswith("at ") else []
    if deed == "keys":
        hidden_ones = [column for column, look in sheet.columns.items() if look.get("hiddenByUser")]
        return [
            {"deleteDimension": {"range": {**where, "dimension": "COLUMNS", "startIndex": at, "endIndex": at + 1}}}
            for at in hidden_ones
        ]
    theirs = any("m" in text_in(cell) for (there, _at), cell in sheet.cells.items() if there == row)
    if deed == "delete":
        return [] if theirs else [{"deleteDimension": {"range": where}}]
    return [{"insertDimension": {"range": where}}]


@long.examples("histories of a log", 20, 1_000, deadline=None)
@given(st.lists(st.lists(DEEDS, max_size=5), min_size=1, max_size=6))
def test_whatever_people_do_to_a_log_each_entry_stands_once_and_their_words_stay(rounds: list[list[Any]]) -> None:
    """Typed into waiting rows or beside, rows inserted, deleted, copied, sorted, the keys deleted: then a sync.

    Not promised: that an entry is known whose key was deleted after what people see was sorted apart from it.
    """
    team, words = Team(), 0
    team.sync([waiting_log(0)])
    for number, deeds in enumerate(rounds, start=1):
        for deed, at, to in deeds:
            if deed == "delete" and "sort" in {each for each, _at, _to in deeds}:
                continue
            sheet = team.sheet("log")
            assert sheet is not None
            words += 1
            if requests := requests_for(deed, at, to, sheet, f"m{words};"):
                team.apply(*requests)
        before = texts_of(team, "m")
        team.sync([waiting_log(number)])
        assert texts_of(team, "m") == before
        assert texts_of(team, "at ") == sorted(f"at {each}" for each in range(number + 1))
        assert texts_of(team, "did ") == sorted(f"did {each}" for each in range(number + 1))


def texts_of(team: Team, begins: str) -> list[str]:
    """The texts of the log that begin so."""
    sheet = team.sheet("log")
    assert sheet is not None
    return sorted(text for cell in sheet.cells.values() if (text := text_in(cell)).startswith(begins))
