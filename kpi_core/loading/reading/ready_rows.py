# ruff: noqa: S608  (SQL is put together from quoted names and types of our own)
"""The rows that go into a table: those that fit and are asked for, of each key the last."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from kpi_core.frozen_dataclass import frozen
from kpi_core.loading.covering import ACCOUNT
from kpi_core.metrics import Model
from kpi_core.sql.quoting import quoted
from kpi_core.sql.types import LARGEST_NARROW, SQL_TYPES

if TYPE_CHECKING:
    import duckdb


@frozen
class Counts:
    """Rows that are ready, that a later one with the same key replaces, that were not asked for, that do not fit.

    `emptied` are those of all that go without a value.
    """

    ready: int
    repeated: int
    outside: int
    rejected: int
    emptied: int


def make_ready(model: Model, wanted: str, into: duckdb.DuckDBPyConnection, *, with_account: bool) -> Counts:
    """The table `ready`, from the rows that fit and for which the SQL `wanted` is true."""
    amounts = [quoted(name) for name, column in model.columns.items() if column.type == "decimal"]
    # In one statement: of a small table each takes longer to plan than to run.
    facts = [
        *(f"count(*) FILTER (len({mark}) > 0)" for mark in ("bad", "emptied")),
        "count(*) FILTER (len(bad) = 0)",
        f"count(*) FILTER (len(bad) = 0 AND {wanted})",
        *(f"count(*) FILTER (len(bad) = 0 AND abs({name}) >= {LARGEST_NARROW})" for name in amounts),
    ]
    ((rejected, emptied, good, fitting, *large),) = into.execute(f"SELECT {', '.join(facts)} FROM typed").fetchall()
    narrow = {name for name, rows in zip(amounts, large, strict=True) if not rows}
    columns = ", ".join([*_narrowed(model, narrow), *([ACCOUNT] if with_account else [])])
    key = ", ".join(quoted(name) for name in model.key)
    last = f' QUALIFY "row" = max("row") OVER (PARTITION BY {key})' if key else ""
    rows = f"SELECT * FROM typed WHERE len(bad) = 0 AND {wanted}{last}"
    ready = _number(into, f'CREATE TABLE ready AS SELECT {columns} FROM ({rows}) ORDER BY "row"')
    return Counts(ready, fitting - ready, good - fitting, rejected, emptied)


def _narrowed(model: Model, narrow: Collection[str]) -> list[str]:
    """The model's columns as they are stored: amounts in the small type wherever all of them fit into it."""
    return [
        f"CAST({name} AS {SQL_TYPES['decimal']}) AS {name}" if name in narrow else name
        for name in map(quoted, model.columns)
    ]


def _number(into: duckdb.DuckDBPyConnection, sql: str) -> int:
    row: tuple[Any, ...] = into.execute(sql).fetchall()[0]
    return int(row[0])
