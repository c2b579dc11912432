"""A file as it was downloaded, and the table in it: its encoding, its delimiter, its header, where it ends."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import field
from itertools import islice
from pathlib import Path

from kpi_core.errors import DataError
from kpi_core.frozen_dataclass import frozen
from kpi_core.sources import EXAMPLES, LeftOut, ReadRequest
from kpi_core.sources.files.delimiters import NAMES, delimiter_of
from kpi_core.sources.files.encodings import CHUNK, Bytes, in_utf8
from kpi_core.sources.files.headers import HeaderRule, header_line, header_rule
from kpi_core.sources.files.matching import label_of, matching_files
from kpi_core.sources.files.tables_below import end_of_table
from kpi_core.sources.files.text_file import Record, TextFile, columns_of, opening, records_of
from kpi_core.sources.files.titled_amounts import titled
from kpi_core.sources.layout_files import header_test_of, opened_files, own_files

_SAMPLE = 1 << 18


@frozen
class Opened:
    """A whole file in UTF-8 at `path`, and how it was told to be read."""

    label: str
    path: Path
    encoding: str
    """As Python calls it."""
    delimiter: str
    modified: int = 0
    first: Sequence[Record] = field(default=(), compare=False)
    """Its first records."""


def text_files(request: ReadRequest) -> list[TextFile]:
    """The tables of the files that a source names."""
    rule = header_rule(request, header_test_of(request.source))
    files = opened_files(request, matching_files(request), lambda path: opened(request, path))
    tables = {path: table_of(file, rule, request.workspace) for path, file in files.items()}
    own = own_files(request, [(path, columns_of(table)) for path, table in tables.items()])
    chosen = [table for path, table in tables.items() if path in own]
    if request.option("delimiter"):
        for table in chosen:
            _refuse_other_delimiter(table)
    return chosen


def opened(request: ReadRequest, path: Path) -> Opened:
    """A file of a source. DataError where its encoding or its delimiter cannot be told."""
    label = label_of(path, request.folder)
    stored = Bytes(label, path)
    _refuse_workbook(stored)
    text, encoding = in_utf8(stored, request.option("encoding"), _free(request.workspace))
    text = titled(text, _free(request.workspace))
    delimiter = _declared_delimiter(request) or _detected_delimiter(label, text)
    first = opening(records_of(text, delimiter))
    return Opened(label, text, encoding, delimiter, path.stat().st_mtime_ns, first)


def table_of(file: Opened, rule: HeaderRule, workspace: Path) -> TextFile:
    """The table of a file, from its header to its end. Where a layout's header is not there, it has no rows."""
    line = header_line(file.first, rule, file.label)
    above = [record for record in file.first if line is None or record[0] < line]
    size = file.path.stat().st_size
    if line is None:
        empty = _free(workspace)
        empty.touch()
        return TextFile(file.label, empty, file.delimiter, file.modified, size=size)
    whole = TextFile(file.label, file.path, file.delimiter, file.modified)
    end, below = end_of_table(whole, line)
    if line == 1 and end is None:
        return whole
    copy = _free(workspace)
    _copy_lines(file.path, line, end, copy)
    left_out = (*_preamble(whole, above), *below)
    texts = tuple(" ".join(filter(None, cells)) for _line, cells in above)
    return TextFile(file.label, copy, file.delimiter, file.modified, line, left_out=left_out, above=texts, size=size)


def _preamble(file: TextFile, above: Sequence[Record]) -> Iterator[LeftOut]:
    if above:
        examples = tuple((file.place(line), " ".join(filter(None, cells))[:60]) for line, cells in above[:EXAMPLES])
        yield LeftOut("preamble", len(above), examples)


def _free(workspace: Path) -> Path:
    """A file of the workspace that is not there yet."""
    return workspace / f"{sum(1 for _each in workspace.iterdir())}.csv"


def _copy_lines(path: Path, line: int, end: int | None, copy: Path) -> None:
    """A file from a line on, up to the byte `end`."""
    with path.open("rb") as source, copy.open("wb") as target:
        start = _start_of(path, line)
        source.seek(start)
        left = (path.stat().st_size if end is None else end) - start
        while left > 0 and (chunk := source.read(min(CHUNK, left))):
            target.write(chunk)
            left -= len(chunk)


def _start_of(path: Path, line: int) -> int:
    """The byte on which a line begins."""
    with path.open(encoding="utf-8", newline="") as lines:
        return sum(len(above.encode()) for above in islice(lines, line - 1))


def _declared_delimiter(request: ReadRequest) -> str | None:
    option = request.option("delimiter")
    sign = NAMES.get(option, option) if option and len(option) > 1 else option
    if sign and len(sign) != 1:
        hint = "Write one sign, or tab."
        raise DataError(f"The delimiter {option} is more than one sign.", code="source_delimiter", hint=hint)
    return sign or None


def _detected_delimiter(label: str, path: Path) -> str:
    with path.open(encoding="utf-8-sig", newline="") as opened_file:
        text = opened_file.read(_SAMPLE)
        if len(text) == _SAMPLE:
            text = text[: max(text.rfind("\n"), text.rfind("\r")) + 1] or text
    sign = delimiter_of(text)
    if isinstance(sign, str):
        return sign
    names = [NAMES.get(each, each) for each in sign]
    message = f"{label}: its cells may be parted by {names[0]} or by {names[1]}."
    hint = f'Add delimiter: "{names[0]}", or the other, to the source.'
    params = {"file": label, "sign": names[0], "other": names[1]}
    raise DataError(message, code="source_delimiter_open", hint=hint, params=params)


def _refuse_other_delimiter(file: TextFile) -> None:
    header = columns_of(file)
    if len(header) != 1:
        return
    other = next((sign for sign in (";", "\t", "|", ",") if sign in header[0]), None)
    if other:
        name = NAMES.get(other, other)
        hint = f'Add delimiter: "{name}" to the source.'
        message = f"{file.label} has one column only: {header[0]}"
        params = {"file": file.label, "sign": name}
        raise DataError(message, code="source_delimiter", hint=hint, params=params)


def _refuse_workbook(stored: Bytes) -> None:
    with stored.path.open("rb") as opened_file:
        begins = opened_file.read(8)
    if begins.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")):
        message = f"{stored.label} is a workbook, not a text file."
        hint = "Write type: xlsx in the source."
        raise DataError(message, code="source_is_workbook", hint=hint, params={"file": stored.label})
