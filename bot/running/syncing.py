"""One sheet brought up to date, by one writer at a time however many processes run."""

from __future__ import annotations

from datetime import datetime
from secrets import token_hex
from typing import TYPE_CHECKING

from bot.workspace import Workspace
from kpi_core.access.audiences import Spreadsheet
from kpi_core.errors import ServiceError
from kpi_core.settings.values import SheetSync
from kpi_core.state.goals import SheetGoals
from kpi_core.state.leases import release_lease, take_lease

if TYPE_CHECKING:
    from sheets_sync.sync import SyncReport

LEASE_SECONDS = 300.0
"""Longer than the slowest sync; one that was killed keeps the sheet no longer than this."""


def sync_sheet(workspace: Workspace, sheet: SheetSync, now: datetime, instant: datetime) -> SyncReport:
    """Sync one sheet of the workspace as of `now`, at an instant of the real clock.

    ServiceError while another process writes it, or when Google fails.
    """
    from sheets_sync.client import open_client
    from sheets_sync.sync import sync

    client = open_client(workspace.environment)
    # A name of this call alone: in containers, hosts and processes are called alike.
    name, holder = f"sheet:{sheet.spreadsheet}", token_hex(8)
    # By the real clock: with that of --now one could take the sheet from whoever writes it, or keep it for years.
    if not take_lease(workspace.store, name, holder, instant, LEASE_SECONDS):
        message = "Another process is writing this sheet at the moment."
        raise ServiceError(message, code="sheet_busy", hint="Try again in a few minutes.")
    try:
        door = workspace.door(Spreadsheet(sheet.spreadsheet))
        return sync(client, door, sheet, now, SheetGoals(workspace.store))
    finally:
        release_lease(workspace.store, name, holder)
        client.close()
