"""A tab as CSV: its table with full numbers, without headings, looks and charts. Pure."""

from __future__ import annotations

from kpi_core.formats.csv_text import csv_text
from sheets_sync.tabs.cells import AsRead, Cell, Day, Formula, Number, Text, entered
from sheets_sync.tabs.tab import Tab


def table_csv(tab: Tab) -> str:
    """The rows below the header; percent KPIs are fractions, dates ISO dates, no data is nothing.

    Columns without anything but sparklines are left out. A text that a spreadsheet would run stands behind an
    apostrophe.
    """
    headings = set(tab.headings)
    body = [cells for row, cells in enumerate(tab.rows) if row > tab.header and row not in headings]
    columns = [place for place, column in enumerate(tab.columns) if not column.hidden and not _is_drawn(body, place)]
    rows = [[_value(cells[place]) for place in columns] for cells in body]
    return csv_text([tab.columns[place].title for place in columns], rows)


def _is_drawn(body: list[tuple[Cell, ...]], place: int) -> bool:
    cells = [cells[place] for cells in body]
    drawn = [cell for cell in cells if isinstance(cell, Formula)]
    return bool(drawn) and len(drawn) + cells.count(None) == len(cells)


def _value(cell: Cell) -> object:
    match cell:
        case Day(day=day):
            return day
        case Text() | Number() | AsRead():
            return next(iter(entered(cell).values()), None)
        case _:
            return None
