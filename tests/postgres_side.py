"""A Postgres of the tests' own: a private cluster in a temporary folder on a free port, and tables made of models."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pg8000.dbapi
import pytest

from kpi_core.metrics import Catalog, ColumnType, Model

from tables import CATALOG, Row

_TYPES: dict[ColumnType, str] = {
    "text": "text",
    "date": "date",
    "integer": "bigint",
    "decimal": "numeric(17, 6)",
    "boolean": "boolean",
}


_ACCESS = """\
host all guarded 127.0.0.1/32 scram-sha-256
host all all 127.0.0.1/32 trust
"""


@dataclass(frozen=True, slots=True)
class Postgres:
    """A running server; its one user may do everything, without a password from this machine."""

    port: int

    def url(self, schema: str = "public", **query: str) -> str:
        """The address of a schema, as kpi.yaml has it."""
        settings = urlencode({"search_path": schema, "sslmode": "disable", **query})
        return f"postgresql://postgres@127.0.0.1:{self.port}/postgres?{settings}"

    @contextmanager
    def cursor(self) -> Iterator[Any]:
        """A cursor whose work is kept when the block ends; it reads and writes in UTC."""
        address = {"host": "127.0.0.1", "port": self.port, "database": "postgres", "ssl_context": False}
        with closing(pg8000.dbapi.connect(user="postgres", **address)) as connection:
            cursor = connection.cursor()
            cursor.execute("SET TIME ZONE 'UTC'")
            yield cursor
            connection.commit()

    def write(
        self,
        schema: str,
        tables: Mapping[str, Iterable[Row]],
        instants: str = "timestamptz",
        catalog: Catalog = CATALOG,
    ) -> None:
        """A new schema with one table a model; columns a row leaves out are empty. Instants are of the type named."""
        with self.cursor() as cursor:
            write_schema(cursor, schema, tables, instants, catalog)


def write_schema(
    cursor: Any, schema: str, tables: Mapping[str, Iterable[Row]], instants: str, catalog: Catalog = CATALOG
) -> None:
    """As `Postgres.write`, in one piece with whatever else the cursor does."""
    cursor.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE")
    cursor.execute(f"CREATE SCHEMA {schema}")
    for name, rows in tables.items():
        model = catalog.models[name]
        cursor.execute(created(schema, model, instants))
        _insert(cursor, schema, model, [[row.get(column) for column in model.columns] for row in rows], instants)


def created(schema: str, model: Model, instants: str) -> str:
    """The table of a model."""
    columns = ", ".join(f'"{each.name}" {_TYPES.get(each.type, instants)}' for each in model.columns.values())
    return f"CREATE TABLE {schema}.{model.name} ({columns})"


def _insert(cursor: Any, schema: str, model: Model, rows: Sequence[Sequence[object]], instants: str) -> None:
    if not rows:
        return
    types = [_TYPES.get(each.type, instants) for each in model.columns.values()]
    line = f"({', '.join(f'CAST(CAST(%s AS text) AS {each})' for each in types)})"
    values = [_text(value) for row in rows for value in row]
    cursor.execute(f"INSERT INTO {schema}.{model.name} VALUES {', '.join([line] * len(rows))}", values)


def _text(value: object) -> str | None:
    """A value as Postgres reads it; an instant without a zone is UTC, as the server's own zone is not."""
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).isoformat()
    return None if value is None else str(value)


def _programs() -> Path | None:
    """Where initdb and pg_ctl lie, of the newest version."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    on_path = shutil.which("initdb")
    return found[-1].parent if found else Path(on_path).parent if on_path else None


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


@contextmanager
def running_postgres() -> Iterator[Postgres]:
    """A server that lives as long as the block; the test is skipped where Postgres is not installed.

    Its time zone is not UTC: nothing may lean on the server's.
    """
    programs = _programs()
    if programs is None:
        pytest.skip("Postgres is not installed here (Debian, Ubuntu: apt-get install postgresql)")
    user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []  # Postgres refuses to run as root
    with tempfile.TemporaryDirectory(prefix="kpi-postgres-") as name:
        folder = Path(name)
        folder.chmod(0o777)
        data, port = folder / "data", _free_port()

        def run(*command: str) -> None:
            done = subprocess.run([*user, *command], cwd=folder, capture_output=True, text=True, check=False)
            assert done.returncode == 0, f"{' '.join(command)}: {done.stdout} {done.stderr}"

        run(
            str(programs / "initdb"),
            "-D",
            str(data),
            "-U",
            "postgres",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--no-sync",
            "--locale=C",
        )
        options = (
            f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off "
            "-c synchronous_commit=off -c full_page_writes=off -c timezone=America/New_York"
        )
        (data / "pg_hba.conf").write_text(_ACCESS)
        run(str(programs / "pg_ctl"), "-D", str(data), "-w", "-l", str(folder / "log"), "-o", options, "start")
        try:
            yield Postgres(port)
        finally:
            run(str(programs / "pg_ctl"), "-D", str(data), "-w", "-m", "immediate", "stop")
