"""The whole product on this machine: the bot, unchanged, between the local Slack and the local Sheets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryDirectory

from bot.demo_workspace import live_on
from bot.running.jobs import wheel_of
from bot.running.serving import serve
from bot.running.wheel import Wheel
from bot.sandbox.moving_clock import Clock
from bot.sandbox.slack import LocalSlack, start_slack
from bot.sandbox.slack.slack_workspace import BOT_USER, Message
from bot.slack.app import slack_access
from bot.workspace import Tell, Workspace
from kpi_core.access.audiences import Spreadsheet
from kpi_core.access.operator import OPERATOR
from kpi_core.adding.starter_set import starter_set
from kpi_core.deliveries.planning import upcoming
from kpi_core.frozen_dataclass import frozen
from kpi_core.settings.values import FILE, AddData, SheetSync, Summary
from kpi_core.state.goals import SheetGoals
from kpi_core.state.sheets.sheet_log import SheetLog
from sheets_sync.sandbox.contents.cell_reader import Reader
from sheets_sync.sandbox.running import LocalSheets, start_sheets
from sheets_sync.sync import SyncReport

TABS = ("overview", "goals", "trends", "channels", "dictionary")
CHANNEL = "C0MARKET"
SPEAKERS = {"en": "alex", "ko": "mina", "zh-TW": "wei"}
"""By language, somebody of the local Slack."""
AUDIENCES = ("exec", "manager", "specialist")
A_MOMENT = timedelta(seconds=1)
SUMMARY = "summary:"
"""How the names of jobs that post a summary begin."""


@dataclass(slots=True)
class Growth:
    """How far the demo company has got with its new days: steps `done` of `total`, 0 of 0 while nothing is made.

    `on_step` and `tell` are called after each, from the thread that moves the clock.
    """

    done: int = 0
    total: int = 0
    on_step: Callable[[], None] = lambda: None
    tell: Tell = lambda _step, _done, _total: None

    def step(self, done: int, total: int) -> None:
        self.done, self.total = done, total
        self.on_step()
        self.tell("new days of the demo company", done, total)


@frozen
class Playground:
    """A workspace with its local Slack and Sheets, all running, under a clock that can be moved ahead."""

    workspace: Workspace
    slack: LocalSlack
    sheets: LocalSheets
    spreadsheet: str
    clock: Clock
    wheel: Wheel
    folder: Path
    growth: Growth = field(default_factory=Growth)

    async def ask(self, words: str) -> Message:
        """Type `/kpi` with these words as somebody of the workspace's language; the bot's answer as it arrived."""
        before = {message.ts for message in self.slack.workspace.in_channel(CHANNEL)}
        await self.slack.acting.command(SPEAKERS[self.workspace.settings.locale], CHANNEL, "/kpi", words)

        def answered() -> Message | None:
            messages = self.slack.workspace.in_channel(CHANNEL)
            # What carries a key of the ledger came by itself, and answers nobody.
            new = (message for message in messages if message.ts not in before and not message.metadata)
            return next((message for message in new if message.user == BOT_USER), None)

        return await self.slack.until(answered)

    def sync(self) -> SyncReport:
        """Sync the Sheet now, when no scheduled sync is at it. Slow: call it in a thread."""
        from sheets_sync.client import open_client
        from sheets_sync.sync import sync

        local = self.workspace
        with self.wheel.turn:
            client = open_client(local.environment)
            sheet = local.settings.sheets[0]
            door = local.door(Spreadsheet(sheet.spreadsheet))
            log = SheetLog(local.store, sheet.spreadsheet)
            return sync(client, door, sheet, self.clock(), SheetGoals(local.store), log)

    def forward(self, instant: datetime) -> None:
        """Move the clock to `instant` and do what fell due on the way, each summary at its own time.

        Other jobs with times, such as syncs, run once at the end. The demo company's data goes
        on with the clock; a team's own stays as it is. Slow: call it in a thread.
        """
        for stop in self._fires(instant):
            self._move(stop)
            self.wheel.round(wanted=lambda job: job.schedule is None or job.name.startswith(SUMMARY))
        self._move(instant)
        self.wheel.round()

    def _fires(self, until: datetime) -> list[datetime]:
        """When summaries come before `until`, oldest first."""
        coming = upcoming(self.workspace.store)
        # A moment late, so that the round surely finds the summary due.
        fires = {due + A_MOMENT for name, due in coming.items() if name.startswith(SUMMARY)}
        return sorted(fire for fire in fires if self.clock() < fire < until)

    def _move(self, instant: datetime) -> None:
        today = self.workspace.settings.calendar.today
        # Data first: the bot's own rounds go on meanwhile, and no summary may fall due before its days are loaded.
        if self.workspace.is_demo and today(instant) > today(self.clock()):
            grow_demo(self.workspace, self.folder, today(self.clock()), today(instant), self.growth.step)
        self.clock.move_to(max(instant, self.clock()))

    def newest_day(self) -> date | None:
        """The newest day of any source; None before the first load."""
        days = (source.last_day for source in self.workspace.door(OPERATOR).health().sources)
        return max((day for day in days if day is not None), default=None)

    @property
    def sheet_address(self) -> str:
        return self.sheets.address(self.spreadsheet)


@asynccontextmanager
async def start_playground(workspace: Workspace, clock: Callable[[], datetime]) -> AsyncIterator[Playground]:
    """The bot serves `workspace` between a new local Slack and a new local spreadsheet.

    Its settings and data are used as they are; posts go to the local #marketing, state is kept for this run only.
    """
    stop, moved = asyncio.Event(), Clock(clock)
    with TemporaryDirectory(prefix="kpi-demo-") as name, start_sheets() as sheets:
        spreadsheet, folder = sheets.create(f"{workspace.settings.company}: KPIs"), Path(name)
        async with start_slack(now=lambda: moved().timestamp()) as slack:
            local = _local(workspace, slack, sheets, spreadsheet, folder)
            access = slack_access(local.environment)
            wheel = wheel_of(local, access, moved)
            bot = asyncio.create_task(serve(local, access, stop, wheel=wheel))
            try:
                await _connected(slack, bot)
                yield Playground(local, slack, sheets, spreadsheet, moved, wheel, folder)
            finally:
                # The bot first: until it has ended it writes to the state that closes with the workspace.
                stop.set()
                await bot
                local.close()


async def _connected(slack: LocalSlack, bot: asyncio.Task[None]) -> None:
    """Wait for the bot's socket; if the bot ends before that, its error is raised."""
    waiting = asyncio.create_task(slack.delivery.connected(120.0))
    await asyncio.wait({waiting, bot}, return_when=asyncio.FIRST_COMPLETED)
    if bot.done():
        waiting.cancel()
        bot.result()
    await waiting


