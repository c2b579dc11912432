"""Wanted tabs against the spreadsheet as read: the requests that are still missing, and nothing else.

Every id is chosen here, so that a batch sent twice fails with "already exists" instead of doubling. Cells of people
are in no request.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import compress

from kpi_core.frozen_dataclass import frozen
from kpi_core.phrases import Notice
from sheets_sync.spreadsheet.arrangement import Layout, column_lines, identity, laid_out, row_lines, with_keys
from sheets_sync.spreadsheet.batches import LARGEST_BATCH, Json, Step, batches_of, encoded_size
from sheets_sync.spreadsheet.cells import Changed, cell_requests, changed_cells, remark_requests
from sheets_sync.spreadsheet.drawing import Author, looks_requests, rule_marks, unmerged
from sheets_sync.spreadsheet.growth import grown, only_grows
from sheets_sync.spreadsheet.identity import Line, Places, name_of
from sheets_sync.spreadsheet.looks import digest
from sheets_sync.spreadsheet.mending import Footprint, footprint, strays
from sheets_sync.spreadsheet.metadata import (
    chosen_id,
    create_column_mark,
    create_metadata,
    delete_metadata,
    update_metadata,
)
from sheets_sync.spreadsheet.set_aside import aside_of, edits_of
from sheets_sync.spreadsheet.state import AUTHOR_SIGN, BLOCK_KEY, GROWN_KEY, MADE_KEY, Block, Memory, State
from sheets_sync.spreadsheet.written.plain_values import value_range
from sheets_sync.tabs.tab import Tab

_SPARE_ROWS, _SPARE_COLUMNS = 20, 10
_ROWS_FOR_PEOPLE = 200
_ONE_WRITE = 20_000
"""Bytes up to which everything goes in one call, though two would send fewer."""
_LONGEST_ORDER = 8_000
"""Characters of keys that a tab's metadata remembers: Google takes 30,000 a tab in all."""


@frozen
class Plan:
    """Batches to be sent in order, each applied whole or not at all; none when nothing changed."""

    batches: tuple[tuple[Step, ...], ...]
    cells_changed: int
    warnings: tuple[Notice, ...]
    footprints: tuple[Footprint, ...] = ()
    """What the tabs that are written will look like."""


Closing = Callable[[Sequence[Footprint], int, Sequence[Notice]], Tab]
"""A tab that tells of the others: of what is written in them, how many cells that are, and their warnings."""


def make_plan(  # noqa: PLR0913, PLR0917 - what a plan rests on
    state: State,
    tabs: Sequence[Tab],
    author: Author,
    attempt: int = 0,
    slips: Mapping[str, Footprint] | None = None,
    closing: Closing | None = None,
) -> Plan:
    """What to send so that the spreadsheet shows `tabs` and `closing`. A second attempt chooses other ids for new tabs.

    `slips` are tabs whose last write came to lie elsewhere than meant: what it wrote upon is put back.
    """
    steps: list[Step] = []
    values: list[Step] | None = []
    growth: list[Step] = []
    cells = 0
    warnings: list[Notice] = []
    prints: list[Footprint] = []
    blocks: list[str] = []
    for each in (*tabs, *((closing,) if closing else ())):
        tab = each if isinstance(each, Tab) else each(prints, cells, warnings)
        block = state.blocks.get(tab.block)
        tab = with_keys(grown(tab, block, in_passing=values is None))
        blocks.append(tab.block)
        made: list[Json] = []
        if block is None:
            if tab.block in (state.made or ()):
                warnings.append(Notice("sheet.warning.remade", {"tab": tab.title}))
            made, block = _new_block(state, tab, attempt)
            # The next new tab must not choose the same title or id.
            state = _with_block(state, block)
        update = _update(state, block, tab, author, (slips or {}).get(tab.block))
        warnings += update.warnings
        whole = (*made, *update.structure)
        mine = [Step(tab.block, whole)] if whole else []
        mine += [Step(tab.block, (request,)) for request in update.requests]
        steps += mine
        if update.grows:
            growth += mine
        elif values is not None and mine:
            step = Step(tab.block, (), update.values)
            values = [*values, step] if update.values and not whole else None
        cells += update.cells
        if update.structure or update.requests:
            prints.append(update.footprint)
    made_before = [Step("", (request,)) for request in _made(state, blocks, attempt, author)]
    # A refusal of values names no tab, so what was refused is sent as requests.
    values = [] if made_before or attempt else values
    batches = _batches([*steps, *made_before], values or [], growth, prints)
    return Plan(batches, cells, tuple(warnings), tuple(prints))


