"""Rows of another width than their header's, by the byte they begin on; footers and totals among them are none."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence

from kpi_core.sources import LeftOut
from kpi_core.sources.files.text_file import TextFile
from kpi_core.sources.files.totals import is_signature, ragged_reason

_LINE_END = re.compile(rb"\r\n|\r|\n")
_EITHER_END = 25
"""Rows at the beginning and at the end that are looked at: totals and footers stand there."""
_TAIL = 1 << 13


def record_at(file: TextFile, start: int) -> tuple[int, list[str], int]:
    """Of the record that begins at a byte: its line, its cells and over how many lines it runs."""
    with file.path.open("rb") as opened:
        ahead = opened.read(start)
        # DuckDB may name the second byte of a row.
        if ahead[-2:-1] in {b"\r", b"\n"} and ahead[-1:] not in {b"\r", b"\n"}:
            ahead = ahead[:-1]
            opened.seek(len(ahead))
        while (sign := opened.read(1)) in {b"\r", b"\n"}:
            ahead += sign
        opened.seek(len(ahead))
        reader = csv.reader(io.TextIOWrapper(opened, "utf-8", newline=""), delimiter=file.delimiter)
        line = file.header_line + len(_LINE_END.findall(ahead))
        try:
            return line, next(reader, []), max(1, reader.line_num)
        except csv.Error:  # longer than any field may be
            return line, [], 1


def parted(file: TextFile, width: int, ragged: Sequence[int]) -> tuple[list[LeftOut], list[int]]:
    """Totals and footers among the ragged rows, and the bytes on which the others begin."""
    looked_at = dict.fromkeys([*ragged[:_EITHER_END], *ragged[-_EITHER_END:]])
    none: dict[int, LeftOut] = {}
    records = {start: record_at(file, start) for start in looked_at}
    last = {start for start in looked_at if _is_last(file, width, start)}
    # Whoever signs a file below its table writes more than one line there.
    is_signed = any(is_signature(cells) for start, (_line, cells, _lines) in records.items() if start in last)
    for start, (line, cells, _lines) in records.items():
        reason = ragged_reason(cells, width, is_last=start in last, is_signed=is_signed)
        if reason:
            none[start] = LeftOut(reason, 1, ((file.place(line), " ".join(filter(None, cells))[:60]),))
    return list(none.values()), [start for start in ragged if start not in none]


def _is_last(file: TextFile, width: int, start: int) -> bool:
    """Whether only rows of another width follow, and the file is whole."""
    size = file.path.stat().st_size
    if size - start > _TAIL:
        return False
    with file.path.open("rb") as opened:
        opened.seek(start)
        text = opened.read().decode("utf-8", "replace")
    try:
        rest = list(csv.reader(io.StringIO(text, newline=""), delimiter=file.delimiter))
    except csv.Error:
        return False
    return text.endswith(("\n", "\r")) and all(len(cells) != width for cells in rest)
