"""Cells of an old workbook (.xls) whose formula failed: libraries read them as empty, and #REF! is not nothing.

The file is a compound file (MS-CFB) with a stream of records (MS-XLS): those of errors and of formulas with one say
where they stand. What cannot be followed says nothing: it is read as before.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

from kpi_core.frozen_dataclass import frozen
from kpi_core.sources.xlsx.exact_cells import Cells

_SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_LAST = 0xFFFFFFFA
"""Numbers of sectors end here; what is above has a meaning of its own."""
_ENTRY = 128
_FORMULA, _END, _BOUND_SHEET, _BOOL_OR_ERROR = 0x0006, 0x000A, 0x0085, 0x0205
ERRORS = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}
"""MS-XLS 2.5.10, BErr."""


def failed_formulas(path: Path, sheet: str) -> Cells:
    """The errors of a sheet by row, from 1, and column, from 0; none where it is no .xls."""
    with path.open("rb") as opened:
        if opened.read(8) != _SIGNATURE:
            return {}
        opened.seek(0)
        content = opened.read()
    cells: Cells = {}
    try:
        for row, column, text in _errors(_book(content), sheet):
            cells.setdefault(row + 1, {})[column] = text
    except (struct.error, IndexError):
        return {}
    return cells


@frozen
class _Compound:
    """A file of sectors: `size` bytes each, and by its number the one that follows."""

    content: bytes
    size: int
    following: tuple[int, ...]

    def chain(self, first: int) -> bytes:
        pieces: list[bytes] = []
        while first < _LAST and len(pieces) <= len(self.following):
            at = (first + 1) * self.size
            pieces.append(self.content[at : at + self.size])
            first = self.following[first]
        return b"".join(pieces)


def _book(content: bytes) -> bytes:
    """The stream of the workbook; empty where there is none."""
    shift, small_shift = struct.unpack_from("<HH", content, 30)
    first_directory, _signature, limit, first_small = struct.unpack_from("<IIII", content, 48)
    size = 1 << shift
    bare = _Compound(content, size, ())
    sectors = [number for number in _tables(content, size) if number < _LAST]
    table = b"".join(content[(number + 1) * size : (number + 2) * size] for number in sectors)
    compound = _Compound(content, bare.size, struct.unpack(f"<{len(table) // 4}I", table))
    directory = compound.chain(first_directory)
    entries = [directory[at : at + _ENTRY] for at in range(0, len(directory) - _ENTRY + 1, _ENTRY)]
    named = {entry[: max(0, struct.unpack_from("<H", entry, 64)[0] - 2)].decode("utf-16-le", "replace"): entry
             for entry in reversed(entries)}  # fmt: skip
    entry = named.get("Workbook") or named.get("Book")
    if entry is None:
        return b""
    first, length = struct.unpack_from("<II", entry, 116)
    if length >= limit:
        return compound.chain(first)[:length]
    small = compound.chain(first_small)
    root = compound.chain(struct.unpack_from("<I", entries[0], 116)[0])
    # Short streams lie in one of their own; its sectors have no header before them.
    return _Compound(
        bytes(1 << small_shift) + root, 1 << small_shift, struct.unpack(f"<{len(small) // 4}I", small)
    ).chain(first)[:length]


def _tables(content: bytes, size: int) -> Iterator[int]:
    """The sectors of the table of sectors: the first 109 stand in the header, others in sectors of their own."""
    yield from struct.unpack_from("<109I", content, 76)
    further, count = struct.unpack_from("<II", content, 68)
    for _number in range(count):
        if further >= _LAST:
            return
        *numbers, further = struct.unpack_from(f"<{size // 4}I", content, (further + 1) * size)
        yield from numbers


def _errors(book: bytes, sheet: str) -> Iterator[tuple[int, int, str]]:
    """Row and column, both from 0, and the error of each cell of a sheet that has one."""
    start = next((start for name, start in _sheets(book) if name == sheet), None)
    if start is None:
        return
    for kind, record in _records(book, start):
        code = None
        if kind == _BOOL_OR_ERROR and record[7]:
            code = record[6]
        elif kind == _FORMULA and record[12:14] == b"\xff\xff" and record[6] == 2:
            code = record[8]
        if code in ERRORS:
            row, column = struct.unpack_from("<HH", record)
            yield row, column, ERRORS[code]


def _sheets(book: bytes) -> Iterator[tuple[str, int]]:
    for kind, record in _records(book, 0):
        if kind == _BOUND_SHEET:
            (start,) = struct.unpack_from("<I", record)
            length, is_wide = record[6], record[7] & 1
            name = record[8 : 8 + length * (1 + is_wide)]
            yield name.decode("utf-16-le" if is_wide else "latin-1"), start


def _records(book: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    """The records from a place to the end of its part."""
    while at + 4 <= len(book):
        kind, length = struct.unpack_from("<HH", book, at)
        yield kind, book[at + 4 : at + 4 + length]
        if kind == _END:
            return
        at += 4 + length
