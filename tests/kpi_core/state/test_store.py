"""State that outlives a restart, in SQLite and in Postgres."""

from __future__ import annotations

import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, insert, inspect, select, update
from sqlalchemy.exc import DBAPIError
from state_side import States

from kpi_core.errors import DataError, ServiceError
from kpi_core.settings.values import Goal
from kpi_core.state import schema
from kpi_core.state import store as store_module
from kpi_core.state.audit import AuditEntry, newest_entries, record
from kpi_core.state.goals import replace_goals, typed_goals
from kpi_core.state.leases import release_lease, take_lease
from kpi_core.state.migrations import MIGRATIONS, Migration
from kpi_core.state.store import Store, open_store

import long

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
HERE = Path()
GOALS = (
    Goal("cac", 40.0, date(2026, 12, 31), "U123", {"channel": "검색"}, None, "세 번째"),
    Goal("sales_revenue", 0.1 + 0.2, date(2026, 12, 31), per="month"),
)


@pytest.fixture
def url(states: States) -> str:
    return states.new()


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    opened = open_store(url, HERE)
    yield opened
    opened.close()


def test_goals_come_back_whole(store: Store, url: str) -> None:
    """Goals of a spreadsheet are read back exactly, in order, after a restart."""
    replace_goals(store, "sheet", GOALS)
    store.close()
    assert typed_goals(open_store(url, HERE)) == GOALS


def test_replacing_goals_touches_one_spreadsheet(store: Store) -> None:
    """Replacing the goals of one spreadsheet leaves those of another alone."""
    replace_goals(store, "one", GOALS)
    replace_goals(store, "two", GOALS[:1])
    replace_goals(store, "one", [])
    assert typed_goals(store) == GOALS[:1]


def test_the_audit_log_only_grows(store: Store) -> None:
    """Entries come back newest first, and can be neither changed nor removed."""
    first = AuditEntry(NOW, "U1", "cac by channel", "cac", {"channel": "search"})
    second = AuditEntry(NOW, "U2", "help")
    record(store, first)
    record(store, second)
    assert newest_entries(store) == (second, first)
    for change in (delete(schema.audit), update(schema.audit).values(who="U9")):
        with pytest.raises(DBAPIError, match="only grows"), store.writing() as transaction:
            transaction.run(change)
    assert newest_entries(store, 1) == (second,)


def test_a_failed_transaction_leaves_nothing(store: Store) -> None:
    """What raises inside a transaction is undone."""
    replace_goals(store, "sheet", GOALS)
    broken = Goal("cac", 40.0, date(2026, 12, 31), note=None)  # type: ignore[arg-type]
    with pytest.raises(DBAPIError):
        replace_goals(store, "sheet", [broken])
    assert typed_goals(store) == GOALS


def test_a_killed_process_leaves_it_readable(store: Store, url: str) -> None:
    """A process killed inside a transaction leaves everything before it and nothing of it."""
    replace_goals(store, "sheet", GOALS)
    script = f"""
        import os, signal
        from pathlib import Path
        from sqlalchemy import delete
        from kpi_core.state.schema import goals
        from kpi_core.state.store import open_store
        with open_store({url!r}, Path()).writing() as transaction:
            transaction.run(delete(goals))
            os.kill(os.getpid(), signal.SIGKILL)
    """
    killed = subprocess.run([sys.executable, "-c", textwrap.dedent(script)], check=False)
    assert killed.returncode == -9
    assert typed_goals(store) == GOALS
    assert typed_goals(open_store(url, HERE)) == GOALS


def run_together(*work: threading.Thread) -> None:
    for thread in work:
        thread.start()
    for thread in work:
        thread.join()


def test_several_open_it_at_once(url: str) -> None:
    """Many that open a new database at the same moment all get it, and no entry is lost."""

    def work(number: int) -> None:
        own = open_store(url, HERE)
        for _ in range(5):
            record(own, AuditEntry(NOW, f"U{number}", "cac"))
        own.close()

    run_together(*(threading.Thread(target=work, args=(number,)) for number in range(6)))
    assert len(newest_entries(open_store(url, HERE))) == 30


def test_threads_share_one_store(store: Store) -> None:
    """Threads of one process may use the same open store."""
    entry = AuditEntry(NOW, "U1", "cac")
    run_together(*(threading.Thread(target=record, args=(store, entry)) for _ in range(20)))
    assert len(newest_entries(store)) == 20


def test_a_reader_waits_for_no_writer(store: Store) -> None:
    """While one thread writes, others read what was there before; what they have begun to read stays the same."""
    replace_goals(store, "sheet", GOALS)
    seen: list[tuple[Goal, ...]] = []
    reader = threading.Thread(target=lambda: seen.append(typed_goals(store)), daemon=True)
    with store.reading() as view:
        assert len(view.rows(select(schema.goals))) == 2
        with store.writing() as transaction:
            transaction.run(delete(schema.goals))
            reader.start()
            reader.join(120)
            assert seen == [GOALS]
        assert len(view.rows(select(schema.goals))) == 2
    assert typed_goals(store) == ()


