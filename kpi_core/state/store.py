"""The one door to state: what must outlive a restart. SQLite, opened by any number of threads and processes.

A killed process leaves the file readable and every transaction whole or absent (write-ahead log, synchronous=FULL).
Instants are kept as UTC text of fixed width, so that text order is time order. Other files speak to the database only
through `Transaction`, with named parameters: another database needs a class with the same three verbs and its own open.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from kpi_core.errors import DataError, Problem, ServiceError, SettingsError
from kpi_core.settings.values import Goal

BUSY_SECONDS = 10.0
Row = Mapping[str, Any]

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        "CREATE TABLE installation (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
        "INSERT INTO installation VALUES ('key', lower(hex(randomblob(32))))",
        """CREATE TABLE schedules (
            name TEXT PRIMARY KEY, every TEXT NOT NULL, last_fire TEXT NOT NULL, next_fire TEXT NOT NULL)""",
        """CREATE TABLE deliveries (
            key TEXT PRIMARY KEY, schedule TEXT NOT NULL, channel TEXT NOT NULL, due TEXT NOT NULL,
            payload TEXT NOT NULL, numbers TEXT NOT NULL, planned_at TEXT NOT NULL, state TEXT NOT NULL,
            attempts INTEGER NOT NULL, wait_until TEXT NOT NULL, first_sent TEXT, ts TEXT, error TEXT NOT NULL)""",
        "CREATE INDEX deliveries_open ON deliveries (state, wait_until)",
        """CREATE TABLE posted_numbers (
            channel TEXT NOT NULL, ts TEXT NOT NULL, position INTEGER NOT NULL, posted_at TEXT NOT NULL,
            metric TEXT NOT NULL, query TEXT NOT NULL, value REAL, version TEXT NOT NULL,
            PRIMARY KEY (channel, ts, position))""",
        """CREATE TABLE goals (
            spreadsheet TEXT NOT NULL, position INTEGER NOT NULL, kpi TEXT NOT NULL, target REAL NOT NULL,
            by TEXT NOT NULL, owner TEXT NOT NULL, filters TEXT NOT NULL, per TEXT, note TEXT NOT NULL,
            PRIMARY KEY (spreadsheet, position))""",
        "CREATE TABLE leases (name TEXT PRIMARY KEY, holder TEXT NOT NULL, until TEXT NOT NULL)",
        """CREATE TABLE audit (
            id INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, who TEXT NOT NULL, command TEXT NOT NULL,
            metric TEXT NOT NULL, filters TEXT NOT NULL)""",
        """CREATE TRIGGER audit_keeps BEFORE DELETE ON audit
            BEGIN SELECT RAISE(ABORT, 'the audit log only grows'); END""",
        """CREATE TRIGGER audit_stays BEFORE UPDATE ON audit
            BEGIN SELECT RAISE(ABORT, 'the audit log only grows'); END""",
    ),
)
"""What each version of the schema adds to the one before. Released entries never change."""


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """Who did what: `command` as typed or pressed, without any value it returned."""

    at: datetime
    who: str
    command: str
    metric: str = ""
    filters: Mapping[str, str] = field(default_factory=dict)


class Transaction:
    """One transaction; parameters are named `:name`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def run(self, sql: str, /, **params: str | float | None) -> int:
        """Write; the number of rows touched."""
        return self._connection.execute(sql, params).rowcount

    def rows(self, sql: str, /, **params: str | float | None) -> list[Row]:
        return [dict(row) for row in self._connection.execute(sql, params)]

    def row(self, sql: str, /, **params: str | float | None) -> Row | None:
        return next(iter(self.rows(sql, **params)), None)


