"""The header of a file that a source names, and the few records below it, read as the source says."""

from __future__ import annotations

from pathlib import Path

from kpi_core.sources import ReadRequest
from kpi_core.sources.files import header_rule, label_of, opened
from kpi_core.sources.files.headers import header_line
from kpi_core.sources.files.text_file import Record, opening
from kpi_core.sources.layout_files import header_test_of

OF_FILES = frozenset({"csv", "xlsx", "parquet"})
"""Types of sources that read files."""


def first_records(request: ReadRequest, path: Path) -> list[list[str]]:
    """The header, then records; empty where a layout's header is not there. DataError where the file cannot be read."""
    if request.source.type == "parquet":
        return [_parquet_names(path)]
    label, records = _of_workbook(request, path) if request.source.type == "xlsx" else _of_text(request, path)
    line = header_line(records, header_rule(request, header_test_of(request.source)), label)
    return [cells for number, cells in records if line is not None and number >= line]


def _of_text(request: ReadRequest, path: Path) -> tuple[str, list[Record]]:
    file = opened(request, path)
    return file.label, list(file.first)


def _of_workbook(request: ReadRequest, path: Path) -> tuple[str, list[Record]]:
    # Slow to load, and needed for workbooks alone.
    from kpi_core.sources.xlsx.source import filled, sheet_of_table
    from kpi_core.sources.xlsx.workbook import workbook

    book = workbook(label_of(path, request.folder), path)
    rule = header_rule(request, header_test_of(request.source))
    sheet = sheet_of_table(book, request.option("sheet"), rule)
    return book.label, [] if sheet is None else opening(filled(book.rows(sheet, exactly=False)))


def _parquet_names(path: Path) -> list[str]:
    import duckdb

    from kpi_core.sources.files import unreadable

    try:
        with duckdb.connect() as into:
            return [str(column[0]) for column in into.read_parquet(str(path)).description]
    except duckdb.Error as error:
        hint = "Check that it is a Parquet file."
        raise unreadable(path.name, error, hint, "error.source_unreadable_parquet_hint") from None