def _batches(
    steps: Sequence[Step], values: Sequence[Step], growth: Sequence[Step], prints: Sequence[Footprint]
) -> tuple[tuple[Step, ...], ...]:
    """The requests, or in their stead the values alone where these are all that changes and take fewer bytes.

    Rows of tabs that grow go in a batch behind the values, unless everything is small enough for a single one.
    """
    size = sum(encoded_size(step.values) for step in values)
    requests = sum(encoded_size(step.requests) for step in steps) + sum(encoded_size(each.ranges()) for each in prints)
    is_worth_two = not growth or requests > _ONE_WRITE
    if values and is_worth_two and size < min(requests, LARGEST_BATCH):
        return (tuple(values), *batches_of(growth))
    return tuple(batches_of(steps))


def _new_block(state: State, tab: Tab, attempt: int) -> tuple[list[Json], Block]:
    sheet_id = chosen_id(f"{tab.block}/{attempt}", state.sheet_ids)
    title = free_title(tab.title, state.titles)
    rows, columns = _needed(tab)
    rows += _ROWS_FOR_PEOPLE if tab.typed_in else _SPARE_ROWS
    columns += _SPARE_COLUMNS
    metadata_id = chosen_id(f"block/{sheet_id}", state.metadata_ids)
    grid = {
        "rowCount": rows,
        "columnCount": columns,
        "frozenRowCount": tab.header + 1 if tab.frozen is None else tab.frozen,
        "frozenColumnCount": 1,
    }
    hidden = {"hidden": True} if tab.hidden else {}
    add = {"addSheet": {"properties": {"sheetId": sheet_id, "title": title, "gridProperties": grid, **hidden}}}
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


def free_title(title: str, taken: Collection[str]) -> str:
    """The title, or one beside it where people have a tab of that name."""
    candidates = (title, f"{title} (KPI Bot)", *(f"{title} (KPI Bot {number})" for number in range(2, 1000)))
    return next(candidate for candidate in candidates if candidate.casefold() not in taken)


@frozen
class _Update:
    """What one tab needs. `structure` is sent whole or not at all: lines, the marks on them, and their keys."""

    structure: tuple[Json, ...]
    requests: tuple[Json, ...]
    cells: int
    footprint: Footprint
    warnings: tuple[Notice, ...] = ()
    values: Json | None = None
    """The same as plain values, where they are all that changes."""
    grows: bool = False
    """Whether it is new rows at the top that the tab needs."""


def _update(state: State, block: Block, tab: Tab, author: Author, slip: Footprint | None = None) -> _Update:
    """All requests that bring an own tab up to date, and how many cells they write."""
    layout, found = _layout(block, tab, slip)
    people = {layout.columns.lines[index] for index, column in enumerate(tab.columns) if column.people}
    written = changed_cells(block, tab, layout)
    # A write of which there was a copy is undone by now.
    if slip is not None and slip.aside is None:
        written = sorted([*strays(slip, block, layout), *written], key=lambda change: change[:2])
    marks = list(_column_marks(state, block, tab, layout))
    grows = only_grows(tab, layout)
    at_once, others = _split(written, layout, rows=grows) if layout.changed or marks else ([], written)
    looks = looks_requests(state, block, tab, layout, author)
    memory = _memory(block, tab, layout, looks.digests)
    made = [request for request in marks if "createDeveloperMetadata" in request]
    aside = None if grows else aside_of(state, block, layout, made)
    structure = [
        *(aside.requests(chosen_id(f"aside/{aside.sheet_id}", state.metadata_ids)) if aside else ()),
        *unmerged(block, layout),
        *looks.before,
        *_edits(state, block, layout),
        *_grow_grid(block, tab, layout),
        *marks,
        *looks.inserted,
        *cell_requests(block, at_once, people),
    ]
    cells = tuple(cell_requests(block, others, people))
    requests = [*cells, *looks.after]
    requests += remark_requests(block, tab, layout) if tab.typed_in or tab.remarks else ()
    remembered = f"{tab.block} {memory.to_text(block.sheet_id)}"
    if not block.written:
        # At once, so that a tab is never without its mark.
        unfinished = f"{tab.block} {Memory().to_text(block.sheet_id)}"
        structure.insert(0, create_metadata(block.metadata_id, BLOCK_KEY, unfinished, block.sheet_id))
        requests.append(update_metadata(block.metadata_id, remembered))
    elif _worth_remembering(block, memory, changed=bool(structure or len(requests) > len(cells))):
        requests.append(update_metadata(block.metadata_id, remembered))
    meant = replace(footprint(block, tab, layout, written), aside=aside)
    plain = value_range(block, others, people) if tuple(requests) == cells else None
    return _Update(tuple(structure), tuple(requests), len(written), meant, tuple(_told(block, found)), plain, grows)


def _layout(block: Block, tab: Tab, slip: Footprint | None) -> tuple[Layout, Places]:
    if not block.written or not (block.cells or block.columns):
        return identity(tab), Places({}, {}, frozenset())
    return laid_out(block, tab, slip.block.columns if slip else None)


