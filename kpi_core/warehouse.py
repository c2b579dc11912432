"""The one door to a database of facts: DuckDB snapshots by default, anything SQLAlchemy speaks beside it.

A warehouse is read only here. Loads write the next snapshot file and swap it in by rename (`loading.py`); an open
DuckDB warehouse notices the new file between two queries, so a reader sees the old data or the new, never a mixture.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from kpi_core.errors import Problem, ServiceError, SettingsError

if TYPE_CHECKING:
    import duckdb
    from sqlalchemy import Engine as SqlEngine

Row = tuple[Any, ...]

_DIALECTS = {"postgresql": "postgres", "mssql": "tsql"}
_LOCKED_DOWN: dict[str, Any] = {
    "enable_external_access": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
}


class Warehouse(Protocol):
    """Where facts lie. `dialect` is sqlglot's name of its SQL."""

    dialect: str

    def rows(self, sql: str, parameters: Mapping[str, object]) -> list[Row]:
        """All rows of a query; `$name` in the text takes its value from `parameters`. ServiceError when it fails."""
        ...

    def columns(self, table: str) -> frozenset[str]:
        """The columns of a table or view; empty when there is no such table."""
        ...

    def version(self) -> str:
        """Changes whenever the data may have changed; what was read before may then be kept no longer."""
        ...

    def close(self) -> None: ...


def open_warehouse(url: str, folder: Path) -> Warehouse:
    """The warehouse at `url`; a relative DuckDB path starts at `folder`. SettingsError for an address nobody knows."""
    scheme, separator, path = url.partition("://")
    if not separator:
        hint = "Write duckdb:///kpi.duckdb or another database address."
        raise SettingsError([Problem("kpi.yaml", 0, 0, "warehouse: is not a database address", hint)])
    if scheme == "duckdb":
        return DuckDBWarehouse(folder / path.removeprefix("/") if not path.startswith("//") else Path(path[1:]))
    return SqlWarehouse(url)


class DuckDBWarehouse:
    """One DuckDB file, opened read only and locked down; each query reads through a cursor of its own.

    DuckDB shares one instance per path within a process, so a swapped file is seen only after every reader of the old
    one has closed: new queries wait the moment until the running ones are done, then the file is opened anew.
    """

    dialect = "duckdb"

    def __init__(self, path: Path) -> None:
        self.path = path
        self._turn = threading.Condition()
        self._reading = 0
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._opened = ""
        self._columns: tuple[str, dict[str, frozenset[str]]] = ("", {})
        """The columns of every table, with the version of the file that has them."""

    def rows(self, sql: str, parameters: Mapping[str, object]) -> list[Row]:
        import duckdb

        with self._cursor() as cursor:
            if cursor is None:
                raise ServiceError("There is no data yet.", code="no_warehouse", hint="Run kpi load first.")
            try:
                return cursor.execute(sql, dict(parameters)).fetchall()
            except duckdb.Error as error:
                hint = "Run kpi doctor; it checks the tables."
                raise ServiceError(f"The data could not be read: {error}", code="warehouse", hint=hint) from error

    def columns(self, table: str) -> frozenset[str]:
        sql = (
            "SELECT table_name, array_agg(column_name) FROM duckdb_columns() "
            "WHERE schema_name = current_schema() AND database_name = current_database() GROUP BY table_name"
        )
        with self._cursor() as cursor:
            if cursor is None:
                return frozenset()
            version, known = self._columns
            if version != self._opened:
                known = {name: frozenset(columns) for name, columns in cursor.execute(sql).fetchall()}
                self._columns = (self._opened, known)
            return known.get(table, frozenset())

    def version(self) -> str:
        """Identity of the snapshot file; empty while there is none."""
        try:
            status = self.path.stat()
        except FileNotFoundError:
            return ""
        return f"{status.st_ino}-{status.st_mtime_ns}-{status.st_size}"

    def close(self) -> None:
        with self._turn:
            self._turn.wait_for(lambda: self._reading == 0)
            self._close_file()

    @contextmanager
    def _cursor(self) -> Iterator[duckdb.DuckDBPyConnection | None]:
        with self._turn:
            if self.version() != self._opened:
                self._turn.wait_for(lambda: self._reading == 0)
                self._open_newest()
            self._reading += 1
            cursor = self._connection.cursor() if self._connection is not None else None
        try:
            yield cursor
        finally:
            if cursor is not None:
                cursor.close()
            with self._turn:
                self._reading -= 1
                self._turn.notify_all()

    def _open_newest(self) -> None:
        import duckdb

        version = self.version()
        if version == self._opened:  # another thread was faster
            return
        self._close_file()
        try:
            self._connection = duckdb.connect(str(self.path), read_only=True, config=_LOCKED_DOWN) if version else None
        except duckdb.Error as error:
            message = f"The data file {self.path.name} cannot be opened: {error}"
            raise ServiceError(message, code="warehouse", hint="Run kpi load to build it anew.") from error
        self._opened = version

    def _close_file(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection, self._opened = None, ""


class SqlWarehouse:
    """Any database that SQLAlchemy reaches, e.g. the firm's Postgres. Its data changes under us."""

    def __init__(self, url: str) -> None:
        from sqlalchemy import create_engine, make_url
        from sqlalchemy.exc import ArgumentError, NoSuchModuleError

        try:
            address = make_url(url)
            if address.drivername == "postgresql":
                address = address.set(drivername="postgresql+pg8000")
            self._engine: SqlEngine = create_engine(address, pool_pre_ping=True)
        except (ArgumentError, NoSuchModuleError, ModuleNotFoundError) as error:
            hint = "Check the address, and install the driver: pip install 'kpi-bot[postgres]' for Postgres."
            problem = Problem("kpi.yaml", 0, 0, "warehouse: this database address cannot be used", hint)
            raise SettingsError([problem]) from error
        self.dialect = _DIALECTS.get(address.get_backend_name(), address.get_backend_name())

    def rows(self, sql: str, parameters: Mapping[str, object]) -> list[Row]:
        from sqlalchemy import text
        from sqlalchemy.exc import SQLAlchemyError

        try:
            with self._engine.connect() as connection:
                return [tuple(row) for row in connection.execute(text(_colons(sql, parameters)), dict(parameters))]
        except SQLAlchemyError as error:
            cause = type(error).__name__
            raise ServiceError(
                f"The warehouse did not answer ({cause}).",
                code="warehouse",
                hint="Run kpi doctor; it checks the connection.",
            ) from error

    def columns(self, table: str) -> frozenset[str]:
        from sqlalchemy import inspect
        from sqlalchemy.exc import NoSuchTableError, SQLAlchemyError

        try:
            return frozenset(str(column["name"]) for column in inspect(self._engine).get_columns(table))
        except NoSuchTableError:
            return frozenset()
        except SQLAlchemyError as error:
            raise ServiceError(
                "The warehouse cannot be reached.", code="warehouse", hint="Run kpi doctor; it checks the connection."
            ) from error

    def version(self) -> str:
        return ""

    def close(self) -> None:
        self._engine.dispose()


def _colons(sql: str, parameters: Mapping[str, object]) -> str:
    """SQLAlchemy's `:name` for our `$name`; only known names are touched, longest first."""
    for name in sorted(parameters, key=len, reverse=True):
        sql = sql.replace(f"${name}", f":{name}")
    return sql
