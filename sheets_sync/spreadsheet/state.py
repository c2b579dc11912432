"""A spreadsheet as read: which tabs are ours, what they hold, and which ids are taken.

A tab is ours by its developer metadata `kpibot.block`, whose value names the tab's own sheet id: so a renamed or moved
tab is still found, and a person's copy of it is not taken for it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field, replace
from typing import Any

from kpi_core.frozen_dataclass import frozen
from sheets_sync.tabs.cells import EnteredValue

BLOCK_KEY = "kpibot.block"
MADE_KEY = "kpibot.made"
"""On the spreadsheet: which blocks were ever made, so that a deleted tab is missed, and which bot wrote last."""
AUTHOR_SIGN = "@"
COLUMN_KEY = "kpibot.column"
"""On a column of ours: which it is. It goes where people move the column."""
GROWN_KEY = "kpibot.grown"
"""On a tab: the mark of its last inserted rows or columns, so that a repeated batch cannot insert twice."""

STATE_FIELDS = (
    "spreadsheetId,spreadsheetUrl,properties(title,locale,timeZone),developerMetadata,namedRanges,"
    "sheets(properties(sheetId,title,gridProperties),developerMetadata,protectedRanges(protectedRangeId),merges,"
    "charts(chartId),conditionalFormats(ranges,booleanRule))"
)
CELL_FIELDS = (
    "sheets(properties(sheetId),data(startRow,startColumn,rowData(values(userEnteredValue,note,chipRuns(chip(personProperties(email))))),"
    "columnMetadata(developerMetadata(metadataId,metadataKey,metadataValue))))"
)

WRITTEN_FIELDS = "sheets(properties(sheetId),data(startRow,startColumn,rowData(values(userEnteredValue))))"

Json = Mapping[str, Any]
Rows = Sequence[Sequence[EnteredValue]]
"""A tab's cells as read, from A1 on; rows may be short."""


@frozen
class Memory:
    """What a block's metadata remembers of our last write: its extent, its looks, and the tab's own memory."""

    rows: int = 0
    columns: int = 0
    looks: Mapping[str, str] = field(default_factory=dict)
    """Part of the looks -> digest of the requests that made it."""
    charts: tuple[str, ...] = ()
    """Keys of the charts made: one that is gone was taken away by a person."""
    rules: tuple[str, ...] | None = None
    """What the conditional formats are told apart by from people's; None where an earlier release wrote them."""
    tab_memory: Mapping[str, object] = field(default_factory=dict)
    order: tuple[str, ...] = ()
    """The keys of our rows from the first on, "" for people's: what is left when people delete names and keys."""

    def to_text(self, sheet_id: int) -> str:
        """The metadata value."""
        document = {
            "sheet": sheet_id,
            "rows": self.rows,
            "columns": self.columns,
            "looks": dict(self.looks),
            "charts": list(self.charts),
            "rules": list(self.rules or ()),
            "kept": dict(self.tab_memory),
            "order": list(self.order),
        }
        return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


@frozen
class Block:
    """A tab of ours. `cells` run from A1; `rules` are its conditional formats in their order, ours and people's."""

    block: str
    sheet_id: int
    title: str
    grid_rows: int
    grid_columns: int
    metadata_id: int
    written: str
    """The metadata value as read."""
    memory: Memory
    protected: frozenset[int] = frozenset()
    charts: frozenset[int] = frozenset()
    rules: tuple[Json, ...] = ()
    grown: tuple[int, ...] = ()
    merges: tuple[Json, ...] = ()
    cells: Rows = ()
    notes: Mapping[tuple[int, int], str] = field(default_factory=dict)
    """The notes at cells, by row and column."""
    people: Mapping[tuple[int, int], str] = field(default_factory=dict)
    """The mail address of the person whose chip a cell holds, by row and column."""
    columns: Mapping[int, str] = field(default_factory=dict)
    """The marks of columns by their place."""
    column_ids: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    """The ids of these marks."""

    @property
    def order(self) -> tuple[str, ...]:
        return self.memory.order


@frozen
class State:
    """The whole spreadsheet. `titles` are in lower case; `made` is None where nothing was ever made."""

    spreadsheet: str
    url: str
    locale: str
    titles: frozenset[str]
    sheet_ids: frozenset[int]
    metadata_ids: frozenset[int]
    protected_ids: frozenset[int]
    chart_ids: frozenset[int]
    blocks: Mapping[str, Block]
    made: tuple[str, ...] | None
    made_id: int = 0
    author: str = ""
    """Which bot wrote last; "" where none has said so."""
    named: Mapping[str, tuple[str, int]] = field(default_factory=dict)
    """The named ranges by their names: id, and the tab that each is in."""


def read_state(answer: Json) -> State:
    """The state in an answer of `spreadsheets.get` with STATE_FIELDS; no cells yet."""
    sheets = answer.get("sheets", [])
    made = next((entry for entry in answer.get("developerMetadata", []) if entry.get("metadataKey") == MADE_KEY), None)
    noted = str(made.get("metadataValue", "")).split(",") if made else []
    blocks = [block for sheet in sheets if (block := _block(sheet))]
    return State(
        spreadsheet=answer["spreadsheetId"],
        url=answer.get("spreadsheetUrl", ""),
        locale=answer.get("properties", {}).get("locale", "en_US"),
        titles=frozenset(sheet["properties"]["title"].casefold() for sheet in sheets),
        sheet_ids=frozenset(_sheet_id(sheet) for sheet in sheets),
        metadata_ids=frozenset(entry["metadataId"] for holder in (answer, *sheets) for entry in _entries(holder)),
        protected_ids=frozenset(
            part["protectedRangeId"] for sheet in sheets for part in sheet.get("protectedRanges", [])
        ),
        chart_ids=frozenset(chart["chartId"] for sheet in sheets for chart in sheet.get("charts", [])),
        blocks={block.block: block for block in blocks},
        made=tuple(name for name in noted if not name.startswith(AUTHOR_SIGN)) if made else None,
        author=next((name[1:] for name in noted if name.startswith(AUTHOR_SIGN)), ""),
        made_id=made["metadataId"] if made else 0,
        named={
            entry["name"]: (entry["namedRangeId"], int(entry.get("range", {}).get("sheetId", 0)))
            for entry in answer.get("namedRanges", [])
        },
    )


