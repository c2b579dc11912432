"""A look into a file that nobody has said anything of: what kind it is, and its first records."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal

from kpi_core.errors import DataError
from kpi_core.frozen_dataclass import frozen
from kpi_core.settings.values import Source
from kpi_core.sources import ReadRequest
from kpi_core.sources.files.opened import opened
from kpi_core.sources.files.text_file import Record, opening

_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
_ZIPPED_BOOK = b"[Content_Types].xml"
_TABLES = re.compile(rb"\.(?:csv|tsv|xlsx?)", re.IGNORECASE)
_OTHERS = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\x1f\x8b", b"PAR1", b"{\\rtf")


@frozen
class Opening:
    """`kind` is the type of source that reads the file, empty for none; of a workbook `records` are by sheet."""

    kind: Literal["csv", "xlsx", ""]
    sheets: dict[str, list[Record]]


def opening_of(path: Path, workspace: Path, options: dict[str, object]) -> Opening:
    """The first records of a file. `options` are those of a source: encoding, delimiter, sheet.

    DataError where the file is damaged or locked, or where somebody has to say how it is written.
    """
    with path.open("rb") as file:
        begins = file.read(4_096)
    if not begins.strip() or begins.startswith(_OTHERS):
        return Opening("", {})
    if begins.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<") and path.suffix.lower().startswith(".xls"):
        raise page_as_workbook(path.name)
    if begins.startswith(b"PK") and _ZIPPED_BOOK not in begins and _TABLES.search(begins):
        raise packed(path.name)
    if begins.startswith(_WORKBOOKS):
        return _workbook(path, begins, options)
    request = ReadRequest(Source(path.name, "csv", "", options={**options, "path": str(path)}), path.parent, workspace)
    return Opening("csv", {"": list(opened(request, path).first)})


def _workbook(path: Path, begins: bytes, options: dict[str, object]) -> Opening:
    # Slow to load, and needed for workbooks alone.
    from kpi_core.sources.xlsx.workbook import workbook

    try:
        book = workbook(path.name, path)
        names = [str(options["sheet"])] if "sheet" in options else list(book.sheets())
        sheets = {name: opening(row for row in book.rows(name) if any(map(str.strip, row[1]))) for name in names}
    except DataError as error:
        # A zip of pictures is none of ours; a workbook that is locked or damaged is, and says so.
        if error.code == "source_broken_workbook" and begins.startswith(b"PK") and _ZIPPED_BOOK not in begins:
            return Opening("", {})
        raise
    return Opening("xlsx", sheets)


def page_as_workbook(label: str) -> DataError:
    """That a file is a web page: several shops call the table of one a workbook."""
    message = f"{label} is a web page that is called a workbook."
    hint = "Open it in Excel and save it as .xlsx or .csv."
    return DataError(message, code="source_page", hint=hint, params={"file": label})


def packed(label: str) -> DataError:
    """That a file is an archive of tables."""
    message = f"{label} is a packed archive."
    return DataError(message, code="source_packed", hint="Unpack it and add the files.", params={"file": label})
