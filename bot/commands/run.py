"""kpi run: the long-lived process: answers in Slack, posts summaries, keeps sheets right. Ends cleanly on SIGTERM."""

from __future__ import annotations

import asyncio
import logging
import re
import signal
import sys

from bot.commands.call import Call
from bot.log_lines import JsonLines, Secrets, TextLines
from bot.running.serving import Addresses, serve
from bot.slack.app import SlackAccess, slack_access
from bot.workspace import Workspace
from kpi_core.access.limits import refuse_unknown

_SECRET = re.compile(r"TOKEN|SECRET|PASSWORD|PASSWD|API_?KEY|PRIVATE")


def run_run(call: Call) -> int:
    """Serve until SIGTERM or Ctrl-C."""
    _log(call)
    access = slack_access(call.environment, http=call.options.http)
    workspace = call.workspace
    refuse_unknown(workspace.settings.access, workspace.catalog)
    http = (call.options.host, call.options.port) if call.options.http else None
    health = (call.options.host, call.options.health) if call.options.health is not None else None
    assistants = (call.options.host, call.options.mcp) if call.options.mcp is not None else None
    asyncio.run(_serve(workspace, access, Addresses(http, health, call.options.sockets, assistants)))
    return 0


def _log(call: Call) -> None:
    """One line an event on stderr, without a secret of the environment."""
    secrets = Secrets(value for name, value in call.environment.items() if _SECRET.search(name))
    lines = logging.StreamHandler(sys.stderr)
    lines.setFormatter(JsonLines(secrets) if call.options.log == "json" else TextLines(secrets))
    logging.basicConfig(level=logging.INFO, handlers=[lines])


async def _serve(workspace: Workspace, access: SlackAccess, addresses: Addresses) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await serve(workspace, access, stop, addresses)