def with_cells(state: State, answer: Json) -> State:
    """The state with the cells in an answer of `getByDataFilter` with CELL_FIELDS."""
    sheets = {_sheet_id(sheet): sheet for sheet in answer.get("sheets", [])}
    blocks = {
        name: _filled(block, sheets[block.sheet_id]) if block.sheet_id in sheets else block
        for name, block in state.blocks.items()
    }
    marks = {number for block in blocks.values() for numbers in block.column_ids.values() for number in numbers}
    return replace(state, blocks=blocks, metadata_ids=state.metadata_ids | marks)


def _filled(block: Block, sheet: Json) -> Block:
    columns = {place: text for place, text, _number in _columns(sheet)}
    numbers: dict[int, tuple[int, ...]] = {}
    for place, _text, number in _columns(sheet):
        numbers[place] = (*numbers.get(place, ()), number)
    return replace(
        block,
        cells=tuple(_rows(sheet)),
        notes=dict(_notes(sheet)),
        people=dict(_people(sheet)),
        columns=columns,
        column_ids=numbers,
    )


def _columns(sheet: Json) -> Iterator[tuple[int, str, int]]:
    for data in sheet.get("data", [])[:1]:
        for place, column in enumerate(data.get("columnMetadata", [])):
            for entry in column.get("developerMetadata", []):
                if entry.get("metadataKey") == COLUMN_KEY:
                    yield place, str(entry.get("metadataValue", "")), entry["metadataId"]


def _cells(sheet: Json) -> Iterator[tuple[tuple[int, int], Json]]:
    for data in sheet.get("data", [])[:1]:
        for row, cells in enumerate(data.get("rowData", [])):
            yield from (((row, column), cell) for column, cell in enumerate(cells.get("values", [])))


def _notes(sheet: Json) -> Iterator[tuple[tuple[int, int], str]]:
    yield from ((place, cell["note"]) for place, cell in _cells(sheet) if cell.get("note"))


def _people(sheet: Json) -> Iterator[tuple[tuple[int, int], str]]:
    for place, cell in _cells(sheet):
        chips = [run.get("chip", {}).get("personProperties", {}).get("email") for run in cell.get("chipRuns", ())]
        if people := [address for address in chips if address]:
            yield place, ", ".join(people)


def peoples_tabs(answer: Json) -> list[tuple[int, str]]:
    """Number and title of the tabs that are not ours, in an answer of `spreadsheets.get` with STATE_FIELDS."""
    return [
        (_sheet_id(sheet), str(sheet["properties"]["title"])) for sheet in answer.get("sheets", []) if not _block(sheet)
    ]


def _block(sheet: Json) -> Block | None:
    sheet_id, properties = _sheet_id(sheet), sheet["properties"]
    grid = properties.get("gridProperties", {})
    for entry in _entries(sheet):
        if entry.get("metadataKey") != BLOCK_KEY:
            continue
        name, _, written = str(entry.get("metadataValue", "")).partition(" ")
        remembered = _remembered(written)
        if remembered.get("sheet") != sheet_id:
            continue
        return Block(
            block=name,
            sheet_id=sheet_id,
            title=properties["title"],
            grid_rows=grid.get("rowCount", 0),
            grid_columns=grid.get("columnCount", 0),
            metadata_id=entry["metadataId"],
            written=str(entry["metadataValue"]),
            memory=_memory(remembered),
            protected=frozenset(part["protectedRangeId"] for part in sheet.get("protectedRanges", [])),
            charts=frozenset(chart["chartId"] for chart in sheet.get("charts", [])),
            rules=tuple(sheet.get("conditionalFormats", [])),
            grown=tuple(mark["metadataId"] for mark in _entries(sheet) if mark.get("metadataKey") == GROWN_KEY),
            merges=tuple(sheet.get("merges", [])),
        )
    return None


def _remembered(text: str) -> Json:
    """The JSON of a metadata value; {} where it is not of our making."""
    try:
        document = json.loads(text)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def _memory(remembered: Json) -> Memory:
    return Memory(
        rows=int(remembered.get("rows", 0)),
        columns=int(remembered.get("columns", 0)),
        looks=dict(remembered.get("looks", {})),
        charts=tuple(remembered.get("charts", ())),
        rules=tuple(remembered["rules"]) if "rules" in remembered else None,
        tab_memory=dict(remembered.get("kept", {})),
        order=tuple(remembered.get("order", ())),
    )


def _sheet_id(sheet: Json) -> int:
    """Google leaves a zero out."""
    return int(sheet["properties"].get("sheetId", 0))


def _entries(holder: Json) -> list[Json]:
    return list(holder.get("developerMetadata", []))


def _rows(sheet: Json) -> Iterator[list[dict[str, str | float | bool]]]:
    """Cells row by row from A1; a person's rich values that are none of the plain kinds count as they are."""
    # One grid for the one range that was asked for.
    for data in sheet.get("data", [])[:1]:
        for row in data.get("rowData", []):
            yield [cell.get("userEnteredValue", {}) for cell in row.get("values", [])]