class Store:
    """An open state database. One connection, lent to one thread at a time."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._lock = threading.RLock()

    @contextmanager
    def writing(self) -> Iterator[Transaction]:
        """A transaction that no other writer overlaps; kept when the block ends, undone when it raises."""
        with self._lock, _translated(), _transaction(self._connection, "BEGIN IMMEDIATE") as transaction:
            yield transaction

    @contextmanager
    def reading(self) -> Iterator[Transaction]:
        """A view of one moment, which waits for no writer."""
        with self._lock, _translated(), _transaction(self._connection, "BEGIN") as transaction:
            yield transaction

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    def installation_key(self) -> bytes:
        """Bytes of this installation's own, made at its first start: they set its delivery keys apart from others'."""
        with self.reading() as transaction:
            row = transaction.row("SELECT value FROM installation WHERE name = 'key'")
        assert row is not None
        return bytes.fromhex(row["value"])

    def replace_goals(self, spreadsheet: str, goals: Sequence[Goal]) -> None:
        """Make `goals` all the goals of that spreadsheet, in its order."""
        with self.writing() as transaction:
            transaction.run("DELETE FROM goals WHERE spreadsheet = :spreadsheet", spreadsheet=spreadsheet)
            for position, goal in enumerate(goals):
                transaction.run(
                    """INSERT INTO goals (spreadsheet, position, kpi, target, by, owner, filters, per, note)
                    VALUES (:spreadsheet, :position, :kpi, :target, :by, :owner, :filters, :per, :note)""",
                    spreadsheet=spreadsheet,
                    position=position,
                    **_goal_row(goal),
                )

    def goals(self) -> tuple[Goal, ...]:
        """Every goal typed in a spreadsheet, in the order of its rows."""
        with self.reading() as transaction:
            rows = transaction.rows("SELECT * FROM goals ORDER BY spreadsheet, position")
        return tuple(_goal(row) for row in rows)

    def lease(self, name: str, holder: str, now: datetime, seconds: float) -> bool:
        """Take or prolong the sole right to `name`, such as writing one spreadsheet; False while another holds it."""
        with self.writing() as transaction:
            taken = transaction.run(
                """INSERT INTO leases (name, holder, until) VALUES (:name, :holder, :until)
                ON CONFLICT (name) DO UPDATE SET holder = :holder, until = :until
                WHERE leases.holder = :holder OR leases.until <= :now""",
                name=name,
                holder=holder,
                until=instant_text(now + timedelta(seconds=seconds)),
                now=instant_text(now),
            )
        return taken > 0

    def release(self, name: str, holder: str) -> None:
        with self.writing() as transaction:
            transaction.run("DELETE FROM leases WHERE name = :name AND holder = :holder", name=name, holder=holder)

    def record(self, entry: AuditEntry) -> None:
        """Append to the audit log, which only grows."""
        with self.writing() as transaction:
            transaction.run(
                """INSERT INTO audit (at, who, command, metric, filters)
                VALUES (:at, :who, :command, :metric, :filters)""",
                at=instant_text(entry.at),
                who=entry.who,
                command=entry.command,
                metric=entry.metric,
                filters=json.dumps(dict(entry.filters), ensure_ascii=False),
            )

    def audit(self, limit: int = 100) -> tuple[AuditEntry, ...]:
        """The newest entries, newest first."""
        with self.reading() as transaction:
            rows = transaction.rows("SELECT * FROM audit ORDER BY id DESC LIMIT :limit", limit=limit)
        return tuple(_audit_entry(row) for row in rows)


def open_store(url: str, folder: Path) -> Store:
    """Open or make the database of `state:` and bring its schema up to date; `folder` is where kpi.yaml lies.

    SettingsError for a url of another kind, DataError for a file that is no state database or a newer version's,
    ServiceError where the file cannot be reached.
    """
    path = _path_of(url, folder)
    with _translated(str(path)):
        connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
        try:
            _prepare(connection)
        except BaseException:
            connection.close()
            raise
    return Store(connection)


def instant_text(instant: datetime) -> str:
    """An aware instant as UTC text of fixed width."""
    return instant.astimezone(UTC).isoformat(timespec="microseconds")


def instant_of(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _path_of(url: str, folder: Path) -> Path:
    scheme = url.partition(":")[0]
    path = url.removeprefix("sqlite:///")
    if scheme == "sqlite" and path not in {"", url}:
        return folder / path
    hint = "Write `state: sqlite:///state.db`, a path beside kpi.yaml."
    raise SettingsError([Problem("kpi.yaml", 0, 0, f'A "{scheme}" database cannot keep the state.', hint)])


def _prepare(connection: sqlite3.Connection) -> None:
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    with _transaction(connection, "BEGIN IMMEDIATE") as transaction:
        _refuse_foreign(transaction)
        transaction.run("CREATE TABLE IF NOT EXISTS migrations (version INTEGER PRIMARY KEY)")
        row = transaction.row("SELECT coalesce(max(version), 0) AS version FROM migrations")
        assert row is not None
        if row["version"] > len(MIGRATIONS):
            raise DataError(
                "The state database was written by a newer version of KPI Bot.",
                code="state_newer",
                hint="Start that version, or newer, again; or restore the backup made before the upgrade.",
            )
        for version, statements in enumerate(MIGRATIONS[row["version"] :], row["version"] + 1):
            for statement in statements:
                transaction.run(statement)
            transaction.run("INSERT INTO migrations VALUES (:version)", version=version)


def _refuse_foreign(transaction: Transaction) -> None:
    tables = {row["name"] for row in transaction.rows("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if tables and "migrations" not in tables:
        raise _foreign()


def _foreign() -> DataError:
    return DataError(
        "The state file is no state database of KPI Bot.",
        code="state_foreign",
        hint="Name another file under state: in kpi.yaml, or restore this one from a backup.",
    )


@contextmanager
def _transaction(connection: sqlite3.Connection, begin: str) -> Iterator[Transaction]:
    connection.execute(begin)
    try:
        yield Transaction(connection)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


@contextmanager
def _translated(place: str = "") -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        where = f" {place}" if place else ""
        message = f"The state database{where} could not be used: {error}."
        hint = "Check that the disk has room, the folder may be written, and no other program holds the file."
        raise ServiceError(message, code="state_unavailable", hint=hint) from error
    except sqlite3.DatabaseError as error:
        # Its subclasses are mistakes of ours; the plain class says that the file is no database, or a damaged one.
        if type(error) is not sqlite3.DatabaseError:
            raise
        raise _foreign() from error


def _goal_row(goal: Goal) -> dict[str, str | float | None]:
    return {
        "kpi": goal.kpi,
        "target": goal.target,
        "by": goal.by.isoformat(),
        "owner": goal.owner,
        "filters": json.dumps(dict(goal.where), ensure_ascii=False),
        "per": goal.per,
        "note": goal.note,
    }


def _goal(row: Row) -> Goal:
    by = date.fromisoformat(row["by"])
    return Goal(row["kpi"], row["target"], by, row["owner"], json.loads(row["filters"]), row["per"], row["note"])


def _audit_entry(row: Row) -> AuditEntry:
    return AuditEntry(instant_of(row["at"]), row["who"], row["command"], row["metric"], json.loads(row["filters"]))
