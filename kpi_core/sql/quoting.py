"""Names and texts inside SQL that is put together by hand: the same marks in every dialect that this is written in."""

from __future__ import annotations


def quoted(name: str) -> str:
    """A name as an identifier, whatever it holds."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text as a literal, whatever it holds."""
    return "'" + text.replace("'", "''") + "'"


def in_backticks(name: str) -> str:
    """A name as an identifier of Spark."""
    return "`" + name.replace("`", "``") + "`"
