"""Numbers of a spreadsheet's cells as texts that nobody can mistake."""

from __future__ import annotations

import re

_EXACT = 2**53
"""Up to here every whole number is one of its own in a cell; beyond, several are stored as one."""
_OPEN = re.compile(r"-?[1-9]\d{0,2}\.\d{3}")


def number_text(cell: float) -> str:
    """A number as a text with a decimal point: 4.753 becomes 4.7530, for as a text it could be a thousand and more."""
    if cell.is_integer() and abs(cell) < _EXACT:
        return str(int(cell))
    text = str(cell)
    return f"{text}0" if _OPEN.fullmatch(text) else text
