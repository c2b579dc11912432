"""Formulas worked out over one state of a spreadsheet, each cell at most once."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sheets_sync.sandbox.document.a1 import Reference
from sheets_sync.sandbox.document.area import Area
from sheets_sync.sandbox.document.spreadsheet import Json, Place, Sheet, Spreadsheet
from sheets_sync.sandbox.formulas.evaluation import Evaluation
from sheets_sync.sandbox.formulas.operands import FormulaError, Grid, Stop, text
from sheets_sync.sandbox.formulas.syntax import (
    Array,
    Function,
    Name,
    Node,
    Operation,
    Range,
    Sign,
    UnreadableError,
    parse_formula,
)
from sheets_sync.sandbox.notation.locales import signs

# A cheap look that spares working out every formula of a tab to learn which of them fill more cells.
MAY_SPILL = re.compile(r"\{|ARRAYFORMULA|TRANSPOSE|UNIQUE|FILTER|SEQUENCE|INDEX", re.IGNORECASE)
DATE_FORMATS = {"TODAY": {"type": "DATE"}, "DATE": {"type": "DATE"}, "NOW": {"type": "DATE_TIME"}}
# A sum of money is money, a count of it is not.
KEEPS_FORMAT = frozenset(
    ["SUM", "AVERAGE", "MIN", "MAX", "MEDIAN", "IF", "IFERROR", "ROUND", "INDEX", "VLOOKUP", "SUMIF"]
)


class Calculation:
    """Values, inherited number formats and links of cells."""

    def __init__(self, spreadsheet: Spreadsheet, now: datetime) -> None:
        """`now` is aware; formulas see it in the spreadsheet's time zone."""
        self.spreadsheet = spreadsheet
        self.now = now
        self._results: dict[tuple[int, Place], Any] = {}
        self._busy: set[tuple[int, Place]] = set()
        self._spilled: dict[int, dict[Place, tuple[Place, Any]]] = {}

    def local_now(self) -> datetime:
        try:
            return self.now.astimezone(ZoneInfo(self.spreadsheet.properties.get("timeZone", "Etc/GMT")))
        except (ZoneInfoNotFoundError, ValueError):
            return self.now

    def value(self, sheet: Sheet, place: Place) -> Any:
        """None, a number, a boolean, a text or a FormulaError."""
        entered = sheet.cells.get(place, {}).get("userEnteredValue")
        if not entered:
            return self._spills(sheet).get(place, (place, None))[1]
        ((kind, value),) = entered.items()
        if kind != "formulaValue":
            return value
        result = self._result(sheet, place)
        if not isinstance(result, Grid):
            return result
        blocker = self._blocker(sheet, place, result)
        if blocker is not None:
            return FormulaError("REF", f"Array result was not expanded because it would overwrite data in {blocker}.")
        return result.rows[0][0] if result.height and result.width else None

    def _result(self, sheet: Sheet, place: Place) -> Any:
        """The whole result of a formula: a value, or a grid that spills."""
        key = (sheet.sheet_id, place)
        if key in self._busy:
            return FormulaError("REF", "Circular dependency detected.")
        if key not in self._results:
            self._busy.add(key)
            try:
                self._results[key] = self._evaluated(sheet, place)
            finally:
                self._busy.discard(key)
        return self._results[key]

    def _evaluated(self, sheet: Sheet, place: Place) -> Any:
        node = self._node(sheet, place)
        if node is None:
            return FormulaError("ERROR", "Formula parse error.")
        evaluation = Evaluation(self, sheet, place)
        try:
            result = evaluation.of(node)
            return result if isinstance(result, Grid) and result.spills else evaluation.single(result)
        except Stop as stop:
            return stop.error
        except ZeroDivisionError:
            return FormulaError("DIVIDE_BY_ZERO", "Division by zero.")
        except (OverflowError, ValueError, RecursionError):
            return FormulaError("NUM", "The result cannot be worked out.")
        # Functions are called with as many arguments as somebody typed.
        except TypeError:
            return FormulaError("N_A", "Wrong number of arguments.")

    def _node(self, sheet: Sheet, place: Place) -> Node | None:
        formula = sheet.cells.get(place, {}).get("userEnteredValue", {}).get("formulaValue")
        if formula is None:
            return None
        try:
            return parse_formula(formula, signs(self.spreadsheet.locale).decimal)
        except UnreadableError:
            return None

    def _blocker(self, sheet: Sheet, place: Place, grid: Grid) -> str | None:
        """The first filled cell in the way of a spill."""
        for row in range(grid.height):
            for column in range(grid.width):
                target = (place[0] + row, place[1] + column)
                if target != place and "userEnteredValue" in sheet.cells.get(target, {}):
                    return str(self.spreadsheet.name_of(Area(sheet.sheet_id, *target, target[0] + 1, target[1] + 1)))
        return None

    def _spills(self, sheet: Sheet) -> dict[Place, tuple[Place, Any]]:
        """Which formula fills each cell that holds nothing itself, and with what."""
        if sheet.sheet_id in self._spilled:
            return self._spilled[sheet.sheet_id]
        spills: dict[Place, tuple[Place, Any]] = {}
        # Before it is full: a formula that spills may read its own tab, and would come back here without end.
        self._spilled[sheet.sheet_id] = spills
        for place, cell in sheet.cells.items():
            formula = cell.get("userEnteredValue", {}).get("formulaValue")
            if formula is None or not MAY_SPILL.search(formula):
                continue
            grid = self._result(sheet, place)
            if isinstance(grid, Grid) and self._blocker(sheet, place, grid) is None:
                for row, values in enumerate(grid.rows):
                    for column, value in enumerate(values):
                        spills.setdefault((place[0] + row, place[1] + column), (place, value))
        return spills

    def spilled_places(self, sheet: Sheet) -> set[Place]:
        """Cells that show something only because a formula beside them spills."""
        return {place for place, (_, value) in self._spills(sheet).items() if value is not None}

    def grid(self, area: Area) -> Grid:
        sheet = self.spreadsheet.sheet(area.sheet_id)
        # `A:A` ends with the last filled row, or it would be a thousand cells each time.
        bottom = min(area.bottom, max(sheet.edge()[0], area.top + 1) if area.bottom == sheet.row_count else area.bottom)
        rows = tuple(
            tuple(self.value(sheet, (row, column)) for column in range(area.left, area.right))
            for row in range(area.top, bottom)
        )
        return Grid(rows, area)

    def area(self, own: Sheet, reference: Reference) -> Area:
        """Where a reference points, cut to the grid. Stops with #REF! when its tab is gone."""
        sheet = own if reference.sheet is None else self.spreadsheet.titled(reference.sheet)
        if sheet is None:
            raise Stop("REF", f"Unresolved sheet name '{reference.sheet}'.")
        top, left, bottom, right = reference.bounds()
        rows = sheet.row_count if bottom is None else min(bottom, sheet.row_count)
        columns = sheet.column_count if right is None else min(right, sheet.column_count)
        # Never empty: behind the end of the grid there is still one cell, which holds nothing.
        return Area(sheet.sheet_id, top or 0, left or 0, max(rows, (top or 0) + 1), max(columns, (left or 0) + 1))

    def named_area(self, name: str) -> Area:
        named = self.spreadsheet.named_range(name)
        if named is None:
            raise Stop("NAME", f"Unknown range name: '{name.upper()}'.")
        return self.spreadsheet.area(named["range"])

    def number_format(self, sheet: Sheet, place: Place) -> Json | None:
        """What a formula without a format of its own is shown with: the format of what it is made from."""
        anchor = self._spills(sheet).get(place, (place, None))[0] if place not in sheet.cells else place
        node = self._node(sheet, anchor)
        if node is None:
            return None
        try:
            return self._inherited(node, sheet, anchor, (place[0] - anchor[0], place[1] - anchor[1]), 0)
        except Stop:
            return None

    def _inherited(self, node: Node, sheet: Sheet, anchor: Place, offset: Place, depth: int) -> Json | None:
        # Cells may refer to each other in a circle.
        if isinstance(node, Range | Name) and depth < 50:
            area = self.area(sheet, node.reference) if isinstance(node, Range) else self.named_area(node.text)
            origin, place = self.spreadsheet.sheet(area.sheet_id), (area.top + offset[0], area.left + offset[1])
            own = origin.cells.get(place, {}).get("userEnteredFormat", {}).get("numberFormat")
            below = self._node(origin, place)
            deeper = None if own or below is None else self._inherited(below, origin, place, (0, 0), depth + 1)
            return own or deeper
        if isinstance(node, Function) and node.name in DATE_FORMATS:
            return dict(DATE_FORMATS[node.name])
        for part in _formatting_parts(node):
            number_format = self._inherited(part, sheet, anchor, offset, depth)
            if number_format:
                return number_format
        return None

    def link(self, sheet: Sheet, place: Place) -> str | None:
        """The address of a HYPERLINK formula."""
        node = self._node(sheet, place)
        if not isinstance(node, Function) or node.name != "HYPERLINK" or not node.arguments:
            return None
        evaluation = Evaluation(self, sheet, place)
        try:
            return text(evaluation.single(evaluation.of(node.arguments[0])))
        except Stop:
            return None


def _formatting_parts(node: Node) -> tuple[Node, ...]:
    """The parts of a formula that lend it their number format."""
    if isinstance(node, Operation):
        return (node.left, node.right) if node.symbol in "+-" else ()
    if isinstance(node, Sign):
        return (node.operand,)
    if isinstance(node, Array):
        return tuple(part for row in node.rows for part in row)
    if isinstance(node, Function) and node.name in KEEPS_FORMAT | {"ARRAYFORMULA"}:
        return node.arguments[1:] if node.name == "IF" else node.arguments
    return ()
