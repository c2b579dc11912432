"""A1 notation: how ranges of a spreadsheet write tabs and columns."""

from __future__ import annotations


def tab_in_a1(title: str) -> str:
    """A tab as the part of a range before the `!`: always in quotes, which any title may stand in."""
    return "'" + title.replace("'", "''") + "'"


def text_in_formula(text: str) -> str:
    """A text as a formula writes it, whatever it holds."""
    return '"' + text.replace('"', '""') + '"'


def column_letters(column: int) -> str:
    """A column, counted from 0: 27 is AB."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
