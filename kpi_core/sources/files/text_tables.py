"""Text files into the table `source`, with DuckDB; rows that are none are told."""

from __future__ import annotations

import glob
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from kpi_core.errors import DataError
from kpi_core.sources import EXAMPLES, Place, Raw, Rejection, SourceFile
from kpi_core.sources.files.left_out_rows import together, without_totals
from kpi_core.sources.files.ragged_rows import parted, record_at
from kpi_core.sources.files.text_file import LONGEST_LINE, TextFile, columns_of, told_apart
from kpi_core.sql.quoting import quoted

if TYPE_CHECKING:
    import duckdb

_SMALL = 16 * 1024 * 1024
"""Bytes of files below which sharing the work out takes longer than it saves."""


def load_text_files(files: Sequence[TextFile], into: duckdb.DuckDBPyConnection, *, with_totals: bool = False) -> Raw:
    """Put the rows of all files into the table `source`, every column text; columns go by name, missing ones empty.

    `with_totals`: somebody may have written totals and footers among the rows. They are left out and counted.
    """
    written = [columns_of(file) for file in files]
    headers = [told_apart(header) for header in written]
    names = list({name.casefold(): name for header in reversed(headers) for name in reversed(header)}.values())[::-1]
    if not names:
        raise _empty(files)
    if sum(file.path.stat().st_size for file in files) < _SMALL:
        into.execute("SET threads = 1")
    columns = ", ".join(f"{quoted(name)} VARCHAR" for name in names)
    into.execute(f"CREATE TABLE source ({columns})")
    starts: list[int] = []
    rejections: list[Rejection] = []
    left_out = [each for file in files for each in file.left_out]
    for file, header in zip(files, headers, strict=True):
        starts.append(_count(into, "source"))
        if header:
            _insert(file, header, into)
            ragged, quotes = _refused(into)
            if with_totals:
                none, ragged = parted(file, len(header), ragged)
                left_out += none
            rejections += _unreadable(file, len(header), ragged, quotes)
    place = _places(files, [len(header) for header in headers], starts)
    if with_totals:
        place, starts, none = without_totals(headers, starts, place, into)
        left_out += none
    pairs = [tuple(zip(*names, strict=True)) for names in zip(written, headers, strict=True)]
    return Raw(
        place,
        tuple(rejections),
        files=tuple(map(_source_file, files, starts, pairs)),
        header=frozenset(pair for of_file in pairs for pair in of_file),
        left_out=together(left_out),
    )


def _empty(files: Sequence[TextFile]) -> DataError:
    """That none of the files has even a header."""
    named = ", ".join(file.label for file in files)
    hint = "Export it again, with its header."
    return DataError(f"{named} is empty.", code="source_empty", hint=hint, params={"file": named})


def _source_file(file: TextFile, before: int, header: tuple[tuple[str, str], ...]) -> SourceFile:
    size, ends_whole = _end(file.path)
    length = size if file.size is None else file.size
    return SourceFile(file.label, before, file.modified, length, ends_whole, header, file.above)


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
        raise unreadable(file.label, error, hint, "error.source_unreadable_csv_hint") from None


def unreadable(what: str, error: Exception, hint: str, hint_key: str = "error.source_unreadable_hint") -> DataError:
    """A file or a source that DuckDB cannot read, with its reason; `hint_key` is the sentence of the English hint."""
    reason = first_line(error)
    params = {"what": what, "reason": reason, "hint": hint_key}
    return DataError(f"{what} cannot be read: {reason}", code="source_unreadable", hint=hint, params=params)


def first_line(error: Exception) -> str:
    """What a database says, without its pointing at SQL."""
    return str(error).strip().partition("\n")[0].partition(": ")[2] or str(error).strip().partition("\n")[0]


def _refused(into: duckdb.DuckDBPyConnection) -> tuple[list[int], list[int]]:
    """The bytes on which rows begin that have another width than the header, and those with quotes nobody can read."""
    sql = """
        SELECT DISTINCT ON (line) line_byte_position, error_type LIKE '%COLUMNS' FROM reject_errors
        WHERE error_type <> 'CAST' ORDER BY line"""
    rows = into.execute(sql).fetchall()
    ragged = [start for start, has_other_width in rows if has_other_width]
    return ragged, [start for start, has_other_width in rows if not has_other_width]


def _unreadable(file: TextFile, width: int, ragged: Sequence[int], quotes: Sequence[int]) -> Iterator[Rejection]:
    """Rows with too few or too many fields, and those with quotes that nobody can read."""
    if ragged:
        records = [record_at(file, start) for start in ragged[:EXAMPLES]]
        examples = tuple((file.place(line), str(len(cells))) for line, cells, _lines in records)
        yield Rejection("", len(ragged), examples, "fields", width)
    if quotes:
        # What is never closed swallows the lines after it.
        records = [record_at(file, start) for start in quotes]
        examples = tuple((file.place(line), "") for line, _cells, _lines in records[:EXAMPLES])
        yield Rejection("", sum(lines for _line, _cells, lines in records), examples, "quotes")


def _places(files: Sequence[TextFile], widths: Sequence[int], starts: Sequence[int]) -> Callable[[int], Place]:
    """The place of a row of the table; the lines of a file are counted only when somebody asks."""
    lines: dict[int, list[int]] = {}

    def place(row: int) -> Place:
        at = max(number for number, start in enumerate(starts) if start < row)
        file, number = files[at], row - starts[at]
        if file.unit == "row":
            return file.place(file.header_line + number)
        if at not in lines:
            lines[at] = [line for line, record in file.records() if _fits(record, widths[at])][1:]
        return file.place(lines[at][number - 1]) if number <= len(lines[at]) else Place(file.label, number, "row")

    return place


def _fits(record: Sequence[str], width: int) -> bool:
    """Whether a record is a row for DuckDB, for which a comma at the end begins no field."""
    return len(record) == width or (len(record) == width + 1 and not record[-1])
