"""What people do to a spreadsheet, and the bot's sheet plan alone on the local Sheets' own batch engine."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

from sheets_sync.refusals import PlanRefused, refusal
from sheets_sync.sandbox.api.api_call import Call
from sheets_sync.sandbox.api.sheets_calls import batch_update, get, get_by_data_filter, values_batch_update_by_filter
from sheets_sync.sandbox.api_errors import ApiError
from sheets_sync.sandbox.batch import apply_batch
from sheets_sync.sandbox.batch.guards import PERSON
from sheets_sync.sandbox.document.spreadsheet import Sheet, Spreadsheet
from sheets_sync.sandbox.drive_files import Files
from sheets_sync.spreadsheet.drawing import Author
from sheets_sync.spreadsheet.mending import Footprint
from sheets_sync.spreadsheet.plan import make_plan
from sheets_sync.spreadsheet.state import CELL_FIELDS, STATE_FIELDS, WRITTEN_FIELDS, State, read_state, with_cells
from sheets_sync.spreadsheet.written.begun import begun, unfinished
from sheets_sync.spreadsheet.written.plain_values import written_cells
from sheets_sync.sync import Draft, slips_of_the_dead, whole_document, write_until_right
from sheets_sync.tabs.cells import Cell, Number, NumberFormat, Text
from sheets_sync.tabs.tab import Area, Chart, Column, Shade, Tab

BOT = "bot@project.example"
EDITOR = "editor@firm.example"
AUTHOR = Author("en")
HEADER = 3
LOCALES = ("en_US", "de_DE", "ko_KR", "zh_TW")
OWN_TAB = "Our plan"
Json = dict[str, Any]
Place = tuple[int, int]

# What is wanted ------------------------------------------------------------------------------------------------------

MONEY, PERCENT = NumberFormat("CURRENCY", "$#,##0.00"), NumberFormat("PERCENT", "0.0%")
NAMES = tuple(f"KPI {letter}" for letter in "abcdefgh")
HEADS = tuple(f"Column {letter}" for letter in "vwxyz")


@st.composite
def tables(draw: st.DrawFn, block: str) -> Tab:
    """KPIs under headings, with numbers, words and gaps; a row of room for charts above."""
    names = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=6, unique=True))
    heads = draw(st.lists(st.sampled_from(HEADS), min_size=1, max_size=4, unique=True))
    first, gaps = draw(st.integers(0, 2)), draw(st.integers(0, 7))
    body: list[tuple[str, list[Cell]]] = []
    for row, name in enumerate(names):
        if draw(st.booleans()) and row in {0, 2}:
            body.append((f"#stage {row}", [Text(f"Stage {row}")]))
        cells = [_cell(name, head, first, gap=(row + at) % 8 == gaps) for at, head in enumerate(heads)]
        body.append((f"k:{name}", [Text(name), *cells]))
    columns = [Column("kpi", "KPI"), *(Column(head, head, "About it.") for head in heads)]
    above: list[list[Cell]] = [[Text("Hanok Goods")], [Text("as of today")], [], [Text(each.title) for each in columns]]
    rows = [*above, *(cells for _key, cells in body)]
    full = tuple((*row, *[None] * (len(columns) - len(row))) for row in rows)
    last = len(rows)
    charts = (
        Chart("card", "scorecard", "KPI", Area(last - 1, 1, last, 2), None, 2, 1),
        Chart("line", "line", "Line", Area(HEADER, 1, last, 2), Area(HEADER, 0, last, 1), HEADER + 1, len(columns) + 1),
    )
    return Tab(
        block,
        block.title(),
        tuple(columns),
        full,
        HEADER,
        headings=tuple(HEADER + 1 + at for at, (key, _cells) in enumerate(body) if key.startswith("#")),
        charts=charts if draw(st.booleans()) else (),
        shades=(Shade((Area(HEADER + 1, 1, None, 2),), "0", "bad", "below"),),
        keys=tuple(key for key, _cells in body),
    )


def _cell(name: str, head: str, first: int, *, gap: bool) -> Cell:
    """What a KPI has in a column: the same whatever else is wanted, so that a wrong place shows."""
    worth = float(first * 10_000 + NAMES.index(name) * 100 + HEADS.index(head))
    if head == HEADS[-1]:
        return None if gap else Text(f"status {worth:.0f}")
    return Number(None if gap else worth, MONEY if NAMES.index(name) % 2 else PERCENT)


WANTED = st.tuples(tables("overview"), st.lists(tables("trends"), max_size=1)).map(lambda drawn: [drawn[0], *drawn[1]])

# What people do ------------------------------------------------------------------------------------------------------

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
MARK = re.compile(r"m\d+;")
"""Stands in whatever people write, so that each cell is found again."""


@dataclass(frozen=True)
class Act:
    """Something a person does in a tab; `at` and `to` are places, taken round where the tab is smaller."""

    kind: str
    tab: str
    at: int = 0
    to: int = 0
    word: str = "text"
    by: str = PERSON


KINDS = (
    "type", "type", "type", "type", "insert_row", "insert_row", "insert_column", "delete_row", "delete_row",
    "delete_column", "move_row", "move_column", "sort", "sort", "sort_some", "filter", "delete_tab", "duplicate",
    "rename", "hide", "move_tab", "restyle", "merge", "unprotect", "restore", "filter_view", "named_range",
    "validate", "condition", "band", "speak", "take_title",
)  # fmt: skip
TABS = st.sampled_from(("overview", "overview", "overview", "trends", OWN_TAB))
PEOPLE = st.sampled_from((PERSON, EDITOR))
ACTS = st.builds(
    Act, st.sampled_from(KINDS), TABS, st.integers(0, 13), st.integers(0, 13), st.sampled_from(sorted(CONTENTS)), PEOPLE
)


class Killed(Exception):  # noqa: N818 - no error of the product
    """The process is gone."""


@dataclass
class Client:
    """The door to the spreadsheet without the wire: people act before the first write, and its answer may be lost.

    `fatal` is a sync's last write: the process is gone before it reads the answer.
    """

    team: Team
    meanwhile: list[Act]
    lost: bool
    fatal: bool = False

    def spreadsheet(self, _spreadsheet: str) -> Json:
        return self.team.document()

    def cells(self, _spreadsheet: str, tabs: Sequence[int]) -> Json:
        return self.team.cells(tabs)

    def write(self, spreadsheet: str, requests: Sequence[Json], ranges: Sequence[str] = ()) -> Json:
        body: Json = {"requests": list(requests), "includeSpreadsheetInResponse": True}
        body |= {"responseRanges": list(ranges), "responseIncludeGridData": True}
        call = Call(
            self.team.files,
            BOT,
            {"spreadsheet": spreadsheet},
            {"fields": [f"updatedSpreadsheet({WRITTEN_FIELDS})"]},
            body,
        )
        return dict(self._sent(batch_update, call).get("updatedSpreadsheet", {}))

    def write_values(self, spreadsheet: str, ranges: Sequence[Json]) -> Json:
        body = {"valueInputOption": "RAW", "includeValuesInResponse": True, "responseValueRenderOption": "FORMULA"}
        call = Call(self.team.files, BOT, {"spreadsheet": spreadsheet}, {}, {**body, "data": list(ranges)})
        return written_cells(self._sent(values_batch_update_by_filter, call, values=True))

    def _sent(self, api: Callable[[Call], Json], call: Call, *, values: bool = False) -> Json:
        while self.meanwhile:
            self.team.act(self.meanwhile.pop(0))
        try:
            answer = api(call)
            if self.lost:
                self.lost = False  # sent again, for nothing was heard
                answer = api(call)
            if self.fatal:
                raise Killed
        except ApiError as error:
            refused = refusal(error.code, error.body(), BOT, call.path["spreadsheet"], values=values)
            raise (refused if isinstance(refused, PlanRefused) else error) from error
        return answer


@dataclass
class Team:
    """A spreadsheet in which people and the bot work."""

    files: Files = field(default_factory=Files)
    book: str = ""
    marks: int = 0
    wanted: list[Tab] = field(default_factory=list)
    versions: list[Spreadsheet] = field(default_factory=list)
    writes: list[Json] = field(default_factory=list)
    """What syncs wrote down before they sent it, through JSON as in the state."""
    torn: bool = False
    """Whether people have sorted what they see since the last sync."""

    def __post_init__(self) -> None:
        self.book = self.files.create({"title": "Marketing"}).file_id
        self.files.share(self.book, BOT)
        self.files.share(self.book, EDITOR)
        self.apply({"updateSheetProperties": {"properties": {"sheetId": 0, "title": OWN_TAB}, "fields": "title"}})

    @property
    def now(self) -> Spreadsheet:
        return self.files.file(self.book).spreadsheet

    def apply(self, *requests: Json, author: str = PERSON) -> None:
        file = self.files.file(self.book)
        file.spreadsheet = apply_batch(file.spreadsheet, requests, author)[0]

    def read(self) -> State:
        """The state as a sync reads it: two calls of the API."""
        state = read_state(self.document())
        return with_cells(state, self.cells([block.sheet_id for block in state.blocks.values()]))

    def cells(self, tabs: Sequence[int]) -> Json:
        """The cells of these tabs: the second of these calls."""
        filters = {"dataFilters": [{"gridRange": {"sheetId": number}} for number in tabs]}
        fields = {"fields": [CELL_FIELDS]}
        return get_by_data_filter(Call(self.files, BOT, {"spreadsheet": self.book}, fields, filters))

    def document(self) -> Json:
        """The tabs, ids and metadata: the first of these calls."""
        return get(Call(self.files, BOT, {"spreadsheet": self.book}, {"fields": [STATE_FIELDS]}, {}))

    def begin(self, prints: Sequence[Footprint]) -> None:
        self.writes += json.loads(json.dumps(begun(prints)))

    def sync(
        self,
        tabs: Sequence[Tab],
        meanwhile: Sequence[Act] = (),
        later: Sequence[Act] = (),
        *,
        lost: bool = False,
        fatal: bool = False,
    ) -> None:
        """Sends what the plan says, as the bot; afterwards nothing is left to send.

        People act `meanwhile`, and where the sync was killed `later`, before the next one.
        """
        self.wanted, self.torn = list(tabs), False
        client = Client(self, list(meanwhile), lost=lost, fatal=fatal)

        def drafting(attempt: int, slips: Mapping[str, Footprint]) -> Draft:
            _document, marked = whole_document(client, self.book, slips)  # type: ignore[arg-type]  # all it asks of it
            state = self.read()
            slips = slips or slips_of_the_dead(state, marked, unfinished(self.writes, state.blocks))
            return Draft(state, make_plan(state, tabs, AUTHOR, attempt, slips))

        try:
            drafts, _cells = write_until_right(client, self.book, drafting, self.begin)  # type: ignore[arg-type]
        except Killed:
            for act in later:
                self.act(act)
            self.sync(tabs)
            return
        self.writes.clear()
        left = make_plan(self.read(), tabs, AUTHOR)
        # What people do in that moment in a tab that is not written is seen by the next sync.
        written = {each.block.block for draft in drafts for each in draft.plan.footprints}
        unseen = {each.block.block for each in left.footprints if each.written}
        assert written.isdisjoint(unseen)
        assert meanwhile or left.batches == (), left.batches
        if unseen:
            self.sync(tabs)

    def sheet(self, tab: str) -> Sheet | None:
        """The tab of people's, or one of ours by its mark."""
        if tab == OWN_TAB:
            return self.now.sheet(0) if any(each.sheet_id == 0 for each in self.now.sheets) else None
        ours = [block.sheet_id for name, block in self.read().blocks.items() if name == tab]
        return self.now.sheet(ours[0]) if ours else None

    def peoples(self) -> dict[tuple[int, str], list[tuple[Json, str, str]]]:
        """Every cell of people's by its tab and mark, byte for byte, and the row and column of ours that it is in."""
        cells: dict[tuple[int, str], list[tuple[Json, str, str]]] = {}
        for sheet in self.now.sheets:
            grid = Seen(sheet)
            for place, cell in sheet.cells.items():
                mark = MARK.search(str(cell.get("userEnteredValue", "")))
                if mark:
                    # Without its header a table says nothing of its columns and rows.
                    beside = (
                        (grid.row_name(place[0]), grid.column_name(place[1]))
                        if "KPI" in grid.heads.values()
                        else ("?", "?")
                    )
                    cells.setdefault((sheet.sheet_id, mark[0]), []).append((cell, *beside))
        return cells

    def act(self, act: Act) -> None:
        """What a person does, where a person may; elsewhere nothing."""
        sheet = self.sheet(act.tab)
        if sheet is None:
            return
        if act.kind == "restore":
            if self.versions:
                self.files.file(self.book).spreadsheet = self.versions[act.at % len(self.versions)]
            return
        self.versions.append(self.now)
        try:
            self.apply(*getattr(self, f"_{act.kind}")(sheet, act), author=act.by)
        except ApiError:
            # What Google refuses a person, a person does not do.
            self.versions.pop()

    def _type(self, sheet: Sheet, act: Act) -> Iterator[Json]:
        place = (act.at, act.to)
        if Seen(sheet).is_the_bots(place, sheet.title, self.wanted) or MARK.search(str(sheet.cells.get(place, ""))):
            return
        self.marks += 1
        start = {"sheetId": sheet.sheet_id, "rowIndex": act.at, "columnIndex": act.to}
        cell = CONTENTS[act.word](f"m{self.marks};")
        yield {"updateCells": {"start": start, "rows": [{"values": [cell]}], "fields": "*"}}

    def _lines(self, sheet: Sheet, kind: str, dimension: str, at: int) -> Iterator[Json]:
        place = {"sheetId": sheet.sheet_id, "dimension": dimension, "startIndex": at, "endIndex": at + 1}
        yield {kind: {"range": place}}

    def _insert_row(self, sheet: Sheet, act: Act) -> Iterator[Json]:
        return self._lines(sheet, "insertDimension", "ROWS", act.at)

    def _insert_column(self, sheet: Sheet, act: Act) -> Iterator[Json]:
        return self._lines(sheet, "insertDimension", "COLUMNS", act.at % 7)

    def _delete_row(self, sheet: Sheet, act: Act) -> Iterator[Json]:
        return self._lines(sheet, "deleteDimension", "ROWS", act.at)

    def _delete_column(self, sheet: Sheet, act: Act) -> Iterator[Json]:
        # Not promised: names that go once the numbers were sorted without their hidden keys.
        if self.torn and Seen(sheet).column_name(act.at % 7) == "KPI":
            return iter(())
        return self._lines(sheet, "deleteDimension", "COLUMNS", act.at % 7)

    def _move_row(self, sheet: Sheet, act: Act) -> Iterator[Json]:
        return self._move(sheet, "ROWS", act.at, act.to)

    def _move_column(self, sheet: Sheet, act: Act) -> Iterator[Json]:
        return self._move(sheet, "COLUMNS", act.at % 7, act.to % 7)

    def _move(self, sheet: Sheet, dimension: str, at: int, to: int) -> Iterator[Json]:
        source = {"sheetId": sheet.sheet_id, "dimension": dimension, "startIndex": at, "endIndex": at + 1}
        yield {"moveDimension": {"source": source, "destinationIndex": to}}

    def _sort(self, sheet: Sheet, act: Act) -> Iterator[Json]:
        """The whole tab below its frozen rows, as the menu does."""
        top = sheet.properties["gridProperties"].get("frozenRowCount", 0)
        yield self._sorted({"sheetId": sheet.sheet_id, "startRowIndex": top}, act)

    def _sort_some(self, sheet: Sheet, act: Act) -> Iterator[Json]:
        """The table that people see: all columns of it, and not what lies beside it or is hidden."""
        grid = Seen(sheet)
        # Nobody sorts numbers without their names.
        if grid.header is None or "KPI" not in grid.heads.values():
            return
        columns = [
            column
            for (row, column) in sheet.cells
            if row == grid.header and not sheet.columns.get(column, {}).get("hiddenByUser")
        ]
        where = {"startRowIndex": grid.header + 1, "startColumnIndex": min(columns), "endColumnIndex": max(columns) + 1}
        self.torn = True
        yield self._sorted({"sheetId": sheet.sheet_id, **where}, act)

    def _sorted(self, where: Json, act: Act) -> Json:
        column = where.get("startColumnIndex", 0) + act.at % 3
        order = "DESCENDING" if act.to % 2 else "ASCENDING"
        return {"sortRange": {"range": where, "sortSpecs": [{"dimensionIndex": column, "sortOrder": order}]}}

    def _filter(self, sheet: Sheet, act: Act) -> Iterator[Json]:
        where = {"sheetId": sheet.sheet_id, "startRowIndex": HEADER, "startColumnIndex": 0, "endColumnIndex": 3}
        yield {"setBasicFilter": {"filter": {"range": where}}}

    def _delete_tab(self, sheet: Sheet, act: Act) -> Iterator[Json]:
        yield {"deleteSheet": {"sheetId": sheet.sheet_id}}

    def _duplicate(self, sheet: Sheet, act: Act) -> Iterator[Json]:
        self.now.copies_metadata = bool(act.at % 2)
        yield {"duplicateSheet": {"sourceSheetId": sheet.sheet_id, "insertSheetIndex": len(self.now.sheets)}}

    def _rename(self, sheet: Sheet, act: Act) -> Iterator[Json]:
        yield from self._properties(sheet, title=f"{sheet.title}!")

    def _hide(self, sheet: Sheet, act: Act) -> Iterator[Json]:
        yield from self._properties(sheet, hidden=True)

    def _move_tab(self, sheet: Sheet, act: Act) -> Iterator[Json]:
        yield from self._properties(sheet, index=act.at % len(self.now.sheets))

    def _properties(self, sheet: Sheet, **changed: object) -> Iterator[Json]:
        properties = {"sheetId": sheet.sheet_id, **changed}
        yield {"updateSheetProperties": {"properties": properties, "fields": ",".join(changed)}}

    def _restyle(self, sheet: Sheet, act: Act) -> Iterator[Json]:
        where = {"sheetId": sheet.sheet_id, "startRowIndex": act.at, "endRowIndex": act.at + 2}
        cell = {"userEnteredFormat": {"textFormat": {"italic": True}}}
        yield {"repeatCell": {"range": where, "cell": cell, "fields": "userEnteredFormat.textFormat.italic"}}

    def _merge(self, sheet: Sheet, act: Act) -> Iterator[Json]:
        area = {
            "startRowIndex": act.at,
            "endRowIndex": act.at + 2,
            "startColumnIndex": act.to,
            "endColumnIndex": act.to + 2,
        }
        covered = [(row, column) for row in (act.at, act.at + 1) for column in (act.to, act.to + 1)][1:]
        # People do not hide their own words, nor a row's name and its key at once.
        torn = {"KPI", "#header\nKPI"} <= {
            text_in(sheet.cells.get((HEADER, column), {})) for column in (act.to, act.to + 1)
        }
        if not torn and not any(MARK.search(str(sheet.cells.get(place, ""))) for place in covered):
            yield {"mergeCells": {"range": {"sheetId": sheet.sheet_id, **area}, "mergeType": "MERGE_ALL"}}

    def _filter_view(self, sheet: Sheet, act: Act) -> Iterator[Json]:
        where = {"sheetId": sheet.sheet_id, "startRowIndex": act.at, "endRowIndex": act.at + 4}
        yield {"addFilterView": {"filter": {"title": f"mine {act.to}", "range": where}}}

    def _area(self, sheet: Sheet, act: Act) -> Json:
        rows = {"startRowIndex": act.at, "endRowIndex": act.at + 3}
        return {"sheetId": sheet.sheet_id, **rows, "startColumnIndex": act.to, "endColumnIndex": act.to + 2}

    def _named_range(self, sheet: Sheet, act: Act) -> Iterator[Json]:
        yield {"addNamedRange": {"namedRange": {"name": f"mine_{act.at}_{act.to}", "range": self._area(sheet, act)}}}

    def _validate(self, sheet: Sheet, act: Act) -> Iterator[Json]:
        rule = {"condition": {"type": "ONE_OF_LIST", "values": [{"userEnteredValue": "yes"}]}, "strict": True}
        # Not on cells of theirs, which are compared with all that is at them.
        if not any(MARK.search(str(cell)) for cell in sheet.cells.values()):
            yield {"setDataValidation": {"range": self._area(sheet, act), "rule": rule}}

    def _condition(self, sheet: Sheet, act: Act) -> Iterator[Json]:
        look = {"condition": {"type": "NOT_BLANK"}, "format": {"textFormat": {"italic": True}}}
        rule = {"ranges": [self._area(sheet, act)], "booleanRule": look}
        yield {"addConditionalFormatRule": {"rule": rule, "index": 0}}

    def _band(self, sheet: Sheet, act: Act) -> Iterator[Json]:
        colour = {"firstBandColorStyle": {"rgbColor": {"red": 1}}, "secondBandColorStyle": {"rgbColor": {"blue": 1}}}
        yield {"addBanding": {"bandedRange": {"range": self._area(sheet, act), "rowProperties": colour}}}

    def _speak(self, _sheet: Sheet, act: Act) -> Iterator[Json]:
        """Another language and time zone for all."""
        spoken = {"locale": LOCALES[act.at % len(LOCALES)], "timeZone": "Asia/Taipei"}
        yield {"updateSpreadsheetProperties": {"properties": spoken, "fields": "locale,timeZone"}}

    def _take_title(self, _sheet: Sheet, act: Act) -> Iterator[Json]:
        """A tab of people's with the title that one of ours would have."""
        title = ("Overview", "Trends", "Overview (KPI Bot)")[act.at % 3]
        yield {"addSheet": {"properties": {"title": title}}}

    def _unprotect(self, sheet: Sheet, act: Act) -> Iterator[Json]:
        for guard in sheet.objects["protectedRanges"]:
            yield {"deleteProtectedRange": {"protectedRangeId": guard["protectedRangeId"]}}


