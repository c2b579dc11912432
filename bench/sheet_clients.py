"""Ten tabs of 50 rows by 12 columns with formats, written by other libraries as their own documentation shows it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import gspread
    import pandas as pd

PERCENT = {"numberFormat": {"type": "PERCENT", "pattern": "0.0%"}}
BOLD = {"textFormat": {"bold": True}}
LAST = "L"
ROWS = 51
"""With the header."""


@dataclass(frozen=True, slots=True)
class Contender:
    """`write(book, frames, first)` brings the tabs up to date, in whatever way the library offers."""

    name: str
    write: Callable[[Any, dict[str, pd.DataFrame], bool], None]
    pygsheets: bool = False


def _values(frame: pd.DataFrame) -> list[list[Any]]:
    return [list(frame.columns), *frame.astype(object).to_numpy().tolist()]


def _tab(book: gspread.Spreadsheet, title: str, first: bool) -> gspread.Worksheet:
    return book.add_worksheet(title, rows=ROWS, cols=12) if first else book.worksheet(title)


def plain(book: gspread.Spreadsheet, frames: dict[str, pd.DataFrame], first: bool) -> None:
    for title, frame in frames.items():
        tab = _tab(book, title, first)
        tab.update(_values(frame), "A1", raw=True)
        tab.format(f"A1:{LAST}1", BOLD)
        tab.format(f"C2:C{ROWS}", PERCENT)
        tab.freeze(rows=1)
        tab.columns_auto_resize(0, 12)


def tuned(book: gspread.Spreadsheet, frames: dict[str, pd.DataFrame], first: bool) -> None:
    """By hand, one call for each kind of thing."""
    if first:
        grid = {"rowCount": ROWS, "columnCount": 12, "frozenRowCount": 1}
        adds = [{"addSheet": {"properties": {"title": title, "gridProperties": grid}}} for title in frames]
        book.batch_update({"requests": adds})
    ids = {tab.title: tab.id for tab in book.worksheets()}
    data = [{"range": f"{title}!A1", "values": _values(frame)} for title, frame in frames.items()]
    book.values_batch_update({"valueInputOption": "RAW", "data": data})
    looks = [look for title in frames for look in _looks(ids[title])]
    book.batch_update({"requests": looks})


def _looks(number: int) -> list[dict[str, Any]]:
    head = {"sheetId": number, "startRowIndex": 0, "endRowIndex": 1}
    column = {"sheetId": number, "startRowIndex": 1, "startColumnIndex": 2, "endColumnIndex": 3}
    return [
        {
            "repeatCell": {
                "range": area,
                "cell": {"userEnteredFormat": look},
                "fields": f"userEnteredFormat.{next(iter(look))}",
            }
        }
        for area, look in ((head, BOLD), (column, PERCENT))
    ]


def frames_and_formats(book: gspread.Spreadsheet, frames: dict[str, pd.DataFrame], first: bool) -> None:
    import gspread_formatting as styles
    from gspread_dataframe import set_with_dataframe

    bold = styles.CellFormat(textFormat=styles.TextFormat(bold=True))
    percent = styles.CellFormat(numberFormat=styles.NumberFormat("PERCENT", "0.0%"))
    for title, frame in frames.items():
        tab = _tab(book, title, first)
        set_with_dataframe(tab, frame, resize=True)
        styles.format_cell_ranges(tab, [(f"A1:{LAST}1", bold), (f"C2:C{ROWS}", percent)])
        styles.set_frozen(tab, rows=1)
        styles.set_column_width(tab, f"A:{LAST}", 110)


def frames_and_batches(book: gspread.Spreadsheet, frames: dict[str, pd.DataFrame], first: bool) -> None:
    import gspread_formatting as styles
    from gspread_dataframe import set_with_dataframe

    bold = styles.CellFormat(textFormat=styles.TextFormat(bold=True))
    percent = styles.CellFormat(numberFormat=styles.NumberFormat("PERCENT", "0.0%"))
    with styles.batch_updater(book) as batch:
        for title, frame in frames.items():
            tab = _tab(book, title, first)
            set_with_dataframe(tab, frame, resize=True)
            batch.format_cell_ranges(tab, [(f"A1:{LAST}1", bold), (f"C2:C{ROWS}", percent)])
            batch.set_frozen(tab, rows=1)
            batch.set_column_width(tab, f"A:{LAST}", 110)


def pygsheets(book: Any, frames: dict[str, pd.DataFrame], first: bool) -> None:
    for title, frame in frames.items():
        tab = book.add_worksheet(title, rows=ROWS, cols=12) if first else book.worksheet_by_title(title)
        tab.set_dataframe(frame, "A1")
        tab.apply_format([f"A1:{LAST}1"], BOLD, "userEnteredFormat.textFormat")
        tab.apply_format([f"C2:C{ROWS}"], PERCENT, "userEnteredFormat.numberFormat")
        tab.frozen_rows = 1
        tab.adjust_column_width(1, 12, 110)


def pygsheets_batched(book: Any, frames: dict[str, pd.DataFrame], first: bool) -> None:
    if first:
        for title in frames:
            book.add_worksheet(title, rows=ROWS, cols=12)
    client = book.client
    client.set_batch_mode(True)
    pygsheets(book, frames, False)
    client.run_batch()
    client.set_batch_mode(False)


CONTENDERS = (
    Contender("gspread, call by call", plain),
    Contender("gspread, tuned by hand", tuned),
    Contender("gspread-dataframe + gspread-formatting", frames_and_formats),
    Contender("  the same, formats in a batch", frames_and_batches),
    Contender("pygsheets", pygsheets, pygsheets=True),
    Contender("  the same, in batch mode", pygsheets_batched, pygsheets=True),
)
