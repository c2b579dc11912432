"""A database that SQLAlchemy reaches. `query:` or a `layout:` runs there; `:since` is the day a load begins with."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from kpi_core.errors import DataError, ServiceError
from kpi_core.phrases import Notice
from kpi_core.settings.addresses import AddressError, source_address
from kpi_core.settings.off_limits import HINT, is_state, looks_like_a_state
from kpi_core.sources import Place, Raw, ReadRequest, lacking_option
from kpi_core.sources.files import TextFile, load_text_files, write_text_file
from kpi_core.sources.sql.landed_rows import landed_query
from kpi_core.sources.sql.onward import leads_to
from kpi_core.warehouse.engines import engine_of

if TYPE_CHECKING:
    import duckdb
    from sqlalchemy import Connection, Engine

_BATCH = 5_000
_EARLIEST = date(1, 1, 1)
_TABLES = "SELECT relnamespace, relname FROM pg_catalog.pg_class WHERE relkind IN ('r', 'p', 'v', 'm', 'f')"


def read(request: ReadRequest, into: duckdb.DuckDBPyConnection) -> Raw:
    """The rows of the query, streamed."""
    from sqlalchemy.exc import SQLAlchemyError

    name = request.option("layout")
    if not request.source.query and name is None:
        raise lacking_option(request.source.name, "query")
    engine = _engine(request)
    path = request.workspace / "query.csv"
    notices: tuple[Notice, ...] = ()
    try:
        with engine.connect() as connection:
            _refuse_state(connection, request)
            if name is not None:
                source = request.source
                landed = landed_query(source.name, name, source.table, request.option("schema"), connection)
                request, notices = replace(request, source=replace(source, query=landed.sql)), landed.notices
            write_text_file(path, _rows(connection, request))
    except SQLAlchemyError as error:
        raise _failure(request, error, wrong_query=_is_refusal(error)) from None
    finally:
        engine.dispose()
    raw = load_text_files([TextFile("the query", path)], into)
    return replace(
        raw,
        place=lambda row: Place("the query", row, "query"),
        queried=True,
        written_by="database",
        files=(),
        by_tool=name is not None,
        notices=notices,
    )


def _engine(request: ReadRequest) -> Engine:
    try:
        address = source_address(request.needed("url"))
        if request.off_limits and is_state(address, request.off_limits, request.folder):
            raise _off_limits(request)
        return engine_of(address, request.folder)
    except AddressError as error:
        message, hint = error.verdict
        raise DataError(f"Source {request.source.name}: {message}.", code="source_url", hint=hint) from None


def _refuse_state(connection: Connection, request: ReadRequest) -> None:
    """A state is known by its tables too: another name of the server, or a copy, leads to one as well."""
    from sqlalchemy import inspect, text

    if connection.dialect.name == "postgresql":
        rows = connection.execute(text(_TABLES)).all()
        schemas = {schema: [table for of, table in rows if of == schema] for schema, _ in rows}
    else:
        schemas = {"": inspect(connection).get_table_names()}
    if any(map(looks_like_a_state, schemas.values())):
        raise _off_limits(request)
    state = request.off_limits
    is_like = state is not None and state.system == connection.dialect.name == "postgresql"
    if state is not None and is_like and leads_to(state, connection, request.source.query or ""):
        raise _off_limits(request)


def _off_limits(request: ReadRequest) -> DataError:
    message = f"Source {request.source.name}: url leads to the state, which is no source."
    return DataError(message, code="source_state", hint=HINT)


def _rows(connection: Connection, request: ReadRequest) -> Iterator[list[str]]:
    from sqlalchemy import text

    query = request.source.query or ""
    # Only :since is a parameter; every other colon belongs to the query, as in '09:00' or ::date.
    escaped = re.sub(r":(?!since\b)|(?<=:):", r"\\:", query)
    since = {"since": request.since or _EARLIEST} if re.search(r"(?<!:):since\b", escaped) else {}
    streaming = connection.execution_options(stream_results=True, max_row_buffer=_BATCH)
    result = streaming.execute(text(escaped), since)
    yield [str(name) for name in result.keys()]  # noqa: SIM118  (a Result is no mapping)
    for batch in result.partitions(_BATCH):
        for row in batch:
            yield [_text(value) for value in row]


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    return str(value)


def _is_refusal(error: Exception) -> bool:
    """Whether the database has read the query and refused it. SQLite calls that by the name of lost connections."""
    by_sqlite = getattr(getattr(error, "orig", None), "sqlite_errorname", "") == "SQLITE_ERROR"
    return by_sqlite or type(error).__name__ == "ProgrammingError"


def _failure(request: ReadRequest, error: Exception, *, wrong_query: bool) -> DataError | ServiceError:
    """Drivers may quote the address, password and all: only the kind of failure is repeated."""
    name, kind = request.source.name, type(error).__name__
    if wrong_query:
        message = f"Source {name}: the database does not accept the query ({kind})."
        hint = "Try the query in the database's own console."
        return DataError(message, code="source_query_refused", hint=hint, params={"kind": kind})
    message = f"Source {name}: the database did not answer ({kind})."
    hint = "Check url:, where a password is percent-encoded (@ as %40, % as %25), and that the database can be reached."
    return ServiceError(message, code="source_unreachable", hint=hint, params={"kind": kind})
