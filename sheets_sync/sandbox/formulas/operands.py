"""What formulas work with: plain values, errors and grids, and how one becomes another."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kpi_core.frozen_dataclass import frozen
from sheets_sync.sandbox.document.area import Area

TEXTS = {
    "DIVIDE_BY_ZERO": "#DIV/0!",
    "VALUE": "#VALUE!",
    "REF": "#REF!",
    "NAME": "#NAME?",
    "NUM": "#NUM!",
    "N_A": "#N/A",
    "ERROR": "#ERROR!",
    "NULL_VALUE": "#NULL!",
}
KINDS = {text: kind for kind, text in TEXTS.items()}


@frozen
class FormulaError:
    """`kind` is the API's ErrorType."""

    kind: str
    message: str = ""

    @property
    def text(self) -> str:
        """What the cell shows."""
        return TEXTS[self.kind]


class Stop(Exception):  # noqa: N818  it carries a value of the sheet, not a fault of the program
    """Ends the working out of a formula with an error value."""

    def __init__(self, kind: str, message: str = "") -> None:
        """As FormulaError."""
        super().__init__(message)
        self.error = FormulaError(kind, message)


@frozen
class Grid:
    """Values in rows; `area` is where a plain range was read, `spills` whether the values may fill cells."""

    rows: tuple[tuple[Any, ...], ...]
    area: Area | None = None
    spills: bool = False

    @property
    def height(self) -> int:
        return len(self.rows)

    @property
    def width(self) -> int:
        return len(self.rows[0]) if self.rows else 0

    def flat(self) -> Iterator[Any]:
        for row in self.rows:
            yield from row


def number(value: Any) -> float:
    """A value as arithmetic takes it; text that is no number stops with #VALUE!."""
    if isinstance(value, FormulaError):
        raise Stop(value.kind, value.message)
    # In arithmetic an empty cell is 0; what counts or averages has left it out before.
    if value is None or value == "":
        return 0
    if isinstance(value, bool | int | float):
        # Makes 1 of True.
        return value + 0
    try:
        return float(value.replace(",", "").rstrip("%")) / (100 if value.endswith("%") else 1)
    except ValueError:
        raise Stop("VALUE", f"'{value}' is a text and cannot be coerced to a number.") from None


def text(value: Any) -> str:
    """A value as `&` takes it."""
    if isinstance(value, FormulaError):
        raise Stop(value.kind, value.message)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    # As many digits as Sheets shows; 0.1 + 0.2 is 0.3.
    return value if isinstance(value, str) else f"{value:.15g}"


def truth(value: Any) -> bool:
    """A value as a condition."""
    if isinstance(value, str) and value.upper() in ("TRUE", "FALSE"):
        return value.upper() == "TRUE"
    return bool(number(value))


def numbers(arguments: tuple[Any, ...]) -> list[float]:
    """The numbers among the arguments as SUM counts them: in ranges only real numbers, typed arguments all."""
    plain_numbers: list[float] = []
    for argument in arguments:
        if isinstance(argument, Grid):
            for value in argument.flat():
                if isinstance(value, FormulaError):
                    raise Stop(value.kind, value.message)
                if isinstance(value, int | float) and not isinstance(value, bool):
                    plain_numbers.append(value)
        else:
            plain_numbers.append(number(argument))
    return plain_numbers


def order_key(value: Any) -> tuple[int, Any]:
    """Numbers come before text before booleans; text ignores case."""
    if isinstance(value, bool):
        return 2, value
    if isinstance(value, str):
        return 1, value.casefold()
    return 0, value or 0


def same(one: Any, other: Any) -> bool:
    """Equality as `=` in a formula: an empty cell equals "" and 0."""
    if one is None or other is None:
        value = other if one is None else one
        return value is None or value == "" or (value == 0 and not isinstance(value, bool)) or value is False
    return order_key(one) == order_key(other)
