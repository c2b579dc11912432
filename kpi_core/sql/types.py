"""The DuckDB type of each type of column."""

from __future__ import annotations

from kpi_core.metrics import ColumnType

SQL_TYPES: dict[ColumnType, str] = {
    "text": "VARCHAR",
    "date": "DATE",
    "timestamp": "TIMESTAMP",
    "integer": "BIGINT",
    "decimal": "DECIMAL(17,6)",
    "boolean": "BOOLEAN",
}
"""The types in which tables of facts are stored."""
