"""One sheet brought up to date, by one writer at a time however many processes run."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from secrets import token_hex
from threading import Event, Thread
from time import monotonic
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from bot.cards.blocks import is_user_id
from bot.running.owners.owner import hear_once
from bot.workspace import Workspace
from kpi_core.access.audiences import Spreadsheet
from kpi_core.dates.periods import Period
from kpi_core.errors import KpiBotError, ServiceError
from kpi_core.frozen_dataclass import frozen
from kpi_core.questions.errors import error_words
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


QUOTA = "sheets_quota"
TURNS = 3
"""So often a sheet has its turn before a quota that is used up each time is its error."""


@frozen
class Turn:
    """What came of one sheet: a report, or why there is none."""

    sheet: SheetSync
    report: SyncReport | None = None
    error: KpiBotError | None = None


def sync_in_turn(
    sheets: Sequence[SheetSync], sync_one: Callable[[SheetSync], SyncReport], wait: Callable[[int], None]
) -> tuple[Turn, ...]:
    """Sync one sheet after the other, in their order; one that fails holds no other up.

    One account's sheets share a quota a minute. A sheet that finds it used up has its next turn behind the others;
    `wait` is told how many are still to come, and returns once the quota may be free again.
    """
    turns: dict[int, Turn] = {}
    line, tried = deque(enumerate(sheets)), [0] * len(sheets)
    while line:
        place, sheet = line.popleft()
        tried[place] += 1
        try:
            turns[place] = Turn(sheet, sync_one(sheet))
        except KpiBotError as error:
            turns[place] = Turn(sheet, error=error)
            again = error.code == QUOTA and tried[place] < TURNS
            line += [(place, sheet)] if again else []
            if error.code == QUOTA and line:
                wait(len(line))
    return tuple(turns[place] for place in range(len(sheets)))


def sync_sheet(
    workspace: Workspace,
    sheet: SheetSync,
    now: datetime,
    instant: datetime,
    tell: Callable[[float], None] = lambda _seconds: None,
) -> SyncReport:
    """Sync one sheet of the workspace as of `now`, at an instant of the real clock.

    `tell` hears of seconds that it waits for Google's quota. ServiceError while another process writes it, or when
    Google fails.
    """
    from sheets_sync.client import Patience, open_client
    from sheets_sync.sync import sync

    began = monotonic()
    client = open_client(workspace.environment, Patience(tell=tell))
    try:
        with sole_writer(workspace.store, f"sheet:{sheet.spreadsheet}", instant):
            door = workspace.door(Spreadsheet(sheet.spreadsheet))
            log = SheetLog(workspace.store, sheet.spreadsheet)
            report = sync(client, door, sheet, now, SheetGoals(workspace.store), log)
            if sheet.comments:
                _take_in_comments(client, workspace, door, sheet.spreadsheet)
    except KpiBotError as error:
        moment = instant + timedelta(seconds=monotonic() - began)
        failed = with_free_again(error, moment, workspace.settings.calendar.zone)
        if failed.code != "sheet_busy":
            words, _hint = error_words(failed, workspace.settings.locale)
            SheetLog(workspace.store, sheet.spreadsheet).fail(now, words)
        raise failed from error
    else:
        for goal, text, setter in report.overruled:
            hear_once(workspace, goal.owner, f"goal:{goal.key}", text, now)
            if is_user_id(setter) and setter != goal.owner:
                hear_once(workspace, setter, f"goal:{goal.key}:{setter}", text, now)
        return report
    finally:
        client.close()


def with_free_again(error: KpiBotError, moment: datetime, zone: ZoneInfo) -> KpiBotError:
    """The error of a used-up quota with the local time at which it is free again; any other error as it is."""
    if not isinstance(error, ServiceError) or error.code != QUOTA:
        return error
    until = f"{free_again(moment).astimezone(zone):%H:%M}"
    message, params = f"Google's quota is used up until {until}.", {"until": until}
    return ServiceError(message, code=error.code, hint=error.hint, retry_after=error.retry_after, params=params)


def free_again(moment: datetime) -> datetime:
    """When a quota that is used up at an instant is free again: Google counts by the minute."""
    return moment.replace(second=0, microsecond=0) + timedelta(minutes=1)


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
