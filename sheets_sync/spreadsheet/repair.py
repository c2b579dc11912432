"""A tab of ours whose rows or columns were shifted by its owner: how far our cells reach now.

The file's owner may insert and delete even where the tab is protected. Our cells are then written back to their place;
what was pushed out of the block at its end still is ours and has to go, or an old number would stay under a KPI's name.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import takewhile

from sheets_sync.spreadsheet.state import Block
from sheets_sync.tabs.cells import Cell, EnteredValue, entered
from sheets_sync.tabs.tab import Tab


def settled(block: Block, tab: Tab) -> Block:
    """The block with the extent that our cells have now. Where they were shifted, all looks count as lost."""
    if not block.written or tab.typed_in:
        return block
    memory = block.memory
    rows = _pushed_out([row[0] for row in tab.rows], _column(block.cells, 0), memory.rows)
    columns = _pushed_out(list(tab.rows[tab.header]), _row(block.cells, tab.header), memory.columns)
    if rows is None and columns is None:
        return block
    reach = replace(memory, rows=memory.rows + (rows or 0), columns=memory.columns + (columns or 0), looks={})
    return replace(block, memory=reach)


def _pushed_out(cells: Sequence[Cell], read: Sequence[EnteredValue], extent: int) -> int | None:
    """How many of our names follow after the extent; None where no name of ours is missing inside it."""
    names = [entered(cell) for cell in cells]
    missing = any(name and not value for name, value in zip(names[:extent], _padded(read, extent), strict=False))
    if not missing:
        return None
    # Up to the first that is not ours: what people wrote further down is theirs.
    return len(list(takewhile(lambda value: bool(value) and value in names, read[extent:])))


def _column(cells: Sequence[Sequence[EnteredValue]], column: int) -> list[EnteredValue]:
    return [row[column] if column < len(row) else {} for row in cells]


def _row(cells: Sequence[Sequence[EnteredValue]], row: int) -> list[EnteredValue]:
    return list(cells[row]) if row < len(cells) else []


def _padded(read: Sequence[EnteredValue], length: int) -> list[EnteredValue]:
    nothing: EnteredValue = {}
    return [*read[:length], *[nothing] * (length - len(read))]
