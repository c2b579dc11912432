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
from bot.slack.app import slack_access
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
    asyncio.run(_until_stopped(partial(serve, workspace, access), _addresses(call)))
    return 0


def _addresses(call: Call) -> Addresses:
    options = call.options
    http = (options.host, options.port) if options.http or options.workspaces is not None else None
    health = (options.host, options.health) if options.health is not None else None
    assistants = (options.host, options.mcp) if options.mcp is not None else None
    return Addresses(http, health, options.sockets, assistants)


def _run_several(call: Call, folder: Path) -> int:
    """Serve a folder of workspaces over HTTP."""
    options = call.options
    if options.config or options.sockets > 1:
        hint = "Leave out --config and --sockets."
        raise UsageError("--workspaces serves folders over HTTP, and nothing else.", code="usage", hint=hint)
    if not folder.is_dir():
        hint = "Make one with a folder a team: T0123ABCD."
        raise UsageError(f"There is no folder {folder}.", code="usage", hint=hint)
    access = slack_access(call.environment, installs=True)
    asyncio.run(_until_stopped(partial(serve_workspaces, folder, call.environment, access), _addresses(call)))
    return 0


async def _until_stopped(serving: Callable[..., Awaitable[None]], addresses: Addresses) -> None:
    await serving(_stopping(), addresses)


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
