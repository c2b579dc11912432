"""Wanted tabs against the spreadsheet as read: the requests that are still missing, and nothing else.

Every id is chosen here, so that a batch sent twice fails with "already exists" instead of doubling. Cells of people
are in no request; where our block has to grow over them, they are moved aside by inserting rows or columns.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from itertools import count
from typing import Any

from kpi_core.phrases import Notice
from sheets_sync.cells import Cell, EnteredValue, Keep, entered, format_of, same_value
from sheets_sync.charts import chart_position, chart_spec
from sheets_sync.layout import digest, looks, protection, rules
from sheets_sync.repair import settled
from sheets_sync.state import BLOCK_KEY, GROWN_KEY, MADE_KEY, Block, Memory, State
from sheets_sync.tabs import Tab

LARGEST_BATCH = 1_900_000
"""Bytes; Google asks for 2 MB at most."""

_MOST_ROWS_A_REQUEST = 500
_SPARE_ROWS, _SPARE_COLUMNS = 20, 10
_ROWS_FOR_PEOPLE = 200

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Step:
    """A request and the block it is for, so that a refusal can name it."""

    block: str
    request: Json


@dataclass(frozen=True, slots=True)
class Author:
    """Who writes: the only account that may edit protected cells beside the file's owner ("" leaves it to Google)."""

    language: str
    email: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """Batches to be sent in order, each applied whole or not at all; none when nothing changed."""

    batches: tuple[tuple[Step, ...], ...]
    cells_changed: int
    warnings: tuple[Notice, ...]


def make_plan(state: State, tabs: Sequence[Tab], author: Author, attempt: int = 0) -> Plan:
    """What to send so that the spreadsheet shows `tabs`. A second attempt chooses other ids for new tabs."""
    steps: list[Step] = []
    cells = 0
    warnings: list[Notice] = []
    for tab in tabs:
        block = state.blocks.get(tab.block)
        if block is None:
            if tab.block in (state.made or ()):
                warnings.append(Notice("sheet.warning.remade", {"tab": tab.title}))
            made, block = _new_block(state, tab, attempt)
            state = _with_block(state, block)
            steps += [Step(tab.block, request) for request in made]
        sound = settled(block, tab)
        if sound is not block:
            warnings.append(Notice("sheet.warning.repaired", {"tab": block.title}))
        requests, changed = _update(state, sound, tab, author)
        steps += [Step(tab.block, request) for request in requests]
        cells += changed
    steps += [Step("", request) for request in _made(state, tabs, attempt)]
    return Plan(tuple(_split(steps)), cells, tuple(warnings))


def chosen_id(name: str, taken: Collection[int]) -> int:
    """An id of our own: the same for the same name, the next free one if somebody has it."""
    first = int.from_bytes(sha256(name.encode()).digest()[:4]) & 0x7FFF_FFFF
    return next(number for step in count() if (number := (first + step) % 0x7FFF_FFFF or 1) not in taken)


def _new_block(state: State, tab: Tab, attempt: int) -> tuple[list[Json], Block]:
    sheet_id = chosen_id(f"{tab.block}/{attempt}", state.sheet_ids)
    title = _free_title(tab.title, state.titles)
    rows, columns = _needed(tab)
    rows += _ROWS_FOR_PEOPLE if any(column.people for column in tab.columns) else _SPARE_ROWS
    columns += _SPARE_COLUMNS
    metadata_id = chosen_id(f"block/{sheet_id}", state.metadata_ids)
    grid = {
        "rowCount": rows,
        "columnCount": columns,
        "frozenRowCount": tab.header + 1,
        "frozenColumnCount": 1,
    }
    add = {"addSheet": {"properties": {"sheetId": sheet_id, "title": title, "gridProperties": grid}}}
    block = Block(tab.block, sheet_id, title, rows, columns, metadata_id, "", Memory())
    return [add], block


