"""Requests about charts and other things that float over a tab."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sheets_sync.sandbox.api_errors import invalid
from sheets_sync.sandbox.batch.fields import find_object, must_find, need, remove_object, replace_object, write_mask
from sheets_sync.sandbox.document.masks import merged
from sheets_sync.sandbox.document.spreadsheet import Json, Sheet, Spreadsheet

USUAL_SIZE = {"widthPixels": 600, "heightPixels": 371}


def add_chart(spreadsheet: Spreadsheet, request: Json) -> Json:
    embedded_chart = need(request, "chart")
    chart_id = embedded_chart["chartId"] if "chartId" in embedded_chart else spreadsheet.new_id()
    if find_object(spreadsheet, "charts", "chartId", chart_id):
        raise invalid(f"Cannot add chart with ID {chart_id}, an embedded object with that ID already exists.")
    spec = _checked_spec(spreadsheet, need(embedded_chart, "spec"))
    position, sheet = _position(spreadsheet, embedded_chart.get("position", {}))
    chart = {**embedded_chart, "chartId": chart_id, "spec": spec, "position": position}
    sheet.objects["charts"].append(chart)
    return {"chart": chart}


def _position(spreadsheet: Spreadsheet, position: Json) -> tuple[Json, Sheet]:
    """An overlay made whole, and the tab it lies on."""
    if "overlayPosition" not in position:
        raise invalid("Only overlay positions are supported here: give position.overlayPosition.")
    overlay = {**USUAL_SIZE, **position["overlayPosition"]}
    anchor = {"sheetId": 0, "rowIndex": 0, "columnIndex": 0, **overlay.get("anchorCell", {})}
    sheet = spreadsheet.sheet(anchor["sheetId"])
    if anchor["rowIndex"] >= sheet.row_count or anchor["columnIndex"] >= sheet.column_count:
        raise invalid("The anchor cell is outside the grid.")
    return {"overlayPosition": {**overlay, "anchorCell": anchor}}, sheet


def _checked_spec(spreadsheet: Spreadsheet, spec: Json) -> Json:
    """The spec, after each range that it draws from was looked up."""
    if not any(name.endswith("Chart") for name in spec):
        raise invalid("ChartSpec must have a chart type set.")
    _check_sources(spreadsheet, spec)
    return spec


def _check_sources(spreadsheet: Spreadsheet, value: Any) -> None:
    for name, part in value.items() if isinstance(value, dict) else ():
        for item in part if isinstance(part, list) else [part]:
            if name == "sources":
                # Only to refuse a range that lies outside its tab.
                spreadsheet.area(item)
            _check_sources(spreadsheet, item)


def update_chart_spec(spreadsheet: Spreadsheet, request: Json) -> None:
    """Replaces the whole spec: this request has no field mask."""
    sheet, chart = must_find(spreadsheet, "charts", "chartId", need(request, "chartId"), "chart")
    replace_object(sheet, "charts", chart, {**chart, "spec": _checked_spec(spreadsheet, need(request, "spec"))})


def update_position(spreadsheet: Spreadsheet, request: Json) -> Json:
    """The mask counts below `overlayPosition`; without one the new position is taken whole."""
    sheet, chart = must_find(spreadsheet, "charts", "chartId", need(request, "objectId"), "embedded object")
    new_position = need(request, "newPosition")
    if request.get("fields") and "overlayPosition" in new_position:
        overlay = merged(chart["position"]["overlayPosition"], new_position["overlayPosition"], write_mask(request))
        new_position = {"overlayPosition": overlay}
    position, target = _position(spreadsheet, new_position)
    # Taken off and put down again, for the new anchor may lie on another tab.
    remove_object(sheet, "charts", chart)
    target.objects["charts"].append({**chart, "position": position})
    return {"position": position}


def update_border(spreadsheet: Spreadsheet, request: Json) -> None:
    sheet, chart = must_find(spreadsheet, "charts", "chartId", need(request, "objectId"), "embedded object")
    border = merged(chart.get("border", {}), need(request, "border"), write_mask(request))
    replace_object(sheet, "charts", chart, {**chart, "border": border})


def delete_object(spreadsheet: Spreadsheet, request: Json) -> None:
    sheet, chart = must_find(spreadsheet, "charts", "chartId", need(request, "objectId"), "embedded object")
    remove_object(sheet, "charts", chart)


HANDLERS: dict[str, Callable[[Spreadsheet, Json], Json | None]] = {
    "addChart": add_chart,
    "updateChartSpec": update_chart_spec,
    "updateEmbeddedObjectPosition": update_position,
    "updateEmbeddedObjectBorder": update_border,
    "deleteEmbeddedObject": delete_object,
}
