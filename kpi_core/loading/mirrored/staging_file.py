# ruff: noqa: S608  (SQL is put together from quoted names)
"""A load into a warehouse that has no transactions: first the next snapshot of a DuckDB file, then what differs there.

The file beside kpi.yaml is put together as any snapshot, so what a load replaces, by key, by day and by what a read
covers, is one mechanism for all warehouses. Of each table the months whose rows differ are written there, and the
table is swapped as a whole: whoever reads sees its old rows or its new ones, also after a kill.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from kpi_core.errors import DataError
from kpi_core.frozen_dataclass import frozen
from kpi_core.loading.covering import time_sql
from kpi_core.loading.snapshot import Snapshot, open_snapshot
from kpi_core.loading.staged import Rebuild, SourceLoad, Stage, foreign_table, refused_as
from kpi_core.metrics import Model
from kpi_core.sql.quoting import literal, quoted
from kpi_core.warehouse.duckdb import WITHOUT_PYTHON
from kpi_core.warehouse.health_tables import SCHEMA
from kpi_core.warehouse.reach import COVERED, RESTATED
from kpi_core.warehouse.rollups import LIST

if TYPE_CHECKING:
    import duckdb

FILE = "kpi-load.duckdb"
"""Where rows are put together, beside kpi.yaml."""
LISTS = ("kpi_loads", COVERED, RESTATED, *SCHEMA)
"""What loads write down for whoever answers."""
_MADE_BY = "kpi load"
_ROLLUPS = "rollups"
"""The schema of a snapshot's rollups."""


@frozen
class Mark:
    """What stands at a table of ours there: columns, a fingerprint of each month's rows, and of which load it is."""

    columns: str
    months: Mapping[int, str]
    loaded_at: str = ""

    def text(self) -> str:
        return json.dumps({"by": _MADE_BY, **dataclasses.asdict(self)}, sort_keys=True)


def mark_of(text: str) -> Mark | None:
    """What a mark says; None of a table that is somebody else's."""
    try:
        value = json.loads(text)
        if value.pop("by") != _MADE_BY:
            return None
        return Mark(value["columns"], {int(month): sign for month, sign in value["months"].items()}, value["loaded_at"])
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


@frozen
class MirroredTable:
    """A table of the snapshot as it is to stand there."""

    name: str
    relation: str
    """In DuckDB's SQL."""
    columns: Mapping[str, str]
    """With their types in DuckDB."""
    time: str | None
    """The column by which its rows are parted into months; without one there is a single part, the month 0."""
    mark: Mark

    @property
    def month(self) -> str:
        """The month of a row as yyyymm, in DuckDB's SQL; 0 for a row without a time."""
        if self.time is None:
            return "0"
        moment = quoted(self.time)
        return f"coalesce(year({moment}) * 100 + month({moment}), 0)"


class Mirror(Protocol):
    """A warehouse that is filled from a snapshot."""

    def marks(self) -> Mapping[str, Mark | None]:
        """The tables that are there; None of one that is not ours."""
        ...

    def put(self, table: MirroredTable, there: Mark | None, facts: duckdb.DuckDBPyConnection, workspace: Path) -> None:
        """Make a table there as it is in the snapshot, all at once for whoever reads it."""
        ...

    def remove(self, name: str) -> None:
        """Take away a table of ours."""
        ...


@frozen
class MirrorTarget:
    """The staging file and the warehouse it is mirrored in, open for one load."""

    snapshot: Snapshot
    mirror: Mirror
    rollups: str | None
    """Where there rollups lie."""

    @property
    def workspace(self) -> Path:
        return self.snapshot.workspace

    def states(self) -> dict[str, dict[str, Any]]:
        return self.snapshot.states()

    def rates(self, source: str) -> list[Any]:
        return self.snapshot.rates(source)

    def put(self, stages: Sequence[Stage], failed: Sequence[SourceLoad], rebuild: Rebuild) -> dict[str, SourceLoad]:
        """Build the next snapshot, then bring the warehouse in step with it, the facts before what is said of them."""
        there = self.mirror.marks()
        if not rebuild.accept:
            self._refuse_older_file(there)
        foreign = {name for name, mark in there.items() if mark is None}
        refused = [
            refused_as(stage, foreign_table(stage.source.table)) for stage in stages if stage.model.name in foreign
        ]
        own = [stage for stage in stages if stage.model.name not in foreign]
        loads = self.snapshot.put(own, (*failed, *refused), rebuild)
        loads |= {each.source: each for each in refused if each.source not in loads}
        if self.snapshot.path.exists():
            self._bring_in_step(there, rebuild)
        return loads

    def _refuse_older_file(self, there: Mapping[str, Mark | None]) -> None:
        newest = max((mark.loaded_at for mark in there.values() if mark is not None), default="")
        if newest > self._loaded_at():
            message = f"The warehouse holds rows of a later load than {self.snapshot.path.name} beside kpi.yaml."
            hint = (
                "Bring the file of the machine that loaded last; with --accept only what the sources have now is left."
            )
            raise DataError(message, code="load_staging", hint=hint)

    def _loaded_at(self) -> str:
        if not self.snapshot.path.exists():
            return ""
        with _opened(self.snapshot.path) as facts:
            return loaded_at(facts)

    def _bring_in_step(self, there: Mapping[str, Mark | None], rebuild: Rebuild) -> None:
        with _opened(self.snapshot.path) as facts:
            tables = list(mirrored_tables(facts, rebuild, self.rollups))
            for table in tables:
                mark = there.get(table.name)
                if mark != table.mark and (table.name not in there or mark is not None):
                    self.mirror.put(table, mark, facts, self.workspace)
        # The list of the rollups last: by it the next load finds those that a kill has left.
        for name in sorted(there.keys() - {table.name for table in tables}, key=lambda name: name == LIST):
            if there[name] is not None:
                self.mirror.remove(name)


