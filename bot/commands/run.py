"""kpi run: the long-lived process: answers in Slack, posts summaries, keeps sheets right. Ends cleanly on SIGTERM."""

from __future__ import annotations

import asyncio
import logging
import re
import signal
import sys
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

from bot.commands.call import Call
from bot.log_lines import JsonLines, Secrets, TextLines
from bot.running.renewing import renewing
from bot.running.serving import Addresses, serve
from bot.running.several import secrets_of, serve_workspaces
from bot.slack.app import SlackAccess, slack_access
from bot.workspace import Workspace
from kpi_core.access.limits import refuse_unknown
from kpi_core.errors import UsageError

_SECRET = re.compile(r"TOKEN|SECRET|PASSWORD|PASSWD|API_?KEY|PRIVATE")


def run_run(call: Call) -> int:
    """Serve until SIGTERM or Ctrl-C."""
    _log(call)
    if call.options.workspaces is not None:
        return _run_several(call, call.options.workspaces)
    access = slack_access(call.environment, http=call.options.http)
    workspace = call.workspace
    access = renewing(access, workspace.settings.folder, call.environment)
    refuse_unknown(workspace.settings.access, workspace.catalog)
    http = (call.options.host, call.options.port) if call.options.http else None
    health = (call.options.host, call.options.health) if call.options.health is not None else None
    assistants = (call.options.host, call.options.mcp) if call.options.mcp is not None else None
    asyncio.run(_serve(workspace, access, Addresses(http, health, call.options.sockets, assistants)))
    return 0


def _run_several(call: Call, folder: Path) -> int:
    """Serve a folder of workspaces over HTTP."""
    options = call.options
    if options.config or options.mcp is not None or options.health is not None or options.sockets > 1:
        hint = "Leave out --config, --mcp, --health and --sockets; /healthz answers on the port of the requests."
        raise UsageError("--workspaces serves folders over HTTP, and nothing else.", code="usage", hint=hint)
    if not folder.is_dir():
        hint = "Make one with a folder a team: T0123ABCD."
        raise UsageError(f"There is no folder {folder}.", code="usage", hint=hint)
    access = slack_access(call.environment, installs=True)
    asyncio.run(_until_stopped(partial(serve_workspaces, folder, call.environment, access), call))
    return 0


async def _until_stopped(serving: Callable[..., Awaitable[None]], call: Call) -> None:
    stop = _stopping()
    await serving(stop, host=call.options.host, port=call.options.port)


def _stopping() -> asyncio.Event:
    """Set by SIGTERM or Ctrl-C."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return stop


def _log(call: Call) -> None:
    """One line an event on stderr, without a secret of the environment."""
    own = [value for name, value in call.environment.items() if _SECRET.search(name)]
    if call.options.workspaces is not None:
        own += secrets_of(call.options.workspaces)
    secrets = Secrets(own)
    lines = logging.StreamHandler(sys.stderr)
    lines.setFormatter(JsonLines(secrets) if call.options.log == "json" else TextLines(secrets))
    logging.basicConfig(level=logging.INFO, handlers=[lines])


async def _serve(workspace: Workspace, access: SlackAccess, addresses: Addresses) -> None:
    await serve(workspace, access, _stopping(), addresses)
