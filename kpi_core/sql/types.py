"""The types in which databases keep each type of column."""

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
"""Those of DuckDB; instants are naive UTC."""
WIDE_DECIMAL = "DECIMAL(24,6)"
"""For amounts beyond those of a `decimal`, in won and rupiah: up to 10^18. It is slower, so only where it must be."""
LARGEST_NARROW = 10**11
"""From here on a `decimal` needs the wide type."""
POSTGRES_TYPES: dict[ColumnType, str] = {
    "text": "text",
    "date": "date",
    "timestamp": "timestamp with time zone",
    "integer": "bigint",
    "decimal": "numeric(24,6)",
    "boolean": "boolean",
}
"""Those of Postgres, as it names them itself."""
