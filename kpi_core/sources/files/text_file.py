"""A table in a text file, from its header on."""

from __future__ import annotations

import contextlib
import csv
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import count, islice
from pathlib import Path
from typing import Literal

from kpi_core.frozen_dataclass import frozen
from kpi_core.sources import LeftOut, Place

LONGEST_LINE = 16_000_000
"""Bytes of one row."""
OPENING = 60
"""Records among which a header is looked for."""

Record = tuple[int, list[str]]
"""The line a record begins on, and its cells."""


@frozen
class TextFile:
    """A delimited file, in UTF-8 at `path`, where its header is the first record; people know it as `label`."""

    label: str
    path: Path
    delimiter: str = ","
    modified: int = 0
    """When what people know was last written, in nanoseconds."""
    header_line: int = 1
    """The line of the header in the file that people know, or its row in a sheet."""
    unit: Literal["line", "row"] = "line"
    left_out: tuple[LeftOut, ...] = ()
    """What stands above the header, and below the table."""
    above: tuple[str, ...] = ()
    """The texts of the lines above the header."""
    size: int | None = None
    """The bytes of all its text, where `path` holds but a part of it."""

    def records(self) -> Iterator[Record]:
        """Each record that is not blank, with the line it begins on."""
        for line, record in records_of(self.path, self.delimiter):
            yield line + self.header_line - 1, record

    def place(self, number: int) -> Place:
        return Place(self.label, number, self.unit)


def records_of(path: Path, delimiter: str) -> Iterator[Record]:
    """The records of a file in UTF-8 that are not blank, with the line each begins on."""
    csv.field_size_limit(LONGEST_LINE)
    with path.open(encoding="utf-8-sig", newline="") as lines:
        reader = csv.reader(lines, delimiter=delimiter, skipinitialspace=True)
        begins = 1
        for record in reader:
            # Blank lines before a record belong to no record.
            if record:
                yield begins, record
            begins = reader.line_num + 1


def opening(records: Iterable[Record]) -> list[Record]:
    """The first records; what is no table at all, as a line of many millions of signs, has fewer."""
    first: list[Record] = []
    with contextlib.suppress(csv.Error):
        first.extend(islice(records, OPENING))
    return first


def columns_of(file: TextFile) -> list[str]:
    """The header, trimmed; nameless columns get a number. Empty for an empty file."""
    header = next((record for _line, record in file.records()), [])
    return [text.strip() or f"column_{number}" for number, text in enumerate(header, start=1)]


def told_apart(header: Sequence[str]) -> list[str]:
    """The names of a header in SQL, where capitals count for nothing: those of twins get their number."""
    times = Counter(name.casefold() for name in header)
    taken, names = set(times), []
    for number, name in enumerate(header, start=1):
        own, tries = name, count(number)
        while times[name.casefold()] > 1 and own.casefold() in taken:
            own = f"{name}_{next(tries)}"
        taken.add(own.casefold())
        names.append(own)
    return names


def write_text_file(path: Path, rows: Iterable[Sequence[object]]) -> int:
    """Write rows as CSV in UTF-8, and count them. None and empty texts are the same afterwards."""
    written = 0
    with path.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.writer(lines)
        for row in rows:
            # A lone empty field would be a blank line, which is no row.
            writer.writerow(row if len(row) > 1 or row[0] not in (None, "") else ['""'])
            written += 1
    return written
