"""Wanted tabs against the spreadsheet as read: what is sent, and above all what is not."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sheet_side import KPIS, VALUES, empty_state, material, requests_text, state_after

from kpi_core.formats.notices import notice_text
from sheets_sync.spreadsheet import batches
from sheets_sync.spreadsheet.arrangement import is_bare
from sheets_sync.spreadsheet.drawing import Author
from sheets_sync.spreadsheet.metadata import chosen_id
from sheets_sync.spreadsheet.plan import Plan, make_plan
from sheets_sync.spreadsheet.state import COLUMN_KEY, with_cells
from sheets_sync.tabs.build import build_tabs
from sheets_sync.tabs.cells import Cell, Day, Formula, Number, Text, entered, same_value
from sheets_sync.tabs.number_formats import money_format
from sheets_sync.tabs.overview import overview_tab
from sheets_sync.tabs.tab import Area, Chart, Column, Shade, Tab

from golden import matches_golden

AUTHOR = Author("en")
Json = dict[str, Any]


TYPED_IN = (Column("kpi", "KPI", people=True), Column("target", "Target", people=True), Column("status", "Status"))


def small_tab(value: float = 41268.37, rows: int = 2, width: int = 3, **changes: object) -> Tab:
    """KPI, value, change; one row a KPI."""
    columns = (Column("kpi", "KPI", width=200), *(Column(f"c{n}", f"Column {n}", "About it.") for n in range(1, width)))
    money = money_format("KRW", "en")
    body = [
        (Text(f"KPI {number}"), *(Number(value + number, money) for _ in range(1, width))) for number in range(rows)
    ]
    plain = {
        "block": "overview",
        "title": "Overview",
        "columns": columns,
        "rows": (tuple(Text(column.title) for column in columns), *body),
        "header": 0,
        "charts": (Chart("card_0", "scorecard", "KPI 0", Area(1, 1, 2, 2), None, 1, width + 1),),
        "shades": (Shade((Area(1, 2, None, 3),), "met", "good"),),
    }
    return Tab(**(plain | changes))  # type: ignore[arg-type]


def kinds(plan: Plan) -> list[str]:
    return [kind for batch in plan.batches for step in batch for request in step.requests for kind in request]


def sent(plan: Plan, kind: str) -> list[Json]:
    return [request[kind] for batch in plan.batches for step in batch for request in step.requests if kind in request]


def written(plan: Plan) -> set[tuple[int, int, int]]:
    """Sheet, row and column of each cell that a plan writes, in either form."""
    places = {
        (request["start"]["sheetId"], request["start"]["rowIndex"] + row, request["start"]["columnIndex"] + column)
        for request in sent(plan, "updateCells")
        for row, cells in enumerate(request["rows"])
        for column, _cell in enumerate(cells["values"])
    }
    ranges = [step.values for batch in plan.batches for step in batch if step.values]
    return places | {
        (each["dataFilter"]["gridRange"]["sheetId"], row, column)
        for each in ranges
        for row, values in enumerate(each["values"])
        for column, value in enumerate(values)
        if value is not None
    }


def test_the_first_sync_of_a_small_table() -> None:
    """Tab, cells, looks, protection, chart and metadata: one batch that a reviewer can read."""
    plan = make_plan(empty_state(), [small_tab()], AUTHOR)
    assert len(plan.batches) == 1
    matches_golden("sheets/first-sync.jsonl", requests_text(plan))


def test_nothing_changed_means_no_request() -> None:
    """A second sync with the same data has nothing to send, for every tab there is."""
    tabs = build_tabs(["overview", "goals", "trends", "channels", "regions", "funnel", "dictionary"], material())
    state = state_after(make_plan(empty_state(), tabs, AUTHOR), tabs)
    again = make_plan(state, tabs, AUTHOR)
    assert again.batches == ()
    assert again.cells_changed == 0


def test_only_the_changed_run_travels() -> None:
    """One KPI with a new value and a new change sends these cells and nothing else."""
    before = [overview_tab(material())]
    state = state_after(make_plan(empty_state(), before, AUTHOR), before)
    moved = VALUES | {"cac": (42000.0, 39110.0, 42500.0)}
    plan = make_plan(state, [overview_tab(material(values=moved))], AUTHOR)
    row = next(number for number, cells in enumerate(before[0].rows) if cells[0] == Text("Customer acquisition cost"))
    assert {place for _sheet, place, _column in written(plan)} == {row}
    assert len(written(plan)) == plan.cells_changed == 5
    assert kinds(plan) == []


def test_a_title_that_people_use_is_left_to_them() -> None:
    """Where a person has a tab Overview, ours gets another title, and theirs is in no request."""
    plan = make_plan(empty_state("overview", "Overview (KPI Bot)"), [small_tab()], AUTHOR)
    assert sent(plan, "addSheet")[0]["properties"]["title"] == "Overview (KPI Bot 2)"


def test_a_taken_id_gives_way_to_the_next() -> None:
    """A person's tab that has our id by chance keeps it."""
    usual = chosen_id("overview/0", set())
    assert chosen_id("overview/0", {usual}) == usual + 1
    state = replace(empty_state(), sheet_ids=frozenset({0, usual}))
    plan = make_plan(state, [small_tab()], AUTHOR)
    assert sent(plan, "addSheet")[0]["properties"]["sheetId"] == usual + 1


