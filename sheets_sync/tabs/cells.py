"""What a cell of ours may hold: typed values, never text that Google would have to parse.

Text from data stays text whatever it looks like; a formula comes from a template of ours alone.
"""

from __future__ import annotations

import math
from datetime import date, timedelta
from typing import Literal

from kpi_core.frozen_dataclass import frozen

EnteredValue = dict[str, str | float | bool]
"""Google's `userEnteredValue`: one of stringValue, numberValue, boolValue, formulaValue; {} for an empty cell."""

LONGEST_TEXT = 50_000
"""Characters that Google takes in one cell."""

_DAY_ZERO = date(1899, 12, 30)
"""The day that Google Sheets counts dates from."""


@frozen
class NumberFormat:
    """How a number is shown; `pattern` is Google's, e.g. `0.0%`."""

    type: Literal["NUMBER", "PERCENT", "CURRENCY", "DATE"]
    pattern: str


DAY_FORMAT = NumberFormat("DATE", "yyyy-mm-dd")
MONTH_FORMAT = NumberFormat("DATE", "yyyy-mm")


@frozen
class Text:
    text: str


@frozen
class Number:
    """A number at full precision. None leaves the cell empty but keeps its format for the number to come."""

    value: float | None
    format: NumberFormat | None = None


@frozen
class Day:
    """A local date, stored as a serial number; None leaves the cell empty."""

    day: date | None
    format: NumberFormat = DAY_FORMAT


@frozen
class Formula:
    """A formula of ours, beginning with `=`."""

    text: str


@frozen
class Keep:
    """A cell that belongs to people: read, never written."""


@frozen
class AsRead:
    """What a cell of people's held, to be put back."""

    value: EnteredValue


Cell = AsRead | Text | Number | Day | Formula | Keep | None
KEEP = Keep()


def entered(cell: Cell) -> EnteredValue:
    """The value to send for a cell; {} empties it. NaN and infinity are no numbers and leave it empty."""
    match cell:
        case AsRead(value=value):
            return value
        case Text(text=text):
            clean = _clean(text)
            return {"stringValue": clean} if clean else {}
        case Number(value=float() | int() as number) if math.isfinite(number):
            return {"numberValue": number}
        case Day(day=date() as day):
            return {"numberValue": serial_of(day)}
        case Formula(text=text):
            return {"formulaValue": text}
        case _:
            return {}


def format_of(cell: Cell) -> NumberFormat | None:
    """The number format a cell wants, None for Google's own choice."""
    match cell:
        case Number(format=number_format) | Day(format=number_format):
            return number_format
        case _:
            return None


def same_value(cell: Cell, read: EnteredValue) -> bool:
    """Whether the sheet already holds the cell's value; numbers may differ in the last binary digits."""
    value = entered(cell)
    if value.keys() != read.keys():
        return False
    number, other = value.get("numberValue"), read.get("numberValue")
    if isinstance(number, int | float) and isinstance(other, int | float):
        return math.isclose(number, other, rel_tol=1e-14)
    return value == read


def serial_of(day: date) -> int:
    """Google's serial number of a date."""
    return (day - _DAY_ZERO).days


def day_of(serial: float) -> date:
    """The date of a serial number. OverflowError for one beyond the calendar."""
    return _DAY_ZERO + timedelta(days=int(serial))


def text_of(value: EnteredValue) -> str:
    """What a person typed, as plain text; "" for an empty cell."""
    for typed in value.values():
        # A name or a key that people typed as 2025 comes back as the number 2025.0.
        if isinstance(typed, float) and typed.is_integer():
            return str(int(typed))
        return str(typed).strip()
    return ""


def _clean(text: str) -> str:
    """Text without what Google would change or refuse, so that what is read back equals what was sent."""
    clean = "".join(sign for sign in text.replace("\r\n", "\n").replace("\r", "\n") if sign >= " " or sign in "\n\t")
    if len(clean) > LONGEST_TEXT:
        return clean[: LONGEST_TEXT - 1] + "…"
    return clean
