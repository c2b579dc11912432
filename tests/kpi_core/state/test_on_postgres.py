"""What is particular to a state in Postgres."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from postgres_side import Postgres
from sqlalchemy import delete, text
from sqlalchemy.exc import DBAPIError

from kpi_core.errors import DataError, KpiBotError, ServiceError
from kpi_core.settings.values import Goal
from kpi_core.state.goals import replace_goals, typed_goals
from kpi_core.state.schema import goals
from kpi_core.state.store import open_store

HERE = Path()


@pytest.fixture
def url(postgres: Postgres) -> Iterator[str]:
    """The address of a schema that is not there yet."""
    yield postgres.url("own_state")
    with postgres.cursor() as cursor:
        cursor.execute("DROP SCHEMA IF EXISTS own_state CASCADE")
        cursor.execute("DROP ROLE IF EXISTS guarded")


def test_its_schema_is_made(url: str) -> None:
    """The first schema of search_path is made with the tables, so that a database may be shared."""
    with open_store(url, HERE).reading() as transaction:
        found = transaction.connection.execute(text("SELECT current_schema()")).scalar_one()
    assert found == "own_state"


def test_commits_wait_for_the_disk(url: str) -> None:
    """A server that acknowledges before the disk has it is told to wait for our commits."""
    with open_store(url, HERE).writing() as transaction:
        assert transaction.connection.exec_driver_sql("SHOW synchronous_commit").scalar_one() == "on"


def test_the_audit_log_cannot_be_emptied(url: str) -> None:
    """TRUNCATE, which no row's trigger sees, is refused too."""
    with pytest.raises(DBAPIError, match="only grows"), open_store(url, HERE).writing() as transaction:
        transaction.connection.exec_driver_sql("TRUNCATE audit")


def test_goals_that_two_processes_replace_at_once_are_those_of_one(url: str, postgres: Postgres) -> None:
    """The list that came last stands whole, and nothing of the one before."""
    first, last = (
        [Goal(kpi, 1.0, date(2026, 12, 31)) for kpi in kpis] for kpis in (("cac", "roas", "mql"), ("ctr", "cpc"))
    )
    one, other = open_store(url, HERE), open_store(url, HERE)
    replace_goals(one, "sheet", last)
    later = threading.Thread(target=replace_goals, args=(other, "sheet", last))
    with one.writing() as transaction:
        transaction.run(delete(goals))
        for position, goal in enumerate(first):
            values = {
                "kpi": goal.kpi,
                "target": goal.target,
                "by": "2026-12-31",
                "owner": "",
                "filters": {},
                "note": "",
            }
            transaction.add(goals, spreadsheet="sheet", position=position, **values)
        later.start()
        assert is_waiting(postgres)
    later.join(30)
    assert typed_goals(one) == tuple(last)


def is_waiting(postgres: Postgres) -> bool:
    """Whether a transaction has come to wait for another one's lock."""
    with postgres.cursor() as cursor:
        for _look in range(10_000):
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0]:
                return True
    return False


def test_a_schema_of_others_is_refused(url: str, postgres: Postgres) -> None:
    """A schema with tables of another program is refused and left as it is, also where it has its own migrations."""
    with postgres.cursor() as cursor:
        cursor.execute("CREATE SCHEMA own_state")
        cursor.execute("CREATE TABLE own_state.migrations (version integer)")
    with pytest.raises(DataError, match="no state database") as caught:
        open_store(url, HERE)
    assert "schema" in caught.value.hint


def test_failures_keep_the_password(url: str, postgres: Postgres) -> None:
    """A server that is not there, a wrong password, a missing database: told with what to do, without the password."""
    with postgres.cursor() as cursor:
        cursor.execute("CREATE ROLE guarded LOGIN PASSWORD 'right'")
    server = f"127.0.0.1:{postgres.port}"
    wrong = {
        "postgresql://kpi:hush@127.0.0.1:1/kpi?sslmode=disable": "could not be used",
        f"postgresql://guarded:hush@{server}/postgres?sslmode=disable": "refused the user or the password",
        f"postgresql://postgres:hush@{server}/nowhere?sslmode=disable": "does not exist",
        f"postgresql://guarded:right@{server}/postgres?sslmode=disable&search_path=own_state": "too little",
    }
    for address, message in wrong.items():
        with pytest.raises(KpiBotError, match=message) as caught:
            open_store(address, HERE)
        assert isinstance(caught.value, ServiceError)
        assert caught.value.hint
        assert "hush" not in f"{caught.value} {caught.value.hint}"
