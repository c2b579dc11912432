"""What is particular to a state in a SQLite file."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from kpi_core.errors import DataError, ServiceError
from kpi_core.settings.values import Goal
from kpi_core.state.goals import replace_goals, typed_goals
from kpi_core.state.migrations import MIGRATIONS
from kpi_core.state.sqlite_goals import goals_of_file
from kpi_core.state.store import open_store

URL = "sqlite:///state.db"
GOAL = Goal("cac", 0.1 + 0.2, date(2026, 12, 31), "U1", {"channel": "검색"}, "month", "메모")


def test_a_file_of_the_first_release_stays_of_use(tmp_path: Path) -> None:
    """A file as the first version wrote it, table by table, is read and brought up to date."""
    with closing(sqlite3.connect(tmp_path / "state.db")) as connection, connection:
        for statement in MIGRATIONS[0]["sqlite"]:
            connection.execute(statement)
        connection.execute("CREATE TABLE migrations (version INTEGER PRIMARY KEY)")
        connection.execute("INSERT INTO migrations VALUES (1)")
        connection.execute(
            "INSERT INTO goals VALUES ('sheet', 0, 'cac', ?, '2026-12-31', 'U1', ?, 'month', '메모')",
            (GOAL.target, '{"channel": "검색"}'),
        )
        ((key,),) = connection.execute("SELECT value FROM installation")
    assert goals_of_file(tmp_path / "state.db") == (GOAL,)
    store = open_store(URL, tmp_path)
    assert (typed_goals(store), store.installation_key().hex()) == ((GOAL,), key)


def test_commits_survive_a_power_cut(tmp_path: Path) -> None:
    """Every connection writes ahead and waits for the disk."""
    store = open_store(URL, tmp_path)
    with store.writing() as one, store.reading() as other:
        for transaction in (one, other):
            connection = transaction.connection
            assert connection.exec_driver_sql("PRAGMA journal_mode").scalar_one() == "wal"
            assert connection.exec_driver_sql("PRAGMA synchronous").scalar_one() == 2


def test_goals_are_read_without_the_store(tmp_path: Path) -> None:
    """The short way to the goals gives what the store gives, also beside a writer; None where that must say why."""
    path = tmp_path / "state.db"
    assert goals_of_file(path) == ()
    assert not path.exists()
    store = open_store(URL, tmp_path)
    other = replace(GOAL, kpi="roas")
    replace_goals(store, "b", [GOAL])
    replace_goals(store, "a", [other, GOAL])
    with store.writing():
        assert goals_of_file(path) == typed_goals(store) == (other, GOAL)
    (tmp_path / "other.db").write_text("date,spend\n" * 500)
    assert goals_of_file(tmp_path / "other.db") is None


def test_foreign_files_are_refused(tmp_path: Path) -> None:
    """A file that is no state database is refused and left as it is."""
    (tmp_path / "state.db").write_bytes(b"date,spend\n" * 200)
    with closing(sqlite3.connect(tmp_path / "other.db")) as other, other:
        other.execute("CREATE TABLE orders (id)")
    for name in ("state.db", "other.db"):
        before = (tmp_path / name).read_bytes()
        with pytest.raises(DataError, match="no state database"):
            open_store(f"sqlite:///{name}", tmp_path)
        assert (tmp_path / name).read_bytes() == before


def test_a_missing_folder_is_told(tmp_path: Path) -> None:
    """A folder that is not there is a ServiceError with a hint."""
    with pytest.raises(ServiceError, match="could not be used") as caught:
        open_store("sqlite:///nowhere/state.db", tmp_path)
    assert caught.value.hint


def test_absolute_paths(tmp_path: Path) -> None:
    """Four slashes name a path that does not start beside kpi.yaml."""
    open_store(f"sqlite:///{tmp_path}/far.db", Path("elsewhere")).close()
    assert (tmp_path / "far.db").is_file()
