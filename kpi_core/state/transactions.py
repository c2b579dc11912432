"""One transaction of the state: statements of SQLAlchemy Core in, plain rows out, the same on every database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy.dialects import postgresql, sqlite

if TYPE_CHECKING:
    from sqlalchemy import Connection, Executable, Select, Table

Row = Mapping[str, Any]


class Transaction:
    """What may be done between its begin and its end."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def rows(self, query: Select[Any]) -> list[Row]:
        return [cast("Row", row) for row in self.connection.execute(query).mappings()]

    def row(self, query: Select[Any]) -> Row | None:
        """The first row, None where there is none."""
        return cast("Row | None", self.connection.execute(query).mappings().first())

    def run(self, statement: Executable) -> int:
        """Write; the number of rows touched."""
        return self.connection.execute(statement).rowcount

    def add(self, table: Table, **values: object) -> bool:
        """Insert a row unless one with its key is there; whether it was new."""
        return self.run(self._insert(table).values(**values).on_conflict_do_nothing()) > 0

    def add_all(self, table: Table, rows: Sequence[Row]) -> None:
        """Insert rows, with the same columns each, but for those with a key that is there."""
        if rows:
            self.connection.execute(self._insert(table).on_conflict_do_nothing(), rows)

    def put(self, table: Table, *, where: Any = None, **values: object) -> bool:
        """Insert a row, or overwrite the one with its key if `where` holds for it; whether it now stands there."""
        insert = self._insert(table).values(**values)
        keys = [column.name for column in table.primary_key]
        changed = {name: insert.excluded[name] for name in values if name not in keys}
        return self.run(insert.on_conflict_do_update(index_elements=keys, set_=changed, where=where)) > 0

    def write_alone(self, table: Table) -> None:
        """Let no other transaction write the table until this one ends; readers go on."""
        # On SQLite a writer is alone from its begin on.
        if self.connection.dialect.name == "postgresql":
            self.connection.exec_driver_sql(f"LOCK TABLE {table.name} IN SHARE ROW EXCLUSIVE MODE")

    def _insert(self, table: Table) -> Any:
        dialect = sqlite if self.connection.dialect.name == "sqlite" else postgresql
        return dialect.insert(table)
