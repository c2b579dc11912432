"""State that outlives a restart."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import textwrap
import threading
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from kpi_core.errors import DataError, ServiceError, SettingsError
from kpi_core.settings.values import Goal
from kpi_core.state import store as store_module
from kpi_core.state.store import AuditEntry, Store, instant_of, instant_text, open_store

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
URL = "sqlite:///state.db"
GOALS = (
    Goal("cac", 40.0, date(2026, 12, 31), "U123", {"channel": "검색"}, None, "세 번째"),
    Goal("sales_revenue", 0.1 + 0.2, date(2026, 12, 31), per="month"),
)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(URL, tmp_path)


def test_goals_come_back_whole(store: Store, tmp_path: Path) -> None:
    """Goals of a spreadsheet are read back exactly, in order, after a restart."""
    store.replace_goals("sheet", GOALS)
    store.close()
    assert open_store(URL, tmp_path).goals() == GOALS


def test_replacing_goals_touches_one_spreadsheet(store: Store) -> None:
    """Replacing the goals of one spreadsheet leaves those of another alone."""
    store.replace_goals("one", GOALS)
    store.replace_goals("two", GOALS[:1])
    store.replace_goals("one", [])
    assert store.goals() == GOALS[:1]


def test_the_audit_log_only_grows(store: Store) -> None:
    """Entries come back newest first, and can be neither changed nor removed."""
    first = AuditEntry(NOW, "U1", "cac by channel", "cac", {"channel": "search"})
    second = AuditEntry(NOW, "U2", "help")
    store.record(first)
    store.record(second)
    assert store.audit() == (second, first)
    for change in ("DELETE FROM audit", "UPDATE audit SET who = 'U9'"):
        with pytest.raises(sqlite3.IntegrityError), store.writing() as transaction:
            transaction.run(change)
    assert store.audit(1) == (second,)


def test_a_failed_transaction_leaves_nothing(store: Store) -> None:
    """What raises inside a transaction is undone."""
    store.replace_goals("sheet", GOALS)
    broken = Goal("cac", 40.0, date(2026, 12, 31), note=object())  # type: ignore[arg-type]
    with pytest.raises(sqlite3.Error):
        store.replace_goals("sheet", [broken])
    assert store.goals() == GOALS


def test_a_killed_process_leaves_it_readable(store: Store, tmp_path: Path) -> None:
    """A process killed inside a transaction leaves everything before it and nothing of it."""
    store.replace_goals("sheet", GOALS)
    script = f"""
        import os, signal
        from pathlib import Path
        from kpi_core.state.store import open_store
        with open_store("{URL}", Path({str(tmp_path)!r})).writing() as transaction:
            transaction.run("DELETE FROM goals")
            os.kill(os.getpid(), signal.SIGKILL)
    """
    killed = subprocess.run([sys.executable, "-c", textwrap.dedent(script)], check=False)
    assert killed.returncode == -9
    assert store.goals() == GOALS
    assert open_store(URL, tmp_path).goals() == GOALS


def test_several_open_it_at_once(tmp_path: Path) -> None:
    """Many that open a new database at the same moment all get it, and no entry is lost."""

    def work(number: int) -> None:
        own = open_store(URL, tmp_path)
        for _ in range(5):
            own.record(AuditEntry(NOW, f"U{number}", "cac"))
        own.close()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(open_store(URL, tmp_path).audit(100)) == 30


def test_threads_share_one_store(store: Store) -> None:
    """Threads of one process may use the same open store."""
    threads = [threading.Thread(target=store.record, args=(AuditEntry(NOW, "U1", "cac"),)) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(store.audit()) == 20


def test_a_lease_has_one_holder(store: Store) -> None:
    """A lease is its holder's until it runs out or is given back."""
    assert store.lease("sheet", "a", NOW, 60)
    assert store.lease("sheet", "a", NOW + timedelta(seconds=30), 60)
    assert not store.lease("sheet", "b", NOW + timedelta(seconds=89), 60)
    assert store.lease("sheet", "b", NOW + timedelta(seconds=90), 60)
    store.release("sheet", "a")
    assert not store.lease("sheet", "a", NOW + timedelta(seconds=91), 60)
    store.release("sheet", "b")
    assert store.lease("sheet", "a", NOW + timedelta(seconds=91), 60)


