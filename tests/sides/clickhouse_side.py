"""A ClickHouse of the tests' own: chDB in this process, in a temporary folder, with tables made of models."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from kpi_core.metrics import Catalog, Column, ColumnType

from tables import CATALOG, Row

WIDE: Mapping[ColumnType, str] = {
    "text": "String",
    "date": "Date32",
    "timestamp": "DateTime64(6, 'UTC')",
    "integer": "Int64",
    "decimal": "Decimal(17, 6)",
    "boolean": "Bool",
}
USUAL: Mapping[ColumnType, str] = {
    **WIDE,
    "text": "LowCardinality({})",
    "date": "Date",
    "timestamp": "DateTime('UTC')",
    "integer": "Int32",
}
"""As firms have them; what must be there, but for texts, then has no NULL."""
KINDS: Mapping[str, Mapping[ColumnType, str]] = {"wide": WIDE, "usual": USUAL}


@dataclass(frozen=True, slots=True)
class ClickHouse:
    """An engine that lives as long as the process: chDB has one folder for all of it."""

    folder: Path
    client: Any

    def url(self, database: str) -> str:
        return f"chdb:///{self.folder}?database={database}"

    def write(
        self, database: str, tables: Mapping[str, Iterable[Row]], kind: str = "wide", catalog: Catalog = CATALOG
    ) -> None:
        """A new database with one table a model; columns a row leaves out are empty."""
        self.client.command(f"DROP DATABASE IF EXISTS {database}")
        self.client.command(f"CREATE DATABASE {database} ENGINE = Memory")
        for name, rows in tables.items():
            columns = list(catalog.models[name].columns.values())
            types = ", ".join(f"`{each.name}` {type_of(each, kind)}" for each in columns)
            self.client.command(f"CREATE TABLE {database}.{name} ({types}) ENGINE = Memory")
            lines = [f"({', '.join(_written(row.get(each.name)) for each in columns)})" for row in rows]
            if lines:
                self.client.command(f"INSERT INTO {database}.{name} VALUES {', '.join(lines)}")


def type_of(column: Column, kind: str) -> str:
    """How a database of this kind keeps a column."""
    plain = KINDS[kind][column.type].format("Nullable(String)")
    is_bare = "(Nullable" in plain or (kind == "usual" and column.required)
    return plain if is_bare else f"Nullable({plain})"


def _written(value: object) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return str(value)
    text = value.isoformat(" ") if isinstance(value, datetime) else str(value)
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


@contextmanager
def running_clickhouse() -> Iterator[ClickHouse]:
    """The engine; the test is skipped where it is not installed."""
    if find_spec("chdb") is None or find_spec("clickhouse_connect") is None:
        pytest.skip("ClickHouse is not installed here (make engines brings it)")
    import clickhouse_connect

    with tempfile.TemporaryDirectory(prefix="kpi-clickhouse-") as name:
        client = clickhouse_connect.get_client(interface="chdb", path=name)
        try:
            yield ClickHouse(Path(name), client)
        finally:
            client.close()


@pytest.fixture(scope="session")
def clickhouse() -> Iterator[ClickHouse]:
    """An engine of this run's own."""
    with running_clickhouse() as engine:
        yield engine
