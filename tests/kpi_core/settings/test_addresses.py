"""Addresses of databases: what kpi check accepts can be opened, and no message tells a password."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from textwrap import dedent

import pytest

from bot.workspace import Workspace
from kpi_core.dates.calendars import Calendar
from kpi_core.documents.yaml_file import read_text
from kpi_core.errors import KpiBotError, ServiceError, SettingsError
from kpi_core.settings.address_rules import check_addresses
from kpi_core.settings.addresses import Address, same_database, state_address, warehouse_address
from kpi_core.settings.file import check_environment, settings_problems
from kpi_core.settings.values import Settings, Source
from kpi_core.sources import ReadRequest, reader_of
from kpi_core.state.store import open_store
from kpi_core.warehouse.door import open_warehouse

LEAST = "timezone: UTC\ncurrency: KRW\n"
ADDRESSES = (
    "duckdb:///kpi.duckdb", "duckdb:////{folder}/kpi.duckdb", "DUCKDB:///kpi.duckdb", "duckdb:///a%20b.duckdb",
    "duckdb://kpi.duckdb", "duckdb:///", "duckdb:///:memory:", "duckdb:///kpi.duckdb?threads=1", "duckdb:///100%.duckdb",
    "sqlite:///shop.db", "SQLite:///shop.db", "sqlite+pysqlite:///shop.db", "sqlite:////{folder}/shop.db",
    "sqlite:///a b.db", "sqlite:///a%20b.db", "sqlite://", "sqlite:///", "sqlite:///:memory:", "sqlite://shop.db",
    "sqlite:///file:shop.db?uri=true", "sqlite+aiosqlite:///shop.db", "sqlite:///folder/",
    "postgresql://kpi@127.0.0.1:1/kpi", "postgres://kpi@127.0.0.1:1/kpi", "postgresql+pg8000://kpi@127.0.0.1:1/kpi",
    "postgresql://kpi:hush@127.0.0.1:1/kpi?sslmode=disable", "postgresql://kpi:hu%40sh@127.0.0.1:1/kpi",
    "postgresql://kpi:hu/sh@127.0.0.1:1/kpi", "postgresql://kpi:@127.0.0.1:1/kpi", "postgresql://kpi@[::1]:1/kpi", "postgresql://127.0.0.1:1/kpi",
    "postgresql://kpi:hush@ss@127.0.0.1:1/kpi", "postgresql://kpi:hush%zz@127.0.0.1:1/kpi", "postgresql://",
    "postgresql://kpi:hush@127.0.0.1:hush/kpi", "postgresql://kpi@127.0.0.1:99999/kpi", "postgresql://kpi@127.0.0.1:1",
    "postgresql://kpi@127.0.0.1:1/kpi?sslmode=maybe", "postgresql://kpi@127.0.0.1:1/kpi?sslmod=require",
    "postgresql://kpi@127.0.0.1:1/kpi?sslmode=hush&sslmode=disable", "postgresql://kpi@127.0.0.1:1/kpi?search_path=a,b",
    "postgresql://kpi@127.0.0.1:1/kpi?application_name=kpi", "postgresql+nosuch://kpi:hush@127.0.0.1:1/kpi",
    "mysql+nosuch://kpi:hush@127.0.0.1:1/kpi", "nosuch://kpi:hush@127.0.0.1/kpi", "snowflake://", "kpi.duckdb", "",
    "clickhouse://kpi:hush@127.0.0.1:1/kpi", "clickhouse://kpi@127.0.0.1:1/kpi?secure=true&verify=false", "clickhouse://",
    "clickhouse://kpi:hush@127.0.0.1:1/kpi?secure=hush", "clickhouse+nosuch://kpi:hush@127.0.0.1:1/kpi", "chdb://",
    "chdb:///facts", "chdb:///facts?database=kpi", "chdb:///facts?hush=1", "chdb:///:memory:",
    "://", "hush", "postgresql:/127.0.0.1/kpi", "postgresql:kpi", " duckdb:///kpi.duckdb ",
)  # fmt: skip


def opens_warehouse(url: str, folder: Path) -> None:
    warehouse = open_warehouse(url, folder)
    warehouse.columns("orders")
    warehouse.close()


def opens_state(url: str, folder: Path) -> None:
    open_store(url, folder).close()


def opens_source(url: str, folder: Path) -> None:
    import duckdb

    source = Source("shop", "sql", "orders", query="select 1 as order_id", options={"url": url})
    (folder / "work").mkdir(exist_ok=True)
    with duckdb.connect() as into:
        reader_of("sql")(ReadRequest(source, folder, folder / "work"), into)


USES: dict[str, tuple[str, Callable[[str, Path], None]]] = {
    "warehouse": ("warehouse: '{}'", opens_warehouse),
    "state": ("state: '{}'", opens_state),
    "url": ("sources: [{{name: shop, type: sql, table: orders, query: select 1, url: '{}'}}]", opens_source),
}


def accepts(work: Callable[[], None]) -> bool:
    """Whether an address was taken for one; a database that does not answer is another matter."""
    try:
        work()
    except KpiBotError as error:
        refusal = error
    else:
        return True
    assert "hush" not in f"{refusal} {refusal.hint}"
    assert isinstance(refusal, ServiceError | SettingsError) or refusal.code == "source_url"
    return isinstance(refusal, ServiceError)


@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize("address", ADDRESSES)
def test_what_kpi_check_accepts_can_be_opened(use: str, address: str, tmp_path: Path) -> None:
    """For the warehouse, the state and sources, written out or in a variable: both say the same, and no password."""
    line, opens = USES[use]
    url = address.format(folder=tmp_path).replace("////", "///", 1) if "{folder}" in address else address
    document = read_text(LEAST + line.format("${DATABASE}"), "kpi.yaml")
    environment = {"DATABASE": url}
    assert settings_problems(document, tmp_path) == []
    if not url:
        assert check_environment(document, environment)
        return
    problems = check_addresses(document, tmp_path, environment)
    assert "hush" not in "".join(map(str, problems))
    assert all(problem.line == 3 and problem.hint for problem in problems)
    assert accepts(lambda: opens(url, tmp_path)) == (problems == [])
    if "hu" not in url:
        written = read_text(LEAST + line.format(url), "kpi.yaml")
        assert (settings_problems(written, tmp_path) == []) == (problems == [])


def test_signs_of_a_password() -> None:
    """A password with signs that mean something in an address: how to write them; written so, it is read whole."""
    with pytest.raises(SettingsError, match="@ as %40") as caught:
        warehouse_address("postgresql://kpi:p@ss@db/kpi")
    assert "p@ss" not in str(caught.value)
    read = state_address("postgresql://kpi:p%40s%2Fs%25@db:5433/kpi")
    assert (read.user, read.password, read.host, read.port, read.database) == ("kpi", "p@s/s%", "db", 5433, "kpi")
    assert "p@s" not in repr(read)


def test_relative_files_start_beside_kpi_yaml(tmp_path: Path) -> None:
    """A relative file lies beside kpi.yaml for every use, wherever the program runs."""
    import sqlite3

    connection = sqlite3.connect(tmp_path / "shop.db")
    connection.execute("CREATE TABLE orders (order_id)")
    connection.close()
    assert open_warehouse("sqlite:///shop.db", tmp_path).columns("orders") == {"order_id"}
    open_store("sqlite:///state.db", tmp_path).close()
    assert (tmp_path / "state.db").exists()


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("postgresql://a@db/kpi", "postgres://b:x@DB:5432/kpi?sslmode=disable", True),
        ("postgresql://kpi@localhost", "postgresql+pg8000://x@127.0.0.1/kpi", True),
        ("postgresql://kpi@db/kpi", "postgresql://kpi@db/kpi2", False),
        ("postgresql://kpi@db/kpi", "postgresql://kpi@db:5433/kpi", False),
        ("sqlite:///a.db", "sqlite:///x/../a.db", True),
        ("sqlite:///a.db", "sqlite:///b.db", False),
        ("sqlite:///a.db", "postgresql://kpi@db/a.db", False),
    ],
)
def test_one_database_under_two_addresses(one: str, other: str, same: bool, tmp_path: Path) -> None:
    """Users, options, default ports and spellings do not make another database."""
    assert same_database(state_address(one), state_address(other), tmp_path) is same


def workspace(folder: Path, warehouse: str, state: str) -> Workspace:
    return Workspace(Settings("", Calendar("UTC"), "en", "USD", warehouse, state, folder), {})


@pytest.mark.parametrize(
    ("warehouse", "state", "apart"),
    [
        ("duckdb:///kpi.duckdb", "sqlite:///state.db", True),
        ("duckdb:///same.db", "sqlite:///same.db", False),
        ("sqlite:///same.db", "sqlite:///./same.db", False),
        ("postgresql://kpi@db/kpi", "postgresql://kpi@db/kpi", False),
        ("postgresql://kpi@db/kpi?search_path=facts", "postgresql://kpi@db/kpi?search_path=state", True),
        ("postgresql://kpi@db/kpi?search_path=facts,state", "postgresql://kpi@db/kpi?search_path=state", False),
        ("postgresql://kpi@db/kpi", "postgresql://kpi@db/kpi_state", True),
    ],
)
def test_warehouse_and_state_lie_apart(warehouse: str, state: str, apart: bool, tmp_path: Path) -> None:
    """One file or schema cannot be both: kpi check says it with its line, and nothing opens it."""
    text = f"{LEAST}warehouse: {warehouse}\nstate: {state}\n"
    problems = check_addresses(read_text(text, "kpi.yaml"), tmp_path, {})
    assert [(problem.line, problem.message) for problem in problems] == (
        [] if apart else [(4, "state and warehouse are one database")]
    )
    opened = workspace(tmp_path, warehouse, state)
    if apart:
        assert opened.warehouse.dialect
    else:
        with pytest.raises(SettingsError, match="one database"):
            assert opened.warehouse


def test_an_address_is_a_value() -> None:
    """Two readings of one address are equal, and differ where a part does."""
    read = state_address("postgresql://kpi@db/kpi")
    assert read == Address("postgresql", user="kpi", host="db", database="kpi") != replace(read, port=5432)


def test_every_address_is_looked_at(tmp_path: Path) -> None:
    """A variable that is not set hides no other address; what is wrong with each is told without its password."""
    text = """
    warehouse: postgresql://kpi:${SHOP}@host:99999/kpi
    sources:
      - {name: a, type: sql, table: orders, query: select 1, url: "postgresql://kpi:${UNSET}@host/shop"}
      - {name: b, type: sql, table: orders, query: select 1, url: "postgresql://kpi:${SHOP}@host/shop"}
      - {name: c, type: sql, table: orders, query: select 1, url: "nosuch://kpi:${SHOP}@host/shop"}
    """
    problems = check_addresses(read_text(dedent(text), "kpi.yaml"), tmp_path, {"SHOP": "p@ss"})
    assert [problem.line for problem in problems] == [2, 5, 6]
    assert "p@ss" not in "".join(map(str, problems))
    assert "%40" in problems[1].hint


@pytest.mark.parametrize(("warehouse", "lines"), [("postgresql://kpi@db/shop", []), ("duckdb:///kpi.duckdb", [2])])
def test_rollups_are_asked_for_where_they_can_be(warehouse: str, lines: list[int], tmp_path: Path) -> None:
    """A file has them anyway: who names a schema for them is told that it means nothing."""
    problems = check_addresses(read_text(f"warehouse: {warehouse}\nrollups: sums\n", "kpi.yaml"), tmp_path, {})
    assert [problem.line for problem in problems] == lines
