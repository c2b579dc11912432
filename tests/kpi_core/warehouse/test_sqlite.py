"""Facts in a SQLite file: what it refuses is told apart from a file that cannot be opened."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from kpi_core.errors import ServiceError
from kpi_core.warehouse.sqlalchemy import SqlWarehouse


@pytest.mark.parametrize(
    ("sql", "code", "message"),
    [
        ("SELECT * FROM visits", "warehouse_table", "A table is missing in the warehouse (visits)."),
        ("SELECT tax FROM orders", "warehouse_column", "A column is missing in the warehouse (tax)."),
        ("SELEKT 1", "warehouse", "The warehouse refused the query (SQLSTATE 42000)."),
    ],
)
def test_what_is_wrong_with_a_query_is_told(sql: str, code: str, message: str, tmp_path: Path) -> None:
    """SQLite gives no code of its own for each: a missing table is none that cannot be reached."""
    with closing(sqlite3.connect(tmp_path / "shop.db")) as shop:
        shop.execute("CREATE TABLE orders (id INTEGER)")
    assert told(f"sqlite:///{tmp_path / 'shop.db'}", sql) == (code, message)


def test_a_file_that_cannot_be_opened_cannot_be_reached(tmp_path: Path) -> None:
    """A folder that is not there holds no warehouse, whatever is asked."""
    assert told(f"sqlite:///{tmp_path / 'nowhere' / 'shop.db'}", "SELEKT 1") == (
        "warehouse",
        "The warehouse cannot be reached.",
    )


def told(url: str, sql: str) -> tuple[str, str]:
    warehouse = SqlWarehouse(url)
    try:
        with pytest.raises(ServiceError) as caught:
            warehouse.rows(sql, {})
    finally:
        warehouse.close()
    return caught.value.code, caught.value.message
