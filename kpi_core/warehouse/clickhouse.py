"""Facts in ClickHouse: on a server, or in this process by chDB, which is the same engine as a library."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kpi_core.errors import ServiceError
from kpi_core.settings.addresses import Address
from kpi_core.sql.dialect_rules.clickhouse_words import SETTINGS
from kpi_core.sql.places import Sql, placed
from kpi_core.sql.plan import Row
from kpi_core.warehouse.sqlalchemy import KNOWN_FAILURES, KNOWN_FOR

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

_PATIENCE = 120
"""Seconds that one query may take."""
_READING = {**SETTINGS, "readonly": "2", "max_execution_time": str(_PATIENCE)}
"""Of every query: nothing is written, while how it is answered may still be set."""
_STATES: Mapping[str, str] = {
    "AUTHENTICATION_FAILED": "28P01",
    "UNKNOWN_USER": "28000",
    "ACCESS_DENIED": "42501",
    "UNKNOWN_DATABASE": "3D000",
    "UNKNOWN_TABLE": "42P01",
    "UNKNOWN_IDENTIFIER": "42703",
    "NO_SUCH_COLUMN_IN_TABLE": "42703",
    "TIMEOUT_EXCEEDED": "57014",
    "TOO_MANY_SIMULTANEOUS_QUERIES": "53300",
}
"""ClickHouse's name of what went wrong -> the code that standard SQL has for it."""
_COLUMNS = "SELECT name, type FROM system.columns WHERE database = currentDatabase() AND table = {name:String}"
_ZONED = re.compile(r"DateTime(?:64)?\((?:\d, )?'(?!(?:Etc/)?(?:UTC|Zulu)')")
"""An instant that is cut into days by a clock of its own; whatever is computed of it would be, too."""


class ClickHouseWarehouse:
    """A database of ClickHouse, read only. Threads share its client; chDB answers them one after another."""

    dialect = "clickhouse"

    def __init__(self, address: Address, folder: Path) -> None:
        self._address, self._folder = address, folder
        self._starting = threading.Lock()
        self._client: Client | None = None

    def rows(self, sql: Sql | str, parameters: Mapping[str, object]) -> list[Row]:
        query = placed(sql) if isinstance(sql, str) else sql
        text = query.rendered(lambda name: f"{{{name}:{_type_of(parameters[name])}}}", str)
        return self._asked(text, {name: _written(parameters[name]) for name in query.names})

    def columns(self, table: str) -> frozenset[str]:
        types: dict[str, str] = dict(self._asked(_COLUMNS, {"name": table}))
        zoned = next((name for name, kind in types.items() if _ZONED.search(kind)), None)
        if zoned is not None:
            message = f"{table}.{zoned} is kept in a time zone of its own, by which its days would be cut."
            hint = f"Read it through a view with toTimeZone({zoned}, 'UTC') AS {zoned}."
            raise ServiceError(message, code="warehouse_zone", hint=hint)
        return frozenset(types)

    def version(self) -> str:
        """Another one each minute, as of any warehouse that is filled by others."""
        return str(int(time.time() // KNOWN_FOR))

    def close(self) -> None:
        with self._starting:
            if self._client is not None:
                self._client.close()
            self._client = None

    def _asked(self, text: str, values: dict[str, str]) -> list[Row]:
        with failures():
            # Without values the driver must not look for places: a text of a definition may look like one.
            result = self._connected().query(text, parameters=values or None)
            return [tuple(row) for row in result.result_rows]

    def _connected(self) -> Client:
        with self._starting:
            if self._client is None:
                self._client = client_of(self._address, self._folder)
            return self._client


def client_of(address: Address, folder: Path, settings: Mapping[str, str] = _READING) -> Client:
    """A client of the driver, under settings that hold for each query: those of who only reads, by default."""
    from clickhouse_connect import get_client

    options = address.options
    if address.system == "chdb":
        place = str(address.file(folder))
        return get_client(interface="chdb", path=place, database=options.get("database"), settings=dict(settings))
    secure = options.get("secure") == "true"
    return get_client(
        interface="https" if secure else "http",
        host=address.host or "localhost",
        port=address.port or (8443 if secure else 8123),
        username=address.user,
        password=address.password or "",
        database=address.database or None,
        verify=options.get("verify") != "false",
        settings=dict(settings),
        # Threads ask at once, which one session may not.
        autogenerate_session_id=False,
        connect_timeout=10,
        send_receive_timeout=_PATIENCE + 10,
    )


def _type_of(value: object) -> str:
    """The type of a bound value; of the longest reach, for the usual ones end in 2106."""
    if isinstance(value, datetime):
        return "DateTime64(6, 'UTC')"
    if isinstance(value, date):
        return "Date32"
    return "String" if isinstance(value, str) else "Float64" if isinstance(value, float) else "Int64"


def _written(value: object) -> str:
    """A bound value as the driver sends it on; of an instant it would itself leave out the parts of a second."""
    if isinstance(value, datetime):
        return (value.astimezone(UTC) if value.tzinfo else value).strftime("%Y-%m-%d %H:%M:%S.%f")
    return value.isoformat() if isinstance(value, date) else str(value)


@contextmanager
def failures() -> Iterator[None]:
    """Whatever fails becomes a ServiceError that tells no address and no rows."""
    from clickhouse_connect.driver.exceptions import ClickHouseError

    try:
        yield
    except (ClickHouseError, OSError) as error:
        raise _failure_of(error) from error


def _failure_of(error: Any) -> ServiceError:
    name = getattr(error, "name", None)
    if (state := _STATES.get(name or "")) is not None:
        ending, message, hint = KNOWN_FAILURES[state]
        return ServiceError(f"{message}.", code=f"warehouse_{ending}", hint=hint)
    if name is None:
        hint = "Check host and port in the warehouse's address, and that the database runs and lets this machine in."
        return ServiceError("The warehouse cannot be reached.", code="warehouse", hint=hint)
    hint = "Run kpi doctor; it checks the connection and the tables."
    return ServiceError(f"The warehouse refused the query ({name}).", code="warehouse", hint=hint)
