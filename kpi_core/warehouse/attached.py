"""DuckDB files that a load builds and reads, attached to a DuckDB that is started once for many of them.

To start one takes fifteen milliseconds, to attach a file half of one; a load of a small file needs several.
"""

from __future__ import annotations

import atexit
import os
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from kpi_core.sql.quoting import literal, quoted
from kpi_core.warehouse.duckdb import WITHOUT_PYTHON

if TYPE_CHECKING:
    import duckdb

_OWN = "memory"
_SETTINGS = ("memory_limit", "threads")
"""What a load sets for a while; both hold for the whole of a DuckDB, so one is lent to one user at a time."""
_idle: dict[int, list[duckdb.DuckDBPyConnection]] = defaultdict(list)
"""By the process that started them: a fork has none of the threads of its parent's."""


@contextmanager
def opened_for_building(file: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A DuckDB file that nobody reads before it is whole: it lasts from its checkpoint on, and no step before waits
    for the disk. A DuckDB that knows no such files writes its log.
    """
    import duckdb

    place = f"{literal(str(file))} AS {quoted(file.stem)}"
    with _lent() as connection:
        try:
            connection.execute(f"ATTACH {place} (RECOVERY_MODE 'no_wal_writes')")
        except duckdb.BinderException:
            connection.execute(f"ATTACH {place}")
        connection.execute(f"USE {quoted(file.stem)}")
        yield connection


@contextmanager
def opened_for_reading(file: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A DuckDB file that is whole."""
    with _lent() as connection:
        connection.execute(f"ATTACH {literal(str(file))} AS {quoted(file.stem)} (READ_ONLY)")
        connection.execute(f"USE {quoted(file.stem)}")
        yield connection


@contextmanager
def _lent() -> Iterator[duckdb.DuckDBPyConnection]:
    """A DuckDB without a file, for one user; nothing of its use is left. After an error it is not lent again."""
    import duckdb

    idle = _idle[os.getpid()]
    started = idle.pop() if idle else duckdb.connect(config=WITHOUT_PYTHON)
    try:
        # What is temporary goes with the cursor.
        with started.cursor() as connection:
            yield connection
        for (name,) in started.execute("SELECT database_name FROM duckdb_databases() WHERE NOT internal").fetchall():
            if name != _OWN:
                started.execute(f"DETACH {quoted(name)}")
        for setting in _SETTINGS:
            started.execute(f"RESET {setting}")
    except BaseException:
        started.close()
        raise
    idle.append(started)


@atexit.register
def _end() -> None:
    for started in _idle.pop(os.getpid(), []):
        started.close()
