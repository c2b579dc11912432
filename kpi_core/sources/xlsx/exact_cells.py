"""What reading a workbook's cells as floating-point numbers would change: whole numbers of more than 15 digits.

An id of 17 digits that a program has written as a number stands in the file exactly, and would be another one as a
floating-point number. Where a formula failed, the file has an error, which is no empty cell.
"""

from __future__ import annotations

import re
import zipfile
from collections import defaultdict
from pathlib import Path, PurePosixPath
from xml.sax.saxutils import unescape

_CHUNK = 1 << 20
_SHEET = re.compile(r"<(?:\w+:)?sheet\b[^>]*>")
_RELATION = re.compile(r"<(?:\w+:)?Relationship\b[^>]*>")
_ATTRIBUTE = re.compile(r'([\w:]+)\s*=\s*"([^"]*)"')
_LONG = re.compile(rb'<c\b[^>]*?\br="([A-Z]+)(\d+)"[^>]*>(?:<f\b[^>]*?(?:/>|>[^<]*</f>))?<v>(-?\d{16,}|#[^<]+)</v>')
_FIGURES = re.compile(rb"<v>(?:-?\d{16}|#)")

Cells = dict[int, dict[int, str]]
"""By row, from 1, and column, from 0: the text that stands there."""


def exact_cells(path: Path, sheet: str) -> Cells:
    """The long numbers and the errors of a sheet as they stand in the file; none where it is no .xlsx."""
    cells: Cells = defaultdict(dict)
    if not zipfile.is_zipfile(path):
        return cells
    with zipfile.ZipFile(path) as archive:
        part = _part_of(archive, sheet)
        if part is None:
            return cells
        rest = b""
        with archive.open(part) as opened:
            while chunk := opened.read(_CHUNK):
                text = rest + chunk
                # A cell is cut nowhere: what follows the last whole one waits for the next chunk.
                end = text.rfind(b"</c>") + 4 if b"</c>" in text else 0
                whole, rest = text[:end], text[end:]
                if _FIGURES.search(whole):
                    for match in _LONG.finditer(whole):
                        cells[int(match[2])][_column(match[1])] = match[3].decode()
    return cells


def _part_of(archive: zipfile.ZipFile, sheet: str) -> str | None:
    """The name of the part of the archive that holds a sheet."""
    names = set(archive.namelist())
    if not {"xl/workbook.xml", "xl/_rels/workbook.xml.rels"} <= names:
        return None
    book = archive.read("xl/workbook.xml").decode("utf-8", "replace")
    listed = [dict(_ATTRIBUTE.findall(tag)) for tag in _SHEET.findall(book)]
    own = next((each for each in listed if unescape(each.get("name", ""), {"&quot;": '"'}) == sheet), {})
    relation = next((value for name, value in own.items() if name.endswith(":id")), None)
    relations = archive.read("xl/_rels/workbook.xml.rels").decode("utf-8", "replace")
    target = target_of(relations, relation or "")
    part = str(PurePosixPath(target.lstrip("/")) if target.startswith("/") else PurePosixPath("xl") / target)
    return part if part in names else None


def target_of(relations: str, relation: str) -> str:
    """What a relation of a part leads to, as its XML says; empty where there is none."""
    tags = [dict(_ATTRIBUTE.findall(tag)) for tag in _RELATION.findall(relations)]
    return next((tag.get("Target", "") for tag in tags if tag.get("Id") == relation), "")


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1