@dataclass
class Seen:
    """A tab of ours as a reader sees it: rows by their names, columns by the words above them."""

    sheet: Sheet

    @property
    def header(self) -> int | None:
        rows = Counter(row for (row, _column), cell in self.sheet.cells.items() if text_in(cell) in {"KPI", *HEADS})
        return max(rows, key=lambda row: rows[row]) if rows else None

    @property
    def names(self) -> dict[int, str]:
        """What rows of ours are called."""
        header = self.header
        if header is None:
            return {}
        first = next(
            (column for (row, column), cell in self.sheet.cells.items() if row == header and text_in(cell) == "KPI"),
            None,
        )
        ours = {"Hanok Goods", "as of today", "KPI", *NAMES, "Stage 0", "Stage 2"}
        return {
            row: text_in(cell)
            for (row, column), cell in self.sheet.cells.items()
            if column == first and text_in(cell) in ours
        }

    @property
    def heads(self) -> dict[int, str]:
        header = self.header
        return {
            column: text_in(cell)
            for (row, column), cell in self.sheet.cells.items()
            if row == header and text_in(cell) in {"KPI", *HEADS}
        }

    def row_name(self, row: int) -> str:
        """What a row is called; "?" for one of ours whose name was deleted."""
        hidden = [column for column, look in self.sheet.columns.items() if look.get("hiddenByUser")]
        keyed = any(text_in(self.sheet.cells.get((row, column), {})) for column in hidden)
        return self.names.get(row, "?" if keyed else "")

    def column_name(self, column: int) -> str:
        return self.heads.get(column, "")

    def is_the_bots(self, place: Place, title: str, wanted: Sequence[Tab]) -> bool:
        """Whether a cell is one that the bot writes: in a row of ours, in a column of ours, or a hidden key."""
        if title.startswith(OWN_TAB):
            return False
        hidden = {column for column, look in self.sheet.columns.items() if look.get("hiddenByUser")}
        if place[1] in hidden or self.header is None:
            return True
        name, head = self.row_name(place[0]), self.column_name(place[1])
        if name in NAMES or place[0] == self.header:
            return bool(head) or name == "KPI"
        # Beside a heading people may write.
        return (bool(name) and head == "KPI") or bool(self.sheet.cells.get(place, {}).get("userEnteredValue"))


def differ(was: tuple[Json, str, str], now: tuple[Json, str, str]) -> bool:
    """Whether a cell of people's is another, or beside something else; in the bot's own rows it has the bot's looks."""
    # A row without a name is told by its key, which people delete and the bot puts back.
    beside = was[1:] != now[1:] and "?" not in {*was[1:], *now[1:]}
    return beside or (content_of(was[0]) != content_of(now[0]) if was[1] and was[2] else was[0] != now[0])


def content_of(cell: Json) -> tuple[Json, str]:
    return cell["userEnteredValue"], cell.get("note", "")


def text_in(cell: Json) -> str:
    return str(cell.get("userEnteredValue", {}).get("stringValue", ""))
