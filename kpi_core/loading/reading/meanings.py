# ruff: noqa: S608  (SQL is put together from quoted names and conditions of our own)
"""Words with a meaning: 급여 is salaries, NPS is nps, 예 is true. A source's own come first, then the model's.

Which texts of a column mean something is looked up once for its distinct values, so that rows are compared with a few.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from kpi_core.loading.reading.casting import cast_sql
from kpi_core.loading.reading.texts import trimmed_sql
from kpi_core.metrics import Column
from kpi_core.sql.quoting import literal, quoted
from kpi_core.sql.spelling import folded, folded_sql

Run = Callable[[str], list[tuple[Any, ...]]]
_FEW = 500
"""Texts that are folded here: planning to fold them in SQL takes longer."""
_YES_NO = Path(__file__).with_name("yes_no.yaml")


def words_of(column: Column) -> dict[str, str]:
    """What people write for the words of a column, folded, with the word it stands for."""
    meanings: dict[str, str] = {}
    lists = [column.words, *([_yes_no()] if column.type == "boolean" else [])]
    for words in lists:
        for word, written in words.items():
            for text in (word, *written):
                meanings.setdefault(folded(text), word)
    return meanings


@cache
def _yes_no() -> Mapping[str, tuple[str, ...]]:
    import yaml

    return {word: tuple(written) for word, written in yaml.safe_load(_YES_NO.read_text("utf-8")).items()}


def as_text(sql: str, raw: str) -> str:
    """The text of a cell of any type, without blanks around it."""
    return trimmed_sql(sql) if raw == "VARCHAR" else cast_sql(sql, raw, "text")


def translated(text: str, meanings: Mapping[str, str], rows: str, run: Run) -> str:
    """SQL for a text with what it means in its place; any other text stays."""
    changes = _changes(text, meanings, rows, run)
    cases = " ".join(f"WHEN {literal(value)} THEN {literal(meaning)}" for value, meaning in changes)
    return f"CASE {text} {cases} ELSE {text} END" if cases else text


def _changes(text: str, meanings: Mapping[str, str], rows: str, run: Run) -> list[tuple[str, str]]:
    if not meanings:
        return []
    texts = run(f"SELECT DISTINCT {text} AS value FROM ({rows}) LIMIT {_FEW + 1}")
    if len(texts) > _FEW:
        listed = ", ".join(map(literal, meanings))
        texts = run(f"""
            WITH texts AS MATERIALIZED (SELECT DISTINCT {text} AS value FROM ({rows}))
            SELECT value FROM texts WHERE {folded_sql("value")} IN ({listed})""")
    pairs = ((value, meanings.get(folded(value), value)) for (value,) in texts if value is not None)
    return sorted((value, meaning) for value, meaning in pairs if value != meaning)


def unknown_words_sql(column: Column, declared: Iterable[str]) -> str | None:
    """Whether a stored value of the column is none of its words; None where any may be. `declared` ones are."""
    if column.type != "text" or not column.words or column.other_words:
        return None
    listed = ", ".join(map(literal, [*column.words, *declared]))
    return f"{quoted(column.name)} NOT IN ({listed})"
