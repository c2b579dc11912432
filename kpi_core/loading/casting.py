"""SQL that turns what a source holds into the types of a model. NULL where a value does not fit: never a guess.

DuckDB's own casts guess: '1.5' becomes the integer 2 and '1_000' a number. Each cast here first checks the form.
"""

from __future__ import annotations

from kpi_core.metrics import ColumnType
from kpi_core.sql.quoting import literal

_INTEGER = r"[+-]?\d+(\.0*)?"
_NUMBER = r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?"
_DATE = r"\d{4}([-/.]|\. )\d{1,2}([-/.]|\. )\d{1,2}\.?"
_TIME = r"\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?"
_OFFSET = r"(Z|[+-]\d{2}(:?\d{2})?)"
_PARTS = r"^(\d{4})[-/. ]+(\d{1,2})[-/. ]+(\d{1,2})\.?"
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


def cast_sql(column: str, raw: str, to: ColumnType, zone: str, *, serial: bool = False) -> str:
    """SQL for `column`, of the DuckDB type `raw`, as a model's type; NULL when it does not fit.

    `zone` is where times without an offset are read; with `serial`, numbers in date columns are a spreadsheet's.
    """
    value = f"({present_sql(column, raw)})"
    if to == "text":
        return _to_text(value, raw)
    if raw == "VARCHAR":
        return _from_text(value, to, zone, serial=serial)
    if to in ("integer", "decimal"):
        return _to_number(value, raw, to)
    if to == "boolean":
        return _to_boolean(value, raw)
    return _to_time(value, raw, to, zone, serial=serial)


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


def _from_text(value: str, to: ColumnType, zone: str, *, serial: bool) -> str:
    if to == "integer":
        return f"CASE WHEN {_matches(value, _INTEGER)} THEN TRY_CAST(TRY_CAST({value} AS DECIMAL(38,6)) AS BIGINT) END"
    if to == "decimal":
        return f"CASE WHEN {_matches(value, _NUMBER)} THEN TRY_CAST({value} AS DECIMAL(17,6)) END"
    if to == "boolean":
        yes, no = "('true', 't', 'yes', 'y', '1')", "('false', 'f', 'no', 'n', '0')"
        return f"CASE WHEN lower({value}) IN {yes} THEN true WHEN lower({value}) IN {no} THEN false END"
    number = f"TRY_CAST({value} AS DOUBLE)"
    numeric = _from_serial(number, to, zone) if serial else _from_digits(value, to, zone)
    iso = f"regexp_replace({value}, '{_PARTS}', '\\1-\\2-\\3')"
    naive = _placed(f"TRY_CAST({iso} AS TIMESTAMP)", to, zone)
    instant = _at_instant(f"TRY_CAST(replace({iso}, ' +', '+') AS TIMESTAMPTZ)", to, zone)
    return f"""CASE
        WHEN {_matches(value, _NUMBER)} THEN {numeric}
        WHEN {_matches(value, f"{_DATE}([T ]{{1,2}}{_TIME})?")} THEN {naive}
        WHEN {_matches(value, f"{_DATE}[T ]{_TIME} ?{_OFFSET}")} THEN {instant} END"""


def _to_time(value: str, raw: str, to: ColumnType, zone: str, *, serial: bool) -> str:
    if raw == "TIMESTAMP WITH TIME ZONE":
        return _at_instant(value, to, zone)
    if raw == "DATE" or raw.startswith("TIMESTAMP"):
        return _placed(f"TRY_CAST({value} AS TIMESTAMP)", to, zone)
    if raw in _INTEGERS or raw in _FLOATS or raw.startswith("DECIMAL"):
        if serial:
            return _from_serial(f"CAST({value} AS DOUBLE)", to, zone)
        return _from_digits(f"CAST({value} AS VARCHAR)", to, zone)
    return "NULL"


def _placed(local: str, to: ColumnType, zone: str) -> str:
    """A local date-time as a date, or as the UTC instant it is in the zone."""
    return f"CAST({local} AS DATE)" if to == "date" else f"timezone('UTC', timezone({literal(zone)}, {local}))"


def _at_instant(instant: str, to: ColumnType, zone: str) -> str:
    """An instant as its local date in the zone, or in UTC."""
    return f"CAST(timezone({literal(zone)}, {instant}) AS DATE)" if to == "date" else f"timezone('UTC', {instant})"


def _from_serial(number: str, to: ColumnType, zone: str) -> str:
    """A spreadsheet counts days from 30 December 1899."""
    seconds = f"CAST(round({number} * 86400) AS BIGINT)"
    local = f"(TIMESTAMP '1899-12-30' + to_seconds({seconds}))"
    return f"CASE WHEN {number} BETWEEN 1 AND 100000 THEN {_placed(local, to, zone)} END"


def _from_digits(value: str, to: ColumnType, zone: str) -> str:
    """20261101, as some exports write a date."""
    parts = f"TRY_CAST({value}[1:4] || '-' || {value}[5:6] || '-' || {value}[7:8] AS TIMESTAMP)"
    return f"CASE WHEN {_matches(value, '(19|20)[0-9]{6}')} THEN {_placed(parts, to, zone)} END"


def _matches(value: str, pattern: str) -> str:
    return f"regexp_full_match({value}, '{pattern}')"
