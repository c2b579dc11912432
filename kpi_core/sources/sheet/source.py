"""A range of a Google Sheet. The first row of the range is the header; dates arrive as serial numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from kpi_core.errors import DataError, ServiceError
from kpi_core.sources import Place, Raw, ReadRequest
from kpi_core.sources.cell_texts import number_text
from kpi_core.sources.files import TextFile, load_text_files, write_text_file

if TYPE_CHECKING:
    import duckdb


def read(request: ReadRequest, into: duckdb.DuckDBPyConnection) -> Raw:
    """The rows of `range:` until the last that is not empty."""
    if request.sheet_reader is None:
        hint = "Set GOOGLE_APPLICATION_CREDENTIALS to the file of KPI Bot's service account."
        raise ServiceError("Google Sheets is not set up here.", code="sheets_credentials", hint=hint)
    cells = request.needed("range")
    rows = request.sheet_reader(request.needed("spreadsheet"), cells)
    if not rows or not any(_text(cell) for cell in rows[0]):
        hint = "Check range: its first row must hold the names of the columns."
        raise DataError(f"The range {cells} has no header.", code="source_no_header", hint=hint)
    path = request.workspace / "sheet.csv"
    write_text_file(path, _even(rows))
    raw = load_text_files([TextFile(cells, path)], into)
    first = _first_row(cells)
    return replace(
        raw, place=lambda row: Place(cells, first + row, "row"), serial_dates=True, written_by="cells", files=()
    )


def _even(rows: Sequence[Sequence[object]]) -> Iterator[list[str]]:
    """Rows of one width: the service leaves out empty cells at the end. Cells beyond the header have no name."""
    width = max(len(row) for row in rows)
    for row in rows:
        yield [_text(cell) for cell in row] + [""] * (width - len(row))


def _text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return number_text(cell) if isinstance(cell, float) else str(cell)


def _first_row(cells: str) -> int:
    """The row of the sheet on which a range begins: 3 for `Costs!B3:D`."""
    digits = "".join(letter for letter in cells.rpartition("!")[2].partition(":")[0] if letter.isdigit())
    return int(digits or 1)
