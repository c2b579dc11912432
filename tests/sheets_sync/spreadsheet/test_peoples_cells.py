"""The sheet plan alone, on the local Sheets' own batch engine: what people wrote is there afterwards, as it was."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from sheets_sync.sandbox.api.api_call import Call
from sheets_sync.sandbox.api.sheets_calls import get, get_by_data_filter
from sheets_sync.sandbox.batch import apply_batch
from sheets_sync.sandbox.batch.guards import PERSON
from sheets_sync.sandbox.document.spreadsheet import Sheet
from sheets_sync.sandbox.drive_files import Files
from sheets_sync.spreadsheet.drawing import Author
from sheets_sync.spreadsheet.plan import make_plan
from sheets_sync.spreadsheet.state import CELL_FIELDS, STATE_FIELDS, Block, State, read_state, with_cells
from sheets_sync.tabs.cells import KEEP, Cell, Number, NumberFormat, Text
from sheets_sync.tabs.tab import Area, Chart, Column, Shade, Tab

import long

BOT = "bot@project.example"
AUTHOR = Author("en", BOT)
HEADER = 2
TYPED_IN = "typed"
"""The block that people type into: its first two columns are theirs."""
PEOPLE = 2
Json = dict[str, Any]
Place = tuple[int, int]

# What is wanted ------------------------------------------------------------------------------------------------------

MONEY, PERCENT = NumberFormat("CURRENCY", "$#,##0.00"), NumberFormat("PERCENT", "0.0%")
NAMES = tuple(f"KPI {letter}" for letter in "abcdefgh")


def _tab(block: str, columns: Sequence[Column], body: Sequence[Sequence[Cell]], **more: Any) -> Tab:
    above = [[Text("Hanok Goods")], [Text("as of today")], [Text(column.title) for column in columns]]
    full = ((*row, *[None] * (len(columns) - len(row))) for row in [*above, *body])
    return Tab(block, block.title(), tuple(columns), tuple(full), HEADER, **more)


@st.composite
def tables(draw: st.DrawFn, block: str) -> Tab:
    """KPIs with numbers, sometimes under headings, with one number format a column or one a row, cards and shades."""
    names = draw(st.lists(st.sampled_from(NAMES), max_size=6, unique=True))
    width, mixed = draw(st.integers(2, 5)), draw(st.booleans())
    value = draw(st.integers(0, 2))
    formats = [PERCENT if mixed and number % 2 else MONEY for number in range(len(names))]
    body: list[list[Cell]] = [
        [Text(name), *[Number(value + column, formats[row]) for column in range(1, width)]]
        for row, name in enumerate(names)
    ]
    headings = (HEADER + 1,) if body and draw(st.booleans()) else ()
    if headings:
        body.insert(0, [Text("Sales")])
    charts = (Chart("card", "scorecard", "KPI", Area(3, 1, 4, 2), None, 1, width + 1),) if draw(st.booleans()) else ()
    shades = (Shade((Area(HEADER + 1, 1, None, 2),), "0", "bad", "below"),) if draw(st.booleans()) else ()
    columns = [Column(str(number), f"Column {number}", "About it.") for number in range(width)]
    return _tab(block, columns, body, headings=headings, charts=charts, shades=shades)


@st.composite
def typed_tables(draw: st.DrawFn) -> Tab:
    """Two columns of people's, two of the bot's beside them, filled as far as some row."""
    answers = draw(st.lists(st.none() | st.sampled_from(("met", "open")), max_size=5))
    columns = [Column(key, key, people=key in {"kpi", "target"}) for key in ("kpi", "target", "status", "key")]
    body: list[list[Cell]] = [
        [KEEP, KEEP, *([Text(answer), Number(1.0, MONEY)] if answer else [])] for answer in answers
    ]
    return _tab(TYPED_IN, columns, body)


WANTED = st.tuples(
    tables("overview"), st.lists(typed_tables(), max_size=1), st.lists(tables("trends"), max_size=1)
).map(lambda drawn: [drawn[0], *drawn[1], *drawn[2]])

# What people do ------------------------------------------------------------------------------------------------------

OWN_TAB = "Our plan"
RED = {"backgroundColorStyle": {"rgbColor": {"red": 1}}, "textFormat": {"bold": True, "italic": True}}
CONTENTS: Mapping[str, Callable[[str], Json]] = {
    "text": lambda mark: {"userEnteredValue": {"stringValue": f"{mark} ask finance"}},
    "formula": lambda mark: {"userEnteredValue": {"formulaValue": f"=LEN(\"{mark}\")+'{OWN_TAB}'!$B$2"}},
    "styled": lambda mark: {
        "userEnteredValue": {"stringValue": f"{mark} 2026-12-31"},
        "userEnteredFormat": {**RED, "numberFormat": {"type": "DATE", "pattern": "yyyy"}},
        "note": "agreed in June",
    },
}


@dataclass(frozen=True)
class Write:
    """Something in a cell below or beside the bot's, so far along its edge and so far beyond it."""

    tab: str
    side: str
    along: int
    beyond: int
    content: str


