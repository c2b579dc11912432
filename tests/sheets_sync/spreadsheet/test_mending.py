"""A write that landed beside its lines: that it did shows, and people's cells get back what they held."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest
from sheet_side import empty_state, state_after

from sheets_sync.spreadsheet.arrangement import laid_out
from sheets_sync.spreadsheet.drawing import Author
from sheets_sync.spreadsheet.mending import Footprint, strays
from sheets_sync.spreadsheet.plan import make_plan
from sheets_sync.spreadsheet.state import Block, State
from sheets_sync.tabs.cells import EnteredValue, Number, Text, entered
from sheets_sync.tabs.tab import Column, Tab

AUTHOR = Author("en")
KPIS = ("CAC", "ROAS", "Revenue")
HEADS = ("KPI", "Value", "Change")


def table(first: float) -> Tab:
    """Three KPIs, a value and a change each."""
    rows = [(Text(kpi), Number(first + n, None), Number(first + n + 50, None)) for n, kpi in enumerate(KPIS)]
    columns = tuple(Column(head.lower(), head) for head in HEADS)
    head = tuple(Text(each) for each in HEADS)
    return Tab("overview", "Overview", columns, (head, *rows), 0, keys=tuple(KPIS))


@pytest.fixture(scope="module")
def read() -> State:
    """The table as it stands in the spreadsheet."""
    before = [table(100)]
    return state_after(make_plan(empty_state(), before, AUTHOR), before)


@pytest.fixture
def slip(read: State) -> Footprint:
    return about_to_write(read)


def about_to_write(read: State) -> Footprint:
    """Other numbers for the table, before anything of them is written."""
    (own,) = make_plan(read, [table(900)], AUTHOR).footprints
    return own


def answer(block: Block, cells: Iterable[Sequence[EnteredValue]]) -> Mapping[int, Any]:
    """What Google shows of a tab."""
    shown = [{"values": [{"userEnteredValue": value} for value in row]} for row in cells]
    return {block.sheet_id: {"data": [{"rowData": shown}]}}


def test_a_write_stands_only_where_each_row_and_column_is_its_own(slip: Footprint) -> None:
    """Rows or columns that changed places meanwhile are seen, each alone; what people add beside them is no matter."""
    cells = [list(row) for row in slip.block.cells]
    assert slip.stands(answer(slip.block, cells))
    assert slip.stands(answer(slip.block, [*cells, [{"stringValue": "ours"}]]))
    assert not slip.stands(answer(slip.block, [cells[0], cells[2], cells[1], cells[3]]))
    assert not slip.stands(answer(slip.block, [[row[0], row[2], row[1], *row[3:]] for row in cells]))
    assert not slip.stands({})


def with_row(block: Block, at: int, row: Sequence[EnteredValue] = ()) -> Block:
    """The tab once a person has inserted a row."""
    cells = [list(each) for each in block.cells]
    cells.insert(at, [*row, *[{}] * (len(cells[0]) - len(row))])
    return replace(block, cells=tuple(cells))


def put_back(slip: Footprint, block: Block) -> dict[tuple[int, int], EnteredValue]:
    """What is put back in a tab that had come to look like `block` when the write landed in it."""
    cells = [list(row) for row in block.cells]
    for (row, column), cell in slip.written.items():
        cells[row][column] = entered(cell)
    block = replace(block, cells=tuple(cells))
    layout, _rows = laid_out(block, table(900))
    return {(row, column): entered(cell) for row, column, cell in strays(slip, block, layout)}


@pytest.mark.parametrize("at", [1, 2, 3])
def test_a_row_that_people_insert_meanwhile_is_emptied_of_our_numbers(slip: Footprint, at: int) -> None:
    """Nothing stood in it, so nothing stands in it afterwards: no number of the KPI whose place it took."""
    assert put_back(slip, with_row(slip.block, at)) == {(at, 1): {}, (at, 2): {}}


@pytest.mark.parametrize("count", [3, 4, 7])
def test_columns_inserted_before_all_of_ours_are_emptied(slip: Footprint, count: int) -> None:
    """However many they are: there was nothing in front of the first column that they could have held."""
    cells = [[*[{}] * count, *row] for row in slip.block.cells]
    marks = {place + count: text for place, text in slip.block.columns.items()}
    ids = {place + count: numbers for place, numbers in slip.block.column_ids.items()}
    moved = replace(slip.block, cells=tuple(cells), columns=marks, column_ids=ids)
    theirs = {place: {} for place in slip.written if place[1] < count}
    assert put_back(slip, moved) == theirs


def test_a_row_of_peoples_that_moved_gets_back_what_it_held(read: State) -> None:
    """A row between the KPIs comes to lie where another was: their words and numbers come back, not ours."""
    theirs: list[EnteredValue] = [{"stringValue": "Plan"}, {"stringValue": "ask finance"}, {"numberValue": 7.0}]
    noted = replace(read, blocks={"overview": with_row(read.blocks["overview"], 2, theirs)})
    slip = about_to_write(noted)
    assert put_back(slip, slip.block) == {}
    assert put_back(slip, with_row(slip.block, 1)) == {(1, 1): {}, (1, 2): {}, (3, 1): theirs[1], (3, 2): theirs[2]}
