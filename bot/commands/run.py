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
from kpi_core.access.limits import refuse_unknown


def run_run(call: Call) -> int:
    """Serve until SIGTERM or Ctrl-C."""
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(message)s")
    access = slack_access(call.environment, http=call.options.http)
    workspace = call.workspace
    refuse_unknown(workspace.settings.access, workspace.catalog)
    address = (call.options.host, call.options.port) if call.options.http else None
    asyncio.run(_serve(workspace, access, address))
    return 0


async def _serve(workspace: Workspace, access: SlackAccess, address: tuple[str, int] | None) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await serve(workspace, access, stop, address)
