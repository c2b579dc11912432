# ruff: noqa: S608  (SQL is put together from quoted names and types of our own)
"""The tables of the next snapshot while it is built, asked for once: a catalogue takes longer to ask than to know."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from kpi_core.sql.quoting import quoted

_NAMED = " UNION ALL ".join(
    f"SELECT {kind.lower()}_name, '{kind}' FROM duckdb_{kind.lower()}s() "
    "WHERE database_name = current_database() AND schema_name = 'main'"
    for kind in ("TABLE", "VIEW")
)
_STORED = """
    SELECT table_name, column_name, data_type FROM duckdb_columns()
    WHERE database_name = current_database() AND schema_name = 'loaded' ORDER BY table_name, column_index"""
_PREFIX = "source "


def stored(source: str) -> str:
    """The table that holds one source's rows. The space keeps its name apart from every model's."""
    return f"loaded.{quoted(f'{_PREFIX}{source}')}"


class StoredTables:
    """Which tables there are. Whoever makes one or drops it says so; `run` gives the rows of a statement."""

    def __init__(self, run: Callable[[str], list[Any]]) -> None:
        self._run = run
        self.kinds: dict[str, str] = dict(run(_NAMED))
        """TABLE or VIEW by the name in the main schema."""
        self._columns: dict[str, dict[str, str]] = {}
        for table, column, kind in run(_STORED):
            self._columns.setdefault(table.removeprefix(_PREFIX), {})[column] = kind

    def columns(self, source: str) -> Mapping[str, str]:
        """The columns of a source's table with their types; none where there is no such table."""
        return self._columns.get(source, {})

    def is_made(self, source: str) -> None:
        """A source's table has been made anew."""
        self._columns[source] = columns_of(self._run, stored(source))

    def is_dropped(self, source: str) -> None:
        self._columns.pop(source, None)


def columns_of(run: Callable[[str], list[Any]], table: str) -> dict[str, str]:
    """The columns of a table with their types."""
    return {str(name): str(kind) for name, kind, *_ in run(f"DESCRIBE {table}")}
