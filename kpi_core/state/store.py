"""The one door to state, what must outlive a restart: SQLite or Postgres, for any number of threads and processes.

A killed process leaves the database readable and every transaction whole or absent: on SQLite by its write-ahead log
with synchronous=FULL, on Postgres by synchronous_commit. Readers wait for no writer. The neighbours of this file say
what is kept; nobody else writes a statement.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from functools import cached_property
from pathlib import Path
from secrets import token_hex
from typing import Any

from sqlalchemy import Connection, Engine, QueuePool, event, func, inspect, select
from sqlalchemy.exc import DBAPIError

from kpi_core.errors import DataError, ServiceError
from kpi_core.settings.addresses import Address, state_address
from kpi_core.sql.quoting import quoted
from kpi_core.state.lapses.lapse import damaged, is_behind, note_lapse, step, steps_of
from kpi_core.state.lapses.step_mark import StepMark, Steps
from kpi_core.state.migrations import MIGRATIONS
from kpi_core.state.schema import installation, migrations
from kpi_core.state.transactions import Transaction
from kpi_core.warehouse.engines import engine_of, on_connect
from kpi_core.warehouse.postgres import searched_schemas

BUSY_SECONDS = 10
"""How long a writer waits for another before it gives up."""
_SESSION = (
    "SET TIME ZONE 'UTC'",
    f"SET lock_timeout = '{BUSY_SECONDS}s'",
    "SET idle_in_transaction_session_timeout = '60s'",
    "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'",
)
"""What a connection to Postgres is told first. A server may acknowledge what a power cut loses; not for us."""
_PASSING = ("08", "25P03", "40", "53", "55P03", "57P", "58")
"""Beginnings of SQLSTATEs that say nothing against the statement."""
_REFUSED = {
    "28P01": ("refused the user or the password", "Check both in the address under state: in kpi.yaml."),
    "28000": ("refused the user", "Check the user in the address under state: in kpi.yaml."),
    "3D000": ("does not exist", "Make it, or check the name at the end of the address under state: in kpi.yaml."),
    "42501": ("lets its user do too little", "The user must own the database or its schema: it makes tables there."),
}


class Store:
    """An open state database. Each transaction has a connection of its own."""

    def __init__(self, engine: Engine, mark: StepMark | None = None) -> None:
        self.engine, self.mark = engine, mark
        # SQLite lets one writer in and the others try again and again: threads of one process queue up instead.
        self._writer = threading.Lock() if engine.dialect.name == "sqlite" else nullcontext()

    @contextmanager
    def writing(self) -> Iterator[Transaction]:
        """A transaction that is kept when the block ends and undone when it raises.

        On SQLite no other writer overlaps it; on Postgres only rows are locked, so what a decision rests on must be
        read with a lock.
        """
        with self._writer, _translated():
            count = 0
            with self.engine.connect().execution_options(writing=True) as connection, connection.begin():
                transaction = Transaction(connection)
                yield transaction
                if self.mark is not None:
                    count = step(transaction)
            # After the commit: a mark of what was not committed would cry wolf.
            if self.mark is not None:
                self.mark.write(Steps(self._installation, count))

    @contextmanager
    def reading(self) -> Iterator[Transaction]:
        """A view of one moment, which waits for no writer."""
        with _translated(), self.engine.connect() as connection, connection.begin():
            if connection.dialect.name == "postgresql":
                # Several reads see one moment, as they do in SQLite.
                connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield Transaction(connection)

    @cached_property
    def _installation(self) -> str:
        with self.reading() as transaction:
            return steps_of(transaction).installation

    def close(self) -> None:
        self.engine.dispose()

    def installation_key(self) -> bytes:
        """Bytes of this installation's own, made at its first start: they set its delivery keys apart from others'."""
        with self.reading() as transaction:
            row = transaction.row(select(installation.c.value).where(installation.c.name == "key"))
        assert row is not None
        return bytes.fromhex(row["value"])


def open_store(url: str, folder: Path) -> Store:
    """Open or make the database of `state:` and bring its schema up to date; `folder` is where kpi.yaml lies.

    SettingsError for a url that cannot keep the state, DataError for a database that is not the state's or a newer
    version's, ServiceError where it cannot be reached.
    """
    address = state_address(url)
    file = address.file(folder)
    engine = _sqlite(address, folder) if file is not None else _postgres(address, folder)
    with _translated(f" {file}" if file is not None else ""):
        try:
            _prepare(engine, searched_schemas(address))
        except BaseException:
            engine.dispose()
            raise
    store = Store(engine, StepMark(file) if file is not None else None)
    try:
        _look_for_lapse(store)
    except BaseException:
        store.close()
        raise
    return store


def _look_for_lapse(store: Store) -> None:
    """Write down where the state has lost its end since it was last marked."""
    # Read first: what is committed meanwhile takes the state further than this and not less far.
    marked = store.mark.read() if store.mark is not None else None
    if marked is None:
        return
    with store.reading() as transaction:
        behind = is_behind(transaction, marked)
    if behind:
        with store.writing() as transaction:
            note_lapse(transaction, marked)


def _sqlite(address: Address, folder: Path) -> Engine:
    engine = engine_of(address, folder, connect_args={"timeout": BUSY_SECONDS}, poolclass=QueuePool, max_overflow=-1)

    def settle(connection: Any, _record: object) -> None:
        # Python's own idea of when a transaction begins is switched off: `begin` below says it.
        connection.isolation_level = None
        connection.execute("PRAGMA synchronous = FULL")

    def begin(connection: Connection) -> None:
        writing = connection.get_execution_options().get("writing", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")

    event.listen(engine, "connect", settle)
    event.listen(engine, "begin", begin)
    return engine


def _postgres(address: Address, folder: Path) -> Engine:
    # A connection that waits for a row must not keep others from theirs: the pool has no end.
    engine = engine_of(address, folder, pool_pre_ping=True, max_overflow=-1)
    on_connect(engine, *_SESSION)
    return engine


def _prepare(engine: Engine, schemas: list[str]) -> None:
    """Bring the schema up to date; one that is needs no lock."""
    with engine.connect() as connection, connection.begin():
        version = _version(connection)
    if version == len(MIGRATIONS):
        return
    if engine.dialect.name == "sqlite":
        # Outside any transaction: SQLite changes the mode of its log in none.
        raw = engine.raw_connection()
        raw.cursor().execute("PRAGMA journal_mode = WAL")
        raw.close()
    # Looked at again below: of several that start at once, one migrates while the others wait.
    with engine.connect() as connection, connection.execution_options(writing=True).begin():
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(hashtext('kpi_bot_state'))")
            if schemas:
                connection.exec_driver_sql(f"CREATE SCHEMA IF NOT EXISTS {quoted(schemas[0])}")
        _migrate(Transaction(connection), _version(connection))
    if engine.dialect.name == "sqlite":
        # The tables and the key of the installation stand in the file itself, whatever becomes of its log.
        raw = engine.raw_connection()
        raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
        raw.close()


def _migrate(transaction: Transaction, version: int) -> None:
    connection = transaction.connection
    if not inspect(connection).has_table("migrations"):
        migrations.create(connection)
    for number, migration in enumerate(MIGRATIONS[version:], version + 1):
        for statement in migration[connection.dialect.name]:
            connection.exec_driver_sql(statement)
        transaction.add(migrations, version=number)
    transaction.add(installation, name="key", value=token_hex(32))


def _version(connection: Connection) -> int:
    """The version of the schema, 0 for an empty database. DataError for another's database or a newer version."""
    tables = set(inspect(connection).get_table_names())
    if not tables:
        return 0
    if not {"migrations", "installation"} <= tables:
        raise _foreign()
    version: int = connection.execute(select(func.coalesce(func.max(migrations.c.version), 0))).scalar_one()
    if version > len(MIGRATIONS):
        raise DataError(
            "The state database was written by a newer version of KPI Bot.",
            code="state_newer",
            hint="Start that version, or newer, again; or restore the backup made before the upgrade.",
        )
    return version