def _local(workspace: Workspace, slack: LocalSlack, sheets: LocalSheets, spreadsheet: str, folder: Path) -> Workspace:
    """The same workspace with its addresses and tokens turned to the local services; it loads nothing by itself."""
    settings, config = workspace.settings, workspace.config
    tabs = settings.sheets[0].tabs if settings.sheets else TABS
    summaries = settings.summaries or (Summary("weekly", CHANNEL),)
    local = replace(
        settings,
        state=f"sqlite:///{folder / 'state.db'}",
        sheets=(SheetSync(spreadsheet, tabs),),
        summaries=tuple(replace(summary, channel=CHANNEL) for summary in summaries),
        sources=tuple(replace(source, every=None) for source in settings.sources),
    )
    local = replace(local, add_data=AddData(users=tuple(slack.workspace.users)))
    if not settings.audiences:
        local = replace(local, audiences=_ready_kpis(workspace))
    if workspace.is_demo:
        local = replace(local, warehouse=f"duckdb:///{_own_warehouse(workspace, folder)}")
        config = folder / FILE
        copyfile(workspace.settings.folder / FILE, config)
    environment: Mapping[str, str] = {
        # The last one counts: the local services stand in for whatever real ones are named here.
        **workspace.environment,
        **slack.environment,
        "KPI_SHEETS_API_URL": sheets.url,
        "KPI_DRIVE_API_URL": sheets.drive_url,
        "GOOGLE_APPLICATION_CREDENTIALS": str(sheets.credentials_file),
    }
    return Workspace(local, environment, is_demo=workspace.is_demo, config=config)


def _ready_kpis(workspace: Workspace) -> dict[str, tuple[str, ...]]:
    """For a team that has chosen none: a handful of KPIs that have data; empty where none has."""
    door = workspace.door(OPERATOR)
    metrics = door.catalog.metrics
    chosen = starter_set("all", {kpi.id for kpi in door.catalog.kpis()} - set(door.unavailable_kpis()), metrics)
    return dict.fromkeys(AUDIENCES, chosen) if chosen else {}


def _own_warehouse(workspace: Workspace, folder: Path) -> Path:
    """A copy of the demo company's data that may grow without changing what others read."""
    own = folder / "kpi.duckdb"
    copyfile(workspace.settings.folder / "kpi.duckdb", own)
    return own


def grow_demo(
    workspace: Workspace, folder: Path, since: date, today: date, step: Callable[[int, int], None] = lambda *_: None
) -> None:
    """Let the demo company of the morning of `since` live on until that of `today`, and load what happened.

    `step` hears how far it is: steps done, steps in all; 0 of 0 at the end.
    """

    def tell(_words: str, done: int, total: int | None) -> None:
        step(done, total or done)

    live_on(workspace.settings, folder / "tables", (since, today), workspace.environment, tell)
    step(0, 0)


def first_tab(sheets: LocalSheets, spreadsheet: str, rows: int, columns: int) -> list[list[str]]:
    """What a person sees in the upper left of the first tab that holds anything."""
    state = sheets.spreadsheet(spreadsheet)
    sheet = next(tab for tab in state.sheets if tab.cells)
    reader = Reader(state, datetime.now(UTC))
    return [[reader.text(sheet, (row, column)) for column in range(columns)] for row in range(rows)]
