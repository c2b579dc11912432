"""Goals read from a SQLite state without SQLAlchemy, whose import takes as long as answering a question."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path

from kpi_core.settings.values import Goal

_GOALS = "SELECT kpi, target, by, owner, filters, per, note FROM goals ORDER BY spreadsheet, position"


def goals_of_file(path: Path) -> tuple[Goal, ...] | None:
    """What `goals.typed_goals` gives; none where there is no file, None where only opening it in full tells why not."""
    if not path.exists():
        return ()
    try:
        with closing(sqlite3.connect(path)) as connection:
            rows = connection.execute(_GOALS).fetchall()
    except sqlite3.Error:
        # Locked, older, damaged or somebody else's: the store knows which, and what to do.
        return None
    return tuple(
        Goal(kpi, target, date.fromisoformat(by), owner, json.loads(filters), per, note)
        for kpi, target, by, owner, filters, per, note in rows
    )
