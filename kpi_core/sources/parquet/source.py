"""Parquet files; columns keep the types they have there."""

from __future__ import annotations

import glob
from typing import TYPE_CHECKING

from kpi_core.errors import DataError
from kpi_core.sources import Raw, ReadRequest
from kpi_core.sources.files import first_line, matching_files

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
        message = f"{', '.join(path.name for path in paths[:3])} cannot be read: {first_line(error)}"
        raise DataError(message, code="source_unreadable", hint=hint) from None
    where = paths[0].name if len(paths) == 1 else f"{len(paths)} files"
    return Raw(lambda row: f"{where}, row {row}")
