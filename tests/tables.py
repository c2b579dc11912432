"""Small tables in a real DuckDB file: what a test says in its docstring becomes a warehouse."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from functools import cache
from itertools import count
from pathlib import Path

import duckdb

from kpi_core.answering.engine import Engine
from kpi_core.catalog import load_catalog
from kpi_core.dates.calendars import Calendar
from kpi_core.metrics import Catalog, Model, WorkedExample
from kpi_core.settings.values import Goal, Settings
from kpi_core.sql.quoting import literal
from kpi_core.warehouse.duckdb import DuckDBWarehouse

Row = Mapping[str, object]
_NUMBERS = count(1)
CATALOG = load_catalog()
_TYPES = {
    "text": "VARCHAR",
    "date": "DATE",
    "timestamp": "TIMESTAMP",
    "integer": "BIGINT",
    "decimal": "DECIMAL(17, 6)",
    "boolean": "BOOLEAN",
}


def write_tables(path: Path, tables: Mapping[str, Iterable[Row]], catalog: Catalog = CATALOG) -> None:
    """One table a model, with all its columns; columns a row leaves out are empty."""
    with _attached(path) as connection:
        connection.begin()  # one for all: a row by itself takes four times as long
        for name, rows in tables.items():
            _write(connection, catalog.models[name], list(rows))
        connection.commit()


@contextmanager
def _attached(path: Path | str, options: str = "") -> Iterator[duckdb.DuckDBPyConnection]:
    """A database for this block. Starting DuckDB takes twenty times as long as a file more in one that runs."""
    name = f"made{next(_NUMBERS)}"
    with _running().cursor() as connection:
        connection.execute(f"ATTACH {literal(str(path))} AS {name} {options}")
        try:
            connection.execute(f"USE {name}")
            yield connection
        except BaseException:
            with suppress(duckdb.TransactionException):
                connection.rollback()
            raise
        finally:
            connection.execute("USE memory")
            connection.execute(f"DETACH {name}")


def read_tables(path: Path) -> AbstractContextManager[duckdb.DuckDBPyConnection]:
    """The tables of a DuckDB file, to read, for a block."""
    return _attached(path, "(READ_ONLY)")


def new_tables() -> AbstractContextManager[duckdb.DuckDBPyConnection]:
    """Tables in memory, for a block."""
    return _attached(":memory:")


@cache
def _running() -> duckdb.DuckDBPyConnection:
    return duckdb.connect(config={"threads": 1})


def _write(connection: duckdb.DuckDBPyConnection, model: Model, rows: list[Row]) -> None:
    columns = ", ".join(f'"{column.name}" {_TYPES[column.type]}' for column in model.columns.values())
    connection.execute(f"CREATE TABLE {model.name} ({columns})")
    names = sorted({name for row in rows for name in row}) or [*model.columns][:1]
    assert set(names) <= model.columns.keys(), f"{model.name} has no column {set(names) - model.columns.keys()}"
    # Each cell becomes its column's type by itself; a hundred rows at once take a fifth of the time.
    line = f"({', '.join(f'?::{_TYPES[model.columns[name].type]}' for name in names)})"
    listed = ", ".join(f'"{name}"' for name in names)
    for part in (rows[start : start + 100] for start in range(0, len(rows), 100)):
        values = [row.get(name) for row in part for name in names]
        connection.execute(f"INSERT INTO {model.name} ({listed}) VALUES {', '.join([line] * len(part))}", values)


def settings(**changes: object) -> Settings:
    """A plain workspace: UTC, Monday weeks, US dollars."""
    plain: dict[str, object] = {
        "company": "Test",
        "calendar": Calendar("UTC"),
        "locale": "en",
        "currency": "USD",
        "warehouse": "duckdb:///kpi.duckdb",
        "state": "sqlite:///state.db",
        "folder": Path(),
    }
    return Settings(**(plain | changes))  # type: ignore[arg-type]


def engine_on(
    path: Path,
    tables: Mapping[str, Iterable[Row]],
    *,
    catalog: Catalog = CATALOG,
    goals: Iterable[Goal] = (),
    **changes: object,
) -> Engine:
    """An engine on a new DuckDB file at `path` that holds `tables`."""
    write_tables(path, tables, catalog)
    typed = tuple(goals)
    return Engine(settings(**changes), catalog, DuckDBWarehouse(path), lambda: typed)


def goals_of(example: WorkedExample) -> tuple[Goal, ...]:
    """The goals that a worked example brings along."""
    return tuple(Goal(**goal) for goal in example.goals)
