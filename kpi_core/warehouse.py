"""The one door to a database of facts: DuckDB snapshots by default, anything SQLAlchemy speaks beside it.

A warehouse is read only here. Loads write the next snapshot file and swap it in by rename (`loading.py`); an open
DuckDB warehouse notices the new file between two queries, so a reader sees the old data or the new, never a mixture.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, Protocol

from kpi_core.errors import Problem, ServiceError, SettingsError

if TYPE_CHECKING:
    import duckdb
    from sqlalchemy import URL, TextClause
    from sqlalchemy import Connection as SqlConnection
    from sqlalchemy import Engine as SqlEngine

Row = tuple[Any, ...]

_DIALECTS = {"postgresql": "postgres", "mssql": "tsql"}
LOCKED_DOWN: dict[str, Any] = {
    "enable_external_access": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
}
"""DuckDB without files beside its own, without network."""


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
        with self._cursor() as cursor:
            if cursor is None:
                raise ServiceError("There is no data yet.", code="no_warehouse", hint="Run kpi load first.")
            try:
                return cursor.execute(sql, dict(parameters)).fetchall()
            except _driver().Error as error:
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
        driver = _driver()
        version = self.version()
        if version == self._opened:  # another thread was faster
            return
        self._close_file()
        try:
            self._connection = driver.connect(str(self.path), read_only=True, config=LOCKED_DOWN) if version else None
        except driver.Error as error:
            message = f"The data file {self.path.name} cannot be opened: {error}"
            raise ServiceError(message, code="warehouse", hint="Run kpi load to build it anew.") from error
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


class SqlWarehouse:
    """Any database that SQLAlchemy reaches, e.g. the firm's Postgres. Its data changes under us.

    Connections are shared by threads through a pool; each speaks in UTC, and on Postgres may only read.
    """

    def __init__(self, url: str) -> None:
        from sqlalchemy import create_engine, event, make_url
        from sqlalchemy.exc import ArgumentError, NoSuchModuleError

        try:
            address = make_url(url)
            self.dialect = _DIALECTS.get(address.get_backend_name(), address.get_backend_name())
            arguments: dict[str, Any] = {}
            session = list(_SESSIONS.get(self.dialect, ()))
            if self.dialect == "postgres":
                address, arguments, found = _postgres(address)
                session += found
            self._engine: SqlEngine = create_engine(
                address, connect_args=arguments, pool_pre_ping=True, hide_parameters=True
            )
        except (ArgumentError, NoSuchModuleError, ModuleNotFoundError, ValueError) as error:
            hint = "Check the address, and install the driver: pip install 'kpi-bot[postgres]' for Postgres."
            raise _unusable("this database address cannot be used", hint) from error
        event.listen(self._engine, "connect", lambda connection, _record: _begin(connection, session))

    def rows(self, sql: str, parameters: Mapping[str, object]) -> list[Row]:
        with self._connection() as connection:
            return [tuple(row) for row in connection.execute(_bound(sql, parameters, self.dialect))]

    def columns(self, table: str) -> frozenset[str]:
        from sqlalchemy import inspect
        from sqlalchemy.exc import NoSuchTableError

        with self._connection() as connection:
            try:
                return frozenset(str(column["name"]) for column in inspect(connection).get_columns(table))
            except NoSuchTableError:
                return frozenset()

    def version(self) -> str:
        """Another one each minute: how far tables reach is read again then. Numbers are asked for every time."""
        return str(int(time.monotonic() // _KNOWN_FOR))

    def close(self) -> None:
        self._engine.dispose()

    @contextmanager
    def _connection(self) -> Iterator[SqlConnection]:
        """A connection of the pool; whatever fails while it is used becomes a ServiceError."""
        from sqlalchemy.exc import SQLAlchemyError

        try:
            with self._engine.connect() as connection:
                yield connection
        except (SQLAlchemyError, OSError) as error:
            raise _failure(error) from error


_KNOWN_FOR = 60
"""Seconds for which what was learnt of the tables holds, where nothing tells that they have changed."""
_PATIENCE = 120
"""Seconds that a Postgres may take for one query, where its own settings or the address name no limit."""
_SESSIONS: Mapping[str, tuple[str, ...]] = {
    "postgres": (
        "SET TIME ZONE 'UTC'",
        "SET default_transaction_read_only = on",
        f"SELECT set_config('statement_timeout', '{_PATIENCE}s', false) WHERE current_setting('statement_timeout')='0'",
    ),
    "snowflake": ("ALTER SESSION SET TIMEZONE = 'UTC'",),
    "spark": ("SET TIME ZONE 'UTC'",),
}
"""What a new connection is told first: bound instants are naive UTC, and so must be what they are compared with."""


def _begin(connection: Any, session: Iterable[str]) -> None:
    """Settle a new connection; kept when a later transaction is rolled back."""
    cursor = connection.cursor()
    for statement in session:
        cursor.execute(statement)
        if statement == _ANY_SCHEMA and cursor.fetchone()[0] is None:
            hint = "Check search_path in the warehouse's address, and that its user may use that schema."
            raise ServiceError("The warehouse has no such schema.", code="warehouse_schema", hint=hint)
    cursor.close()
    connection.commit()


_ANY_SCHEMA = "SELECT current_schema()"


def _postgres(address: URL) -> tuple[URL, dict[str, Any], list[str]]:
    """The address with its driver, what the driver is told, and what a new connection is told.

    `search_path`, `options`, `sslmode` and `application_name` may stand in the address, as for other programs.
    """
    session = []
    if address.drivername == "postgresql":
        address = address.set(drivername="postgresql+pg8000")
    if (path := address.query.get("search_path")) is not None:
        names = ", ".join('"' + name.strip().replace('"', '""') + '"' for name in str(path).split(","))
        session = [f"SET search_path TO {names}", _ANY_SCHEMA]
        address = address.difference_update_query(["search_path"])
    if address.get_driver_name() != "pg8000":
        return address, {}, session
    query = dict(address.query)
    arguments: dict[str, Any] = {"timeout": _PATIENCE + 10}
    if "options" in query:
        arguments["startup_params"] = {"options": str(query.pop("options"))}
    if "sslmode" in query:
        arguments["ssl_context"] = _encryption(str(query.pop("sslmode")))
    if unknown := query.keys() - {"application_name"}:
        hint = "Known are search_path, options, sslmode and application_name."
        raise _unusable(f"{', '.join(sorted(unknown))} has no meaning in this address", hint)
    return address.set(query=query), arguments, session


def _encryption(mode: str) -> object:
    """What pg8000 takes for a mode of libpq: False for none, None for where it can be had, True for always."""
    import ssl

    known: dict[str, object] = {"disable": False, "allow": None, "prefer": None, "require": True}
    if mode in known:
        return known[mode]
    if mode not in {"verify-ca", "verify-full"}:
        raise _unusable(f"sslmode {mode} is not known", f"Known are {', '.join(known)}, verify-ca and verify-full.")
    context = ssl.create_default_context()
    context.check_hostname = mode == "verify-full"
    return context


def _unusable(message: str, hint: str) -> SettingsError:
    return SettingsError([Problem("kpi.yaml", 0, 0, f"warehouse: {message}", hint)])


_LITERALS = r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|`[^`]*`"""
_LITERALS_WITH_BACKSLASH = r"""'(?:[^'\\]|\\.|'')*'|"(?:[^"\\]|\\.|"")*"|`(?:[^`\\]|\\.)*`"""
_COMMENTS = r"/\*.*?\*/|--[^\n]*"
_WITHOUT_BACKSLASH = frozenset({"postgres", "sqlite", "tsql", "oracle", "trino", "redshift"})


