"""Where tests keep state: a new SQLite file or a new schema of a running Postgres. The fixtures are for conftests."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from postgres_side import Postgres, running_postgres

_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class States:
    """Hands out addresses of empty states, all in the same kind of database."""

    system: str
    folder: Path
    server: Callable[[], Postgres]
    _schemas: list[str] = field(default_factory=list)

    def new(self) -> str:
        """The address of a state that nobody has opened yet."""
        name = f"state_{next(_numbers)}"
        if self.system == "sqlite":
            return f"sqlite:///{self.folder / name}.db"
        self._schemas.append(name)
        return self.server().url(name)

    def forget(self) -> None:
        """Drop what was made on the server; files go with their folder."""
        if self._schemas:
            with self.server().cursor() as cursor:
                for schema in self._schemas:
                    cursor.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A server of this run's own."""
    with running_postgres() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def states(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[States]:
    """New states, in each of the databases that may keep them."""

    def server() -> Postgres:
        running: Postgres = request.getfixturevalue("postgres")
        return running

    if request.param == "postgresql":
        server()
    made = States(request.param, tmp_path, server)
    yield made
    made.forget()
