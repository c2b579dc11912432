"""One sheet brought up to date, by one writer at a time however many processes run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from secrets import token_hex
from threading import Event, Thread
from time import monotonic
from typing import TYPE_CHECKING

from bot.running.owners.owner import hear_once
from bot.workspace import Workspace
from kpi_core.access.audiences import Spreadsheet
from kpi_core.dates.periods import Period
from kpi_core.errors import KpiBotError, ServiceError
from kpi_core.settings.values import SheetSync
from kpi_core.state.goals import SheetGoals
from kpi_core.state.leases import release_lease, take_lease
from kpi_core.state.sheets.sheet_log import SheetLog
from kpi_core.state.store import Store

if TYPE_CHECKING:
    from kpi_core.access.doorway import Door
    from sheets_sync.client import SheetsClient
    from sheets_sync.freezing import Frozen
    from sheets_sync.sync import Change, SyncReport

LEASE_SECONDS = 45.0
"""A process that was killed keeps a sheet no longer than this; one that works prolongs it."""


def sync_sheet(workspace: Workspace, sheet: SheetSync, now: datetime, instant: datetime) -> SyncReport:
    """Sync one sheet of the workspace as of `now`, at an instant of the real clock.

    ServiceError while another process writes it, or when Google fails.
    """
    from sheets_sync.client import open_client
    from sheets_sync.sync import sync

    began = monotonic()
    client = open_client(workspace.environment)
    try:
        with sole_writer(workspace.store, f"sheet:{sheet.spreadsheet}", instant):
            door = workspace.door(Spreadsheet(sheet.spreadsheet))
            log = SheetLog(workspace.store, sheet.spreadsheet)
            report = sync(client, door, sheet, now, SheetGoals(workspace.store), log)
            if sheet.comments:
                _take_in_comments(client, workspace, door, sheet.spreadsheet)
    except KpiBotError as error:
        failed = _in_local_time(error, instant + timedelta(seconds=monotonic() - began), workspace)
        if failed.code != "sheet_busy":
            SheetLog(workspace.store, sheet.spreadsheet).fail(now, failed.message)
        raise failed from error
    else:
        for goal, text in report.overruled:
            hear_once(workspace, goal.owner, f"goal:{goal.key}", text, now)
        return report
    finally:
        client.close()


def _in_local_time(error: KpiBotError, moment: datetime, workspace: Workspace) -> KpiBotError:
    """The error of a used-up quota with the time until which it is."""
    if not isinstance(error, ServiceError) or error.code != "sheets_quota":
        return error
    # Google counts by the minute.
    until = moment.astimezone(workspace.settings.calendar.zone).replace(second=0, microsecond=0) + timedelta(minutes=1)
    message = f"Google's quota is used up until {until:%H:%M}."
    return ServiceError(message, code=error.code, hint=error.hint, retry_after=error.retry_after)


def _take_in_comments(client: SheetsClient, workspace: Workspace, door: Door, spreadsheet: str) -> None:
    """Take in what owners of goals replied to the bot's comments."""
    from kpi_core.state.check_in_rows import add_check_in, check_ins_of
    from sheets_sync.commenting import talk_over_goals

    store = workspace.store
    replies = talk_over_goals(client, door, spreadsheet, lambda goal: {each.at for each in check_ins_of(store, goal)})
    for check_in in replies:
        add_check_in(store, check_in)


def sheet_changes(workspace: Workspace, sheet: SheetSync, now: datetime) -> tuple[Change, ...]:
    """What a sync as of `now` would write. Errors as `sync_sheet`; no lease, for nothing is written."""
    from sheets_sync.client import open_client
    from sheets_sync.sync import preview

    client = open_client(workspace.environment)
    try:
        door, log = workspace.door(Spreadsheet(sheet.spreadsheet)), SheetLog(workspace.store, sheet.spreadsheet)
        return preview(client, door, sheet, now, SheetGoals(workspace.store), log)
    finally:
        client.close()


def freeze_sheet(workspace: Workspace, sheet: SheetSync, period: Period, now: datetime, instant: datetime) -> Frozen:
    """A tab of values of one period that never changes again. Errors as `sync_sheet`."""
    from sheets_sync.client import open_client
    from sheets_sync.freezing import freeze

    client = open_client(workspace.environment)
    try:
        with sole_writer(workspace.store, f"sheet:{sheet.spreadsheet}", instant):
            return freeze(client, workspace.door(Spreadsheet(sheet.spreadsheet)), sheet.spreadsheet, period, now)
    finally:
        client.close()


@contextmanager
def sole_writer(store: Store, name: str, instant: datetime, seconds: float = LEASE_SECONDS) -> Iterator[None]:
    """The lease `name` for as long as the block runs, prolonged meanwhile. ServiceError while another has it.

    `instant` is the real clock's: with that of --now one could take the sheet from its writer, or keep it for years.
    """
    # A name of this call alone: in containers, hosts and processes are called alike.
    holder, began, over = token_hex(8), monotonic(), Event()

    def take() -> bool:
        return take_lease(store, name, holder, instant + timedelta(seconds=monotonic() - began), seconds)

    def prolong() -> None:
        while not over.wait(seconds / 3):
            take()

    if not take():
        message = "Another process is writing this sheet at the moment."
        raise ServiceError(message, code="sheet_busy", hint="Try again in a minute.")
    keeper = Thread(target=prolong, name=name, daemon=True)
    keeper.start()
    try:
        yield
    finally:
        over.set()
        keeper.join()
        release_lease(store, name, holder)