@dataclass(frozen=True)
class Shift:
    """A row or column inserted anywhere, or one of people's own deleted, so far beyond the first."""

    tab: str
    kind: str
    dimension: str
    beyond: int

    def request(self, sheet_id: int, block: Block | None) -> Json:
        first = self.beyond + _first_to(self.kind, self.dimension, block)
        place = {"dimension": self.dimension, "startIndex": first, "endIndex": first + 1}
        return {self.kind: {"range": {"sheetId": sheet_id, **place}}}


@dataclass(frozen=True)
class OfTab:
    """Something done to a whole tab."""

    tab: str
    kind: str

    def request(self, sheet: Sheet, tabs: int) -> Json:
        if self.kind == "duplicate":
            return {"duplicateSheet": {"sourceSheetId": sheet.sheet_id, "insertSheetIndex": tabs}}
        changed = {"title": f"{sheet.title}!"} if self.kind == "rename" else {"index": tabs}
        properties = {"sheetId": sheet.sheet_id, **changed}
        return {"updateSheetProperties": {"properties": properties, "fields": ",".join(changed)}}


Act = Write | Shift | OfTab
OF_TAB = ("rename", "move", "duplicate")
TABS = st.sampled_from(("overview", "overview", TYPED_IN, "trends", OWN_TAB))
WRITES = st.builds(
    Write,
    TABS,
    st.sampled_from(("below", "beside")),
    st.integers(0, 9),
    st.integers(0, 2),
    st.sampled_from(sorted(CONTENTS)),
)
SHIFTS = st.builds(
    Shift,
    TABS,
    st.sampled_from(("insertDimension", "deleteDimension")),
    st.sampled_from(("ROWS", "COLUMNS")),
    st.integers(0, 7),
)
ACTS = st.one_of(WRITES, WRITES, WRITES, SHIFTS, SHIFTS, st.builds(OfTab, TABS, st.sampled_from(OF_TAB)))

# A spreadsheet with both in it ---------------------------------------------------------------------------------------

MARK = re.compile(r"m\d+;")
"""Stands in whatever people write, so that each cell is found again."""


