"""The local spreadsheet as the page draws it: texts as shown, looks, objects, charts with their numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from bot.sandbox.local_product import Playground
from bot.sandbox.playground.sheet_looks import Looks
from sheets_sync.sandbox.contents.cell_reader import Reader
from sheets_sync.sandbox.contents.spreadsheet_json import COLUMN_PIXELS, ROW_PIXELS
from sheets_sync.sandbox.document.lookup import sheet_metadata
from sheets_sync.sandbox.document.spreadsheet import Place, Sheet, Spreadsheet
from sheets_sync.sandbox.formulas.calculation import Calculation
from sheets_sync.sandbox.formulas.evaluation import Evaluation
from sheets_sync.sandbox.formulas.operands import FormulaError, Grid, Stop
from sheets_sync.sandbox.formulas.syntax import Function, UnreadableError, parse_formula
from sheets_sync.sandbox.notation.locales import signs
from sheets_sync.spreadsheet.state import BLOCK_KEY

Json = dict[str, Any]
MOST_ROWS, MOST_COLUMNS = 400, 60
SPARE_ROWS, SPARE_COLUMNS = 12, 2
SPARKLINE = "SPARKLINE("


def sheet_json(playground: Playground) -> Json:
    """The whole spreadsheet. Call it in a thread: formulas are worked out."""
    backend = playground.sheets.backend
    with backend.files.lock:
        file = backend.files.file(playground.spreadsheet)
        state, undoable = file.spreadsheet, bool(file.history)
    reader = Reader(state, playground.clock())
    return {
        "title": state.properties["title"],
        "url": state.url,
        "undoable": undoable,
        "tabs": [_tab(state, reader, sheet) for sheet in state.sheets],
    }


def _tab(state: Spreadsheet, reader: Reader, sheet: Sheet) -> Json:
    grid = sheet.properties["gridProperties"]
    places = set(sheet.cells) | reader.calculation.spilled_places(sheet)
    rows, columns = _extent(sheet, places)
    looks = Looks(reader, sheet)
    cells = [_cell(reader, looks, sheet, place) for place in sorted(places) if place[0] < rows and place[1] < columns]
    return {
        "id": sheet.sheet_id,
        "title": sheet.title,
        "block": _block(state, sheet),
        "hidden": bool(sheet.properties.get("hidden")),
        "rows": rows,
        "columns": columns,
        "frozenRows": grid.get("frozenRowCount", 0),
        "frozenColumns": grid.get("frozenColumnCount", 0),
        "hidesGrid": bool(grid.get("hideGridlines")),
        "widths": _sizes(sheet.columns, columns),
        "heights": _sizes(sheet.rows, rows),
        "hiddenRows": _hidden(sheet.rows, rows),
        "hiddenColumns": _hidden(sheet.columns, columns),
        # A place alone, `r` and `c`, is a cell with nothing to draw.
        "cells": [cell for cell in cells if len(cell) > 2],
        "looks": looks.all,
        "merges": [_edges(state, merge) for merge in sheet.objects["merges"]],
        "guarded": [_guard(state, guard) for guard in sheet.objects["protectedRanges"]],
        "charts": [_chart(state, reader, chart) for chart in sheet.objects["charts"]],
    }


def _extent(sheet: Sheet, places: Iterable[Place]) -> Place:
    """How many rows and columns to draw: all that hold anything or lie under a chart, and a few to go on in."""
    rows = [row for row, _ in places]
    columns = [column for _, column in places]
    for chart in sheet.objects["charts"]:
        at = chart["position"]["overlayPosition"]
        # A chart floats above cells that may all be empty, and would be cut off with them.
        rows.append(at["anchorCell"].get("rowIndex", 0) + at["heightPixels"] // ROW_PIXELS)
        wide = at.get("offsetXPixels", 0) + at["widthPixels"]
        columns.append(at["anchorCell"].get("columnIndex", 0) + wide // COLUMN_PIXELS)
    return (
        min(MOST_ROWS, sheet.row_count, max(rows, default=0) + 1 + SPARE_ROWS),
        min(MOST_COLUMNS, sheet.column_count, max(columns, default=3) + 1 + SPARE_COLUMNS),
    )


def _block(state: Spreadsheet, sheet: Sheet) -> str:
    """Which tab of the bot's it is, by the mark it carries whatever people call it; empty for the team's own."""
    marks = sheet_metadata(state, sheet)
    values = [str(mark.get("metadataValue", "")) for mark in marks if mark["metadataKey"] == BLOCK_KEY]
    return values[0].partition(" ")[0] if values else ""


def _cell(reader: Reader, looks: Looks, sheet: Sheet, place: Place) -> Json:
    """`t` is what is shown, `e` what an editor opens with where that differs, `k` the kind of value.

    `b` is there for a checkbox: whether it is ticked.
    """
    cell = sheet.cells.get(place, {})
    page_cell: Json = {"r": place[0], "c": place[1]}
    value, text = reader.value(sheet, place), reader.text(sheet, place)
    if text:
        page_cell["t"] = text
    if kind := _kind(value):
        page_cell["k"] = kind
    entered = _entered(reader, sheet, place, text)
    if entered != text:
        page_cell["e"] = entered
    if "note" in cell:
        page_cell["n"] = cell["note"]
    if (look := looks.of(place, value, text)) is not None:
        page_cell["s"] = look
    if heights := _sparkline(reader.calculation, sheet, place):
        page_cell["line"] = heights
    rule = cell.get("dataValidation", {})
    if choices := _choices(rule):
        page_cell["o"] = choices
    if rule.get("condition", {}).get("type") == "BOOLEAN" and (value is None or isinstance(value, bool)):
        page_cell["b"] = bool(value)
    return page_cell


def _kind(value: Any) -> str:
    if isinstance(value, FormulaError):
        return "error"
    # Asked before the numbers: in Python True is one.
    if isinstance(value, bool):
        return "truth"
    return "number" if isinstance(value, int | float) else ""


def _entered(reader: Reader, sheet: Sheet, place: Place, text: str) -> str:
    """What stands in the cell when somebody opens it: a formula, a number in full, a date or a rate as shown."""
    entered = sheet.cells.get(place, {}).get("userEnteredValue", {})
    if "formulaValue" in entered:
        return str(entered["formulaValue"])
    number = entered.get("numberValue")
    if number is None:
        return text
    kind = (reader.number_format(sheet, place) or {}).get("type", "NUMBER")
    if kind == "PERCENT":
        # 0.07 * 100 is 7.000000000000001.
        return f"{round(number * 100, 10):g}%"
    # More than 15 digits a double does not hold, nor does Sheets show.
    return f"{number:.15g}" if kind in {"NUMBER", "CURRENCY"} else text


def _choices(rule: Mapping[str, Any]) -> list[str]:
    condition = rule.get("condition", {})
    if condition.get("type") != "ONE_OF_LIST":
        return []
    return [str(choice.get("userEnteredValue", "")) for choice in condition.get("values", [])]


def _sparkline(calculation: Calculation, sheet: Sheet, place: Place) -> list[float]:
    formula = str(sheet.cells.get(place, {}).get("userEnteredValue", {}).get("formulaValue", ""))
    if not formula.upper().removeprefix("=").startswith(SPARKLINE):
        return []
    try:
        node = parse_formula(formula, signs(calculation.spreadsheet.locale).decimal)
        if not isinstance(node, Function) or not node.arguments:
            return []
        # Sheets draws a sparkline instead of showing a value, so what counts is the numbers it is called with.
        values = Evaluation(calculation, sheet, place).of(node.arguments[0])
    except (UnreadableError, Stop):
        return []
    flat = values.flat() if isinstance(values, Grid) else [values]
    return [value for value in flat if isinstance(value, int | float) and not isinstance(value, bool)]


def _sizes(lines: Mapping[int, Json], most: int) -> dict[int, int]:
    return {index: line["pixelSize"] for index, line in lines.items() if index < most and "pixelSize" in line}


def _hidden(lines: Mapping[int, Json], most: int) -> list[int]:
    return [index for index, line in lines.items() if index < most and line.get("hiddenByUser")]


def _edges(state: Spreadsheet, grid_range: Json) -> list[int]:
    area = state.area(grid_range)
    return [area.top, area.left, area.bottom, area.right]


def _guard(state: Spreadsheet, item: Json) -> Json:
    return {
        "area": _edges(state, item["range"]),
        "open": [_edges(state, open_range) for open_range in item.get("unprotectedRanges", [])],
        "words": item.get("description", ""),
    }


def _chart(state: Spreadsheet, reader: Reader, chart: Json) -> Json:
    """The chart's own spec with every range read: each `sourceRange` has its `texts` and `values` beside it."""
    return {
        "id": chart["chartId"],
        "at": chart["position"]["overlayPosition"],
        "spec": _read(state, reader, chart["spec"]),
    }


def _read(state: Spreadsheet, reader: Reader, value: Any) -> Any:
    if isinstance(value, list):
        return [_read(state, reader, part) for part in value]
    if not isinstance(value, dict):
        return value
    if "sourceRange" in value:
        places = list(_places(state, value["sourceRange"].get("sources", [])))
        values = [reader.value(sheet, place) for sheet, place in places]
        texts = [reader.text(sheet, place) for sheet, place in places]
        return {
            "values": [cell_value if _kind(cell_value) == "number" else None for cell_value in values],
            "texts": texts,
        }
    return {name: _read(state, reader, part) for name, part in value.items()}


def _places(state: Spreadsheet, sources: Iterable[Json]) -> Iterable[tuple[Sheet, Place]]:
    for source in sources:
        area = state.area(source)
        sheet = state.sheet(area.sheet_id)
        last = max((row for row, column in sheet.cells if area.holds(row, column)), default=area.top) + 1
        for row in range(area.top, min(area.bottom, last)):
            for column in range(area.left, area.right):
                yield sheet, (row, column)