def _needed(tab: Tab) -> tuple[int, int]:
    """The grid that holds the block, a column for notes beside it, and the cells that its charts hang on."""
    rows = max([len(tab.rows), *(chart.row + 1 for chart in tab.charts)])
    return rows, max([tab.width + 1, *(chart.column + 1 for chart in tab.charts)])


def _with_block(state: State, block: Block) -> State:
    return replace(
        state,
        titles=state.titles | {block.title.casefold()},
        sheet_ids=state.sheet_ids | {block.sheet_id},
        metadata_ids=state.metadata_ids | {block.metadata_id},
    )


def _free_title(title: str, taken: Collection[str]) -> str:
    candidates = (title, f"{title} (KPI Bot)", *(f"{title} (KPI Bot {number})" for number in range(2, 1000)))
    return next(candidate for candidate in candidates if candidate.casefold() not in taken)


def _update(state: State, block: Block, tab: Tab, author: Author) -> tuple[list[Json], int]:
    """All requests that bring an own tab up to date, and how many cells they write."""
    requests = [*_make_room(state, block, tab), *_grow_grid(block, tab)]
    written = list(_changed_cells(block, tab))
    requests += _cell_requests(block, tab, written)
    shown, memory = _looks(state, block, tab, author)
    requests += shown
    remembered = f"{tab.block} {memory.to_text(block.sheet_id)}"
    if not block.written:
        requests.append(_create_metadata(block.metadata_id, BLOCK_KEY, remembered, block.sheet_id))
    elif block.written != remembered:
        requests.append(_update_metadata(block.metadata_id, remembered))
    return requests, len(written)


def _make_room(state: State, block: Block, tab: Tab) -> Iterator[Json]:
    """Inserted columns and rows where the block grows over cells that are not its own.

    Inserting twice would move people's cells twice: a mark with an id of its own in the same batch forbids it.
    """
    rows, columns = block.memory.rows, block.memory.columns
    if not block.written or any(column.people for column in tab.columns):
        return
    wide = tab.width > columns and _any_cell(block, 0, len(tab.rows), columns, tab.width)
    long = len(tab.rows) > rows and _any_cell(block, rows, len(tab.rows), 0, columns)
    if not (wide or long):
        return
    mark = chosen_id(f"grown/{block.sheet_id}/{block.grown}/{rows}x{columns}", state.metadata_ids)
    yield _create_metadata(mark, GROWN_KEY, f"{len(tab.rows)}x{tab.width}", block.sheet_id)
    for old in block.grown:
        yield {"deleteDeveloperMetadata": {"dataFilter": {"developerMetadataLookup": {"metadataId": old}}}}
    if wide:
        yield _insert(block, "COLUMNS", columns, tab.width)
    if long:
        yield _insert(block, "ROWS", rows, len(tab.rows))


def _any_cell(block: Block, top: int, bottom: int, left: int, right: int) -> bool:
    return any(any(row[left:right]) for row in block.cells[top:bottom])


def _insert(block: Block, dimension: str, start: int, end: int) -> Json:
    place = {"sheetId": block.sheet_id, "dimension": dimension, "startIndex": start, "endIndex": end}
    return {"insertDimension": {"range": place, "inheritFromBefore": False}}


def _grow_grid(block: Block, tab: Tab) -> Iterator[Json]:
    """A larger grid where the block does not fit; inserted rows and columns only make it larger still."""
    rows, columns = _needed(tab)
    wanted = {"rowCount": (rows, block.grid_rows), "columnCount": (columns, block.grid_columns)}
    for name, (needed, there) in wanted.items():
        if needed > there:
            properties = {"sheetId": block.sheet_id, "gridProperties": {name: needed + _SPARE_ROWS}}
            yield {"updateSheetProperties": {"properties": properties, "fields": f"gridProperties.{name}"}}


