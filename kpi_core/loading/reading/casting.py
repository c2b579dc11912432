"""SQL that turns values that have a type into the types of a model. NULL where a value does not fit: never a guess.

DuckDB's own casts guess: 1.5 becomes the integer 2. Texts are read by the other files of this room.
"""

from __future__ import annotations

from kpi_core.loading.reading.texts import trimmed_sql
from kpi_core.metrics import ColumnType
from kpi_core.sql.types import WIDE_DECIMAL

_FLOATS = frozenset({"FLOAT", "DOUBLE"})
_INTEGERS = frozenset(
    {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT"}
)


def present_sql(column: str, raw: str) -> str:
    """The value, with NULL for what means nothing: blank text and NaN."""
    if raw == "VARCHAR":
        return trimmed_sql(column)
    if raw in _FLOATS:
        return f"CASE WHEN NOT isnan({column}) THEN {column} END"
    return column


def cast_sql(column: str, raw: str, to: ColumnType) -> str:
    """SQL for `column`, of the DuckDB type `raw`, as a model's text, number or boolean; NULL when it does not fit."""
    value = f"({present_sql(column, raw)})"
    if to == "text":
        return _to_text(value, raw)
    return _to_boolean(value, raw) if to == "boolean" else _to_number(value, raw, to)


def _to_text(value: str, raw: str) -> str:
    if raw in _FLOATS:
        # An id column with gaps comes as 17850.0 from many tools.
        whole = f"{value} = trunc({value}) AND abs({value}) < 9e15"
        return f"CASE WHEN {whole} THEN CAST(CAST({value} AS BIGINT) AS VARCHAR) ELSE CAST({value} AS VARCHAR) END"
    return f"CAST({value} AS VARCHAR)"


def _to_number(value: str, raw: str, to: ColumnType) -> str:
    if raw == "BOOLEAN" or not (raw in _INTEGERS or raw in _FLOATS or raw.startswith("DECIMAL")):
        return "NULL"
    if to == "decimal":
        return f"TRY_CAST({value} AS {WIDE_DECIMAL})"
    return f"CASE WHEN {value} = trunc({value}) THEN TRY_CAST({value} AS BIGINT) END"


def _to_boolean(value: str, raw: str) -> str:
    if raw == "BOOLEAN":
        return value
    if raw in _INTEGERS:
        return f"CASE {value} WHEN 1 THEN true WHEN 0 THEN false END"
    return "NULL"
