"""Any batch is carried out whole or not at all, and nothing leaves the grid."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheets_sync.sandbox.api_errors import ApiError
from sheets_sync.sandbox.batch import apply_batch
from sheets_sync.sandbox.contents.spreadsheet_json import spreadsheet_json
from sheets_sync.sandbox.document.spreadsheet import Spreadsheet
from sheets_sync.sandbox.drive_files import File, Files, utc_now
from sheets_sync.sandbox.person import Person

Json = dict[str, Any]


def small(files: Files) -> File:
    """A spreadsheet of 30 by 30 cells, so that whole states are quickly compared."""
    file = files.create({})
    file.spreadsheet.sheets[0].resize(rows=-970, columns=4)
    return file


def everything(state: Spreadsheet) -> Json:
    return spreadsheet_json(state, utc_now(), grid_data=True)


rows = st.integers(0, 11)

runs = st.tuples(rows, rows, st.sampled_from(["ROWS", "COLUMNS"])).map(
    lambda run: {"sheetId": 0, "dimension": run[2], "startIndex": min(run[:2]), "endIndex": max(run[:2]) + 1}
)

ranges = st.tuples(rows, rows, rows, rows).map(
    lambda side: {
        "sheetId": 0,
        "startRowIndex": min(side[:2]),
        "endRowIndex": max(side[:2]) + 1,
        "startColumnIndex": min(side[2:]),
        "endColumnIndex": max(side[2:]) + 1,
    }
)

requests_ = st.one_of(
    st.builds(lambda run: {"insertDimension": {"range": run}}, runs),
    st.builds(lambda run: {"deleteDimension": {"range": run}}, runs),
    st.builds(lambda run, to: {"moveDimension": {"source": run, "destinationIndex": to}}, runs, rows),
    st.builds(lambda area: {"addNamedRange": {"namedRange": {"name": "block", "range": area}}}, ranges),
    st.builds(lambda area: {"addProtectedRange": {"protectedRange": {"range": area}}}, ranges),
    st.builds(lambda area: {"mergeCells": {"range": area, "mergeType": "MERGE_ALL"}}, ranges),
    st.builds(lambda area: {"sortRange": {"range": area, "sortSpecs": [{"dimensionIndex": 0}]}}, ranges),
    st.builds(lambda area: {"deleteRange": {"range": area, "shiftDimension": "ROWS"}}, ranges),
    st.builds(lambda area: {"insertRange": {"range": area, "shiftDimension": "COLUMNS"}}, ranges),
    st.builds(lambda source, to: {"copyPaste": {"source": source, "destination": to}}, ranges, ranges),
    st.builds(lambda title: {"addSheet": {"properties": {"title": title}}}, st.sampled_from(["A", "B", "Sheet1"])),
    st.builds(lambda sheet_id: {"deleteSheet": {"sheetId": sheet_id}}, st.integers(0, 1)),
    st.just({"duplicateSheet": {"sourceSheetId": 0}}),
)

texts = st.sampled_from(["", "1", "12%", "=A1", "=SUM(A1:B3)", "={block}", "x", "'=1", "2026-11-23", "=Sheet1!B2*2"])

edits = st.one_of(st.tuples(st.just("edit"), st.sampled_from(["A1", "B2", "C3", "A5"]), texts), requests_)


@given(st.lists(requests_, min_size=1, max_size=8), st.integers(0, 8))
def test_a_batch_with_a_bad_request_anywhere_changes_nothing(batch: list[Json], place: int) -> None:
    """Wherever the bad request stands, the state after the refusal is the state before."""
    files = Files()
    file = small(files)
    Person(files).edit(file.file_id, "Sheet1!B2", "=SUM(A1:A9)")
    before = everything(file.spreadsheet)
    batch.insert(min(place, len(batch)), {"deleteNamedRange": {"namedRangeId": "nobody"}})
    with pytest.raises(ApiError):
        apply_batch(file.spreadsheet, batch)
    assert everything(file.spreadsheet) == before


@given(st.lists(requests_, min_size=1, max_size=10))
def test_everything_stays_inside_the_grid(batch: list[Json]) -> None:
    """Whatever is inserted, moved, sorted or deleted, all cells and ranges lie inside their tab's grid."""
    files = Files()
    file = small(files)
    for cell, text in (("A1", "1"), ("B2", "=A1+1"), ("D9", "x"), ("L12", "=SUM(A:A)")):
        Person(files).edit(file.file_id, cell, text)
    state = file.spreadsheet
    for request in batch:
        try:
            state = apply_batch(state, [request])[0]
        except ApiError:
            continue
        for sheet in state.sheets:
            assert all(row < sheet.row_count and column < sheet.column_count for row, column in sheet.cells)
            for guard in sheet.objects["protectedRanges"]:
                area = state.area(guard["range"])
                assert area.top < area.bottom
        for named in state.named_ranges:
            assert state.area(named["range"]).top < state.area(named["range"]).bottom
        everything(state)


@given(st.lists(edits, max_size=12))
def test_undo_brings_everything_back(steps: list[Any]) -> None:
    """After any series of a person's edits, undoing each in turn passes through the same states backwards."""
    files = Files()
    file = small(files)
    person, states = Person(files), []
    for step in steps:
        before = everything(file.spreadsheet)
        try:
            if isinstance(step, tuple):
                person.edit(file.file_id, f"{file.spreadsheet.sheets[0].title}!{step[1]}", step[2])
            else:
                person.batch(file.file_id, [step])
            states.append(before)
        except ApiError:
            assert everything(file.spreadsheet) == before
    for before in reversed(states):
        person.undo(file.file_id)
        assert everything(file.spreadsheet) == before
