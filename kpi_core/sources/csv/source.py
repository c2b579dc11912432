"""CSV files: comma or otherwise delimited, one header line, in UTF-8 or the encoding named."""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from kpi_core.errors import DataError
from kpi_core.sources import Raw, ReadRequest
from kpi_core.sources.files import TextFile, columns_of, load_text_files, matching_files
from kpi_core.sources.layout_files import own_files

if TYPE_CHECKING:
    import duckdb

_CHUNK = 1 << 20
_DELIMITERS = {"tab": "\t", "\\t": "\t"}


def read(request: ReadRequest, into: duckdb.DuckDBPyConnection) -> Raw:
    """All files that `path:` matches, one below the other."""
    option = request.option("delimiter") or ","
    delimiter = _DELIMITERS.get(option, option)
    if len(delimiter) != 1:
        hint = "Write one sign, or tab."
        raise DataError(f"The delimiter {option} is more than one sign.", code="source_delimiter", hint=hint)
    files = {
        path: TextFile(_label(path, request.folder), _in_utf8(path, number, request), delimiter, path.stat().st_mtime_ns)
        for number, path in enumerate(matching_files(request))
    }
    own = own_files(request, [(path, columns_of(file)) for path, file in files.items()])
    for path in own:
        _refuse_other_delimiter(files[path])
    return load_text_files([file for path, file in files.items() if path in own], into)


def _label(path: Path, folder: Path) -> str:
    return path.relative_to(folder).as_posix() if path.is_relative_to(folder) else path.name


def _in_utf8(path: Path, number: int, request: ReadRequest) -> Path:
    """The file itself when it is UTF-8 with one kind of line end, else a copy that is."""
    with path.open("rb") as opened:
        begins = opened.read(2)
    encoding = request.option("encoding") or ("utf-16" if begins in (b"\xff\xfe", b"\xfe\xff") else "utf-8")
    decoder = io.IncrementalNewlineDecoder(codecs.getincrementaldecoder(encoding)(), translate=True)
    line = 1
    try:
        for text in _decoded(path, decoder):
            line += text.count("\n")
    except UnicodeDecodeError as error:
        line += error.object.count(b"\n", 0, error.start)
        raise _wrong_encoding(_label(path, request.folder), encoding, line) from None
    if encoding == "utf-8" and not isinstance(decoder.newlines, tuple):
        return path
    decoder.reset()
    copy = request.workspace / f"{number}.csv"
    with copy.open("w", encoding="utf-8", newline="") as target:
        target.writelines(_decoded(path, decoder))
    return copy


def _decoded(path: Path, decoder: io.IncrementalNewlineDecoder) -> Iterator[str]:
    """The text of a file, some at a time, every line ending in a single sign."""
    with path.open("rb") as source:
        while chunk := source.read(_CHUNK):
            yield decoder.decode(chunk)
        yield decoder.decode(b"", final=True)


def _wrong_encoding(label: str, encoding: str, line: int) -> DataError:
    message = f"{label}, line {line}: this is not {encoding.upper()} text."
    hint = "Add encoding: cp949 (Korean) or encoding: big5 (Traditional Chinese) to the source, or save it as UTF-8."
    params = {"file": label, "line": str(line), "encoding": encoding.upper()}
    return DataError(message, code="source_encoding", hint=hint, params=params)


def _refuse_other_delimiter(file: TextFile) -> None:
    header = columns_of(file)
    if len(header) != 1:
        return
    other = next((sign for sign in (";", "\t", "|", ",") if sign in header[0]), None)
    if other:
        name = "tab" if other == "\t" else other
        hint = f'Add delimiter: "{name}" to the source.'
        message = f"{file.label} has one column only: {header[0]}"
        params = {"file": file.label, "sign": name}
        raise DataError(message, code="source_delimiter", hint=hint, params=params)
