# ruff: noqa: S608  (SQL is put together from quoted names and literals)
"""Orders that count although their own file says that they are none: cancelled, never paid, a test."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING

from kpi_core.frozen_dataclass import frozen
from kpi_core.layouts.recognition import plain_header
from kpi_core.layouts.words_of_states import TABLES, order_states, says_states
from kpi_core.loading.reading.texts import trimmed_sql
from kpi_core.settings.values import Source
from kpi_core.sql.quoting import literal, quoted

if TYPE_CHECKING:
    import duckdb

_MOST = 200
"""Texts beyond which a column says something else than a state."""


@frozen
class CountedState:
    """A column that says what became of orders, by its header, and a text for none. `days` counts its rows."""

    header: str
    text: str
    days: Mapping[date | None, int]


def counted_states(
    source: Source, columns: Mapping[str, str], into: duckdb.DuckDBPyConnection, day: str
) -> tuple[CountedState, ...]:
    """Of the rows of `source` that have gone into `typed`, those of no orders.

    `columns` are the headers that fill no column of the model, each with its name in `source`. What `leave_out:` names
    is settled by it.
    """
    if source.table not in TABLES:
        return ()
    settled = {plain_header(header) for rule in source.leave_out if not isinstance(rule, str) for header in rule}
    headers = [header for header in sorted(columns) if says_states(header) and plain_header(header) not in settled]
    return tuple(state for header in headers for state in _states_of(header, columns[header], into, day))


def _states_of(header: str, column: str, into: duckdb.DuckDBPyConnection, day: str) -> Iterator[CountedState]:
    text = trimmed_sql(f"CAST({quoted(column)} AS VARCHAR)")
    rows = into.execute(f"SELECT DISTINCT {text} FROM source LIMIT {_MOST + 1}").fetchall()
    none = order_states(header, [value for (value,) in rows if value]).none if len(rows) <= _MOST else ()
    for value in none:
        counts = into.execute(f"""
            SELECT {day}, count(*) FROM typed WHERE len(bad) = 0
              AND "row" IN (SELECT rowid + 1 FROM source WHERE {text} = {literal(value)})
            GROUP BY 1""").fetchall()
        if counts:
            yield CountedState(header, value, dict(counts))
