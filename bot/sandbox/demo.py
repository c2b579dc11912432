"""The whole product on this machine: the bot, unchanged, between the local Slack and the local Sheets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.app import slack_access
from bot.commands.run import serve
from bot.sandbox.slack import LocalSlack, start_slack
from bot.sandbox.slack.workspace import BOT_USER, Message
from bot.wiring import Workspace
from kpi_core.settings import SheetSync, Summary
from sheets_sync.sandbox.cells import Reader
from sheets_sync.sandbox.running import LocalSheets, start_sheets

TABS = ("overview", "goals", "trends", "channels", "dictionary")
CHANNEL = "C0MARKET"
PERSON = "alex"


@dataclass(frozen=True, slots=True)
class Playground:
    """A workspace with its local Slack and Sheets, all running."""

    workspace: Workspace
    slack: LocalSlack
    sheets: LocalSheets
    spreadsheet: str

    async def ask(self, words: str) -> Message:
        """Type `/kpi` with these words as a person; the bot's answer as it arrived."""
        before = {message.ts for message in self.slack.workspace.in_channel(CHANNEL)}
        await self.slack.acting.command(PERSON, CHANNEL, "/kpi", words)

        def answered() -> Message | None:
            found = self.slack.workspace.in_channel(CHANNEL)
            return next((each for each in found if each.user == BOT_USER and each.ts not in before), None)

        return await self.slack.until(answered, 30.0)

    @property
    def sheet_address(self) -> str:
        return self.sheets.address(self.spreadsheet)


@asynccontextmanager
async def start_playground(
    workspace: Workspace, clock: Callable[[], datetime], port: int = 0
) -> AsyncIterator[Playground]:
    """The bot serves `workspace` between a new local Slack (on `port`) and a new local spreadsheet.

    Its settings and data are used as they are; posts go to the local #marketing, state is kept for this run only.
    """
    stop = asyncio.Event()
    with TemporaryDirectory(prefix="kpi-demo-") as folder, start_sheets() as sheets:
        spreadsheet = sheets.create(f"{workspace.settings.company}: KPIs")
        async with start_slack(port) as slack:
            local = _local(workspace, slack, sheets, spreadsheet, Path(folder))
            bot = asyncio.create_task(serve(local, slack_access(local.environment), stop, clock=clock))
            try:
                await _connected(slack, bot)
                yield Playground(local, slack, sheets, spreadsheet)
            finally:
                stop.set()
                await bot
                local.close()


async def _connected(slack: LocalSlack, bot: asyncio.Task[None]) -> None:
    """Wait for the bot's socket; if the bot ends before that, its error is raised."""
    waiting = asyncio.create_task(slack.delivery.connected(30.0))
    await asyncio.wait({waiting, bot}, return_when=asyncio.FIRST_COMPLETED)
    if bot.done():
        waiting.cancel()
        bot.result()
    await waiting


def _local(workspace: Workspace, slack: LocalSlack, sheets: LocalSheets, spreadsheet: str, folder: Path) -> Workspace:
    """The same workspace with its addresses and tokens turned to the local services."""
    settings = workspace.settings
    tabs = settings.sheets[0].tabs if settings.sheets else TABS
    summaries = settings.summaries or (Summary("weekly", CHANNEL),)
    local = replace(
        settings,
        state=f"sqlite:///{folder / 'state.db'}",
        sheets=(SheetSync(spreadsheet, tabs),),
        summaries=tuple(replace(each, channel=CHANNEL) for each in summaries),
    )
    environment: Mapping[str, str] = {
        **workspace.environment,
        **slack.environment,
        "KPI_SHEETS_API_URL": sheets.url,
        "KPI_DRIVE_API_URL": sheets.drive_url,
        "GOOGLE_APPLICATION_CREDENTIALS": str(sheets.credentials_file),
    }
    return Workspace(local, environment, is_demo=workspace.is_demo)


def first_tab(sheets: LocalSheets, spreadsheet: str, rows: int, columns: int) -> list[list[str]]:
    """What a person sees in the upper left of the first tab that holds anything."""
    state = sheets.spreadsheet(spreadsheet)
    sheet = next(each for each in state.sheets if each.cells)
    reader = Reader(state, datetime.now(UTC))
    return [[reader.text(sheet, (row, column)) for column in range(columns)] for row in range(rows)]
