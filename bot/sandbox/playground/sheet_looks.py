"""How cells look: their own format, and the conditional formats that hold for them; each look is told once."""

from __future__ import annotations

import json
from typing import Any

from sheets_sync.sandbox.contents.cell_reader import Reader
from sheets_sync.sandbox.document.spreadsheet import Place, Sheet

Json = dict[str, Any]
MARKS = ("bold", "italic", "strikethrough", "underline")


class Looks:
    """The looks of one tab. `all` lists each once; a cell names its own by number."""

    def __init__(self, reader: Reader, sheet: Sheet) -> None:
        self.all: list[Json] = []
        self._numbers: dict[str, int] = {}
        self._sheet = sheet
        self._rules = [
            ([reader.spreadsheet.area(grid_range) for grid_range in rule["ranges"]], rule["booleanRule"])
            for rule in sheet.objects["conditionalFormats"]
            if "booleanRule" in rule
        ]

    def of(self, place: Place, value: Any, text: str) -> int | None:
        """The number of the cell's look; None for a plain cell."""
        own = self._sheet.cells.get(place, {}).get("userEnteredFormat", {})
        look = _look(own)
        for areas, rule in reversed(self._rules):  # the first rule of the list wins
            if any(area.holds(*place) for area in areas) and _holds(rule["condition"], value, text):
                look |= _look(rule.get("format", {}))
        if not look:
            return None
        key = json.dumps(look, sort_keys=True)
        if key not in self._numbers:
            self._numbers[key] = len(self.all)
            self.all.append(look)
        return self._numbers[key]


def _look(cell_format: Json) -> Json:
    text = cell_format.get("textFormat", {})
    look: Json = {name: bool(text[name]) for name in MARKS if name in text}
    if "fontSize" in text:
        look["size"] = text["fontSize"]
    if "fontFamily" in text:
        look["family"] = text["fontFamily"]
    colours = {"ink": (text, "foregroundColor"), "paper": (cell_format, "backgroundColor")}
    for name, (holder, key) in colours.items():
        # The style is the newer spelling, and counts where both stand.
        colour = holder.get(f"{key}Style", {}).get("rgbColor", holder.get(key))
        if colour is not None:
            look[name] = [round(255 * float(colour.get(part, 0))) for part in ("red", "green", "blue")]
    for name, key in {"align": "horizontalAlignment", "rise": "verticalAlignment", "wrap": "wrapStrategy"}.items():
        if key in cell_format:
            look[name] = str(cell_format[key]).lower()
    return look


def _holds(condition: Json, value: Any, text: str) -> bool:
    """Whether a condition holds; one of a kind that no tab uses never does."""
    values = [str(operand.get("userEnteredValue", "")) for operand in condition.get("values", [])]
    kind = condition.get("type", "")
    if kind == "BLANK":
        return value is None
    if kind == "NOT_BLANK":
        return value is not None
    if kind.startswith("TEXT_") and values:
        return _text_holds(kind, text.casefold(), values[0].casefold())
    if kind.startswith("NUMBER_") and values and isinstance(value, int | float) and not isinstance(value, bool):
        return _number_holds(kind, float(value), values)
    return False


def _text_holds(kind: str, text: str, operand: str) -> bool:
    return {
        "TEXT_EQ": text == operand,
        "TEXT_CONTAINS": operand in text,
        "TEXT_NOT_CONTAINS": operand not in text,
        "TEXT_STARTS_WITH": text.startswith(operand),
        "TEXT_ENDS_WITH": text.endswith(operand),
    }.get(kind, False)


def _number_holds(kind: str, value: float, operands: list[str]) -> bool:
    try:
        bounds = [float(operand) for operand in operands]
    except ValueError:
        return False
    return {
        "NUMBER_GREATER": value > bounds[0],
        "NUMBER_GREATER_THAN_EQ": value >= bounds[0],
        "NUMBER_LESS": value < bounds[0],
        "NUMBER_LESS_THAN_EQ": value <= bounds[0],
        "NUMBER_EQ": value == bounds[0],
        "NUMBER_NOT_EQ": value != bounds[0],
        "NUMBER_BETWEEN": bounds[0] <= value <= bounds[-1],
        "NUMBER_NOT_BETWEEN": not bounds[0] <= value <= bounds[-1],
    }.get(kind, False)
