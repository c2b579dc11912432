"""CSV files: delimited in any way, with a header, in any usual encoding."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpi_core.sources import Raw, ReadRequest
from kpi_core.sources.files import load_text_files, text_files

if TYPE_CHECKING:
    import duckdb


def read(request: ReadRequest, into: duckdb.DuckDBPyConnection) -> Raw:
    """All files that `path:` matches, one below the other."""
    return load_text_files(text_files(request), into, with_totals=True)
