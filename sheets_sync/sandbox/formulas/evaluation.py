"""One formula being worked out: what each kind of node is worth."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Protocol

from sheets_sync.sandbox.document.a1 import Reference
from sheets_sync.sandbox.document.area import Area
from sheets_sync.sandbox.document.spreadsheet import Place, Sheet
from sheets_sync.sandbox.formulas.functions import FUNCTIONS
from sheets_sync.sandbox.formulas.operands import FormulaError, Grid, Stop, number, order_key, same, text, truth
from sheets_sync.sandbox.formulas.syntax import Array, Function, Literal, Name, Node, Operation, Percent, Range, Sign
from sheets_sync.sandbox.notation.number_patterns import serial


class Surroundings(Protocol):
    """What a formula sees of the spreadsheet around it. `area` and `named_area` raise Stop where nothing is there."""

    def area(self, own: Sheet, reference: Reference) -> Area: ...
    def named_area(self, name: str) -> Area: ...
    def grid(self, area: Area) -> Grid: ...
    def local_now(self) -> datetime: ...


def _divide(left: Any, right: Any) -> float:
    if number(right) == 0:
        raise Stop("DIVIDE_BY_ZERO", "Function DIVIDE parameter 2 cannot be zero.")
    return _whole(number(left) / number(right))


def _whole(value: float) -> float:
    """An exact result stays a whole number, as the API answers it."""
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 2**53 else value


OPERATIONS: dict[str, Callable[[Any, Any], Any]] = {
    "+": lambda left, right: number(left) + number(right),
    "-": lambda left, right: number(left) - number(right),
    "*": lambda left, right: number(left) * number(right),
    "/": _divide,
    "^": lambda left, right: number(left) ** number(right),
    "&": lambda left, right: text(left) + text(right),
    "=": same,
    "<>": lambda left, right: not same(left, right),
    "<": lambda left, right: order_key(left) < order_key(right),
    "<=": lambda left, right: order_key(left) <= order_key(right),
    ">": lambda left, right: order_key(left) > order_key(right),
    ">=": lambda left, right: order_key(left) >= order_key(right),
}


class Evaluation:
    """Works out nodes for the formula in one cell; inside ARRAYFORMULA operators go cell by cell."""

    def __init__(self, around: Surroundings, sheet: Sheet, place: Place) -> None:
        self.around = around
        self.sheet = sheet
        self.place = place
        self.cellwise = False

    def of(self, node: Node) -> Any:
        """A plain value or a Grid. Raises Stop with an error value."""
        return NODES[type(node)](self, node)

    def single(self, value: Any) -> Any:
        """A plain value: a range gives the cell in this formula's row or column, as Sheets does."""
        if not isinstance(value, Grid):
            return value
        if value.height * value.width == 1 or value.area is None:
            return next(value.flat(), None)
        row, column = self.place[0] - value.area.top, self.place[1] - value.area.left
        if value.width == 1 and 0 <= row < value.height:
            return value.rows[row][0]
        if value.height == 1 and 0 <= column < value.width:
            return value.rows[0][column]
        raise Stop("VALUE", "An array value could not be found.")

    def checked(self, value: Any) -> Any:
        """The plain value; an error among the operands is the result."""
        plain = self.single(value)
        if isinstance(plain, FormulaError):
            raise Stop(plain.kind, plain.message)
        return plain

    def operate(self, symbol: str, left: Any, right: Any) -> Any:
        if self.cellwise and (isinstance(left, Grid) or isinstance(right, Grid)):
            return self._broadcast(symbol, left, right)
        return OPERATIONS[symbol](self.checked(left), self.checked(right))

    def _broadcast(self, symbol: str, left: Any, right: Any) -> Grid:
        grids = [value for value in (left, right) if isinstance(value, Grid)]
        height, width = max(grid.height for grid in grids), max(grid.width for grid in grids)

        def at(value: Any, row: int, column: int) -> Any:
            if not isinstance(value, Grid):
                return value
            return value.rows[row if value.height > 1 else 0][column if value.width > 1 else 0]

        def cell(row: int, column: int) -> Any:
            try:
                return OPERATIONS[symbol](at(left, row, column), at(right, row, column))
            except Stop as stop:
                return stop.error

        rows = tuple(tuple(cell(row, column) for column in range(width)) for row in range(height))
        return Grid(rows, spills=True)


def _range(evaluation: Evaluation, node: Range) -> Any:
    return evaluation.around.grid(evaluation.around.area(evaluation.sheet, node.reference))


def _name(evaluation: Evaluation, node: Name) -> Any:
    return evaluation.around.grid(evaluation.around.named_area(node.text))


