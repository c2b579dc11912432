"""Parquet files; columns keep the types they have there."""

from __future__ import annotations

import glob
from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING

from kpi_core.sources import Place, Raw, ReadRequest, SourceFile
from kpi_core.sources.files import matching_files, unreadable

if TYPE_CHECKING:
    import duckdb


def read(request: ReadRequest, into: duckdb.DuckDBPyConnection) -> Raw:
    """All files that `path:` matches, one below the other; columns go by name."""
    import duckdb

    paths = matching_files(request)
    names = [glob.escape(str(path)) for path in paths]
    try:
        into.execute("CREATE TABLE source AS SELECT * FROM read_parquet(?, union_by_name=true)", [names])
    except duckdb.Error as error:
        hint = "Check that every file is Parquet and that a column has one type in all of them."
        what = ", ".join(path.name for path in paths[:3])
        raise unreadable(what, error, hint, "error.source_unreadable_parquet_hint") from None
    files = _files(paths, names, into)

    def place(row: int) -> Place:
        file = next(file for file in reversed(files) if file.before < row)
        return Place(file.label, row - file.before, "row")

    return Raw(place, files=files)


def _files(paths: Sequence[Path], names: Sequence[str], into: duckdb.DuckDBPyConnection) -> tuple[SourceFile, ...]:
    """The files with where their rows begin."""
    rows = dict(into.execute("SELECT file_name, num_rows FROM parquet_file_metadata(?)", [names]).fetchall())
    ends = accumulate((rows[str(path)] for path in paths), initial=0)
    return tuple(
        SourceFile(path.name, before, path.stat().st_mtime_ns) for path, before in zip(paths, ends, strict=False)
    )
