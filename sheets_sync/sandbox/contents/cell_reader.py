"""What readers see in one cell: effective value, shown text, effective format."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sheets_sync.sandbox.document.spreadsheet import Json, Place, Sheet, Spreadsheet
from sheets_sync.sandbox.formulas.calculation import Calculation
from sheets_sync.sandbox.formulas.operands import FormulaError
from sheets_sync.sandbox.notation.number_patterns import display_text, is_date


class Reader:
    """Reads cells of one state of a spreadsheet; formulas are worked out at most once."""

    def __init__(self, spreadsheet: Spreadsheet, now: datetime) -> None:
        """`now` is what TODAY() and NOW() go by."""
        self.spreadsheet = spreadsheet
        self.calculation = Calculation(spreadsheet, now)

    def value(self, sheet: Sheet, place: Place) -> Any:
        """None, a number, a boolean, a text or a FormulaError."""
        return self.calculation.value(sheet, place)

    def number_format(self, sheet: Sheet, place: Place) -> Json | None:
        """The cell's own number format; a formula without one takes that of what it shows."""
        own = sheet.cells.get(place, {}).get("userEnteredFormat", {}).get("numberFormat")
        return own or self.calculation.number_format(sheet, place)

    def text(self, sheet: Sheet, place: Place) -> str:
        """What people see; empty for an empty cell."""
        value = self.value(sheet, place)
        if value is None:
            return ""
        if isinstance(value, FormulaError):
            return value.text
        return display_text(value, self.number_format(sheet, place), self.spreadsheet.locale)

    def rendered(self, sheet: Sheet, place: Place, option: str, date_option: str) -> Any:
        """A cell for the values calls, under their ValueRenderOption and DateTimeRenderOption."""
        entered = sheet.cells.get(place, {}).get("userEnteredValue", {})
        if option == "FORMULA" and "formulaValue" in entered:
            return entered["formulaValue"]
        if option == "FORMATTED_VALUE":
            return self.text(sheet, place)
        value = self.value(sheet, place)
        # An error has no value to render: every option but FORMULA gives its text.
        if isinstance(value, FormulaError):
            return value.text
        if date_option == "FORMATTED_STRING" and is_date(self.number_format(sheet, place)):
            return self.text(sheet, place)
        return "" if value is None else value

    def cell_data(self, sheet: Sheet, place: Place) -> Json:
        """The CellData of the API; empty for a cell that holds nothing."""
        cell = dict(sheet.cells.get(place, {}))
        value = self.value(sheet, place)
        if value is not None:
            cell["effectiveValue"] = _extended(value)
            cell["formattedValue"] = self.text(sheet, place)
        if cell:
            cell["effectiveFormat"] = self._effective_format(sheet, place, value)
        link = self._hyperlink(sheet, place, cell)
        if link:
            cell["hyperlink"] = link
        return cell

    def _effective_format(self, sheet: Sheet, place: Place, value: Any) -> Json:
        base = self.spreadsheet.properties.get("defaultFormat", {})
        own = sheet.cells.get(place, {}).get("userEnteredFormat", {})
        merged = {**base, **own, "textFormat": {**base.get("textFormat", {}), **own.get("textFormat", {})}}
        number_format = self.number_format(sheet, place)
        if number_format:
            merged["numberFormat"] = number_format
        numeric = isinstance(value, int | float) and not isinstance(value, bool)
        merged.setdefault("horizontalAlignment", "RIGHT" if numeric else "LEFT")
        merged.setdefault("hyperlinkDisplayType", "PLAIN_TEXT")
        return merged

    def _hyperlink(self, sheet: Sheet, place: Place, cell: Json) -> str | None:
        text_format = cell.get("userEnteredFormat", {}).get("textFormat", {})
        uri = text_format.get("link", {}).get("uri") or self.calculation.link(sheet, place)
        return str(uri) if uri else None


def _extended(value: Any) -> Json:
    if isinstance(value, FormulaError):
        return {"errorValue": {"type": value.kind, "message": value.message}}
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, str):
        return {"stringValue": value}
    return {"numberValue": value}