def _split(written: Sequence[Changed], layout: Layout, *, rows: bool) -> tuple[list[Changed], list[Changed]]:
    """The cells of the key column, with `rows` those of new rows as well, and all others."""
    key = layout.columns.lines[-1]
    fresh = {layout.rows.lines[line] for line in layout.rows.fresh} if rows else set()
    at_once = [change[1] == key or change[0] in fresh for change in written]
    return list(compress(written, at_once)), [
        change for change, first in zip(written, at_once, strict=True) if not first
    ]


def _memory(block: Block, tab: Tab, layout: Layout, digests: Mapping[str, str]) -> Memory:
    order = [""] * (max(layout.rows.lines) + 1)
    for line, place in zip(row_lines(tab), layout.rows.lines, strict=True):
        order[place] = line.to_text()
    short = not tab.typed_in and not tab.grows and sum(len(key) + 3 for key in order) < _LONGEST_ORDER
    return Memory(
        rows=len(order),
        columns=max(layout.columns.lines) + 1,
        looks=digests,
        charts=tuple(chart.key for chart in tab.charts),
        rules=rule_marks(tab, layout, block.sheet_id),
        tab_memory=dict(tab.memory),
        order=tuple(order) if short else (),
    )


def _worth_remembering(block: Block, memory: Memory, *, changed: bool) -> bool:
    """Where lines lie and what they are called is remembered along with other changes, and is none by itself.

    New values are no such change: the mark of the tab would make them travel in the larger form.
    """
    before = block.memory
    if not changed:
        memory = replace(memory, rows=before.rows, columns=before.columns, order=before.order)
    return f"{block.block} {memory.to_text(block.sheet_id)}" != block.written


def _told(block: Block, found: Places) -> Iterator[Notice]:
    if found.copies:
        rows = ", ".join(str(row + 1) for row in sorted(found.copies))
        yield Notice("sheet.warning.copied_rows", {"tab": block.title, "rows": rows})


def _edits(state: State, block: Block, layout: Layout) -> Iterator[Json]:
    """Inserted and deleted rows and columns.

    Doing it twice would move people's cells twice: a mark with an id of its own in the same batch forbids it.
    """
    if not layout.changed:
        return
    edits = edits_of(layout)
    mark = chosen_id(f"grown/{block.sheet_id}/{block.grown}/{digest(edits)}", state.metadata_ids)
    yield create_metadata(mark, GROWN_KEY, digest(edits), block.sheet_id)
    yield from (delete_metadata(old) for old in block.grown)
    for dimension, kind, start, end in edits:
        place = {"sheetId": block.sheet_id, "dimension": dimension, "startIndex": start, "endIndex": end}
        if kind == "delete":
            yield {"deleteDimension": {"range": place}}
        else:
            yield {"insertDimension": {"range": place, "inheritFromBefore": start > 0}}


def _column_marks(state: State, block: Block, tab: Tab, layout: Layout) -> Iterator[Json]:
    """A mark on every column of ours that says what it is called, and none on others."""
    taken, columns = set(state.metadata_ids), layout.columns
    left = {place: Line(key, name_of(layout.read(block, layout.header, place))) for place, key in columns.left.items()}
    named = left | dict(zip(columns.lines, column_lines(tab), strict=True))
    right: set[int] = set()
    for was, numbers in block.column_ids.items():
        place = columns.now(was)
        line = named.get(place) if place is not None else None
        if place is not None and line and len(numbers) == 1 and block.columns[was] == line.to_text():
            right.add(place)
        elif place is not None:
            # A column that is deleted takes its mark along.
            yield from (delete_metadata(number) for number in numbers)
    for place, line in named.items():
        if place not in right:
            number = chosen_id(f"column/{block.sheet_id}/{line.key}", taken)
            taken.add(number)
            yield create_column_mark(number, line.to_text(), block.sheet_id, place)


def _grow_grid(block: Block, tab: Tab, layout: Layout) -> Iterator[Json]:
    """A larger grid where the block and its charts do not fit."""
    rows, columns = layout.place(_needed(tab)[0] - 1, _needed(tab)[1] - 1)
    sizes = {
        "rowCount": (rows + 1, block.grid_rows + layout.rows.shift),
        "columnCount": (columns + 1, block.grid_columns + layout.columns.shift),
    }
    for name, (needed, there) in sizes.items():
        if needed > there:
            properties = {"sheetId": block.sheet_id, "gridProperties": {name: needed + _SPARE_ROWS}}
            yield {"updateSheetProperties": {"properties": properties, "fields": f"gridProperties.{name}"}}


def _made(state: State, blocks: Collection[str], attempt: int, author: Author) -> Iterator[Json]:
    """The spreadsheet's memory of which blocks were ever made, and by which bot the last."""
    name = author.name or state.author
    signed = [f"{AUTHOR_SIGN}{name}"] if name else []
    after = ",".join([*sorted({*(state.made or ()), *blocks}), *signed])
    if state.made is None:
        yield create_metadata(chosen_id(f"made/{attempt}", state.metadata_ids), MADE_KEY, after, None)
    elif {*state.made} != {*state.made, *blocks} or name != state.author:
        yield update_metadata(state.made_id, after)
