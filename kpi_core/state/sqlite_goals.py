"""Goals read from a SQLite state without SQLAlchemy, whose import takes as long as answering a question."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from kpi_core.settings.goal_history import archived_by, counting
from kpi_core.settings.values import Goal

# All columns, for an older file lacks some.
_GOALS = "SELECT * FROM goals ORDER BY spreadsheet, position"
_CHANGES = "SELECT goal, was, after = 'null' AS went FROM goal_changes ORDER BY id"


def goals_of_file(path: Path) -> tuple[Goal, ...] | None:
    """What `goals.typed_goals` gives; none where there is no file, None where only opening it in full tells why not."""
    rows = _rows(path, _GOALS)
    if rows is None:
        return None
    return counting({"changed_at": None, **dict(row), "filters": json.loads(row["filters"])} for row in rows)


def archived_in_file(path: Path) -> frozenset[str] | None:
    """What `goals.archived_goals` gives; none and None as `goals_of_file`."""
    rows = _rows(path, _CHANGES)
    return None if rows is None else archived_by((row["goal"], row["was"], bool(row["went"])) for row in rows)


def _rows(path: Path, query: str) -> Sequence[sqlite3.Row] | None:
    if not path.exists():
        return ()
    try:
        with closing(sqlite3.connect(path)) as connection:
            connection.row_factory = sqlite3.Row
            return connection.execute(query).fetchall()
    except sqlite3.Error:
        # Locked, older, damaged or somebody else's: the store knows which, and what to do.
        return None
