"""Formulas as text: their tokens, and the references in them when rows, columns and tabs move."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from kpi_core.frozen_dataclass import frozen
from sheets_sync.sandbox.document.a1 import REFERENCE, SHEET, Corner, Reference, parse_reference
from sheets_sync.sandbox.document.area import Shift


@frozen
class Token:
    """`kind` is one of string, function, reference, name, number, error, operator, space, unknown."""

    kind: str
    text: str


@functools.cache
def _pattern(decimal: str) -> re.Pattern[str]:
    number = rf"\d+(?:{re.escape(decimal)}\d+)?|{re.escape(decimal)}\d+"
    # The order counts: `LOG10(` is a function before it is a cell, `A1` is a cell before it is a name.
    return re.compile(
        rf'(?P<string>"(?:[^"]|"")*")'
        rf"|(?P<function>[A-Za-z_][\w.]*(?=\s*\())"
        rf"|(?P<error>#(?:REF!|N/A|NAME\?|VALUE!|DIV/0!|NUM!|NULL!|ERROR!))"
        rf"|(?P<reference>(?:{SHEET})?{REFERENCE}(?![\w(!]))"
        rf"|(?P<number>(?:{number})(?:[eE][+-]?\d+)?)"
        rf"|(?P<name>[^\W\d][\w.]*)"
        rf"|(?P<operator><>|<=|>=|[-+*/^&=<>(){{}},;%:\\])"
        rf"|(?P<space>\s+)|(?P<unknown>.)",
        re.DOTALL,
    )


def tokens(formula: str, decimal: str = ".") -> Iterator[Token]:
    """The tokens of a formula without its leading `=`."""
    for match in _pattern(decimal).finditer(formula):
        yield Token(match.lastgroup or "unknown", match.group())


def rewritten(formula: str, change: Callable[[Reference], Reference | None]) -> str:
    """The formula with each reference changed; one that is gone becomes #REF!."""
    parts = []
    for token in tokens(formula):
        reference = parse_reference(token.text) if token.kind == "reference" else None
        if reference is None:
            parts.append(token.text)
            continue
        changed = change(reference)
        parts.append("#REF!" if changed is None else token.text if changed == reference else str(changed))
    return "".join(parts)


def shifted_reference(reference: Reference, shift: Shift) -> Reference | None:
    """The reference after an edit of the tab it points at."""
    top, left, bottom, right = reference.bounds()
    start, end = (top, bottom) if shift.dimension == "ROWS" else (left, right)
    across = (left, right) if shift.dimension == "ROWS" else (top, bottom)
    if (start is None and end is None) or not shift.takes(*across):
        return reference
    moved = shift.span(start, end)
    if moved is None:
        return None
    first, last = reference.first, reference.last or reference.first
    name = "row" if shift.dimension == "ROWS" else "column"
    new_first = first if moved[0] is None else _with(first, name, moved[0])
    # Half-open in here, inclusive in the notation.
    new_last = last if moved[1] is None else _with(last, name, moved[1] - 1)
    return Reference(reference.sheet, new_first, new_last if reference.last else None)


def translated(formula: str, rows: int, columns: int) -> str:
    """The formula as it reads when copied so many rows down and columns right: `$` holds a part in place."""

    def corner(old: Corner) -> Corner:
        row = old.row if old.row is None or old.row_fixed else old.row + rows
        column = old.column if old.column is None or old.column_fixed else old.column + columns
        return replace(old, row=row, column=column)

    def change(reference: Reference) -> Reference | None:
        first, last = corner(reference.first), corner(reference.last) if reference.last else None
        parts = [part for end in (first, last) if end for part in (end.row, end.column)]
        off_grid = any(part is not None and part < 0 for part in parts)
        return None if off_grid else Reference(reference.sheet, first, last)

    return rewritten(formula, change)


def _with(corner: Corner, name: str, index: int) -> Corner:
    if getattr(corner, name) is None:
        return corner
    return replace(corner, row=index) if name == "row" else replace(corner, column=index)
