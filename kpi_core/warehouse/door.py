"""The one door to a database of facts: DuckDB snapshots by default, anything SQLAlchemy speaks beside it.

A warehouse is read only here. Loads write the next snapshot file and swap it in by rename (`loading/snapshot.py`);
an open DuckDB warehouse notices the new file between two queries, so a reader sees the old data or the new, never a
mixture.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from kpi_core.settings.addresses import Address, warehouse_address
from kpi_core.sql.places import Sql
from kpi_core.sql.plan import Row
from kpi_core.warehouse.duckdb import DuckDBWarehouse


class Warehouse(Protocol):
    """Where facts lie. `dialect` is sqlglot's name of its SQL."""

    dialect: str

    def rows(self, sql: Sql | str, parameters: Mapping[str, object]) -> list[Row]:
        """All rows of a query, its places filled from `parameters`; a text has none. ServiceError when it fails."""
        ...

    def columns(self, table: str) -> frozenset[str]:
        """The columns of a table or view; empty when there is no such table."""
        ...

    def version(self) -> str:
        """Changes whenever the data may have changed; what was read before may then be kept no longer."""
        ...

    def close(self) -> None: ...


def open_warehouse(url: str, folder: Path) -> Warehouse:
    """The warehouse at `url`; a file's relative path starts at `folder`. SettingsError for an address nobody knows."""
    address = warehouse_address(url)
    file = address.file(folder)
    if file is not None and address.system == "duckdb":
        return DuckDBWarehouse(file)
    return _of_a_server(address, url, folder)


def _of_a_server(address: Address, url: str, folder: Path) -> Warehouse:
    """Its module is read when it is asked for: an answer from DuckDB does not wait for those of other engines."""
    if address.is_clickhouse:
        from kpi_core.warehouse.clickhouse import ClickHouseWarehouse

        return ClickHouseWarehouse(address, folder)
    if address.system == "spark" and not address.driver:
        from kpi_core.warehouse.spark import SparkWarehouse

        return SparkWarehouse(address)
    from kpi_core.warehouse.sqlalchemy import SqlWarehouse

    return SqlWarehouse(url, folder)
