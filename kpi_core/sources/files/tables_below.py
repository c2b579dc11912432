"""Where a table ends before its file does: at a blank line below which another header stands. Pure but for the reading.

A blank line alone ends nothing, for downloads have them between their rows. Below it must stand names where the table
has numbers or dates, or names of another number of columns.
"""

from __future__ import annotations

import csv
import io
import mmap
import re
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from kpi_core.sources import EXAMPLES, LeftOut
from kpi_core.sources.files.text_file import TextFile

_MOST = 1_000
_AHEAD = 1 << 16
_ROWS = 200


def end_of_table(file: TextFile, header: int) -> tuple[int | None, tuple[LeftOut, ...]]:
    """The byte on which the table whose header stands on a line ends, and what stands below; None at the file's end."""
    candidates = list(islice(_below_blank_lines(file.path, file.delimiter), _MOST))
    if not candidates:
        return None, ()
    table = list(islice((record for record in file.records() if record[0] >= header), _ROWS))
    at = {
        line: byte
        for line, byte, ahead in candidates
        if line > header and is_other_table([cells for above, cells in table if above < line], ahead)
    }
    # A blank line within a quoted cell begins no record.
    below = [record for record in file.records() if record[0] in at or (at and record[0] > min(at))] if at else []
    first = next((line for line, _cells in below if line in at), None)
    if first is None:
        return None, ()
    rest = [record for record in below if record[0] >= first]
    examples = tuple((file.place(line), " ".join(filter(None, cells))[:60]) for line, cells in rest[:EXAMPLES])
    return at[first], (LeftOut("other_table", len(rest), examples),)


def is_value(text: str) -> bool:
    """Whether a cell holds a number, a date or an id rather than a name."""
    digits = sum(sign.isdigit() for sign in text)
    return 0 < digits >= sum(sign.isalpha() for sign in text)


def _below_blank_lines(path: Path, delimiter: str) -> Iterator[tuple[int, int, list[list[str]]]]:
    """The lines that follow blank ones, the byte on which the blank ones begin, and the next records."""
    if not path.stat().st_size:
        return
    with path.open("rb") as opened, mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as text:
        end = next((end for end in (b"\r\n", b"\n", b"\r") if text.find(end) >= 0), b"\n")
        blank = re.compile(end + b'(?:[ "' + re.escape(delimiter.encode()) + b"]*" + end + b")+")
        line, counted = 1, 0
        for match in blank.finditer(text):
            line += text[counted : match.end()].count(end)
            counted = match.end()
            ahead = text[counted : counted + _AHEAD].decode("utf-8", "ignore")
            if ahead.strip():
                yield line, match.start() + len(end), _records(ahead, delimiter)


def _records(text: str, delimiter: str) -> list[list[str]]:
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True)
        return list(islice((row for row in reader if any(map(str.strip, row))), 3))
    except csv.Error:
        return []


def is_other_table(table: Sequence[Sequence[str]], ahead: Sequence[Sequence[str]]) -> bool:
    """Whether these records begin another table: a title perhaps, then names, then values."""
    cells = [[cell.strip() for cell in row] for row in ahead]
    at = 1 if cells and sum(map(bool, cells[0])) == 1 and len(cells) > 1 else 0
    if len(table) < 2 or len(cells) <= at:
        return False
    names, rows = cells[at], cells[at + 1 :]
    there = [name for name in names if name]
    if len(there) < 2 or any(map(is_value, there)) or (rows and not any(map(is_value, rows[0]))):
        return False
    if rows and len(names) != len(table[0]) and len(rows[0]) == len(names):
        return True
    valued = _valued(table[1:])
    return 2 * sum(bool(names[number]) for number in valued if number < len(names)) > len(valued) > 0


def _valued(rows: Sequence[Sequence[str]]) -> list[int]:
    """The columns that hold values only."""
    columns = zip(*(row for row in rows if len(row) == len(rows[0])), strict=True)
    there = ([cell.strip() for cell in column if cell.strip()] for column in columns)
    return [number for number, cells in enumerate(there) if cells and all(map(is_value, cells))]
