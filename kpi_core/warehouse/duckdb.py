"""DuckDB snapshots: one file, opened read only and locked down, followed when a load swaps in the next."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from kpi_core.errors import ServiceError
from kpi_core.sql.places import Sql, text_of
from kpi_core.sql.plan import Row

if TYPE_CHECKING:
    import duckdb

WITHOUT_PYTHON: dict[str, Any] = {"python_enable_replacements": "false"}
"""DuckDB that takes no name in SQL for a variable of this program."""
LOCKED_DOWN: dict[str, Any] = {
    **WITHOUT_PYTHON,
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "enable_external_access": "false",
    "lock_configuration": "true",
}
"""DuckDB without files beside its own and without network, for good. The lock comes last."""


def lock_down(connection: duckdb.DuckDBPyConnection) -> None:
    """From now on the connection reaches its own tables only, and nothing can undo that."""
    for setting, value in LOCKED_DOWN.items():
        connection.execute(f"SET {setting} = {value}")


_NO_ROOM = ("No space left", "Disk quota exceeded", "File too large")
"""What a system says of a disk that is full for everybody, for one user, or for one file."""


def broken_snapshot(name: str) -> ServiceError:
    """A data file that DuckDB cannot open or read any more: cut off, overwritten, or of a newer DuckDB."""
    message = f"The data file {name} is damaged or is no DuckDB file of this version."
    hint = f"Move {name} away and run kpi load: it builds a new one from the sources."
    return ServiceError(message, code="broken_snapshot", hint=hint, params={"file": name})


def is_damage(error: Exception) -> bool:
    """Whether an error of DuckDB tells of its file, and not of a query or of the machine."""
    kinds = {"IOException", "InternalException", "FatalException", "SerializationException"}
    is_told = type(error).__name__ in kinds or "checksum" in str(error)
    return is_told and not any(words in str(error) for words in _NO_ROOM)


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

    def rows(self, sql: Sql | str, parameters: Mapping[str, object]) -> list[Row]:
        with self._cursor() as cursor:
            if cursor is None:
                raise ServiceError("There is no data yet.", code="no_warehouse", hint="Run kpi load first.")
            try:
                return cursor.execute(text_of(sql), dict(parameters)).fetchall()
            except _driver().Error as error:
                if is_damage(error):
                    raise broken_snapshot(self.path.name) from error
                hint = "Run kpi doctor; it checks the tables."
                raise ServiceError(f"The data could not be read: {error}", code="warehouse", hint=hint) from error

    def columns(self, table: str) -> frozenset[str]:
        sql = (
            "SELECT table_name, array_agg(column_name) FROM duckdb_columns() "
            "WHERE schema_name = current_schema() AND database_name = current_database() GROUP BY table_name"
        )
        version, by_table = self._columns
        # Asked for with every question: what was read of the file that is there now needs no cursor.
        if version and version == self.version():
            return by_table.get(table, frozenset())
        with self._cursor() as cursor:
            if cursor is None:
                return frozenset()
            # While the cursor is open the file cannot change: what is read belongs to the version beside it.
            version, by_table = self._columns
            if version != self._opened:
                by_table = {name: frozenset(columns) for name, columns in cursor.execute(sql).fetchall()}
                self._columns = (self._opened, by_table)
            return by_table.get(table, frozenset())

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
            # Under the lock: no reader may begin between the last one's end and the new file.
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
        driver = _driver()
        version = self.version()
        if version == self._opened:  # another thread was faster
            return
        self._close_file()
        try:
            self._connection = driver.connect(str(self.path), read_only=True, config=LOCKED_DOWN) if version else None
        except driver.Error as error:
            raise broken_snapshot(self.path.name) from error
        self._opened = version

    def _close_file(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection, self._opened = None, ""


def _driver() -> ModuleType:
    """DuckDB's own module. The package around it says the same words and adds a way to build queries in Python.

    Reading that takes as long as answering a question, so a process that only reads SQL leaves it out; a DuckDB whose
    module is named otherwise is read through its package.
    """
    try:
        return import_module("_duckdb")
    except ImportError:
        return import_module("duckdb")
