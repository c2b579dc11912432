"""Formulas worked out over one state of a spreadsheet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sheets_sync.sandbox.spreadsheet import Json, Place, Sheet, Spreadsheet


@dataclass(frozen=True, slots=True)
class FormulaError:
    """`kind` is the API's ErrorType, `text` what the cell shows."""

    kind: str
    message: str
    text: str


class Calculation:
    def __init__(self, spreadsheet: Spreadsheet, now: datetime) -> None:
        self.spreadsheet = spreadsheet
        self.now = now

    def value(self, sheet: Sheet, place: Place) -> Any:
        entered = sheet.cells.get(place, {}).get("userEnteredValue", {})
        return next((value for kind, value in entered.items() if kind != "formulaValue"), None)

    def number_format(self, sheet: Sheet, place: Place) -> Json | None:
        return None

    def link(self, sheet: Sheet, place: Place) -> str | None:
        return None

    def spilled_places(self, sheet: Sheet) -> set[Place]:
        return set()