def test_a_repeated_batch_can_only_fail() -> None:
    """Every id of a first sync is chosen by us and the same on each attempt to send it."""
    first, second = (requests_text(make_plan(empty_state(), [small_tab()], AUTHOR)) for _ in range(2))
    assert first == second
    for kind, path in (
        ("addSheet", ("properties", "sheetId")),
        ("addChart", ("chart", "chartId")),
        ("addProtectedRange", ("protectedRange", "protectedRangeId")),
        ("createDeveloperMetadata", ("developerMetadata", "metadataId")),
    ):
        for request in sent(make_plan(empty_state(), [small_tab()], AUTHOR), kind):
            outer, inner = path
            assert request[outer][inner] > 0


def test_a_note_beside_the_block_is_moved_aside_and_not_overwritten() -> None:
    """Where the table grows over a person's cell, a column is inserted first; a mark forbids doing it twice."""
    before = [small_tab()]
    theirs = {"overview": {(1, 4): "look at this"}}
    state = state_after(make_plan(empty_state(), before, AUTHOR), before, theirs)
    plan = make_plan(state, [small_tab(width=4)], AUTHOR)
    inserted = sent(plan, "insertDimension")[0]["range"]
    assert (inserted["dimension"], inserted["startIndex"], inserted["endIndex"]) == ("COLUMNS", 3, 4)
    assert kinds(plan).index("createDeveloperMetadata") < kinds(plan).index("insertDimension")
    assert kinds(plan).index("insertDimension") < kinds(plan).index("updateCells")


def test_a_note_below_the_block_is_moved_down() -> None:
    """When the table gets a row where a person wrote, rows are inserted first."""
    before = [small_tab()]
    state = state_after(make_plan(empty_state(), before, AUTHOR), before, {"overview": {(3, 0): "see also"}})
    inserted = sent(make_plan(state, [small_tab(rows=4)], AUTHOR), "insertDimension")[0]["range"]
    assert (inserted["dimension"], inserted["startIndex"], inserted["endIndex"]) == ("ROWS", 3, 5)


def test_a_new_row_is_inserted_behind_the_one_that_it_follows() -> None:
    """Even where nothing lies below: somebody may write there before the batch arrives."""
    before = [small_tab()]
    state = state_after(make_plan(empty_state(), before, AUTHOR), before)
    plan = make_plan(state, [small_tab(rows=4)], AUTHOR)
    (inserted,) = sent(plan, "insertDimension")
    assert (inserted["range"]["startIndex"], inserted["range"]["endIndex"]) == (3, 5)
    assert plan.cells_changed == 2 * (3 + 1)