@contextmanager
def open_mirror(mirror: Mirror, folder: Path, rollups: str | None) -> Iterator[MirrorTarget]:
    """The staging file and the mirror for one load; the lock is that of the file."""
    with open_snapshot(folder / FILE) as snapshot:
        yield MirrorTarget(snapshot, mirror, rollups)


@contextmanager
def _opened(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    import duckdb

    with duckdb.connect(str(path), read_only=True, config=WITHOUT_PYTHON) as facts:
        yield facts


def loaded_at(facts: duckdb.DuckDBPyConnection) -> str:
    """The instant of the newest load of a snapshot, as text that sorts by time."""
    ((newest,),) = facts.execute("SELECT max(loaded_at) FROM kpi_loads").fetchall()
    return newest.isoformat(timespec="microseconds") if newest else ""


def mirrored_tables(facts: duckdb.DuckDBPyConnection, rebuild: Rebuild, rollups: str | None) -> Iterator[MirroredTable]:
    """The tables of models that loads fill, their rollups, then the lists, the newest load's time with the last."""
    models = rebuild.catalog.models
    for (name,) in facts.execute("SELECT DISTINCT table_name FROM kpi_loads ORDER BY 1").fetchall():
        if name in models and _is_there(facts, name):
            yield _table(facts, name, quoted(name), _plain_time(models[name]))
    if rollups is not None:
        sql = f"SELECT time, table_name FROM {LIST} WHERE table_name IS NOT NULL ORDER BY 2"
        for time, table in facts.execute(sql).fetchall():
            yield _table(facts, table, table, time)
        # Each under the name that it has there.
        place = f"{literal(quoted(rollups))} || substr(table_name, {len(_ROLLUPS) + 1})"
        listed = f"SELECT * REPLACE ({place} AS table_name) FROM {LIST} WHERE table_name IS NOT NULL"
        yield _table(facts, LIST, f"({listed}) AS listed", None)
    for name in LISTS[1:]:
        if _is_there(facts, name):
            yield _table(facts, name, quoted(name), None)
    loads = _table(facts, LISTS[0], quoted(LISTS[0]), None)
    yield dataclasses.replace(loads, mark=dataclasses.replace(loads.mark, loaded_at=loaded_at(facts)))


def _plain_time(model: Model) -> str | None:
    return model.time if model.time and time_sql(model) == quoted(model.time) else None


def _is_there(facts: duckdb.DuckDBPyConnection, name: str) -> bool:
    sql = "SELECT 1 FROM information_schema.tables WHERE table_schema = 'main' AND table_name = ?"
    return bool(facts.execute(sql, [name]).fetchall())


def _table(facts: duckdb.DuckDBPyConnection, name: str, relation: str, time: str | None) -> MirroredTable:
    columns = {
        str(column): str(kind) for column, kind, *_ in facts.execute(f"DESCRIBE SELECT * FROM {relation}").fetchall()
    }
    table = MirroredTable(name, relation, columns, time, Mark("", {}))
    texts = ", ".join(f"coalesce({quoted(column)}::VARCHAR, chr(0))" for column in columns)
    # Sums, so that rows that stand twice count twice.
    sign = f"count(*) || ' ' || sum(hash({texts})::HUGEINT) || ' ' || sum(hash({texts}, 1)::HUGEINT)"
    sql = f"SELECT {table.month}, md5({sign}) FROM {relation} GROUP BY 1 ORDER BY 1"
    months = {int(month): str(text) for month, text in facts.execute(sql).fetchall()}
    return dataclasses.replace(table, mark=Mark(json.dumps(columns), months))


def month_rows(table: MirroredTable, month: int) -> str:
    """The query for the rows of a month, instants with their zone."""
    instants = {column for column, kind in table.columns.items() if kind == "TIMESTAMP"}
    selected = ", ".join(
        f"{quoted(column)}::TIMESTAMPTZ AS {quoted(column)}" if column in instants else quoted(column)
        for column in table.columns
    )
    return f"SELECT {selected} FROM {table.relation} WHERE {table.month} = {month}"


def write_month(facts: duckdb.DuckDBPyConnection, table: MirroredTable, month: int, file: Path) -> int:
    """A month's rows as a Parquet file; how many."""
    facts.execute("SET TimeZone = 'UTC'")
    facts.execute(f"COPY ({month_rows(table, month)}) TO {literal(str(file))} (FORMAT parquet)")
    ((rows,),) = facts.execute(f"SELECT count(*) FROM {literal(str(file))}").fetchall()
    count: int = rows
    return count
