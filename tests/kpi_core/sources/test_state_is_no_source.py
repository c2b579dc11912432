"""The state is never read as a source, whatever leads there."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import duckdb
import pytest
from postgres_side import Postgres

from kpi_core.documents.yaml_file import read_text
from kpi_core.errors import DataError, KpiBotError
from kpi_core.loading.into_postgres import open_postgres
from kpi_core.settings.address_rules import check_addresses
from kpi_core.settings.addresses import AddressError, state_address, warehouse_address
from kpi_core.settings.off_limits import STATE_TABLES, refuse_overlap
from kpi_core.settings.source_types import source_types
from kpi_core.settings.values import Source
from kpi_core.sources import ReadRequest, reader_of
from kpi_core.state.schema import metadata
from kpi_core.state.store import Store, open_store
from kpi_core.warehouse.door import open_warehouse

STATE = "sqlite:///state.db"
FILES = sorted(name for name, kind in source_types().items() if "path" in kind.options)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """An open state, so that its log lies beside it."""
    return open_store(STATE, tmp_path)


def read(folder: Path, source: Source, state: str = STATE) -> None:
    workspace = folder / "work"
    workspace.mkdir(exist_ok=True)
    with duckdb.connect() as into:
        reader_of(source.type)(ReadRequest(source, folder, workspace, off_limits=state_address(state)), into)


def link(folder: Path, kind: str) -> str:
    """Another way to the state's file."""
    state = folder / "state.db"
    if kind == "symbolic link":
        (folder / "shop.db").symlink_to(state)
    elif kind == "hard link":
        os.link(state, folder / "shop.db")
    elif kind == "linked folder":
        (folder / "elsewhere").symlink_to(folder)
    ways = {
        "relative": "state.db",
        "dots": "./x/../state.db",
        "absolute": str(state),
        "linked folder": "elsewhere/state.db",
    }
    (folder / "x").mkdir(exist_ok=True)
    return ways.get(kind, "shop.db")


WAYS = ("relative", "dots", "absolute", "symbolic link", "hard link", "linked folder")


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", FILES)
def test_not_as_a_file(kind: str, way: str, store: Store, tmp_path: Path) -> None:
    """No type of source that reads files reads the state's, by path or pattern, by symbolic or hard link."""
    source = Source("shop", kind, "orders", options={"path": link(tmp_path, way)})
    with pytest.raises(DataError, match="is no source") as caught:
        read(tmp_path, source)
    assert caught.value.code == "source_state"


@pytest.mark.parametrize("pattern", ["*.db", "state.db-wal", "**/*", "state.d?"])
def test_not_by_a_pattern(pattern: str, store: Store, tmp_path: Path) -> None:
    """A pattern that matches the state, or its log, among other files reads none of them."""
    (tmp_path / "shop.db").write_text("order_id\n1\n")
    with pytest.raises(DataError, match="is no source"):
        read(tmp_path, Source("shop", "csv", "orders", options={"path": pattern}))


@pytest.mark.parametrize("way", [*WAYS, "copy", "attached"])
def test_not_as_a_database(way: str, store: Store, tmp_path: Path) -> None:
    """Nor does a source that asks a database, also where a copy of the state lies there."""
    path = link(tmp_path, way)
    if way == "copy":
        store.close()
        shutil.copy(tmp_path / "state.db", tmp_path / "shop.db")
    query = "select * from audit"
    if way == "attached":
        with closing(sqlite3.connect(tmp_path / "shop.db")) as shop:
            shop.execute("create table orders (order_id)")
        query = "attach 'state.db' as other"
    source = Source("shop", "sql", "orders", query=query, options={"url": f"sqlite:///{path}"})
    with pytest.raises(KpiBotError, match="is no source" if way != "attached" else None):
        read(tmp_path, source)


def test_not_on_a_server(postgres: Postgres, tmp_path: Path) -> None:
    """Nor on Postgres: by its own address, by another name of the server, from another schema of its database."""
    state = postgres.url("state_as_source")
    open_store(state, tmp_path).close()
    searched = [postgres.url(path) for path in ("public,state_as_source", "state_as_source, public", '"$user",public')]
    addresses = (state, postgres.url("public"), state.replace("127.0.0.1", "localhost"), *searched)
    for url in addresses:
        source = Source("shop", "sql", "orders", query="select 1 as order_id", options={"url": url})
        for own in (state, STATE):
            with pytest.raises(DataError, match="is no source"):
                read(tmp_path, source, own)
    with postgres.cursor() as cursor:
        cursor.execute("DROP SCHEMA state_as_source CASCADE")
    read(
        tmp_path, Source("shop", "sql", "orders", query="select 1 as order_id", options={"url": postgres.url()}), STATE
    )


