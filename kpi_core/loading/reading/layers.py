"""How a column of a source is read: SQL in layers, each of which may use the columns of those before."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import zip_longest
from typing import Literal

from kpi_core.frozen_dataclass import frozen

WrittenBy = Literal["people", "cells", "database"]
"""Who wrote the numbers of a source as text: people and tools in any style, a spreadsheet's cells or a database, whose
1.5 is always one and a half."""


@frozen
class Reading:
    """SQL over the rows with all `layers` beside them.

    `value` is the typed value, NULL where none can be read; `present` whether the cell holds anything; `open` whether
    it means one of two things and nothing says which.
    """

    value: str
    present: str
    open: str = "false"
    layers: tuple[tuple[str, ...], ...] = ()
    """Columns as `expression AS name`."""
    takes_any: bool = False
    """Whether whatever a cell holds can be read, as any text can."""


def beside(rows: str, layers: Iterable[Sequence[str]]) -> str:
    """The rows of a query with the layers' columns beside their own."""
    for columns in layers:
        rows = f"SELECT {', '.join(['*', *columns])} FROM ({rows})"  # noqa: S608  (expressions of our own)
    return rows


def together(readings: Iterable[Reading]) -> list[tuple[str, ...]]:
    """The layers of several columns, worked out side by side."""
    return [
        tuple(column for columns in layer for column in columns)
        for layer in zip_longest(*(reading.layers for reading in readings), fillvalue=())
    ]
