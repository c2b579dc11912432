"""kpi run: the long-lived process: answers in Slack, posts summaries, keeps sheets right. Ends cleanly on SIGTERM."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys

from bot.commands.call import Call
from bot.running.serving import serve
from bot.slack.app import SlackAccess, slack_access
from bot.workspace import Workspace
from kpi_core.errors import Problem, SettingsError


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
