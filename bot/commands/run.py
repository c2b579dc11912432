"""kpi run: the long-lived process: answers in Slack, posts summaries, keeps sheets right. Ends cleanly on SIGTERM."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
from collections.abc import Callable
from datetime import UTC, datetime

from bot.app import Services, SlackAccess, create_app, serve_http, serve_socket, slack_access
from bot.commands.call import Call
from bot.scheduling import Schedules
from bot.wiring import Workspace
from kpi_core.errors import Problem, SettingsError
from kpi_core.settings import SheetSync


def run_run(call: Call) -> int:
    """Serve until SIGTERM or Ctrl-C."""
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(message)s")
    access = slack_access(call.environment, http=call.options.http)
    workspace = call.workspace
    _refuse_open_doors(workspace)
    address = (call.options.host, call.options.port) if call.options.http else None
    asyncio.run(_serve(workspace, access, address))
    return 0


def _refuse_open_doors(workspace: Workspace) -> None:
    """A misspelt KPI under access: would leave the real one open to everybody: nothing is served then."""
    unknown = [kpi for kpi in workspace.settings.access if kpi not in workspace.catalog.metrics]
    if unknown:
        hint = "Mend the name, so that nobody sees what they should not."
        raise SettingsError([Problem("kpi.yaml", 0, 0, f"access: there is no KPI {kpi}", hint) for kpi in unknown])


async def _serve(workspace: Workspace, access: SlackAccess, address: tuple[str, int] | None) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await serve(workspace, access, stop, address)


async def serve(
    workspace: Workspace,
    access: SlackAccess,
    stop: asyncio.Event,
    address: tuple[str, int] | None = None,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> None:
    """The bot with its schedules until `stop`: over Socket Mode, or with `address` (host, port) over HTTP."""
    services = Services(workspace.engine, workspace.settings, clock)
    app = create_app(services, access)
    schedules = Schedules(workspace, access, services.clock, lambda sheet, now: _sync(workspace, sheet, now))
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


def _sync(workspace: Workspace, sheet: SheetSync, now: datetime) -> None:
    from sheets_sync.client import open_client
    from sheets_sync.sync import sync

    report = sync(open_client(workspace.environment), workspace.settings, workspace.engine, sheet, now, workspace.store)
    log = logging.getLogger("kpi_bot.sheets")
    log.info("%s: %d cells changed", report.spreadsheet, report.cells_changed)
    for trouble in (*report.conflicts, *report.warnings):
        log.warning("%s: %s", report.spreadsheet, trouble)
