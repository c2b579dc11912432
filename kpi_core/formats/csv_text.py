"""Rows as the text of a CSV file, in which no text of somebody else's is run as a formula. Pure."""

from __future__ import annotations

import csv
from datetime import date
from io import StringIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

STARTS_FORMULAS = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n")
"""What a spreadsheet that opens the file takes for the start of a formula, or skips before one.

Source: OWASP, CSV Injection (owasp.org/www-community/attacks/CSV_Injection).
"""
_ESCAPE = "'"


def csv_text(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A header and its rows: commas, quotes where needed, lines ended by CR LF as RFC 4180 has it.

    Numbers are written in full (12381.5, 300), dates as ISO dates, yes and no as true and false, None as nothing. A
    text that a spreadsheet would run gets an apostrophe before it.
    """
    file = StringIO()
    # With a lone line feed Python leaves a carriage return inside a text without quotes, and readers end the row there.
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(map(_text, columns))
    writer.writerows(map(_text, row) for row in rows)
    return file.getvalue()


def is_formula(text: str) -> bool:
    """Whether a spreadsheet could run a text instead of showing it."""
    return text.lstrip(" ").startswith(STARTS_FORMULAS)


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)
    if isinstance(value, date):
        return value.isoformat()
    text = str(value)
    return f"{_ESCAPE}{text}" if isinstance(value, str) and is_formula(text) else text