def test_a_row_that_is_wanted_no_more_goes_unless_people_wrote_beside_it() -> None:
    """It is deleted as a whole; where a person's note stands beside it, it keeps its name and loses its numbers."""
    before = [small_tab(rows=3)]
    first = make_plan(empty_state(), before, AUTHOR)
    (deleted,) = sent(make_plan(state_after(first, before), [small_tab()], AUTHOR), "deleteDimension")
    assert (deleted["range"]["dimension"], deleted["range"]["startIndex"]) == ("ROWS", 3)
    noted = state_after(first, before, {"overview": {(3, 5): "keep"}})
    plan = make_plan(noted, [small_tab()], AUTHOR)
    assert sent(plan, "deleteDimension") == []
    (request,) = sent(plan, "updateCells")
    assert request["start"] == {"sheetId": noted.blocks["overview"].sheet_id, "rowIndex": 3, "columnIndex": 1}
    assert request["rows"] == [{"values": [{}, {}]}]


def test_a_row_at_which_people_left_a_remark_stays() -> None:
    """A note at a cell beside it is people's, too, though no cell holds anything; one at our own cell goes with it."""
    before = [small_tab(rows=3)]
    state = state_after(make_plan(empty_state(), before, AUTHOR), before)
    for column, stays in ((5, True), (1, False)):
        block = replace(state.blocks["overview"], notes={(3, column): "ask Mina"})
        plan = make_plan(replace(state, blocks={"overview": block}), [small_tab()], AUTHOR)
        assert ("deleteDimension" not in kinds(plan)) == stays


def test_a_column_that_is_wanted_no_more_goes_unless_people_wrote_into_it() -> None:
    """It is deleted as a whole; where a person wrote below our rows, it stays and loses our numbers alone."""
    before = [small_tab(width=4)]
    first = make_plan(empty_state(), before, AUTHOR)
    (deleted,) = sent(make_plan(state_after(first, before), [small_tab()], AUTHOR), "deleteDimension")
    assert (deleted["range"]["dimension"], deleted["range"]["startIndex"]) == ("COLUMNS", 3)
    plan = make_plan(state_after(first, before, {"overview": {(6, 3): "keep"}}), [small_tab()], AUTHOR)
    assert "deleteDimension" not in kinds(plan)
    assert (6, 3) not in {(row, column) for _sheet, row, column in written(plan)}


def test_a_row_that_people_typed_is_never_deleted() -> None:
    """Where people type, a row that we want no more stays with what they typed, and loses our own cells alone."""
    shape = {"columns": TYPED_IN, "charts": (), "shades": ()}
    before = [small_tab(rows=3, **shape)]
    state = state_after(make_plan(empty_state(), before, AUTHOR), before)
    plan = make_plan(state, [small_tab(**shape)], AUTHOR)
    assert "deleteDimension" not in kinds(plan)
    assert {(row, column) for _sheet, row, column in written(plan) if column < 3} == {(3, 2)}


def test_a_note_of_a_persons_is_neither_written_upon_nor_removed() -> None:
    """The bot's own notes are put, changed and taken away; where a person left one, nothing is said."""
    shape = {"columns": TYPED_IN, "charts": (), "shades": ()}
    asks = small_tab(remarks={("=KPI 0", "target"): "No number."}, **shape)
    state = state_after(make_plan(empty_state(), [asks], AUTHOR), [asks])
    ours, theirs = "KPI Bot: No number.", "ask Mina"

    def notes(tab: Tab, **left: str) -> list[tuple[int, str]]:
        places = {(1, 1): left.get("at", ""), (2, 1): left.get("below", "")}
        block = replace(state.blocks["overview"], notes={place: text for place, text in places.items() if text})
        requests = sent(make_plan(replace(state, blocks={"overview": block}), [tab], AUTHOR), "updateCells")
        cells = [
            (each["start"]["rowIndex"], each["rows"][0]["values"][0]) for each in requests if each["fields"] == "note"
        ]
        return [(row, cell.get("note", "")) for row, cell in cells]

    quiet = small_tab(**shape)
    assert notes(asks) == [(1, ours)]
    assert notes(asks, at="KPI Bot: Old.", below="KPI Bot: Old.") == [(1, ours), (2, "")]
    assert notes(asks, at=theirs, below=theirs) == []
    assert notes(quiet, at=theirs, below=theirs) == []


