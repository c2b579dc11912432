"""Facts in Spark, over Spark Connect: the client is Python alone, the JVM is the server's."""

from __future__ import annotations

import logging
import threading
import time
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from kpi_core.errors import ServiceError
from kpi_core.settings.addresses import Address
from kpi_core.sql.places import Sql, placed
from kpi_core.sql.plan import Row
from kpi_core.sql.quoting import in_backticks
from kpi_core.warehouse.sqlalchemy import KNOWN_FAILURES, KNOWN_FOR

if TYPE_CHECKING:
    from pyspark.sql.connect.session import SparkSession

_SESSION = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.timestampType": "TIMESTAMP_LTZ",
    "spark.sql.caseSensitive": "false",
}
"""What a query's words mean; without it a value that does not fit would be NULL."""
_SQLSTATES = {"42P01": "42P01", "42704": "42P01", "42703": "42703", "42501": "42501", "28000": "28000"}


class SparkWarehouse:
    """A schema of Spark's catalogue. Threads share its session."""

    dialect = "spark"

    def __init__(self, address: Address) -> None:
        self._address = address
        self._starting = threading.Lock()
        self._session: SparkSession | None = None

    def rows(self, sql: Sql | str, parameters: Mapping[str, object]) -> list[Row]:
        query = placed(sql) if isinstance(sql, str) else sql
        text = query.rendered(lambda name: f":{name}", str)
        with _failures():
            frame = self._connected().sql(text, args={name: parameters[name] for name in query.names} or None)
            zoned = [field.dataType.typeName() == "timestamp" for field in frame.schema.fields]
            return [tuple(map(_as_utc, row, zoned)) for row in frame.collect()]

    def columns(self, table: str) -> frozenset[str]:
        try:
            with _failures():
                frame = self._connected().sql(f"SELECT * FROM {in_backticks(table)} LIMIT 0")  # noqa: S608 - quoted
                return frozenset(frame.columns)
        except ServiceError as error:
            if error.code == "warehouse_table":
                return frozenset()
            raise

    def version(self) -> str:
        """Another one each minute, as of any warehouse that is filled by others."""
        return str(int(time.time() // KNOWN_FOR))

    def close(self) -> None:
        with self._starting:
            if self._session is not None:
                self._session.stop()
            self._session = None

    def _connected(self) -> SparkSession:
        with self._starting:
            if self._session is None:
                self._session = _session_of(self._address)
            return self._session


def _session_of(address: Address) -> SparkSession:
    with warnings.catch_warnings():
        # It warns of pandas, whose frames are not used here.
        warnings.simplefilter("ignore")
        from pyspark.sql.connect.session import SparkSession
    # It would write queries with their stack traces to stderr.
    logging.getLogger("SQLQueryContextLogger").disabled = True
    options = {"token": address.password} if address.password else {}
    options |= {"user_id": address.user} if address.user else {}
    options |= {"use_ssl": "true"} if address.options.get("secure") == "true" else {}
    told = "".join(f";{name}={quote(str(value), safe='')}" for name, value in options.items())
    remote = f"sc://{address.host or 'localhost'}:{address.port or 15002}/{told}"
    session: SparkSession = SparkSession.builder.remote(remote).create()
    for name, value in _SESSION.items():
        session.conf.set(name, value)
    if address.database:
        session.sql(f"USE {'.'.join(map(in_backticks, address.database.split('.')))}").collect()
    return session


def _as_utc(value: object, zoned: bool) -> object:
    """An instant as naive UTC; the client makes it one of this machine's clock."""
    return value.astimezone(UTC).replace(tzinfo=None) if zoned and isinstance(value, datetime) else value


@contextmanager
def _failures() -> Iterator[None]:
    """Whatever fails becomes a ServiceError that tells no address and no rows."""
    from pyspark.errors import PySparkException

    try:
        yield
    except (PySparkException, OSError) as error:
        raise _failure_of(error) from error
    except Exception as error:
        if type(error).__module__.partition(".")[0] == "grpc":
            raise _failure_of(error) from error
        raise


def _failure_of(error: Any) -> ServiceError:
    state = error.getSqlState() if hasattr(error, "getSqlState") else None
    if (known := _SQLSTATES.get(state or "")) is not None:
        ending, message, hint = KNOWN_FAILURES[known]
        return ServiceError(f"{message}.", code=f"warehouse_{ending}", hint=hint)
    if not state:
        hint = "Check host and port in the warehouse's address, and that Spark Connect runs and lets this machine in."
        return ServiceError("The warehouse cannot be reached.", code="warehouse", hint=hint)
    hint = "Run kpi doctor; it checks the connection and the tables."
    return ServiceError(f"The warehouse refused the query (SQLSTATE {state}).", code="warehouse", hint=hint)
