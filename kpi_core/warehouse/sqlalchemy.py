"""Facts in any database that SQLAlchemy reaches."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kpi_core.errors import ServiceError
from kpi_core.settings.addresses import warehouse_address
from kpi_core.settings.off_limits import overlap
from kpi_core.sql.places import Sql, placed
from kpi_core.sql.plan import Row
from kpi_core.warehouse.engines import engine_of
from kpi_core.warehouse.postgres import ANY_SCHEMA, PATIENCE, STATE_IN_REACH, searched_schemas

if TYPE_CHECKING:
    from sqlalchemy import Connection as SqlConnection
    from sqlalchemy import Engine as SqlEngine
    from sqlalchemy import TextClause

_DIALECTS = {"postgresql": "postgres", "mssql": "tsql"}


class SqlWarehouse:
    """Any database that SQLAlchemy reaches, e.g. the firm's Postgres. Its data changes under us.

    Connections are shared by threads through a pool; each speaks in UTC, and on Postgres may only read.
    """

    def __init__(self, url: str, folder: Path = Path()) -> None:
        from sqlalchemy import event

        address = warehouse_address(url)
        # Tried before it is used: a connection that the server closed overnight would fail the first question.
        self._engine: SqlEngine = engine_of(address, folder, pool_pre_ping=True)
        self.dialect = _DIALECTS.get(address.system, address.system)
        session = list(_SESSIONS.get(self.dialect, ()))
        if self.dialect == "postgres" and searched_schemas(address):
            session.append(ANY_SCHEMA)
        if self.dialect == "postgres":
            session.append(STATE_IN_REACH)
        event.listen(self._engine, "connect", lambda connection, _record: _begin(connection, session))

    def rows(self, sql: Sql | str, parameters: Mapping[str, object]) -> list[Row]:
        with self._connection() as connection:
            return [tuple(row) for row in connection.execute(_bound(sql, parameters))]

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
        # The clock on the wall: what other processes keep under it must not come back after a restart.
        return str(int(time.time() // KNOWN_FOR))

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
            raise failure_of(error) from error


KNOWN_FOR = 60
"""Seconds for which what was learnt of the tables holds, where nothing tells that they have changed."""
_SESSIONS: Mapping[str, tuple[str, ...]] = {
    "postgres": (
        "SET TIME ZONE 'UTC'",
        "SET default_transaction_read_only = on",
        f"SELECT set_config('statement_timeout', '{PATIENCE}s', false) WHERE current_setting('statement_timeout')='0'",
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
        if statement == ANY_SCHEMA and cursor.fetchone()[0] is None:
            hint = "Check search_path in the warehouse's address, and that its user may use that schema."
            raise ServiceError("The warehouse has no such schema.", code="warehouse_schema", hint=hint)
        if statement == STATE_IN_REACH and cursor.fetchone()[0]:
            raise overlap()
    cursor.close()
    connection.commit()


def _bound(sql: Sql | str, parameters: Mapping[str, object]) -> TextClause:
    """The query with its values. Texts go without a type: a column may be an enumeration as well as a text."""
    from sqlalchemy import bindparam, text
    from sqlalchemy.types import NullType

    query = placed(sql) if isinstance(sql, str) else sql
    # Of what is no place no colon begins one.
    clause = text(query.rendered(lambda name: f":{name}", lambda piece: piece.replace(":", "\\:")))
    types = {name: NullType() if isinstance(parameters[name], str) else None for name in query.names}
    return clause.bindparams(*(bindparam(name, parameters[name], type_=types[name]) for name in query.names))


KNOWN_FAILURES: Mapping[str, tuple[str, str, str]] = {
    "28P01": (
        "access",
        "The warehouse refused the user or the password",
        "Check both in the warehouse's address, where @ in a password is %40 and % is %25.",
    ),
    "28000": ("access", "The warehouse refused the user", "Check the user in the warehouse's address."),
    "3D000": ("database", "The warehouse has no such database", "Check the name at the end of the address."),
    "42P01": ("table", "A table is missing in the warehouse", "Make a table or view of the model's name and columns."),
    "42703": ("column", "A column is missing in the warehouse", "Give the table or view every column of the model."),
    "42501": ("access", "The warehouse's user may not read a table", "GRANT SELECT on the tables to that user."),
    "57014": ("slow", "The warehouse took too long", "Ask for a shorter period, or index the table's time column."),
    "53300": ("busy", "The warehouse takes no more connections", "Try again in a minute."),
}
"""SQLSTATE -> the end of the error's code, what happened, what to do."""


def failure_of(error: Exception) -> ServiceError:
    """What a person is told; never the address, the query's values or the database's own words on rows."""
    original = getattr(error, "orig", None) or error
    state = sqlstate_of(original)
    if state is not None and state in KNOWN_FAILURES:
        ending, message, hint = KNOWN_FAILURES[state]
        return ServiceError(f"{message}{_named(original, state)}.", code=f"warehouse_{ending}", hint=hint)
    if state is None:
        hint = "Check host and port in the warehouse's address, and that the database runs and lets this machine in."
        return ServiceError("The warehouse cannot be reached.", code="warehouse", hint=hint)
    hint = "Run kpi doctor; it checks the connection and the tables."
    return ServiceError(f"The warehouse refused the query (SQLSTATE {state}).", code="warehouse", hint=hint)


_SQLITE_STATES: Mapping[str, str] = {"no such table": "42P01", "no such column": "42703"}


def sqlstate_of(error: object) -> str | None:
    """The database's five-character code of what went wrong, where its driver tells; SQLite's words have one, too."""
    (detail, *_rest) = getattr(error, "args", None) or ("",)
    # SQLite's own codes are of files and locks, and one of everything that a query may have wrong.
    if getattr(error, "sqlite_errorname", None) == "SQLITE_ERROR":
        return _SQLITE_STATES.get(str(detail).partition(":")[0], "42000")
    state = detail.get("C") if isinstance(detail, dict) else getattr(error, "sqlstate", None)
    return state if isinstance(state, str) else None


_MISSING = re.compile(r'"([^"]+)"|column ([^\s"]+) does|no such \w+: (\S+)|denied for \w+ ([^\s"]+)')


def _named(error: object, state: str) -> str:
    """What the database says is missing: a name in the definitions, no data."""
    (detail, *_rest) = getattr(error, "args", None) or ("",)
    words = detail.get("M", "") if isinstance(detail, dict) else str(detail)
    name = _MISSING.search(words) if state.startswith("42") else None
    return f" ({next(filter(None, name.groups()))})" if name else ""
