"""From one Postgres on to another: foreign tables and dblink reach databases that no address of kpi.yaml names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from kpi_core.settings.addresses import Address

_SERVERS = "SELECT srvoptions FROM pg_catalog.pg_foreign_server"
_VIEWS = "SELECT definition FROM pg_catalog.pg_views WHERE definition ILIKE '%dblink%'"
_DEFAULT_PORT = 5432


def leads_to(state: Address, connection: Connection, query: str) -> bool:
    """Whether the database, or a query there, goes on to the one that holds the state.

    A server is known by its port and the name of its database; its host may have any number of names.
    """
    from sqlalchemy import text

    name = state.database or state.user or ""
    servers = connection.execute(text(_SERVERS)).scalars().all()
    if any(_options(options or ()) == (state.port or _DEFAULT_PORT, name) for options in servers):
        return True
    views: Sequence[str] = connection.execute(text(_VIEWS)).scalars().all()
    opening = [sql for sql in (query, *views) if re.search(r"\bdblink", sql, re.IGNORECASE)]
    return any(re.search(rf"\b{re.escape(name)}\b", sql) for sql in opening)


def _options(options: Sequence[str]) -> tuple[int, str]:
    parts = dict(option.partition("=")[::2] for option in options)
    port = parts.get("port", "")
    return int(port) if port.isdecimal() else _DEFAULT_PORT, parts.get("dbname", "")