def test_cells_that_people_joined_are_taken_apart_only_over_ours() -> None:
    """A merge that hides no cell of ours is people's own business."""
    before = [small_tab()]
    state = state_after(make_plan(empty_state(), before, AUTHOR), before)
    number = state.blocks["overview"].sheet_id

    def taken_apart(top: int, left: int, bottom: int, right: int) -> bool:
        area = {"startRowIndex": top, "startColumnIndex": left, "endRowIndex": bottom, "endColumnIndex": right}
        block = replace(state.blocks["overview"], merges=({"sheetId": number, **area},))
        return kinds(make_plan(replace(state, blocks={"overview": block}), [small_tab()], AUTHOR)) == ["unmergeCells"]

    assert taken_apart(1, 0, 2, 2)
    assert taken_apart(1, 1, 3, 2)
    assert not taken_apart(5, 0, 8, 2)
    assert not taken_apart(1, 5, 3, 7)


def test_a_rule_that_people_copied_elsewhere_is_theirs() -> None:
    """When our conditional formats change, the old ones go, and a copy of one below or beside our cells stays."""
    before = [small_tab()]
    state = state_after(make_plan(empty_state(), before, AUTHOR), before)
    (ours,) = state.blocks["overview"].rules
    changed = small_tab(shades=(Shade((Area(1, 2, None, 3),), "missed", "bad"),))
    for area in ({"startRowIndex": 40}, {"startColumnIndex": 12}):
        copy = {**ours, "ranges": [{"sheetId": state.blocks["overview"].sheet_id, **area}]}
        block = replace(state.blocks["overview"], rules=(copy, ours))
        plan = make_plan(replace(state, blocks={"overview": block}), [changed], AUTHOR)
        assert [each["index"] for each in sent(plan, "deleteConditionalFormatRule")] == [1]


def test_a_name_that_people_gave_to_a_range_of_theirs_stays_theirs() -> None:
    """A name of ours comes back where it is gone, and moves to a tab made anew; one of people's is in no request."""
    tab = small_tab(names={"cac": Area(1, 1, 2, 2)})
    state = state_after(make_plan(empty_state(), [tab], AUTHOR), [tab])
    (own, sheet) = state.named["cac"]
    for there, kind in (({}, ["addNamedRange"]), ({"cac": (own, sheet + 1)}, ["updateNamedRange"]),
                        ({"cac": ("theirs", sheet + 1)}, []), ({"cac": (own, sheet)}, [])):  # fmt: skip
        assert kinds(make_plan(replace(state, named=there), [tab], AUTHOR)) == kind


def test_words_typed_over_a_number_give_way_to_it() -> None:
    """What we would write is written; where we have no number to write, the words are nobody's fault and stay."""
    for value, writes in ((41268.37, True), (None, False)):
        rows = (*small_tab().rows[:2], (Text("KPI 1"), Number(value, money_format("KRW", "en")), None))
        before = [replace(small_tab(), rows=rows)]
        theirs = {"overview": {(2, 1): "about as much"}}
        state = state_after(make_plan(empty_state(), before, AUTHOR), before, theirs)
        places = written(make_plan(state, before, AUTHOR))
        assert [(row, column) for _sheet, row, column in places] == ([(2, 1)] if writes else [])


def test_what_people_write_beside_a_heading_is_in_no_request() -> None:
    """Titles, headings and room for charts have one cell of ours and no more, in every tab, whatever else changes."""
    blocks = ["overview", "trends", "channels", "regions", "funnel", "dictionary"]
    before = build_tabs(blocks, material())
    theirs = {
        tab.block: {
            (row, column): f"mine {row} {column}"
            for row, (key, cells) in enumerate(zip(tab.row_keys, tab.rows, strict=True))
            for column, cell in enumerate(cells)
            if is_bare(key) and column and cell is None
        }
        for tab in before
    }
    assert sum(map(len, theirs.values())) > 20
    state = state_after(make_plan(empty_state(), before, AUTHOR), before, theirs)
    assert make_plan(state, before, AUTHOR).cells_changed == 0
    moved = VALUES | {"cac": (42000.0, 39110.0, 42500.0)}
    plan = make_plan(state, build_tabs(blocks, material(values=moved)), AUTHOR)
    ids = {block.sheet_id: name for name, block in state.blocks.items()}
    places = {(ids[sheet], row, column) for sheet, row, column in written(plan)}
    assert places
    assert places & {(name, *place) for name, mine in theirs.items() for place in mine} == set()


