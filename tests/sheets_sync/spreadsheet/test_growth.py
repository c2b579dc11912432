"""A tab that grows at its top: its rows are inserted and never written over a row that is there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from sheet_side import empty_state, state_after

from sheets_sync.spreadsheet.drawing import Author
from sheets_sync.spreadsheet.growth import grown
from sheets_sync.spreadsheet.plan import Plan, make_plan
from sheets_sync.tabs.cells import Number, Text
from sheets_sync.tabs.tab import Column, Tab

AUTHOR = Author("en")
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