def _function(evaluation: Evaluation, node: Function) -> Any:
    # These work out their own arguments, or not: IF only one of its branches.
    special = SPECIAL.get(node.name)
    if special:
        return special(evaluation, node.arguments)
    function = FUNCTIONS.get(node.name)
    if function is None:
        raise Stop("NAME", f"Unknown function: '{node.name}'.")
    arguments = [evaluation.of(argument) for argument in node.arguments]
    for argument in arguments:
        if isinstance(argument, FormulaError):
            raise Stop(argument.kind, argument.message)
    result = function(*arguments)
    return _whole(result) if isinstance(result, float) else result


def _percent(evaluation: Evaluation, node: Percent) -> Any:
    return number(evaluation.checked(evaluation.of(node.operand))) / 100


def _sign(evaluation: Evaluation, node: Sign) -> Any:
    value = evaluation.of(node.operand)
    return value if node.symbol == "+" else evaluation.operate("-", 0, value)


def _array(evaluation: Evaluation, node: Array) -> Grid:
    """`{a, b; c, d}`: blocks side by side and below each other."""
    rows: list[tuple[Any, ...]] = []
    parts: list[Grid] = []
    for line in node.rows:
        values = [evaluation.of(part) for part in line]
        parts = [value if isinstance(value, Grid) else Grid(((value,),)) for value in values]
        if len({part.height for part in parts}) > 1:
            raise Stop("VALUE", "Function ARRAY_ROW parameter 2 has mismatched row size.")
        rows += [tuple(cell for part in parts for cell in part.rows[row]) for row in range(parts[0].height)]
    if len({len(row) for row in rows}) > 1:
        raise Stop("VALUE", "In ARRAY_LITERAL, an Array Literal was missing values for one or more rows.")
    # A range in braces by itself still lies somewhere.
    alone = parts[0].area if len(node.rows) == 1 and len(parts) == 1 else None
    return Grid(tuple(rows), alone, spills=True)


def _if(evaluation: Evaluation, arguments: tuple[Node, ...]) -> Any:
    condition = truth(evaluation.checked(evaluation.of(arguments[0])))
    chosen = arguments[1:2] if condition else arguments[2:3]
    return evaluation.of(chosen[0]) if chosen else condition


def _if_error(evaluation: Evaluation, arguments: tuple[Node, ...]) -> Any:
    try:
        value = evaluation.of(arguments[0])
        return value if isinstance(value, Grid) and value.spills else evaluation.checked(value)
    except Stop:
        return evaluation.of(arguments[1]) if len(arguments) > 1 else None


def _ifs(evaluation: Evaluation, arguments: tuple[Node, ...]) -> Any:
    for condition, value in zip(arguments[::2], arguments[1::2], strict=True):
        if truth(evaluation.checked(evaluation.of(condition))):
            return evaluation.of(value)
    raise Stop("N_A", "No match.")


def _is_error(evaluation: Evaluation, arguments: tuple[Node, ...]) -> bool:
    try:
        evaluation.checked(evaluation.of(arguments[0]))
    except Stop:
        return True
    return False


def _array_formula(evaluation: Evaluation, arguments: tuple[Node, ...]) -> Any:
    outside, evaluation.cellwise = evaluation.cellwise, True
    try:
        value = evaluation.of(arguments[0])
    finally:
        evaluation.cellwise = outside
    return Grid(value.rows, value.area, spills=True) if isinstance(value, Grid) else value


def _today(evaluation: Evaluation, _arguments: tuple[Node, ...]) -> int:
    return int(serial(evaluation.around.local_now()))


def _now(evaluation: Evaluation, _arguments: tuple[Node, ...]) -> float:
    return serial(evaluation.around.local_now())


def _row(evaluation: Evaluation, arguments: tuple[Node, ...]) -> int:
    grid = evaluation.of(arguments[0]) if arguments else None
    return (grid.area.top if isinstance(grid, Grid) and grid.area else evaluation.place[0]) + 1


def _column(evaluation: Evaluation, arguments: tuple[Node, ...]) -> int:
    grid = evaluation.of(arguments[0]) if arguments else None
    return (grid.area.left if isinstance(grid, Grid) and grid.area else evaluation.place[1]) + 1


SPECIAL: dict[str, Callable[[Evaluation, tuple[Node, ...]], Any]] = {
    "IF": _if,
    "IFERROR": _if_error,
    "IFS": _ifs,
    "ISERROR": _is_error,
    "ARRAYFORMULA": _array_formula,
    "TODAY": _today,
    "NOW": _now,
    "ROW": _row,
    "COLUMN": _column,
}
NODES: dict[type, Callable[[Evaluation, Any], Any]] = {
    Literal: lambda _, node: node.value,
    Range: _range,
    Name: _name,
    Function: _function,
    Operation: lambda evaluation, node: evaluation.operate(
        node.symbol, evaluation.of(node.left), evaluation.of(node.right)
    ),
    Sign: _sign,
    Percent: _percent,
    Array: _array,
}