def test_a_tab_has_one_mark_of_inserted_rows() -> None:
    """The next insertion takes the mark of the one before away, under an id that is not taken."""
    before = [small_tab()]
    state = state_after(make_plan(empty_state(), before, AUTHOR), before)
    block = replace(state.blocks["overview"], grown=(77,))
    state = replace(state, blocks={"overview": block}, metadata_ids=state.metadata_ids | {77})
    plan = make_plan(state, [small_tab(rows=4)], AUTHOR)
    lookups = [
        request["dataFilter"]["developerMetadataLookup"]["metadataId"]
        for request in sent(plan, "deleteDeveloperMetadata")
    ]
    made = [request["developerMetadata"] for request in sent(plan, "createDeveloperMetadata")]
    marks = [each["metadataId"] for each in made if each["metadataKey"] == "kpibot.grown"]
    assert lookups == [77]
    assert len(marks) == 1
    assert 77 not in marks


def test_what_an_add_on_notes_at_a_column_is_no_mark_of_ours() -> None:
    """Other tools keep developer metadata, too: theirs tells nothing of our columns, and is never removed."""
    mark, foreign = {"metadataKey": COLUMN_KEY, "metadataValue": "kpi\nKPI", "metadataId": 5}, {"metadataKey": "other"}
    foreign |= {"metadataValue": "c1\nColumn 1", "metadataId": 6}
    tabs = [small_tab()]
    state = state_after(make_plan(empty_state(), tabs, AUTHOR), tabs)
    number = state.blocks["overview"].sheet_id
    columns = [{"developerMetadata": [foreign, mark]}, {"developerMetadata": [foreign]}]
    data = [{"rowData": [], "columnMetadata": columns}]
    read = with_cells(state, {"sheets": [{"properties": {"sheetId": number}, "data": data}]}).blocks["overview"]
    assert (read.columns, read.column_ids) == ({0: "kpi\nKPI"}, {0: (5,)})


def test_a_chart_that_a_person_took_away_stays_away() -> None:
    """A deleted chart is not made again, even when its numbers move to another row."""
    before = [small_tab()]
    state = state_after(make_plan(empty_state(), before, AUTHOR), before)
    block = replace(state.blocks["overview"], charts=frozenset())
    state = replace(state, blocks={"overview": block}, chart_ids=frozenset())
    moved = replace(before[0].charts[0], values=Area(2, 1, 3, 2))
    plan = make_plan(state, [small_tab(charts=(moved,))], AUTHOR)
    assert not {"addChart", "updateChartSpec"} & set(kinds(plan))


def test_a_chart_whose_numbers_moved_is_redrawn_in_place() -> None:
    """The spec is replaced under the same id, so a chart that people moved stays where they put it."""
    before = [small_tab()]
    state = state_after(make_plan(empty_state(), before, AUTHOR), before)
    moved = replace(before[0].charts[0], values=Area(2, 1, 3, 2))
    plan = make_plan(state, [small_tab(charts=(moved,))], AUTHOR)
    assert [kind for kind in kinds(plan) if "Chart" in kind] == ["updateChartSpec"]


def test_a_deleted_tab_is_made_again_and_told() -> None:
    """The spreadsheet remembers which tabs were made."""
    before = [small_tab()]
    state = state_after(make_plan(empty_state(), before, AUTHOR), before)
    plan = make_plan(replace(state, blocks={}), before, AUTHOR)
    assert "addSheet" in kinds(plan)
    assert [notice_text(notice, "en") for notice in plan.warnings] == [
        "The tab Overview was deleted; it has been made again."
    ]


def test_restyling_by_people_survives_new_numbers() -> None:
    """No format is sent when only values change, so bold, colours and widths stay as people made them."""
    before = [small_tab()]
    state = state_after(make_plan(empty_state(), before, AUTHOR), before)
    plan = make_plan(state, [small_tab(value=5.0)], AUTHOR)
    assert kinds(plan) == []
    assert len(written(plan)) == plan.cells_changed == 4


