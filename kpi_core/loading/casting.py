"""SQL that turns what a source holds into the types of a model. NULL where a value does not fit: never a guess.

DuckDB's own casts guess: '1.5' becomes the integer 2 and '1_000' a number. Each cast here first checks the form.
"""

from __future__ import annotations

from kpi_core.metrics import ColumnType
from kpi_core.sql.zones import local_sql, offsets_of, utc_sql

_INTEGER = r"[+-]?\d+(\.0*)?"
_NUMBER = r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?"
_DATE = r"\d{4}([-/.]|\. )\d{1,2}([-/.]|\. )\d{1,2}\.?"
_TIME = r"\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?"
_OFFSET = r"(Z|[+-]\d{2}(:?\d{2})?)"
_PARTS = r"^(\d{4})[-/. ]+(\d{1,2})[-/. ]+(\d{1,2})\.?"
_WITH_ZONE = "TIMESTAMP WITH TIME ZONE"
_FLOATS = frozenset({"FLOAT", "DOUBLE"})
_INTEGERS = frozenset(
    {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT"}
)


def present_sql(column: str, raw: str) -> str:
    """The value, with NULL for what means nothing: blank text and NaN."""
    if raw == "VARCHAR":
        return f"nullif(trim({column}, ' \t\r\n\u00a0\u3000'), '')"
    if raw in _FLOATS:
        return f"CASE WHEN NOT isnan({column}) THEN {column} END"
    return column


def cast_sql(column: str, raw: str, to: ColumnType) -> str:
    """SQL for `column`, of the DuckDB type `raw`, as a model's text, number or boolean; NULL when it does not fit."""
    value = f"({present_sql(column, raw)})"
    if to == "text":
        return _to_text(value, raw)
    if raw == "VARCHAR":
        return _from_text(value, to)
    return _to_boolean(value, raw) if to == "boolean" else _to_number(value, raw, to)


def wall_sql(column: str, raw: str, *, serial: bool) -> str:
    """SQL for the clock on the wall that a value tells of, a TIMESTAMP; NULL where it tells none.

    With `serial`, numbers are a spreadsheet's. Dates begin at midnight.
    """
    value = f"({present_sql(column, raw)})"
    if raw == "VARCHAR":
        number = f"TRY_CAST({value} AS DOUBLE)"
        return f"""CASE
            WHEN {_matches(value, _NUMBER)} THEN {_from_serial(number) if serial else _from_digits(value)}
            WHEN {_matches(value, f"{_DATE}([T ]{{1,2}}{_TIME})?")} THEN TRY_CAST({_iso(value)} AS TIMESTAMP) END"""
    if raw in _INTEGERS or raw in _FLOATS or raw.startswith("DECIMAL"):
        return _from_serial(f"CAST({value} AS DOUBLE)") if serial else _from_digits(f"CAST({value} AS VARCHAR)")
    if raw == "DATE" or (raw.startswith("TIMESTAMP") and raw != _WITH_ZONE):
        return f"TRY_CAST({value} AS TIMESTAMP)"
    return "CAST(NULL AS TIMESTAMP)"


def instant_sql(column: str, raw: str) -> str:
    """SQL for the UTC instant of a value that names its offset, a TIMESTAMP; NULL where it names none."""
    value = f"({present_sql(column, raw)})"
    if raw == _WITH_ZONE:
        return f"timezone('UTC', {value})"
    if raw == "VARCHAR":
        instant = f"TRY_CAST(replace({_iso(value)}, ' +', '+') AS TIMESTAMPTZ)"
        return f"CASE WHEN {_matches(value, f'{_DATE}[T ]{_TIME} ?{_OFFSET}')} THEN timezone('UTC', {instant}) END"
    return "CAST(NULL AS TIMESTAMP)"


def moment_sql(wall: str, instant: str, to: ColumnType, zone: str) -> str:
    """SQL for a date or a UTC instant out of the columns `wall` and `instant`; NULL where both are.

    `zone` is where the wall hangs, and the day of an instant is cut.
    """
    offsets = offsets_of(zone)
    if to == "date":
        return f"CAST(CASE WHEN {wall} IS NULL THEN {local_sql(instant, offsets)} ELSE {wall} END AS DATE)"
    return f"CASE WHEN {wall} IS NULL THEN {instant} ELSE {utc_sql(wall, offsets)} END"


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
        return f"TRY_CAST({value} AS DECIMAL(17,6))"
    return f"CASE WHEN {value} = trunc({value}) THEN TRY_CAST({value} AS BIGINT) END"


def _to_boolean(value: str, raw: str) -> str:
    if raw == "BOOLEAN":
        return value
    if raw in _INTEGERS:
        return f"CASE {value} WHEN 1 THEN true WHEN 0 THEN false END"
    return "NULL"


def _from_text(value: str, to: ColumnType) -> str:
    if to == "integer":
        return f"CASE WHEN {_matches(value, _INTEGER)} THEN TRY_CAST(TRY_CAST({value} AS DECIMAL(38,6)) AS BIGINT) END"
    if to == "decimal":
        return f"CASE WHEN {_matches(value, _NUMBER)} THEN TRY_CAST({value} AS DECIMAL(17,6)) END"
    yes, no = "('true', 't', 'yes', 'y', '1')", "('false', 'f', 'no', 'n', '0')"
    return f"CASE WHEN lower({value}) IN {yes} THEN true WHEN lower({value}) IN {no} THEN false END"


def _iso(value: str) -> str:
    return f"regexp_replace({value}, '{_PARTS}', '\\1-\\2-\\3')"


def _from_serial(number: str) -> str:
    """A spreadsheet counts days from 30 December 1899."""
    seconds = f"CAST(round({number} * 86400) AS BIGINT)"
    return f"CASE WHEN {number} BETWEEN 1 AND 100000 THEN TIMESTAMP '1899-12-30' + to_seconds({seconds}) END"


def _from_digits(value: str) -> str:
    """20261101, as some exports write a date."""
    parts = f"TRY_CAST({value}[1:4] || '-' || {value}[5:6] || '-' || {value}[7:8] AS TIMESTAMP)"
    return f"CASE WHEN {_matches(value, '(19|20)[0-9]{6}')} THEN {parts} END"


def _matches(value: str, pattern: str) -> str:
    return f"regexp_full_match({value}, '{pattern}')"
