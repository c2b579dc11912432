"""Requests about what floats over a tab: charts and slicers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sheets_sync.sandbox.api_errors import invalid, not_local
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
        raise not_local("A chart or slicer on a tab of its own")
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


def add_slicer(spreadsheet: Spreadsheet, request: Json) -> Json:
    slicer = need(request, "slicer")
    slicer_id = slicer["slicerId"] if "slicerId" in slicer else spreadsheet.new_id()
    if any(_find(spreadsheet, kind, slicer_id) for kind in IDS):
        raise invalid(f"Cannot add slicer with ID {slicer_id}, an embedded object with that ID already exists.")
    position, sheet = _position(spreadsheet, slicer.get("position", {}))
    spec = _checked_slicer(spreadsheet, slicer.get("spec", {}))
    item = {**slicer, "slicerId": slicer_id, "spec": spec, "position": position}
    sheet.objects["slicers"].append(item)
    return {"slicer": item}


def _checked_slicer(spreadsheet: Spreadsheet, spec: Json) -> Json:
    area = spreadsheet.area(need(spec, "dataRange"))
    if not 0 <= spec.get("columnIndex", 0) < area.right - area.left:
        raise invalid("SlicerSpec.columnIndex is outside the data range.")
    return {**spec, "dataRange": {**spec["dataRange"], "sheetId": area.sheet_id}}


def update_slicer_spec(spreadsheet: Spreadsheet, request: Json) -> None:
    sheet, slicer = must_find(spreadsheet, "slicers", "slicerId", need(request, "slicerId"), "slicer")
    spec = _checked_slicer(spreadsheet, merged(slicer["spec"], need(request, "spec"), write_mask(request)))
    replace_object(sheet, "slicers", slicer, {**slicer, "spec": spec})


IDS = {"charts": "chartId", "slicers": "slicerId"}


def _find(spreadsheet: Spreadsheet, kind: str, object_id: Any) -> tuple[Sheet, Json] | None:
    return find_object(spreadsheet, kind, IDS[kind], object_id)


def _object(spreadsheet: Spreadsheet, object_id: Any) -> tuple[str, Sheet, Json]:
    """The kind, tab and JSON of a chart or a slicer."""
    for kind in IDS:
        match = _find(spreadsheet, kind, object_id)
        if match:
            return kind, *match
    raise invalid(f"No embedded object with id: {object_id}")


def update_position(spreadsheet: Spreadsheet, request: Json) -> Json:
    """The mask counts below `overlayPosition`; without one the new position is taken whole."""
    kind, sheet, item = _object(spreadsheet, need(request, "objectId"))
    new_position = need(request, "newPosition")
    if request.get("fields") and "overlayPosition" in new_position:
        overlay = merged(item["position"]["overlayPosition"], new_position["overlayPosition"], write_mask(request))
        new_position = {"overlayPosition": overlay}
    position, target = _position(spreadsheet, new_position)
    # Taken off and put down again, for the new anchor may lie on another tab.
    remove_object(sheet, kind, item)
    target.objects[kind].append({**item, "position": position})
    return {"position": position}


def update_border(spreadsheet: Spreadsheet, request: Json) -> None:
    kind, sheet, item = _object(spreadsheet, need(request, "objectId"))
    border = merged(item.get("border", {}), need(request, "border"), write_mask(request))
    replace_object(sheet, kind, item, {**item, "border": border})


def delete_object(spreadsheet: Spreadsheet, request: Json) -> None:
    kind, sheet, item = _object(spreadsheet, need(request, "objectId"))
    remove_object(sheet, kind, item)


HANDLERS: dict[str, Callable[[Spreadsheet, Json], Json | None]] = {
    "addChart": add_chart,
    "updateChartSpec": update_chart_spec,
    "addSlicer": add_slicer,
    "updateSlicerSpec": update_slicer_spec,
    "updateEmbeddedObjectPosition": update_position,
    "updateEmbeddedObjectBorder": update_border,
    "deleteEmbeddedObject": delete_object,
}
