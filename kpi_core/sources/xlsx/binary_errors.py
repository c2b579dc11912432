"""Cells of a binary workbook (.xlsb) whose formula failed: libraries read them as empty, and #REF! is not nothing.

The file is a zip of parts with records (MS-XLSB 2.1.4): those of errors, and of formulas with one, say where they
stand.
"""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from kpi_core.sources.xlsx.exact_cells import Cells, target_of
from kpi_core.sources.xlsx.failed_formulas import ERRORS

_BOOK, _RELATIONS = "xl/workbook.bin", "xl/_rels/workbook.bin.rels"
_ROW, _CELL_ERROR, _FORMULA_ERROR, _BOUND_SHEET = 0, 3, 11, 156
"""MS-XLSB 2.4: BrtRowHdr, BrtCellError, BrtFmlaError, BrtBundleSh."""
_CONTINUES = 0x80


def binary_errors(path: Path, sheet: str) -> Cells:
    """The errors of a sheet by row, from 1, and column, from 0; none where it is no .xlsb, or cannot be followed."""
    cells: Cells = {}
    if not zipfile.is_zipfile(path):
        return cells
    with zipfile.ZipFile(path) as archive:
        names = set(archive.namelist())
        if not {_BOOK, _RELATIONS} <= names:
            return cells
        relations = archive.read(_RELATIONS).decode("utf-8", "replace")
        try:
            target = target_of(relations, dict(_sheets(archive.read(_BOOK))).get(sheet, ""))
            part = str(PurePosixPath("xl") / target)
            for row, column, text in _errors(archive.read(part)) if part in names else ():
                cells.setdefault(row + 1, {})[column] = text
        except (struct.error, IndexError):
            return {}
    return cells


def _sheets(book: bytes) -> Iterator[tuple[str, str]]:
    """The name of each sheet with the id of its relation."""
    for kind, record in _records(book):
        if kind == _BOUND_SHEET:
            relation, end = _text(record, 8)
            yield _text(record, end)[0], relation


def _text(record: bytes, at: int) -> tuple[str, int]:
    """A text that begins with its length, and where it ends."""
    (length,) = struct.unpack_from("<I", record, at)
    end = at + 4 + 2 * length
    return record[at + 4 : end].decode("utf-16-le", "replace"), end


def _errors(part: bytes) -> Iterator[tuple[int, int, str]]:
    """Row and column, both from 0, and the error of each cell that has one."""
    row = 0
    for kind, record in _records(part):
        if kind == _ROW and record:
            (row,) = struct.unpack_from("<I", record)
        elif kind in {_CELL_ERROR, _FORMULA_ERROR} and record[8] in ERRORS:
            (column,) = struct.unpack_from("<I", record)
            yield row, column, ERRORS[record[8]]


def _records(part: bytes) -> Iterator[tuple[int, bytes]]:
    """Each record with its kind: both its kind and its length are written in bytes of seven bits, least first."""
    at = 0
    while at < len(part):
        kind, at = part[at], at + 1
        if kind & _CONTINUES:
            kind, at = (kind & 0x7F) | (part[at] << 7), at + 1
        length, shift = 0, 0
        while True:
            byte, at = part[at], at + 1
            length |= (byte & 0x7F) << shift
            shift += 7
            if not byte & _CONTINUES:
                break
        yield kind, part[at : at + length]
        at += length
