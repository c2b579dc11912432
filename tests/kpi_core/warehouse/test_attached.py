"""One DuckDB after the other builds many files: nothing that one load did is there for the next."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from kpi_core.warehouse.attached import opened_for_building, opened_for_reading


def setting(connection: duckdb.DuckDBPyConnection, name: str) -> object:
    ((value,),) = connection.execute(f"SELECT current_setting('{name}')").fetchall()
    return value


def built(file: Path, value: int) -> Path:
    with opened_for_building(file) as connection:
        connection.execute(f"CREATE TABLE t AS SELECT {value} AS n")
        connection.execute("CHECKPOINT")
    return file


def rows(file: Path) -> list[tuple[int]]:
    with opened_for_reading(file) as connection:
        return connection.execute("FROM t").fetchall()


def test_nothing_is_left_of_the_use_before(tmp_path: Path) -> None:
    """Settings, temporary tables and files of one use are gone at the next, under the same names as well."""
    with opened_for_building(tmp_path / "one.duckdb") as connection:
        limits = setting(connection, "memory_limit"), setting(connection, "threads")
    stage = built(tmp_path / "stage.duckdb", 1)
    with opened_for_building(tmp_path / "next.duckdb") as connection:
        connection.execute("SET memory_limit = '100MB'")
        connection.execute("SET threads = 1")
        connection.execute("CREATE TEMP TABLE going AS SELECT 1")
        connection.execute(f"ATTACH '{stage}' AS stage (READ_ONLY)")
        connection.execute("CHECKPOINT")
    with opened_for_building(tmp_path / "next.duckdb") as connection:
        assert (setting(connection, "memory_limit"), setting(connection, "threads")) == limits
        tables = connection.execute("SELECT count(*) FROM duckdb_tables()").fetchall()
        files = connection.execute("SELECT count(*) FROM duckdb_databases() WHERE NOT internal").fetchall()
        assert (tables, files) == ([(0,)], [(2,)])


def test_a_file_may_be_replaced_once_it_is_built(tmp_path: Path) -> None:
    """As a load does: what was built goes to another name, and the next one of that name is another file."""
    built(tmp_path / "next.duckdb", 1).replace(tmp_path / "kpi.duckdb")
    assert rows(tmp_path / "kpi.duckdb") == [(1,)]
    built(tmp_path / "next.duckdb", 2).replace(tmp_path / "kpi.duckdb")
    assert rows(tmp_path / "kpi.duckdb") == [(2,)]
    with duckdb.connect(str(tmp_path / "kpi.duckdb")) as alone:
        assert alone.execute("FROM t").fetchall() == [(2,)]


def test_two_at_once_do_not_meet(tmp_path: Path) -> None:
    """Who comes while another is at work gets a DuckDB of its own: the limits of one do not bind the other."""
    with opened_for_building(tmp_path / "a.duckdb") as first, opened_for_building(tmp_path / "b.duckdb") as second:
        first.execute("SET threads = 1")
        first.execute("CREATE TABLE t AS SELECT 1 AS n")
        second.execute("SET threads = 3")
        assert (setting(first, "threads"), setting(second, "threads")) == (1, 3)


@pytest.mark.parametrize("sql", ["SELECT * FROM nowhere", "BEGIN; SELECT error('broken')"])
def test_an_error_costs_the_next_nothing(tmp_path: Path, sql: str) -> None:
    """What failed in the middle of its work, a transaction open, is not what the next one builds with."""
    with pytest.raises(duckdb.Error), opened_for_building(tmp_path / "next.duckdb") as connection:
        connection.execute(sql)
    (tmp_path / "next.duckdb").unlink(missing_ok=True)
    assert rows(built(tmp_path / "next.duckdb", 3)) == [(3,)]