@dataclass
class Team:
    """A spreadsheet in which people and the bot work."""

    files: Files = field(default_factory=Files)
    book: str = ""
    marks: int = 0

    def __post_init__(self) -> None:
        self.book = self.files.create({"title": "Marketing"}).file_id
        self.files.share(self.book, BOT)
        self.apply({"updateSheetProperties": {"properties": {"sheetId": 0, "title": OWN_TAB}, "fields": "title"}})

    @property
    def sheets(self) -> list[Sheet]:
        return self.files.file(self.book).spreadsheet.sheets

    def apply(self, *requests: Json, author: str = PERSON) -> None:
        file = self.files.file(self.book)
        file.spreadsheet = apply_batch(file.spreadsheet, requests, author)[0]

    def read(self) -> State:
        """The state as a sync reads it: two calls of the API."""
        path = {"spreadsheet": self.book}
        state = read_state(get(Call(self.files, BOT, path, {"fields": [STATE_FIELDS]}, {})))
        ours = [{"gridRange": {"sheetId": block.sheet_id}} for block in state.blocks.values()]
        fields = {"fields": [CELL_FIELDS]}
        return with_cells(state, get_by_data_filter(Call(self.files, BOT, path, fields, {"dataFilters": ours})))

    def sync(self, tabs: Sequence[Tab]) -> None:
        """Sends what the plan says, as the bot; afterwards nothing is left to send."""
        for batch in make_plan(self.read(), tabs, AUTHOR).batches:
            self.apply(*(step.request for step in batch), author=BOT)
        assert make_plan(self.read(), tabs, AUTHOR).batches == ()

    def peoples(self) -> dict[tuple[int, str], list[Json]]:
        """Every cell that holds something of people's: by its tab and mark, byte for byte."""
        cells: dict[tuple[int, str], list[Json]] = {}
        for sheet in self.sheets:
            for cell in sheet.cells.values():
                mark = MARK.search(str(cell.get("userEnteredValue", "")))
                if mark:
                    cells.setdefault((sheet.sheet_id, mark[0]), []).append(cell)
        return cells

    def own_tabs(self) -> dict[int, tuple[Json, dict[Place, Json]]]:
        """Tabs that are not the bot's, whole."""
        ours = {block.sheet_id for block in self.read().blocks.values()}
        return {each.sheet_id: (each.properties, each.cells) for each in self.sheets if each.sheet_id not in ours}

    def act(self, act: Act) -> None:
        """What a person does, where a person may; elsewhere nothing."""
        block = self.read().blocks.get(act.tab)
        if act.tab != OWN_TAB and block is None:
            return
        sheet = next(each for each in self.sheets if each.sheet_id == (block.sheet_id if block else 0))
        match act:
            case Write():
                row, column = _place(act, block)
                if row < sheet.row_count and column < sheet.column_count:
                    self.marks += 1
                    start = {"sheetId": sheet.sheet_id, "rowIndex": row, "columnIndex": column}
                    cell = CONTENTS[act.content](f"m{self.marks};")
                    self.apply({"updateCells": {"start": start, "rows": [{"values": [cell]}], "fields": "*"}})
            case Shift():
                self.apply(act.request(sheet.sheet_id, block))
            case OfTab():
                self.apply(act.request(sheet, len(self.sheets)))


def _place(act: Write, block: Block | None) -> Place:
    """Anywhere in a tab of their own; beside or below a table of ours; in their columns where there are such."""
    if act.side == "beside":
        return act.along, act.beyond + (block.memory.columns if block else 0)
    if block is not None and block.block == TYPED_IN:
        return HEADER + 1 + act.along, act.beyond % PEOPLE
    return act.beyond + (block.memory.rows if block else 0), act.along


def _shifts_the_bots(act: Act) -> bool:
    """These come last, so that nobody types into rows that were pushed out of a block."""
    return isinstance(act, Shift) and act.kind == "insertDimension"


def _first_to(kind: str, dimension: str, block: Block | None) -> int:
    """The first row or column that people may push aside or take away."""
    if block is None or (kind == "insertDimension" and block.block != TYPED_IN):
        return 0
    if dimension == "COLUMNS":
        return block.memory.columns
    return HEADER + 1 if block.block == TYPED_IN else block.memory.rows


@long.examples("spreadsheets with people's cells", 60, 3_000)
@given(WANTED, st.lists(st.tuples(st.lists(ACTS, min_size=1, max_size=6), WANTED), min_size=1, max_size=3))
def test_what_people_wrote_is_there_byte_for_byte(first: list[Tab], rounds: list[tuple[list[Act], list[Tab]]]) -> None:
    """Whatever is wanted next: every cell with a value is there as it was, perhaps further down or to the right.

    People write anywhere in tabs of their own, beside and below the bot's tables and in their columns of the goals;
    they insert rows and columns, rename, move and copy tabs. Where a block ends is remembered by number: not promised
    is what the owner alone can do: delete a row or column of the bot's (people's cells behind it move into the block),
    type into one inserted within a block or into the bot's columns of the goals, insert columns among those or rows
    above. Nor are cells that hold looks or a note but no value.
    """
    team = Team()
    team.sync(first)
    for acts, tabs in rounds:
        for act in sorted(acts, key=_shifts_the_bots):
            team.act(act)
        before, own = team.peoples(), team.own_tabs()
        team.sync(tabs)
        assert team.peoples() == before
        after = team.own_tabs()
        assert {number: after.get(number) for number in own} == own