def test_an_installation_keeps_its_key(store: Store, tmp_path: Path) -> None:
    """The installation's key is 32 bytes, stays the same, and differs from another's."""
    key = store.installation_key()
    assert len(key) == 32
    assert open_store(URL, tmp_path).installation_key() == key
    assert open_store("sqlite:///other.db", tmp_path).installation_key() != key


def test_a_later_schema_is_added(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A database of an earlier version is brought up to date once, with its content kept."""
    open_store(URL, tmp_path).replace_goals("sheet", GOALS)
    later = (*store_module.MIGRATIONS, ("ALTER TABLE goals ADD COLUMN extra TEXT",))
    monkeypatch.setattr(store_module, "MIGRATIONS", later)
    open_store(URL, tmp_path).close()
    assert open_store(URL, tmp_path).goals() == GOALS


def test_a_broken_migration_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A migration that stops halfway leaves the earlier version as it was."""
    open_store(URL, tmp_path).replace_goals("sheet", GOALS)
    released = store_module.MIGRATIONS
    monkeypatch.setattr(store_module, "MIGRATIONS", (*released, ("DROP TABLE goals", "no sql")))
    with pytest.raises(ServiceError):
        open_store(URL, tmp_path)
    monkeypatch.setattr(store_module, "MIGRATIONS", released)
    assert open_store(URL, tmp_path).goals() == GOALS


def test_a_newer_database_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A database of a newer version is refused, with what to do."""
    open_store(URL, tmp_path).close()
    monkeypatch.setattr(store_module, "MIGRATIONS", ())
    with pytest.raises(DataError, match="newer version") as caught:
        open_store(URL, tmp_path)
    assert caught.value.hint


def test_foreign_files_are_refused(tmp_path: Path) -> None:
    """A file that is no state database is refused and left as it is."""
    (tmp_path / "state.db").write_bytes(b"date,spend\n" * 200)
    with pytest.raises(DataError, match="no state database"):
        open_store(URL, tmp_path)
    assert (tmp_path / "state.db").read_bytes() == b"date,spend\n" * 200
    other = sqlite3.connect(tmp_path / "other.db")
    other.execute("CREATE TABLE orders (id)")
    other.close()
    with pytest.raises(DataError, match="no state database"):
        open_store("sqlite:///other.db", tmp_path)


@pytest.mark.parametrize("url", ["postgresql://kpi:hush@host/kpi", "sqlite://", "sqlite:///", "state.db", ""])
def test_other_databases_are_refused(url: str, tmp_path: Path) -> None:
    """A url of another kind is refused with what to write, and without its password."""
    with pytest.raises(SettingsError, match=r"sqlite:///state\.db") as caught:
        open_store(url, tmp_path)
    assert "hush" not in str(caught.value)


def test_a_missing_folder_is_told(tmp_path: Path) -> None:
    """A folder that is not there is a ServiceError with a hint."""
    with pytest.raises(ServiceError, match="could not be used") as caught:
        open_store("sqlite:///nowhere/state.db", tmp_path)
    assert caught.value.hint


def test_absolute_paths(tmp_path: Path) -> None:
    """Four slashes name a path that does not start beside kpi.yaml."""
    open_store(f"sqlite:///{tmp_path}/far.db", Path("elsewhere")).close()
    assert (tmp_path / "far.db").is_file()


def test_instants_keep_their_order() -> None:
    """Instants as text sort as they happened, and come back to the microsecond."""
    instants = [NOW - timedelta(microseconds=1), NOW, NOW + timedelta(microseconds=1)]
    assert sorted(map(instant_text, instants)) == list(map(instant_text, instants))
    assert [instant_of(instant_text(instant)) for instant in instants] == instants
