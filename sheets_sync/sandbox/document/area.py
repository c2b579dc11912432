"""Rectangles of one tab (GridRange) and what row and column edits do to them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Literal

from kpi_core.frozen_dataclass import frozen
from sheets_sync.sandbox.api_errors import invalid

Json = dict[str, Any]
Dimension = Literal["ROWS", "COLUMNS"]
EDGES = ("startRowIndex", "startColumnIndex", "endRowIndex", "endColumnIndex")


@frozen
class Area:
    """Half-open rectangle inside a tab's grid, without open sides."""

    sheet_id: int
    top: int
    left: int
    bottom: int
    right: int

    def cells(self) -> Iterator[tuple[int, int]]:
        for row in range(self.top, self.bottom):
            for column in range(self.left, self.right):
                yield row, column

    def holds(self, row: int, column: int) -> bool:
        return self.top <= row < self.bottom and self.left <= column < self.right

    def meets(self, other: Area) -> bool:
        """Whether the two share a cell."""
        same = self.sheet_id == other.sheet_id
        return same and (
            max(self.top, other.top) < min(self.bottom, other.bottom)
            and max(self.left, other.left) < min(self.right, other.right)
        )

    def within(self, other: Area) -> bool:
        return self.sheet_id == other.sheet_id and (
            other.top <= self.top
            and other.left <= self.left
            and self.bottom <= other.bottom
            and self.right <= other.right
        )

    def to_json(self) -> Json:
        """A GridRange with all its sides."""
        edges = zip(EDGES, (self.top, self.left, self.bottom, self.right), strict=True)
        return {"sheetId": self.sheet_id, **dict(edges)}


def area_of(grid_range: Json, row_count: int, column_count: int) -> Area:
    """The rectangle of a GridRange in a tab of that size. Raises a 400 when it lies outside or is turned round."""
    top, left = grid_range.get("startRowIndex", 0), grid_range.get("startColumnIndex", 0)
    bottom = grid_range.get("endRowIndex", row_count)
    right = grid_range.get("endColumnIndex", column_count)
    for name, value, limit in zip(EDGES, (top, left, bottom, right), (row_count, column_count) * 2, strict=True):
        if value < 0:
            raise invalid(f"{name}[{value}] must be >= 0")
        if value > limit:
            word = "row" if "Row" in name else "column"
            raise invalid(f"GridRange.{name}[{value}] is after last {word} in grid[{limit}]")
    if top > bottom or left > right:
        raise invalid(f"startIndex[{top}] must be less than endIndex[{bottom}]")
    return Area(grid_range.get("sheetId", 0), top, left, bottom, right)


@frozen
class Shift:
    """An edit of rows or columns of one tab: where each index goes."""

    sheet_id: int
    dimension: Dimension
    index: Callable[[int], int | None]
    """The new place of one row or column; None when it is gone."""
    span: Callable[[int | None, int | None], tuple[int | None, int | None] | None]
    """The new place of a half-open run, whose ends may be open; None when nothing of it is left."""
    band: tuple[int, int] | None = None
    """With insertRange and deleteRange only this half-open run of the other dimension moves."""
    last: int = 0
    """Where the last line of the tab that stays comes to lie."""

    def takes(self, start: int | None, end: int | None) -> bool:
        """Whether something that spans this run of the other dimension moves along."""
        if self.band is None:
            return True
        # Only what lies in the band as a whole; what sticks out of it stays where it is.
        return start is not None and end is not None and self.band[0] <= start and end <= self.band[1]


def insertion(sheet_id: int, dimension: Dimension, at: int, count: int) -> Shift:
    """Rows or columns come in before `at`: a run grows when that is inside it, not when it is at its edge."""

    def span(start: int | None, end: int | None) -> tuple[int | None, int | None]:
        moved_start = start + count if start is not None and start >= at else start
        return moved_start, end + count if end is not None and end > at else end

    return Shift(sheet_id, dimension, lambda index: index + count if index >= at else index, span)


def deletion(sheet_id: int, dimension: Dimension, start: int, end: int) -> Shift:
    """Rows or columns [start, end) go; a run loses what it shares with them."""

    def edge(index: int | None) -> int | None:
        # Less by as many of the deleted lines as lie before it.
        return None if index is None else index - max(0, min(index, end) - start)

    def index(place: int) -> int | None:
        return None if start <= place < end else edge(place)

    def span(first: int | None, last: int | None) -> tuple[int | None, int | None] | None:
        new_first, new_last = edge(first), edge(last)
        empty = last is not None and (new_first or 0) >= (new_last or 0)
        return None if empty else (new_first, new_last)

    return Shift(sheet_id, dimension, index, span)


def movement(sheet_id: int, dimension: Dimension, start: int, end: int, destination: int) -> Shift:
    """Rows or columns [start, end) go before `destination`, counted before the move.

    A run inside the block travels with it; any other run is treated as if the block were cut out and put in.
    """
    count = end - start
    target = destination - count if destination >= end else destination
    out = deletion(sheet_id, dimension, start, end)
    back = insertion(sheet_id, dimension, target, count)

    def index(place: int) -> int | None:
        if start <= place < end:
            return place - start + target
        left = out.index(place)
        return None if left is None else back.index(left)

    def span(first: int | None, last: int | None) -> tuple[int | None, int | None] | None:
        if first is not None and last is not None and start <= first and last <= end:
            return first - start + target, last - start + target
        left = out.span(first, last)
        return None if left is None else back.span(*left)

    return Shift(sheet_id, dimension, index, span)
