"""Tables in the firm's ClickHouse: the months that differ are written into a staging table, then the two are exchanged.

What stays is attached to the staging table as it is, without being copied; exchanging two tables is one step, so a
table is read with its old rows or its new ones. A kill leaves a staging table, which the next load removes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kpi_core.errors import ServiceError
from kpi_core.frozen_dataclass import frozen
from kpi_core.loading.mirrored.staging_file import Mark, MirroredTable, mark_of, write_month
from kpi_core.settings.addresses import Address
from kpi_core.sql.quoting import quoted
from kpi_core.warehouse.clickhouse import client_of, failures
from kpi_core.warehouse.rollups import LIST

if TYPE_CHECKING:
    import duckdb

_TYPES = {
    "VARCHAR": "Nullable(String)",
    "DATE": "Nullable(Date32)",
    "TIMESTAMP": "Nullable(DateTime64(6, 'UTC'))",
    "BIGINT": "Nullable(Int64)",
    "INTEGER": "Nullable(Int32)",
    "HUGEINT": "Nullable(Int128)",
    "BOOLEAN": "Nullable(Bool)",
    "DOUBLE": "Nullable(Float64)",
    "VARCHAR[]": "Array(String)",
}
_PLACE = re.compile(r'"([^"]+)"\."([^"]+)"')
"""A rollup of an earlier load."""
_DECIMAL = re.compile(r"DECIMAL\((\d+),(\d+)\)")
_WRITING = {"session_timezone": "UTC", "max_partitions_per_insert_block": "0", "max_execution_time": "3600"}
_NEXT = "kpi next "
"""Before the name of a table that is put together."""

_ROWS = """
    SELECT sum(rows) FROM system.parts
    WHERE active AND database = {d:String} AND table = {t:String} AND partition_id = {p:String}"""


@frozen
class ClickHouseMirror:
    """The database of an address, open for one load; rollups lie in a database of their own."""

    client: Any
    """The driver's, which the warehouse's door has opened."""
    database: str
    rollups: str | None

    def marks(self) -> Mapping[str, Mark | None]:
        listed = "SELECT name, comment FROM system.tables WHERE database = {name:String} AND NOT is_temporary"
        with failures():
            tables = dict(self.client.query(listed, parameters={"name": self.database}).result_rows)
            own = {name: mark_of(comment) for name, comment in tables.items() if not name.startswith(_NEXT)}
            for database in self._databases_of_rollups(is_listed=own.get(LIST) is not None):
                sums = self.client.query(listed, parameters={"name": database}).result_rows
                first = "rollups" if database == self.rollups else quoted(database)
                own |= {f'{first}."{name}"': mark for name, comment in sums if (mark := mark_of(comment))}
        return own

    def _databases_of_rollups(self, *, is_listed: bool) -> set[str]:
        """That of this load, and those of earlier ones."""
        sql = f"SELECT table_name FROM {_named(LIST)}"  # noqa: S608 - a name of our own
        earlier = self.client.query(sql).result_rows if is_listed else ()
        places = (_PLACE.fullmatch(str(table)) for (table,) in earlier)
        return {place[1] for place in places if place} | ({self.rollups} if self.rollups else set())

    def put(self, table: MirroredTable, there: Mark | None, facts: duckdb.DuckDBPyConnection, workspace: Path) -> None:
        database, name = self._place(table.name)
        following, current = f"{_named(database)}.{_named(_NEXT + name)}", f"{_named(database)}.{_named(name)}"
        self._run(f"DROP TABLE IF EXISTS {following} SYNC")
        self._run(_created(following, table))
        for month, sign in table.mark.months.items():
            if there is not None and there.columns == table.mark.columns and there.months.get(month) == sign:
                self._run(f"ALTER TABLE {following} ATTACH PARTITION ID '{_partition(table, month)}' FROM {current}")
                continue
            file = workspace / "month.parquet"
            expected = write_month(facts, table, month, file)
            self._insert(database, _NEXT + name, file)
            self._refuse_other_count(database, _NEXT + name, _partition(table, month), expected)
            file.unlink()
        if there is None:
            self._run(f"RENAME TABLE {following} TO {current}")
            return
        self._run(f"EXCHANGE TABLES {following} AND {current}")
        self._run(f"DROP TABLE {following} SYNC")

    def remove(self, name: str) -> None:
        database, own = self._place(name)
        self._run(f"DROP TABLE IF EXISTS {_named(database)}.{_named(own)} SYNC")

    def _place(self, name: str) -> tuple[str, str]:
        """The database and the name of a table; a rollup's is told as in a snapshot."""
        if name.startswith('rollups."'):
            return self.rollups or self.database, name.removeprefix('rollups."').removesuffix('"')
        place = _PLACE.fullmatch(name)
        return (place[1], place[2]) if place else (self.database, name)

    def _run(self, sql: str) -> None:
        with failures():
            self.client.command(sql)

    def _insert(self, database: str, name: str, file: Path) -> None:
        with failures(), file.open("rb") as rows:
            self.client.raw_insert(
                f"{_named(database)}.{_named(name)}", insert_block=rows, fmt="Parquet", settings=_WRITING
            )

    def _refuse_other_count(self, database: str, name: str, partition: str, expected: int) -> None:
        """A request that is sent twice, after an answer that never came, would have doubled its rows."""
        with failures():
            values = {"d": database, "t": name, "p": partition}
            ((rows,),) = self.client.query(_ROWS, parameters=values).result_rows
        if rows != expected:
            message = f"The warehouse took {rows} rows where {expected} were sent."
            raise ServiceError(message, code="load_count", hint="Load again; the rows of before are still in place.")