def _foreign() -> DataError:
    return DataError(
        "What stands under state: is no state database of KPI Bot.",
        code="state_foreign",
        hint="Name another file, database or schema under state: in kpi.yaml, or restore this one from a backup.",
    )


@contextmanager
def _translated(place: str = "") -> Iterator[None]:
    """What people are told of a database's failure. Mistakes of ours pass as they are."""
    try:
        yield
    except DBAPIError as error:
        raise _failure(error, place) or error from error.orig
    except OSError as error:
        raise _unanswered(type(error).__name__) from error


def _failure(error: DBAPIError, place: str) -> Exception | None:
    original: Any = error.orig
    if isinstance(original, sqlite3.OperationalError):
        return _unavailable(place, str(original))
    if type(original) is sqlite3.DatabaseError:
        # Its subclasses are mistakes of ours; the plain class says that the file is no database, or a damaged one.
        return damaged() if original.sqlite_errorname.startswith("SQLITE_CORRUPT") else _foreign()
    if isinstance(original, sqlite3.Error):
        return None
    detail = next(iter(original.args), None)
    state = str(detail.get("C", "")) if isinstance(detail, dict) else str(getattr(original, "sqlstate", None) or "")
    if state in _REFUSED:
        what, hint = _REFUSED[state]
        return ServiceError(f"The state database {what}.", code="state_refused", hint=hint)
    if state.startswith(_PASSING) or not state:
        return _unanswered(f"SQLSTATE {state}" if state else "no answer")
    return None


def _unavailable(place: str, reason: str) -> ServiceError:
    hint = "Check that the disk has room, the folder may be written, and no other program holds the file."
    return ServiceError(f"The state database{place} could not be used: {reason}.", code="state_unavailable", hint=hint)


def _unanswered(reason: str) -> ServiceError:
    hint = "Check that the database under state: in kpi.yaml runs and lets this machine in."
    return ServiceError(f"The state database could not be used: {reason}.", code="state_unavailable", hint=hint)