def _changed_cells(block: Block, tab: Tab) -> Iterator[tuple[int, int, Cell]]:
    """Row, column and wanted cell wherever the tab holds something else; what lies beyond our last extent is empty."""
    known = block.memory
    for row in range(max(len(tab.rows), known.rows)):
        for column in range(max(tab.width, known.columns)):
            wanted = tab.rows[row][column] if row < len(tab.rows) and column < tab.width else None
            if isinstance(wanted, Keep) or _is_peoples_below(tab, row, column):
                continue
            if not same_value(wanted, _read(block, tab, row, column)):
                yield row, column, wanted


def _is_peoples_below(tab: Tab, row: int, column: int) -> bool:
    return row >= len(tab.rows) and column < tab.width and tab.columns[column].people


def _read(block: Block, tab: Tab, row: int, column: int) -> EnteredValue:
    """What the cell holds once room has been made: beyond the last extent it is empty, but in a tab people type in."""
    beyond = row >= block.memory.rows or column >= block.memory.columns
    if beyond and not any(each.people for each in tab.columns):
        return {}
    cells = block.cells[row] if row < len(block.cells) else ()
    return cells[column] if column < len(cells) else {}


def _cell_requests(block: Block, tab: Tab, changed: Sequence[tuple[int, int, Cell]]) -> Iterator[Json]:
    """One request for each rectangle of changed cells; cells of people's columns bring their format along."""
    for top, left, rows in _rectangles(tab, changed):
        people = left < tab.width and tab.columns[left].people
        values = [{"values": [_cell_data(cell, with_format=people) for cell in row]} for row in rows]
        fields = "userEnteredValue,userEnteredFormat.numberFormat" if people else "userEnteredValue"
        start = {"sheetId": block.sheet_id, "rowIndex": top, "columnIndex": left}
        yield {"updateCells": {"start": start, "rows": values, "fields": fields}}


def _cell_data(cell: Cell, *, with_format: bool) -> Json:
    value, wanted = entered(cell), format_of(cell)
    data: Json = {"userEnteredValue": value} if value else {}
    if with_format and wanted:
        data["userEnteredFormat"] = {"numberFormat": {"type": wanted.type, "pattern": wanted.pattern}}
    return data


def _rectangles(tab: Tab, changed: Sequence[tuple[int, int, Cell]]) -> Iterator[tuple[int, int, list[list[Cell]]]]:
    """Runs of neighbours in a row, joined with the runs below that span the same columns."""
    top = left = 0
    rows: list[list[Cell]] = []
    for row, column, cells in _runs(tab, changed):
        follows = row == top + len(rows) and column == left and len(rows) < _MOST_ROWS_A_REQUEST
        if rows and follows and len(cells) == len(rows[0]):
            rows.append(cells)
            continue
        if rows:
            yield top, left, rows
        top, left, rows = row, column, [cells]
    if rows:
        yield top, left, rows


def _runs(tab: Tab, changed: Sequence[tuple[int, int, Cell]]) -> Iterator[tuple[int, int, list[Cell]]]:
    place, run = (-1, -1), list[Cell]()
    for row, column, cell in changed:
        joins = (row, column) == (place[0], place[1] + len(run)) and _owner(tab, column) == _owner(tab, place[1])
        if run and joins:
            run.append(cell)
            continue
        if run:
            yield *place, run
        place, run = (row, column), [cell]
    if run:
        yield *place, run


def _owner(tab: Tab, column: int) -> bool:
    return column < tab.width and tab.columns[column].people


