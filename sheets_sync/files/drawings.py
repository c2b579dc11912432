"""Charts of a tab in Excel: line charts are Excel's own, scorecards become cells in the rows left for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sheets_sync.tabs.cells import Cell, Number, entered, format_of
from sheets_sync.tabs.number_formats import RELATIVE_CHANGE
from sheets_sync.tabs.tab import Area, Chart, Tab

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

_PIXELS_A_CENTIMETRE = 96 / 2.54
_GOOD, _BAD, _QUIET, _LINE = "1C6B4A", "B0381C", "5E6369", "1F5CA1"


def draw_charts(sheet: Worksheet, tab: Tab) -> None:
    """All charts of the tab."""
    cards = [chart for chart in tab.charts if chart.kind == "scorecard"]
    for place, chart in enumerate(cards):
        _add_card(sheet, tab, chart, place)
    for chart in tab.charts:
        if chart.kind != "scorecard":
            _add_chart(sheet, chart)


def _add_chart(sheet: Worksheet, chart: Chart) -> None:
    from openpyxl.chart import BarChart, LineChart

    drawn = LineChart() if chart.kind == "line" else BarChart()
    drawn.title, drawn.legend = chart.title, None
    # Else newer releases of Excel draw no axes at all.
    drawn.x_axis.delete = drawn.y_axis.delete = False
    drawn.width, drawn.height = chart.width / _PIXELS_A_CENTIMETRE, chart.height / _PIXELS_A_CENTIMETRE
    drawn.add_data(_cells(sheet, chart.values), titles_from_data=True)
    if chart.domain:
        first = chart.domain
        drawn.set_categories(_cells(sheet, Area(first.top + 1, first.left, first.bottom, first.right)))
    for series in drawn.series:
        series.graphicalProperties.line.solidFill = _LINE
        if chart.kind == "line":
            series.smooth = False
    sheet.add_chart(drawn, sheet.cell(chart.row + 1, chart.column + 1).coordinate)


def _cells(sheet: Worksheet, area: Area) -> Any:
    from openpyxl.chart import Reference

    return Reference(
        sheet, min_col=area.left + 1, max_col=area.right, min_row=area.top + 1, max_row=area.bottom or sheet.max_row
    )


def _add_card(sheet: Worksheet, tab: Tab, chart: Chart, place: int) -> None:
    """Name, number and change, one below the other, a column a card."""
    from openpyxl.styles import Alignment, Font

    value, before = _at(tab, chart.values), _at(tab, chart.domain) if chart.domain else None
    moved = _change(chart, value, before)
    name, number, change = (sheet.cell(chart.row + line, place + 1) for line in (1, 2, 3))
    name.value, name.data_type = chart.title, "s"
    name.font, name.alignment = Font(color=_QUIET, size=9), Alignment(wrap_text=True, vertical="bottom")
    for cell, shown in ((number, value), (change, moved)):
        cell.value, cell.alignment = entered(shown).get("numberValue"), Alignment(horizontal="left")
        if look := format_of(shown):
            cell.number_format = look.pattern
    number.font, change.font = Font(bold=True, size=16), Font(color=_colour(chart, moved), size=9)


def _at(tab: Tab, area: Area) -> Cell:
    return tab.rows[area.top][area.left]


def _change(chart: Chart, value: Cell, before: Cell) -> Number:
    now, then = entered(value).get("numberValue"), entered(before).get("numberValue")
    if not isinstance(now, int | float) or not isinstance(then, int | float):
        return Number(None)
    if chart.compared == "ABSOLUTE_DIFFERENCE":
        look = format_of(value)
        return Number(now - then, look)
    # A share of a negative number, or of nothing, says nothing.
    return Number(now / then - 1 if then > 0 else None, RELATIVE_CHANGE)


def _colour(chart: Chart, moved: Number) -> str:
    if not moved.value or chart.direction not in {"higher", "lower"}:
        return _QUIET
    return _GOOD if (moved.value > 0) == (chart.direction == "higher") else _BAD
