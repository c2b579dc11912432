"""The door to workbooks: their sheets, and the rows of one as texts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from kpi_core.errors import DataError
from kpi_core.frozen_dataclass import frozen
from kpi_core.sources.cell_texts import number_text
from kpi_core.sources.xlsx.binary_errors import binary_errors
from kpi_core.sources.xlsx.exact_cells import exact_cells
from kpi_core.sources.xlsx.failed_formulas import failed_formulas

if TYPE_CHECKING:
    from python_calamine import CalamineSheet, CalamineWorkbook

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")

Row = tuple[int, list[str]]
"""A row's number in the sheet, from 1, and its cells."""


@frozen
class Workbook:
    label: str
    path: Path
    _book: CalamineWorkbook = field(repr=False)

    def sheets(self) -> list[str]:
        """The names of the sheets that people see and that hold something."""
        from python_calamine import SheetTypeEnum, SheetVisibleEnum

        seen = [
            sheet.name for sheet in self._book.sheets_metadata
            if sheet.typ == SheetTypeEnum.WorkSheet and sheet.visible == SheetVisibleEnum.Visible
        ]  # fmt: skip
        return [name for name in seen if self._sheet(name).height]

    def all_sheets(self) -> list[str]:
        return list(self._book.sheet_names)

    def rows(self, sheet: str, *, exactly: bool = True) -> Iterator[Row]:
        """All rows to the last that is not empty, each of the same width.

        Without `exactly`, cells that a floating-point number does not hold are as that number has them.
        """
        cells = self._sheet(sheet)
        start = (cells.start or (0, 0))[1]
        readers = (exact_cells, failed_formulas, binary_errors) if exactly else ()
        exact = next((cells_of for reader in readers if (cells_of := reader(self.path, sheet))), {})
        for number, row in enumerate(cells.iter_rows(), start=1):
            texts = list(map(_text, row))
            for column, text in exact.get(number, {}).items():
                if 0 <= column - start < len(texts):
                    texts[column - start] = text
            yield number, texts

    def _sheet(self, name: str) -> CalamineSheet:
        return self._book.get_sheet_by_name(name)


def workbook(label: str, path: Path) -> Workbook:
    """A workbook of any kind that Excel writes. DataError saying what to do where it cannot be read."""
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError

    with path.open("rb") as opened:
        begins = opened.read(4096)
        opened.seek(0)
        try:
            return Workbook(label, path, CalamineWorkbook.from_filelike(opened))
        except PasswordError:
            raise _locked(label) from None
        except (CalamineError, OSError, ValueError):
            opened.seek(0)
            if begins.startswith(_OLE) and _ENCRYPTED in opened.read():
                raise _locked(label) from None
            raise _unreadable(label, begins) from None


def _text(cell: object) -> str:
    text = "" if cell is None else str(cell)
    if isinstance(cell, bool):
        text = text.lower()
    elif isinstance(cell, float):
        text = number_text(cell)
    elif isinstance(cell, timedelta):
        text = _duration(cell)
    return text


def _duration(cell: timedelta) -> str:
    """Hours, minutes and seconds, as a sheet shows them: 30:03:00."""
    minutes, seconds = divmod(int(cell.total_seconds()), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"


def _locked(label: str) -> DataError:
    message = f"{label} is locked with a password."
    hint = "Open it in Excel, take the password off under File, Info, Protect Workbook, and save it."
    return DataError(message, code="source_locked", hint=hint, params={"file": label})


def _unreadable(label: str, begins: bytes) -> DataError:
    is_page = b"<html" in begins.lower() or b"<table" in begins.lower()
    if not is_page and begins and b"\0" not in begins and not begins.startswith((b"PK", _OLE)):
        message = f"{label} is a text file, not a workbook."
        return DataError(message, code="source_is_text", hint="Write type: csv in the source.", params={"file": label})
    message = f"{label} is no workbook that can be read; it may be damaged."
    hint = "Open it in Excel and save it as .xlsx, or download it again."
    return DataError(message, code="source_broken_workbook", hint=hint, params={"file": label})


def chosen_sheet(book: Workbook, declared: str | None, fitting: Mapping[str, bool]) -> str | None:
    """The sheet to read: the one declared, else the only one; None where none fits. DataError naming several."""
    if declared is not None:
        if declared not in book.all_sheets():
            raise _no_sheet(book, declared)
        return declared
    names = [name for name, fits in fitting.items() if fits]
    if len(names) > 1:
        message = f"{book.label} has several sheets: {', '.join(names)}."
        params = {"file": book.label, "sheets": ", ".join(names), "sheet": names[0]}
        raise DataError(message, code="source_sheets", hint=f'Add sheet: "{names[0]}" to the source.', params=params)
    return names[0] if names else None


def _no_sheet(book: Workbook, sheet: str) -> DataError:
    names = ", ".join(book.all_sheets())
    message = f"{book.label} has no sheet {sheet}; it has {names}."
    params = {"file": book.label, "sheet": sheet, "sheets": names}
    return DataError(message, code="source_no_sheet", hint="Write sheet: as the sheet is called.", params=params)
