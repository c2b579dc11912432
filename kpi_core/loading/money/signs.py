# ruff: noqa: S608  (SQL is put together from quoted names)
"""The currency that cells name: those of a column of currencies, and those of amounts: € 12.50, 19,000원."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from kpi_core.layouts.currencies import SHARED_SIGNS, currency_of
from kpi_core.sql.quoting import literal, quoted
from kpi_core.sql.spelling import folded, folded_sql

if TYPE_CHECKING:
    import duckdb

_FIGURES = "0123456789.,+-()% '’−\u00a0\u202f\t조兆억億亿만萬万천千백百"
_MOST = 500
"""Different texts around the figures of a column; one with more holds no amounts."""


def currency_of_cells(
    columns: Collection[str], table: str, rows: tuple[int, int], own: str, into: duckdb.DuckDBPyConnection
) -> str | None:
    """What the signs in the cells say, from row `rows[0]` up to, and without, `rows[1]`, counted from 1.

    None where they say nothing, or the firm's `own`. A sign of several currencies, or signs of several, stay as they
    are written: they are some other currency, and nobody can tell which.
    """
    marks: set[str] = set()
    for column in columns:
        around = f"translate({quoted(column)}, {literal(_FIGURES)}, '')"
        found = into.execute(f"""
            SELECT DISTINCT {around} FROM {table}
            WHERE rowid + 1 >= {rows[0]} AND rowid + 1 < {rows[1]} AND {quoted(column)} IS NOT NULL
              AND NOT regexp_full_match({quoted(column)}, '[-+0-9.,]*') AND regexp_matches({quoted(column)}, '[0-9]')
            LIMIT {_MOST}""").fetchall()
        marks |= {mark for (mark,) in found if mark}
    meant = {_meant(mark, own) for mark in marks} - {""}
    codes = {text for text in meant if text not in SHARED_SIGNS}
    others = {sign for sign in meant - codes if not codes & SHARED_SIGNS[sign]}
    named = sorted(codes | others)
    return None if not named or named == [own] else ", ".join(named)


def names_currencies(column: str, table: str, into: duckdb.DuckDBPyConnection) -> bool:
    """Whether a column holds currencies: 통화 is a currency, and a call."""
    texts = into.execute(f"SELECT DISTINCT trim(CAST({quoted(column)} AS VARCHAR)) FROM {table} LIMIT {_MOST}")
    return any(text and (text in SHARED_SIGNS or currency_of(text, "")) for (text,) in texts.fetchall())


def currency_sql(text: str, meanings: Mapping[str, str]) -> str:
    """SQL for what a cell names as the currency, NULL where it is blank. `meanings` are those of kpi.yaml."""
    written = f"nullif(trim(CAST({text} AS VARCHAR)), '')"
    cases = " ".join(f"WHEN {literal(folded(name))} THEN {literal(meaning)}" for name, meaning in meanings.items())
    return f"CASE {folded_sql(written)} {cases} ELSE {written} END" if cases else written


def _meant(mark: str, own: str) -> str:
    """The code of a mark; the mark where it is a sign of several currencies, empty where it is none."""
    sign = mark.strip().casefold()
    return currency_of(mark, own) or (sign if sign in SHARED_SIGNS else "")
