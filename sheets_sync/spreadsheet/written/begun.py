"""A write written down before it is sent, so that the sync after one that died can put right what it wrote upon.

A write that slipped is mended by its own sync. Where that one is gone, what it had sent and what people's cells held is
all that is needed: its numbers are looked for where they lie now.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sheets_sync.spreadsheet.arrangement import Axis, Layout
from sheets_sync.spreadsheet.identity import line_of
from sheets_sync.spreadsheet.mending import Footprint
from sheets_sync.spreadsheet.state import Block, Memory
from sheets_sync.tabs.cells import AsRead, EnteredValue, entered, same_value

Json = Mapping[str, Any]

MOST_CELLS = 20_000
"""More than these are not written down: then such a sync is as if nobody remembered it."""
_FARTHEST = 50
"""Rows up and down in which the numbers of a row are looked for."""


def begun(prints: Sequence[Footprint]) -> list[Json]:
    """What is about to be written into tabs that were there before, as JSON. Where a copy stands by it is enough."""
    each = [one for one in prints if one.block.written and one.written and not one.aside]
    return [_to_json(one) for one in each if len(one.written) <= MOST_CELLS]


def unfinished(texts: Sequence[Json], blocks: Mapping[str, Block]) -> dict[str, Footprint]:
    """Such writes that have reached these tabs, by tab; their cells where they lie now."""
    there = [(_from_json(text), blocks.get(str(text["block"]))) for text in texts]
    return {
        block.block: found
        for print_of, block in there
        if block is not None and block.sheet_id == print_of.block.sheet_id
        if (found := _landed(print_of, block)) is not None
    }


def _landed(print_of: Footprint, block: Block) -> Footprint | None:
    rows: dict[int, dict[int, EnteredValue]] = {}
    for (row, column), cell in print_of.written.items():
        rows.setdefault(row, {})[column] = entered(cell)
    places = {row: place for row, cells in rows.items() if (place := _found(row, cells, block)) is not None}
    # A row of one number may hold it by chance; that most do is none.
    sought = [row for row, cells in rows.items() if any(cells.values())]
    if not places or 2 * len(places) < len(sought):
        return None
    written = {(places[row], column): cell for (row, column), cell in print_of.written.items() if row in places}
    return replace(print_of, written=written)


def _found(row: int, cells: Mapping[int, EnteredValue], block: Block) -> int | None:
    """The nearest row that holds all of these."""
    if not any(cells.values()):
        return None
    away = (row + sign * step for step in range(_FARTHEST + 1) for sign in ((1, -1) if step else (1,)))
    return next((place for place in away if 0 <= place < len(block.cells) and _holds(block, place, cells)), None)


def _holds(block: Block, row: int, cells: Mapping[int, EnteredValue]) -> bool:
    there = block.cells[row]
    return all(same_value(AsRead(cell), there[place] if place < len(there) else {}) for place, cell in cells.items())


def _to_json(print_of: Footprint) -> Json:
    block, layout = print_of.block, print_of.layout
    return {
        "block": block.block,
        "sheet": block.sheet_id,
        "marks": [[place, text] for place, text in block.columns.items()],
        "header": layout.header,
        "axes": [_axis_json(axis) for axis in (layout.rows, layout.columns)],
        "lines": [
            [[place, line.to_text()] for place, line in lines.items()] for lines in (print_of.rows, print_of.columns)
        ],
        "held": list(_peoples(print_of)),
        "written": [[row, column, entered(cell)] for (row, column), cell in print_of.written.items()],
    }


def _peoples(print_of: Footprint) -> Iterator[tuple[int, int, EnteredValue]]:
    """What stood in cells that are none of the bot's, by their places as read."""
    axes = print_of.layout.rows, print_of.layout.columns
    rows, columns = ({axis.was(place) for place in (*axis.lines, *axis.left)} for axis in axes)
    for row, cells in enumerate(print_of.block.cells):
        yield from (
            (row, column, dict(cell))
            for column, cell in enumerate(cells)
            if cell and not (row in rows and column in columns)
        )


def _axis_json(axis: Axis) -> Json:
    return {
        "lines": list(axis.lines),
        "left": [[place, key] for place, key in axis.left.items()],
        "edits": [list(edit) for edit in axis.edits],
        "origin": list(axis.origin) if axis.edits else len(axis.origin),
    }


def _from_json(text: Json) -> Footprint:
    held = {(row, column): cell for row, column, cell in text["held"]}
    height = max((row for row, _column in held), default=-1) + 1
    width = max((column for _row, column in held), default=-1) + 1
    cells = tuple(tuple(held.get((row, column), {}) for column in range(width)) for row in range(height))
    block = Block(
        text["block"],
        text["sheet"],
        "",
        0,
        0,
        0,
        "",
        Memory(),
        cells=cells,
        columns=dict(text["marks"]),
    )
    rows, columns = (_axis(axis) for axis in text["axes"])
    lines = [{place: line_of(mark) for place, mark in each} for each in text["lines"]]
    written = {(row, column): AsRead(cell) for row, column, cell in text["written"]}
    return Footprint(block, Layout(rows, columns, text["header"]), lines[0], lines[1], written)


def _axis(text: Json) -> Axis:
    origin = text["origin"]
    return Axis(
        lines=tuple(text["lines"]),
        left=dict(text["left"]),
        edits=tuple((kind, start, end) for kind, start, end in text["edits"]),
        origin=tuple(range(origin)) if isinstance(origin, int) else tuple(origin),
    )
