"""What file sources share: finding files by a pattern, and tables of plain text from delimited files."""

from __future__ import annotations

import csv
import glob
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kpi_core.errors import DataError
from kpi_core.settings.off_limits import HINT, is_state_file
from kpi_core.sources import EXAMPLES, Raw, ReadRequest, Rejection, SourceFile
from kpi_core.sql.quoting import quoted

if TYPE_CHECKING:
    import duckdb

LONGEST_LINE = 16_000_000
"""Bytes of one row."""


def matching_files(request: ReadRequest) -> list[Path]:
    """The files that `path:` names, sorted by name. DataError when there is none."""
    pattern = request.needed("path")
    matches = sorted(Path(name) for name in glob.glob(str(request.folder / pattern), recursive=True))  # noqa: PTH207  (may be absolute)
    paths = [path for path in matches if path.is_file()]
    if not paths:
        name = request.source.name
        hint = "Check path: in kpi.yaml; it starts at the folder of kpi.yaml."
        raise DataError(f"Source {name}: no file matches {pattern}.", code="source_no_file", hint=hint)
    if request.off_limits and any(is_state_file(path, request.off_limits, request.folder) for path in paths):
        message = f"Source {request.source.name}: path matches the state, which is no source."
        raise DataError(message, code="source_state", hint=HINT)
    return paths


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
            reader = csv.reader(lines, delimiter=self.delimiter)
            begins = 1
            for record in reader:
                # Blank lines before a record belong to no record.
                if record:
                    yield begins, record
                begins = reader.line_num + 1


def columns_of(file: TextFile) -> list[str]:
    """The header, trimmed; nameless and repeated columns get a number. Empty for an empty file."""
    header = next((record for _line, record in file.records()), [])
    names: list[str] = []
    seen: set[str] = set()
    for number, text in enumerate(header, start=1):
        plain = text.strip() or f"column_{number}"
        name = plain if plain.casefold() not in seen else f"{plain}_{number}"
        seen.add(name.casefold())
        names.append(name)
    return names


def load_text_files(files: Sequence[TextFile], into: duckdb.DuckDBPyConnection) -> Raw:
    """Put the rows of all files into the table `source`, every column text; columns go by name, missing ones empty."""
    headers = [columns_of(file) for file in files]
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
    written = (SourceFile(file.label, start, file.modified) for file, start in zip(files, starts, strict=True))
    places = _places(files, [len(header) for header in headers], starts)
    return Raw(places, tuple(rejections), files=tuple(written))


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
    """Rows with too few or too many fields. DuckDB counts a line break within quotes differently, so count again."""
    count = _count(into, "(SELECT DISTINCT byte_position, line FROM reject_errors WHERE error_type <> 'CAST')")
    if not count:
        return
    examples = [
        (f"{file.label}, line {line}", f"{len(record)} fields instead of {width}")
        for line, record in file.records()
        if len(record) != width
    ][:EXAMPLES]
    yield Rejection("the whole row", count, tuple(examples) or ((file.label, "a quote that is never closed"),))


def _places(files: Sequence[TextFile], widths: Sequence[int], starts: Sequence[int]) -> Callable[[int], str]:
    """The place of a row of the table; the lines of a file are counted only when somebody asks."""
    lines: dict[int, list[int]] = {}

    def place(row: int) -> str:
        at = max(number for number, start in enumerate(starts) if start < row)
        if at not in lines:
            records = files[at].records()
            lines[at] = [line for line, record in records if len(record) == widths[at]][1:]
        row_lines, number = lines[at], row - starts[at]
        return (
            f"{files[at].label}, line {row_lines[number - 1]}"
            if number <= len(row_lines)
            else f"{files[at].label}, row {number}"
        )

    return place


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
