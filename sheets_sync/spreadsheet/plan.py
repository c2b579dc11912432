"""Wanted tabs against the spreadsheet as read: the requests that are still missing, and nothing else.

Every id is chosen here, so that a batch sent twice fails with "already exists" instead of doubling. Cells of people
are in no request; where our block has to grow over them, they are moved aside by inserting rows or columns.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from kpi_core.phrases import Notice
from sheets_sync.spreadsheet.batches import Json, Step, batches_of
from sheets_sync.spreadsheet.cells import cell_requests, changed_cells
from sheets_sync.spreadsheet.drawing import Author, looks_requests
from sheets_sync.spreadsheet.looks import plain_again
from sheets_sync.spreadsheet.metadata import chosen_id, create_metadata, update_metadata
from sheets_sync.spreadsheet.repair import settled
from sheets_sync.spreadsheet.state import BLOCK_KEY, GROWN_KEY, MADE_KEY, Block, Memory, State
from sheets_sync.tabs.tab import Tab

_SPARE_ROWS, _SPARE_COLUMNS = 20, 10
_ROWS_FOR_PEOPLE = 200


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
            # The next new tab must not choose the same title or id.
            state = _with_block(state, block)
            steps += [Step(tab.block, request) for request in made]
        sound = settled(block, tab)
        if sound is not block:
            warnings.append(Notice("sheet.warning.repaired", {"tab": block.title}))
        requests, changed = _update(state, sound, tab, author)
        steps += [Step(tab.block, request) for request in requests]
        cells += changed
    steps += [Step("", request) for request in _made(state, tabs, attempt)]
    return Plan(tuple(batches_of(steps)), cells, tuple(warnings))


def _new_block(state: State, tab: Tab, attempt: int) -> tuple[list[Json], Block]:
    sheet_id = chosen_id(f"{tab.block}/{attempt}", state.sheet_ids)
    title = _free_title(tab.title, state.titles)
    rows, columns = _needed(tab)
    rows += _ROWS_FOR_PEOPLE if tab.typed_in else _SPARE_ROWS
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
    # Room first: all that follows names the places as they are after people's cells have moved aside.
    requests = [*_make_room(state, block, tab), *_grow_grid(block, tab)]
    written = list(changed_cells(block, tab))
    requests += cell_requests(block, tab, written)
    requests += plain_again(block, tab)
    drawn, memory = looks_requests(state, block, tab, author)
    requests += drawn
    remembered = f"{tab.block} {memory.to_text(block.sheet_id)}"
    if not block.written:
        requests.append(create_metadata(block.metadata_id, BLOCK_KEY, remembered, block.sheet_id))
    elif block.written != remembered:
        requests.append(update_metadata(block.metadata_id, remembered))
    return requests, len(written)


def _make_room(state: State, block: Block, tab: Tab) -> Iterator[Json]:
    """Inserted columns and rows where the block grows over cells that are not its own.

    Inserting twice would move people's cells twice: a mark with an id of its own in the same batch forbids it.
    """
    rows, columns = block.memory.rows, block.memory.columns
    if not block.written or tab.typed_in:
        return
    wide = tab.width > columns and _any_cell(block, 0, len(tab.rows), columns, tab.width)
    long = len(tab.rows) > rows and _any_cell(block, rows, len(tab.rows), 0, columns)
    if not (wide or long):
        return
    mark = chosen_id(f"grown/{block.sheet_id}/{block.grown}/{rows}x{columns}", state.metadata_ids)
    yield create_metadata(mark, GROWN_KEY, f"{len(tab.rows)}x{tab.width}", block.sheet_id)
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
    sizes = {"rowCount": (rows, block.grid_rows), "columnCount": (columns, block.grid_columns)}
    for name, (needed, there) in sizes.items():
        if needed > there:
            properties = {"sheetId": block.sheet_id, "gridProperties": {name: needed + _SPARE_ROWS}}
            yield {"updateSheetProperties": {"properties": properties, "fields": f"gridProperties.{name}"}}


def _made(state: State, tabs: Sequence[Tab], attempt: int) -> Iterator[Json]:
    """The spreadsheet's memory of which blocks were ever made."""
    before = set(state.made or ())
    after = ",".join(sorted(before | {tab.block for tab in tabs}))
    if state.made is None:
        yield create_metadata(chosen_id(f"made/{attempt}", state.metadata_ids), MADE_KEY, after, None)
    elif after != ",".join(state.made):
        yield update_metadata(state.made_id, after)