def _looks(state: State, block: Block, tab: Tab, author: Author) -> tuple[list[Json], Memory]:
    """The parts of the looks that changed, and what to remember of all of them."""
    sheet_id, before = block.sheet_id, block.memory.looks
    requests: list[Json] = []
    digests: dict[str, str] = {}
    for part, wanted in looks(tab, sheet_id).items():
        digests[part] = digest(wanted)
        if before.get(part) != digests[part]:
            requests += wanted
    wanted_rules = rules(tab, sheet_id)
    digests["rules"] = digest(wanted_rules)
    if before.get("rules") != digests["rules"]:
        gone = [{"deleteConditionalFormatRule": {"sheetId": sheet_id, "index": 0}}] * block.rules
        requests += [*gone, *wanted_rules]
    guard = protection(tab, sheet_id, author.language, author.email)
    digests["protection"] = digest(guard)
    if before.get("protection") != digests["protection"]:
        requests += _protection(state, block, guard)
    drawn = [(chart, chart_spec(chart, sheet_id)) for chart in tab.charts]
    digests["charts"] = digest([spec for _chart, spec in drawn])
    if before.get("charts") != digests["charts"]:
        requests += _charts(state, block, drawn)
    keys = tuple(chart.key for chart in tab.charts)
    return requests, Memory(len(tab.rows), tab.width, digests, keys, dict(tab.memory))


def _protection(state: State, block: Block, guard: Json) -> Iterator[Json]:
    """Added with the tab, changed later; one that a person took away stays away."""
    number = chosen_id(f"protected/{block.sheet_id}", state.protected_ids - block.protected)
    given = {"protectedRangeId": number, **guard}
    if not block.written:
        yield {"addProtectedRange": {"protectedRange": given}}
    elif number in block.protected:
        yield {"updateProtectedRange": {"protectedRange": given, "fields": "description,unprotectedRanges"}}


def _charts(state: State, block: Block, drawn: Sequence[tuple[Any, Json]]) -> Iterator[Json]:
    """New charts added, changed ones redrawn in place, superfluous ones deleted; one a person took away stays away."""
    others = state.chart_ids - block.charts
    wanted = {chart.key for chart, _spec in drawn}
    for chart, spec in drawn:
        number = chosen_id(f"chart/{block.sheet_id}/{chart.key}", others)
        if number in block.charts:
            yield {"updateChartSpec": {"chartId": number, "spec": spec}}
        elif chart.key not in block.memory.charts:
            position = chart_position(chart, block.sheet_id)
            yield {"addChart": {"chart": {"chartId": number, "spec": spec, "position": position}}}
    for key in block.memory.charts:
        number = chosen_id(f"chart/{block.sheet_id}/{key}", others)
        if key not in wanted and number in block.charts:
            yield {"deleteEmbeddedObject": {"objectId": number}}


def _made(state: State, tabs: Sequence[Tab], attempt: int) -> Iterator[Json]:
    """The spreadsheet's memory of which blocks were ever made."""
    before = set(state.made or ())
    after = ",".join(sorted(before | {tab.block for tab in tabs}))
    if state.made is None:
        yield _create_metadata(chosen_id(f"made/{attempt}", state.metadata_ids), MADE_KEY, after, None)
    elif after != ",".join(state.made):
        yield _update_metadata(state.made_id, after)


def _create_metadata(number: int, key: str, value: str, sheet_id: int | None) -> Json:
    """Readable to other projects too (DOCUMENT), so that a new installation finds the tabs of the old one."""
    location: Json = {"spreadsheet": True} if sheet_id is None else {"sheetId": sheet_id}
    given = {
        "metadataId": number,
        "metadataKey": key,
        "metadataValue": value,
        "location": location,
        "visibility": "DOCUMENT",
    }
    return {"createDeveloperMetadata": {"developerMetadata": given}}


def _update_metadata(number: int, value: str) -> Json:
    return {
        "updateDeveloperMetadata": {
            "dataFilters": [{"developerMetadataLookup": {"metadataId": number}}],
            "developerMetadata": {"metadataValue": value},
            "fields": "metadataValue",
        }
    }


def _split(steps: Sequence[Step]) -> Iterator[tuple[Step, ...]]:
    """Batches that stay below Google's size."""
    batch: list[Step] = []
    size = 0
    for step in steps:
        length = len(json.dumps(step.request, ensure_ascii=False, separators=(",", ":")).encode()) + 1
        if batch and size + length > LARGEST_BATCH:
            yield tuple(batch)
            batch, size = [], 0
        batch.append(step)
        size += length
    if batch:
        yield tuple(batch)
