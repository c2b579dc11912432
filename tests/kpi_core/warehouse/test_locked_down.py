"""Every DuckDB that runs a team's own SQL reaches its own tables and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from kpi_core.errors import ServiceError
from kpi_core.warehouse.duckdb import LOCKED_DOWN, DuckDBWarehouse, lock_down
from kpi_core.warehouse.scratch import ScratchWarehouse

Run = Callable[[str], object]


def loading(folder: Path) -> Run:
    connection = duckdb.connect(str(folder / "rows.duckdb"))
    lock_down(connection)
    return lambda sql: connection.execute(sql).fetchall()


def reading(folder: Path) -> Run:
    duckdb.connect(str(folder / "kpi.duckdb")).close()
    warehouse = DuckDBWarehouse(folder / "kpi.duckdb")
    return lambda sql: warehouse.rows(sql, {})


def trying(folder: Path) -> Run:
    scratch = ScratchWarehouse()
    return lambda sql: scratch.rows(sql, {})


@pytest.mark.parametrize("opened", [loading, reading, trying])
def test_no_sql_reaches_out(opened: Callable[[Path], Run], tmp_path: Path) -> None:
    """Files, extensions, this program's variables: all closed wherever definitions and queries run, and for good."""
    (tmp_path / "secret.csv").write_text("a\n1\n")
    run = opened(tmp_path)
    for setting, value in LOCKED_DOWN.items():
        assert run(f"SELECT current_setting('{setting}')") == [(value == "true",)]
    for sql in (
        f"SELECT * FROM '{tmp_path}/secret.csv'",
        "SET enable_external_access = true",
        "RESET lock_configuration",
    ):
        with pytest.raises((duckdb.Error, ServiceError)):
            run(sql)
