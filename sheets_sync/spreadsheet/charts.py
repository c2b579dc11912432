"""Charts as Google's specs."""

from __future__ import annotations

from typing import Any

from sheets_sync.spreadsheet.arrangement import Layout
from sheets_sync.tabs.tab import Area, Chart

GOOD = {"red": 0.11, "green": 0.42, "blue": 0.29}
BAD = {"red": 0.69, "green": 0.22, "blue": 0.11}
QUIET = {"red": 0.37, "green": 0.39, "blue": 0.41}
LINE = {"red": 0.12, "green": 0.36, "blue": 0.63}

Json = dict[str, Any]


def grid_range(area: Area, sheet_id: int) -> Json:
    """Google's range of an area; open below where the area is."""
    cell_range: Json = {
        "sheetId": sheet_id,
        "startRowIndex": area.top,
        "startColumnIndex": area.left,
        "endColumnIndex": area.right,
    }
    if area.bottom is not None:
        cell_range["endRowIndex"] = area.bottom
    return cell_range


def chart_spec(chart: Chart, sheet_id: int, layout: Layout) -> Json:
    """The ChartSpec of a chart; it says its title to a screen reader too."""
    drawn = _scorecard(chart, sheet_id, layout) if chart.kind == "scorecard" else _drawn_along(chart, sheet_id, layout)
    return {
        "title": chart.title,
        "titleTextFormat": {"fontSize": 10 if chart.kind == "scorecard" else 12},
        "altText": chart.title,
        **drawn,
    }


def chart_position(chart: Chart, sheet_id: int, layout: Layout) -> Json:
    row, column = layout.place(chart.row, chart.column)
    overlay = {
        "anchorCell": {"sheetId": sheet_id, "rowIndex": row, "columnIndex": column},
        "offsetXPixels": chart.x,
        "offsetYPixels": 3,
        "widthPixels": chart.width,
        "heightPixels": chart.height,
    }
    return {"overlayPosition": overlay}


def _scorecard(chart: Chart, sheet_id: int, layout: Layout) -> Json:
    """A headline number; a rise is coloured by what it means for the KPI."""
    rise, fall = {"higher": (GOOD, BAD), "lower": (BAD, GOOD)}.get(chart.direction, (QUIET, QUIET))
    card: Json = {
        "keyValueData": _data(chart.values, sheet_id, layout),
        "numberFormatSource": "FROM_DATA",
    }
    if chart.domain:
        card["baselineValueData"] = _data(chart.domain, sheet_id, layout)
        card["baselineValueFormat"] = {
            "comparisonType": chart.compared,
            "description": chart.caption,
            "positiveColorStyle": {"rgbColor": rise},
            "negativeColorStyle": {"rgbColor": fall},
        }
    return {"scorecardChart": card}


def _drawn_along(chart: Chart, sheet_id: int, layout: Layout) -> Json:
    assert chart.domain
    series = {
        "series": _data(chart.values, sheet_id, layout),
        "targetAxis": "LEFT_AXIS",
        "colorStyle": {"rgbColor": LINE},
    }
    if chart.kind == "line":
        series["lineStyle"] = {"width": 2}
    basic = {
        "chartType": chart.kind.upper(),
        "legendPosition": "NO_LEGEND",
        "headerCount": 1,
        "domains": [{"domain": _data(chart.domain, sheet_id, layout)}],
        "series": [series],
    }
    return {"basicChart": basic}


def _data(area: Area, sheet_id: int, layout: Layout) -> Json:
    """The source of one column: a range for each run of its rows, in the order in which they are meant."""
    assert area.bottom is not None
    _row, column = layout.place(area.top, area.left)
    runs = layout.rows.runs(range(area.top, area.bottom))
    sources = [grid_range(Area(top, column, bottom, column + 1), sheet_id) for top, bottom in runs]
    return {"sourceRange": {"sources": sources}}
