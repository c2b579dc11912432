"""Syncs with spreadsheets: how the last one ended and what it left, and a log of those that changed something."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select

from kpi_core.frozen_dataclass import frozen
from kpi_core.settings.sheet_record import LoggedAlert, SheetEntry, SheetState
from kpi_core.state.schema import sheet_entries, sheet_states, sheet_writes
from kpi_core.state.sheets.alert_rows import logged_alerts
from kpi_core.state.sheets.untold_rows import untold
from kpi_core.state.store import Store
from kpi_core.state.transactions import Row

NEWEST = 220
"""Entries of a spreadsheet that stay."""


@frozen
class SheetLog:
    """The syncs with one spreadsheet in a state database."""

    store: Store
    spreadsheet: str

    def state(self) -> SheetState:
        """How the last sync ended; all empty where there was none."""
        with self.store.reading() as transaction:
            rows = transaction.rows(select(sheet_states).where(sheet_states.c.spreadsheet == self.spreadsheet))
        if not rows:
            return SheetState()
        row = rows[0]
        return SheetState(row["at"], row["error"], tuple(row["standing"]), row["remembered"])

    def entries(self) -> tuple[SheetEntry, ...]:
        """The newest first."""
        mine = select(sheet_entries).where(sheet_entries.c.spreadsheet == self.spreadsheet)
        with self.store.reading() as transaction:
            rows = transaction.rows(mine.order_by(sheet_entries.c.at.desc()).limit(NEWEST))
        return tuple(_entry(row) for row in rows)

    def alerts(self) -> tuple[LoggedAlert, ...]:
        """The incidents of the workspace, the newest first."""
        with self.store.reading() as transaction:
            return logged_alerts(transaction, NEWEST)

    def untold(self) -> tuple[str, ...]:
        """What owners should have heard and Slack does not carry, the oldest first."""
        with self.store.reading() as transaction:
            return untold(transaction)

    def begun(self) -> tuple[Mapping[str, Any], ...]:
        """What was written down before it was sent, by syncs that did not end well; the oldest first."""
        with self.store.reading() as transaction:
            rows = transaction.rows(select(sheet_writes).where(sheet_writes.c.spreadsheet == self.spreadsheet))
        return tuple(rows[0]["writes"]) if rows else ()

    def begin(self, writes: Sequence[Mapping[str, Any]]) -> None:
        """These are about to be sent."""
        with self.store.writing() as transaction:
            transaction.put(sheet_writes, spreadsheet=self.spreadsheet, writes=list(writes))

    def add(self, state: SheetState, entry: SheetEntry | None) -> None:
        """A sync has ended so; `entry` where it has something to say. A good one needs no writes of before."""
        assert state.at is not None
        mine = sheet_entries.c.spreadsheet == self.spreadsheet
        with self.store.writing() as transaction:
            transaction.put(
                sheet_states,
                spreadsheet=self.spreadsheet,
                at=state.at,
                error=state.error,
                standing=list(state.standing),
                remembered={tab: dict(rows) for tab, rows in state.left.items()},
            )
            if not state.error:
                transaction.run(delete(sheet_writes).where(sheet_writes.c.spreadsheet == self.spreadsheet))
            if entry is None:
                return
            body = asdict(entry)
            at = body.pop("at")
            transaction.put(sheet_entries, spreadsheet=self.spreadsheet, at=at, entry=body)
            old = select(sheet_entries.c.at).where(mine).order_by(sheet_entries.c.at.desc()).offset(NEWEST)
            transaction.run(delete(sheet_entries).where(mine, sheet_entries.c.at.in_(old)))

    def fail(self, at: datetime, error: str) -> None:
        """A sync has failed; the same failure again is not written down anew."""
        before = self.state()
        entry = None if before.error == error else SheetEntry(at, error=error)
        self.add(replace(before, at=at, error=error), entry)


def _entry(row: Row) -> SheetEntry:
    body = dict(row["entry"])
    lists = {name: tuple(body[name]) for name in ("conflicts", "mended", "warnings")}
    return SheetEntry(row["at"], int(body["cells"]), error=str(body["error"]), **lists)