@contextmanager
def open_clickhouse(address: Address, folder: Path, rollups: str | None) -> Iterator[ClickHouseMirror]:
    """The warehouse for one load. ServiceError where it cannot be reached, or the database of rollups is not there."""
    with failures():
        client = client_of(address, folder, _WRITING)
    try:
        with failures():
            ((database,),) = client.query("SELECT currentDatabase()").result_rows
            there = client.query("SELECT name FROM system.databases").result_rows
        if rollups == database:
            hint = "Name another one under rollups:, for loads remove there what they do not know."
            raise ServiceError(f"{rollups} is the database of the facts.", code="load_rollups", hint=hint)
        if rollups is not None and (rollups,) not in [tuple(row) for row in there]:
            hint = f"CREATE DATABASE {rollups} in the warehouse, or leave out rollups: in kpi.yaml."
            raise ServiceError(f"The warehouse has no database {rollups} for rollups.", code="load_rollups", hint=hint)
        yield ClickHouseMirror(client, database, rollups)
    finally:
        client.close()


def _created(place: str, table: MirroredTable) -> str:
    columns = ", ".join(f"{_named(name)} {_type(kind)}" for name, kind in table.columns.items())
    order, parted = "tuple()", ""
    if table.time is not None:
        order = _named(table.time)
        parted = f"PARTITION BY toUInt32(coalesce(toYear({order}) * 100 + toMonth({order}), 0)) "
    return (
        f"CREATE TABLE {place} ({columns}) ENGINE = MergeTree {parted}ORDER BY {order} "
        f"SETTINGS allow_nullable_key = 1 COMMENT {_text(table.mark.text())}"
    )


def _partition(table: MirroredTable, month: int) -> str:
    """The name that ClickHouse gives the partition of a month."""
    return "all" if table.time is None else str(month)


def _type(kind: str) -> str:
    decimal = _DECIMAL.fullmatch(kind)
    return f"Nullable(Decimal({decimal[1]}, {decimal[2]}))" if decimal else _TYPES[kind]


def _named(name: str) -> str:
    return "`" + name.replace("\\", "\\\\").replace("`", "\\`") + "`"


def _text(text: Any) -> str:
    return "'" + str(text).replace("\\", "\\\\").replace("'", "\\'") + "'"
