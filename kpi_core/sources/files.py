"""What file sources share: finding files by a pattern, and tables of plain text from delimited files."""

from __future__ import annotations

import csv
import errno
import glob
import io
import os
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from kpi_core.errors import DataError
from kpi_core.settings.off_limits import HINT, is_state_file
from kpi_core.sources import EXAMPLES, Place, Raw, ReadRequest, Rejection, SourceFile
from kpi_core.sql.quoting import quoted

if TYPE_CHECKING:
    import duckdb

LONGEST_LINE = 16_000_000
"""Bytes of one row."""
_LINE_END = re.compile(rb"\r\n|\r|\n")


def matching_files(request: ReadRequest) -> list[Path]:
    """The files that `path:` names, each once, those of a pattern sorted by name. DataError when there are none."""
    patterns = request.texts("path") or (request.needed("path"),)
    paths: dict[Path, None] = {}
    for pattern in patterns:
        matches = sorted(Path(name) for name in glob.glob(str(request.folder / pattern), recursive=True))  # noqa: PTH207  (may be absolute)
        files = [path for path in matches if path.is_file()]
        if not files:
            raise _no_file(request, pattern)
        paths |= dict.fromkeys(files)
    if request.off_limits and any(is_state_file(path, request.off_limits, request.folder) for path in paths):
        message = f"Source {request.source.name}: path matches the state, which is no source."
        raise DataError(message, code="source_state", hint=HINT)
    return list(paths)


def _no_file(request: ReadRequest, pattern: str) -> DataError:
    _refuse_closed_folder(request.folder / pattern)
    hint = "Check path: in kpi.yaml; it starts at the folder of kpi.yaml."
    message, params = f"Source {request.source.name}: no file matches {pattern}.", {"pattern": pattern}
    return DataError(message, code="source_no_file", hint=hint, params=params)


def _refuse_closed_folder(pattern: Path) -> None:
    """PermissionError naming the folder, where a pattern matches nothing because it may not be looked into."""
    for folder in reversed(pattern.parents):
        try:
            if glob.has_magic(str(folder)) or not folder.is_dir():
                return
            next(folder.iterdir(), None)
        except PermissionError:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(folder)) from None


@dataclass(frozen=True, slots=True)
class TextFile:
    """A delimited file, in UTF-8 at `path`; people know it as `label`."""

    label: str
    path: Path
    delimiter: str = ","
    modified: int = 0
    """When what people know was last written, in nanoseconds."""

    def records(self) -> Iterator[tuple[int, list[str]]]:
        """Each record that is not blank, with the line it begins on."""
        csv.field_size_limit(LONGEST_LINE)
        with self.path.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.reader(lines, delimiter=self.delimiter, skipinitialspace=True)
            begins = 1
            for record in reader:
                # Blank lines before a record belong to no record.
                if record:
                    yield begins, record
                begins = reader.line_num + 1


def columns_of(file: TextFile) -> list[str]:
    """The header, trimmed; nameless columns get a number. Empty for an empty file."""
    header = next((record for _line, record in file.records()), [])
    return [text.strip() or f"column_{number}" for number, text in enumerate(header, start=1)]


def _told_apart(header: Sequence[str]) -> list[str]:
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


def load_text_files(files: Sequence[TextFile], into: duckdb.DuckDBPyConnection) -> Raw:
    """Put the rows of all files into the table `source`, every column text; columns go by name, missing ones empty."""
    written = [columns_of(file) for file in files]
    headers = [_told_apart(header) for header in written]
    names = list({name.casefold(): name for header in reversed(headers) for name in reversed(header)}.values())[::-1]
    columns = ", ".join(f"{quoted(name)} VARCHAR" for name in names or ["column_1"])
    into.execute(f"CREATE TABLE source ({columns})")
    starts: list[int] = []
    rejections: list[Rejection] = []
    for file, header in zip(files, headers, strict=True):
        starts.append(_count(into, "source"))
        if header:
            _insert(file, header, into)
            rejections += _unreadable(file, len(header), into)
    lie_in = zip(files, starts, strict=True)
    return Raw(
        _places(files, [len(header) for header in headers], starts),
        tuple(rejections),
        files=tuple(
            SourceFile(file.label, start, file.modified, *_end(file.path), tuple(zip(own, header, strict=True)))
            for (file, start), own, header in zip(lie_in, written, headers, strict=True)
        ),
        header=frozenset(pair for pairs in map(zip, written, headers) for pair in pairs),
    )


