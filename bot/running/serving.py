"""The bot at work: its listeners and its schedules, until it is told to stop."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import UTC, datetime

from bot.running.scheduling import Schedules
from bot.running.syncing import sync_sheet
from bot.slack.app import Services, SlackAccess, create_app, serve_http, serve_socket
from bot.workspace import Workspace
from kpi_core.settings.values import SheetSync


async def serve(
    workspace: Workspace,
    access: SlackAccess,
    stop: asyncio.Event,
    address: tuple[str, int] | None = None,
    schedules: Schedules | None = None,
) -> None:
    """The bot with its schedules until `stop`: over Socket Mode, or with `address` (host, port) over HTTP."""
    schedules = schedules or schedules_of(workspace, access)
    app = create_app(Services(workspace.engine, workspace.settings, schedules.clock), access)
    if address is None:
        serving = serve_socket(app, access, stop=stop)
    else:
        serving = serve_http(app, access, host=address[0], port=address[1], stop=stop)
    keeping = asyncio.create_task(schedules.keep(stop))
    try:
        await serving
    finally:
        stop.set()
        await keeping


def schedules_of(
    workspace: Workspace, access: SlackAccess, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> Schedules:
    """What the workspace does by itself, by `clock`."""
    return Schedules(workspace, access, clock, lambda sheet, now: _sync(workspace, sheet, now))


def _sync(workspace: Workspace, sheet: SheetSync, now: datetime) -> None:
    report = sync_sheet(workspace, sheet, now)
    log = logging.getLogger("kpi_bot.sheets")
    log.info("%s: %d cells changed", report.spreadsheet, report.cells_changed)
    for trouble in (*report.conflicts, *report.warnings):
        log.warning("%s: %s", report.spreadsheet, trouble)
