"""What a write shows of itself, and what is put back when rows or columns had moved between reading and writing.

There is no "write only if nothing changed" in Google's API. But the answer to a write can show the keys of the rows and
the words of the header row as they are afterwards: where they lie elsewhere than meant, what was written lies wrong.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field, replace
from typing import Any

from kpi_core.frozen_dataclass import frozen
from kpi_core.sources.a1_notation import column_letters, tab_in_a1
from sheets_sync.spreadsheet.arrangement import KEY_COLUMN, Axis, Layout, column_lines, is_bare, row_lines
from sheets_sync.spreadsheet.identity import Line, line_of, name_of
from sheets_sync.spreadsheet.set_aside import Aside
from sheets_sync.spreadsheet.state import Block
from sheets_sync.tabs.cells import AsRead, Cell, EnteredValue, same_value
from sheets_sync.tabs.tab import Tab

Place = tuple[int, int]
Json = Mapping[str, Any]


@frozen
class Footprint:
    """What one tab is meant to look like after a write, and what was there before."""

    block: Block
    layout: Layout
    rows: Mapping[int, Line]
    columns: Mapping[int, Line]
    written: Mapping[Place, Cell] = field(default_factory=dict)
    aside: Aside | None = None

    @property
    def key_column(self) -> int:
        return next(place for place, line in self.columns.items() if line.key == KEY_COLUMN)

    def ranges(self) -> list[str]:
        """The key column and the header row, as Google wants to be asked for them; of the copy, where there is one."""
        if self.aside:
            return self.aside.ranges()
        title = tab_in_a1(self.block.title)
        letters, header = column_letters(self.key_column), self.layout.header + 1
        return [f"{title}!{letters}:{letters}", f"{title}!{header}:{header}"]

    def stands(self, sheets: Mapping[int, Json]) -> bool:
        """Whether all rows and columns lie where they were meant to be; `sheets` are those of the answer, by id."""
        if self.aside:
            return self.aside.is_as_read(sheets.get(self.aside.sheet_id, {}))
        sheet = sheets.get(self.block.sheet_id, {})
        cells: dict[Place, EnteredValue] = {}
        for data in sheet.get("data", []):
            top, left = data.get("startRow", 0), data.get("startColumn", 0)
            for row, line in enumerate(data.get("rowData", []), top):
                for column, cell in enumerate(line.get("values", []), left):
                    cells[row, column] = cell.get("userEnteredValue", {})
        marks = {row: line_of(name_of(cells.get((row, self.key_column), {}))).key for row in self.rows}
        names = {place: name_of(cells.get((self.layout.header, place), {})) for place in self.columns}
        return all(marks[row] == line.key for row, line in self.rows.items()) and all(
            names[place] == line.name for place, line in self.columns.items() if line.name
        )

    def before(self, row: int, column: int) -> EnteredValue:
        """What a cell held when it was read."""
        return self.layout.read(self.block, row, column)


def footprint(block: Block, tab: Tab, layout: Layout, written: Sequence[tuple[int, int, Cell]]) -> Footprint:
    """What `tab` looks like once it is written."""
    rows = dict(zip(layout.rows.lines, row_lines(tab), strict=True))
    columns = dict(zip(layout.columns.lines, column_lines(tab), strict=True))
    return Footprint(block, layout, rows, columns, {(row, column): cell for row, column, cell in written})


def undone_print(block: Block, marks: Mapping[int, str]) -> Footprint:
    """A tab whose last write is undone: of it the marks of columns as they were read are all that counts."""
    nothing = Layout(Axis(()), Axis(()), 0)
    copy = Aside(0, "", 0, block, (), frozenset(), frozenset(), ())
    return Footprint(replace(block, columns=marks), nothing, {}, {}, {}, copy)


def strays(slip: Footprint, block: Block, layout: Layout) -> Iterator[tuple[int, int, Cell]]:
    """Cells of people's that a slipped write wrote upon, with what they held; by their places in `layout`."""
    ours_now = _lines_now(block)
    rows = _shifts({line.key: place for place, line in slip.rows.items()}, ours_now[0])
    columns = _shifts({line.key: place for place, line in slip.columns.items()}, ours_now[1])
    mine = {place: key for key, place in ours_now[0].items()}, {place: key for key, place in ours_now[1].items()}
    first = next(iter(slip.columns.values())).key
    # Those that are wanted no more and stay were the bot's too.
    keys = (
        {**slip.layout.rows.left, **{place: line.key for place, line in slip.rows.items()}},
        {**slip.layout.columns.left, **{place: line.key for place, line in slip.columns.items()}},
    )
    for (row, column), cell in slip.written.items():
        there = block.cells[row][column] if row < len(block.cells) and column < len(block.cells[row]) else {}
        if _is_ours(mine[0].get(row), mine[1].get(column), first) or not same_value(cell, there):
            continue
        place = layout.rows.now(row), layout.columns.now(column)
        if place[0] is None or place[1] is None:
            continue
        meant = row - _shift_at(rows, row), column - _shift_at(columns, column)
        was_ours = _is_ours(keys[0].get(meant[0]), keys[1].get(meant[1]), first)
        held: EnteredValue = {} if was_ours else slip.before(*meant)
        if not same_value(AsRead(held), there):
            yield place[0], place[1], AsRead(held)


def _is_ours(row: str | None, column: str | None, first: str) -> bool:
    """Whether a cell in lines of these keys is the bot's; None is a line of people's."""
    return row is not None and column is not None and (not is_bare(row) or column in {first, KEY_COLUMN})


def _lines_now(block: Block) -> tuple[dict[str, int], dict[str, int]]:
    """Where marks lie now: of the rows, of the columns."""
    columns = {line_of(text).key: place for place, text in block.columns.items()}
    key = columns.get(KEY_COLUMN)
    rows: dict[str, int] = {}
    for row, cells in enumerate(block.cells):
        if key is not None and key < len(cells) and cells[key]:
            rows.setdefault(line_of(name_of(cells[key])).key, row)
    return rows, columns


def _shifts(meant: Mapping[str, int], now: Mapping[str, int]) -> list[tuple[int, int]]:
    """(place now, how much further on than meant), in the order of the places."""
    return sorted((now[key], now[key] - place) for key, place in meant.items() if key in now)


def _shift_at(shifts: Sequence[tuple[int, int]], place: int) -> int:
    """How far a line of people's was moved: as far as the line of ours above it, or the first one."""
    above = bisect_right(shifts, (place, 1 << 30)) - 1
    return shifts[max(above, 0)][1] if shifts else 0