def _bound(sql: str, parameters: Mapping[str, object], dialect: str) -> TextClause:
    """The query with its values. Texts go without a type: a column may be an enumeration as well as a text."""
    from sqlalchemy import bindparam, text
    from sqlalchemy.types import NullType

    literals = _LITERALS if dialect in _WITHOUT_BACKSLASH else _LITERALS_WITH_BACKSLASH
    used: set[str] = set()

    def placed(found: re.Match[str]) -> str:
        name = found["name"]
        if name is None or name not in parameters:
            return found[0].replace(":", "\\:")
        used.add(name)
        return f":{name}"

    query = text(re.sub(rf"{literals}|{_COMMENTS}|(?<!\w)\$(?P<name>\w+)|:", placed, sql, flags=re.DOTALL))
    types = {name: NullType() if isinstance(parameters[name], str) else None for name in used}
    return query.bindparams(*(bindparam(name, parameters[name], type_=types[name]) for name in sorted(used)))


_KNOWN_FAILURES: Mapping[str, tuple[str, str, str]] = {
    "28P01": ("access", "The warehouse refused the user or the password", "Check both in the warehouse's address."),
    "28000": ("access", "The warehouse refused the user", "Check the user in the warehouse's address."),
    "3D000": ("database", "The warehouse has no such database", "Check the name at the end of the address."),
    "42P01": ("table", "A table is missing in the warehouse", "Make a table or view of the model's name and columns."),
    "42703": ("column", "A column is missing in the warehouse", "Give the table or view every column of the model."),
    "42501": ("access", "The warehouse's user may not read a table", "GRANT SELECT on the tables to that user."),
    "57014": ("slow", "The warehouse took too long", "Ask for a shorter period, or index the table's time column."),
    "53300": ("busy", "The warehouse takes no more connections", "Try again in a minute."),
}
"""SQLSTATE -> the end of the error's code, what happened, what to do."""


def _failure(error: Exception) -> ServiceError:
    """What a person is told; never the address, the query's values or the database's own words on rows."""
    original = getattr(error, "orig", None) or error
    state = _sqlstate(original)
    if state is not None and state in _KNOWN_FAILURES:
        ending, message, hint = _KNOWN_FAILURES[state]
        return ServiceError(f"{message}{_named(original, state)}.", code=f"warehouse_{ending}", hint=hint)
    if state is None:
        hint = "Check host and port in the warehouse's address, and that the database runs and lets this machine in."
        return ServiceError("The warehouse cannot be reached.", code="warehouse", hint=hint)
    hint = "Run kpi doctor; it checks the connection and the tables."
    return ServiceError(f"The warehouse refused the query (SQLSTATE {state}).", code="warehouse", hint=hint)


def _sqlstate(error: object) -> str | None:
    """The database's five-character code of what went wrong, where its driver tells."""
    (told, *_rest) = getattr(error, "args", None) or ("",)
    found = told.get("C") if isinstance(told, dict) else getattr(error, "sqlstate", None)
    return found if isinstance(found, str) else None


def _named(error: object, state: str) -> str:
    """What the database says is missing: a name in the definitions, no data."""
    (told, *_rest) = getattr(error, "args", None) or ("",)
    words = told.get("M", "") if isinstance(told, dict) else str(told)
    name = re.search(r'"([^"]+)"|column ([^\s"]+) does', words) if state.startswith("42") else None
    return f" ({name[1] or name[2]})" if name else ""