def test_a_lease_has_one_holder(store: Store) -> None:
    """A lease is its holder's until it runs out or is given back."""
    assert take_lease(store, "sheet", "a", NOW, 60)
    assert take_lease(store, "sheet", "a", NOW + timedelta(seconds=30), 60)
    assert not take_lease(store, "sheet", "b", NOW + timedelta(seconds=89), 60)
    assert take_lease(store, "sheet", "b", NOW + timedelta(seconds=90), 60)
    release_lease(store, "sheet", "a")
    assert not take_lease(store, "sheet", "a", NOW + timedelta(seconds=91), 60)
    release_lease(store, "sheet", "b")
    assert take_lease(store, "sheet", "a", NOW + timedelta(seconds=91), 60)


def test_a_lease_taken_by_a_clock_that_was_ahead_holds_nobody_up(store: Store) -> None:
    """One that ends later than any taken now would is over; one by a clock that is a little ahead counts."""
    assert take_lease(store, "sheet", "a", NOW + timedelta(days=365), 60)
    assert take_lease(store, "sheet", "b", NOW, 60)
    assert take_lease(store, "summary", "a", NOW + timedelta(seconds=50), 60)
    assert not take_lease(store, "summary", "b", NOW, 60)


def test_an_installation_keeps_its_key(store: Store, url: str, states: States) -> None:
    """The installation's key is 32 bytes, stays the same, and differs from another's."""
    key = store.installation_key()
    assert len(key) == 32
    assert open_store(url, HERE).installation_key() == key
    assert open_store(states.new(), HERE).installation_key() != key


def test_instants_come_back(store: Store) -> None:
    """An instant of any zone comes back to the microsecond, in UTC, and is found by its time."""
    instants = [NOW - timedelta(microseconds=1), NOW, NOW + timedelta(microseconds=1)]
    with store.writing() as transaction:
        for number, instant in enumerate(instants):
            transaction.run(insert(schema.leases).values(name=str(number), holder="", until=instant))
    with store.reading() as transaction:
        rows = transaction.rows(select(schema.leases).where(schema.leases.c.until >= NOW).order_by("until"))
    assert [row["until"] for row in rows] == instants[1:]
    assert {row["until"].tzinfo for row in rows} == {UTC}


# The schema


def test_migrations_make_the_tables_of_the_schema(store: Store) -> None:
    """What all migrations have made is what `schema.py` describes: columns, keys, what may be empty, indices."""
    found = inspect(store.engine)
    assert set(found.get_table_names()) == set(schema.metadata.tables)
    for name, table in schema.metadata.tables.items():
        keys = set(found.get_pk_constraint(name)["constrained_columns"])
        # SQLite says of a TEXT key that it may be empty.
        columns = {each["name"]: each["nullable"] and each["name"] not in keys for each in found.get_columns(name)}
        assert columns == {column.name: column.nullable for column in table.columns}, name
        assert keys == {column.name for column in table.primary_key}, name
        assert {each["name"] for each in found.get_indexes(name)} == {index.name for index in table.indexes}, name


def extended(*statements: str) -> tuple[Migration, ...]:
    """The released migrations and one more."""
    return (*MIGRATIONS, dict.fromkeys(("sqlite", "postgresql"), statements))


def write_as_the_first_version(store: Store) -> None:
    """GOALS, in the columns that the table of goals had from the beginning."""
    with store.writing() as transaction:
        for position, goal in enumerate(GOALS):
            first = {"spreadsheet": "sheet", "position": position, "kpi": goal.kpi, "target": goal.target}
            more = {"by": goal.by.isoformat(), "owner": goal.owner, "filters": dict(goal.where)}
            transaction.run(insert(schema.goals).values(**first, **more, per=goal.per, note=goal.note))


@pytest.mark.long
def test_every_version_is_brought_up_to_date(states: States, monkeypatch: pytest.MonkeyPatch) -> None:
    """A database of any earlier version is brought up to date once, with its content and its key.

    The short form takes every third version before the newest, and the first.
    """
    for version in sorted({1, *range(len(MIGRATIONS), 0, -long.step(3))}):
        long.ran("states of earlier versions")
        url = states.new()
        with monkeypatch.context() as before:
            before.setattr(store_module, "MIGRATIONS", MIGRATIONS[:version])
            early = open_store(url, HERE)
            write_as_the_first_version(early)
            key = early.installation_key()
            early.close()
        with monkeypatch.context() as after:
            after.setattr(store_module, "MIGRATIONS", extended("ALTER TABLE goals ADD COLUMN extra TEXT"))
            open_store(url, HERE).close()
            late = open_store(url, HERE)
            assert (typed_goals(late), late.installation_key()) == (GOALS, key)
            late.close()


def test_a_broken_migration_changes_nothing(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A migration that stops halfway leaves the earlier version as it was."""
    replace_goals(open_store(url, HERE), "sheet", GOALS)
    with monkeypatch.context() as broken:
        broken.setattr(store_module, "MIGRATIONS", extended("DROP TABLE goals", "no sql"))
        with pytest.raises((ServiceError, DBAPIError)):
            open_store(url, HERE)
    assert typed_goals(open_store(url, HERE)) == GOALS


def test_a_newer_database_is_refused(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A database of a newer version is refused, with what to do."""
    open_store(url, HERE).close()
    monkeypatch.setattr(store_module, "MIGRATIONS", MIGRATIONS[:1])
    with pytest.raises(DataError, match="newer version") as caught:
        open_store(url, HERE)
    assert caught.value.hint