@pytest.mark.parametrize("way", ["foreign table", "query", "view"])
def test_not_by_way_of_another_database(way: str, postgres: Postgres, tmp_path: Path) -> None:
    """A source whose database reaches the state's by itself is refused; one that reaches another is read."""
    state = postgres.url().replace("/postgres?", "/elsewhere?")
    name, server = "elsewhere", f"host '127.0.0.9', port '{postgres.port}'"
    query = "select 1 as order_id"
    with postgres.cursor() as cursor:
        cursor.execute("DROP EXTENSION IF EXISTS dblink, postgres_fdw CASCADE")
        cursor.execute("CREATE EXTENSION IF NOT EXISTS dblink")
        cursor.execute("CREATE EXTENSION IF NOT EXISTS postgres_fdw")
        cursor.execute(f"CREATE SERVER other FOREIGN DATA WRAPPER postgres_fdw OPTIONS ({server}, dbname 'shop')")
        cursor.execute(f"CREATE VIEW public.shop AS SELECT * FROM {dblink('shop')}")
    try:
        read(tmp_path, Source("shop", "sql", "orders", query=query, options={"url": postgres.url()}), state)
        with postgres.cursor() as cursor:
            if way == "foreign table":
                cursor.execute(f"ALTER SERVER other OPTIONS (SET dbname '{name}')")
            elif way == "view":
                cursor.execute(f"CREATE VIEW public.led AS SELECT * FROM {dblink(name)}")
        query = f"select * from {dblink(name)}" if way == "query" else query
        with pytest.raises(DataError, match="is no source"):
            read(tmp_path, Source("shop", "sql", "orders", query=query, options={"url": postgres.url()}), state)
    finally:
        with postgres.cursor() as cursor:
            cursor.execute("DROP EXTENSION dblink, postgres_fdw CASCADE")


def dblink(database: str) -> str:
    return f"dblink('dbname={database}', 'select 1') AS t(order_id int)"


@pytest.mark.parametrize("way", ["options", "role", "view", "view over a view"])
def test_no_warehouse_reaches_the_states_tables(way: str, postgres: Postgres, tmp_path: Path) -> None:
    """Whatever its address says: by a search path set elsewhere, or a view over the state; neither asked nor loaded."""
    open_store(postgres.url("reached_state"), tmp_path).close()
    with postgres.cursor() as cursor:
        for schema in ("facts", "between"):
            cursor.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE")
            cursor.execute(f"CREATE SCHEMA {schema}")
        if way == "view":
            cursor.execute("CREATE VIEW facts.orders AS SELECT who AS order_id FROM reached_state.audit")
        if way == "view over a view":
            cursor.execute("CREATE VIEW between.names AS SELECT who FROM reached_state.audit")
            cursor.execute("CREATE MATERIALIZED VIEW facts.orders AS SELECT who AS order_id FROM between.names")
        if way == "role":
            cursor.execute("DROP ROLE IF EXISTS led")
            cursor.execute("CREATE ROLE led LOGIN SUPERUSER")
            cursor.execute("ALTER ROLE led SET search_path = reached_state")
    server = f"127.0.0.1:{postgres.port}/postgres"
    urls = {
        "options": f"postgresql://postgres@{server}?options=-csearch_path%3Dreached_state",
        "role": f"postgresql://led@{server}",
    }
    url = urls.get(way, postgres.url("facts"))
    try:
        with closing(open_warehouse(url, tmp_path)) as warehouse, pytest.raises(AddressError, match="one database"):
            warehouse.rows("SELECT 1", {})
        with pytest.raises(AddressError, match="one database"), open_postgres(warehouse_address(url), tmp_path):
            pass
    finally:
        with postgres.cursor() as cursor:
            cursor.execute("DROP SCHEMA facts, between, reached_state CASCADE")


def test_no_warehouse_searches_the_states_schema(tmp_path: Path) -> None:
    """A warehouse may lie in another schema of the state's database, but must not look for tables in the state's."""
    server = "postgresql://kpi@db/firm?search_path="
    for path in ("bot", "facts,bot", "bot,facts", "facts, bot"):
        with pytest.raises(AddressError, match="one database"):
            refuse_overlap(warehouse_address(server + path), state_address(server + "bot"), tmp_path)
    for path in ("facts", "facts,public", "bots"):
        refuse_overlap(warehouse_address(server + path), state_address(server + "bot"), tmp_path)


def test_kpi_check_tells_it_before(store: Store, tmp_path: Path) -> None:
    """Kpi check names the line, for files and for databases, with the address in a variable too."""
    (tmp_path / "shop.db").symlink_to(tmp_path / "state.db")
    text = """\
sources:
  - {name: a, type: csv, table: orders, path: "*.db"}
  - {name: b, type: sql, table: orders, query: select 1, url: "sqlite:///shop.db"}
  - {name: c, type: sql, table: orders, query: select 1, url: "${SHOP}"}
  - {name: d, type: csv, table: orders, path: "orders.csv"}
"""
    problems = check_addresses(read_text(text, "kpi.yaml"), tmp_path, {"SHOP": "sqlite:///x/../state.db"})
    assert [(problem.line, "is no source" in problem.message) for problem in problems] == [
        (2, True),
        (3, True),
        (4, True),
    ]


def test_a_state_is_known_by_its_tables() -> None:
    """The tables by which a copy is known are tables of the state."""
    assert set(metadata.tables) >= STATE_TABLES
