"""The tabs as an Excel workbook: the same cells, formats, notes, colours and charts. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime
from io import BytesIO
from typing import TYPE_CHECKING, Any

from kpi_core.formats.csv_text import is_formula
from kpi_core.sources.a1_notation import text_in_formula
from sheets_sync.files.drawings import draw_charts
from sheets_sync.files.sparklines import bars
from sheets_sync.tabs.cells import Cell, Day, Formula, Number, Text, entered, format_of
from sheets_sync.tabs.tab import Area, Column, Shade, Tab

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

LONGEST_TEXT = 32_767
"""Characters that Excel takes in one cell (Microsoft, Excel specifications and limits)."""
_LONGEST_NAME = 31
_LONGEST_CHOICES = 255
"""Characters of a list that is written into its rule; a longer one has to stand in cells."""
_ROWS_FOR_PEOPLE = 200
_FIRST_DAY = date(1900, 3, 1)
"""From here on Excel's days are the calendar's: it counts a 29 February 1900."""
_INPUT, _HEAD, _GROUP = "FFF7DE", "E8EBED", "F5F7F7"
_TONES = {"good": ("1C6B4A", False), "fair": ("8C6100", True), "bad": ("B0381C", True)}
_CHOICES = "choices"


def workbook_of(tabs: Sequence[Tab], now: datetime) -> bytes:
    """An .xlsx file with a sheet for each tab, in their order; charts are Excel's own, sparklines are bars of text."""
    # Slow to load, and needed for workbooks alone.
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.worksheets[0])
    book.properties.creator = "KPI Bot"
    book.properties.created = book.properties.modified = now.replace(tzinfo=None)
    for tab in tabs:
        _add_tab(book, tab)
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def sheet_name(title: str, taken: Sequence[str]) -> str:
    """A name that Excel takes: 31 characters, no punctuation that it reserves, each once whatever its case."""
    name = re.sub(r"[\[\]:*?/\\]", "_", title).strip("'")[:_LONGEST_NAME] or "KPI Bot"
    used = {each.casefold() for each in taken}
    free, number = name, 1
    while free.casefold() in used:
        number += 1
        ending = f" ({number})"
        free = name[: _LONGEST_NAME - len(ending)] + ending
    return free


def _add_tab(book: Workbook, tab: Tab) -> None:
    sheet = book.create_sheet(sheet_name(tab.title, book.sheetnames))
    for row, cells in enumerate(tab.rows, 1):
        for column, cell in enumerate(cells, 1):
            _fill(sheet.cell(row, column), cell)
    _style(sheet, tab)
    _size(sheet, tab)
    for shade in tab.shades:
        _add_rule(sheet, tab, shade)
    for index, choosing in enumerate(tab.columns):
        if choosing.choices:
            _add_choices(book, sheet, choosing, _reference(tab, tab.body(index)))
    sheet.freeze_panes = sheet.cell(tab.header + 2, 2).coordinate
    draw_charts(sheet, tab)


def _fill(there: Any, cell: Cell) -> None:
    """A typed value with its format; a text stays one, also when somebody edits the cell."""
    number_format = format_of(cell)
    if number_format:
        there.number_format = number_format.pattern
    match cell:
        case Formula(text=text):
            _text(there, bars(text))
        case Day(day=date() as day) if day >= _FIRST_DAY:
            there.value = day
            there.number_format = cell.format.pattern
        case Day(day=date() as day):
            _text(there, day.isoformat())
        case Number():
            there.value = entered(cell).get("numberValue")
        case Text():
            _text(there, str(entered(cell).get("stringValue", "")))
        case _:
            pass


def _text(there: Any, text: str) -> None:
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    plain = ILLEGAL_CHARACTERS_RE.sub("", text)
    if len(plain) > LONGEST_TEXT:
        plain = plain[: LONGEST_TEXT - 1] + "…"
    if plain:
        there.value = plain
        there.data_type = "s"
        there.quotePrefix = is_formula(plain)


