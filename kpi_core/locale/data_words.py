"""What people call the tables that files fill, and their columns: orders are 주문, refunded_amount is 退款金額."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path


def table_words(table: str) -> Mapping[str, str]:
    """A table in each language; a firm's own by the name that it has there."""
    return _words("tables", table)


def column_words(column: str) -> Mapping[str, str]:
    """A column in each language; a firm's own by the name that it has there."""
    return _words("columns", column)


def word(words: Mapping[str, str], language: str) -> str:
    """One of them, in English where a language has none."""
    return words.get(language) or words["en"]


def _words(kind: str, name: str) -> Mapping[str, str]:
    return {"en": name.replace("_", " "), **_read()[kind].get(name, {})}


@cache
def _read() -> Mapping[str, Mapping[str, Mapping[str, str]]]:
    import yaml

    text = (Path(__file__).parent / "data_words.yaml").read_text("utf-8")
    read: Mapping[str, Mapping[str, Mapping[str, str]]] = yaml.safe_load(text)
    return read