def _end(path: Path) -> tuple[int, bool]:
    """How many bytes a file has, and whether its last line is whole."""
    with path.open("rb") as opened:
        size = opened.seek(0, os.SEEK_END)
        opened.seek(max(0, size - 1))
        return size, opened.read(1) in {b"\n", b"\r"}


def _count(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    rows = connection.execute(f"SELECT count(*) FROM {table}").fetchall()  # noqa: S608  (fixed texts)
    return int(rows[0][0])


def _insert(file: TextFile, header: Sequence[str], into: duckdb.DuckDBPyConnection) -> None:
    import duckdb

    types = "{" + ", ".join(f"'c{number}': 'VARCHAR'" for number in range(len(header))) + "}"
    targets = ", ".join(quoted(name) for name in header)
    # Only quoted names and numbers enter the text.
    sql = f"""
        INSERT INTO source ({targets})
        SELECT * FROM read_csv(?, auto_detect=false, header=true, columns={types}, delim=?, quote='"', escape='"',
                               nullstr='', store_rejects=true, max_line_size={LONGEST_LINE})"""  # noqa: S608
    try:
        into.execute("DROP TABLE IF EXISTS reject_errors")
        into.execute("DROP TABLE IF EXISTS reject_scans")
        into.execute(sql, [glob.escape(str(file.path)), file.delimiter])
    except duckdb.Error as error:
        hint = "Check that it is a plain CSV file with a header line."
        raise DataError(
            f"{file.label} cannot be read: {first_line(error)}", code="source_unreadable", hint=hint
        ) from None


def first_line(error: Exception) -> str:
    """What a database says, without its pointing at SQL."""
    return str(error).strip().partition("\n")[0].partition(": ")[2] or str(error).strip().partition("\n")[0]


def _unreadable(file: TextFile, width: int, into: duckdb.DuckDBPyConnection) -> Iterator[Rejection]:
    """Rows with too few or too many fields, and those with quotes that nobody can read."""
    sql = """
        SELECT DISTINCT ON (line) line_byte_position, error_type LIKE '%COLUMNS' FROM reject_errors
        WHERE error_type <> 'CAST' ORDER BY line"""
    rows = into.execute(sql).fetchall()
    ragged = [start for start, has_other_width in rows if has_other_width]
    if ragged:
        records = [_record_at(file, start) for start in ragged[:EXAMPLES]]
        examples = tuple((Place(file.label, line), str(fields)) for line, fields, _lines in records)
        yield Rejection("", len(ragged), examples, "fields", width)
    quotes = [start for start, has_other_width in rows if not has_other_width]
    if quotes:
        # What is never closed swallows the lines after it.
        records = [_record_at(file, start) for start in quotes]
        examples = tuple((Place(file.label, line), "") for line, _fields, _lines in records[:EXAMPLES])
        yield Rejection("", sum(lines for _line, _fields, lines in records), examples, "quotes")


def _record_at(file: TextFile, start: int) -> tuple[int, int, int]:
    """Of the record that begins at a byte: its line, its fields and over how many lines it runs."""
    with file.path.open("rb") as opened:
        ahead = opened.read(start)
        while (sign := opened.read(1)) in {b"\r", b"\n"}:
            ahead += sign
        opened.seek(len(ahead))
        reader = csv.reader(io.TextIOWrapper(opened, "utf-8", newline=""), delimiter=file.delimiter)
        line = 1 + len(_LINE_END.findall(ahead))
        try:
            return line, len(next(reader, [])), max(1, reader.line_num)
        except csv.Error:  # longer than any field may be
            return line, 0, 1


def _places(files: Sequence[TextFile], widths: Sequence[int], starts: Sequence[int]) -> Callable[[int], Place]:
    """The place of a row of the table; the lines of a file are counted only when somebody asks."""
    lines: dict[int, list[int]] = {}

    def place(row: int) -> Place:
        at = max(number for number, start in enumerate(starts) if start < row)
        if at not in lines:
            records = files[at].records()
            lines[at] = [line for line, record in records if _fits(record, widths[at])][1:]
        label, number = files[at].label, row - starts[at]
        return Place(label, lines[at][number - 1]) if number <= len(lines[at]) else Place(label, number, "row")

    return place


def _fits(record: Sequence[str], width: int) -> bool:
    """Whether a record is a row for DuckDB, for which a comma at the end begins no field."""
    return len(record) == width or (len(record) == width + 1 and not record[-1])


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