def _style(sheet: Worksheet, tab: Tab) -> None:
    from openpyxl.comments import Comment
    from openpyxl.styles import Alignment, Font, PatternFill

    sheet.cell(1, 1).font = Font(bold=True, size=14)
    sheet.cell(2, 1).font = Font(color="5E6369")
    for place, column in enumerate(tab.columns, 1):
        head = sheet.cell(tab.header + 1, place)
        head.font, head.fill = Font(bold=True), PatternFill("solid", fgColor=_HEAD)
        head.alignment = Alignment(wrap_text=True, vertical="center")
        if column.note:
            head.comment = Comment(column.note, "KPI Bot", width=300, height=120)
        if column.people:
            for row in range(tab.header + 2, _end(tab, None) + 1):
                sheet.cell(row, place).fill = PatternFill("solid", fgColor=_INPUT)
    for row in tab.headings:
        for place in range(1, tab.width + 1):
            cell = sheet.cell(row + 1, place)
            cell.font, cell.fill = Font(bold=True), PatternFill("solid", fgColor=_GROUP)


def _size(sheet: Worksheet, tab: Tab) -> None:
    """Widths count characters of about 7 pixels, beside 5 of padding."""
    from openpyxl.utils import get_column_letter

    for place, column in enumerate(tab.columns, 1):
        dimension = sheet.column_dimensions[get_column_letter(place)]
        dimension.width = (column.width - 5) / 7
        dimension.hidden = column.hidden


def _add_rule(sheet: Worksheet, tab: Tab, shade: Shade) -> None:
    from openpyxl.formatting.rule import CellIsRule
    from openpyxl.styles import Font

    operator = {"word": "equal", "above": "greaterThan", "below": "lessThan"}.get(shade.kind)
    if operator is None:
        return
    colour, bold = _TONES[shade.tone]
    meant = text_in_formula(shade.when) if shade.kind == "word" else shade.when
    for area in shade.areas:
        rule = CellIsRule(operator=operator, formula=[meant], font=Font(color=colour, bold=bold))
        sheet.conditional_formatting.add(_reference(tab, area), rule)


def _add_choices(book: Workbook, sheet: Worksheet, column: Column, where: str) -> None:
    """A drop-down; other words may still be typed. Lists too long for a rule stand in a hidden sheet."""
    from openpyxl.worksheet.datavalidation import DataValidation

    listed = ",".join(column.choices)
    fits = len(listed) <= _LONGEST_CHOICES and not any("," in choice for choice in column.choices)
    source = text_in_formula(listed) if fits else _listed(book, column.choices)
    rule = DataValidation(type="list", formula1=source, allow_blank=True, showErrorMessage=False)
    rule.add(where)
    sheet.add_data_validation(rule)


def _listed(book: Workbook, choices: Sequence[str]) -> str:
    from openpyxl.utils import get_column_letter

    if _CHOICES not in book.sheetnames:
        book.create_sheet(_CHOICES).sheet_state = "hidden"
    sheet = book[_CHOICES]
    place = sheet.max_column + 1 if sheet.cell(1, 1).value else 1
    for row, choice in enumerate(choices, 1):
        _text(sheet.cell(row, place), choice)
    letter = get_column_letter(place)
    return f"{_CHOICES}!${letter}$1:${letter}${len(choices)}"


def _end(tab: Tab, bottom: int | None) -> int:
    """Where an area without an end ends: with the table, or with the rows in which people type."""
    rows = len(tab.rows)
    return bottom if bottom is not None else rows + _ROWS_FOR_PEOPLE if tab.typed_in else max(rows, tab.header + 2)


def _reference(tab: Tab, area: Area) -> str:
    from openpyxl.utils import get_column_letter

    first, last = get_column_letter(area.left + 1), get_column_letter(area.right)
    return f"{first}{area.top + 1}:{last}{_end(tab, area.bottom)}"
