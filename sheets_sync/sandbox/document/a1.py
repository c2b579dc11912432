"""A1 notation: `B2`, `Sheet1!A1:C5`, `'Plan 2026'!A:C`, `2:5`, `A2:C`, `B2:5`, with `$` where a formula fixes it.

R1C1 notation, too, where a call names a range: `R2C1`, `Sheet1!R1C1:R3C2`.
"""

from __future__ import annotations

import re

from kpi_core.frozen_dataclass import frozen

CELL = r"\$?[A-Za-z]{1,3}\$?[1-9]\d*"
_COLUMN, _ROW = r"\$?[A-Za-z]{1,3}", r"\$?[1-9]\d*"
# The longer forms first, for the first that fits is taken: `A2:C` must not be read as `A2` and a rest.
REFERENCE = (
    rf"(?:{CELL}:{_COLUMN}(?![\w(])|{CELL}:{_ROW}(?![\w(])|{CELL}(?::{CELL})?"
    rf"|{_COLUMN}:{CELL}|{_COLUMN}:{_COLUMN}|{_ROW}:{_ROW})"
)
SHEET = r"(?:'(?:[^']|'')+'|[^\W\d][\w.]*)!"
PLAIN_TITLE = re.compile(r"[^\W\d]\w*")
_CORNER = re.compile(r"(\$?)([A-Za-z]{0,3})(\$?)(\d*)")
_WHOLE = re.compile(REFERENCE)
_R1C1 = re.compile(r"R([1-9]\d*)C([1-9]\d*)(?::R([1-9]\d*)C([1-9]\d*))?", re.IGNORECASE)


@frozen
class Corner:
    """One corner as typed; None where the notation leaves the row or the column open; counted from 0."""

    row: int | None
    column: int | None
    row_fixed: bool = False
    column_fixed: bool = False

    def __str__(self) -> str:
        column = "" if self.column is None else ("$" if self.column_fixed else "") + column_letters(self.column)
        row = "" if self.row is None else ("$" if self.row_fixed else "") + str(self.row + 1)
        return column + row


@frozen
class Reference:
    """A cell or a rectangle; `last` is None for a single cell, else inclusive."""

    sheet: str | None
    first: Corner
    last: Corner | None

    def __str__(self) -> str:
        place = f"{self.first}:{self.last}" if self.last else str(self.first)
        return f"{quoted(self.sheet)}!{place}" if self.sheet is not None else place

    def bounds(self) -> tuple[int | None, int | None, int | None, int | None]:
        """(top, left, bottom, right): half-open, None where open; corners may come in any order."""
        last = self.last or self.first
        top, bottom = _span(self.first.row, last.row)
        left, right = _span(self.first.column, last.column)
        return top, left, bottom, right


def column_letters(column: int) -> str:
    """0 is A, 25 is Z, 26 is AA."""
    letters = ""
    column += 1
    while column:
        # Letters have no zero, AA follows Z: hence one less before each digit.
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def column_number(letters: str) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number - 1


def quoted(title: str) -> str:
    """A tab's title as it stands before the `!`."""
    # `Q1` without quotes would be the cell of that name.
    looks_like_cell = _WHOLE.fullmatch(title) is not None
    if PLAIN_TITLE.fullmatch(title) and not looks_like_cell:
        return title
    return "'" + title.replace("'", "''") + "'"


def parse_reference(text: str) -> Reference | None:
    """The reference that `text` is as a whole, or None."""
    sheet, place = split_title(text)
    if not _WHOLE.fullmatch(place):
        return None
    first, _, last = place.partition(":")
    return Reference(sheet, _corner(first), _corner(last) if last else None)


def parse_r1c1(text: str) -> Reference | None:
    """The reference that `text` is in R1C1 notation, or None; relative ones (`R[1]C[1]`) point from no cell here."""
    sheet, place = split_title(text)
    match = _R1C1.fullmatch(place)
    if match is None:
        return None
    row, column, last_row, last_column = (int(part) - 1 if part else None for part in match.groups())
    return Reference(sheet, Corner(row, column), None if last_row is None else Corner(last_row, last_column))


def split_title(text: str) -> tuple[str | None, str]:
    """The tab's title without its quotes, None where none is named, and what stands behind it."""
    if "!" not in text:
        return None, text
    # A title may hold a `!` of its own, a place never does.
    title, place = text.rsplit("!", 1)
    return unquoted(title), place


def unquoted(title: str) -> str:
    return title[1:-1].replace("''", "'") if title.startswith("'") and title.endswith("'") else title


def _corner(text: str) -> Corner:
    match = _CORNER.fullmatch(text)
    assert match
    mark, letters, second, digits = match.groups()
    row = int(digits) - 1 if digits else None
    column = column_number(letters) if letters else None
    # In `$5` the pattern takes the sign for the column's, which has no letter there.
    return Corner(row, column, bool(second or (mark and not letters)), bool(mark and letters))


def _span(one: int | None, other: int | None) -> tuple[int | None, int | None]:
    if one is None and other is None:
        return None, None
    # `A2:A` begins in row 2 and has no end; so has `A:A2`.
    if one is None or other is None:
        return (other if one is None else one), None
    return min(one, other), max(one, other) + 1


def area_name(title: str, first: tuple[int, int], end: tuple[int, int]) -> str:
    """A range as Google writes it in answers: `'Plan 2026'!A1:C5`, one cell without the colon; `end` is exclusive."""
    corner, last = str(Corner(*first)), str(Corner(end[0] - 1, end[1] - 1))
    return f"{quoted(title)}!{corner}" + ("" if corner == last else f":{last}")
