"""A small warehouse in memory, to try definitions on: tables with a few rows, or none at all."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Self

from kpi_core.errors import DataError, ServiceError, did_you_mean
from kpi_core.metrics import Model
from kpi_core.sql.places import Sql, text_of
from kpi_core.sql.plan import Row
from kpi_core.sql.quoting import quoted
from kpi_core.sql.types import SQL_TYPES
from kpi_core.warehouse.duckdb import LOCKED_DOWN

if TYPE_CHECKING:
    import duckdb

Rows = Iterable[Mapping[str, object]]

_NO_FUNCTION = re.compile(r"\w* ?function with name (\w+) does not exist", re.IGNORECASE)
_NO_FIT = re.compile(r"no function matches the given name and argument types '(.*)'")
_FUNCTIONS = "SELECT DISTINCT function_name FROM duckdb_functions()"
_OTHER = "Use one that DuckDB has."
_SYNTAX = frozenset({"cast", "coalesce", "extract", "nullif", "try_cast"})
"""What is written like a function and is none."""


class ScratchWarehouse:
    """Tables in memory, gone when it is closed; no query reaches a file or the network. For one thread."""

    dialect = "duckdb"

    def __init__(self) -> None:
        import duckdb

        self._connection: duckdb.DuckDBPyConnection = duckdb.connect(":memory:", config=LOCKED_DOWN)
        self._columns: dict[str, frozenset[str]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def fill(self, model: Model, rows: Rows = ()) -> None:
        """Make the table of a model, with its columns and these rows; columns that a row leaves out are empty.

        DataError names the row that does not fit, counted from 1, or says what is wrong with the columns.
        """
        import duckdb

        columns = ", ".join(f"{quoted(column.name)} {SQL_TYPES[column.type]}" for column in model.columns.values())
        try:
            self._connection.execute(f"CREATE TABLE {quoted(model.name)} ({columns})")
        except duckdb.Error as error:
            raise DataError(
                f"{model.name}: {_said(error)}", code="scratch_table", hint="Name each column once."
            ) from error
        self._columns[model.name] = frozenset(model.columns)
        insert = f"INSERT INTO {quoted(model.name)} VALUES ({', '.join('?' * len(model.columns))})"  # noqa: S608 - quoted
        for number, row in enumerate(rows, 1):
            try:
                self._connection.execute(insert, [row.get(name) for name in model.columns])
            except (duckdb.Error, OverflowError) as error:
                message = f"row {number} of {model.name}: {_said(error)}"
                hint = "Write each value as its column's type: 2026-10-02T12:00, 30, true."
                raise DataError(message, code="scratch_row", hint=hint) from error

    def empty(self) -> None:
        """Drop every table, which takes far less time than to open another warehouse."""
        for name in self._columns:
            self._connection.execute(f"DROP TABLE {quoted(name)}")
        self._columns.clear()

    def types(self, sql: str) -> list[tuple[str, str]]:
        """The columns of a query with their types; nothing is computed. DataError when it cannot be read."""
        import duckdb

        try:
            return [(name, kind) for name, kind, *_ in self._connection.execute(f"DESCRIBE {sql}").fetchall()]
        except duckdb.Error as error:
            message, hint = self._explained(error)
            raise DataError(message, code="scratch_sql", hint=hint) from error

    def _explained(self, error: Exception) -> tuple[str, str]:
        message = _said(error)
        if unknown := _NO_FUNCTION.match(message):
            names = {name for (name,) in self._connection.execute(_FUNCTIONS).fetchall()} | _SYNTAX
            near = did_you_mean(unknown[1], sorted(name for name in names if name.isidentifier()))
            return f"there is no function {unknown[1]}", f"Did you mean {' or '.join(near)}?" if near else _OTHER
        if unfit := _NO_FIT.match(message):
            return f"{unfit[1]} does not work", "Check the types of the columns; cast(… as decimal) makes a number."
        return message, "Mend the SQL; it is DuckDB's."

    def rows(self, sql: Sql | str, parameters: Mapping[str, object]) -> list[Row]:
        import duckdb

        try:
            return self._connection.execute(text_of(sql), dict(parameters)).fetchall()
        except duckdb.Error as error:
            raise ServiceError(_said(error), code="warehouse", hint="Mend the SQL of the model.") from error

    def columns(self, table: str) -> frozenset[str]:
        return self._columns.get(table, frozenset())

    def version(self) -> str:
        """None: whatever is learnt of it is forgotten with it."""
        return ""

    def close(self) -> None:
        self._connection.close()


def _said(error: Exception) -> str:
    """What DuckDB says is wrong, without its words for kinds of errors, its candidates and the SQL again."""
    first = (str(error).splitlines() or [""])[0]
    message = (first.partition(" Error: ")[2] or first).rstrip("!. ")
    return message[:1].lower() + message[1:]