@given(st.floats(allow_nan=False, allow_infinity=False) | st.integers(-9, 9).map(float), st.sets(st.integers(0, 399)))
def test_scattered_numbers_travel_as_values_and_nothing_else_is_touched(number: float, moved: set[int]) -> None:
    """Whatever cells change, these and no others are written, with the very number, in at most 70 bytes each."""
    before = small_tab(rows=40, width=11)
    state = state_after(make_plan(empty_state(), [before], AUTHOR), [before])
    rows = [list(line) for line in before.rows]
    for place in moved:
        rows[1 + place // 10][1 + place % 10] = Number(number)
    plan = make_plan(state, [replace(before, rows=tuple(map(tuple, rows)))], AUTHOR)
    ranges = [step.values for batch in plan.batches for step in batch if step.values]
    places = {(1 + place // 10, 1 + place % 10) for place in moved}
    assert {(row, column) for _sheet, row, column in written(plan)} == places
    if kinds(plan) == [] and moved:
        values = {each["values"][row][column] for each in ranges for row, column in places}
        assert values == {number}
    size = sum(len(json.dumps(each, separators=(",", ":"))) for each in ranges)
    assert kinds(plan) == [] if len(moved) > 1 else len(kinds(plan)) <= 1
    assert size <= 250 + 3 * 41 + 70 * len(moved)


def test_another_line_above_the_table_travels_as_a_value() -> None:
    """The day that it names is another each day: what a row is called is remembered with what else changes."""
    plain = small_tab()
    before = replace(plain, header=1, rows=((Text("through 22 November"), None, None), *plain.rows), charts=())
    state = state_after(make_plan(empty_state(), [before], AUTHOR), [before])
    after = replace(before, rows=((Text("through 23 November"), None, None), *before.rows[1:]))
    ((step,),) = make_plan(state, [after], AUTHOR).batches
    assert step.requests == ()
    assert step.values is not None


def test_large_plans_are_cut_below_googles_size(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each batch stays below the limit and nothing is lost between them."""
    monkeypatch.setattr(batches, "LARGEST_BATCH", 2000)
    whole = make_plan(empty_state(), [overview_tab(material())], AUTHOR)
    assert len(whole.batches) > 1
    for batch in whole.batches:
        size = sum(len(json.dumps(step.requests, separators=(",", ":"))) for step in batch)
        assert size <= 2000 or len(batch) == 1
    monkeypatch.undo()
    assert requests_text(whole) == requests_text(make_plan(empty_state(), [overview_tab(material())], AUTHOR))


CELLS: st.SearchStrategy[Cell] = st.one_of(
    st.none(),
    st.text(max_size=5).map(Text),
    st.floats().map(Number),
    st.dates().map(Day),
    st.just(Formula("=SPARKLINE({0;1})")),
)


@given(CELLS)
def test_every_cell_is_valid_json_and_equals_itself_when_read_back(cell: Cell) -> None:
    """NaN and infinity are empty cells; what was sent is recognised when it is read."""
    sent_value = entered(cell)
    assert json.loads(json.dumps(sent_value, allow_nan=False)) == sent_value
    assert same_value(cell, sent_value)


@given(st.text(max_size=40))
def test_text_from_data_is_never_a_formula(text: str) -> None:
    """Whatever a campaign is called, it travels as text."""
    assert set(entered(Text(text))) <= {"stringValue"}


def test_numbers_that_are_none_are_empty_cells() -> None:
    """NaN, infinity and no data leave the cell empty, never 0."""
    assert [entered(Number(value)) for value in (math.nan, math.inf, -math.inf, None)] == [{}] * 4


def test_a_new_kpi_brings_its_looks_along() -> None:
    """With a KPI more, rows move: formats, headings and scorecards are sent again, in the same batch as the cells."""
    before = [overview_tab(material(kpis=KPIS[:2]))]
    state = state_after(make_plan(empty_state(), before, AUTHOR), before)
    plan = make_plan(state, [overview_tab(material(kpis=KPIS[:3]))], AUTHOR)
    assert len(plan.batches) == 1
    assert {"updateCells", "repeatCell", "addChart", "updateDeveloperMetadata"} <= set(kinds(plan))
